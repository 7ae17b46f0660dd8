"""Terms that a query names and the graph does not have: mistyped, more often than not."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from kg.labels import shorten
from kg.store import Graph
from kg.vocab import KG, PREFIXES, local_name

__all__ = ["unknown_terms"]


def unknown_terms(text: str, graph: Graph) -> Iterator[str]:
    """Each term of the ontology, and entity, that a SPARQL text names and nobody describes, with what is near."""
    from kg.checks.queries import query_terms
    from kg.queries.entities import mentioned

    prefixes = {**PREFIXES, **graph.project.prefixes}
    own = tuple(f"<{space}" for space in (KG, prefixes["id"], graph.project.vocabulary[1]))
    for term in query_terms(text).lines:
        space = next((space for space in own if term.startswith(space)), None)
        if space is None or mentioned(graph, term):
            continue
        near = {local_name(known): known for known in graph.label.names if known.startswith(space)}
        close = get_close_matches(local_name(term), near, 1, 0.6)
        hint = f": did you mean {shorten(near[close[0]], prefixes)}?" if close else ""
        yield f"the graph has no {shorten(term, prefixes)}{hint}"
