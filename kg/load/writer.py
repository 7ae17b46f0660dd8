"""Sending: N-Quads in bulk where a store takes them, else whole graphs, else SPARQL Update in batches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from kg.load.content import UnitFile, graph_of
from kg.load.endpoint import NQUADS, NTRIPLES, Endpoint
from kg.load.transport import Body
from kg.vocab import XSD

__all__ = ["Writer"]

_DROPS = 200
# A quote inside a string is escaped, so that this matches whole literals only.
_WHOLE_DECIMAL = re.compile(r'(?<!\\)"([+-]?[0-9]+)"\^\^(?=<' + re.escape(XSD) + "decimal>)")


class Writer:
    """Writes to one store, by the ways that its profile has. ``tick`` is called after each request."""

    def __init__(self, endpoint: Endpoint, batch: int | None = None, tick: Callable[[], None] = lambda: None) -> None:
        self._endpoint = endpoint
        self._profile = endpoint.profile
        self._batch = min(batch or self._profile.batch_triples, self._profile.batch_triples)
        self.tick = tick
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
            self.tick()

    def add(self, graph: str, triples: Iterable[str]) -> None:
        """Add triples (``s p o``, without the full stop) to a graph."""
        lines = [f"{triple} {graph} .\n".encode() for triple in triples]
        if self._profile.quads is not None and lines:
            self._endpoint.add_quads(Body.of(b"".join(lines), NQUADS))
            self.tick()
        else:
            self._insert(lines)

    def send(self, units: Sequence[UnitFile]) -> None:
        """Send units whole, into graphs that are empty."""
        if self._profile.quads is not None:
            length = sum(unit.length for unit in units)
            self._endpoint.add_quads(Body(length, lambda: (p for unit in units for p in unit.pieces()), NQUADS))
            self.bytes += length
            self.tick()
            return
        for unit in units:
            counts = unit.graphs()
            whole = self._profile.whole_graph_over
            large = {graph for graph, count in counts.items() if self._profile.graphs is not None and count > whole}
            for graph in sorted(large):
                self._put(unit, graph)
            self._insert(line for line in unit.lines() if graph_of(line) not in large)

    def patch(self, extra: Iterable[bytes], missing: Sequence[bytes]) -> None:
        """Take N-Quads lines out of their graphs, and put others in."""
        for batch in self._batches(extra):
            self.update(self._spelled(_data("DELETE", batch)))
        if self._profile.quads is not None and missing:
            body = Body.of(b"".join(missing), NQUADS)
            self._endpoint.add_quads(body)
            self.bytes += body.length
            self.tick()
        else:
            self._insert(missing)

    def _put(self, unit: UnitFile, graph: bytes) -> None:
        end = b" " + graph + b" .\n"
        length = sum(len(line) - len(end) + 3 for line in unit.lines() if line.endswith(end))

        def pieces() -> Iterator[bytes]:
            part: list[bytes] = []
            for line in unit.lines():
                if line.endswith(end):
                    part.append(line[: -len(end)] + b" .\n")
                    if len(part) >= 5_000:
                        yield b"".join(part)
                        part.clear()
            yield b"".join(part)

        self._endpoint.put_graph(graph[1:-1].decode(), Body(length, pieces, NTRIPLES))
        self.bytes += length
        self.tick()

    def _insert(self, lines: Iterable[bytes]) -> None:
        for batch in self._batches(lines):
            text = self._spelled(_data("INSERT", batch))
            self._endpoint.update(text)
            self.bytes += len(text)
            self.tick()

    def _spelled(self, text: str) -> str:
        return _WHOLE_DECIMAL.sub(r'"\1.0"^^', text) if self._profile.decimals_need_point else text

    def _batches(self, lines: Iterable[bytes]) -> Iterator[list[bytes]]:
        batch: list[bytes] = []
        size = 0
        for line in lines:
            if batch and (len(batch) >= self._batch or size + len(line) > self._profile.batch_bytes):
                yield batch
                batch, size = [], 0
            batch.append(line)
            size += len(line)
        if batch:
            yield batch


def _data(verb: str, lines: list[bytes]) -> str:
    """INSERT DATA or DELETE DATA with one GRAPH block for each graph: N-Triples terms are SPARQL terms."""
    blocks: dict[bytes, list[str]] = {}
    for line in lines:
        triple, graph, _stop = line.rsplit(b" ", 2)
        blocks.setdefault(graph, []).append(triple.decode())
    inside = [f"GRAPH {graph.decode()} {{ " + " .\n".join(rows) + " }" for graph, rows in blocks.items()]
    return f"{verb} DATA {{\n" + "\n".join(inside) + "\n}"
