"""A neighbourhood as DOT, the language of Graphviz, for who wants to draw it otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from kg.harmless import harmless
from kg.model import Term, is_literal
from kg.render.pictures.neighbourhood_picture import STYLES
from kg.timeline.dated_facts import sources
from kg.timeline.neighbourhood import Neighbourhood, no_neighbours

__all__ = ["dot"]

_DASHES = {"-": "solid", "--": "dashed", "-.": "dotted"}


def dot(neighbourhood: Neighbourhood) -> str:
    """The text of a directed graph: a node for each thing, an edge for each fact with its sources as its tooltip."""
    return "".join(line + "\n" for line in _lines(neighbourhood))


def _lines(neighbourhood: Neighbourhood) -> Iterator[str]:
    label = neighbourhood.graph.label
    graph = neighbourhood.graph
    said = "; ".join([*no_neighbours(neighbourhood), f"view: {graph.describe_view()}", f"graph {graph.version}"])
    yield "digraph neighbourhood {"
    yield f"  label={_quoted(said)};"
    yield '  rankdir="LR"; node [shape="box", style="rounded", fontname="DejaVu Sans", fontsize=10];'
    yield '  edge [fontname="DejaVu Sans", fontsize=9];'
    terms = dict.fromkeys([neighbourhood.term, *(t for f in neighbourhood.facts for t in (f.triple[0], f.triple[2]))])
    names: dict[Term, str] = {term: f"n{number}" for number, term in enumerate(terms)}
    for term, name in names.items():
        shape = ', shape="plaintext"' if is_literal(term) else ", penwidth=2" if term == neighbourhood.term else ""
        yield f"  {name} [label={_quoted(label(term))}{shape}];"
    for fact in neighbourhood.facts:
        s, p, o = fact.triple
        colour, dashes = STYLES[fact.how]
        style = f'color="{colour}", style="{_DASHES[dashes]}"'
        cited = _quoted(", ".join(sources(fact.claims)))
        yield f"  {names[s]} -> {names[o]} [label={_quoted(label(p))}, {style}, tooltip={cited}];"
    yield "}"


def _quoted(text: str) -> str:
    escaped = harmless(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
