"""The alignments with other vocabularies as one SSSOM table (Simple Standard for Sharing Ontological Mappings).

In the files each mapping is an axiom with a node that annotates it, which is SSSOM's form in RDF; the table is its
TSV form, with the metadata of the set as comments in YAML. Matentzoglu et al., Database 2022, baac035.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.corpus.read import SSSOM, Alignment, Corpus, alignments
from kg.labels import Labels, shorten
from kg.model import text_of
from kg.vocab import DCTERMS, OWL, PREFIXES, RDFS, SKOS, iri

__all__ = ["COLUMNS", "MAPPED", "PREFIXES_OF_MAPPINGS", "sssom_table"]

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
COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "mapping_justification",
    "object_source",
    "comment",
)


def sssom_table(corpus: Corpus, label: Labels) -> str:
    """All mappings as SSSOM/TSV."""
    project = corpus.project
    prefixes = {**PREFIXES, **project.prefixes, **PREFIXES_OF_MAPPINGS}
    found = alignments(corpus)
    lines = list(_header(corpus, found, prefixes))
    lines.append("\t".join(COLUMNS))
    for mapping in found:
        subject, predicate, target = mapping.axiom
        cells = (
            shorten(subject, prefixes),
            label(subject),
            shorten(predicate, prefixes),
            shorten(target, prefixes),
            shorten(mapping.justification, prefixes),
            mapping.object_source.strip("<>"),
            mapping.comment,
        )
        lines.append("\t".join(_cell(cell) for cell in cells))
    return "\n".join(lines) + "\n"


def _header(corpus: Corpus, found: Iterable[Alignment], prefixes: Mapping[str, str]) -> Iterator[str]:
    ontology = corpus.project.iri("ontology")
    about = {p: o for s, p, o in corpus.ontology if s == ontology}
    terms = [term for mapping in found for term in (*mapping.axiom, mapping.justification)]
    used = sorted({shorten(term, prefixes).partition(":")[0] for term in terms} & set(prefixes))
    yield "#curie_map:"
    for prefix in used:
        yield f"#  {prefix}: {prefixes[prefix]}"
    yield f"#mapping_set_id: {corpus.project.base}alignment"
    yield f"#mapping_set_version: {text_of(about.get(iri(OWL + 'versionInfo'), ''))!r}".replace("'", '"')
    yield f"#license: {about.get(iri(DCTERMS + 'license'), '').strip('<>')}"
    yield f"#subject_source: {ontology.strip('<>')}"


def _cell(text: str) -> str:
    return " ".join(text.split())
