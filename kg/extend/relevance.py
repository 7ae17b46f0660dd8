"""Which rows of an answer triples that came or went can change: each pattern is tried with each of them.

A solution is a match of every pattern of a group and of the groups around it. It is new only if one pattern of it
matches a triple that came, and is lost only if one matches a triple that went (as in the maintenance of materialised
views: Gupta and Mumick, 1995). So each pattern is matched with those triples alone and the rest of its group with the
whole store; what would only narrow this down may be left out. Where nothing matches, the answer is the same.

Where something does, the matches give values to the columns of the answer (to its keys, where it is grouped): the
rows with other values are the same, and the query need be asked only of these. Columns count that every solution
binds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice, pairwise
from typing import TYPE_CHECKING

from kg.errors import UsageError
from kg.extend.rows import ALL, MANY, NONE, SLICED, Affected, given_first, given_out, sure, telling_columns
from kg.model import Term, Triple
from kg.patterns import Group, Path, Pattern, Select, parse_select
from kg.sparql import variables

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["Changed", "affected"]

#: More matches than this are not looked through.
_MATCHES = 20_000
_BLANK = re.compile(r"^\?_:")
#: A filter with one of these may hold because a variable has no value.
_UNBOUND = re.compile(r"\b(?:BOUND|COALESCE|IF)\b", re.IGNORECASE)


class Changed:
    """Triples that came or went, to be looked up by predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.triples = list(triples)
        self.by_predicate: dict[Term, list[Triple]] = {}
        for triple in self.triples:
            self.by_predicate.setdefault(triple[1], []).append(triple)

    def matching(self, pattern: Pattern) -> list[dict[str, Term]]:
        """The values that each triple which matches a pattern with a plain predicate gives to its variables."""
        path = pattern.path
        wanted = self.triples if isinstance(path, str) else self.by_predicate.get(path.term, [])
        parts = (pattern.subject, path if isinstance(path, str) else path.term, pattern.object)
        found = []
        for triple in wanted:
            values: dict[str, Term] = {}
            for part, term in zip(parts, triple, strict=True):
                if (values.setdefault(part, term) if part.startswith("?") else part) != term:
                    break
            else:
                found.append(values)
        return found


def affected(text: str, changed: Changed, store: pyoxigraph.Store) -> Affected:
    """The rows of a query's answer that can differ because of triples that came to a store, or go from it.

    ``text`` is the query with its values put in; for what is no SELECT it is all of the answer. The store is one
    that has the triples.
    """
    if not changed.triples:
        return NONE
    try:
        select = parse_select(text)
    except UsageError:
        return ALL
    names = telling_columns(select)
    test = _Test(changed, store, select.prologue)
    found = NONE
    for own, scope in _scopes(select.where, Scope(keys={name: f"?{name}" for name in names}), count()):
        found |= test.rows(own, scope)
        if found.all:
            return ALL
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Union:
    """The branches of a UNION, and the variables that each of them binds."""

    branches: list[Group]
    bound: frozenset[str]

    @classmethod
    def of(cls, branches: list[Group]) -> Union:
        """The union of some branches."""
        return cls(branches, frozenset(f"?{name}" for name in set.intersection(*map(sure, branches))))


@dataclass(frozen=True, slots=True)
class Scope:
    """What must match for a solution: patterns, UNIONs, and the texts of VALUES and FILTER; they may be fewer.

    ``keys`` gives the variables that the telling columns are here, by their names; in a part where nothing says
    what they are, None.
    """

    patterns: tuple[Pattern, ...] = ()
    values: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    unions: tuple[Union, ...] = ()
    keys: Mapping[str, str] | None = None

    def __add__(self, other: Scope) -> Scope:
        return Scope(
            self.patterns + other.patterns,
            self.values + other.values,
            self.filters + other.filters,
            self.unions + other.unions,
            self.keys,
        )

    @property
    def variables(self) -> set[str]:
        """The variables that its patterns bind."""
        return {part for line in self.lines for part in line if part.startswith("?")}.union(
            *(union.bound for union in self.unions)
        )

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Its patterns, those apart whose path is more than an IRI or a variable."""
        return [line for pattern in self.patterns if (line := _line(pattern))]

    def around(self, names: set[str]) -> Scope:
        """The part of it that variables lead to; of the rest it is only known that it must match somehow."""
        reached = set(names)
        patterns = {pattern: _names_in(line) for pattern in self.patterns if (line := _line(pattern))}
        parts = [*patterns.values(), *(union.bound for union in self.unions)]
        while more := {name for part in parts if not reached.isdisjoint(part) for name in part} - reached:
            reached |= more
        near = tuple(pattern for pattern, found in patterns.items() if found & reached)
        return replace(self, patterns=near, unions=tuple(each for each in self.unions if each.bound & reached))


def _names_in(line: tuple[str, str, str]) -> set[str]:
    return {part for part in line if part.startswith("?")}


def _scopes(group: Group, around: Scope, fresh: Iterator[int]) -> Iterator[tuple[tuple[Pattern, ...], Scope]]:
    """Each group's own patterns, with all that must match for a solution in which the group takes part."""
    own = tuple(plain for pattern in group.patterns for plain in _plain(pattern, fresh))
    required = _required(group, own, fresh)
    inside = around + required
    yield own, inside
    for union in required.unions:
        if union.branches in group.unions:
            # A branch stands for its union: to ask for that as well would only cost time.
            rest = around + replace(required, unions=tuple(each for each in required.unions if each is not union))
            for branch in union.branches:
                yield from _scopes(branch, rest, fresh)
    # What MINUS takes away agrees with what it is taken from wherever both have a value.
    for inner in (*group.groups, *group.optionals, *group.exists, *group.not_exists, *group.minus):
        yield from _scopes(inner, inside, fresh)
    for select in group.selects:
        yield from _scopes(select.where, _seen_from(select, inside, fresh), fresh)


def _required(group: Group, own: tuple[Pattern, ...], fresh: Iterator[int]) -> Scope:
    """What must match in every solution of a group: its own, and that of the groups and SELECTs joined with it."""
    found = Scope(
        own,
        tuple(group.values),
        tuple(f for f in group.filters if not _UNBOUND.search(f)),
        tuple(map(Union.of, group.unions)),
    )
    for inner in group.groups:
        plain = tuple(p for pattern in inner.patterns for p in _plain(pattern, fresh))
        found += _required(inner, plain, fresh)
    for select in group.selects:
        found += _projected(select, fresh)
    return found


def _projected(select: Select, fresh: Iterator[int]) -> Scope:
    """The patterns that a SELECT within must match, what it does not give out under names of their own."""
    if select.aggregates and not select.keys:
        return Scope()
    own = tuple(p for pattern in select.where.patterns for p in _plain(pattern, fresh))
    return Scope(_apart(own, given_out(select), next(fresh)))


def _seen_from(select: Select, around: Scope, fresh: Iterator[int]) -> Scope:
    """What is around a SELECT as seen from within: a name that it does not give out is another there.

    A row of one that is cut, or is one row over everything, depends on all of its solutions: nothing narrows it.
    """
    if SLICED.search(select.tail) or (select.aggregates and not select.keys):
        return Scope()
    given, mark = given_out(select), next(fresh)
    # Its own patterns are required around it already; they come again, under their own names.
    keys = {name: _other_name(key, given, mark) for name, key in around.keys.items()} if around.keys else None
    return Scope(_apart(around.patterns, given, mark), keys=keys)


def _other_name(part: str, shared: set[str], mark: int) -> str:
    return part if not part.startswith("?") or part in shared else f"?_:s{mark}_{part[1:].removeprefix('_:')}"


def _apart(patterns: Iterable[Pattern], shared: set[str], mark: int) -> tuple[Pattern, ...]:
    """Patterns with other names for the variables that are not shared."""

    def renamed(pattern: Pattern) -> Pattern:
        path = pattern.path if isinstance(pattern.path, Path) else _other_name(pattern.path, shared, mark)
        return Pattern(_other_name(pattern.subject, shared, mark), path, _other_name(pattern.object, shared, mark))

    return tuple(renamed(pattern) for pattern in patterns)


def _plain(pattern: Pattern, fresh: Iterator[int]) -> Iterator[Pattern]:
    """A pattern with its sequences and inversions written out; other paths stay."""
    path = pattern.path
    if isinstance(path, Path) and path.op == "/":
        between = [f"?_:step{next(fresh)}" for _part in path.parts[1:]]
        steps = pairwise((pattern.subject, *between, pattern.object))
        for part, (start, end) in zip(path.parts, steps, strict=True):
            yield from _plain(Pattern(start, part, end), fresh)
    elif isinstance(path, Path) and path.op == "^":
        yield from _plain(Pattern(pattern.object, path.parts[0], pattern.subject), fresh)
    else:
        yield pattern


@dataclass(frozen=True, slots=True)
class _Test:
    """Changed triples, tried on the patterns of one query."""

    changed: Changed
    store: pyoxigraph.Store
    prologue: str

    def rows(self, own: Iterable[Pattern], scope: Scope) -> Affected:
        """The rows for which one of a group's own patterns matches a changed triple, and its scope with it."""
        found = NONE
        for pattern in own:
            if isinstance(pattern.path, Path) and pattern.path.op != "iri":
                if self.path_touched(pattern, scope):
                    return ALL
                continue
            values = self.changed.matching(pattern)
            if len(values) > MANY:
                return ALL
            if values:
                found |= self.joined(values, pattern, scope)
            if found.all:
                return ALL
        return found

    def path_touched(self, pattern: Pattern, scope: Scope) -> bool:
        """Whether a triple has a predicate that a pattern's path can go along."""
        path = pattern.path
        assert isinstance(path, Path)  # noqa: S101 - the caller has asked
        # A path of length zero leads from any node to itself. Where something else binds an end, that pattern is
        # touched when the node is new.
        return self._goes_along(path, not scope.variables.isdisjoint((pattern.subject, pattern.object)))

    def _goes_along(self, path: Path, held: bool) -> bool:
        if path.op == "!" or (path.op in ("*", "?") and not held):
            return True
        if path.op == "iri":
            return path.term in self.changed.by_predicate
        return any(self._goes_along(part, held) for part in path.parts)

    def joined(self, values: list[dict[str, Term]], pattern: Pattern, scope: Scope) -> Affected:
        """The rows for which the store has matches of the other patterns of a scope with any of the values."""
        names = tuple(dict.fromkeys(name for row in values for name in row))
        others = tuple(each for each in scope.patterns if each is not pattern)
        near = replace(scope, patterns=others).around(set(names))
        search = _Search(self, near, names, {tuple(row[name] for name in names) for row in values})
        if not search.run():
            return NONE
        keys = {name: key for name, key in (scope.keys or {}).items() if key in search.names}
        if not keys:
            return ALL
        places = [search.names.index(key) for key in keys.values()]
        rows = frozenset(tuple(row[place] for place in places) for row in search.rows)
        return Affected(tuple(keys), rows) if len(rows) <= MANY else ALL


class _Search:
    """Matches of a scope's parts, found part by part from values that are given.

    The engine would choose an order by the patterns alone; here the values are few, so that each part is asked with
    what is bound so far, first where most is, and most searches end early. What nothing needs any more is dropped.
    """

    def __init__(self, test: _Test, scope: Scope, names: tuple[str, ...], rows: set[tuple[Term, ...]]) -> None:
        self.test = test
        self.names, self.rows = names, rows
        self.keys = set((scope.keys or {}).values())
        self.lines = list(dict.fromkeys(scope.lines))
        self.unions = list(scope.unions)
        self.blocks = [(text, {f"?{n}" for n in variables(text.partition("{")[0])}) for text in scope.values]
        self.blocks += [(text, {f"?{name}" for name in variables(text)}) for text in scope.filters]

    def run(self) -> bool:
        """Look for matches of all parts; false when there are none. Too many matches are not narrowed further."""
        self.step("", set())
        while self.rows and len(self.rows) <= _MATCHES and (self.lines or self.unions):
            line = max(self.lines, key=self.bound, default=None)
            if line is not None and (self.bound(line)[0] or not self.unions):
                self.lines.remove(line)
                self.step(f"{' '.join(map(_written, line))} .", _names_in(line))
            else:
                # What only a union links to the rest waits for it.
                union = max(self.unions, key=lambda each: len(each.bound.intersection(self.names)))
                self.unions.remove(union)
                self.step(" UNION ".join(map(self.branch, union.branches)), set(union.bound))
        return bool(self.rows)

    def branch(self, branch: Group) -> str:
        """A branch with the values that are known of what it binds, so that it is not matched as a whole first."""
        names = [name for name in self.names if name[1:] in given_first(branch)]
        return f"{{ {self.values(names)} {branch.text[1:]}" if names else branch.text

    def values(self, names: Sequence[str]) -> str:
        """The rows as a VALUES block, in some of their variables."""
        places = [self.names.index(name) for name in names]
        rows = {tuple(row[place] for place in places) for row in self.rows}
        given = " ".join(f"({' '.join(map(_written, row))})" for row in rows)
        return f"VALUES ({' '.join(map(_written, names))}) {{ {given} }}"

    def bound(self, line: tuple[str, str, str]) -> tuple[int, bool]:
        """How many ends of a pattern are bound, and whether the subject is."""
        ends = [not part.startswith("?") or part in self.names for part in (line[0], line[2])]
        linked = not _names_in(line).isdisjoint(self.names)
        return (1 + sum(ends) if linked else 0), ends[0]

    def step(self, part: str, bound: set[str]) -> None:
        """Match one part, with the VALUES and filters that are within reach then."""
        import pyoxigraph

        known = {*self.names, *bound}
        ready = [text for text, names in self.blocks if names <= known]
        if not part and not ready:
            return
        self.blocks = [block for block in self.blocks if block[0] not in ready]
        later = (
            *map(_names_in, self.lines),
            *(union.bound for union in self.unions),
            *(n for _text, n in self.blocks),
        )
        wanted = self.keys.union(*later)
        names = tuple(name for name in dict.fromkeys((*self.names, *sorted(bound))) if name in wanted)
        heading = " ".join(map(_written, names)) or "(1 AS ?some)"
        body = f"{self.values(self.names)} {part} {' '.join(ready)}"
        text = f"{self.test.prologue}\nSELECT DISTINCT {heading} {{ {body} }}"
        result = self.test.store.query(text, default_graph=pyoxigraph.DefaultGraph(), named_graphs=[])
        some = islice(result, _MATCHES + 1 if names else 1)  # type: ignore[arg-type]  # a SELECT
        self.rows = {tuple(map(str, row)) if names else () for row in some}
        self.names = names


def _line(pattern: Pattern) -> tuple[str, str, str] | None:
    """Subject, predicate and object of a pattern; None when its path is more than an IRI or a variable."""
    path = pattern.path
    if isinstance(path, str):
        return pattern.subject, path, pattern.object
    return (pattern.subject, path.term, pattern.object) if path.op == "iri" else None


def _written(term: str) -> str:
    """A term or variable as SPARQL has it; the variables of blank nodes by names of their own."""
    return _BLANK.sub("?blank", term)
