"""Values between a process and its workers: pickled, but for graphs, which each side has open itself."""

from __future__ import annotations

import io
import pickle
from typing import Any

from kg.graph.store import Graph


def dumps(value: object) -> bytes:
    """A value to be sent, each graph in it named by its view and language."""
    buffer = io.BytesIO()
    _Pickler(buffer).dump(value)
    return buffer.getvalue()


def loads(content: bytes, graph: Graph) -> Any:  # noqa: ANN401 - whatever was sent
    """A value that was sent, with a graph in place of those that were named."""
    return _Unpickler(io.BytesIO(content), graph).load()


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: object) -> object:
        return (value.view, value.language) if isinstance(value, Graph) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, graph: Graph) -> None:
        super().__init__(file)
        self._graph = graph

    def persistent_load(self, name: Any) -> Graph:  # noqa: ANN401 - as dumps named it
        view, language = name
        if view == self._graph.view:
            return self._graph
        other = self._graph.in_view(view)
        other.language = language
        return other
