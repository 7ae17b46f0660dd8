"""A timeline as a picture: what shares a term and its days in one lane, certain days dark, possible ones pale."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import Any

from kg.dates import DAWN, DUSK, Period
from kg.phrases import phrase
from kg.render.pictures.canvas import (
    BLACK,
    BLUE,
    GREY,
    MARGIN,
    ORANGE,
    PAGE,
    PALE,
    SMALL,
    Canvas,
    apart,
    drawing,
    paged,
    save,
    suffix_of,
    wrapped,
)
from kg.render.sources import picture_foot, places_in_words
from kg.timeline.dates_in_words import shortened
from kg.timeline.lanes import Lane, lanes
from kg.timeline.timeline import Timeline, nothing_dated

_LABELS, _SOURCES = 4.55, 1.75
_LEFT, _RIGHT = MARGIN + _LABELS + 0.15, PAGE[0] - MARGIN - _SOURCES - 0.1
#: Inches above the first lane, for the years above each block of lanes, and below the last lane.
_TOP, _YEARS, _BOTTOM = 0.65, 0.3, 1.1
_LINE, _ROOM = 0.16, PAGE[1] - 0.65 - 0.3 - 1.1
#: Letters on a line of a label, and how many lines it has at most unless another would read the same.
_LETTERS, _LINES = 62, 4
#: Letters on a line of the sources, which take two at most.
_BESIDE = 26


class _Scale:
    """Days to inches, over the years that were asked for, or that the lanes span."""

    def __init__(self, drawn: list[Lane], years: tuple[int | None, int | None] | None) -> None:
        days = [b for lane in drawn for p in lane.periods for b in p.bounds if b and b not in (DAWN, DUSK)]
        first = min(map(_years, days), default=2000.0)
        last = max((_years(day) + 1 / 365.25 for day in days), default=first + 1)
        pad = max(0.04 * (last - first), 0.05)
        asked = years or (None, None)
        self.first = float(asked[0]) if asked[0] else first - pad
        self.last = asked[1] + 1.0 if asked[1] else max(last + pad, self.first + 1)
        self.first = min(self.first, self.last - 1)

    def at(self, day: str) -> float:
        """Where a day begins."""
        return self._place(_years(day))

    def after(self, day: str) -> float:
        """Where a day is over."""
        return self._place(_years(day) + 1 / 365.25)

    def _place(self, years: float) -> float:
        share = (years - self.first) / (self.last - self.first)
        return _LEFT + min(max(share, 0.0), 1.0) * (_RIGHT - _LEFT)

    def beyond(self, begin: str | None, end: str | None) -> tuple[bool, bool]:
        """Whether a stretch goes on before, and after, what is drawn: an open bound does as far as is known."""
        before = begin is None or _years(begin) < self.first
        return before, end is None or _years(end) > self.last

    def years(self) -> list[int]:
        """The years to mark, about eight of them, and months never."""
        span = self.last - self.first
        step = next(n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000) if span / n <= 9)
        first = int(-(-self.first // step) * step)
        return list(range(first, int(self.last) + 1, step))


class _Layout:
    """The lanes of a timeline with their labels and heights, in blocks that fit on a page."""

    def __init__(self, timeline: Timeline) -> None:
        self.lanes, self.graph = lanes(timeline), timeline.graph
        self.labels = apart([lane.text for lane in self.lanes], _LETTERS, _LINES)
        heights = [_LINE * (1 + self.labels[lane.text].count("\n")) + 0.08 for lane in self.lanes]
        self.blocks = [list(zip(self.lanes[part], heights[part], strict=True)) for part in paged(heights, _ROOM)]
        self.scale = _Scale(self.lanes, timeline.years)

    def height(self, blocks: list[list[tuple[Lane, float]]]) -> float:
        """The inches that some blocks take, one below the other."""
        return _TOP + sum(_YEARS + sum(height for _lane, height in block) for block in blocks) + _BOTTOM


def height_of(timeline: Timeline) -> float:
    """How many inches tall the picture of a timeline is, on one page."""
    layout = _Layout(timeline)
    return layout.height(layout.blocks)


def draw_timeline(timeline: Timeline, path: Path | BytesIO) -> None:
    """Draw a timeline into an SVG, PNG or PDF file, or as SVG into memory, its lanes in the order of the table.

    Facts that share a term and their days stand in one lane; a PDF has A4 pages, each with years, legend and view.
    Raises UsageError (KG811, KG758) when the ending is another or matplotlib is missing, InputError (KG813) when
    writing fails.
    """
    layout = _Layout(timeline)
    title = phrase("Timeline: {}", timeline.graph.language, timeline.about)
    book = suffix_of(path) == ".pdf"
    pages = [[block] for block in layout.blocks] if book else [layout.blocks]
    with drawing():
        drawn = []
        for number, blocks in enumerate(pages, start=1):
            canvas = Canvas(PAGE[0], PAGE[1] if book else layout.height(blocks))
            canvas.title(title, timeline.graph.language, number, len(pages))
            _blocks(canvas, layout, blocks)
            if not layout.lanes:
                canvas.nothing(nothing_dated(timeline), timeline.graph.language)
            canvas.foot(_foot(timeline, blocks))
            drawn.append(canvas)
        save(drawn, path, title)


def _blocks(canvas: Canvas, layout: _Layout, blocks: list[list[tuple[Lane, float]]]) -> None:
    top = _TOP
    for block in blocks:
        if not block:
            continue
        top += _YEARS
        ends = list(accumulate((height for _lane, height in block), initial=top))
        _axis(canvas, layout.scale, ends[0], ends[-1])
        for number, ((lane, height), y) in enumerate(zip(block, ends, strict=False)):
            if number % 2:
                canvas.axes.axhspan(y, y + height, color="#F4F4F4", lw=0, zorder=0)
            _lane(canvas, layout, lane, y + height / 2)
        top = ends[-1]
    if layout.lanes:
        lanes_drawn = [lane for block in blocks for lane, _height in block]
        _legend(canvas, top + 0.1, lanes_drawn, layout.graph.language)


def _axis(canvas: Canvas, scale: _Scale, top: float, bottom: float) -> None:
    for year in scale.years():
        x = scale.at(f"{year:04d}-01-01")
        canvas.axes.plot([x, x], [top, bottom], color=PALE, lw=0.8, zorder=1)
        canvas.text(x, top - 0.11, str(year), ha="center", color=GREY)
    for y in (top, bottom):
        canvas.axes.plot([_LEFT, _RIGHT], [y, y], color=GREY, lw=0.8, zorder=1)


def _lane(canvas: Canvas, layout: _Layout, lane: Lane, y: float) -> None:
    style = "italic" if lane.inferred else "normal"
    label = layout.labels[lane.text]
    canvas.text(MARGIN + _LABELS, y, label, ha="right", fontstyle=style, color=BLACK, linespacing=1.05)
    cited = wrapped(shortened(places_in_words(layout.graph, lane.claims), 1), _BESIDE)
    canvas.text(_RIGHT + 0.12, y, cited, fontsize=SMALL, color=GREY, linespacing=1.0)
    for period in lane.periods:
        # What lies outside the years that were asked for is not drawn at their edge.
        if (
            layout.scale.at(period.earliest_begin or DAWN) < _RIGHT
            and layout.scale.after(period.latest_end or DUSK) > _LEFT
        ):
            event = lane.event or (period.loose and period.latest_end)
            (_event if event else _state)(canvas, layout.scale, lane, period, y)


def _certain(inferred: bool) -> dict[str, Any]:
    """How what is certain is filled: in grey, too, what is inferred is told from what is stated."""
    return {"facecolor": ORANGE, "edgecolor": "white", "hatch": "/////"} if inferred else {"color": BLUE}


def _possible(inferred: bool) -> dict[str, Any]:
    return {"facecolor": "#F5D5BF", "edgecolor": ORANGE, "hatch": "////"} if inferred else {"facecolor": "#BFDBEC"}


def _colour(lane: Lane) -> str:
    return ORANGE if lane.inferred else BLUE


def _state(canvas: Canvas, scale: _Scale, lane: Lane, period: Period, y: float) -> None:
    """A pale bar while it may hold, a dark one while it certainly does, a frame where it did at some time."""
    begin, end = period.earliest_begin, period.latest_end
    left, right = (scale.at(begin) if begin else _LEFT), (scale.after(end) if end else _RIGHT)
    canvas.axes.barh(y, right - left, height=0.08, left=left, lw=0, zorder=2, **_possible(lane.inferred))
    first, last = period.latest_begin, period.earliest_end
    if period.loose and not period.doubtful and first != DUSK and last != DAWN:
        x, until = scale.at(last or ""), scale.after(first or "")
        canvas.axes.barh(
            y, max(until - x, 0.05), height=0.1, left=x, facecolor="white", edgecolor=_colour(lane), lw=0.9, zorder=3
        )
    elif not period.loose:
        x, until = (scale.at(first) if first else _LEFT), (scale.after(last) if last else _RIGHT)
        if x < _RIGHT and until > _LEFT:
            canvas.axes.barh(y, max(until - x, 0.03), height=0.1, left=x, lw=0, zorder=3, **_certain(lane.inferred))
    _open_ends(canvas, scale, lane, period, y)


def _event(canvas: Canvas, scale: _Scale, lane: Lane, period: Period, y: float) -> None:
    """A diamond on its day, hollow where that is one of several; over a longer span a pale bar between two ticks.

    Over more than a year nothing stands in the middle, where it would read as a date.
    """
    begin, end = period.earliest_begin, period.latest_end
    left, right = (scale.at(begin) if begin else _LEFT), (scale.after(end) if end else _RIGHT)
    colour = _colour(lane)
    if right - left > 0.06:
        canvas.axes.barh(y, right - left, height=0.08, left=left, lw=0, zorder=2, **_possible(lane.inferred))
        for x, beyond in zip((left, right), scale.beyond(begin, end), strict=True):
            if not beyond:
                canvas.axes.plot([x, x], [y - 0.055, y + 0.055], color=colour, lw=1.2, zorder=3)
    if begin and end and _years(end) - _years(begin) <= 1:
        face = colour if begin == end else "white"
        canvas.axes.plot([(left + right) / 2], [y], "D", ms=4.5, mfc=face, mec=colour, mew=1, zorder=5)
    _open_ends(canvas, scale, lane, period, y)


def _open_ends(canvas: Canvas, scale: _Scale, lane: Lane, period: Period, y: float) -> None:
    """A point at the end of the axis where a period goes on beyond it, as far as is known."""
    ends = scale.beyond(period.earliest_begin, period.latest_end)
    for mark, x, beyond in zip("<>", (_LEFT - 0.04, _RIGHT + 0.04), ends, strict=True):
        if beyond:
            canvas.axes.plot([x], [y], marker=mark, ms=4, color=_colour(lane), mew=0, zorder=4)


def _legend(canvas: Canvas, y: float, drawn: list[Lane], language: str) -> None:
    """What occurs in the lanes."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    def mark(sign: str, face: str, label: str, size: float = 4.5) -> Line2D:
        told = phrase(label, language)
        return Line2D([], [], marker=sign, ls="", ms=size, mfc=face, mec=GREY, mew=1, label=told)

    def patch(label: str, **how: Any) -> Patch:  # noqa: ANN401 - matplotlib's own options
        return Patch(label=phrase(label, language), **{"lw": 0, **how})

    how = {lane.inferred for lane in drawn}
    periods = [(lane, period) for lane in drawn for period in lane.periods]
    events = [p for lane, p in periods if lane.event or (p.loose and p.latest_end)]
    states = [p for _lane, p in periods if p not in events]
    on_a_day = [p.earliest_begin == p.latest_end for p in events]
    handles = [
        handle
        for occurs, handle in (
            (False in how, patch("stated, certain", **_certain(False))),
            (False in how, patch("stated, possible", **_possible(False))),
            (True in how, patch("inferred (italic), certain", **_certain(True))),
            (True in how, patch("inferred, possible", **_possible(True))),
            (
                any(p.loose for p in states),
                patch("held at some time in it", facecolor="white", edgecolor=GREY, lw=0.9),
            ),
            (False in on_a_day, mark("|", GREY, "first and last day possible", 7)),
            (True in on_a_day, mark("D", GREY, "event on that day")),
            (False in on_a_day, mark("D", "white", "event within those days")),
            (
                any(not p.earliest_begin or not p.latest_end for _lane, p in periods),
                mark(">", GREY, "goes on, as far as is known"),
            ),
        )
        if occurs
    ]
    canvas.figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=((MARGIN - 0.1) / canvas.width, 1 - y / canvas.height),
        ncols=5,
        frameon=False,
        fontsize=SMALL,
        columnspacing=1.2,
        handlelength=1.8,
    )


def _foot(timeline: Timeline, blocks: list[list[tuple[Lane, float]]]) -> str:
    told = "{} facts without a date and {} restatements left out"
    left_out = phrase(told, timeline.graph.language, timeline.undated, timeline.restatements)
    claims = [claim for block in blocks for lane, _height in block for claim in lane.claims]
    return picture_foot(timeline.graph, claims, left_out)


def _years(day: str) -> float:
    """A day as a year and its fraction."""
    moment = date.fromisoformat(day)
    return moment.year + (moment.timetuple().tm_yday - 1) / 366
