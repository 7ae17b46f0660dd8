"""Completion: the further triples with which the evidence of a row, queried alone, gives the row again.

Matching is not monotone. With fewer triples an OPTIONAL can find nothing where in the whole graph it finds something,
and a negation within a negation finds nothing to hold it back; so a count may take in who does not belong to it, and
a row that rests on "there is none for which there is none" may be gone. What makes the difference in the whole graph
belongs to the evidence: it is found by asking the query of the evidence, and following each solution that only one
of the two has to the group in which they part.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeAlias

from kg.evidence.absence import names_in
from kg.evidence.solutions import Matched, mark, marked, row_keys, values_of
from kg.sparql.analysis import changing, columns_of, in_expression, inner_groups, monotone, occurrences, sure, visible
from kg.sparql.syntax_tree import Column, Group, Select

if TYPE_CHECKING:
    from kg.evidence.matches import Matcher
    from kg.evidence.solutions import Key, Node, Solution

    #: A solution that can be counted: what does not change at every asking, in any order.
    Known: TypeAlias = frozenset[tuple[str, Node]]

#: So often evidence is asked again at most; every time but the last has added something.
_ROUNDS = 20


@lru_cache(maxsize=256)
def self_contained(select: Select) -> bool:
    """Whether a SELECT gives its rows again from the triples that their solutions match, as its syntax tells.

    It is where fewer triples give no other solutions: within whatever must or may find nothing, and in what is
    counted. What is counted may still have OPTIONALs of which nothing else depends, and be held back by what has to
    do with its keys alone, since that is the same for all members.
    """
    return required_keys(select) == frozenset()


@lru_cache(maxsize=256)
def required_keys(select: Select) -> frozenset[str] | None:
    """The keys that must be bound for this to hold of a row (``self_contained``); None where syntax does not tell.

    A key that only an OPTIONAL binds is one: fewer triples take from it what it finds, and give it nothing else. So
    they bring nobody to the members that have a value; to those that have none they may.
    """
    where = select.where
    if not select.aggregates:
        return frozenset() if _self_contained(where) else None
    keys = frozenset[str]().union(*map(_key_variables, select.keys))
    settled, beside = keys & _settled(where), visible(where)
    needs = keys - settled
    held_back = (inner for inner in _doubtful(where) if inner not in where.optionals)
    enough = (
        needs <= {*row_keys(select)} & frozenset[str]().union(*map(visible, where.optionals))
        and all(map(monotone, (*where.groups, *_branches(where), *_required(where), *_doubtful(where))))
        and not any(map(_cut, where.selects))
        and all(monotone(inner.where) for inner in where.selects)
        and all(_isolated(optional, where) for optional in where.optionals)
        and all(beside & set(names_in(inner)) <= settled for inner in held_back)
    )
    return needs if enough else None


def _settled(where: Group) -> frozenset[str]:
    """The variables that the patterns of a WHERE bind, and those computed from these alone."""
    bound = sure(where)
    return bound | {each.variable for each in where.binds if bound.issuperset(in_expression(each.expression))}


def _key_variables(key: Column) -> frozenset[str]:
    return frozenset((key.name,) if key.expression is None else in_expression(key.expression))


def _self_contained(group: Group) -> bool:
    plain = (*group.groups, *_branches(group), *_required(group))
    return (
        all(map(monotone, _doubtful(group)))
        and all(map(_self_contained, plain))
        and all(map(self_contained, group.selects))
    )


def _doubtful(group: Group) -> Iterator[Group]:
    """The groups of which a solution may match nothing: OPTIONAL, MINUS, NOT EXISTS."""
    yield from (*group.optionals, *group.minus)
    yield from (asked.group for asked in group.asked if asked.negated or not asked.alone)


def _required(group: Group) -> Iterator[Group]:
    """The groups that must match and bind nothing: EXISTS."""
    return (asked.group for asked in group.asked if asked.alone and not asked.negated)


def _branches(group: Group) -> Iterator[Group]:
    return (branch for branches in group.unions for branch in branches)


def _isolated(optional: Group, where: Group) -> bool:
    """Whether the variables that only an OPTIONAL binds occur nowhere else in a WHERE."""
    inside, everywhere = occurrences(optional), occurrences(where)
    return all(inside[name] == everywhere[name] for name in visible(optional) - sure(where))


@lru_cache(maxsize=1024)
def _has_minus(group: Group) -> bool:
    """Whether there is a MINUS in a group."""
    return bool(group.minus) or any(map(_has_minus, inner_groups(group)))


def _cut(select: Select) -> bool:
    """Whether a row of a SELECT depends on all its solutions."""
    return select.aggregates or select.sliced


class Completion:
    """Completes the evidence of the rows of one SELECT, which have some keys."""

    def __init__(self, whole: Matcher, select: Select, wanted: Container[Key]) -> None:
        self.whole, self.select = _Solutions(whole), select
        self.solutions = self.whole.of(select, wanted)

    def complete(self, keys: Collection[Key], into: Matched) -> None:
        """Add the triples with which the solutions of some keys give the row again."""
        whole = self.solutions
        for _round in range(_ROUNDS):
            part = _Solutions(self.whole.matcher.part(into))
            found = part.of(self.select, keys)
            if not self.select.aggregates and any(whole[key] & found[key] for key in keys):
                return
            before = into.size
            difference = _Difference(self.whole, part, into)
            # What should not be there comes with what should and is not: mostly both have the same reason.
            for one, other in ((found, whole), (whole, found)):
                for key in keys:
                    for solution in one[key] - other[key]:
                        difference.group(self.select.where, dict(solution))
                if before < into.size:
                    break
            else:
                return


class _Solutions:
    """The multisets of solutions of groups and SELECTs in one graph, each computed once."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self._groups: dict[Group, _SolutionIndex] = {}
        self._selects: dict[Select, dict[Key, Counter[Known]]] = {}

    def within(self, group: Group) -> _SolutionIndex:
        """The solutions of a group by itself."""
        if group not in self._groups:
            self._groups[group] = _SolutionIndex(self.matcher.ask(Select(marked(group))))
        return self._groups[group]

    def of(self, select: Select, wanted: Container[Key] | None = None) -> dict[Key, Counter[Known]]:
        """The solutions of a SELECT by the keys of its rows; with ``wanted``, of these keys only."""
        if select not in self._selects:
            found = self._selects[select] = defaultdict(Counter)
            names, other = row_keys(select), changing(select)
            for solution in self.matcher.solutions(select):
                key = tuple(map(solution.get, names))
                if wanted is None or key in wanted:
                    items = ((name, value) for name, value in solution.items() if name not in other)
                    found[key][frozenset(items if other else solution.items())] += 1
        return self._selects[select]


class _SolutionIndex:
    """The solutions of a group, indexed so that compatible ones are found."""

    def __init__(self, solutions: Iterable[dict[str, Node]]) -> None:
        self.counts: Counter[Known] = Counter(frozenset(solution.items()) for solution in solutions)
        self._by: dict[str, dict[Node, list[Known]]] = {}

    def agreeing(self, solution: Solution) -> Iterator[Known]:
        """The solutions that are compatible with another."""
        name = next((name for name in self._common if name in solution), None)
        for known in self.counts if name is None else self._having(name).get(solution[name], ()):
            if all(solution.get(each, value) == value for each, value in known):
                yield known

    @cached_property
    def _common(self) -> list[str]:
        """The variables that all solutions bind."""
        bound = Counter(name for known in self.counts for name, _value in known)
        return [name for name, times in bound.items() if times == len(self.counts)]

    def _having(self, name: str) -> dict[Node, list[Known]]:
        if name not in self._by:
            self._by[name] = defaultdict(list)
            for known in self.counts:
                self._by[name][next(value for each, value in known if each == name)].append(known)
        return self._by[name]


class _Difference:
    """Finds why a graph and its part have different solutions, and adds the triples that make the difference."""

    def __init__(self, whole: _Solutions, part: _Solutions, into: Matched) -> None:
        self.whole, self.into = whole.matcher, into
        self.sides = (whole, part)
        self._asked: set[tuple[Group, Known]] = set()
        self._rows: dict[Select, list[tuple[Key, list[Known]]]] = {}

    def group(self, group: Group, solution: Solution) -> None:
        """Search a group for the reason why a solution is one of the whole alone, or of the part alone."""
        for inner in (*group.groups, *_branches(group)):
            self.joined(inner, solution)
        for optional in group.optionals:
            if mark(optional) in solution:
                self.joined(optional, solution)
            else:
                names = self.whole.known_before(optional, names_in(optional))
                self.asked(optional, values_of(names, solution), visible(optional))
        for inner in group.minus:
            names = self.whole.known_before(inner, visible(inner))
            self.asked(inner, values_of(names, solution), visible(inner))
        for each in group.asked:
            self.asked(each.group, self.whole.seen(each.group, solution))
        for select in group.selects:
            self.rows(select, solution)

    def joined(self, inner: Group, solution: Solution) -> None:
        """Search the solutions of a joined group that are compatible with an outer solution."""
        if monotone(inner):
            return
        whole, part = (side.within(inner) for side in self.sides)
        for one, other in ((whole, part), (part, whole)):
            for known in one.agreeing(solution):
                if one.counts[known] > other.counts.get(known, 0):
                    self.group(inner, dict(known))

    def asked(self, inner: Group, known: Solution, beside: Container[str] = ()) -> None:
        """Search a group that, with some variables bound, matches in one of the two graphs only.

        Values of the variables ``beside`` must only agree with its solutions: within, nothing sees them.
        """
        if (asked := (inner, frozenset(known.items()))) in self._asked:
            return
        self._asked.add(asked)
        found = [side.matcher.first(inner, known, beside) for side in self.sides]
        there, here = (solution is not None for solution in found)
        if not beside and _has_minus(inner):
            there, here = (side.matcher.exists(inner, known) for side in self.sides)
        solution = {**known, **(found[0 if there else 1] or {})}
        if there and not here:
            before = self.into.size
            self.whole.gather(inner, solution, self.into)
            if before < self.into.size:
                return
        if there != here and beside:
            self.joined(inner, known)
        elif there != here:
            self.group(inner, solution)

    def rows(self, select: Select, solution: Solution) -> None:
        """Search the solutions of an inner SELECT that are compatible with an outer solution."""
        names, columns = row_keys(select), columns_of(select)
        shared = [(place, name) for place, name in enumerate(names) if name in columns]
        for key, others in self._differing_keys(select):
            if all(solution.get(name, key[place]) == key[place] for place, name in shared if key[place] is not None):
                for other in others:
                    if select.aggregates and other in self.sides[0].of(select)[key]:
                        self.whole.gather(select.where, dict(other), self.into)
                    self.group(select.where, dict(other))

    def _differing_keys(self, select: Select) -> list[tuple[Key, list[Known]]]:
        """The keys of an inner SELECT whose solutions differ between the two graphs, with these solutions."""
        if select not in self._rows:
            whole, part = (side.of(select) for side in self.sides)
            keys = dict.fromkeys((*part, *whole))
            parting = ((key, [*(whole[key] - part[key]), *(part[key] - whole[key])]) for key in keys)
            self._rows[select] = [(key, others) for key, others in parting if others]
        return self._rows[select]
