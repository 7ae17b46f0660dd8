"""Reading a whole project: the ontology, the entities, the documents with their claims, the passages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path

from kg.corpus.documents import Claims, blank_node, loose_end, read_document, repeated_claim
from kg.corpus.passages import Passages, read_passages
from kg.corpus.turtle import ParsedFile, parse_file
from kg.errors import Place, Problem
from kg.model import Document, Link, Term, Triple, text_of
from kg.project import Project
from kg.vocab import OWL, RDFS, SKOS, iri, iris


@dataclass(slots=True)
class Corpus:
    """Everything that the files of a project say, each triple of ontology and entities with its place.

    ``ontology`` holds the terms, axioms and background; ``alignments`` and ``shapes`` are apart. Blank nodes of
    the ontology are skolemised. ``problems`` is what reading found wrong, of all files together.
    """

    project: Project
    ontology: dict[Triple, Place] = field(default_factory=dict)
    alignments: dict[Triple, Place] = field(default_factory=dict)
    entities: dict[Triple, Place] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    claims: Claims = field(default_factory=Claims)
    links: list[Link] = field(default_factory=list)
    passages: dict[str, Passages] = field(default_factory=dict)
    files: list[ParsedFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    #: The SHA-256 of each file, by name, where the whole corpus was read.
    digests: dict[str, str] = field(default_factory=dict)


def read_foundation(project: Project) -> Corpus:
    """Read the ontology, its alignments and the entities, without documents; see ``read_corpus``."""
    corpus = Corpus(project)
    _read_ontology(corpus)
    _read_entities(corpus)
    return corpus


def _read_ontology(corpus: Corpus) -> None:
    project = corpus.project
    for path in project.files("ontology", suffix=".ttl"):
        folders = project.relative(path).split("/")
        if "shapes" not in folders:
            target = corpus.alignments if folders[1] == "alignments" else corpus.ontology
            _add(corpus, target, path, skolemise=True)


def _read_entities(corpus: Corpus) -> None:
    for path in corpus.project.files("corpus/entities"):
        _add(corpus, corpus.entities, path, skolemise=False)


def read_corpus(project: Project, foundation: Corpus | None = None, slugs: Container[str] | None = None) -> Corpus:
    """Read every file of the project once, or of its documents only some. See ``problems`` for what is wrong in them.

    Ontology and entities are taken from a ``foundation`` that was read before, each where all of their files are the
    same. Raises InputError (KG100) with all that cannot be read.
    """
    corpus = Corpus(project, digests=project.digests())
    if foundation and _same_files(corpus, foundation, "ontology/"):
        corpus.ontology, corpus.alignments = dict(foundation.ontology), dict(foundation.alignments)
    else:
        _read_ontology(corpus)
    if foundation and _same_files(corpus, foundation, "corpus/entities/"):
        corpus.entities = dict(foundation.entities)
    else:
        _read_entities(corpus)
    for path in project.files("corpus/documents"):
        if slugs is not None and path.stem not in slugs:
            continue
        if path.suffix == ".trig":
            _add_document(corpus, path)
        elif path.suffix == ".passages":
            passages = corpus.passages[path.stem] = read_passages(path, project.relative(path))
            corpus.problems += passages.problems
    if slugs is None:
        _check_links(corpus)
    return corpus


def _same_files(corpus: Corpus, foundation: Corpus, folder: str) -> bool:
    """Whether all the files of a folder are the same, and nothing was wrong with them."""
    if any(problem.place and problem.place.file.startswith(folder) for problem in foundation.problems):
        return False
    mine, theirs = (
        {name: digest for name, digest in each.digests.items() if name.startswith(folder)}
        for each in (corpus, foundation)
    )
    return bool(mine) and mine == theirs


def _parse(corpus: Corpus, path: Path) -> ParsedFile:
    parsed = parse_file(path, corpus.project.relative(path))
    corpus.files.append(parsed)
    if parsed.problem:
        corpus.problems.append(parsed.problem)
    return parsed


def _add(corpus: Corpus, target: dict[Triple, Place], path: Path, *, skolemise: bool) -> None:
    parsed = _parse(corpus, path)
    stem = corpus.project.relative(path).rpartition(".")[0]
    names: dict[Term, Term] = defaultdict(lambda: f"<{corpus.project.base}.well-known/genid/{stem}-{len(names) + 1}>")
    places: dict[int, Place] = {}
    for triple, _graph, line in parsed.quads:
        place = places.get(line)
        if place is None:
            place = places[line] = parsed.place(line)
        s, p, o = triple
        if s[0] == "_" or o[0] == "_":
            if not skolemise:
                corpus.problems.append(blank_node(place))
            triple = (names[s] if s[0] == "_" else s, p, names[o] if o[0] == "_" else o)
        target.setdefault(triple, place)


def _add_document(corpus: Corpus, path: Path) -> None:
    parsed = _parse(corpus, path)
    document, claims, links, problems = read_document(parsed, path.stem, corpus.project)
    if parsed.problem is None:
        # After a syntax error the rest of the file is missing: what follows from that would only mislead.
        corpus.problems += problems
    if document:
        corpus.documents[path.stem] = document
    for claim in claims:
        if claim.iri in corpus.claims:
            corpus.problems.append(repeated_claim(claim.iri, claim.place, corpus.claims[claim.iri].place))
        corpus.claims[claim.iri] = claim
    corpus.links += links


def _check_links(corpus: Corpus) -> None:
    for link in corpus.links:
        for end in (link.source, link.target):
            if end not in corpus.claims:
                corpus.problems.append(loose_end(end, link.place))


SSSOM = "https://w3id.org/sssom/"
JUSTIFICATION = iri(f"{SSSOM}mapping_justification")
_OBJECT_SOURCE = iri(f"{SSSOM}object_source")
_SOURCE, _PROPERTY, _TARGET = (iri(f"{OWL}annotated{name}") for name in ("Source", "Property", "Target"))
#: The mappings that entail something: one term is at most, or exactly, another.
AXIOMS = frozenset(
    (*iris(RDFS, "subClassOf subPropertyOf"), *iris(OWL, "equivalentClass equivalentProperty inverseOf"))
)
#: All predicates of mappings.
MATCHES = AXIOMS.union(iris(SKOS, "exactMatch closeMatch broadMatch narrowMatch relatedMatch"))


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
