"""Views other than the default in a store: the name of each, and its query graph as a unit of its own.

A name is what the view's options say, so that it needs no list: ``accept-affirmed``, ``as-of-2016-12-31``,
``certain``, ``only-a+b``, ``without-c``, several joined by commas in that order. The graph is
``<base>graph/view/NAME`` and the unit ``view/NAME``; from the units that a store records a later load knows which
views to bring up to date.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, unquote

from kg.dates import DateError, span
from kg.errors import KgError
from kg.graph.store import Graph
from kg.graph.units import VIEW
from kg.graph.views import View
from kg.load.content import UnitFile, view_graph

__all__ = ["named_view", "recorded_views", "unit_name", "view_name", "view_unit"]


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
        option = next((o for o in ("accept", "as-of", "only", "without") if part.startswith(f"{o}-")), None)
        if option is None:
            return None
        options[option] = part.removeprefix(f"{option}-")
    when = unquote(options.get("as-of", ""))
    documents = {
        option: frozenset(filter(None, options.get(option, "").split("+"))) for option in ("only", "without")
    }
    try:
        view = View(
            documents["only"] if "only" in options else None,
            documents["without"],
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
    """The views other than the default among the units of a store, as far as the documents that they name exist."""
    found = []
    for unit in sorted(units):
        view = named_view(unit.removeprefix(f"{VIEW}/")) if unit.startswith(f"{VIEW}/") else None
        if view is not None and ((view.only or frozenset()) | view.without) <= set(graph.snapshot.meta["documents"]):
            found.append(view)
    return found


def view_unit(graph: Graph, folder: Path) -> UnitFile:
    """The query graph of a graph's view as a unit, its file written into a folder."""
    lines = sorted({f"{s} {p} {o} .\n" for s, p, o in graph.materialised.query_graph()})
    content = "".join(lines).encode()
    digest = hashlib.sha256(content).hexdigest()
    path = folder / f"{hashlib.sha256(unit_name(graph.view).encode()).hexdigest()}.nq"
    path.write_bytes(content)
    where = f"<{view_graph(graph.project.base, view_name(graph.view))}>".encode()
    return UnitFile(unit_name(graph.view), path, len(lines), digest, where)
