"""Asking the default graph of one store: for the solutions of a SELECT, for triples, for terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kg.sparql.printer import write

if TYPE_CHECKING:
    import pyoxigraph

    from kg.evidence.matched import Edge, Node, Solution
    from kg.sparql.syntax_tree import Select

__all__ = ["Source"]

_NO_VALUES: Mapping[str, Node] = {}


class Source:
    """The default graph of a store."""

    def __init__(self, store: pyoxigraph.Store) -> None:
        self.store = store
        self._terms: dict[str, Node] = {}

    def ask(self, select: Select, values: Mapping[str, Node] = _NO_VALUES) -> Iterator[dict[str, Node]]:
        """The solutions of a SELECT over the default graph alone, unbound variables left out.

        ``values`` take the place of their variables.
        """
        import pyoxigraph

        text = write(select, {name: str(value) for name, value in values.items()})
        found = self.store.query(text, default_graph=pyoxigraph.DefaultGraph(), named_graphs=[])
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


def _parse_term(text: str) -> Node:
    import pyoxigraph

    if text.startswith("<"):
        return pyoxigraph.NamedNode(text[1:-1])
    line = f"<x:x> <x:x> {text} .".encode()
    parsed: Node = next(iter(pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_TRIPLES))).object
    return parsed
