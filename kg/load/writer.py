"""Sending: N-Quads in bulk where a store takes them, else whole graphs, else SPARQL Update in batches."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence

from kg.load.content import UnitFile, graph_of
from kg.load.endpoint import NQUADS, NTRIPLES, Endpoint
from kg.load.failures import RemoteError
from kg.load.limits import SMALLEST, Limit, in_pieces, too_large
from kg.load.transport import Body
from kg.vocab import XSD

__all__ = ["Writer"]

_DROPS = 200
#: Up to so many quads an update is quicker than a bulk request, which in Oxigraph takes a tenth of a second at least.
_FEW = 1_000
#: As many lines as fit.
_ANY = sys.maxsize
# A quote inside a string is escaped, so that this matches whole literals only.
_WHOLE_DECIMAL = re.compile(r'(?<!\\)"([+-]?[0-9]+)"\^\^(?=<' + re.escape(XSD) + "decimal>)")


class Writer:
    """Writes to one store, by the ways that its profile has, in requests of at most ``batch`` quads if that is given.

    ``bytes`` is the size of what was sent of units, as N-Quads.
    """

    def __init__(self, endpoint: Endpoint, batch: int | None = None) -> None:
        self._endpoint = endpoint
        self._profile = profile = endpoint.profile
        self._updates = Limit(min(batch or profile.batch_triples, profile.batch_triples), profile.batch_bytes)
        self._bulk = Limit(batch or _ANY, profile.bulk_bytes)
        self.bytes = 0

    def drop(self, graphs: Iterable[str]) -> None:
        """Drop graphs; those that are not there are passed over."""
        wanted = sorted(graphs)
        for start in range(0, len(wanted), _DROPS):
            self.update(*(f"DROP SILENT GRAPH {graph}" for graph in wanted[start : start + _DROPS]))

    def update(self, *operations: str) -> None:
        """Send operations as one SPARQL Update; nothing when there are none."""
        if operations:
            self._endpoint.update(" ;\n".join(operations))

    def add(self, graph: str, triples: Iterable[str]) -> None:
        """Add triples (``s p o``, without the full stop) to a graph."""
        self._put_in([f"{triple} {graph} .\n".encode() for triple in triples])

    def send(self, units: Sequence[UnitFile]) -> None:
        """Send units whole, into graphs that are empty."""
        if self._profile.quads is not None:
            # Cut line by line only where a number of lines was asked for.
            runs = (part for unit in units for part in self._runs(unit))
            self._bulk.send(runs, self._add_quads)
        else:
            for unit in units:
                self._send_by_graph(unit)
        self.bytes += sum(unit.length for unit in units)

    def _send_by_graph(self, unit: UnitFile) -> None:
        counts = unit.graphs()
        over = self._profile.whole_graph_over
        large = [graph for graph, count in counts.items() if self._profile.graphs is not None and count > over]
        whole = {graph for graph in sorted(large) if self._put(unit, graph)}
        rest = (line for line in unit.lines() if graph_of(line) not in whole)
        self._updates.send(rest, self._insert)

    def patch(self, extra: Iterable[bytes], missing: Sequence[bytes]) -> None:
        """Take N-Quads lines out of their graphs, and put others in."""
        self._updates.send(extra, lambda lines, _size: self.update(self._spelled(_data("DELETE", lines))))
        self._put_in(missing)
        self.bytes += sum(map(len, missing))

    def _put_in(self, lines: Sequence[bytes]) -> None:
        if self._profile.quads is not None and len(lines) > _FEW:
            self._bulk.send(lines, self._add_quads)
        else:
            self._updates.send(lines, self._insert)

    def _runs(self, unit: UnitFile) -> Iterator[bytes]:
        return unit.pieces(SMALLEST // 4) if self._bulk.most == _ANY else unit.lines()

    def _add_quads(self, lines: list[bytes], size: int) -> None:
        self._endpoint.add_quads(Body(size, lambda: in_pieces(lines), NQUADS))

    def _put(self, unit: UnitFile, graph: bytes) -> bool:
        """Put one graph of a unit whole; False when that is too large for a request, and nothing was changed."""
        end = b" " + graph + b" .\n"

        def triples() -> Iterator[bytes]:
            return (line[: -len(end)] + b" .\n" for line in unit.lines() if line.endswith(end))

        length = sum(map(len, triples()))
        try:
            self._endpoint.put_graph(graph[1:-1].decode(), Body(length, lambda: in_pieces(triples()), NTRIPLES))
        except RemoteError as error:
            if too_large(error):
                return False
            raise
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
