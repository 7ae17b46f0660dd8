"""The FAIR assessment of the ontology: the 24 checks of FOOPS!, as far as the files can answer them.

Garijo, Corcho and Poveda-Villalón, "FOOPS!: An Ontology Pitfall Scanner for the FAIR Principles", ISWC 2021; the
names and meanings of the checks are those of https://w3id.org/foops/catalog. The assessment fetches nothing. It marks
the checks that need an address to answer or a registry entry, because no file can satisfy them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg.checks.terms import NOTE, Schema, schema_of
from kg.corpus.read import Corpus, read_foundation
from kg.corpus.turtle import SKOLEM
from kg.model import Term, text_of
from kg.project import Project
from kg.vocab import DCTERMS, OWL, PREFIXES, RDFS, SKOS, iri

#: Outcomes: it is so; it is not, and the files could make it so; it takes a registered domain, DOI or registry entry.
PASSED, MISSING, ELSEWHERE = "passed", "missing", "needs registration"
_VANN, _BIBO = "http://purl.org/vocab/vann/", "http://purl.org/ontology/bibo/"
_SCHEMA, _FOAF = PREFIXES["schema"], PREFIXES["foaf"]
#: Which predicates of the header give each piece of metadata.
_METADATA: Mapping[str, tuple[str, ...]] = {
    "title": (f"{DCTERMS}title", f"{_SCHEMA}name"),
    "description": (f"{DCTERMS}description", f"{DCTERMS}abstract", f"{RDFS}comment"),
    "license": (f"{DCTERMS}license", f"{_SCHEMA}license"),
    "version IRI": (f"{OWL}versionIRI",),
    "author": (f"{DCTERMS}creator", f"{_SCHEMA}creator"),
    "namespace URI": (f"{_VANN}preferredNamespaceUri",),
    "namespace prefix": (f"{_VANN}preferredNamespacePrefix",),
    "version info": (f"{OWL}versionInfo", f"{_SCHEMA}schemaVersion"),
    "creation date": (f"{DCTERMS}created", f"{_SCHEMA}dateCreated"),
    "citation": (f"{DCTERMS}bibliographicCitation", f"{_SCHEMA}citation"),
    "DOI": (f"{_BIBO}doi",),
    "publisher": (f"{DCTERMS}publisher", f"{_SCHEMA}publisher"),
    "logo": (f"{_FOAF}logo", f"{_FOAF}depiction", f"{_SCHEMA}logo"),
    "status": (f"{_BIBO}status",),
    "source": (f"{DCTERMS}source",),
    "issued": (f"{DCTERMS}issued", f"{_SCHEMA}datePublished"),
}
#: Where an address is kept by somebody else than who uses it, as FOOPS! counts them.
_PERSISTENT = (
    *("//w3id.org/", "//purl.", "//www.purl.", "//doi.org/", "//www.w3.org/"),
    *("//data.europa.eu/", "//perma.cc/"),
)
#: Licences whose address is known to answer.
_LICENSES = ("https://creativecommons.org/", "http://creativecommons.org/", "https://spdx.org/licenses/")
_PLAIN = (OWL, RDFS, PREFIXES["rdf"], PREFIXES["xsd"])


@dataclass(frozen=True, slots=True)
class FairResult:
    """The outcome of one check: its name and title, PASSED, MISSING or ELSEWHERE, and a word on it."""

    check: str
    title: str
    outcome: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Ontology:
    project: Project
    corpus: Corpus
    schema: Schema
    header: Mapping[str, list[Term]]
    iri: str

    def has(self, name: str) -> bool:
        return any(self.header.get(predicate) for predicate in _METADATA[name])

    def first(self, name: str) -> str:
        values = [value for predicate in _METADATA[name] for value in self.header.get(predicate, ())]
        return text_of(values[0]).strip("<>") if values else ""


def assess(project: Project) -> list[FairResult]:
    """All 24 checks, by name."""
    corpus = read_foundation(project)
    name = project.iri("ontology")
    header: dict[str, list[Term]] = {}
    for s, p, o in corpus.ontology:
        if s == name:
            header.setdefault(p[1:-1], []).append(o)
    schema = schema_of(corpus.ontology, project.vocabulary[1])
    ontology = _Ontology(project, corpus, schema, header, name[1:-1])
    found = [*_metadata(ontology), *_names(ontology), *_words(ontology), *_elsewhere()]
    return sorted(found, key=lambda finding: finding.check)


def _metadata(ontology: _Ontology) -> Iterator[FairResult]:
    """Checks of the header's metadata: OM1 to OM5."""
    groups = (
        ("OM1", "Minimum metadata", ("title", "description", "license", "version IRI", "author", "namespace URI")),
        ("OM2", "Recommended metadata", ("namespace prefix", "version info", "creation date", "citation")),
        ("OM3", "Detailed metadata", ("DOI", "publisher", "logo", "status", "source", "issued")),
        ("OM4.1", "License availability", ("license",)),
        ("OM5.1", "Basic provenance metadata", ("author", "creation date")),
        ("OM5.2", "Detailed provenance metadata", ("issued", "publisher")),
    )
    for check, title, names in groups:
        lacking = [name for name in names if not ontology.has(name)]
        outcome = MISSING if set(lacking) - {"DOI"} else ELSEWHERE if lacking else PASSED
        note = f"not in the header: {', '.join(lacking)}" if lacking else ""
        yield FairResult(
            check, title, outcome, f"{note}; a DOI is given by a registrar" if outcome == ELSEWHERE else note
        )
    license_ = ontology.first("license")
    known = license_.startswith(_LICENSES)
    note = license_ if known else "not fetched from here; an address of Creative Commons or SPDX is known to answer"
    yield FairResult("OM4.2", "License is resolvable", PASSED if known else MISSING, note)


def _names(ontology: _Ontology) -> Iterator[FairResult]:
    """Checks of names, of the ontology, its version and its prefix: FIND1, HTTP1, PURL1, URI2, VER1."""
    version, namespace = ontology.first("version IRI"), ontology.first("namespace URI")
    yield _test("FIND1", "Ontology prefix", ontology.has("namespace prefix"), "vann:preferredNamespacePrefix")
    open_ = ontology.iri.startswith(("http://", "https://"))
    yield _test("HTTP1", "Open protocol", open_, "an IRI of http or https")
    kept = any(host in ontology.iri for host in _PERSISTENT)
    yield _test("PURL1", "Persistent URL", kept, "an IRI below w3id.org, purl.org, doi.org or the like")
    same = namespace.rstrip("#/") == ontology.iri
    yield _test(
        "URI2", "Consistent ontology IDs", same, "vann:preferredNamespaceUri is the ontology's IRI with # or /"
    )
    own = bool(version) and version != ontology.iri
    yield _test("VER1", "Version IRI", own, "an owl:versionIRI that is not the ontology's own IRI")


def _words(ontology: _Ontology) -> Iterator[FairResult]:
    """Checks of the use of other vocabularies, and of labels and definitions: VOC1 to VOC4."""
    borrowed = {p for p in ontology.header if not p.startswith(_PLAIN)}
    yield _test("VOC1", "Vocabulary reuse (metadata)", bool(borrowed), "a header in Dublin Core, VANN or the like")
    used = {term for triple in (*ontology.corpus.ontology, *ontology.corpus.alignments) for term in triple[1:]}
    foreign = [t for t in used if t.startswith("<") and not t.startswith(tuple(f"<{space}" for space in _PLAIN))]
    reused = any(not term.startswith(f"<{ontology.project.base}") and SKOLEM not in term for term in foreign)
    yield _test("VOC2", "Vocabulary reuse", reused, "terms of others in axioms, or alignments with them")
    terms = [t for t, kinds in ontology.schema.types.items() if ontology.schema.ours(t) and NOTE not in kinds]
    for check, what, predicates in (
        ("VOC3", "labels", {iri(RDFS + "label")}),
        ("VOC4", "definitions", {iri(SKOS + "definition"), iri(RDFS + "comment")}),
    ):
        having = {s for s, p, _o in ontology.corpus.ontology if p in predicates}
        count = sum(1 for term in terms if term in having)
        outcome = PASSED if count == len(terms) > 0 else MISSING
        yield FairResult(check, f"Documentation: {what}", outcome, f"{count} of {len(terms)} terms")


def _elsewhere() -> Iterator[FairResult]:
    """Checks that need a reachable address or an entry in a registry."""
    rows = (
        ("CN1", "Content negotiation for RDF", "the redirects of w3id.org have to be registered"),
        ("DOC1", "HTML availability", "`kg site` makes the pages; the address has to lead to them"),
        ("RDF1", "RDF availability", "`kg export` writes RDF; the address has to lead to it"),
        ("URI1", "Ontology URI is resolvable", "the address has to be registered"),
        ("VER2", "Version IRI resolves", "as for the ontology's own address"),
        ("FIND2", "Prefix is in registry", "prefix.cc and LOV take a prefix when its address answers"),
        ("FIND3", "Ontology in metadata registry", "LOV takes an ontology when its address answers"),
        ("FIND_3_BIS", "Metadata are accessible, even when ontology is not", "as for FIND3"),
    )
    return (FairResult(check, title, ELSEWHERE, note) for check, title, note in rows)


def _test(check: str, title: str, passed: bool, wanted: str) -> FairResult:
    return FairResult(check, title, PASSED if passed else MISSING, "" if passed else f"wanted: {wanted}")
