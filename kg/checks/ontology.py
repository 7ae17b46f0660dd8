"""Checking the ontology: what every term needs, and what goes round in a circle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from kg.checks.entities import language_of
from kg.checks.schema import DATA, OBJECT, Schema, ancestors, kind_of, name_of
from kg.checks.terms import Uses
from kg.errors import Problem
from kg.model import Term, text_of
from kg.vocab import DCTERMS, OWL, RDF, RDFS, SKOS, iri, kg, local_name

__all__ = ["ontology_problems"]

_LABEL, _DEFINITION = iri(RDFS + "label"), iri(SKOS + "definition")
_FIRST, _REST, _NIL = iri(RDF + "first"), iri(RDF + "rest"), iri(RDF + "nil")
_CHAIN, _INVERSE = iri(OWL + "propertyChainAxiom"), iri(OWL + "inverseOf")


def ontology_problems(schema: Schema, uses: Uses, wanted: frozenset[str]) -> Iterator[Problem]:
    """What is wrong with the ontology by itself (KG43x). ``wanted`` are the languages that labels must have."""
    # Here a deprecated term is defined, not used.
    yield from (p for p in uses.problems(schema.triples.items()) if p.code != "KG408")
    yield from _needs(schema, wanted)
    yield from _labels(schema)
    yield from _cycles(schema, iri(RDFS + "subClassOf"))
    yield from _cycles(schema, iri(RDFS + "subPropertyOf"))
    yield from _chains(schema)
    yield from _background(schema, uses.entities)


def _needs(schema: Schema, wanted: frozenset[str]) -> Iterator[Problem]:
    labels: dict[Term, set[str]] = defaultdict(set)
    defined, kinds = set(), set()
    for subject, predicate, value in schema.triples:
        if predicate == _LABEL:
            labels[subject].add(language_of(value))
        elif predicate in (_DEFINITION, iri(RDFS + "comment")):
            defined.add(subject)
        elif predicate == kg("temporalKind"):
            kinds.add(subject)
    for term, types in schema.types.items():
        if not schema.ours(term):
            continue
        name, place = name_of(term), schema.places[term]
        if not labels[term]:
            yield Problem("KG431", f"{name} has no label", place, "rdfs:label in every language.", "warning")
        elif missing := wanted - labels[term]:
            what = ", ".join(sorted(missing))
            yield Problem("KG433", f"{name} has no label in {what}", place, "rdfs:label", "warning")
        if term not in defined:
            yield Problem("KG432", f"{name} has no definition", place, "skos:definition, one sentence.", "warning")
        if types & {OBJECT, DATA} and term not in kinds:
            remedy = "kg:EventKind, kg:PersistentState, kg:BoundedState or kg:Timeless."
            yield Problem("KG437", f"{name} has no kg:temporalKind", place, remedy, "warning")


def _labels(schema: Schema) -> Iterator[Problem]:
    """Two terms of one kind (class, property or individual) with one label in one language."""
    seen: dict[tuple[str, str], Term] = {}
    for (subject, predicate, value), place in schema.triples.items():
        if predicate != _LABEL or not schema.ours(subject):
            continue
        key = (kind_of(schema, subject), f"{text_of(value).casefold()}@{language_of(value)}")
        other = seen.setdefault(key, subject)
        if other != subject:
            message = f"{name_of(subject)} and {name_of(other)} have one label: {value}"
            yield Problem("KG434", message, place, "Two terms that mean two things have two names.", "warning")


def _cycles(schema: Schema, relation: Term) -> Iterator[Problem]:
    parents: dict[Term, set[Term]] = defaultdict(set)
    for subject, predicate, value in schema.triples:
        if predicate == relation and subject != value:
            parents[subject].add(value)
    reach = {term: ancestors(term, parents) for term in parents}
    told: set[Term] = set()
    for term in sorted(parents):
        circle = {other for other in reach[term] if term in reach.get(other, ()) and other != term}
        if not circle or term in told:
            continue
        told |= circle | {term}
        names = ", ".join(name_of(t) for t in sorted(circle | {term}))
        place = next(schema.place((term, relation, up)) for up in sorted(parents[term]) if up in circle)
        remedy = "All of these mean the same now: cut the circle, or say owl:equivalentClass or -Property."
        yield Problem("KG435", f"a circle of {local_name(relation)}: {names}", place, remedy)


def _chains(schema: Schema) -> Iterator[Problem]:
    """Chains whose conclusion can become one of their own links, through subproperties, inverses or other chains."""
    lists: dict[Term, dict[Term, Term]] = defaultdict(dict)
    gives: dict[Term, set[Term]] = defaultdict(set)
    chains = []
    for triple, place in schema.triples.items():
        subject, predicate, value = triple
        if predicate in (_FIRST, _REST):
            lists[subject][predicate] = value
        elif predicate == iri(RDFS + "subPropertyOf"):
            gives[subject].add(value)
        elif predicate == _INVERSE:
            gives[subject].add(value)
            gives[value].add(subject)
        elif predicate == _CHAIN:
            chains.append((subject, value, place))
    links = {head: list(_members(head, lists)) for _p, head, _place in chains}
    for conclusion, head, _place in chains:
        for link in links[head]:
            gives[link].add(conclusion)
    for conclusion, head, place in chains:
        reached = ancestors(conclusion, gives)
        back = sorted({link for link in links[head] if link in reached})
        if back:
            text = " ".join(name_of(link) for link in links[head])
            message = f"the chain ( {text} ) of {name_of(conclusion)} feeds itself through {name_of(back[0])}"
            remedy = "One step then gives the next without end of the path: conclude a property of its own."
            yield Problem("KG436", message, place, remedy, "warning")


def _members(head: Term, lists: Mapping[Term, Mapping[Term, Term]]) -> Iterable[Term]:
    seen = set()
    while head != _NIL and head in lists and head not in seen:
        seen.add(head)
        if _FIRST in lists[head]:
            yield lists[head][_FIRST]
        head = lists[head].get(_REST, _NIL)


def _background(schema: Schema, entities: str) -> Iterator[Problem]:
    """What the ontology says of entities needs an axiom node with a source: no document says it."""
    parts: dict[Term, dict[str, Term]] = defaultdict(dict)
    sourced = set()
    for subject, predicate, value in schema.triples:
        if predicate.startswith(f"<{OWL}annotated"):
            parts[subject][local_name(predicate)] = value
        elif predicate == iri(DCTERMS + "source"):
            sourced.add(subject)
    grounded = {
        (p.get("annotatedSource"), p.get("annotatedProperty"), p.get("annotatedTarget"))
        for node, p in parts.items()
        if node in sourced
    }
    for triple, place in schema.triples.items():
        if triple[0].startswith(entities) and triple not in grounded:
            message = f"{local_name(triple[0])} {name_of(triple[1])} {local_name(triple[2])} has no source"
            yield Problem("KG438", message, place, "An owl:Axiom node of the triple with dcterms:source.")
