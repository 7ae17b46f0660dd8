"""Reading units back from a store as N-Quads lines in the form that a build writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.load.content import UnitFile
from kg.load.endpoint import Endpoint, values
from kg.load.failures import excerpt, failure

__all__ = ["canonical_lines", "dumped_lines", "unit_lines"]

#: Graphs of at most this many triples are read together, many a request; larger ones are streamed one by one.
_SMALL = 500
_TOGETHER = 5_000


def unit_lines(endpoint: Endpoint, unit: UnitFile) -> Iterator[bytes]:
    """The lines that a store holds in the graphs of a unit, asked for graph by graph or in groups of small ones."""
    counts = unit.graphs()
    # A graph alone in its group is asked for whole, whatever its size.
    limit = max(counts.values(), default=0) if endpoint.profile.reads_by_select else _SMALL
    small = [graph for graph, count in counts.items() if count <= limit]
    for graph, count in counts.items():
        if count > limit:
            yield from _streamed(endpoint, graph)
    for group in _groups(small, counts):
        yield from _together(endpoint, group)


def _streamed(endpoint: Endpoint, graph: bytes) -> Iterator[bytes]:
    end = b" " + graph + b" .\n"
    for line in canonical_lines(endpoint.graph_lines(graph[1:-1].decode())):
        yield line[:-3] + end


def _together(endpoint: Endpoint, graphs: list[bytes]) -> Iterator[bytes]:
    wanted = values("g", (graph.decode() for graph in graphs))
    result = endpoint.query(f"SELECT ?s ?p ?o ?g WHERE {{ {wanted} GRAPH ?g {{ ?s ?p ?o }} }}")
    for row in result.rows:
        yield (" ".join(term or "" for term in row) + " .\n").encode()


def _groups(graphs: Iterable[bytes], counts: Mapping[bytes, int]) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    quads = 0
    for graph in graphs:
        if group and (quads + counts[graph] > _TOGETHER or len(group) >= _SMALL):
            yield group
            group, quads = [], 0
        group.append(graph)
        quads += counts[graph]
    if group:
        yield group


def canonical_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """N-Triples lines, however spaced and escaped, as a build writes them; comments and empty lines go."""
    import pyoxigraph

    for batch in _batched(lines):
        try:
            for triple in pyoxigraph.parse(b"".join(batch), format=pyoxigraph.RdfFormat.N_TRIPLES):
                yield f"{triple.subject} {triple.predicate} {triple.object} .\n".encode()
        except SyntaxError as error:
            remedy = "The store or a proxy failed while it answered; its log says more."
            raise failure("KG705", f"the answer holds what is no N-Triples: {excerpt(error.msg)}", remedy) from None


def _batched(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for line in lines:
        batch.append(line)
        if len(batch) >= 10_000:
            yield batch
            batch = []
    if batch:
        yield batch


def dumped_lines(endpoint: Endpoint, owned: int) -> Iterator[bytes] | None:
    """The lines of the whole store, or None when it would be mostly other people's data or gives no such thing.

    ``owned`` is how many quads are ours.
    """
    if endpoint.profile.dump is None:
        return None
    rows = endpoint.query("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }").rows
    total = int((rows[0][0] or '"0"').split('"')[1]) if rows else 0
    return endpoint.dump() if total <= 2 * owned + 10_000 else None
