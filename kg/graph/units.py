"""The units of the graph as N-Quads: what is stored, loaded, hashed and replaced as one.

The view's query graph is the unnamed default graph here, the fastest place to ask; elsewhere it is a named one. Each
document is composed once: its lines are those of its unit, and less the graph those of the view.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kg.corpus.read import Corpus
from kg.corpus.saved_queries import SavedQuery
from kg.graph.manifest import manifest_triples
from kg.graph.materialise import Materialised
from kg.graph.unit_triples import document_triples, published, temporal_kinds
from kg.graph.views import claim_periods, contested
from kg.harmless import harmless_line
from kg.model import Document, Term, Triple, quoted, text_of
from kg.project import Project
from kg.vocab import DCTERMS, OWL, PREFIXES, iri, kg

if TYPE_CHECKING:
    import pyoxigraph

    from kg.dates import Period

#: The unit whose lines name no graph: the view's query graph.
VIEW = "view"
#: So much text is held in memory, and handed to the engine, at once.
PIECE = 32 << 20


@dataclass(frozen=True, slots=True)
class Unit:
    """A named part of the graph: how many quads, their hash, the main graphs, the bytes of its file of N-Quads.

    The view's quads are in the store alone, and ``size`` is 0; its hash is that of all that it is made from.
    """

    name: str
    quads: int
    sha256: str
    graphs: tuple[Term, ...] = ()
    size: int = 0

    @property
    def file(self) -> str:
        """The name of its file in a build; empty where it has none."""
        return "" if self.name == VIEW else file_of(self.name)

    def as_json(self) -> dict[str, Any]:
        """Plain data, but for its name."""
        about = {"file": self.file, "quads": self.quads, "sha256": self.sha256}
        return about | {"graphs": self.graphs, "size": self.size}

    @classmethod
    def from_json(cls, name: str, about: Mapping[str, Any]) -> Unit:
        """The inverse of ``as_json``."""
        return cls(name, about["quads"], about["sha256"], tuple(about["graphs"]), about["size"])


class _Composed(NamedTuple):
    """A unit's triples as N-Triples without the closing dot: by graph, and what of it the view holds."""

    name: str
    graphs: dict[Term, set[str]]
    view: Iterable[str]


def file_of(name: str) -> str:
    """The name of a unit's file in a build."""
    return name.replace("/", ".") + ".nq"


def write_units(view: Materialised, folder: Path, store: pyoxigraph.Store) -> list[Unit]:
    """Write the file of each unit that says something: ontology, entities, documents, facts.

    The view's triples go into the store alone.
    """
    made: list[Unit] = []
    pieces = TripleLoader(store)
    for composed in _composed(view):
        made.append(written(folder, composed.name, composed.graphs, view.corpus.project))
        pieces.add_texts(composed.view)
    pieces.flush()
    return made


def view_unit(made: Iterable[Unit], facts: str, quads: int, project: Project) -> Unit:
    """The unit of the view, from the units that it is made from and the hash of its facts."""
    parts = sorted(f"{unit.name} {unit.sha256}" for unit in made)
    digest = hashlib.sha256("\n".join([*parts, facts]).encode()).hexdigest()
    return Unit(VIEW, quads, digest, (project.iri("graph", "view/default"),))


def described(
    corpus: Corpus, queries: Mapping[str, SavedQuery], made: Iterable[Unit], folder: Path, documents: int
) -> tuple[Unit, Unit]:
    """Write the units that say what else there is: the saved queries, and the manifest of all units.

    ``documents`` is how many documents the graph has.
    """
    project = corpus.project
    asked = {project.iri("graph", "queries"): _texts(query_triples(queries, project.base))}
    saved = written(folder, "queries", asked, project)
    about = _texts(manifest_triples(corpus, ontology_version(corpus), documents, (*made, saved)))
    manifest = {project.iri("graph", "manifest"): about}
    return saved, written(folder, "manifest", manifest, project)


def unit_lines(view: Materialised, queries: Mapping[str, SavedQuery]) -> Iterator[tuple[str, list[str]]]:
    """The sorted lines of each unit but the manifest, which speaks of the files of a build."""
    whole: set[str] = set()
    for composed in _composed(view):
        yield composed.name, _lines(composed.graphs)
        whole.update(composed.view)
    yield VIEW, sorted(f"{text} .\n" for text in whole)
    project = view.corpus.project
    yield "queries", _lines({project.iri("graph", "queries"): _texts(query_triples(queries, project.base))})


def _composed(view: Materialised) -> Iterator[_Composed]:
    corpus = view.corpus

    def graph(name: str) -> Term:
        return corpus.project.iri("graph", name)

    foundation = foundation_graphs(corpus)
    yield _Composed("ontology", foundation["ontology"], _texts(corpus.ontology))
    yield _Composed("entities", foundation["entities"], foundation["entities"][graph("entities")])
    opposed = contested(corpus.claims.values(), corpus.links)
    periods = claim_periods(corpus.claims.values(), temporal_kinds(corpus), published(corpus))
    believed = set(view.view.documents(corpus.documents))
    for slug in sorted(corpus.documents):
        graphs = document_graphs(corpus, slug, opposed, periods)
        yield _Composed(f"document/{slug}", graphs, graphs[graph(f"document/{slug}")] if slug in believed else ())
    facts = {graph("asserted"): _texts(view.stated), graph("inferred"): _texts(view.inferred())}
    held = (f"{s} {p} {o}" for s, p, o in view.stated if view.holds((s, p, o)))
    yield _Composed("facts", facts, chain(held, facts[graph("inferred")], view.fact_nodes()))


def foundation_graphs(corpus: Corpus) -> dict[str, dict[Term, set[str]]]:
    """The graphs of the units ``ontology`` and ``entities``."""
    # Mappings that are reasoned over stay in the graph of their own.
    own = [triple for triple in corpus.ontology if triple not in corpus.alignments]
    triples = {"ontology": own, "alignments": corpus.alignments, "entities": corpus.entities}
    ontology, alignments, entities = ({corpus.project.iri("graph", n): _texts(t)} for n, t in triples.items())
    return {"ontology": ontology | alignments, "entities": entities}


def document_graphs(
    corpus: Corpus, slug: str, opposed: Mapping[Term, Iterable[Term]], periods: Mapping[Term, Period]
) -> dict[Term, set[str]]:
    """The graphs of a document's unit: its own, and each of its claims."""
    own = corpus.project.iri("graph", f"document/{slug}")
    graphs = {own: _texts(document_triples(corpus, slug, opposed, periods))}
    return graphs | {claim.iri: _texts(claim.content) for claim in corpus.claims.of(slug).values()}


def _texts(triples: Iterable[Triple]) -> set[str]:
    return {f"{s} {p} {o}" for s, p, o in triples}


def _lines(graphs: Mapping[Term, Iterable[str]]) -> list[str]:
    return sorted(f"{text} {graph} .\n" for graph, texts in graphs.items() for text in texts)


def written(folder: Path, name: str, graphs: Mapping[Term, set[str]], project: Project) -> Unit:
    """Write the file of a unit."""
    start = project.iri("graph", "")[:-1]
    # A claim is a graph too, and its document names it.
    main = sorted(graph for graph, texts in graphs.items() if texts and graph.startswith(start))
    return write_lines(folder, name, _lines(graphs), main)


def write_lines(folder: Path, name: str, lines: Collection[str], graphs: Iterable[Term]) -> Unit:
    """Write the file of a unit from its sorted lines; ``graphs`` are its main ones."""
    content = "".join(lines).encode()
    (folder / file_of(name)).write_bytes(content)
    return Unit(name, len(lines), hashlib.sha256(content).hexdigest(), tuple(graphs), len(content))


class TripleLoader:
    """Puts triples into the unnamed graph of a store, in pieces: one call with everything takes too much memory."""

    def __init__(self, store: pyoxigraph.Store, piece: int = PIECE) -> None:
        self._store, self._piece = store, piece
        self._texts: dict[str, None] = {}
        self._size = 0

    def add(self, triples: Iterable[Triple]) -> None:
        """Add triples."""
        self.add_texts(f"{s} {p} {o}" for s, p, o in triples)

    def add_texts(self, texts: Iterable[str]) -> None:
        """Add triples as N-Triples, each without the full stop."""
        for text in texts:
            if text not in self._texts:
                self._texts[text] = None
                self._size += len(text)
                if self._size >= self._piece:
                    self.flush()

    def flush(self) -> None:
        """Put what was added into the store."""
        import pyoxigraph

        if not self._texts:
            return
        content = " .\n".join([*self._texts, ""]).encode()
        self._store.bulk_load(content, format=pyoxigraph.RdfFormat.N_TRIPLES)
        self._texts, self._size = {}, 0


def query_triples(queries: Mapping[str, SavedQuery], base: str) -> Iterator[Triple]:
    """Each saved query as a SHACL ``sh:SPARQLExecutable``."""
    sh, rdf_type = PREFIXES["sh"], iri(PREFIXES["rdf"] + "type")
    for name, query in queries.items():
        node = f"<{base}query/{name}>"
        yield (node, rdf_type, iri(sh + "SPARQLExecutable"))
        yield (node, rdf_type, iri(f"{sh}SPARQL{query.form.capitalize()}Executable"))
        yield (node, iri(PREFIXES["rdfs"] + "label"), quoted(name))
        yield (node, iri(PREFIXES["rdfs"] + "comment"), quoted(query.summary))
        yield (node, iri(sh + query.form.lower()), quoted(query.text))
        for keyword in query.keywords:
            yield (node, iri(PREFIXES["schema"] + "keywords"), quoted(keyword))


def ontology_version(corpus: Corpus) -> str:
    """What the ontology's header gives as ``owl:versionInfo``."""
    return next((text_of(o) for _s, p, o in corpus.ontology if p == iri(OWL + "versionInfo")), "")


def citation(document: Document) -> dict[str, str]:
    """What an answer cites of a document: title, who wrote and published it, when, and its address."""
    wanted = {
        "title": DCTERMS + "title",
        "creator": DCTERMS + "creator",
        "publisher": DCTERMS + "publisher",
        "url": PREFIXES["schema"] + "url",
    }
    found = {}
    for name, predicate in wanted.items():
        values = [harmless_line(text_of(o).strip("<>")) for _s, p, o in document.description if p == iri(predicate)]
        found[name] = ", ".join(values)
    found["published"] = next((text_of(o) for _s, p, o in document.description if p == kg("published")), "")
    return found
