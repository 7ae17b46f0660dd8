"""What there is to export of a graph in its view: all quads by unit, and the triples of its query graph."""

from __future__ import annotations

from collections.abc import Iterator

from kg.graph.store import Graph
from kg.graph.unit_files import unit_files, view_graph, view_name
from kg.graph.units import VIEW, unit_lines

__all__ = ["quad_pieces", "triple_pieces", "view_iri"]


def view_iri(graph: Graph) -> str:
    """The IRI of the graph's query graph in a file of named graphs, as in a store: ``<base>graph/view/default``."""
    return view_graph(graph.project.base, view_name(graph.view))


def quad_pieces(graph: Graph) -> Iterator[bytes]:
    """All units as N-Quads, in pieces of whole lines: claims of every document, and the facts of this view."""
    if graph.view.default:
        for unit in unit_files(graph.snapshot, graph.project.base).values():
            yield from unit.pieces()
        return

    end = f" <{view_iri(graph)}> .\n".encode()
    for name, lines in unit_lines(graph.materialised, graph.queries):
        piece = "".join(lines).encode()
        yield piece.replace(b" .\n", end) if name == VIEW else piece


def triple_pieces(graph: Graph) -> Iterator[bytes]:
    """The query graph of the view as sorted N-Triples, in pieces of whole lines."""
    if graph.view.default:
        unit = unit_files(graph.snapshot, graph.project.base)[VIEW]
        with unit.path.open("rb") as file:
            while piece := file.read(1 << 20):
                yield piece + file.readline()
        return
    lines = {f"{s} {p} {o} .\n" for s, p, o in graph.materialised.query_graph()}
    yield "".join(sorted(lines)).encode()
