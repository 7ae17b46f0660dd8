"""The units of the graph as N-Quads: what is stored, loaded, hashed and replaced as one.

The view's query graph is the unnamed default graph here, the fastest place to ask; elsewhere it is a named one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kg.corpus.read import Corpus
from kg.corpus.saved import SavedQuery
from kg.graph.compose import document_triples, published, temporal_kinds
from kg.graph.manifest import Part, manifest_triples
from kg.graph.materialise import Materialised, claim_periods
from kg.graph.views import contested
from kg.harmless import harmless_line
from kg.model import Document, Term, Triple, text_of
from kg.vocab import DCTERMS, OWL, PREFIXES, iri, kg

__all__ = ["VIEW", "Unit", "citation", "ontology_version", "query_triples", "units"]


#: The unit whose lines name no graph: the view's query graph.
VIEW = "view"


@dataclass(frozen=True)
class Unit:
    """A named part of the graph: its sorted N-Quads lines, each with its line feed."""

    name: str
    lines: tuple[str, ...]

    @property
    def file(self) -> str:
        """The name of its file in a build."""
        return self.name.replace("/", ".") + ".nq"

    @cached_property
    def size(self) -> int:
        """Bytes of its file."""
        return sum(len(line.encode()) for line in self.lines)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of its lines."""
        return hashlib.sha256("".join(self.lines).encode()).hexdigest()


def units(view: Materialised, queries: Mapping[str, SavedQuery]) -> Iterator[Unit]:
    """Every unit of a build, the manifest last: ontology, entities, each document, the view, the queries."""
    corpus = view.corpus
    project = corpus.project

    def graph(name: str) -> Term:
        return project.iri("graph", name)

    # Mappings that are reasoned over stay in the graph of their own.
    own = [triple for triple in corpus.ontology if triple not in corpus.alignments]
    made = [
        _unit("ontology", {graph("ontology"): own, graph("alignments"): corpus.alignments}),
        _unit("entities", {graph("entities"): corpus.entities}),
    ]
    opposed = contested(corpus.claims.values(), corpus.links)
    periods = claim_periods(corpus.claims.values(), temporal_kinds(corpus), published(corpus))
    for slug in sorted(corpus.documents):
        graphs: dict[Term | None, Iterable[Triple]] = {
            graph(f"document/{slug}"): document_triples(corpus, slug, opposed, periods)
        }
        graphs |= {c.iri: c.content for c in corpus.claims.of(slug).values()}
        made.append(_unit(f"document/{slug}", graphs))
    made.append(_unit("facts", {graph("asserted"): view.stated, graph("inferred"): view.inferred()}))
    made.append(_unit(VIEW, {None: view.query_graph()}))
    made.append(_unit("queries", {graph("queries"): query_triples(queries, project.base)}))
    yield from made
    parts = [_part(unit, graph(""), graph("view/default")) for unit in made]
    yield _unit("manifest", {graph("manifest"): manifest_triples(corpus, ontology_version(corpus), parts)})


def _part(unit: Unit, start: Term, view: Term) -> Part:
    """A unit as the manifest describes it: its graphs are those below ``graph/``, claims apart."""
    found = {line.rsplit(" ", 2)[1] for line in unit.lines}
    graphs = (view,) if unit.name == VIEW else sorted(name for name in found if name.startswith(start[:-1]))
    return Part(unit.name, len(unit.lines), unit.file, unit.size, unit.sha256, tuple(graphs))


def _unit(name: str, graphs: Mapping[Any, Iterable[Triple]]) -> Unit:
    """A unit from its graphs by name; None is the unnamed one (Mapping is invariant in its keys: hence Any)."""
    lines = set()
    for graph, triples in graphs.items():
        end = f" {graph} .\n" if graph else " .\n"
        lines |= {f"{s} {p} {o}{end}" for s, p, o in triples}
    return Unit(name, tuple(sorted(lines)))


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


def quoted(text: str) -> Term:
    """A plain literal, escaped as N-Triples asks."""
    import pyoxigraph

    return str(pyoxigraph.Literal(text))


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
