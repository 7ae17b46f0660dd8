"""The description of the graph as a dataset, as the web of data expects it (VoID, DCAT)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kg.corpus.read import Corpus
from kg.model import Triple
from kg.vocab import DCTERMS, OWL, PREFIXES, RDF, RDFS, XSD, iri

__all__ = ["manifest_triples"]


def manifest_triples(corpus: Corpus, version: str, counts: Mapping[str, int]) -> Iterator[Triple]:
    """The dataset, its licence and version, and each unit with the number of its triples."""
    project = corpus.project
    void, dcat = PREFIXES["void"], PREFIXES["dcat"]
    rdf_type, integer = iri(RDF + "type"), iri(XSD + "integer")
    dataset, ontology = project.iri("dataset"), project.iri("ontology")
    yield (dataset, rdf_type, iri(void + "Dataset"))
    yield (dataset, rdf_type, iri(dcat + "Dataset"))
    yield (dataset, iri(OWL + "versionInfo"), f'"{version}"')
    yield (dataset, iri(void + "vocabulary"), ontology)
    for s, p, o in corpus.ontology:
        if s == ontology and p in (iri(DCTERMS + "title"), iri(DCTERMS + "description"), iri(DCTERMS + "license")):
            yield (dataset, p, o)
    for name, count in counts.items():
        subset = project.iri("dataset", name)
        yield (dataset, iri(void + "subset"), subset)
        yield (subset, rdf_type, iri(void + "Dataset"))
        yield (subset, iri(RDFS + "label"), f'"{name}"')
        yield (subset, iri(void + "triples"), f'"{count}"^^{integer}')
