"""The units of a build as what is sent: N-Quads in which every line names its graph, read in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.errors import InputError
from kg.graph.snapshot import Snapshot
from kg.graph.units import VIEW

__all__ = ["UnitFile", "earlier_unit", "graph_of", "unit_files", "view_graph"]

_PIECE = 1 << 20


def view_graph(base: str, name: str = "default") -> str:
    """The IRI of a view's query graph in a store elsewhere: ``<base>graph/view/default``."""
    return f"{base}graph/view/{name}"


def graph_of(line: bytes) -> bytes:
    """The graph of an N-Quads line that names one, as a term."""
    return line.rsplit(b" ", 2)[1]


@dataclass(frozen=True)
class UnitFile:
    """A unit of a build: its name, sorted N-Quads file, number of quads, hash, and the graph of unnamed lines."""

    name: str
    path: Path
    quads: int
    sha256: str
    graph: bytes = b""

    @property
    def length(self) -> int:
        """Bytes of its N-Quads as they are sent."""
        return self.path.stat().st_size + (self.quads * (len(self.graph) + 1) if self.graph else 0)

    def pieces(self, size: int = _PIECE) -> Iterator[bytes]:
        """Its N-Quads in pieces of whole lines of about so many bytes, every line with its graph."""
        with self.path.open("rb") as file:
            while piece := file.read(size):
                piece += file.readline()
                # No line feed stands inside a line, so this is the end of a line and nothing else.
                yield piece.replace(b" .\n", b" " + self.graph + b" .\n") if self.graph else piece

    def lines(self) -> Iterator[bytes]:
        """Its N-Quads lines, every one with its graph."""
        for piece in self.pieces():
            yield from piece.splitlines(keepends=True)

    def graphs(self) -> dict[bytes, int]:
        """Its graphs as terms, each with the number of its quads."""
        if self.graph:
            return {self.graph: self.quads}
        counts: dict[bytes, int] = {}
        for line in self.lines():
            graph = graph_of(line)
            counts[graph] = counts.get(graph, 0) + 1
        return counts


def unit_files(snapshot: Snapshot, base: str) -> dict[str, UnitFile]:
    """The units of a build by name, in the order of the build."""
    found = {}
    for name, about in snapshot.meta["units"].items():
        path = snapshot.folder / "units" / str(about["file"])
        graph = f"<{view_graph(base)}>".encode() if name == VIEW else b""
        found[name] = UnitFile(name, path, int(about["quads"]), str(about["sha256"]), graph)
    return found


def earlier_unit(snapshot: Snapshot, base: str, name: str, sha256: str) -> UnitFile | None:
    """A unit as an earlier build beside this one has it, if one with that hash is still there."""
    for folder in sorted(snapshot.folder.parent.glob("*/")):
        try:
            unit = unit_files(Snapshot(folder), base).get(name)
        except (OSError, ValueError, KeyError, InputError):
            # Swept away meanwhile, or made by another version.
            continue
        if unit and unit.sha256 == sha256 and unit.path.is_file():
            return unit
    return None
