"""RDF in its usual forms, by Oxigraph's serialisers."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from kg.export.content import quad_pieces, triple_pieces
from kg.export.rdf12 import reified_pieces
from kg.graph.store import Graph
from kg.harmless import xml_bytes
from kg.render.triples import in_xml
from kg.vocab import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["WRITERS", "WRITERS_12"]


def _quads(graph: Graph, rdf12: bool) -> Iterator[bytes]:
    pieces = quad_pieces(graph)
    return reified_pieces(graph.project.base, pieces) if rdf12 else pieces


def _write_nquads(graph: Graph, file: BinaryIO, rdf12: bool = False) -> int:
    return _copied(_quads(graph, rdf12), file)


def _write_compressed(graph: Graph, file: BinaryIO, rdf12: bool = False) -> int:
    # Neither name nor time in the header, so that the same graph gives the same bytes.
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        return _copied(_quads(graph, rdf12), packed)


def _write_ntriples(graph: Graph, file: BinaryIO) -> int:
    return _copied(triple_pieces(graph), file)


def _write_trig(graph: Graph, file: BinaryIO, rdf12: bool = False) -> int:
    import pyoxigraph

    return _serialised(_quads(graph, rdf12), file, graph, pyoxigraph.RdfFormat.TRIG)


def _write_jsonld(graph: Graph, file: BinaryIO) -> int:
    import pyoxigraph

    return _serialised(quad_pieces(graph), file, graph, pyoxigraph.RdfFormat.JSON_LD)


def _write_turtle(graph: Graph, file: BinaryIO) -> int:
    import pyoxigraph

    return _serialised(triple_pieces(graph), file, graph, pyoxigraph.RdfFormat.TURTLE)


def _write_rdfxml(graph: Graph, file: BinaryIO) -> int:
    import pyoxigraph

    return _serialised(triple_pieces(graph), cast("IO[bytes]", _XmlFile(file)), graph, pyoxigraph.RdfFormat.RDF_XML)


class _XmlFile(io.RawIOBase):
    """A file that gets XML as ``xml_bytes`` makes it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, written: Any) -> int:  # noqa: ANN401 - a buffer of any kind
        self._file.write(xml_bytes(bytes(written)))
        return len(written)


#: The writer of each form, and what it counts.
WRITERS: dict[str, tuple[Callable[[Graph, BinaryIO], int], str]] = {
    ".nq": (_write_nquads, "quads"),
    ".nq.gz": (_write_compressed, "quads"),
    ".trig": (_write_trig, "quads"),
    ".jsonld": (_write_jsonld, "quads"),
    ".ttl": (_write_turtle, "triples"),
    ".nt": (_write_ntriples, "triples"),
    ".rdf": (_write_rdfxml, "triples"),
}

#: The writers of named graphs in RDF 1.2, claims as reifiers in place of claim graphs.
WRITERS_12: dict[str, tuple[Callable[[Graph, BinaryIO], int], str]] = {
    ".nq": (partial(_write_nquads, rdf12=True), "quads"),
    ".nq.gz": (partial(_write_compressed, rdf12=True), "quads"),
    ".trig": (partial(_write_trig, rdf12=True), "quads"),
}


def _copied(pieces: Iterator[bytes], file: BinaryIO | gzip.GzipFile) -> int:
    count = 0
    for piece in pieces:
        file.write(piece)
        count += piece.count(b"\n")
    return count


def _serialised(pieces: Iterator[bytes], file: IO[bytes], graph: Graph, form: pyoxigraph.RdfFormat) -> int:
    import pyoxigraph

    count = 0

    def quads() -> Iterator[pyoxigraph.Quad]:
        nonlocal count
        for piece in pieces:
            for quad in pyoxigraph.parse(piece, format=pyoxigraph.RdfFormat.N_QUADS):
                count += 1
                yield quad

    prefixes = {**PREFIXES, **graph.project.prefixes}
    if form.supports_datasets:
        pyoxigraph.serialize(quads(), file, format=form, prefixes=prefixes)
    else:
        triples: Iterable[pyoxigraph.Triple] = (quad.triple for quad in quads())
        if form == pyoxigraph.RdfFormat.RDF_XML:
            triples = in_xml(triples)
        pyoxigraph.serialize(triples, file, format=form, prefixes=prefixes)
    return count
