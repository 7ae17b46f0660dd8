"""A neighbourhood as a picture: the term in the middle, what it leads to on its right, what leads to it on its left.

All of it is on one picture, with a column for each step; a PDF has one page of that size.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from kg.harmless import harmless
from kg.model import Term, is_literal
from kg.phrases import phrase
from kg.render.pictures.canvas import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    MARGIN,
    ORANGE,
    SMALL,
    Canvas,
    drawing,
    save,
)
from kg.render.pictures.tree_layout import BEND, BOX, LINE, Half, Halves, Line, Sheet, leaves_of
from kg.render.sources import picture_foot
from kg.status import legend
from kg.timeline.dated_facts import sources
from kg.timeline.neighbourhood import Branch, Neighbourhood, no_neighbours

_WIDE = BOX - 0.08
#: The height that stays free at the head and at the foot.
TOP, BOTTOM = 0.7, 0.75
#: The colour and dashes of a line, by how its fact stands.
_STYLES = {"stated": (BLUE, "-"), "inferred": (ORANGE, "--"), "background": (GREEN, "-.")}


def height_of(neighbourhood: Neighbourhood) -> float:
    """How many inches tall the picture of a neighbourhood is, on one page."""
    return _height(neighbourhood.term, *_whole(neighbourhood))


def draw_neighbourhood(neighbourhood: Neighbourhood, path: Path | BytesIO) -> None:
    """Draw a neighbourhood into an SVG, PNG or PDF file, or as SVG into memory, on one page.

    Raises UsageError (KG811, KG758) when the ending is another or matplotlib is missing, InputError (KG813) when
    writing fails.
    """
    graph = neighbourhood.graph
    title = phrase("Around {}", graph.language, graph.label(neighbourhood.term))
    with drawing():
        save([_draw_whole(neighbourhood, title)], path, title)


def _whole(neighbourhood: Neighbourhood) -> tuple[Sheet, Halves]:
    """All of a neighbourhood as the two sides of one picture."""
    left, right = (tuple(b for b in neighbourhood.branches if b.outgoing == outgoing) for outgoing in (False, True))
    terms = (leaf.term for leaf in leaves_of(neighbourhood.branches))
    return Sheet(neighbourhood.graph.label, terms, (_depth(left), _depth(right))), (left, right)


def _depth(branches: tuple[Branch, ...]) -> int:
    return max(
        (1 + max((_depth(leaf.branches) for leaf in branch.leaves), default=0) for branch in branches), default=0
    )


def _height(term: Term, sheet: Sheet, halves: Halves) -> float:
    return TOP + max(0.6, sheet.tall(term, halves)) + BOTTOM


def _draw_whole(neighbourhood: Neighbourhood, title: str) -> Canvas:
    sheet, halves = _whole(neighbourhood)
    canvas = Canvas(sheet.width, _height(neighbourhood.term, sheet, halves))
    canvas.title(title, neighbourhood.graph.language)
    if not neighbourhood.facts:
        canvas.nothing(no_neighbours(neighbourhood), neighbourhood.graph.language)
    _draw_around(canvas, sheet, neighbourhood.term, halves, (TOP + canvas.height - BOTTOM) / 2)
    _foot(canvas, neighbourhood)
    return canvas


def _draw_around(canvas: Canvas, sheet: Sheet, term: Term, halves: Halves, centre: float) -> None:
    for side, stems in sheet.sides(halves):
        _draw_side(canvas, side, stems, centre - side.y / 2)
    _box(canvas, sheet.middle, centre, sheet.centre(term), "bold")


def _draw_side(canvas: Canvas, side: Half, stems: list[Line], top: float) -> None:
    for line in (*stems, *side.lines):
        begin, end = ((x, top + y) for x, y in (line.begin, line.end))
        if line.stem:
            _stem(canvas, begin, end, side.number, back=not line.outgoing)
        elif line.leaf is None:
            _curve(canvas, begin, end, GREY, ":", "-")
        else:
            _curve(canvas, begin, end, *_STYLES[line.leaf.fact.how], "-|>" if line.outgoing else "-")
    for x, y, name in side.names:
        canvas.text(x, top + y, name, ha="center", fontsize=SMALL, fontstyle="italic", color=BLACK, linespacing=1.0)
    for box in side.boxes:
        _box(canvas, box.x, top + box.y, box.text, "plain" if box.plain else "normal")


def _box(canvas: Canvas, x: float, y: float, text: str, kind: str) -> None:
    """A text in a frame."""
    if kind != "plain":
        height = LINE * (1 + text.count("\n")) + 0.04
        bold = kind == "bold"
        fill = "#F0F0F0" if bold else "white"
        edge = BLACK if bold else GREY
        _frame(canvas, x, y, (_WIDE, height), facecolor=fill, edgecolor=edge, linewidth=1.4 if bold else 0.7)
    weight, style = ("bold" if kind == "bold" else "normal"), ("italic" if kind == "plain" else "normal")
    canvas.text(x, y, text, ha="center", fontsize=8.5, fontweight=weight, fontstyle=style, linespacing=1.0, zorder=4)


def _frame(canvas: Canvas, x: float, y: float, size: tuple[float, float], **how: Any) -> None:  # noqa: ANN401 - matplotlib's own options
    from matplotlib.patches import FancyBboxPatch

    width, height = size
    style = "round,pad=0.0,rounding_size=0.05"
    canvas.add(FancyBboxPatch((x - width / 2, y - height / 2), width, height, boxstyle=style, zorder=3, **how))


def _stem(
    canvas: Canvas, begin: tuple[float, float], end: tuple[float, float], direction: int, *, back: bool
) -> None:
    """From a thing to the name of a property: across in the gap between the columns, then level past other names.

    An arrow back to the thing has its head on the level part, where it lies over no other.
    """
    bend = begin[0] + direction * BEND
    _curve(canvas, begin, (bend, end[1]), GREY, "-", "-")
    canvas.line([bend, end[0]], [end[1], end[1]], color=GREY, lw=0.9, zorder=2)
    if back:
        head = "<" if direction > 0 else ">"
        canvas.line([bend], [end[1]], marker=head, ls="none", ms=4.5, color=GREY, mew=0, zorder=3)


def _curve(
    canvas: Canvas, begin: tuple[float, float], end: tuple[float, float], colour: str, dashes: str, head: str
) -> None:
    """A line that leaves and arrives level; ``head`` is matplotlib's style of arrow."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path as Curve

    (x1, y1), (x2, y2) = begin, end
    half = (x1 + x2) / 2
    points, codes = [(x1, y1), (half, y1), (half, y2), (x2, y2)], [Curve.MOVETO, *[Curve.CURVE4] * 3]
    canvas.add(
        FancyArrowPatch(
            path=Curve(points, codes),
            arrowstyle=head,
            mutation_scale=7,
            color=colour,
            linestyle=dashes,
            linewidth=0.9,
            shrinkA=0,
            shrinkB=0,
            zorder=2,
        )
    )


def _foot(canvas: Canvas, neighbourhood: Neighbourhood) -> None:
    graph, y = neighbourhood.graph, canvas.height - 0.5
    x, words = MARGIN, legend(graph.language)
    occurring = {fact.how for fact in neighbourhood.facts}
    for how, (colour, dashes) in _STYLES.items():
        if how not in occurring:
            continue
        canvas.line([x, x + 0.35], [y, y], color=colour, ls=dashes, lw=1.2)
        told = words[how][0] if how in words else phrase(how, graph.language)
        canvas.text(x + 0.42, y, told, fontsize=SMALL)
        x += 1.6
    canvas.text(x, y, phrase("an arrow points from subject to object", graph.language), fontsize=SMALL)
    more = neighbourhood.left_out
    left_out = phrase("{} more facts not drawn", graph.language, more) if more else ""
    canvas.foot(picture_foot(graph, [claim for fact in neighbourhood.facts for claim in fact.claims], left_out))


# -- as DOT, the language of Graphviz

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
        colour, dashes = _STYLES[fact.how]
        style = f'color="{colour}", style="{_DASHES[dashes]}"'
        cited = _quoted(", ".join(sources(fact.claims)))
        yield f"  {names[s]} -> {names[o]} [label={_quoted(label(p))}, {style}, tooltip={cited}];"
    yield "}"


def _quoted(text: str) -> str:
    escaped = harmless(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
