"""Why a triple does not hold: the rules that could have given it, and what they lack."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice
from typing import NamedTuple

from kg.closure import Closure
from kg.model import Term, Triple
from kg.rules.machine import Compiled, Machine
from kg.rules.rule import Pattern, substitute
from kg.rules.solve import match, unify

__all__ = ["NearMiss", "why_not"]

_LOOK = 200


class NearMiss(NamedTuple):
    """A rule that could have given the triple.

    ``found`` are the premises that hold, axioms first; ``missing``, those that do not, with variables where any
    term would do; ``failed``, the number of the rule's conditions that do not pass when nothing is missing.
    """

    rule: str
    found: tuple[Triple, ...]
    missing: tuple[Pattern, ...]
    failed: int = 0


def why_not(closure: Closure, triple: Triple, limit: int = 10) -> list[NearMiss]:
    """The nearest match of each rule that has such a conclusion, those that lack least first.

    Empty when the triple holds, or when no rule of the program could give it.
    """
    if triple in closure:
        return []
    machine = closure.machine
    for term in triple:
        machine.intern(term)
    found = {miss for compiled in _could_give(machine, triple) if (miss := _nearest(machine, compiled, triple))}
    return sorted(found, key=lambda m: (len(m.missing) + m.failed, m.rule, m.missing, m.found))[:limit]


def _could_give(machine: Machine, triple: Triple) -> Iterator[Compiled]:
    for compiled in machine.compiled:
        if compiled is not None and compiled.clause.body and compiled.clause.head not in compiled.clause.body:
            yield compiled


def _nearest(machine: Machine, compiled: Compiled, triple: Triple) -> NearMiss | None:
    """The match of a clause that leaves the fewest premises open."""
    values = unify(machine, compiled, triple)
    if values is None:
        return None
    atoms = [(relation, args) for relation, (_, args) in zip(compiled.relations, compiled.shape.atoms, strict=True)]
    clause = compiled.clause
    for count in range(len(atoms) + 1):
        best: NearMiss | None = None
        for left_out in combinations(range(len(atoms)), count):
            kept = [atom for k, atom in enumerate(atoms) if k not in left_out]
            for row in islice(match(kept, compiled.constants, list(values)), _LOOK):
                names = zip(compiled.variables, row, strict=True)
                binding: dict[str, Term] = {v: machine.terms[k] for v, k in names if k is not None}
                body = [substitute(pattern, binding) for pattern in clause.body]
                if triple in body:
                    continue
                holds = tuple(pattern for k, pattern in enumerate(body) if k not in left_out)
                missing = tuple(body[k] for k in left_out)
                failed = len(clause.conditions) if not missing else 0
                miss = NearMiss(clause.name, (*clause.axioms, *holds), missing, failed)
                if best is None or miss < best:
                    best = miss
        if best is not None:
            return best
    return None
