"""The triples that made a query match: for one solution, every positive pattern with its values put in.

The definition follows SPARQL 1.1, section 18: a solution of a group is one of its parts joined; a part of a
UNION or an OPTIONAL counts when it takes part in the solution, which the store itself is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from kg.evidence.paths import path_edges
from kg.patterns import Group, Path, Pattern, Select
from kg.sparql import variables

if TYPE_CHECKING:
    import pyoxigraph

    Node: TypeAlias = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal
    Edge: TypeAlias = tuple[Node, Node, Node]
    Solution: TypeAlias = Mapping[str, Node]

__all__ = ["Matched", "Matcher"]

#: How many ways of filling blank nodes of the query are listed for one solution.
_WAYS = 50


@dataclass(slots=True)
class Matched:
    """The edges (triples as the store gives them) that a solution rests on, and the patterns that found nothing."""

    edges: dict[Edge, None] = field(default_factory=dict)
    absent: dict[str, None] = field(default_factory=dict)

    def add(self, other: Matched) -> None:
        """Take over everything of another."""
        self.edges |= other.edges
        self.absent |= other.absent


class Matcher:
    """Finds the matched triples of solutions in the default graph of one store."""

    def __init__(self, store: pyoxigraph.Store, prologue: str) -> None:
        self.store = store
        self.prologue = prologue
        self._terms: dict[str, Node] = {}
        self._selects: dict[int, list[tuple[dict[str, Node], Matched]]] = {}

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

    # -- solutions

    def select(self, select: Select) -> list[tuple[dict[str, Node], Matched]]:
        """Each solution of a SELECT's WHERE, grouping and projection aside, with what it rests on."""
        return [(solution, self.group(select.where, solution)) for solution in self.ask(solutions_text(select))]

    def group(self, group: Group, solution: Solution) -> Matched:
        """What one solution rests on within a group."""
        matched = Matched()
        open_patterns = []
        for pattern in group.patterns:
            if _blanks(pattern):
                open_patterns.append(pattern)
            else:
                matched.edges |= dict.fromkeys(self._pattern(pattern, solution))
        if open_patterns:
            for edges in self._join(open_patterns, dict(solution)):
                matched.edges |= dict.fromkeys(edges)
        for inner in group.groups:
            matched.add(self.group(inner, solution))
        for branch in (branch for branches in group.unions for branch in branches):
            if self.active(branch, solution):
                matched.add(self.group(branch, solution))
        for optional in group.optionals:
            if self.active(optional, solution):
                matched.add(self.group(optional, solution))
            else:
                matched.absent[f"OPTIONAL {optional.text}"] = None
        for inner in group.exists:
            matched.add(self._existing(inner, solution))
        matched.absent |= dict.fromkeys(f"NOT EXISTS {inner.text}" for inner in group.not_exists)
        matched.absent |= dict.fromkeys(f"MINUS {inner.text}" for inner in group.minus)
        for select in group.selects:
            matched.add(self._select_within(select, solution))
        return matched

    def active(self, group: Group, solution: Solution) -> bool:
        """Whether a group takes part in a solution: its own solutions, joined with this one, are not empty.

        A variable that the group binds must be bound in the solution, else the solution came without it.
        """
        names = variables(group.text)
        known = [name for name in names if name in solution]
        for own in self.ask(f"SELECT * {{ {values_clause(solution, known)} {group.text} }}"):
            if all(name in solution for name in own):
                return True
        return False

    def _existing(self, group: Group, solution: Solution) -> Matched:
        known = [name for name in variables(group.text) if name in solution]
        clause = values_clause(solution, known)
        for own in self.ask(f"SELECT * {{ {clause} {group.text} }} LIMIT 1"):
            return self.group(group, {**solution, **own})
        return Matched()

    def _select_within(self, select: Select, solution: Solution) -> Matched:
        rows = self._selects.get(id(select))
        if rows is None:
            rows = self._selects[id(select)] = list(self.rows(select))
        matched = Matched()
        for row, rests in rows:
            if all(name not in solution or solution[name] == value for name, value in row.items()):
                matched.add(rests)
        return matched

    def rows(self, select: Select) -> Iterator[tuple[dict[str, Node], Matched]]:
        """The rows of a SELECT, each with all that its solutions rest on."""
        keys = row_keys(select)
        by_key: dict[tuple[Node | None, ...], Matched] = {}
        for solution, matched in self.select(select):
            by_key.setdefault(tuple(solution.get(key) for key in keys), Matched()).add(matched)
        for row in self.ask(select.text if select.text.startswith("SELECT") else select.text[len(select.prologue) :]):
            yield row, by_key.get(tuple(row.get(key) for key in keys), Matched())

    # -- patterns

    def _pattern(self, pattern: Pattern, solution: Solution) -> Iterable[Edge]:
        subject = self._value(pattern.subject, solution)
        target = self._value(pattern.object, solution)
        if subject is None or target is None:
            return ()
        if isinstance(pattern.path, str):
            predicate = self._value(pattern.path, solution)
            return () if predicate is None else list(self.edges(subject, predicate, target))
        return path_edges(self, pattern.path, subject, target)

    def _value(self, text: str, solution: Solution) -> Node | None:
        return solution.get(text[1:]) if text[0] == "?" else self.term(text)

    def _join(self, patterns: list[Pattern], solution: dict[str, Node]) -> Iterator[list[Edge]]:
        """The ways to fill the query's blank nodes, by nested loops over the store; at most ``_WAYS``."""
        return islice(self._fill(patterns, solution), _WAYS)

    def _fill(self, patterns: list[Pattern], solution: dict[str, Node]) -> Iterator[list[Edge]]:
        if not patterns:
            yield []
            return
        # The pattern with the fewest unknowns first.
        pattern = min(patterns, key=lambda p: sum(self._value(t, solution) is None for t in (p.subject, p.object)))
        rest = [other for other in patterns if other is not pattern]
        subject, target = self._value(pattern.subject, solution), self._value(pattern.object, solution)
        for start, end, edges in self._candidates(pattern, subject, target, solution):
            extended = {**solution, **_named(pattern.subject, start), **_named(pattern.object, end)}
            for others in self._fill(rest, extended):
                yield [*edges, *others]

    def _candidates(
        self, pattern: Pattern, subject: Node | None, target: Node | None, solution: Solution
    ) -> Iterator[tuple[Node, Node, list[Edge]]]:
        if isinstance(pattern.path, Path) and pattern.path.op != "iri":
            from kg.evidence.paths import path_pairs

            for start, end in path_pairs(self, pattern.path, subject, target):
                yield start, end, list(path_edges(self, pattern.path, start, end))
            return
        text = pattern.path if isinstance(pattern.path, str) else pattern.path.term
        for edge in self.edges(subject, self._value(text, solution), target):
            yield edge[0], edge[2], [edge]


def row_keys(select: Select) -> list[str]:
    """The columns by which solutions belong to rows: the grouping keys among them, or all that are plain.

    Columns computed from a solution (no aggregate) count as well: the solutions compute them too.
    """
    if select.aggregates:
        return [name for name, _expression in select.keys if name]
    return [name for name, _expression in select.columns] or sorted(variables(select.where.text))


def solutions_text(select: Select) -> str:
    """A SELECT of every variable and computed key of another's WHERE, one row a solution."""
    computed = select.keys if select.aggregates else select.columns
    extra = [f"({text} AS ?{name})" for name, text in computed if name and text and text != f"?{name}"]
    known = {name for name, text in computed if text and text != f"?{name}"}
    names = [f"?{name}" for name in sorted(variables(select.where.text) - known)]
    return f"SELECT {' '.join((*names, *extra)) or '*'} WHERE {select.where.text}"


def values_clause(solution: Solution, names: Iterable[str]) -> str:
    """A VALUES block with one row: the values of these variables."""
    names = sorted(names)
    if not names:
        return ""
    heads = " ".join(f"?{name}" for name in names)
    return f"VALUES ({heads}) {{ ({' '.join(str(solution[name]) for name in names)}) }}"


def _blanks(pattern: Pattern) -> bool:
    return pattern.subject.startswith("?_:") or pattern.object.startswith("?_:")


def _named(text: str, value: Node) -> dict[str, Node]:
    return {text[1:]: value} if text[0] == "?" else {}


def _parse_term(text: str) -> Node:
    import pyoxigraph

    if text.startswith("<"):
        return pyoxigraph.NamedNode(text[1:-1])
    line = f"<x:x> <x:x> {text} .".encode()
    parsed: Node = next(iter(pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_TRIPLES))).object
    return parsed
