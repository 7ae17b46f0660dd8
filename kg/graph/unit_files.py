"""The units of a build as they are sent: N-Quads in which every line names its graph, read in pieces.

A view other than the default is a unit too. Its name follows from its options, so that it needs no list:
``accept-affirmed``, ``as-of-2016-12-31``, ``certain``, ``only-a+b``, ``without-c``, joined by commas in that order.
Its graph is ``<base>graph/view/NAME`` and its unit ``view/NAME``; from the units that a store records, a later load
knows which views to bring up to date.
"""

from __future__ import annotations

import hashlib
import heapq
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote

from kg.dates import DateError, span
from kg.errors import InputError, KgError
from kg.files import temporary_place
from kg.graph.snapshot import Snapshot
from kg.graph.store import Graph
from kg.graph.units import VIEW
from kg.graph.views import View
from kg.owned import scratch_folder

_PIECE = 1 << 20
#: Bytes of lines that are sorted in memory.
_RUN = 32 << 20
_OPTIONS = ("accept", "as-of", "only", "without")


def view_graph(base: str, name: str = "default") -> str:
    """The IRI of a view's query graph in a remote store: ``<base>graph/view/default``."""
    return f"{base}graph/view/{name}"


def graph_of(line: bytes) -> bytes:
    """The graph of an N-Quads line that names one, as a term."""
    return line.rsplit(b" ", 2)[1]


@dataclass(frozen=True)
class UnitFile:
    """A unit of a build: its name, number of quads, hash, and the graph of unnamed lines.

    ``source`` is its file of sorted N-Quads, or the store whose unnamed graph it is.
    """

    name: str
    source: Path
    quads: int
    sha256: str
    graph: bytes = b""

    @cached_property
    def path(self) -> Path:
        """The file of its sorted lines; one that is written from the store goes with the process."""
        return _sorted_lines(self.source) if self.source.is_dir() else self.source

    @property
    def length(self) -> int:
        """Bytes of its N-Quads as they are sent."""
        return self.path.stat().st_size + (self.quads * (len(self.graph) + 1) if self.graph else 0)

    def pieces(self, size: int = _PIECE) -> Iterator[bytes]:
        """Its N-Quads in pieces of whole lines of about ``size`` bytes, every line with its graph."""
        with self.path.open("rb") as file:
            while piece := file.read(size):
                piece += file.readline()
                # No line feed stands inside a line, so this is the end of a line and nothing else.
                yield piece.replace(b" .\n", b" " + self.graph + b" .\n") if self.graph else piece

    def lines(self) -> Iterator[bytes]:
        """Its N-Quads lines, every one with its graph."""
        for piece in self.pieces():
            yield from piece.splitlines(keepends=True)

    @cached_property
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
        source = snapshot.folder / "units" / str(about["file"]) if about["file"] else snapshot.store_path
        graph = f"<{view_graph(base)}>".encode() if name == VIEW else b""
        found[name] = UnitFile(name, source, int(about["quads"]), str(about["sha256"]), graph)
    return found


def _sorted_lines(store: Path) -> Path:
    """A new file with the unnamed graph of a store as sorted N-Triples: sorted in runs, which are then merged."""
    import pyoxigraph

    place = temporary_place()
    place.mkdir(parents=True, exist_ok=True)
    target = place / f"{os.urandom(8).hex()}.nt"
    with scratch_folder(place, "runs-", "runs") as folder, ExitStack() as stack:
        whole, runs = folder / "whole", list[Path]()
        opened = pyoxigraph.Store.read_only(str(store))
        opened.dump(str(whole), pyoxigraph.RdfFormat.N_TRIPLES, from_graph=pyoxigraph.DefaultGraph())
        file = stack.enter_context(whole.open("rb"))
        while lines := file.readlines(_RUN):
            runs.append(folder / f"run-{len(runs)}")
            runs[-1].write_bytes(b"".join(sorted(lines)))
        merged = stack.enter_context(target.open("wb"))
        merged.writelines(heapq.merge(*(stack.enter_context(run.open("rb")) for run in runs)))
    return target


def earlier_unit(snapshot: Snapshot, base: str, name: str, sha256: str) -> UnitFile | None:
    """A unit as an earlier build beside this one has it, if one with that hash is still there."""
    for folder in sorted(snapshot.folder.parent.glob("*/")):
        try:
            unit = unit_files(Snapshot(folder), base).get(name)
        except (OSError, ValueError, KeyError, InputError):
            # Removed meanwhile, or made by another version.
            continue
        if unit and unit.sha256 == sha256 and unit.source.exists():
            return unit
    return None


def view_name(view: View) -> str:
    """The name of a view in stores: ``default``, or its options."""
    parts = [] if view.accept == "facts" else [f"accept-{view.accept}"]
    parts += [f"as-of-{quote(view.as_of_text, safe='')}"] if view.as_of else []
    parts += ["certain"] if view.certain else []
    parts += [] if view.only is None else ["only-" + "+".join(sorted(view.only))]
    parts += ["without-" + "+".join(sorted(view.without))] if view.without else []
    return ",".join(parts) or "default"


def named_view(name: str) -> View | None:
    """The view of a name; None when no view has it."""
    options: dict[str, str] = {}
    parts = name.split(",")
    certain = "certain" in parts
    for part in filter(lambda part: part != "certain", parts):
        option = next((o for o in _OPTIONS if part.startswith(f"{o}-")), None)
        if option is None:
            return None
        options[option] = part.removeprefix(f"{option}-")
    when = unquote(options.get("as-of", ""))
    only, without = (frozenset(filter(None, options.get(o, "").split("+"))) for o in ("only", "without"))
    try:
        view = View(
            only if "only" in options else None,
            without,
            options.get("accept", "facts"),
            span(when) if when else None,
            when,
            certain,
        )
    except (KgError, DateError):
        return None
    return view if view_name(view) == name else None


def unit_name(view: View) -> str:
    """The unit that holds a view's query graph: ``view`` for the default one, else ``view/NAME``."""
    return VIEW if view.default else f"{VIEW}/{view_name(view)}"


def recorded_views(graph: Graph, units: Iterable[str]) -> list[View]:
    """The views other than the default among the units of a store whose documents all exist."""
    found = []
    for unit in sorted(units):
        view = named_view(unit.removeprefix(f"{VIEW}/")) if unit.startswith(f"{VIEW}/") else None
        if view is not None and ((view.only or frozenset()) | view.without) <= set(graph.snapshot.meta["documents"]):
            found.append(view)
    return found


def view_unit(graph: Graph, folder: Path) -> UnitFile:
    """The query graph of a graph's view as a unit, its file written into a folder."""
    lines = sorted(f"{s} {p} {o} .\n" for s, p, o in graph.triples())
    content = "".join(lines).encode()
    digest = hashlib.sha256(content).hexdigest()
    path = folder / f"{hashlib.sha256(unit_name(graph.view).encode()).hexdigest()}.nq"
    path.write_bytes(content)
    where = f"<{view_graph(graph.project.base, view_name(graph.view))}>".encode()
    return UnitFile(unit_name(graph.view), path, len(lines), digest, where)
