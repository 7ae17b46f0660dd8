"""Rules eq-rep-s and eq-rep-o: what is said of a term is said of its equals.

They follow only the base facts of owl:sameAs, those that are not from its transitivity; its closure is reached step
by step, so that a clique costs what it gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.reasoner.relation import CLAUSE_BITS, MASK, Relation

if TYPE_CHECKING:
    from kg.reasoner.seminaive import Machine

__all__ = ["EQ_REP_O", "EQ_REP_S", "replace"]

#: Their clause numbers.
EQ_REP_S, EQ_REP_O = 1, 2


def replace(machine: Machine, relation: Relation, delta: list[int], fresh: list[int]) -> None:
    """Say of equals what is said of a term, over the base facts of owl:sameAs."""
    if relation is machine.type_view:
        return
    if relation is machine.same:
        for fact in fresh:
            _replace_everywhere(machine, fact >> 32, fact & MASK)
        return
    equals = machine.same.base
    if relation.cls is not None:
        for cls in equals.get(relation.cls, ()):
            for member in delta:
                machine.add_member(member, cls, EQ_REP_O | relation.cls << CLAUSE_BITS)
        for member in delta:
            for other in equals.get(member, ()):
                machine.add(relation, other, EQ_REP_S | member << CLAUSE_BITS)
        return
    for fact in delta:
        s, o = fact >> 32, fact & MASK
        for other in equals.get(s, ()):
            machine.add(relation, other << 32 | o, EQ_REP_S | s << CLAUSE_BITS)
        for other in equals.get(o, ()):
            machine.add(relation, s << 32 | other, EQ_REP_O | o << CLAUSE_BITS)


def _replace_everywhere(machine: Machine, one: int, other: int) -> None:
    """Two terms are found to be equal: say of the second what has been seen of the first."""
    cls = machine.classes.get(one)
    if cls is not None:
        for member in list(cls.facts):
            machine.add_member(member, other, EQ_REP_O | one << CLAUSE_BITS)
    for relation in list(machine.relations()):
        if relation is machine.same or not relation.facts:
            continue
        if relation.cls is not None:
            if one in relation.facts:
                machine.add(relation, other, EQ_REP_S | one << CLAUSE_BITS)
            continue
        if relation.seen() > 0:
            for o in tuple(relation.forward().get(one, ())):
                machine.add(relation, other << 32 | o, EQ_REP_S | one << CLAUSE_BITS)
            for s in tuple(relation.backward().get(one, ())):
                machine.add(relation, s << 32 | other, EQ_REP_O | one << CLAUSE_BITS)
