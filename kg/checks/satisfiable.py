"""Unsatisfiable classes: those that nothing can belong to without a contradiction, and why.

A class is tried by supposing one thing in it and closing that under the rules; what then contradicts itself gives
the steps. In OWL 2 RL that finds what the rules can find (Profiles, section 4.3), which is sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from kg.checks.axioms_in_words import AxiomWords
from kg.checks.schema import CLASS, TYPE, Nodes, Schema, name_of, nameless
from kg.errors import Problem
from kg.model import Term, Triple
from kg.reasoner import close, refutations
from kg.vocab import OWL, iri

if TYPE_CHECKING:
    from kg.reasoner import Proof

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


def unsatisfiable(schema: Schema, nodes: Nodes) -> Iterator[Problem]:
    """Each class that nothing can be in (KG443), with what its shortest way to a contradiction rests on."""
    if not any(term in _REASONS for triple in schema.triples for term in triple[1:]):
        return
    # The reasoner stands earlier in the flow; only this check needs it, and only when something can be refused.

    supposed = {f"<{_TRIAL}{number}>": term for number, term in enumerate(schema.of_kind(CLASS))}
    closure = close([*schema.triples, *((member, TYPE, term) for member, term in supposed.items())])
    best: dict[Term, tuple[_Cost, list[Triple]]] = {}
    for found, proofs in refutations(closure):
        leaves = list(_leaves(proofs))
        cost = (sum(proof.size() for proof in proofs), len(leaves), found.rule)
        for member in {term for triple in leaves for term in triple if term in supposed}:
            if member not in best or cost < best[member][0]:
                best[member] = (cost, leaves)
    words = AxiomWords(nodes, name_of)
    for member in sorted(best, key=lambda member: supposed[member]):
        (_size, _number, rule), leaves = best[member]
        term = supposed[member]
        steps = " ".join(dict.fromkeys(filter(None, (_said(triple, words, supposed) for triple in leaves))))
        message = f"nothing can be a {name_of(term)} ({rule}): {steps}"
        yield Problem("KG443", message, schema.places[term], "Loosen one of the axioms that it rests on.")


#: Rule applications, asserted triples, and the name of the rule that is contradicted.
_Cost = tuple[int, int, str]


def _leaves(proofs: Iterable[Proof]) -> Iterator[Triple]:
    """The asserted triples that proofs rest on, each once, in the order of the steps."""
    yield from dict.fromkeys(step.conclusion for proof in proofs for step in proof.ordered() if step.rule is None)


def _said(triple: Triple, words: AxiomWords, supposed: Mapping[Term, Term]) -> str:
    """An axiom in words; nothing for what was supposed, and for parts of lists and of restrictions."""
    if triple[0] in supposed:
        return ""
    said = words.axiom(triple)
    if not said and not nameless(triple[0]) and not triple[2].startswith(f"<{OWL}"):
        # What the background says of an entity.
        said = [triple[0], " ", triple[1], " ", triple[2], "."]
    return "".join(name_of(part) if part.startswith("<") else part for part in said)
