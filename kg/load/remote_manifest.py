"""What a store holds of this project, as the store itself records it, and who is loading.

The graph ``<base>graph/loaded`` has one node for each unit: the graphs that hold it (``dcterms:hasPart``), the
number of quads (``void:triples``) and, once it is complete, its hash (``schema:sha256``). A graph is this
project's when its IRI begins with the base and it is recorded there; no other is ever changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg.load.endpoint import Endpoint
from kg.load.results import Result
from kg.vocab import DCTERMS, PREFIXES, RDF, XSD, iri

__all__ = ["Entry", "RemoteManifest"]

_TYPE, _DATASET = iri(RDF + "type"), iri(PREFIXES["void"] + "Dataset")
_NAME, _PART = iri(DCTERMS + "identifier"), iri(DCTERMS + "hasPart")
_COUNT, _HASH = iri(PREFIXES["void"] + "triples"), iri(PREFIXES["schema"] + "sha256")
_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A unit as the store records it; without a hash it was begun and not completed."""

    name: str
    sha256: str | None
    quads: int


class RemoteManifest:
    """The record of loaded units in a store."""

    def __init__(self, endpoint: Endpoint, base: str) -> None:
        self._endpoint = endpoint
        self._base = base
        self.graph = f"<{base}graph/loaded>"

    def entries(self) -> dict[str, Entry]:
        """Every unit recorded, by name."""
        wanted = f"FILTER(?p IN ({_NAME}, {_HASH}, {_COUNT}))"
        rows = self._endpoint.query(f"SELECT ?u ?p ?o WHERE {{ GRAPH {self.graph} {{ ?u ?p ?o }} {wanted} }}").rows
        found: dict[str, dict[str, str]] = {}
        for unit, predicate, value in rows:
            if unit and predicate and value:
                found.setdefault(unit, {})[predicate] = value.split('"')[1] if '"' in value else value
        return {
            about[_NAME]: Entry(about[_NAME], about.get(_HASH), int(about.get(_COUNT, "0")))
            for about in found.values()
            if _NAME in about
        }

    def graphs(self, units: Iterable[str]) -> dict[str, set[str]]:
        """The graphs recorded for units, as terms; what lies outside the base is not ours and left out."""
        found: dict[str, set[str]] = {name: set() for name in units}
        by_node = {self._node(name): name for name in found}
        if not found:
            return found
        places = " ".join(by_node)
        query = (
            f"SELECT ?u ?g WHERE {{ VALUES ?u {{ {places} }} GRAPH {self.graph} {{ ?u {_PART} ?g }} }} ORDER BY ?u ?g"
        )
        for unit, graph in _paged(self._endpoint, query):
            if unit in by_node and graph and graph.startswith(f"<{self._base}"):
                found[by_node[unit]].add(graph)
        return found

    def begun(self, name: str, graphs: Iterable[str]) -> Iterator[str]:
        """The triples that record a unit as begun: whose its graphs are, before anything is in them."""
        node = self._node(name)
        yield f'{node} {_NAME} "{name}"'
        yield f"{node} {_TYPE} {_DATASET}"
        for graph in graphs:
            yield f"{node} {_PART} {graph}"

    def completed(self, name: str, sha256: str, quads: int) -> Iterator[str]:
        """The triples that record it as complete."""
        node = self._node(name)
        yield f'{node} {_HASH} "{sha256}"'
        yield f'{node} {_COUNT} "{quads}"^^{iri(XSD + "integer")}'

    def reopen(self, name: str) -> str:
        """The update that takes a unit's hash away, so that it counts as incomplete from now on."""
        node = self._node(name)
        return (
            f"DELETE WHERE {{ GRAPH {self.graph} {{ {node} {_HASH} ?hash }} }} ;\n"
            f"DELETE WHERE {{ GRAPH {self.graph} {{ {node} {_COUNT} ?count }} }}"
        )

    def release(self, name: str, graphs: Iterable[str]) -> str:
        """The update that records graphs as a unit's no longer."""
        node = self._node(name)
        return f"DELETE DATA {{ GRAPH {self.graph} {{ {node} {_PART} {', '.join(graphs)} }} }}"

    def forget(self, name: str) -> str:
        """The update that removes a unit's record."""
        return f"DELETE WHERE {{ GRAPH {self.graph} {{ {self._node(name)} ?p ?o }} }}"

    def _node(self, name: str) -> str:
        return f"<{self._base}loaded/{name}>"


def _paged(endpoint: Endpoint, query: str) -> Iterator[tuple[str | None, ...]]:
    # In pages, since a result is held in memory and some servers cut what is longer.
    offset = 0
    while True:
        page: Result = endpoint.query(f"{query} LIMIT {_PAGE} OFFSET {offset}")
        yield from page.rows
        if len(page.rows) < _PAGE:
            return
        offset += _PAGE
