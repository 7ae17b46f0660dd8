"""The support of a triple of a view: claims, axioms of the ontology, descriptions of entities and documents.

A triple of the query graph is a fact that claims state, a fact that a rule gives, an axiom, an entity's
description, or something said of a claim, a statement node or a document. Each leads to its leaves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from kg.checks.axioms_in_words import AxiomWords
from kg.checks.terms import FIRST, REST, Nodes
from kg.graph.store import Graph
from kg.model import Claim, Document, Term, Triple, text_of
from kg.reasoner import Proof, Search, all_proofs
from kg.status import status_by
from kg.timeline.dates_in_words import claimed
from kg.vocab import OWL, RDF, RDFS, kg

if TYPE_CHECKING:
    from kg.corpus.anchors import Texts

_SCHEMA = (f"<{RDFS}", f"<{OWL}", f"<{RDF}first", f"<{RDF}rest")
_SUPPORT = (kg("supportedBy"), kg("supportedByDocument"))
_OF_THINGS = (f"<{OWL}sameAs>", f"<{OWL}differentFrom>")


@dataclass(frozen=True, slots=True)
class Reference:
    """A leaf of a proof, as the list below an answer shows it.

    ``kind`` is ``claim``, ``rule`` (a rule with the axioms it stands on), ``background`` (a fact that no document
    states, with its source in the ontology), ``axiom``, ``entity``, ``document`` or ``link``; ``key`` tells
    references apart; ``line`` is the text of the list; ``source`` a claim's IRI or a ``file:line``.
    """

    kind: str
    key: str
    line: str
    source: str


@dataclass(frozen=True, slots=True)
class TripleSupport:
    """A triple with its support: its status in the view, its leaves, and its proof if it was inferred.

    ``status`` is ``stated``, ``inferred``, ``axiom``, ``entity`` or ``record`` (said of a claim, statement,
    document or period by the build).
    """

    triple: Triple
    status: str
    references: tuple[Reference, ...]
    leaves: tuple[Triple, ...] = ()
    proof: Proof | None = None


class SupportFinder:
    """Finds the support of triples in one graph's view."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.index = graph.index
        self.facts = graph.facts
        self._of_statements = graph.project.iri("statement", "")[:-1]
        self._known: dict[Triple, TripleSupport] = {}
        self._claims: dict[Term, Reference] = {}
        self._search = Search(self.facts)  # one for all proofs: it caches what it found

    @classmethod
    def of(cls, graph: Graph) -> SupportFinder:
        """The finder of a graph, made once: it caches what it found while the graph is open."""
        known: SupportFinder | None = graph.memo.get("grounds")
        if known is None or known.facts is not graph.facts:
            known = graph.memo["grounds"] = cls(graph)
        return known

    def __reduce__(self) -> tuple[object, ...]:
        """Workers send only the graph that it belongs to."""
        return SupportFinder.of, (self.graph,)

    def statement(self, node: Term) -> Triple | None:
        """The triple of a statement node; None for any other term."""
        if not node.startswith(self._of_statements):
            return None
        return self.index.triple_of(node[len(self._of_statements) : -1])

    def ground(self, triple: Triple) -> TripleSupport:
        """The support of a triple of the query graph."""
        known = self._known.get(triple)
        if known is None:
            known = self._known[triple] = self._ground(triple)
        return known

    def _ground(self, triple: Triple) -> TripleSupport:
        if claims := self.facts.stating(triple):
            return TripleSupport(triple, "stated", tuple(self.claim_reference(claim) for claim in claims), (triple,))
        if self.index.place(triple, "ontology"):
            return TripleSupport(triple, "axiom", (self.axiom_reference(triple),), (triple,))
        if self.index.place(triple, "entities"):
            return TripleSupport(triple, "entity", (self.entity_reference(triple),), (triple,))
        if claim := self.index.claim(triple[0]):
            return TripleSupport(triple, "record", (self.claim_reference(claim),))
        if content := self.statement(triple[0]):
            return self._statement(triple, content)
        proof = self.proof(triple)
        if proof is not None:
            return self._proved(triple, proof)
        return TripleSupport(triple, "record", tuple(self._record_references(triple)))

    def dating(self, triple: Triple) -> list[Reference]:
        """The claims and background axioms that bound the dates which the claims of a stated fact leave open."""
        if not self.facts.is_stated(triple):
            return []
        from kg.graph.difference import bounding

        own = {claim.iri for claim in self.facts.stating(triple)}
        found: dict[str, Reference] = {}
        for fact in bounding(self.facts, triple):
            claims = self.facts.support(triple) or [] if fact == triple else self.facts.stating(fact)
            found |= {claim.iri: self.claim_reference(claim) for claim in claims if claim.iri not in own}
            if fact[1] == triple[1] and fact != triple:
                found |= self._one_at_a_time(fact[1])
        return list(found.values())

    def _one_at_a_time(self, predicate: Term) -> dict[str, Reference]:
        """The background axiom that a property has one value at a time, by the name of its node."""
        nodes = self.index.given_with((f"<{OWL}annotatedSource>",), "ontology")
        found = {}
        for node in (node for node, _p, source in nodes if source == predicate):
            if place := self.index.place((node, f"<{OWL}annotatedProperty>", kg("oneAtATime")), "ontology"):
                line = f"background: {self.graph.label(node)} ({place})"
                found[node] = Reference("background", node, line, str(place))
        return found

    def proof(self, triple: Triple) -> Proof | None:
        """The canonical proof of an inferred triple."""
        return self._search.prove(triple)

    def _statement(self, triple: Triple, content: Triple) -> TripleSupport:
        """A triple about a statement node rests on what the statement says, or on the claims that state it.

        A period also rests on what bounds it; that a document or claim supports it, on a proof that uses that.
        """
        if content in self.facts:
            inner = self._using(content, triple[2]) if triple[1] in _SUPPORT else self.ground(content)
            dating = [r for leaf in inner.leaves for r in self.dating(leaf)] if triple[1] == kg("period") else []
            references = {reference.key: reference for reference in (*dating, *inner.references)}
            return TripleSupport(triple, "record", tuple(references.values()), inner.leaves, inner.proof)
        claims = self.index.claims_stating(content)
        return TripleSupport(triple, "record", tuple(self.claim_reference(claim) for claim in claims))

    def _using(self, content: Triple, source: Term) -> TripleSupport:
        """A fact's ground by its first proof that rests on a document or claim; its canonical one where none does."""
        known = self.ground(content)
        by_claim = self._from(known, source)
        if known.status == "stated" and by_claim:
            return replace(known, references=by_claim)
        if by_claim:
            return known
        proofs = (self._proved(content, proof) for proof in all_proofs(self.facts, content) if proof.rule)
        return next((found for found in proofs if self._from(found, source)), known)

    def _from(self, ground: TripleSupport, source: Term) -> tuple[Reference, ...]:
        """The references of a ground to claims of a document, or to a claim."""
        claims = {r: self.index.claim(r.source) for r in ground.references if r.kind == "claim"}
        start = self.graph.project.iri("document", "")[:-1]
        return tuple(r for r, c in claims.items() if c and source in (c.iri, f"{start}{c.document}>"))

    def _proved(self, triple: Triple, proof: Proof) -> TripleSupport:
        references: dict[str, Reference] = {}
        rules: dict[str, Reference] = {}
        leaves: dict[Triple, None] = {}
        for step in proof.ordered():
            if step.rule is not None:
                reference = self.rule_reference(step)
                rules[reference.key] = reference
            else:
                leaves[step.conclusion] = None
                if not self.is_schema(step.conclusion):
                    references |= {reference.key: reference for reference in self.ground(step.conclusion).references}
        return TripleSupport(triple, "inferred", (*references.values(), *rules.values()), tuple(leaves), proof)

    def is_schema(self, triple: Triple) -> bool:
        """Whether a triple is an axiom on terms, which the words of a rule say; background facts are not."""
        return _says_of_terms(triple) and self.index.place(triple, "ontology") is not None

    def is_axiom(self, triple: Triple) -> bool:
        """Whether a triple is an axiom on terms that the ontology has or that follows; not what facts say."""
        if not _says_of_terms(triple) or self.is_schema(triple):
            return _says_of_terms(triple)
        given = self.facts.is_stated(triple) or self.index.place(triple, "entities") is not None
        return not given and triple[1] not in _OF_THINGS

    def _record_references(self, triple: Triple) -> list[Reference]:
        if document := self._document(triple[0]):
            line = f"{document.slug}: description of the document ({document.place})"
            return [Reference("document", document.iri, line, str(document.place))]
        if link := self.index.link(triple[0]):
            return [Reference("link", link.iri, f"{link.document}, link: {link.why} ({link.place})", str(link.place))]
        return []

    def _document(self, node: Term) -> Document | None:
        """The document that a node is, or is a passage of."""
        start = self.graph.project.iri("document", "")[:-1]
        slug = node[len(start) : -1].partition("#")[0] if node.startswith(start) else ""
        return self.index.document(slug) if slug in self.index.documents else None

    # -- references

    def claim_reference(self, claim: Claim) -> Reference:
        """``sputnik-2017 11.1, stated, published 2017-04-10: …``, with the holder where it is not the author."""
        known = self._claims.get(claim.iri)
        if known is None:
            known = self._claims[claim.iri] = self._claim_reference(claim)
        return known

    def _claim_reference(self, claim: Claim) -> Reference:
        places = ", ".join(claim.passages)
        mode = status_by(claim, self.graph.label)
        if through := " and ".join(map(self.graph.label, claim.reporters)):
            mode += f", reported by {through}"
        hedges = [text_of(o) for _s, p, o in claim.metadata if p == kg("hedge")]
        if hedges:
            mode += f", hedged “{', '.join(hedges)}”"
        mode += f", {claimed(claim.times, self.index.document(claim.document).published)}"
        return Reference("claim", claim.iri, f"{claim.document} {places}, {mode}: {claim.gloss}", claim.iri)

    def axiom_reference(self, triple: Triple) -> Reference:
        """An axiom or a term's description, by file and line."""
        place = self.index.place(triple, "ontology")
        kind, said = ("axiom", "ontology") if self.is_schema(triple) else ("background", "background")
        return Reference(kind, " ".join(triple), f"{said}: {self.words(triple)} ({place})", str(place))

    def entity_reference(self, triple: Triple) -> Reference:
        """An entity's description: one reference for all that its file says of it."""
        place = self.index.place(triple, "entities")
        line = f"entity: {self.graph.label(triple[0])} ({place.file if place else ''})"
        return Reference("entity", triple[0], line, str(place))

    def rule_reference(self, step: Proof) -> Reference:
        """A rule application: the rule in words, with its axioms' place in the ontology."""
        # Also an axiom that itself was inferred says what the rule does; only its place is not one line.
        axioms = [p.conclusion for p in step.premises if _says_of_terms(p.conclusion)]
        places = [str(place) for axiom in axioms if (place := self.index.place(axiom, "ontology"))]
        rule = step.rule or ""
        text = self.rule_words(rule, axioms)
        line = f"rule: {text} ({rule}{'; ' + places[0] if places else ''})"
        return Reference("rule", line, line, places[0] if places else rule)

    @cached_property
    def _lists(self) -> Nodes:
        return Nodes(self.index.given_with((FIRST, REST), "ontology"))

    def rule_words(self, rule: str, axioms: Iterable[Triple]) -> str:
        """A rule in words: the summary of one of the project's own, else the words for the W3C's."""
        return self.graph.rule_summaries.get(rule) or AxiomWords(self._lists, self.graph.label).rule(rule, axioms)

    def words(self, triple: Triple) -> str:
        """A triple in labels."""
        return self.graph.label.sentence(triple)


def sentences_of(graph: Graph, reference: Reference, texts: Texts | None) -> list[str]:
    """The sentences of a claim's passages, if you have the texts."""
    claim = graph.index.claim(reference.source)
    if claim is None or texts is None:
        return []
    return [text for place in claim.passages if (text := texts.sentence(claim.document, place))]


def _says_of_terms(triple: Triple) -> bool:
    """Whether a triple has the form of an axiom about terms, such as that a property is transitive."""
    _s, predicate, value = triple
    return predicate.startswith(_SCHEMA) or (predicate == f"<{RDF}type>" and value.startswith(f"<{OWL}"))
