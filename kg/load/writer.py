"""Send N-Quads in bulk where a store takes them, else whole graphs, else SPARQL Update in batches."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg.graph.unit_files import UnitFile, graph_of
from kg.load.endpoint import NQUADS, NTRIPLES, Endpoint
from kg.load.failures import RemoteError
from kg.load.timed_http import joined
from kg.load.transport import Body
from kg.vocab import XSD

#: Bytes below which no request is halved: a query of a load may be as long, and cannot be divided.
SMALLEST = 1 << 16
_DROPS = 200
#: Up to this number of quads an update is quicker than a bulk request, which takes Oxigraph 0.1 s at least.
_FEW = 1_000
_NO_LIMIT = sys.maxsize
# A quote inside a string is escaped, so that this matches whole literals only.
_WHOLE_DECIMAL = re.compile(r'(?<!\\)"([+-]?[0-9]+)"\^\^(?=<' + re.escape(XSD) + "decimal>)")
#: Sends some lines with a number of bytes.
Send = Callable[[list[bytes], int], None]


@dataclass
class Batches:
    """The largest request of one kind: its lines (or runs of lines) and bytes; a refusal halves the bytes."""

    lines: int
    size: int

    def send(self, lines: Iterable[bytes], send: Send) -> None:
        """Send lines by a function that takes some and their size in bytes, in as few requests as possible.

        Raises RemoteError as the function does; KG708 when a store refuses the smallest request.
        """
        batch: list[bytes] = []
        size = 0
        for line in lines:
            if batch and (len(batch) >= self.lines or size + len(line) > self.size):
                self._send(batch, send)
                batch, size = [], 0
            batch.append(line)
            size += len(line)
        if batch:
            self._send(batch, send)

    def _send(self, batch: list[bytes], send: Send) -> None:
        size = sum(map(len, batch))
        try:
            send(batch, size)
        except RemoteError as error:
            if error.code != "KG708" or len(batch) == 1 or size <= SMALLEST:
                raise
            # Later requests are of this size from the beginning.
            self.size = max(SMALLEST, size // 2)
            self.send(batch, send)


class Writer:
    """Writes to one store in the ways that its profile has, in requests of at most ``batch`` quads if that is given.

    ``bytes`` is the size of the units' content that was sent, as N-Quads.
    """

    def __init__(self, endpoint: Endpoint, batch: int | None = None) -> None:
        self._endpoint = endpoint
        self._profile = profile = endpoint.profile
        self._updates = Batches(min(batch or profile.batch_triples, profile.batch_triples), profile.batch_bytes)
        self._bulk = Batches(batch or _NO_LIMIT, profile.bulk_bytes)
        self.bytes = 0

    def drop(self, graphs: Iterable[str]) -> None:
        """Drop graphs; those that do not exist are passed over."""
        wanted = sorted(graphs)
        for start in range(0, len(wanted), _DROPS):
            self.update(*(f"DROP SILENT GRAPH {graph}" for graph in wanted[start : start + _DROPS]))

    def update(self, *operations: str) -> None:
        """Send operations as one SPARQL Update; nothing when there are none."""
        if operations:
            self._endpoint.update(" ;\n".join(operations))

    def add(self, graph: str, triples: Iterable[str]) -> None:
        """Add triples (``s p o``, without the full stop) to a graph."""
        self._add([f"{triple} {graph} .\n".encode() for triple in triples])

    def send(self, units: Sequence[UnitFile]) -> None:
        """Send units whole, into graphs that are empty."""
        if self._profile.quads is not None:
            # Divided line by line only where a number of lines was asked for.
            whole = self._bulk.lines == _NO_LIMIT
            runs = (run for unit in units for run in (unit.pieces(SMALLEST // 4) if whole else unit.lines()))
            self._bulk.send(runs, self._add_quads)
        else:
            for unit in units:
                self._send_by_graph(unit)
        self.bytes += sum(unit.length for unit in units)

    def patch(self, extra: Iterable[bytes], missing: Sequence[bytes]) -> None:
        """Remove N-Quads lines from their graphs, and add others."""
        self._updates.send(extra, lambda lines, _size: self.update(self._spelled(_data("DELETE", lines))))
        self._add(missing)
        self.bytes += sum(map(len, missing))

    def _send_by_graph(self, unit: UnitFile) -> None:
        large = [graph for graph, count in unit.graphs.items() if count > self._profile.whole_graph_over]
        whole = {graph for graph in sorted(large) if self._profile.graphs is not None and self._put(unit, graph)}
        rest = (line for line in unit.lines() if graph_of(line) not in whole)
        self._updates.send(rest, self._insert)

    def _add(self, lines: Sequence[bytes]) -> None:
        if self._profile.quads is not None and len(lines) > _FEW:
            self._bulk.send(lines, self._add_quads)
        else:
            self._updates.send(lines, self._insert)

    def _add_quads(self, lines: list[bytes], size: int) -> None:
        self._endpoint.add_quads(Body(size, lambda: joined(lines), NQUADS))

    def _put(self, unit: UnitFile, graph: bytes) -> bool:
        """Put one graph of a unit whole; False when that is too large for a request, and nothing was changed."""
        end = b" " + graph + b" .\n"

        def triples() -> Iterator[bytes]:
            return (line[: -len(end)] + b" .\n" for line in unit.lines() if line.endswith(end))

        length = sum(map(len, triples()))
        try:
            self._endpoint.put_graph(graph[1:-1].decode(), Body(length, lambda: joined(triples()), NTRIPLES))
        except RemoteError as error:
            if error.code != "KG708":
                raise
            return False
        return True

    def _insert(self, lines: list[bytes], _size: int) -> None:
        self.update(self._spelled(_data("INSERT", lines)))

    def _spelled(self, text: str) -> str:
        return _WHOLE_DECIMAL.sub(r'"\1.0"^^', text) if self._profile.decimals_need_point else text


def _data(verb: str, lines: list[bytes]) -> str:
    """INSERT DATA or DELETE DATA with one GRAPH block for each graph: N-Triples terms are SPARQL terms."""
    blocks: dict[bytes, list[str]] = {}
    for line in lines:
        triple, graph, _stop = line.rsplit(b" ", 2)
        blocks.setdefault(graph, []).append(triple.decode())
    inside = [f"GRAPH {graph.decode()} {{ " + " .\n".join(rows) + " }" for graph, rows in blocks.items()]
    return f"{verb} DATA {{\n" + "\n".join(inside) + "\n}"
