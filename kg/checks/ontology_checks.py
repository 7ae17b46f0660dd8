"""Checking the ontology: labels and definitions, circles, kinds of terms in axioms, mappings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from kg.checks.entity_checks import language_of
from kg.checks.owl import DATATYPES
from kg.checks.terms import (
    CLASS,
    DATA,
    NOTE,
    OBJECT,
    Schema,
    Uses,
    ancestors,
    deprecation,
    kind_of,
    name_of,
    nameless,
    relations,
    term_problems,
)
from kg.corpus.read import MATCHES, Corpus, alignments
from kg.errors import Place, Problem
from kg.model import Term, Triple, is_literal, text_of
from kg.vocab import DCTERMS, OWL, RDFS, SKOS, XSD, iri, kg, local_name

_LABEL, _DEFINITION = iri(RDFS + "label"), iri(SKOS + "definition")
_SUB_CLASS, _SUB_PROPERTY = iri(RDFS + "subClassOf"), iri(RDFS + "subPropertyOf")
_EQUIVALENT = {_SUB_CLASS: iri(OWL + "equivalentClass"), _SUB_PROPERTY: iri(OWL + "equivalentProperty")}
_INTERSECTION, _UNION = iri(OWL + "intersectionOf"), iri(OWL + "unionOf")
_CHAIN, _INVERSE = iri(OWL + "propertyChainAxiom"), iri(OWL + "inverseOf")
#: What names a term in order to say that it has had its day.
_FAREWELL = {iri(DCTERMS + "replaces")}


def ontology_problems(schema: Schema, uses: Uses, wanted: frozenset[str]) -> Iterator[Problem]:
    """The problems of the ontology by itself (KG43x). ``wanted`` are the languages that labels must have."""
    # Here a deprecated term is also defined: see _deprecated.
    yield from (p for p in uses.problems(schema.triples.items()) if p.code != "KG408")
    yield from _deprecated(schema)
    yield from _needs(schema, wanted)
    yield from _labels(schema)
    yield from _cycles(schema, _SUB_CLASS)
    yield from _cycles(schema, _SUB_PROPERTY)
    yield from _chains(schema)
    yield from _background(schema, uses.entities)


def _deprecated(schema: Schema) -> Iterator[Problem]:
    """Deprecated terms in statements about other terms; statements about themselves keep their meaning."""
    for triple, place in schema.triples.items() if schema.deprecated else ():
        subject, predicate, value = triple
        named = [term for term in dict.fromkeys((predicate, value)) if term in schema.deprecated]
        if named and predicate not in _FAREWELL and schema.nodes.owners(subject) - schema.deprecated.keys():
            yield from (deprecation(term, schema, place) for term in named)


def _needs(schema: Schema, wanted: frozenset[str]) -> Iterator[Problem]:
    labels: dict[Term, set[str]] = defaultdict(set)
    defined, kinds = set(), set()
    for subject, predicate, value in schema.triples:
        if predicate == _LABEL and text_of(value).strip():
            labels[subject].add(language_of(value))
        elif predicate in (_DEFINITION, iri(RDFS + "comment")) and text_of(value).strip():
            defined.add(subject)
        elif predicate == kg("temporalKind"):
            kinds.add(subject)
    for term, types in schema.types.items():
        if not schema.ours(term):
            continue
        name, place = name_of(term), schema.places[term]
        if not labels[term]:
            yield Problem("KG431", f"{name} has no label", place, "Add an rdfs:label in every language.", "warning")
        elif missing := wanted - labels[term]:
            what = ", ".join(sorted(missing))
            yield Problem("KG433", f"{name} has no label in {what}", place, "Add rdfs:label.", "warning")
        if term not in defined:
            yield Problem(
                "KG432", f"{name} has no definition", place, "Add one sentence: skos:definition.", "warning"
            )
        if types & {OBJECT, DATA} and term not in kinds:
            remedy = "Add kg:EventKind, kg:PersistentState, kg:BoundedState or kg:Timeless."
            yield Problem("KG437", f"{name} has no kg:temporalKind", place, remedy, "warning")


def _labels(schema: Schema) -> Iterator[Problem]:
    """Two terms with one label in one language, of whatever kinds; but see ``_told_apart``."""
    seen: dict[tuple[str, str], list[Term]] = defaultdict(list)
    for (subject, predicate, value), place in schema.triples.items():
        if predicate != _LABEL or not schema.ours(subject):
            continue
        others = seen[text_of(value).casefold(), language_of(value)]
        other = next((term for term in others if not _told_apart(subject, term, schema)), None)
        if other:
            message = f"{name_of(subject)} and {name_of(other)} have the same label: {value}"
            yield Problem("KG434", message, place, "Give one of the terms another label.", "warning")
        others.append(subject)


def _told_apart(one: Term, other: Term, schema: Schema) -> bool:
    """Whether one label does no harm: a property may be called what its domain or range is.

    So may a class and a property of two vocabularies: who writes the one does not choose the words of the other.
    """
    ends = {term: {*schema.domains.get(term, ()), *schema.ranges.get(term, ())} for term in (one, other)}
    foreign = one.rpartition("#")[0] != other.rpartition("#")[0] and kind_of(schema, one) != kind_of(schema, other)
    return one == other or one in ends[other] or other in ends[one] or foreign


def _cycles(schema: Schema, relation: Term) -> Iterator[Problem]:
    """Circles of subterms, also through declared equivalences; what is only declared to be the same is none."""
    above = _above(schema, relation)
    same = relations(schema.triples, both=(_EQUIVALENT[relation],))
    edges = {term: {*above.get(term, ()), *same.get(term, ())} for term in {*above, *same}}
    reach = {term: ancestors(term, edges) for term in edges}
    told: set[Term] = set()
    for term in sorted(edges):
        circle = {other for other in reach[term] if term in reach.get(other, ())}
        if term in told or circle <= ancestors(term, same):
            continue
        told |= circle
        names = ", ".join(name_of(t) for t in sorted(circle) if not nameless(t))
        first = next(above[sub][up] for sub in sorted(circle) for up in sorted(circle) if up in above.get(sub, ()))
        remedy = "Break the cycle, or state that the terms are equivalent (owl:equivalentClass or -Property)."
        yield Problem("KG435", f"{local_name(relation)} forms a cycle: {names}", schema.triples.get(first), remedy)


def _above(schema: Schema, relation: Term) -> Mapping[Term, Mapping[Term, Triple]]:
    """For each term those that stand right above it, each with the triple that says so.

    Of classes also by lists: an intersection is a subclass of its members, a union has them as subclasses.
    """
    found: dict[Term, dict[Term, Triple]] = defaultdict(dict)
    for triple in schema.triples:
        subject, predicate, value = triple
        if predicate == relation and subject != value:
            found[subject].setdefault(value, triple)
        elif relation == _SUB_CLASS and predicate in (_INTERSECTION, _UNION):
            for member in schema.nodes.members(value):
                sub, up = (subject, member) if predicate == _INTERSECTION else (member, subject)
                if sub != up:
                    found[sub].setdefault(up, triple)
    return found


def _chains(schema: Schema) -> Iterator[Problem]:
    """Chains whose conclusion can become one of their own links.

    It can through properties above it, the same as it or inverse to it, and through other chains.
    """
    chains = [(triple, place) for triple, place in schema.triples.items() if triple[1] == _CHAIN]
    links = {head: list(schema.nodes.members(head)) for (_p, _chain, head), _place in chains}
    gives = relations(schema.triples, _SUB_PROPERTY, both=(_INVERSE, _EQUIVALENT[_SUB_PROPERTY]))
    for (conclusion, _chain, head), _place in chains:
        for link in links[head]:
            gives.setdefault(link, set()).add(conclusion)
    for (conclusion, _chain, head), place in chains:
        reached = ancestors(conclusion, gives)
        back = sorted({link for link in links[head] if link in reached})
        if back:
            text = " ".join(name_of(link) for link in links[head])
            message = f"the chain ( {text} ) of {name_of(conclusion)} is recursive through {name_of(back[0])}"
            remedy = "Let the chain imply a property that is no link of it: else paths grow without end."
            yield Problem("KG436", message, place, remedy, "warning")


def _background(schema: Schema, entities: str) -> Iterator[Problem]:
    """Background facts about entities without an axiom node that names a source (KG438)."""
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
            yield Problem("KG438", message, place, "Describe the triple in an owl:Axiom with dcterms:source.")


_CLASS, _DATATYPE = "a class", "a datatype"
_OBJECT, _DATA, _NOTE = "an object property", "a datatype property", "an annotation property"
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


def kind_problems(uses: Uses) -> Iterator[Problem]:
    """Classes, properties, datatypes and things in axioms that take something else (KG406)."""
    for triple, place in uses.schema.triples.items():
        subject, predicate, value = triple
        if predicate == _CHAIN:
            for term in (subject, *uses.schema.nodes.members(value)):
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
        remedy = f"Use {' or '.join(dict.fromkeys(wanted))} here."
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


def alignment_problems(corpus: Corpus, schema: Schema) -> Iterator[Problem]:
    """Mappings of terms that the ontology lacks or deprecates (KG401, 408), and those without reasons (KG447)."""
    justified = {mapping.axiom for mapping in alignments(corpus) if mapping.justification}
    for triple, place in corpus.alignments.items():
        subject, predicate, value = triple
        if predicate not in MATCHES:
            continue
        yield from term_problems(subject, schema, place)
        if triple not in justified:
            message = f"the mapping of {name_of(subject)} to {name_of(value)} has no justification"
            remedy = "Describe the triple in an owl:Axiom with sssom:mapping_justification."
            yield Problem("KG447", message, place, remedy, "warning")
