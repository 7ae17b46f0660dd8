"""What solutions rest on, as it is gathered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from kg.evidence.absence import Absence

if TYPE_CHECKING:
    import pyoxigraph

    Node: TypeAlias = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal
    Edge: TypeAlias = tuple[Node, Node, Node]
    Solution: TypeAlias = Mapping[str, Node]
    #: What a row's solutions have in common: the values of its keys.
    Key: TypeAlias = tuple[Node | None, ...]

__all__ = ["Matched", "merged", "values_of"]


@dataclass(slots=True)
class Matched:
    """What solutions rest on: edges (triples as the store gives them), and groups that found nothing.

    ``nodes`` are those that must be in the graph, in whatever triple: a path of length zero asks for no more.
    """

    edges: dict[Edge, None] = field(default_factory=dict)
    absent: dict[Absence, None] = field(default_factory=dict)
    nodes: dict[Node, None] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """How many triples and nodes there are: it grows with whatever is added."""
        return len(self.edges), len(self.nodes)

    def add(self, other: Matched) -> None:
        """Take over everything of another."""
        self.edges |= other.edges
        self.absent |= other.absent
        self.nodes |= other.nodes


def values_of(names: Iterable[str], solution: Solution) -> dict[str, Node]:
    """The values that a solution has for some variables."""
    return {name: solution[name] for name in names if name in solution}


def merged(several: Sequence[Matched]) -> Matched:
    """All of several together."""
    if len(several) == 1:
        return several[0]
    together = Matched()
    for matched in several:
        together.add(matched)
    return together
