"""A neighbourhood as a picture: the term in the middle, what it leads to on its right, what leads to it on its left.

SVG and PNG have all of it on one picture, with a column for each step. A PDF is printed: its pages are A4, and what
is more than a step away has sections of its own, found by the number of the page beside a box.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.model import Term
from kg.render.pictures.book import BOTTOM, TOP, Block, Book
from kg.render.pictures.canvas import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    MARGIN,
    ORANGE,
    PAGE,
    PALE,
    SMALL,
    Canvas,
    drawing,
    save,
    suffix_of,
)
from kg.render.pictures.sides import BEND, BOX, LINE, TAB, Halves, Line, Sheet, Side, leaves_of
from kg.timeline.neighbourhood import Branch, Leaf, Neighbourhood
from kg.timeline.nothing import no_neighbours

__all__ = ["STYLES", "draw_neighbourhood", "height_of"]

_WIDE = BOX - 0.08
#: The colour and dashes of a line, by how its fact stands.
STYLES = {"stated": (BLUE, "-"), "inferred": (ORANGE, "--"), "background": (GREEN, "-.")}


def height_of(neighbourhood: Neighbourhood) -> float:
    """How many inches tall the picture of a neighbourhood is, on one page."""
    return _height(neighbourhood.term, *_whole(neighbourhood))


def draw_neighbourhood(neighbourhood: Neighbourhood, path: Path) -> None:
    """Draw a neighbourhood into an SVG, PNG or PDF file: one picture, or as many pages of A4 as it needs.

    Raises UsageError (KG811, KG812) when the ending is another or matplotlib is missing, InputError (KG813) when
    writing fails.
    """
    book = suffix_of(path) == ".pdf"
    title = f"Around {neighbourhood.graph.label(neighbourhood.term)}"
    with drawing():
        drawn = _draw_book(neighbourhood, title) if book else [_draw_whole(neighbourhood, title)]
        save(drawn, path, title)


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
    canvas.title(title)
    if not neighbourhood.facts:
        canvas.nothing(no_neighbours(neighbourhood))
    _draw_around(canvas, sheet, neighbourhood.term, halves, (TOP + canvas.height - BOTTOM) / 2, {})
    _foot(canvas, neighbourhood)
    return canvas


def _draw_book(neighbourhood: Neighbourhood, title: str) -> list[Canvas]:
    book = Book(neighbourhood)
    drawn = []
    for number, blocks in enumerate(book.pages, start=1):
        canvas = Canvas(*PAGE)
        canvas.title(title, number, len(book.pages))
        if not neighbourhood.facts:
            canvas.nothing(no_neighbours(neighbourhood))
        _draw_blocks(canvas, book, blocks)
        _foot(canvas, neighbourhood, tabs=len(book.page_of) > 1)
        drawn.append(canvas)
    return drawn


def _draw_blocks(canvas: Canvas, book: Book, blocks: list[Block]) -> None:
    """The term's own block in the middle of the page if it is alone there, all else from the top."""
    alone = len(blocks) == 1 and not blocks[0].reached
    top = (TOP + canvas.height - BOTTOM - blocks[0].body) / 2 if alone else TOP
    for block in blocks:
        if block.reached:
            canvas.line([MARGIN, canvas.width - MARGIN], [top - 0.05] * 2, color=PALE, lw=0.8)
            canvas.heading(top + 0.08, book.sheet.label(block.term), _reached(book, block.reached, block.part))
        centre = top + block.head + block.body / 2
        _draw_around(canvas, book.sheet, block.term, block.halves, centre, book.page_of)
        top += block.height


def _reached(book: Book, leaf: Leaf, part: int) -> str:
    """By which fact the pages came to a thing, as it follows its name: the arrow points from subject to object."""
    if part:
        return "continued"
    subject, name, thing = map(book.sheet.label, leaf.fact.triple)
    page = book.page_with[leaf.fact.triple]
    return (
        f"— {name} → {thing} (p. {page})" if leaf.fact.triple[0] == leaf.term else f"← {name} — {subject} (p. {page})"
    )


def _draw_around(
    canvas: Canvas, sheet: Sheet, term: Term, halves: Halves, centre: float, page_of: Mapping[Term, int]
) -> None:
    for side, stems in sheet.sides(halves):
        _draw_side(canvas, side, stems, centre - side.y / 2, page_of)
    _box(canvas, sheet.middle, centre, sheet.centre(term), "bold")


def _draw_side(canvas: Canvas, side: Side, stems: list[Line], top: float, page_of: Mapping[Term, int]) -> None:
    for line in (*stems, *side.lines):
        begin, end = ((x, top + y) for x, y in (line.begin, line.end))
        if line.stem:
            _stem(canvas, begin, end, side.number, back=not line.outgoing)
        elif line.leaf is None:
            _curve(canvas, begin, end, GREY, ":", "-")
        else:
            _curve(canvas, begin, end, *STYLES[line.leaf.fact.how], "-|>" if line.outgoing else "-")
    for x, y, name in side.names:
        canvas.text(x, top + y, name, ha="center", fontsize=SMALL, fontstyle="italic", color=BLACK, linespacing=1.0)
    for box in side.boxes:
        page = page_of.get(box.term) if box.term else None
        _box(canvas, box.x, top + box.y, box.text, "plain" if box.plain else "normal", side.number if page else 0)
        if page:
            tab = box.x + side.number * (_WIDE - TAB) / 2
            canvas.text(tab, top + box.y, f"p. {page}", ha="center", fontsize=SMALL, zorder=4)


def _box(canvas: Canvas, x: float, y: float, text: str, kind: str, tab: int = 0) -> None:
    """A text in a frame, which has a tab at its right end (1) or its left one (-1)."""
    if kind != "plain":
        height = LINE * (1 + text.count("\n")) + 0.04
        bold = kind == "bold"
        fill = "#F0F0F0" if bold else "white"
        edge = BLACK if bold else GREY
        _frame(canvas, x, y, (_WIDE, height), facecolor=fill, edgecolor=edge, linewidth=1.4 if bold else 0.7)
        if tab:
            end = x + tab * (_WIDE - TAB) / 2
            _frame(canvas, end, y, (TAB, height), facecolor=PALE, edgecolor=edge, linewidth=0.7)
    weight, style = ("bold" if kind == "bold" else "normal"), ("italic" if kind == "plain" else "normal")
    x -= tab * TAB / 2
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


def _foot(canvas: Canvas, neighbourhood: Neighbourhood, *, tabs: bool = False) -> None:
    graph, y = neighbourhood.graph, canvas.height - 0.5
    x = MARGIN
    for how, (colour, dashes) in STYLES.items():
        canvas.line([x, x + 0.35], [y, y], color=colour, ls=dashes, lw=1.2)
        canvas.text(x + 0.42, y, how, fontsize=SMALL)
        x += 1.3
    canvas.text(x, y, "an arrow points from subject to object", fontsize=SMALL)
    if tabs:
        x += 2.9
        _frame(canvas, x + TAB / 2, y, (TAB, LINE), facecolor=PALE, edgecolor=GREY, linewidth=0.7)
        canvas.text(x + TAB / 2, y, "p. n", ha="center", fontsize=SMALL, zorder=4)
        canvas.text(x + TAB + 0.08, y, "the page with more facts about it", fontsize=SMALL)
    left_out = f"; {neighbourhood.left_out} more facts not drawn" if neighbourhood.left_out else ""
    canvas.foot(f"view: {graph.describe_view()}; graph {graph.snapshot.meta['version']}{left_out}")
