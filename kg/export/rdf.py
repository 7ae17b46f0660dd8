"""RDF in its usual forms, by Oxigraph's serialisers, and in RDF 1.2.

In RDF 1.2 claims are reifiers of what they state, in place of named graphs: what a claim states is a triple term that
it reifies (``claim rdf:reifies <<( s p o )>>``); where the view takes it as fact the triple is asserted as well, and
in Turtle the two are written together, as the annotation ``s p o ~ claim``. Every other statement about a claim
stays as it is. See RDF 1.2 Turtle, 2.10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from kg.graph.store import Graph
from kg.graph.unit_files import unit_files, view_graph, view_name
from kg.graph.units import VIEW, unit_lines
from kg.render.triples import serialise
from kg.vocab import RDF

if TYPE_CHECKING:
    pass


def quad_pieces(graph: Graph) -> Iterator[bytes]:
    """All units as N-Quads, in pieces of whole lines: claims of every document, and the facts of this view."""
    if graph.view.default:
        for unit in unit_files(graph.snapshot, graph.project.base).values():
            yield from unit.pieces()
        return

    end = f" <{view_graph(graph.project.base, view_name(graph.view))}> .\n".encode()
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
    yield "".join(sorted(f"{s} {p} {o} .\n" for s, p, o in graph.triples())).encode()


#: The endings of RDF, each with the name of its serialiser (none where the pieces are written as they are).
SERIALISERS = {".nq": "", ".trig": "TRIG", ".jsonld": "JSON_LD", ".ttl": "TURTLE", ".nt": "", ".rdf": "RDF_XML"}
#: Those that have named graphs.
DATASETS = (".nq", ".trig", ".jsonld")


def write_rdf(graph: Graph, file: BinaryIO, ending: str, *, rdf12: bool = False) -> int:
    """Write the graph in a form of RDF; gives how many quads or triples. ``rdf12`` is for named graphs."""
    pieces = quad_pieces(graph) if ending in DATASETS else triple_pieces(graph)
    if rdf12:
        pieces = reified_pieces(graph.project.base, pieces)
    if name := SERIALISERS[ending]:
        return serialise(pieces, file, name, graph.project.prefixes)
    return _copied(pieces, file)


def _copied(pieces: Iterator[bytes], file: BinaryIO) -> int:
    count = 0
    for piece in pieces:
        file.write(piece)
        count += piece.count(b"\n")
    return count


_REIFIES = f"<{RDF}reifies>"


def reified_pieces(base: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """N-Quads with every claim graph in place of a graph as reifiers, in the graph of its document.

    ``s p o claim`` becomes ``claim rdf:reifies <<( s p o )>> document``.
    """
    claims = f" <{base}claim/".encode()
    for piece in pieces:
        if claims not in piece:
            yield piece
            continue
        yield b"".join(_reified(base, line) for line in piece.splitlines(keepends=True))


def _reified(base: str, line: bytes) -> bytes:
    triple, graph, _stop = line.rsplit(b" ", 2)
    start = f"<{base}claim/".encode()
    if not graph.startswith(start):
        return line
    slug = graph.removeprefix(start).partition(b"/")[0]
    document = f"<{base}graph/document/".encode() + slug + b">"
    return b"%b %b <<( %b )>> %b .\n" % (graph, _REIFIES.encode(), triple, document)


def write_reified(graph: Graph, file: BinaryIO) -> int:
    """Write N-Triples 1.2: the view's query graph, and what each claim reifies."""
    count = _copied(triple_pieces(graph), file)
    lines = {
        f"{claim.iri} {_REIFIES} <<( {s} {p} {o} )>> .\n"
        for claim in graph.corpus.claims.values()
        for s, p, o in claim.content
    }
    file.write("".join(sorted(lines)).encode())
    return count + len(lines)


def write_annotated(graph: Graph, file: BinaryIO) -> int:
    """Write Turtle 1.2, a statement a line: facts with their claims as annotations."""
    reifiers: dict[str, list[str]] = {}
    for claim in graph.corpus.claims.values():
        for triple in claim.content:
            reifiers.setdefault(" ".join(triple), []).append(claim.iri)
    count = 0
    for piece in triple_pieces(graph):
        for line in piece.decode().splitlines():
            fact = line.removesuffix(" .")
            claims = sorted(reifiers.pop(fact, ()))
            file.write(" ".join([fact, *(f"~ {claim}" for claim in claims), ".\n"]).encode())
            count += 1 + len(claims)
    # What is left is claimed, and no fact of this view.
    for content, claims in sorted(reifiers.items()):
        for iri in sorted(claims):
            file.write(f"{iri} {_REIFIES} <<( {content} )>> .\n".encode())
            count += 1
    return count
