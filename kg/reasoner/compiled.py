"""Clauses over integers, and what sets them off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from kg.reasoner.joins import Shape
from kg.reasoner.relation import Relation
from kg.reasoner.rule import Clause

__all__ = ["Compiled", "Trigger", "is_symmetric", "is_transitive"]


class Compiled(NamedTuple):
    """A clause over integers."""

    number: int
    clause: Clause
    shape: Shape
    variables: tuple[str, ...]
    head: Relation | None
    relations: tuple[Relation, ...]
    constants: tuple[int, ...]
    conditions: tuple[Callable[..., bool], ...]


class Trigger:
    """What one new fact of a relation sets off: one clause, started from one of its atoms."""

    __slots__ = ("compiled", "fire", "first", "fresh_only", "mirror")

    def __init__(self, compiled: Compiled, first: int) -> None:
        self.compiled = compiled
        self.first = first
        self.fire: Callable[..., Any] | None = None
        # What this gives of a linking clause, another gives the other way round.
        self.mirror = _mirror(compiled.shape, first)
        # Of a transitive relation whose base is symmetric the closure is: what it gave need not be turned round.
        self.fresh_only = is_symmetric(compiled)


def _mirror(shape: Shape, first: int) -> bool:
    """Whether the clause equates two terms and the atom is about the second of them alone."""
    args = shape.atoms[first][1]
    return shape.link and shape.head[1][1] in args and shape.head[1][0] not in args


def is_transitive(compiled: Compiled) -> bool:
    """Whether the clause reads ``x p y, y p z -> x p z``."""
    atoms, head = compiled.shape.atoms, compiled.shape.head
    return (
        len(atoms) == 2
        and compiled.relations[0] is compiled.relations[1] is compiled.head
        and not compiled.conditions
        and (atoms[0][1], atoms[1][1], head[1]) == ((0, 1), (1, 2), (0, 2))
    )


def is_symmetric(compiled: Compiled) -> bool:
    """Whether the clause reads ``x p y -> y p x``."""
    shape = compiled.shape
    return (
        [args for _, args in shape.atoms] == [(0, 1)]
        and compiled.relations[0] is compiled.head
        and shape.head[1] == (1, 0)
        and not compiled.conditions
    )
