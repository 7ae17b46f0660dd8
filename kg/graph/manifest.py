"""The description of the graph as the web of data expects it: VoID, DCAT 3, SPDX checksums, a SPARQL dataset.

The dataset is ``<base>dataset``; each unit is a subset with its distribution, an N-Quads file of a build, whose
size and SHA-256 are those of that file. Which named graph holds what stands as a SPARQL service description has it
(``sd:Dataset``); an endpoint is not named, since the graph may be loaded anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kg.corpus.read import Corpus
from kg.model import Term, Triple
from kg.vocab import DCTERMS, OWL, PREFIXES, RDF, RDFS, XSD, iri

if TYPE_CHECKING:
    from kg.graph.units import Unit

_VOID, _DCAT, _SPDX = PREFIXES["void"], PREFIXES["dcat"], "http://spdx.org/rdf/terms#"
_SD, _FORMATS = "http://www.w3.org/ns/sparql-service-description#", "http://www.w3.org/ns/formats/"
_TYPE, _INTEGER, _LICENCE = iri(RDF + "type"), iri(XSD + "integer"), iri(DCTERMS + "license")
_MEDIA_TYPE = iri("https://www.iana.org/assignments/media-types/application/n-quads")
_TAKEN_OVER = tuple(iri(DCTERMS + name) for name in ("title", "description", "license", "creator", "created"))


def manifest_triples(corpus: Corpus, version: str, documents: int, units: Iterable[Unit]) -> Iterator[Triple]:
    """The dataset, its licence and version, its units with their distributions, and its named graphs."""
    project = corpus.project
    dataset, ontology = project.iri("dataset"), project.iri("ontology")
    units = list(units)
    header = [(dataset, p, o) for s, p, o in corpus.ontology if s == ontology and p in _TAKEN_OVER]
    yield from header
    for kind in (_VOID + "Dataset", _DCAT + "Dataset", _SD + "Dataset"):
        yield (dataset, _TYPE, iri(kind))
    yield (dataset, iri(OWL + "versionInfo"), f'"{version}"')
    yield (dataset, iri(_DCAT + "version"), f'"{version}"')
    yield (dataset, iri(_VOID + "vocabulary"), ontology)
    yield (dataset, iri(_VOID + "uriSpace"), f'"{project.base}"')
    yield (dataset, iri(_VOID + "feature"), iri(_FORMATS + "N-Quads"))
    yield (dataset, iri(_VOID + "triples"), _number(sum(unit.quads for unit in units)))
    yield (dataset, iri(_VOID + "documents"), _number(documents))
    licences = [o for _s, p, o in header if p == _LICENCE]
    for unit in units:
        subset = project.iri("dataset", unit.name)
        yield (dataset, iri(_VOID + "subset"), subset)
        yield (subset, _TYPE, iri(_VOID + "Dataset"))
        yield (subset, iri(RDFS + "label"), f'"{unit.name}"')
        yield (subset, iri(_VOID + "triples"), _number(unit.quads))
        if unit.file:
            yield (dataset, iri(_DCAT + "distribution"), f"{subset[:-1]}#nquads>")
            yield from _distribution(subset, unit, licences)
        for graph in unit.graphs:
            node = f"{subset[:-1]}#graph-{graph.rpartition('/')[2]}"
            yield (dataset, iri(_SD + "namedGraph"), node)
            yield from _graph(node, graph, subset)


def _distribution(subset: Term, unit: Unit, licences: list[Term]) -> Iterator[Triple]:
    file, checksum = f"{subset[:-1]}#nquads>", f"{subset[:-1]}#sha256>"
    yield (file, _TYPE, iri(_DCAT + "Distribution"))
    yield (file, iri(DCTERMS + "title"), f'"{unit.file}"')
    yield (file, iri(_DCAT + "mediaType"), _MEDIA_TYPE)
    # DCAT asks for xsd:nonNegativeInteger, which Oxigraph turns into xsd:integer on the way in.
    yield (file, iri(_DCAT + "byteSize"), _number(unit.size))
    yield (file, iri(_SPDX + "checksum"), checksum)
    yield (checksum, _TYPE, iri(_SPDX + "Checksum"))
    yield (checksum, iri(_SPDX + "algorithm"), iri(_SPDX + "checksumAlgorithm_sha256"))
    yield (checksum, iri(_SPDX + "checksumValue"), f'"{unit.sha256}"^^{iri(XSD + "hexBinary")}')
    for licence in licences:
        yield (file, _LICENCE, licence)


def _graph(node: Term, graph: Term, subset: Term) -> Iterator[Triple]:
    yield (node, _TYPE, iri(_SD + "NamedGraph"))
    yield (node, iri(_SD + "name"), graph)
    yield (node, iri(_SD + "graph"), subset)


def _number(value: int) -> Term:
    return f'"{value}"^^{_INTEGER}'
