"""Properties that must be simple: where OWL 2 DL bars those that a chain or transitivity makes.

OWL 2 Structural Specification (second edition), section 11: a property is composite when it is transitive, when a
chain concludes it, or when a property below it, the same as it or inverse to it is composite; all others are simple.
The rules of OWL 2 RL are sound all the same; reasoners for OWL 2 DL refuse the ontology.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from kg.checks.nodes import Nodes
from kg.checks.schema import TYPE, Schema, ancestors, name_of
from kg.errors import Problem
from kg.model import Term, Triple
from kg.vocab import OWL, RDFS, iri, local_name

__all__ = ["simple_problems"]

_TRANSITIVE, _CHAIN = iri(OWL + "TransitiveProperty"), iri(OWL + "propertyChainAxiom")
_TYPES = {
    iri(OWL + "AsymmetricProperty"): "asymmetric",
    iri(OWL + "IrreflexiveProperty"): "irreflexive",
    iri(OWL + "FunctionalProperty"): "functional",
    iri(OWL + "InverseFunctionalProperty"): "inverse functional",
}
_COUNTS = [
    iri(OWL + name)
    for name in (
        *("maxCardinality", "minCardinality", "cardinality"),
        *("maxQualifiedCardinality", "minQualifiedCardinality", "qualifiedCardinality"),
    )
]


def simple_problems(schema: Schema, nodes: Nodes) -> Iterator[Problem]:
    """Composite properties where OWL 2 DL takes simple ones (KG448)."""
    composite = _composite(schema)
    for triple, place in schema.triples.items() if composite else ():
        for term, use in _uses(triple, nodes):
            if term in composite:
                message = f"{name_of(term)} is {use} and not simple: {composite[term]}"
                remedy = "OWL 2 DL takes a simple property there: drop one of the two, or exempt it with a reason."
                yield Problem("KG448", message, place, remedy, "warning")


def _composite(schema: Schema) -> Mapping[Term, str]:
    """Each composite property with what makes it so."""
    above: dict[Term, set[Term]] = defaultdict(set)
    reasons: dict[Term, str] = {}
    for subject, predicate, value in schema.triples:
        if predicate == iri(RDFS + "subPropertyOf"):
            above[subject].add(value)
        elif predicate in (iri(OWL + "equivalentProperty"), iri(OWL + "inverseOf")):
            above[subject].add(value)
            above[value].add(subject)
        elif predicate == _CHAIN:
            reasons[subject] = "a chain makes it"
        elif (predicate, value) == (TYPE, _TRANSITIVE):
            reasons[subject] = "it is transitive"
    found = dict(reasons)
    for origin in sorted(reasons):
        for term in ancestors(origin, above):
            found.setdefault(term, f"{name_of(origin)} makes it")
    return found


def _uses(triple: Triple, nodes: Nodes) -> Iterator[tuple[Term, str]]:
    """The properties that an axiom takes simple ones for, with what it says of them."""
    subject, predicate, value = triple
    if predicate == TYPE and value in _TYPES:
        yield subject, _TYPES[value]
    elif predicate == iri(OWL + "propertyDisjointWith"):
        yield from ((term, "disjoint with another") for term in (subject, value))
    elif predicate == iri(OWL + "members"):
        if iri(OWL + "AllDisjointProperties") in nodes.values(subject, TYPE):
            yield from ((term, "disjoint with another") for term in nodes.members(value))
    elif predicate in _COUNTS or predicate == iri(OWL + "hasSelf"):
        use = f"under owl:{local_name(predicate)}"
        yield from ((term, use) for term in nodes.values(subject, iri(OWL + "onProperty")))
