"""The triples that made a query match: for one solution, every positive pattern with its values put in.

The definition follows SPARQL 1.1, section 18: a solution of a group is one of its parts joined; a branch of a
UNION or an OPTIONAL counts when it takes part in the solution, which the engine itself says (:mod:`.parts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kg.evidence.blanks import fillings, has_blank
from kg.evidence.parts import mark, marked, telling
from kg.evidence.paths import may_be_empty, path_edges, presence
from kg.evidence.rows import keyed_text, row_keys, solutions_text, values_clause
from kg.evidence.unmatched import Absence, names_in
from kg.patterns import Group, Path, Pattern, Select, changing, columns_of, inner_groups, joined, visible
from kg.sparql import bind

if TYPE_CHECKING:
    import pyoxigraph

    Node: TypeAlias = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal
    Edge: TypeAlias = tuple[Node, Node, Node]
    Solution: TypeAlias = Mapping[str, Node]
    #: What a row's solutions have in common: the values of its keys.
    Key: TypeAlias = tuple[Node | None, ...]
    #: A place in a triple: a variable, or a text that none is called, with the term that it stands for.
    Slot: TypeAlias = tuple[str, Node | None]

__all__ = ["Matched", "Matcher"]


@dataclass(slots=True)
class Matched:
    """What solutions rest on: edges (triples as the store gives them), and groups that found nothing.

    ``nodes`` are those that must be in the graph, in whatever triple: a path of length zero asks for no more.
    """

    edges: dict[Edge, None] = field(default_factory=dict)
    absent: dict[Absence, None] = field(default_factory=dict)
    nodes: dict[Node, None] = field(default_factory=dict)

    def add(self, other: Matched) -> None:
        """Take over everything of another."""
        self.edges |= other.edges
        self.absent |= other.absent
        self.nodes |= other.nodes


class _Patterns(NamedTuple):
    """The patterns of a group: those that are one triple each, those with a longer path, those with blank nodes."""

    plain: list[tuple[Slot, Slot, Slot]]
    paths: list[tuple[str, Path, str]]
    blank: list[Pattern]


class Matcher:
    """Finds the matched triples of solutions in the default graph of one store."""

    def __init__(self, store: pyoxigraph.Store, prologue: str) -> None:
        self.store = store
        self.prologue = prologue
        self._terms: dict[str, Node] = {}
        self._patterns: dict[Group, _Patterns] = {}
        self._paths: dict[tuple[Path, Node, Node], list[Edge]] = {}
        self._selects: dict[Select, list[tuple[dict[str, Node], Matched]]] = {}
        self._exists: dict[tuple[Group, tuple[tuple[str, Node], ...]], Matched | None] = {}
        self._telling: set[Group] = set()
        #: What an EXISTS sees of a solution, where that is not all of it.
        self._sight: dict[Group, frozenset[str] | None] = {}

    # -- asking the store

    def ask(self, query: str) -> Iterator[dict[str, Node]]:
        """The solutions of a SELECT over the default graph alone, unbound variables left out."""
        import pyoxigraph

        found = self.store.query(self.prologue + query, default_graph=pyoxigraph.DefaultGraph(), named_graphs=[])
        assert isinstance(found, pyoxigraph.QuerySolutions)  # noqa: S101 - every text here is a SELECT of our own
        names = [variable.value for variable in found.variables]
        for solution in found:
            yield {name: value for name, value in zip(names, solution, strict=True) if value is not None}

    def edges(self, s: Node | None, p: Node | None, o: Node | None) -> Iterator[Edge]:
        """The triples of the default graph that match; None matches anything."""
        import pyoxigraph

        if s is not None and isinstance(s, pyoxigraph.Literal):
            return
        for quad in self.store.quads_for_pattern(s, p, o, pyoxigraph.DefaultGraph()):  # type: ignore[arg-type]  # checked above
            yield (quad.subject, quad.predicate, quad.object)  # type: ignore[misc]

    def term(self, text: str) -> Node:
        """A term of a pattern as the store has it."""
        known = self._terms.get(text)
        if known is None:
            known = self._terms[text] = _parse_term(text)
        return known

    def value(self, text: str, solution: Solution) -> Node | None:
        """What a subject, predicate or object of a pattern is in a solution; None where that leaves it open."""
        return solution.get(text[1:]) if text[0] == "?" else self.term(text)

    # -- rows

    def rows(self, select: Select) -> Iterator[tuple[dict[str, Node], Matched]]:
        """The rows of a SELECT, each with all that its solutions rest on."""
        for row, matched in self._rows(select):
            self.settle(matched)
            yield row, matched

    def _rows(self, select: Select) -> list[tuple[dict[str, Node], Matched]]:
        rows, columns = list(self.ask(select.text)), columns_of(select)
        keys = self.keys_of(select, columns, [tuple(map(row.get, columns)) for row in rows])
        return list(zip(rows, self.matched(select, keys), strict=True))

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
        for found in self.ask(keyed_text(select)):
            row = tuple(found.get(name) for _place, name in compared)
            known.setdefault(row, []).append(tuple(map(found.get, keys)))
        own = [known.get(tuple(row[place] for place, _name in compared), []) for row in rows]
        # Each of several rows that look alike has one of the keys that give such a row, in the query's order if any.
        return own if select.distinct else [[options.pop(0)] if options else [] for options in own]

    def matched(self, select: Select, keys: Sequence[Sequence[Key]]) -> list[Matched]:
        """What the rows with these keys rest on: all that the solutions of each key match, not settled yet."""
        names, where = row_keys(select), select.where
        self._telling |= telling(select)
        # Values at the end come after the WHERE; of what is grouped, only keys are seen after it.
        self._note_sight(where, visible(where))
        self._sight |= dict.fromkeys(_asked_outside(where), frozenset(names) if select.aggregates else None)
        found = {key: Matched() for options in keys for key in options}
        any_solution = False
        for solution in self.ask(solutions_text(select)):
            any_solution = True
            into = found.get(tuple(map(solution.get, names)))
            if into is not None:
                self._gather(where, solution, into)
        if select.aggregates and not any_solution:
            for into in found.values():
                into.absent[Absence.of(where, {})] = None
        return [_merged([found[key] for key in options]) for options in keys]

    def settle(self, matched: Matched) -> None:
        """For each node that must be there and stands in no edge, add the first triple by name that has it."""
        standing = {node for edge in matched.edges for node in (edge[0], edge[2])}
        for node in matched.nodes:
            if node not in standing:
                matched.edges |= dict.fromkeys(presence(self, node))

    # -- solutions

    def _gather(self, group: Group, solution: Solution, into: Matched) -> None:
        """Add what one solution rests on within a group that takes part in it."""
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
            for filled in fillings(self, known.blank, solution):
                edges |= dict.fromkeys(filled)
        self._gather_parts(group, solution, into)
        for inner in (*group.exists, *group.not_exists):
            if inner.asked or inner in group.exists:
                self._gather_asked(inner, solution, into)
            else:
                into.absent[Absence.of(inner, self._seen(inner, solution))] = None
        for inner in group.minus:
            # What shares no variable with a solution takes nothing away.
            if any(name in solution for name in visible(inner)):
                into.absent[Absence.of(inner, solution)] = None
        for select in group.selects:
            self._gather_select(select, solution, into)

    def _gather_parts(self, group: Group, solution: Solution, into: Matched) -> None:
        for inner in group.groups:
            self._gather(inner, solution, into)
        for branches in group.unions:
            for branch in branches:
                if mark(branch) in solution:
                    self._gather(branch, solution, into)
        for optional in group.optionals:
            if mark(optional) in solution:
                self._gather(optional, solution, into)
            elif optional in self._telling:
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

    def _gather_asked(self, inner: Group, solution: Solution, into: Matched) -> None:
        """Add what an EXISTS rests on: its first solution; or where it has none, that it has none.

        A variable may have its value from elsewhere in the query, where the EXISTS does not look (SPARQL 1.1,
        section 18.6): it counts only if the EXISTS agrees.
        """
        seen = self._seen(inner, solution)
        for values in ({name: solution[name] for name in names_in(inner) if name in solution}, seen):
            key = (inner, tuple(values.items()))
            if key not in self._exists:
                self._exists[key] = self._first(inner, values, solution)
            found = self._exists[key]
            if found is not None:
                into.add(found)
                return
        if inner.asked:
            into.absent[Absence.of(inner, seen)] = None

    def _seen(self, inner: Group, solution: Solution) -> dict[str, Node]:
        """What an EXISTS sees of a solution, of the variables that stand in it."""
        sight = self._sight.get(inner)
        return {n: solution[n] for n in names_in(inner) if n in solution and (sight is None or n in sight)}

    def _first(self, group: Group, known: dict[str, Node], solution: Solution) -> Matched | None:
        """What the first solution of a group with some values known rests on; None when it has none.

        The values take the place of their variables, as EXISTS is defined; where one is also assigned to in the
        group, and so cannot, they stand outside of it.
        """
        text = marked(group, itself=True)
        if _assigns(group):
            where = f"{{ {values_clause(tuple(known), [tuple(known.values())])} OPTIONAL {text} }}"
        else:
            where = bind(text, {name: str(value) for name, value in known.items()})
        self._note_sight(group, None)
        for own in self.ask(f"SELECT * WHERE {where} LIMIT 1"):
            if mark(group) in own:
                found = Matched()
                self._gather(group, {**solution, **own}, found)
                return found
        return None

    def _gather_select(self, select: Select, solution: Solution, into: Matched) -> None:
        rows = self._selects.get(select)
        if rows is None:
            rows = self._selects[select] = self._rows(select)
        other = changing(select)
        for row, rests in rows:
            if all(solution.get(name, value) == value for name, value in row.items() if name not in other):
                into.add(rests)

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

    def _note_sight(self, group: Group, sight: frozenset[str] | None) -> None:
        """Note for every EXISTS what it sees: what its group binds; in an OPTIONAL also what stands before it.

        One in a BIND sees what has a value before that. None is everything.
        """
        for inner in (*group.exists, *group.not_exists):
            self._sight[inner] = sight if inner.before is None else inner.before
        for inner in joined(group):
            self._note_sight(inner, None if inner in group.optionals else visible(inner))


def _asked_outside(where: Group) -> Iterator[Group]:
    """What is asked in the heading of a SELECT, or after its WHERE."""
    end = where.start + len(where.text)
    return (inner for inner in (*where.exists, *where.not_exists) if not where.start <= inner.start < end)


def _merged(several: Sequence[Matched]) -> Matched:
    if len(several) == 1:
        return several[0]
    merged = Matched()
    for matched in several:
        merged.add(matched)
    return merged


def _assigns(group: Group) -> bool:
    """Whether something in a group gives a variable its value, beside matching."""
    return bool(group.binds or group.values or group.selects) or any(map(_assigns, inner_groups(group)))


def _parse_term(text: str) -> Node:
    import pyoxigraph

    if text.startswith("<"):
        return pyoxigraph.NamedNode(text[1:-1])
    line = f"<x:x> <x:x> {text} .".encode()
    parsed: Node = next(iter(pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_TRIPLES))).object
    return parsed
