"""The alignments with other vocabularies as one SSSOM table (Simple Standard for Sharing Ontological Mappings).

In the files each mapping is an axiom with a node that annotates it, which is SSSOM's form in RDF; the table is its
TSV form, with the metadata of the set as comments in YAML. Matentzoglu et al., Database 2022, baac035.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.corpus.read import Corpus
from kg.labels import Labels, shorten
from kg.model import Term, Triple, text_of
from kg.vocab import DCTERMS, OWL, PREFIXES, RDFS, iri

__all__ = ["COLUMNS", "PREFIXES_OF_MAPPINGS", "Alignment", "alignments", "sssom_table"]

SSSOM = "https://w3id.org/sssom/"
#: Prefixes of the vocabularies that mappings lead to, beside those known everywhere.
PREFIXES_OF_MAPPINGS: Mapping[str, str] = {
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "sem": "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "semapv": "https://w3id.org/semapv/vocab/",
    "sssom": SSSOM,
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
_SOURCE, _PROPERTY, _TARGET = (iri(f"{OWL}annotated{name}") for name in ("Source", "Property", "Target"))
_JUSTIFICATION, _OBJECT_SOURCE = iri(f"{SSSOM}mapping_justification"), iri(f"{SSSOM}object_source")


@dataclass(frozen=True, slots=True)
class Alignment:
    """One mapping: the axiom, why it was made, a word on it, and the vocabulary that it leads to."""

    axiom: Triple
    justification: Term
    comment: str
    object_source: Term


def alignments(corpus: Corpus) -> list[Alignment]:
    """Every mapping of a corpus that has its annotation, sorted."""
    said: dict[Term, dict[Term, Term]] = {}
    for s, p, o in corpus.alignments:
        said.setdefault(s, {})[p] = o
    files = {place.file: s for (s, p, _o), place in corpus.alignments.items() if p == _OBJECT_SOURCE}
    found = []
    for about in said.values():
        if _SOURCE in about and _PROPERTY in about and _TARGET in about:
            axiom = (about[_SOURCE], about[_PROPERTY], about[_TARGET])
            place = corpus.alignments.get(axiom)
            source = said.get(files.get(place.file, ""), {}).get(_OBJECT_SOURCE, "") if place else ""
            comment = text_of(about.get(iri(RDFS + "comment"), ""))
            found.append(Alignment(axiom, about.get(_JUSTIFICATION, ""), comment, source))
    return sorted(found, key=lambda mapping: mapping.axiom)


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
