"""The units of the graph as N-Quads: what is stored, loaded, hashed and replaced as one.

The view's query graph is the unnamed default graph here, the fastest place to ask; elsewhere it is a named one. Each
document is composed once: its lines are those of its unit, and less the graph those of the view.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from kg.corpus.read import Corpus
from kg.corpus.saved import SavedQuery
from kg.graph.compose import document_triples, published, temporal_kinds
from kg.graph.manifest import Part, manifest_triples
from kg.graph.materialise import Materialised, claim_periods
from kg.graph.views import contested
from kg.harmless import harmless_line
from kg.model import Document, Term, Triple, quoted, text_of
from kg.owned import scratch_folder
from kg.vocab import DCTERMS, OWL, PREFIXES, iri, kg

__all__ = ["PIECE", "VIEW", "Unit", "citation", "ontology_version", "query_triples", "unit_lines", "write_units"]

#: The unit whose lines name no graph: the view's query graph.
VIEW = "view"
#: Bytes of N-Quads that are held in memory, and handed to the engine, at once.
PIECE = 32 << 20


@dataclass(frozen=True, slots=True)
class Unit:
    """A named part of the graph, a file of sorted N-Quads: how many quads and bytes, their hash, the main graphs."""

    name: str
    quads: int
    size: int
    sha256: str
    graphs: tuple[Term, ...] = ()

    @property
    def file(self) -> str:
        """The name of its file in a build."""
        return file_of(self.name)


class _Composed(NamedTuple):
    """A unit's triples as N-Triples without the closing dot: by graph, and what of it the view holds."""

    name: str
    graphs: dict[Term, set[str]]
    view: Iterable[str]


def file_of(name: str) -> str:
    """The name of a unit's file in a build."""
    return name.replace("/", ".") + ".nq"


def write_units(
    view: Materialised, queries: Mapping[str, SavedQuery], folder: Path, stored: Callable[[bytes], object]
) -> list[Unit]:
    """Write the file of every unit of a build: ontology, entities, each document, facts, view, queries, manifest.

    ``stored`` is given the view's lines, in pieces; some come in two pieces.
    """
    corpus, project = view.corpus, view.corpus.project
    start = project.iri("graph", "")[:-1]
    made: list[Unit] = []
    runs = _Runs(folder, stored)
    for composed in _composed(view):
        made.append(_written(folder, composed.name, composed.graphs, start))
        runs.add(composed.view)
    made.append(runs.merged(project.iri("graph", "view/default")))
    asked = {project.iri("graph", "queries"): _texts(query_triples(queries, project.base))}
    made.append(_written(folder, "queries", asked, start))
    parts = [Part(unit.name, unit.quads, unit.file, unit.size, unit.sha256, unit.graphs) for unit in made]
    described = _texts(manifest_triples(corpus, ontology_version(corpus), parts))
    return [*made, _written(folder, "manifest", {project.iri("graph", "manifest"): described}, start)]


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

    # Mappings that are reasoned over stay in the graph of their own.
    own = [triple for triple in corpus.ontology if triple not in corpus.alignments]
    ontology = {graph("ontology"): _texts(own), graph("alignments"): _texts(corpus.alignments)}
    yield _Composed("ontology", ontology, _texts(corpus.ontology))
    entities = _texts(corpus.entities)
    yield _Composed("entities", {graph("entities"): entities}, entities)
    opposed = contested(corpus.claims.values(), corpus.links)
    periods = claim_periods(corpus.claims.values(), temporal_kinds(corpus), published(corpus))
    believed = set(view.view.documents(corpus.documents))
    for slug in sorted(corpus.documents):
        texts = _texts(document_triples(corpus, slug, opposed, periods))
        graphs = {graph(f"document/{slug}"): texts}
        graphs |= {claim.iri: _texts(claim.content) for claim in corpus.claims.of(slug).values()}
        yield _Composed(f"document/{slug}", graphs, texts if slug in believed else ())
    facts = {graph("asserted"): _texts(view.stated), graph("inferred"): _texts(view.inferred())}
    held = (f"{s} {p} {o}" for s, p, o in view.stated if view.holds((s, p, o)))
    nodes = (f"{s} {p} {o}" for s, p, o in view.fact_node_triples())
    yield _Composed("facts", facts, chain(held, facts[graph("inferred")], nodes))


def _texts(triples: Iterable[Triple]) -> set[str]:
    return {f"{s} {p} {o}" for s, p, o in triples}


def _lines(graphs: Mapping[Term, Iterable[str]]) -> list[str]:
    return sorted(f"{text} {graph} .\n" for graph, texts in graphs.items() for text in texts)


def _written(folder: Path, name: str, graphs: Mapping[Term, set[str]], start: Term) -> Unit:
    lines = _lines(graphs)
    content = "".join(lines).encode()
    (folder / file_of(name)).write_bytes(content)
    # A claim is a graph too, and its document names it.
    main = tuple(sorted(graph for graph, texts in graphs.items() if texts and graph.startswith(start)))
    return Unit(name, len(lines), len(content), hashlib.sha256(content).hexdigest(), main)


class _Runs:
    """The lines of the view, sorted in runs that are files, and merged in the end: few are in memory at a time."""

    def __init__(self, folder: Path, stored: Callable[[bytes], object]) -> None:
        self.folder, self.stored = folder, stored
        self._made = ExitStack()
        self._runs = self._made.enter_context(scratch_folder(folder, "runs-", "runs"))
        self.lines: set[str] = set()
        self.size = 0
        self.files: list[Path] = []

    def add(self, texts: Iterable[str]) -> None:
        for text in texts:
            line = f"{text} .\n"
            self.lines.add(line)
            self.size += len(line)
            if self.size >= PIECE:
                self._flush()

    def _flush(self) -> None:
        content = "".join(sorted(self.lines)).encode()
        self.lines, self.size = set(), 0
        path = self._runs / f"run-{len(self.files)}"
        path.write_bytes(content)
        self.files.append(path)
        self.stored(content)

    def merged(self, graph: Term) -> Unit:
        """The unit of the view, each line once; the runs go."""
        self._flush()
        digest, quads, size, last = hashlib.sha256(), 0, 0, b""
        with ExitStack() as stack, (self.folder / file_of(VIEW)).open("wb") as target:
            for line in heapq.merge(*(stack.enter_context(path.open("rb")) for path in self.files)):
                if line != last:
                    target.write(line)
                    digest.update(line)
                    quads, size, last = quads + 1, size + len(line), line
        self._made.close()
        return Unit(VIEW, quads, size, digest.hexdigest(), (graph,))


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
