"""Terms and entities as what is said of them: nodes without a name written out, so that two versions compare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from kg.model import Term, Triple
from kg.vocab import OWL, RDF, RDFS, SKOS, iri

__all__ = ["DEFINITION", "LABEL", "SKOLEM", "TYPE", "Description", "describe", "descriptions", "kind_of"]

#: What is said of one term: predicate and object, in the form that ``describe`` writes.
Description = frozenset[tuple[Term, str]]

TYPE, LABEL = iri(RDF + "type"), iri(RDFS + "label")
DEFINITION = iri(SKOS + "definition")
_FIRST, _REST, _NIL = (iri(RDF + name) for name in ("first", "rest", "nil"))
#: What marks a name that was given to a node without one.
SKOLEM = "/.well-known/genid/"
_KINDS = {
    iri(OWL + "Class"): "class",
    iri(OWL + "ObjectProperty"): "property",
    iri(OWL + "DatatypeProperty"): "property",
    iri(OWL + "AnnotationProperty"): "property",
    iri(OWL + "Ontology"): "ontology",
}


def descriptions(triples: Iterable[Triple]) -> dict[Term, Description]:
    """What is said of each named subject.

    A node without a name is written out where it is used; one that nothing uses (an ``owl:AllDisjointClasses``)
    stands under what it says.
    """
    by_subject: dict[Term, list[tuple[Term, Term]]] = defaultdict(list)
    used: set[Term] = set()
    for s, p, o in triples:
        by_subject[s].append((p, o))
        if SKOLEM in o:
            used.add(o)
    found = {}
    for subject, pairs in by_subject.items():
        if SKOLEM in subject:
            if subject not in used:
                text = describe(subject, by_subject)
                found[text] = frozenset([("", text)])
            continue
        found[subject] = frozenset((p, describe(o, by_subject)) for p, o in pairs)
    return found


def describe(term: Term, by_subject: Mapping[Term, list[tuple[Term, Term]]], depth: int = 0) -> str:
    """A term as it is; a node without a name as ``( a b )`` or ``[ predicate object … ]``, sorted."""
    if SKOLEM not in term or depth > 20:
        return term
    pairs = by_subject.get(term, [])
    if any(p == _FIRST for p, _o in pairs):
        return f"( {' '.join(_members(term, by_subject, depth))} )"
    parts = sorted(f"{p} {describe(o, by_subject, depth + 1)}" for p, o in pairs)
    return f"[ {' ; '.join(parts)} ]"


def kind_of(description: Description) -> str:
    """``class``, ``property``, ``ontology``, ``axiom`` or ``individual``."""
    for predicate, value in description:
        if predicate == TYPE and value in _KINDS:
            return _KINDS[value]
    return "axiom" if any(not predicate for predicate, _value in description) else "individual"


def _members(head: Term, by_subject: Mapping[Term, list[tuple[Term, Term]]], depth: int) -> list[str]:
    found: list[str] = []
    while head != _NIL and len(found) < len(by_subject):
        pairs = dict(by_subject.get(head, ()))
        if _FIRST not in pairs:
            break
        found.append(describe(pairs[_FIRST], by_subject, depth + 1))
        head = pairs.get(_REST, _NIL)
    return found
