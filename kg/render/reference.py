"""The reference of an ontology: what is known of each term, gathered once, with its axioms and rules in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from kg.checks.axioms_in_words import CHAIN, MEMBERS, WORDS, AxiomWords, Sentence
from kg.checks.terms import CLASS, DATA, NOTE, OBJECT, TYPE, Nodes, Schema, kind_of, name_of, schema_of
from kg.corpus.read import SSSOM, Alignment, alignments
from kg.corpus.turtle import SKOLEM
from kg.labels import shorten
from kg.model import Claim, Term, text_of
from kg.sparql.analysis import named_terms
from kg.vocab import OWL, RDFS, SKOS, iri, kg

if TYPE_CHECKING:
    from kg.corpus.saved_queries import SavedQuery
    from kg.graph.store import Graph
    from kg.reasoner import Clause

Shown = TypeVar("Shown")

_TEMPORAL: Mapping[Term, str] = {
    kg("EventKind"): "{s} is an event: it happens at a time.",
    kg("PersistentState"): "{s} is a lasting state: once begun it holds until something ends it.",
    kg(
        "BoundedState"
    ): "{s} is a bounded state: it is known to hold when it is said to, and possible at other times.",
    kg("Timeless"): "{s} never changes.",
}
# A class's subclasses and properties have lists of their own on its page.
_LISTED = {iri(RDFS + "subClassOf"), iri(RDFS + "subPropertyOf"), iri(RDFS + "domain"), iri(RDFS + "range")}


#: Prefixes of the vocabularies that mappings lead to, beside those known everywhere.
PREFIXES_OF_MAPPINGS: Mapping[str, str] = {
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "sem": "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "semapv": "https://w3id.org/semapv/vocab/",
    "sssom": SSSOM,
}
#: How a term stands to one of another vocabulary, in words.
MAPPED = {
    iri(RDFS + "subClassOf"): "narrower than",
    iri(RDFS + "subPropertyOf"): "narrower than",
    iri(OWL + "equivalentClass"): "the same as",
    iri(OWL + "equivalentProperty"): "the same as",
    iri(SKOS + "exactMatch"): "the same as",
    iri(SKOS + "closeMatch"): "close to",
    iri(SKOS + "broadMatch"): "narrower than",
    iri(SKOS + "narrowMatch"): "broader than",
    iri(SKOS + "relatedMatch"): "related to",
}

_DEFINITION, _COMMENT = iri(SKOS + "definition"), iri(RDFS + "comment")
_SUB_CLASS, _SUB_PROPERTY = iri(RDFS + "subClassOf"), iri(RDFS + "subPropertyOf")
_DOMAIN, _RANGE = iri(RDFS + "domain"), iri(RDFS + "range")
_THING = iri("http://www.w3.org/2002/07/owl#Thing")


class Contents:
    """A graph as its reference shows it. Everything is worked out when it is first asked for, and kept."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.label = graph.label
        self.corpus = graph.corpus
        self.prefixes = graph.project.prefixes

    @cached_property
    def schema(self) -> Schema:
        """The ontology's terms."""
        return schema_of(self.corpus.ontology, self.graph.project.vocabulary[1])

    @cached_property
    def nodes(self) -> Nodes:
        """The ontology by subject."""
        return Nodes(self.corpus.ontology)

    @cached_property
    def words(self) -> AxiomWords:
        """The ontology's axioms in words."""
        return AxiomWords(self.nodes, self.label)

    @cached_property
    def terms(self) -> dict[str, list[Term]]:
        """The project's terms by kind (class, property, individual), each sorted by label."""
        found: dict[str, list[Term]] = {"class": [], "property": [], "individual": []}
        for term in self.schema.types:
            if self.schema.ours(term) and SKOLEM not in term:
                found[kind_of(self.schema, term)].append(term)
        return {kind: sorted(terms, key=self.by_label) for kind, terms in found.items()}

    @cached_property
    def entities(self) -> list[Term]:
        """The entities that are described, sorted by label."""
        return sorted({s for s, p, _o in self.corpus.entities if p == TYPE}, key=self.by_label)

    @cached_property
    def types(self) -> dict[Term, list[Term]]:
        """The kinds of each entity, as its description gives them."""
        found: dict[Term, list[Term]] = defaultdict(list)
        for s, p, o in self.corpus.entities:
            if p == TYPE:
                found[s].append(o)
        return found

    @cached_property
    def instances(self) -> dict[Term, list[Term]]:
        """The entities of each class that are described as such, sorted by label."""
        found: dict[Term, list[Term]] = defaultdict(list)
        for entity in self.entities:
            for kind in self.types[entity]:
                found[kind].append(entity)
        return found

    @cached_property
    def said(self) -> dict[Term, list[tuple[Term, Term]]]:
        """What ontology and entities say of each term."""
        found: dict[Term, list[tuple[Term, Term]]] = defaultdict(list)
        for s, p, o in (*self.corpus.ontology, *self.corpus.entities):
            found[s].append((p, o))
        return found

    def value(self, term: Term, *predicates: Term) -> str:
        """The text of the first of these predicates that is said of a term."""
        said = self.said.get(term, ())
        return next((text_of(o) for predicate in predicates for p, o in said if p == predicate), "")

    def definition(self, term: Term) -> str:
        """What a term means, in one sentence."""
        return self.value(term, _DEFINITION, _COMMENT)

    def values(self, term: Term, predicate: Term) -> list[Term]:
        """What a predicate gives for a term."""
        return [o for p, o in self.said.get(term, ()) if p == predicate]

    def parents(self, term: Term) -> list[Term]:
        """The classes, or properties, right above a term."""
        return sorted({*self.values(term, _SUB_CLASS), *self.values(term, _SUB_PROPERTY)} - {term}, key=self.by_label)

    @cached_property
    def children(self) -> dict[Term, list[Term]]:
        """The classes, or properties, right below each term."""
        found: dict[Term, list[Term]] = defaultdict(list)
        for term in (*self.terms["class"], *self.terms["property"]):
            for parent in self.parents(term):
                found[parent].append(term)
        return found

    @cached_property
    def properties(self) -> dict[Term, tuple[list[Term], list[Term]]]:
        """For each class, the properties said of its members, and those whose values are its members."""
        found: dict[Term, tuple[list[Term], list[Term]]] = defaultdict(lambda: ([], []))
        for term in self.terms["property"]:
            for side, predicate in enumerate((_DOMAIN, _RANGE)):
                for kind in self.values(term, predicate):
                    found[kind][side].append(term)
        return found

    @cached_property
    def claims(self) -> dict[Term, list[Claim]]:
        """The claims that use each term or entity: in their content, or in the statements about them."""
        found: dict[Term, list[Claim]] = defaultdict(list)
        for claim in self.corpus.claims.values():
            used = [term for triple in claim.content for term in triple]
            used += [term for _s, p, o in claim.metadata for term in (p, o)]
            for term in dict.fromkeys((*used, claim.polarity)):
                found[term].append(claim)
        return found

    def members(self, term: Term) -> list[Term]:
        """The entities of a class or of a narrower one, each once."""
        found, waiting, seen = dict.fromkeys(self.instances.get(term, ())), [term], {term}
        while waiting:
            for below in self.children.get(waiting.pop(), ()):
                if below not in seen:
                    seen.add(below)
                    waiting.append(below)
                    found |= dict.fromkeys(self.instances.get(below, ()))
        return list(found)

    def examples(self, claims: Iterable[Claim], most: int = 6) -> list[Claim]:
        """Some of many claims: those taken as facts first, and from as many documents as there are."""
        taken = self.graph.materialised.claims
        by_document: dict[str, list[Claim]] = defaultdict(list)
        for claim in sorted(claims, key=lambda claim: (claim.iri not in taken, claim.iri)):
            by_document[claim.document].append(claim)
        ranked = [(place, slug, claim) for slug, own in by_document.items() for place, claim in enumerate(own)]
        return [claim for _place, _slug, claim in sorted(ranked, key=lambda row: row[:2])[:most]]

    @cached_property
    def queries(self) -> dict[Term, list[SavedQuery]]:
        """The saved queries that name each term or entity, in their text or as a default."""
        found: dict[Term, list[SavedQuery]] = defaultdict(list)
        for name in sorted(self.graph.queries):
            query = self.graph.queries[name]
            named = [*named_terms(query.text), *(f"<{p.default}>" for p in query.parameters if p.default)]
            for term in dict.fromkeys(named):
                found[term].append(query)
        return found

    @cached_property
    def alignments(self) -> dict[Term, list[Alignment]]:
        """The mappings of each term to other vocabularies."""
        found: dict[Term, list[Alignment]] = defaultdict(list)
        for mapping in alignments(self.corpus):
            found[mapping.axiom[0]].append(mapping)
        return found

    @cached_property
    def clauses(self) -> dict[Term, list[Clause]]:
        """The rules, as evaluated against the ontology, that start from a term or conclude it.

        Those that say what another says already (an axiom that was inferred, or about owl:Thing) are left out.
        """
        found: dict[Term, list[Clause]] = defaultdict(list)
        known = self.corpus.ontology
        for clause in self.graph.materialised.load_program().clauses:
            patterns = (*clause.body, *((clause.head,) if clause.head else ()))
            used = {term for pattern in patterns for term in pattern}
            if clause.head in clause.body or _THING in used or any(axiom not in known for axiom in clause.axioms):
                continue
            for term in used:
                found[term].append(clause)
        return found

    def by_label(self, term: Term) -> tuple[str, str]:
        """The order in which things are listed."""
        return self.label(term).casefold(), term

    def short(self, term: Term) -> str:
        """A term as people write it: ``kg:memberOf``."""
        return shorten(term, self.prefixes)

    def kind(self, term: Term) -> str:
        """What kind of term it is: a class, a property of some kind, or the class of an individual."""
        types = self.schema.types.get(term, set())
        words = {CLASS: "class", OBJECT: "property", DATA: "property with a literal", NOTE: "annotation property"}
        found = next((word for kind, word in words.items() if kind in types), "")
        return found or ", ".join(self.label(kind) for kind in sorted(types)) or name_of(term)


def axiom_sentences(contents: Contents, term: Term, but: Container[Term] = ()) -> Iterator[Sentence]:
    """What the ontology's axioms say of a class or property; and those of others that name it in passing.

    Axioms with a predicate in ``but`` are left out.
    """
    words = contents.words
    for predicate, value in contents.said.get(term, ()):
        if predicate in but:
            continue
        if predicate == kg("temporalKind"):
            sentence = words.filled(_TEMPORAL.get(value, ""), {"s": [term]})
        else:
            sentence = words.axiom((term, predicate, value))
        if sentence:
            yield sentence
    for s, p, o in contents.corpus.ontology:
        passing = o == term and p in WORDS and p not in _LISTED
        if (passing or (p in (CHAIN, MEMBERS) and term in contents.nodes.members(o))) and (
            sentence := words.axiom((s, p, o))
        ):
            yield sentence


def rule_sentences(contents: Contents, term: Term) -> tuple[list[tuple[str, Sentence]], list[tuple[str, Sentence]]]:
    """The rules that conclude a term, and those that start from it: each with its name and what it says."""
    concluding: dict[tuple[str, tuple[str, ...]], tuple[str, Sentence]] = {}
    starting: dict[tuple[str, tuple[str, ...]], tuple[str, Sentence]] = {}
    for clause in contents.clauses.get(term, ()):
        sentence = _of_clause(contents, clause)
        target = concluding if clause.head and term in clause.head else starting
        target[clause.name, tuple(sentence)] = (clause.name, sentence)
    return list(concluding.values()), list(starting.values())


def shown(sentence: Sequence[str | Term], show: Callable[[Term], Shown]) -> list[str | Shown]:
    """A sentence with its terms shown."""
    return [show(part) if part.startswith("<") else part for part in sentence]


def _of_clause(contents: Contents, clause: Clause) -> Sentence:
    summary = contents.graph.rule_summaries.get(clause.name)
    if summary or not clause.axioms:
        return [f"{summary or 'by the meaning of the terms'}."]
    return contents.words.axiom(clause.axioms[0]) or [clause.axioms[0][0]]
