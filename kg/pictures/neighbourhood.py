"""A neighbourhood as a picture: the term in the middle, what it leads to on its right, what leads to it on its left.

Every leaf has a row of its own and every step a column, so that no label can lie over another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from kg.model import Term, is_literal
from kg.pictures.canvas import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    MARGIN,
    ORANGE,
    PAGE,
    SMALL,
    Canvas,
    apart,
    drawing,
    paged,
    save,
    suffix_of,
    wrapped,
)
from kg.timeline.neighbourhood import Branch, Leaf, Neighbourhood
from kg.timeline.nothing import no_neighbours

__all__ = ["STYLES", "draw_neighbourhood", "height_of"]

_BOX, _NAME = 2.2, 2.15
_TOP, _BOTTOM, _LINE, _GAP = 0.7, 0.75, 0.155, 0.1
_ROOM = PAGE[1] - _TOP - _BOTTOM
_IN_BOX, _IN_NAME = 28, 22
_EDGE = _BOX / 2 - 0.03  # from the middle of a box to where lines end


#: The colour and dashes of a line, by how its fact stands.
STYLES = {"stated": (BLUE, "-"), "inferred": (ORANGE, "--"), "background": (GREEN, "-.")}


class _Side:
    """One half of the picture, worked out downwards: where every box and every name of a property stands."""

    def __init__(self, number: int, middle: float, label: Callable[[Term], str], cut: Mapping[str, str]) -> None:
        self.number, self.middle = number, middle  # 1 to the right, -1 to the left
        self.label, self.cut = label, cut
        self.y = 0.0
        self.boxes: list[tuple[float, float, str, bool]] = []
        self.names: list[tuple[float, float, str]] = []
        self.lines: list[tuple[tuple[float, float], tuple[float, float], Leaf | None, bool, bool]] = []

    def column(self, depth: int) -> float:
        """The middle of the column of boxes so many steps away."""
        return self.middle + self.number * depth * (_BOX + _NAME)

    def branches(self, branches: tuple[Branch, ...], depth: int) -> list[tuple[float, Branch]]:
        """Place branches and all that hangs on them; where the name of each stands."""
        placed = []
        for branch in branches:
            name = wrapped(self.label(branch.predicate), _IN_NAME)
            least = _LINE * (1 + name.count("\n")) + _GAP
            start = self.y
            ends: list[tuple[float, Leaf | None]] = [(self._leaf(leaf, depth), leaf) for leaf in branch.leaves]
            if branch.more:
                ends.append((self._box(f"… and {branch.more} more", depth, plain=True), None))
            if self.y - start < least:
                shift = (least - (self.y - start)) / 2
                self._shift(start, shift)
                ends = [(y + shift, leaf) for y, leaf in ends]
                self.y = start + least
            y = (ends[0][0] + ends[-1][0]) / 2
            x = self.column(depth) - self.number * (_BOX + _NAME) / 2
            self.names.append((x, y, name))
            for end, leaf in ends:
                near, far = x + self.number * _half(name), self.column(depth) - self.number * _EDGE
                self.lines.append(((near, y), (far, end), leaf, branch.outgoing, False))
            placed.append((y, branch))
        return placed

    def _leaf(self, leaf: Leaf, depth: int) -> float:
        start = self.y
        first = len(self.lines)
        inner = self.branches(leaf.branches, depth + 1)
        text = self.cut[self.label(leaf.term)]
        own = _LINE * (1 + text.count("\n")) + _GAP
        if self.y - start < own:
            shift = (own - (self.y - start)) / 2
            self._shift(start, shift)
            inner = [(y + shift, branch) for y, branch in inner]
            self.y = start + own
        y = (start + self.y) / 2
        self.boxes.append((self.column(depth), y, text, is_literal(leaf.term)))
        x, name_x = self.column(depth) + self.number * _EDGE, self.column(depth) + self.number * (_BOX + _NAME) / 2
        for at, branch in inner:
            to = name_x - self.number * _half(wrapped(self.label(branch.predicate), _IN_NAME))
            self.lines.insert(first, ((x, y), (to, at), None, branch.outgoing, True))
        return y

    def _box(self, text: str, depth: int, *, plain: bool) -> float:
        y = self.y + (_LINE + _GAP) / 2
        self.boxes.append((self.column(depth), y, text, plain))
        self.y += _LINE + _GAP
        return y

    def _shift(self, start: float, by: float) -> None:
        """Move down all that was placed below a height."""
        self.boxes = [(x, y + by if y >= start else y, text, plain) for x, y, text, plain in self.boxes]
        self.names = [(x, y + by if y >= start else y, text) for x, y, text in self.names]
        self.lines = [
            ((a, b + by if b >= start else b), (c, d + by if d >= start else d), leaf, outgoing, stem)
            for (a, b), (c, d), leaf, outgoing, stem in self.lines
        ]


class _Layout:
    """Where everything of a neighbourhood stands: its two sides in parts that fit on a page, if it has pages."""

    def __init__(self, neighbourhood: Neighbourhood, *, book: bool) -> None:
        self.neighbourhood = neighbourhood
        self.label = neighbourhood.graph.label
        halves = [tuple(b for b in neighbourhood.branches if b.outgoing == outgoing) for outgoing in (False, True)]
        depths = [_depth(branches) for branches in halves]
        step = _BOX + _NAME
        self.width = max(_BOX + sum(depths) * step + 2 * MARGIN, PAGE[0])
        self.middle = (self.width - (depths[1] - depths[0]) * step) / 2
        self.cut = apart([self.label(leaf.term) for leaf in _leaves(neighbourhood.branches)], _IN_BOX, 3)
        parts = [
            self._parts(branches, number) if book else [branches]
            for branches, number in zip(halves, (-1, 1), strict=True)
        ]
        self.pages = list(zip_longest(*parts, fillvalue=()))

    def side(self, number: int) -> _Side:
        """An empty side: 1 is that to the right, -1 that to the left."""
        return _Side(number, self.middle, self.label, self.cut)

    def sides(self, page: tuple[tuple[Branch, ...], ...]) -> list[tuple[_Side, list[tuple[float, Branch]]]]:
        """The two sides of a page, with what stands on them and where the name of each branch does."""
        made = [self.side(number) for number in (-1, 1)]
        return [(side, side.branches(branches, 1)) for side, branches in zip(made, page, strict=True)]

    def height(self, page: tuple[tuple[Branch, ...], ...]) -> float:
        """The inches that a page takes."""
        return _TOP + max(0.6, *(side.y for side, _placed in self.sides(page))) + _BOTTOM

    def _parts(self, branches: tuple[Branch, ...], number: int) -> list[tuple[Branch, ...]]:
        """Branches in parts that fit on a page; one that is taller goes on in the next."""
        small = [piece for branch in branches for piece in self._pieces(branch, number)]
        heights = [self._tall((piece,), number) for piece in small]
        return [tuple(small[part]) for part in paged(heights, _ROOM)]

    def _pieces(self, branch: Branch, number: int) -> list[Branch]:
        heights = [self._tall((replace(branch, leaves=(leaf,), more=0),), number) for leaf in branch.leaves]
        parts = paged(heights, _ROOM)
        last = len(parts) - 1
        return [
            replace(branch, leaves=branch.leaves[part], more=branch.more if place == last else 0)
            for place, part in enumerate(parts)
        ]

    def _tall(self, branches: tuple[Branch, ...], number: int) -> float:
        side = self.side(number)
        side.branches(branches, 1)
        return side.y


def height_of(neighbourhood: Neighbourhood) -> float:
    """How many inches tall the picture of a neighbourhood is, on one page."""
    layout = _Layout(neighbourhood, book=False)
    return layout.height(layout.pages[0])


def draw_neighbourhood(neighbourhood: Neighbourhood, path: Path) -> None:
    """Draw a neighbourhood into an SVG, PNG or PDF file; a PDF has as many pages as it needs, the term on each.

    Raises UsageError (KG811 to KG813) when the ending is another, matplotlib is missing, or writing fails.
    """
    book = suffix_of(path) == ".pdf"
    layout = _Layout(neighbourhood, book=book)
    title = f"Around {layout.label(neighbourhood.term)}"
    with drawing():
        drawn = []
        for number, page in enumerate(layout.pages, start=1):
            height = layout.height(page)
            canvas = Canvas(layout.width, max(height, PAGE[1]) if book else height)
            canvas.title(f"{title} ({number} of {len(layout.pages)})" if len(layout.pages) > 1 else title)
            if not neighbourhood.facts:
                canvas.nothing(no_neighbours(neighbourhood))
            _draw_page(canvas, layout, page)
            _foot(canvas, neighbourhood)
            drawn.append(canvas)
        save(drawn, path, title)


def _draw_page(canvas: Canvas, layout: _Layout, page: tuple[tuple[Branch, ...], ...]) -> None:
    centre = (_TOP + canvas.height - _BOTTOM) / 2
    for side, placed in layout.sides(page):
        top = centre - side.y / 2
        x, name_x = layout.middle + side.number * _EDGE, layout.middle + side.number * (_BOX + _NAME) / 2
        for y, branch in placed:
            to = name_x - side.number * _half(wrapped(layout.label(branch.predicate), _IN_NAME))
            _stem(canvas, (x, centre), (to, top + y), side.number, back=not branch.outgoing)
        _draw_side(canvas, side, top)
    _box(canvas, layout.middle, centre, wrapped(layout.label(layout.neighbourhood.term), _IN_BOX, 3), "bold")


def _leaves(branches: tuple[Branch, ...]) -> Iterator[Leaf]:
    for branch in branches:
        for leaf in branch.leaves:
            yield leaf
            yield from _leaves(leaf.branches)


def _half(name: str) -> float:
    """Half the room that the name of a property takes, in inches: its letters are about 0.065 wide."""
    return min(0.0335 * max(map(len, name.split("\n"))) + 0.06, _NAME * 0.46)


def _depth(branches: tuple[Branch, ...]) -> int:
    return max(
        (1 + max((_depth(leaf.branches) for leaf in branch.leaves), default=0) for branch in branches), default=0
    )


def _draw_side(canvas: Canvas, side: _Side, top: float) -> None:
    for (x1, y1), (x2, y2), leaf, outgoing, stem in side.lines:
        begin, end = (x1, top + y1), (x2, top + y2)
        if stem:
            _stem(canvas, begin, end, side.number, back=not outgoing)
        elif leaf is None:
            _curve(canvas, begin, end, GREY, ":", "-")
        else:
            _curve(canvas, begin, end, *STYLES[leaf.fact.how], "-|>" if outgoing else "-")
    for x, y, name in side.names:
        canvas.text(x, top + y, name, ha="center", fontsize=SMALL, fontstyle="italic", color=BLACK, linespacing=1.0)
    for x, y, text, plain in side.boxes:
        _box(canvas, x, top + y, text, "plain" if plain else "normal")


def _box(canvas: Canvas, x: float, y: float, text: str, kind: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    if kind != "plain":
        height = _LINE * (1 + text.count("\n")) + 0.04
        edge = BLACK if kind == "bold" else GREY
        canvas.axes.add_patch(
            FancyBboxPatch(
                (x - _BOX / 2 + 0.04, y - height / 2),
                _BOX - 0.08,
                height,
                boxstyle="round,pad=0.0,rounding_size=0.05",
                facecolor="#F0F0F0" if kind == "bold" else "white",
                edgecolor=edge,
                linewidth=1.4 if kind == "bold" else 0.7,
                zorder=3,
            )
        )
    weight, style = ("bold" if kind == "bold" else "normal"), ("italic" if kind == "plain" else "normal")
    canvas.text(x, y, text, ha="center", fontsize=8.5, fontweight=weight, fontstyle=style, linespacing=1.0, zorder=4)


def _stem(
    canvas: Canvas, begin: tuple[float, float], end: tuple[float, float], direction: int, *, back: bool
) -> None:
    """From a thing to the name of a property: across in the gap between the columns, then level past other names.

    An arrow back to the thing has its head on the level part, where it lies over no other.
    """
    bend = begin[0] + direction * (_NAME / 2 - _half("x" * _IN_NAME) - 0.03)
    _curve(canvas, begin, (bend, end[1]), GREY, "-", "-")
    canvas.axes.plot([bend, end[0]], [end[1], end[1]], color=GREY, lw=0.9, zorder=2)
    if back:
        canvas.axes.plot([bend], [end[1]], "<" if direction > 0 else ">", ms=4.5, color=GREY, mew=0, zorder=3)


def _curve(
    canvas: Canvas, begin: tuple[float, float], end: tuple[float, float], colour: str, dashes: str, head: str
) -> None:
    """A line that leaves and arrives level; ``head`` is matplotlib's style of arrow."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path as Curve

    (x1, y1), (x2, y2) = begin, end
    half = (x1 + x2) / 2
    points, codes = [(x1, y1), (half, y1), (half, y2), (x2, y2)], [Curve.MOVETO, *[Curve.CURVE4] * 3]
    canvas.axes.add_patch(
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
    x = MARGIN
    for how, (colour, dashes) in STYLES.items():
        canvas.axes.plot([x, x + 0.35], [y, y], color=colour, ls=dashes, lw=1.2)
        canvas.text(x + 0.42, y, how, fontsize=SMALL)
        x += 1.3
    canvas.text(x, y, "an arrow points from subject to object", fontsize=SMALL)
    left_out = f"; {neighbourhood.left_out} more facts not drawn" if neighbourhood.left_out else ""
    canvas.foot(f"view: {graph.describe_view()}; graph {graph.snapshot.meta['version']}{left_out}")
