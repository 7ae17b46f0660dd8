"""The graph that a server answers from: the current build of a project, looked for anew once it may have changed."""

from __future__ import annotations

import time
from collections.abc import Mapping

from kg.errors import Problem, UsageError
from kg.graph.snapshot import current, made_by
from kg.graph.store import Graph, open_graph
from kg.graph.views import view_of
from kg.labels import language_of
from kg.project import Project

__all__ = ["VIEW", "Current", "in_view", "single"]

#: Seconds between two looks for another build.
_INTERVAL = 1.0
#: The parameters of an address that choose the view and the language of labels.
VIEW = ("only", "without", "accept", "as-of", "certain", "lang")


class Current:
    """Gives the graph of a project, built first if need be. Raises KgError as ``open_graph`` does."""

    def __init__(self, project: Project) -> None:
        self._graph = open_graph(project)
        self._looked = time.monotonic()

    def __call__(self) -> Graph:
        """The graph as the newest build has it; the one before while there is none that this version can read."""
        if time.monotonic() - self._looked >= _INTERVAL:
            self._looked = time.monotonic()
            project = self._graph.project
            found = current(project)
            if found and found.folder != self._graph.snapshot.folder and found.meta["made_by"] == made_by():
                self._graph = Graph(project, found)
        return self._graph


def in_view(graph: Graph, parameters: Mapping[str, str]) -> Graph:
    """A graph in the view and the language that parameters of an address choose. Raises UsageError."""
    only, without = (_listed(parameters.get(name, "")) for name in ("only", "without"))
    certain = parameters.get("certain", "").lower() in ("1", "true", "yes")
    accept, as_of = parameters.get("accept") or "facts", parameters.get("as-of") or None
    view = view_of(only if "only" in parameters else None, without, accept, as_of, certain)
    view.check(graph.snapshot.meta["documents"])
    found = graph if view == graph.view else graph.in_view(view)
    if (language := language_of(parameters.get("lang") or "en")) != found.language:
        found = found.in_view(view)
        found.language = language
    return found


def single(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The parameters of an address, each of which may come once. Raises UsageError (KG753)."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name in found if sum(name == each for each, _value in pairs) > 1)
        raise UsageError(Problem("KG753", f"{twice!r} is given twice", remedy="Give one value."))
    return found


def _listed(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",") if name.strip())
