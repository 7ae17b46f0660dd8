"""What stops the project's own rules: for each instance of a rule with NOT EXISTS, the facts that it must miss.

A view of a date is closed so that a rule with NOT EXISTS works whatever may hold at other dates; each of its
instances then carries the facts that stop it, and its validity leaves out the days on which they hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.graph.validity import Instance
from kg.model import Term, Triple

if TYPE_CHECKING:
    from kg.reasoner import Clause, Closure, Derivation, Program

__all__ = ["asks_for_absence", "instances_with_absence"]


def asks_for_absence(program: Program) -> bool:
    """Whether a program has a rule with NOT EXISTS."""
    return any(clause.negative for clause in program.clauses)


def instances_with_absence(closure: Closure) -> Iterator[Instance[Triple]]:
    """Every one-step rule instance of a closure, each with the sets of its facts that would stop it."""
    negative: dict[str, list[Clause]] = {}
    for clause in closure.clauses():
        if clause.negative:
            negative.setdefault(clause.name, []).append(clause)
    for step in closure.instances():
        clauses = negative.get(step.rule, ())
        yield Instance(step.conclusion, step.premises, tuple(_stoppers(closure, clauses, step)), step.rule)


def _stoppers(closure: Closure, clauses: list[Clause] | tuple[()], step: Derivation) -> Iterator[tuple[Triple, ...]]:
    from kg.reasoner import substitute

    for clause in clauses:
        binding = _binding(clause, step)
        if binding is None:
            continue
        for condition in clause.conditions:
            if condition.kind == "absent":
                patterns, filters, outer = condition.detail
                known = {name: binding[name] for name in outer}
                for found in closure.solutions(patterns, filters, known):
                    yield tuple(substitute(pattern, found) for pattern in patterns)
        return


def _binding(clause: Clause, step: Derivation) -> dict[str, Term] | None:
    """The values of a clause's variables in one of its steps; None when the step is another clause's."""
    axioms = len(clause.axioms)
    if step.premises[:axioms] != clause.axioms or len(step.premises) != axioms + len(clause.body):
        return None
    binding: dict[str, Term] = {}
    for pattern, triple in zip(clause.body, step.premises[axioms:], strict=True):
        for name, term in zip(pattern, triple, strict=True):
            if (binding.setdefault(name, term) if name.startswith("?") else name) != term:
                return None
    return binding
