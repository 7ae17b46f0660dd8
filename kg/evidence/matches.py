"""The triples that a query matched: for each solution, every positive pattern with its variables bound.

The definition follows SPARQL 1.1, section 18: a solution of a group is one of its parts joined; a branch of a
UNION or an OPTIONAL counts when it takes part in the solution, which the engine itself says (:mod:`.markers`).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kg.evidence.absence import Absence, names_in
from kg.evidence.completion import Completion, required_keys, self_contained
from kg.evidence.paths import fillings, has_blank, may_be_empty, path_edges, presence
from kg.evidence.solutions import (
    Matched,
    Source,
    assigned,
    keyed,
    mark,
    marked,
    merged,
    observed_optionals,
    projected,
    row_keys,
    solutions_of,
    values_of,
)
from kg.sparql.analysis import before, changing, columns_of, joined, sure, visible
from kg.sparql.syntax_tree import Exists, Filter, Group, Nested, Path, Pattern, Select, Values

if TYPE_CHECKING:
    import pyoxigraph

    from kg.evidence.solutions import Edge, Key, Node, Solution

    #: A place in a triple: a variable, or a text that none is called, with the term that it stands for.
    Slot: TypeAlias = tuple[str, Node | None]


class _Patterns(NamedTuple):
    """The patterns of a group: those that are one triple each, those with a longer path, those with blank nodes."""

    plain: list[tuple[Slot, Slot, Slot]]
    paths: list[tuple[str, Path, str]]
    blank: list[Pattern]


class Matcher(Source):
    """Finds the matched triples of solutions in the default graph of one store."""

    def __init__(self, store: pyoxigraph.Store) -> None:
        super().__init__(store)
        self._patterns: dict[Group, _Patterns] = {}
        self._paths: dict[tuple[Path, Node, Node], list[Edge]] = {}
        self._solutions: dict[Select, list[dict[str, Node]]] = {}
        self._selects: dict[Select, list[tuple[dict[str, Node], Matched]]] = {}
        self._exists: dict[tuple[Group, tuple[tuple[str, Node], ...]], Matched | None] = {}
        self._observed: set[Group] = set()
        #: What has values before an OPTIONAL or a MINUS begins.
        self._before: dict[Group, frozenset[str]] = {}
        #: What an EXISTS sees of a solution, where that is not all of it.
        self._scope: dict[Group, frozenset[str] | None] = {}

    # -- rows

    def rows(self, select: Select) -> Iterator[tuple[dict[str, Node], Matched]]:
        """The rows of a SELECT, each with the matches of its solutions."""
        rows, keys = self._asked(select)
        yield from zip(rows, self.evidence(select, keys), strict=True)

    def _asked(self, select: Select) -> tuple[list[dict[str, Node]], list[list[Key]]]:
        rows, columns = list(self.ask(select)), columns_of(select)
        return rows, self.keys_of(select, columns, [tuple(map(row.get, columns)) for row in rows])

    def evidence(self, select: Select, keys: Sequence[Sequence[Key]]) -> Iterator[Matched]:
        """The matches of the rows with these keys, completed so that they give their row by themselves."""
        doubtful = self._doubtful(select, {key for options in keys for key in options})
        completion = Completion(self, select, doubtful) if doubtful else None
        for own, matched in zip(keys, self.matched(select, keys), strict=True):
            if completion and (unsure := [key for key in own if key in doubtful]):
                completion.complete(unsure, matched)
            matched.edges |= dict.fromkeys(self._presence_edges(matched))
            yield matched

    def _doubtful(self, select: Select, keys: set[Key]) -> set[Key]:
        """The keys whose matches alone may not give their row again."""
        needs = required_keys(select)
        if needs is None:
            return keys
        places = [place for place, name in enumerate(row_keys(select)) if name in needs]
        return {key for key in keys if any(key[place] is None for place in places)}

    def part(self, matched: Matched) -> Matcher:
        """A matcher over the matched triples alone."""
        import pyoxigraph

        store = pyoxigraph.Store()
        edges = (*matched.edges, *self._presence_edges(matched))
        store.extend(pyoxigraph.Quad(s, p, o) for s, p, o in edges)  # type: ignore[arg-type]  # edges of a store
        return Matcher(store)

    def keys_of(
        self, select: Select, columns: Sequence[str], rows: Sequence[tuple[Node | None, ...]]
    ) -> list[list[Key]]:
        """For each row of a SELECT, the keys of its solutions: several where DISTINCT made rows one."""
        keys = row_keys(select)
        if all(key in columns for key in keys):
            places = [columns.index(key) for key in keys]
            return [[tuple(row[place] for place in places)] for row in rows]
        # A grouping key is no column: the rows with their keys in front tell it, known again by their columns.
        compared = [(place, name) for place, name in enumerate(columns) if name not in changing(select)]
        known: dict[tuple[Node | None, ...], list[Key]] = {}
        for found in self.ask(keyed(select)):
            row = tuple(found.get(name) for _place, name in compared)
            known.setdefault(row, []).append(tuple(map(found.get, keys)))
        own = [known.get(tuple(row[place] for place, _name in compared), []) for row in rows]
        # Each of several rows that look alike has one of the keys that give such a row, in the query's order if any.
        return own if select.distinct else [[options.pop(0)] if options else [] for options in own]

    def solutions(self, select: Select, keys: Iterable[Key] = ()) -> Iterable[dict[str, Node]]:
        """The solutions of a SELECT's WHERE, at least those of some keys; cached where they are needed again."""
        if self_contained(select):
            return self.ask(solutions_of(select, keys))
        if select not in self._solutions:
            self._solutions[select] = list(self.ask(solutions_of(select)))
        return self._solutions[select]

    def matched(self, select: Select, keys: Sequence[Sequence[Key]]) -> list[Matched]:
        """The matches of the rows with these keys: all that the solutions of each key match."""
        names, where = row_keys(select), select.where
        self._observed |= observed_optionals(select)
        self._before |= before(select)
        # Values at the end come after the WHERE; of what is grouped, only keys are seen after it.
        self._note_scope(where, visible(where))
        outside = (each.group for each in where.outside)
        self._scope |= dict.fromkeys(outside, frozenset(names) if select.aggregates else None)
        found = {key: Matched() for options in keys for key in options}
        any_solution = False
        for solution in self.solutions(select, found):
            any_solution = True
            into = found.get(tuple(map(solution.get, names)))
            if into is not None:
                self.gather(where, solution, into)
        if select.aggregates and not any_solution:
            for into in found.values():
                into.absent[Absence.of(where, {})] = None
        return [merged([found[key] for key in options]) for options in keys]

    def _presence_edges(self, matched: Matched) -> list[Edge]:
        """For each node that must occur and is in no edge, the first triple by name that has it."""
        standing = {node for edge in matched.edges for node in (edge[0], edge[2])}
        return [edge for node in matched.nodes if node not in standing for edge in presence(self, node)]

    # -- solutions

    def gather(self, group: Group, solution: Solution, into: Matched) -> None:
        """Add the matches of one solution within a group that takes part in it."""
        known = self._patterns.get(group)
        if known is None:
            known = self._patterns[group] = self._sorted(group)
        get, edges = solution.get, into.edges
        # The group takes part in the solution: so the triples are there, and nobody needs to look.
        for (s, subject), (p, predicate), (o, target) in known.plain:
            edge = (get(s, subject), get(p, predicate), get(o, target))
            edges[edge] = None  # type: ignore[index]  # all are bound
        for pattern_subject, path, pattern_object in known.paths:
            self._gather_path(path, self.value(pattern_subject, solution), self.value(pattern_object, solution), into)
        if known.blank:
            for filled, nodes in fillings(self, known.blank, solution):
                edges |= dict.fromkeys(filled)
                into.nodes |= dict.fromkeys(nodes)
        self._gather_parts(group, solution, into)
        for asked in group.asked:
            if asked.negated and asked.alone:
                into.absent[Absence.of(asked.group, self.seen(asked.group, solution))] = None
            else:
                self._gather_asked(asked, group, solution, into)
        for inner in group.minus:
            # What shares no variable with a solution takes nothing away.
            if any(name in solution for name in self.known_before(inner, visible(inner))):
                into.absent[Absence.of(inner, solution)] = None
        for select in group.selects:
            self._gather_select(select, solution, into)

    def _gather_parts(self, group: Group, solution: Solution, into: Matched) -> None:
        for inner in group.groups:
            self.gather(inner, solution, into)
        for branches in group.unions:
            for branch in branches:
                if mark(branch) in solution:
                    self.gather(branch, solution, into)
        for optional in group.optionals:
            if mark(optional) in solution:
                self.gather(optional, solution, into)
            elif optional in self._observed:
                into.absent[Absence.of(optional, solution)] = None

    def _gather_path(self, path: Path, start: Node | None, end: Node | None, into: Matched) -> None:
        if start is None or end is None:
            return
        key = (path, start, end)
        if key not in self._paths:
            self._paths[key] = list(path_edges(self, path, start, end))
        into.edges |= dict.fromkeys(self._paths[key])
        if start == end and may_be_empty(path):
            into.nodes[start] = None

    def _gather_asked(self, asked: Exists, group: Group, solution: Solution, into: Matched) -> None:
        """Add the matches of an EXISTS: those of its first solution, or its absence where it has none.

        A variable may have its value from elsewhere in the query, where the EXISTS does not look (SPARQL 1.1,
        section 18.6): it counts only if the EXISTS agrees.
        """
        inner = asked.group
        known = self.seen(inner, solution)
        tried = [values_of(names_in(inner), solution), known]
        if asked.alone:
            # It matches, so what it does not agree with has its value from elsewhere.
            tried.append(values_of(sure(group), known))
        for values in tried:
            key = (inner, tuple(values.items()))
            if key not in self._exists:
                self._exists[key] = self._first(inner, values, solution)
            found = self._exists[key]
            if found is not None:
                into.add(found)
                return
        if not asked.alone:
            into.absent[Absence.of(inner, known)] = None

    def seen(self, inner: Group, solution: Solution) -> dict[str, Node]:
        """The bindings of a solution that are in scope in an EXISTS."""
        scope = self._scope.get(inner)
        return values_of((name for name in names_in(inner) if scope is None or name in scope), solution)

    def known_before(self, inner: Group, names: Iterable[str]) -> list[str]:
        """Of some variables those that are in scope of an OPTIONAL or a MINUS: those bound before it."""
        there = self._before.get(inner)
        return [name for name in names if there is None or name in there]

    def _first(self, group: Group, known: dict[str, Node], solution: Solution) -> Matched | None:
        """The matches of the first solution of a group with some variables bound; None when it has none."""
        own = self.first(group, known)
        if own is None:
            return None
        found = Matched()
        self.gather(group, {**solution, **own}, found)
        return found

    def first(self, group: Group, known: Solution, beside: Container[str] = ()) -> dict[str, Node] | None:
        """The first solution of a group with some variables bound; None when it has none.

        The values take the place of their variables, as EXISTS is defined; those that are also assigned to in the
        group, and so cannot, stand outside of it, and so do those of the variables ``beside``.
        """
        fixed, named = assigned(group), projected(group)
        outside = {name: value for name, value in known.items() if name in beside or name in fixed}
        given = {name: value for name, value in known.items() if name in named and name not in outside}
        where = marked(group, itself=True, given=given)
        if outside:
            where = Group((_values(outside), Nested("OPTIONAL", (where,))))
        self._note_scope(group, None)
        put_in = {name: value for name, value in known.items() if name not in outside and name not in given}
        for own in self.ask(Select(where, limit=1), put_in):
            if mark(group) in own:
                return own
        return None

    def exists(self, group: Group, known: Solution) -> bool:
        """Whether an EXISTS of a group holds with some variables bound, also inside a MINUS of it."""
        asked = Filter(Exists(group, alone=True))
        where = Group((*((_values(known),) if known else ()), asked))
        return next(self.ask(Select(where, limit=1)), None) is not None

    def _gather_select(self, select: Select, solution: Solution, into: Matched) -> None:
        rows = self._selects.get(select)
        if rows is None:
            asked, keys = self._asked(select)
            rows = self._selects[select] = list(zip(asked, self.matched(select, keys), strict=True))
        other, agreeing = changing(select), False
        for row, rests in rows:
            if all(solution.get(name, value) == value for name, value in row.items() if name not in other):
                into.add(rests)
                agreeing = True
        if not agreeing and not select.aggregates:
            # Within an EXISTS the values put in count here too, and can leave an OPTIONAL without a match.
            known = values_of((column.name for column in select.columns), solution)
            found = self._first(select.where, known, known)
            if found:
                into.add(found)

    # -- the query

    def _sorted(self, group: Group) -> _Patterns:
        known = _Patterns([], [], [])
        for pattern in group.patterns:
            path = pattern.path
            if has_blank(pattern):
                known.blank.append(pattern)
            elif isinstance(path, Path) and path.op != "iri":
                known.paths.append((pattern.subject, path, pattern.object))
            else:
                predicate = path if isinstance(path, str) else path.term
                known.plain.append((self._slot(pattern.subject), self._slot(predicate), self._slot(pattern.object)))
        return known

    def _slot(self, text: str) -> Slot:
        return (text[1:], None) if text[0] == "?" else (text, self.term(text))

    def _note_scope(self, group: Group, scope: frozenset[str] | None) -> None:
        """Record the scope of every EXISTS: what its group binds; in an OPTIONAL also what is bound before it.

        One in a BIND sees what has a value before that. None is everything.
        """
        for asked in group.asked:
            self._scope[asked.group] = self._before.get(asked.group, scope)
        for inner in joined(group):
            self._note_scope(inner, None if inner in group.optionals else visible(inner))


def _values(known: Solution) -> Values:
    """Values of some variables as VALUES."""
    return Values(tuple(known), (tuple(map(str, known.values())),))
