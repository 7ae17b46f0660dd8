"""Facts of one property, or members of one class, over integers, with the indexes that joins need.

A fact of a property is the integer ``subject << 32 | object``; a member of a class, its own integer. Each maps
to its record: 0 when asserted, else the number of the clause that first gave it, with the integers of the
clause's variables that are not in its head above it (``clause | first << 24 | second << 56 …``). That is all a
proof needs, and one machine integer in most cases.
"""

from __future__ import annotations

from typing import Any

__all__ = ["CLAUSE_BITS", "CLAUSE_MASK", "MASK", "Index", "Relation", "enter", "enter_backward"]

MASK = 0xFFFFFFFF
CLAUSE_BITS = 24
CLAUSE_MASK = (1 << CLAUSE_BITS) - 1

Index = dict[int, list[int]]


class Relation:
    """The facts of property ``predicate``, or the members of class ``cls`` when that is not None.

    ``delta`` has the facts that no rule has seen yet; an index holds the others. It is built when a join first
    asks for it, so a property that no rule joins on has none. In a transitive relation, ``transitive`` is the
    number of the clause that says so, and ``base`` indexes the facts that it did not give: the closure is
    right-linear, fact with base fact.
    """

    __slots__ = (
        "backward_index",
        "base",
        "cls",
        "delta",
        "facts",
        "forward_index",
        "open",
        "predicate",
        "queued",
        "schema",
        "transitive",
        "triggers",
    )

    def __init__(self, predicate: int, cls: int | None, schema: bool) -> None:
        self.predicate = predicate
        self.cls = cls
        self.schema = schema
        self.facts: dict[int, int] = {}
        self.delta: list[int] = []
        self.open: list[int] = []  # base facts that the transitive closure has not seen yet
        self.base: Index = {}
        self.forward_index: Index | None = None
        self.backward_index: Index | None = None
        self.transitive = 0
        self.queued = False
        self.triggers: list[Any] = []

    def forward(self) -> Index:
        """Subject to objects."""
        if self.forward_index is None:
            self.forward_index = {}
            enter(self.forward_index, self._seen())
        return self.forward_index

    def backward(self) -> Index:
        """Object to subjects."""
        if self.backward_index is None:
            self.backward_index = {}
            enter_backward(self.backward_index, self._seen())
        return self.backward_index

    def seen(self) -> int:
        """How many facts the rules have seen."""
        return len(self.facts) - len(self.delta)

    def fresh(self, delta: list[int]) -> list[int]:
        """Those of the facts that are not from the relation's own transitivity."""
        if not self.transitive:
            return delta
        facts, own = self.facts, self.transitive
        return [fact for fact in delta if facts[fact] & CLAUSE_MASK != own]

    def index(self, delta: list[int]) -> None:
        """Put facts into the indexes that there are."""
        if self.forward_index is not None:
            enter(self.forward_index, delta)
        if self.backward_index is not None:
            enter_backward(self.backward_index, delta)

    def _seen(self) -> list[int]:
        waiting = set(self.fresh(self.delta))
        return [fact for fact in self.facts if fact not in waiting] if waiting else list(self.facts)


def enter(index: Index, facts: list[int]) -> None:
    """Enter facts into an index by subject."""
    get = index.get
    for fact in facts:
        s = fact >> 32
        known = get(s)
        if known is None:
            index[s] = [fact & MASK]
        else:
            known.append(fact & MASK)


def enter_backward(index: Index, facts: list[int]) -> None:
    """Enter facts into an index by object."""
    get = index.get
    for fact in facts:
        o = fact & MASK
        known = get(o)
        if known is None:
            index[o] = [fact >> 32]
        else:
            known.append(fact >> 32)
