"""RDF 1.2: claims as reifiers of what they state, in place of named graphs.

What a claim states is a triple term that it reifies (``claim rdf:reifies <<( s p o )>>``); where the view takes it
as fact the triple is asserted as well, and in Turtle the two are written together, as the annotation
``s p o ~ claim``. Every other statement about a claim stays as it is. See RDF 1.2 Turtle, 2.10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from kg.export.content import triple_pieces
from kg.graph.store import Graph
from kg.vocab import RDF

__all__ = ["reified_pieces", "write_annotated", "write_reified"]

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
    count = 0
    for piece in triple_pieces(graph):
        file.write(piece)
        count += piece.count(b"\n")
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
