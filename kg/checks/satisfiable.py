"""Unsatisfiable classes: those that nothing can belong to without a contradiction, and why.

A class is tried by supposing one thing in it and closing that under the rules; what then contradicts itself gives
the steps. In OWL 2 RL that finds what the rules can find (Profiles, section 4.3), which is sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kg.checks.schema import CLASS, TYPE, Schema, name_of
from kg.errors import Problem
from kg.model import Term, Triple
from kg.vocab import OWL, iri, local_name

if TYPE_CHECKING:
    from kg.closure import Closure

__all__ = ["unsatisfiable"]

_TRIAL = "urn:kg:supposed:"
#: Without one of these, no class can contradict itself.
_REASONS = {
    iri(OWL + name)
    for name in (
        "Nothing",
        "disjointWith",
        "AllDisjointClasses",
        "complementOf",
        "maxCardinality",
        "maxQualifiedCardinality",
        "IrreflexiveProperty",
        "AsymmetricProperty",
        "propertyDisjointWith",
        "AllDisjointProperties",
        "differentFrom",
        "AllDifferent",
        "sourceIndividual",
    )
}


def unsatisfiable(schema: Schema) -> Iterator[Problem]:
    """Each class that nothing can be in (KG443), with the steps from supposing a member to the contradiction."""
    if not any(term in _REASONS for triple in schema.triples for term in triple[1:]):
        return
    # The reasoner stands later in the flow; only this check needs it, and only when something can be refused.
    from kg.closure import close

    classes = schema.of_kind(CLASS)
    supposed: list[Triple] = [(f"<{_TRIAL}{local_name(term)}>", TYPE, term) for term in classes]
    closure = close([*schema.triples, *supposed])
    told: set[Term] = set()
    for found in closure.inconsistencies:
        members = {term for triple in found.premises for term in triple if term.startswith(f"<{_TRIAL}")}
        for member in sorted(members - told):
            told.add(member)
            term = next(t for t in classes if local_name(t) == member[len(_TRIAL) + 1 : -1])
            steps = "; ".join(dict.fromkeys(_words(t, member) for t in _leaves(closure, found.premises)))
            message = f"nothing can be a {name_of(term)} ({found.rule}): {steps}"
            yield Problem("KG443", message, schema.places[term], "Loosen one of the axioms that it rests on.")


def _leaves(closure: Closure, premises: Iterable[Triple]) -> Iterator[Triple]:
    """The asserted triples that premises rest on, by the step that first gave each."""
    for triple in premises:
        step = closure.step(triple)
        if step is None:
            yield triple
        else:
            yield from _leaves(closure, step.premises)


def _words(triple: Triple, member: Term) -> str:
    return " ".join("it" if term == member else "is a" if term == TYPE else name_of(term) for term in triple)
