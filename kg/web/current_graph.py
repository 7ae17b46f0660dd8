"""The graph that a server answers from: the current build of a project, looked for anew once it may have changed."""

from __future__ import annotations

import time

from kg.graph.snapshot import current, made_by
from kg.graph.store import Graph, open_graph
from kg.project import Project

__all__ = ["Current"]

#: Seconds between two looks for another build.
_INTERVAL = 1.0


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
