"""Match a clause's body against a machine's facts, one clause and one conclusion at a time.

The generated loops of :mod:`kg.reasoner.joins` are for many facts; this is for few: why a triple holds, why it
does not, whether something is absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from kg.model import Triple
from kg.reasoner.relation import MASK, Relation

if TYPE_CHECKING:
    from kg.reasoner.seminaive import Compiled, Machine

__all__ = ["Spend", "match", "solve"]

Values = list[int | None]
#: Called for each fact that is tried; it may raise to end the search.
Spend = Callable[[], None]


def solve(
    machine: Machine, compiled: Compiled, conclusion: Triple, spend: Spend | None = None
) -> Iterator[list[int]]:
    """Every binding of a clause's variables that gives the conclusion."""
    values = unify(machine, compiled, conclusion)
    if values is None:
        return
    atoms = [(relation, args) for relation, (_, args) in zip(compiled.relations, compiled.shape.atoms, strict=True)]
    for found in match(atoms, compiled.constants, values, spend):
        row = [value for value in found if value is not None]
        if all(
            test(*(row[v] for v in needed))
            for test, needed in zip(compiled.conditions, compiled.shape.conditions, strict=True)
        ):
            yield row


def unify(machine: Machine, compiled: Compiled, conclusion: Triple) -> Values | None:
    """The variables that a conclusion fixes; None when the head is another."""
    kind, args = compiled.shape.head
    s, _, o = (machine.ids.get(term) for term in conclusion)
    values: Values = [None] * len(compiled.variables)
    head = compiled.clause.head
    if head is None or head[1] != conclusion[1]:
        return None
    if kind == "C" and head[2] != conclusion[2]:
        return None
    for arg, part in zip(args, (s,) if kind == "C" else (s, o), strict=True):
        if part is None or (arg < 0 and compiled.constants[-1 - arg] != part):
            return None
        if arg >= 0:
            if values[arg] not in (None, part):
                return None
            values[arg] = part
    return values


Atoms = list[tuple[Relation, tuple[int, ...]]]


def match(atoms: Atoms, constants: tuple[int, ...], values: Values, spend: Spend | None = None) -> Iterator[Values]:
    """Every way to complete the values so that each atom is a fact; the narrowest atom first."""
    if not atoms:
        yield list(values)
        return

    def value(arg: int) -> int | None:
        return values[arg] if arg >= 0 else constants[-1 - arg]

    chosen = max(atoms, key=lambda atom: sum(value(arg) is not None for arg in atom[1]) / len(atom[1]))
    rest = [atom for atom in atoms if atom is not chosen]
    relation, args = chosen
    for parts in _facts(relation, tuple(value(arg) for arg in args)):
        if spend:
            spend()
        fixed = [arg for arg in set(args) if arg >= 0 and values[arg] is None]
        ok = True
        for arg, part in zip(args, parts, strict=True):
            if value(arg) is None:
                values[arg] = part
            elif value(arg) != part:
                ok = False
        if ok:
            yield from match(rest, constants, values, spend)
        for arg in fixed:
            values[arg] = None


def _facts(relation: Relation, known: tuple[int | None, ...]) -> Iterator[tuple[int, ...]]:
    """The facts of a relation that agree with what is known."""
    if len(known) == 1:
        if known[0] is None:
            yield from ((member,) for member in list(relation.facts))
        elif known[0] in relation.facts:
            yield (known[0],)
        return
    s, o = known
    if s is not None and o is not None:
        if s << 32 | o in relation.facts:
            yield s, o
    elif s is not None:
        yield from ((s, other) for other in tuple(relation.forward().get(s, ())))
    elif o is not None:
        yield from ((other, o) for other in tuple(relation.backward().get(o, ())))
    else:
        yield from ((fact >> 32, fact & MASK) for fact in list(relation.facts))
