"""Whether what stands in an axiom is of the kind that it takes: parents, domains, ranges, inverses, chains."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from kg.checks.nodes import Nodes
from kg.checks.profile import DATATYPES
from kg.checks.schema import CLASS, DATA, NOTE, OBJECT, name_of
from kg.checks.terms import Uses
from kg.errors import Place, Problem
from kg.model import Term, Triple, is_literal
from kg.vocab import OWL, RDFS, XSD, iri

__all__ = ["kind_problems"]

_CLASS, _DATATYPE, _OBJECT, _DATA, _NOTE = (
    "a class",
    "a datatype",
    "an object property",
    "a datatype property",
    "an annotation property",
)
_BY_TYPE: Mapping[Term, str] = {
    CLASS: _CLASS,
    iri(RDFS + "Class"): _CLASS,
    iri(OWL + "Restriction"): _CLASS,
    iri(RDFS + "Datatype"): _DATATYPE,
    OBJECT: _OBJECT,
    DATA: _DATA,
    NOTE: _NOTE,
}
_CLASSES = {iri(OWL + "Thing"), iri(OWL + "Nothing"), iri(RDFS + "Resource")}
_PROPERTIES = (_OBJECT, _DATA, _NOTE)
#: What an axiom's subject may be, and for each of these what its object may be.
_TAKES: Mapping[Term, Mapping[str, Collection[str]]] = {
    iri(RDFS + "subClassOf"): {_CLASS: (_CLASS,)},
    iri(OWL + "equivalentClass"): {_CLASS: (_CLASS,), _DATATYPE: (_DATATYPE,)},
    iri(OWL + "disjointWith"): {_CLASS: (_CLASS,)},
    iri(OWL + "complementOf"): {_CLASS: (_CLASS,)},
    iri(RDFS + "subPropertyOf"): {kind: (kind,) for kind in _PROPERTIES},
    iri(OWL + "equivalentProperty"): {_OBJECT: (_OBJECT,), _DATA: (_DATA,)},
    iri(OWL + "propertyDisjointWith"): {_OBJECT: (_OBJECT,), _DATA: (_DATA,)},
    iri(OWL + "inverseOf"): {_OBJECT: (_OBJECT,)},
    iri(RDFS + "domain"): dict.fromkeys(_PROPERTIES, (_CLASS,)),
    iri(RDFS + "range"): {_OBJECT: (_CLASS,), _DATA: (_DATATYPE,), _NOTE: (_CLASS, _DATATYPE)},
}
_CHAIN = iri(OWL + "propertyChainAxiom")


def kind_problems(nodes: Nodes, uses: Uses) -> Iterator[Problem]:
    """Classes, properties, datatypes and things in axioms that take something else (KG406)."""
    for triple, place in uses.schema.triples.items():
        subject, predicate, value = triple
        if predicate == _CHAIN:
            for term in (subject, *nodes.members(value)):
                yield from _wrong(term, uses, (_OBJECT,), triple, place)
        elif takes := _TAKES.get(predicate):
            yield from _wrong(subject, uses, takes, triple, place)
            fitting = [kind for own in _kinds(subject, uses) for kind in takes.get(own, ())]
            if fitting:
                yield from _wrong(value, uses, fitting, triple, place)


def _wrong(term: Term, uses: Uses, wanted: Collection[str], axiom: Triple, place: Place) -> Iterator[Problem]:
    kinds = _kinds(term, uses)
    if kinds and not kinds & set(wanted):
        message = f"{name_of(term)} is {' and '.join(sorted(kinds))}, in {name_of(axiom[1])} of {name_of(axiom[0])}"
        remedy = f"It takes {' or '.join(dict.fromkeys(wanted))}."
        yield Problem("KG406", message, place, remedy)


def _kinds(term: Term, uses: Uses) -> set[str]:
    """The kinds of a term; empty for one of another vocabulary, which only that could tell."""
    if is_literal(term):
        return {"a literal"}
    if term in DATATYPES or term.startswith(f"<{XSD}"):
        return {_DATATYPE}
    if term in _CLASSES:
        return {_CLASS}
    types = uses.schema.types.get(term, set()) | uses.types(term)
    found = {_BY_TYPE[kind] for kind in types if kind in _BY_TYPE}
    named = any(not kind.startswith((f"<{OWL}", f"<{RDFS}")) for kind in types)
    return found or ({"a thing"} if named else set())
