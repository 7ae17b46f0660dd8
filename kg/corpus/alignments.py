"""Mappings to other vocabularies: what of them can be reasoned over, and the annotation of each, as SSSOM has it.

A mapping is an axiom (or a SKOS match, which says less) in ``ontology/alignments/``, with a node that annotates it.
They are stored in a graph of their own, and are no part of the ontology unless a build is told to reason over them.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.corpus.read import Corpus
from kg.model import Term, Triple, text_of
from kg.vocab import OWL, RDFS, iri

__all__ = ["JUSTIFICATION", "MATCHES", "SSSOM", "Alignment", "alignments", "take_up_alignments"]

SSSOM = "https://w3id.org/sssom/"
JUSTIFICATION = iri(f"{SSSOM}mapping_justification")
_OBJECT_SOURCE = iri(f"{SSSOM}object_source")
_SOURCE, _PROPERTY, _TARGET = (iri(f"{OWL}annotated{name}") for name in ("Source", "Property", "Target"))
#: The mappings that entail something: one term is at most, or exactly, another.
AXIOMS = frozenset(
    (
        iri(RDFS + "subClassOf"),
        iri(RDFS + "subPropertyOf"),
        iri(OWL + "equivalentClass"),
        iri(OWL + "equivalentProperty"),
        iri(OWL + "inverseOf"),
    )
)
_SKOS = "http://www.w3.org/2004/02/skos/core#"
#: All predicates of mappings.
MATCHES = AXIOMS | {iri(f"{_SKOS}{kind}Match") for kind in ("exact", "close", "broad", "narrow", "related")}


@dataclass(frozen=True, slots=True)
class Alignment:
    """One mapping: the axiom, why it was made, a word on it, and the vocabulary that it leads to."""

    axiom: Triple
    justification: Term
    comment: str
    object_source: Term


def alignments(corpus: Corpus) -> list[Alignment]:
    """Every mapping of a corpus that is annotated, sorted."""
    said: dict[Term, dict[Term, Term]] = {}
    for s, p, o in corpus.alignments:
        said.setdefault(s, {})[p] = o
    sources = {place.file: o for (_s, p, o), place in corpus.alignments.items() if p == _OBJECT_SOURCE}
    found = []
    for about in said.values():
        if _SOURCE in about and _PROPERTY in about and _TARGET in about:
            axiom = (about[_SOURCE], about[_PROPERTY], about[_TARGET])
            place = corpus.alignments.get(axiom)
            comment = text_of(about.get(iri(RDFS + "comment"), ""))
            source = sources.get(place.file, "") if place else ""
            found.append(Alignment(axiom, about.get(JUSTIFICATION, ""), comment, source))
    return sorted(found, key=lambda mapping: mapping.axiom)


def take_up_alignments(corpus: Corpus) -> None:
    """Make those mappings that entail something axioms of the corpus' ontology."""
    for triple, place in corpus.alignments.items():
        if triple[1] in AXIOMS:
            corpus.ontology.setdefault(triple, place)
