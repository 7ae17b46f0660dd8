"""What a field may go on to, as names to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.errors import UsageError
from kg.labels import fold
from kg.queries.name_completion import entities, names_begun, properties
from kg.queries.parameters import fitting

if TYPE_CHECKING:
    from collections.abc import Collection

    from kg.graph.store import Graph
    from kg.model import Term

__all__ = ["suggestions"]

_MOST = 12


def suggestions(graph: Graph, field: str, typed: str) -> Iterator[list[str]]:
    """Names that begin as ``typed`` for a field: ``ask``, ``entity``, ``property``, or ``QUESTION.PARAMETER``."""
    if not fold(typed):
        yield []
    elif field == "ask":
        words = fold(typed).split()
        questions = [query.summary for query in graph.queries.values() if _has(fold(query.summary), words)]
        names = names_begun(graph, typed, frozenset(entities(graph)), _MOST // 2)
        yield [*names, *questions][:_MOST]
    else:
        yield names_begun(graph, typed, _within(graph, field), _MOST)


def _within(graph: Graph, field: str) -> Collection[Term] | None:
    """What fits a field; anything with a name where that is not known."""
    if field == "property":
        return frozenset(properties(graph))
    name, _dot, parameter = field.partition(".")
    query = graph.queries.get(name)
    for each in query.parameters if query else ():
        if each.name == parameter:
            try:
                return fitting(graph, each) or frozenset(entities(graph))
            except UsageError:
                break
    return frozenset(entities(graph))


def _has(text: str, words: list[str]) -> bool:
    """Whether a text has words that begin with all of some."""
    return all(any(each.startswith(word) for each in text.split()) for word in words)
