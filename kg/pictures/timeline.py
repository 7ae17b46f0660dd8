"""A timeline as a picture: a lane for each fact, what is certain dark, what is possible pale."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kg.dates import DAWN, DUSK, Period
from kg.pictures.canvas import BLACK, BLUE, GREY, ORANGE, PALE, Canvas, drawing, suffix_of, wrapped
from kg.timeline.facts import Fact, sources
from kg.timeline.timeline import Timeline
from kg.timeline.words import shortened

__all__ = ["draw_timeline"]

_WIDTH, _LABELS, _SOURCES, _MARGIN = 11.7, 4.0, 1.9, 0.3
_LEFT, _RIGHT = _MARGIN + _LABELS + 0.15, _WIDTH - _MARGIN - _SOURCES - 0.1
_TOP, _BOTTOM = 0.95, 0.95
_LINE = 0.15


class _Scale:
    """Days to inches, over the years that the facts span."""

    def __init__(self, facts: tuple[Fact, ...]) -> None:
        days = [b for fact in facts for p in fact.periods for b in p.bounds if b and b not in (DAWN, DUSK)]
        self.first = min((_years(day) for day in days), default=2000.0)
        self.last = max((_years(day) + 1 / 365.25 for day in days), default=2001.0)
        pad = max(0.04 * (self.last - self.first), 0.05)
        self.first, self.last = self.first - pad, self.last + pad

    def at(self, day: str) -> float:
        """Where a day begins."""
        share = (_years(day) - self.first) / (self.last - self.first)
        return _LEFT + min(max(share, 0.0), 1.0) * (_RIGHT - _LEFT)

    def after(self, day: str) -> float:
        """Where a day is over."""
        return self.at(day) + (_RIGHT - _LEFT) / 365.25 / (self.last - self.first)

    def years(self) -> list[int]:
        """The years to mark, about eight of them, and months never."""
        span = self.last - self.first
        step = next(n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000) if span / n <= 9)
        first = int(-(-self.first // step) * step)
        return list(range(first, int(self.last) + 1, step))


def draw_timeline(timeline: Timeline, path: Path) -> None:
    """Draw a timeline into an SVG, PNG or PDF file, a lane for each fact in the order of the table.

    Raises UsageError (KG811 to KG813) when the ending is another, matplotlib is missing, or writing fails.
    """
    suffix_of(path)
    facts = tuple(dict.fromkeys(entry.fact for entry in timeline.entries))
    labels = [wrapped(timeline.sentence(fact), 62) for fact in facts]
    heights = [_LINE * (1 + label.count("\n")) + 0.08 for label in labels]
    with drawing():
        canvas = Canvas(_WIDTH, _TOP + sum(heights) + _BOTTOM)
        scale = _Scale(facts)
        about = timeline.graph.label(timeline.term) if timeline.term else "all facts"
        title = f"Timeline: {about}"
        canvas.text(_MARGIN, 0.35, title, fontsize=13, fontweight="bold")
        _axis(canvas, scale)
        y = _TOP
        for number, (fact, label, height) in enumerate(zip(facts, labels, heights, strict=True)):
            if number % 2:
                canvas.axes.axhspan(y, y + height, color="#F4F4F4", lw=0, zorder=0)
            _lane(canvas, scale, fact, label, y + height / 2)
            y += height
        _legend(canvas, y + 0.3)
        _foot(canvas, timeline)
        canvas.save(path, title)


def _axis(canvas: Canvas, scale: _Scale) -> None:
    bottom = canvas.height - _BOTTOM
    for year in scale.years():
        x = scale.at(f"{year:04d}-01-01")
        canvas.axes.plot([x, x], [_TOP, bottom], color=PALE, lw=0.8, zorder=1)
        canvas.text(x, _TOP - 0.12, str(year), ha="center", color=GREY)
    for y in (_TOP, bottom):
        canvas.axes.plot([_LEFT, _RIGHT], [y, y], color=GREY, lw=0.8, zorder=1)


def _lane(canvas: Canvas, scale: _Scale, fact: Fact, label: str, y: float) -> None:
    style = "italic" if fact.inferred else "normal"
    canvas.text(_MARGIN + _LABELS, y, label, ha="right", fontstyle=style, color=BLACK, linespacing=1.05)
    canvas.text(_RIGHT + 0.12, y, shortened(sources(fact.claims), 2), fontsize=6.5, color=GREY)
    for period in fact.periods:
        if fact.kind == "EventKind" or (period.loose and period.latest_end):
            _event(canvas, scale, fact, period, y)
        else:
            _state(canvas, scale, fact, period, y)


def _colour(fact: Fact) -> str:
    return ORANGE if fact.inferred else BLUE


def _state(canvas: Canvas, scale: _Scale, fact: Fact, period: Period, y: float) -> None:
    """A pale bar while it may hold, a dark one while it certainly does, a frame where it did at some time."""
    begin, end = period.earliest_begin, period.latest_end
    left, right = (scale.at(begin) if begin else _LEFT), (scale.after(end) if end else _RIGHT)
    _possible(canvas, fact, left, right, y)
    first, last = period.latest_begin, period.earliest_end
    if period.loose and not period.doubtful and first != DUSK and last != DAWN:
        x, until = scale.at(last or ""), scale.after(first or "")
        canvas.axes.barh(
            y, max(until - x, 0.05), height=0.1, left=x, facecolor="white", edgecolor=_colour(fact), lw=0.9, zorder=3
        )
    elif not period.loose:
        x, until = (scale.at(first) if first else _LEFT), (scale.after(last) if last else _RIGHT)
        canvas.axes.barh(y, max(until - x, 0.03), height=0.1, left=x, color=_colour(fact), lw=0, zorder=3)
    _open_ends(canvas, fact, period, y)


def _event(canvas: Canvas, scale: _Scale, fact: Fact, period: Period, y: float) -> None:
    """A diamond on its day; over a span of days, a pale bar between two ticks, with a hollow diamond."""
    begin, end = period.earliest_begin, period.latest_end
    left, right = (scale.at(begin) if begin else _LEFT), (scale.after(end) if end else _RIGHT)
    colour = _colour(fact)
    if right - left > 0.06:
        _possible(canvas, fact, left, right, y)
        for x, is_open in ((left, begin is None), (right, end is None)):
            if not is_open:
                canvas.axes.plot([x, x], [y - 0.05, y + 0.05], color=colour, lw=1, zorder=3)
    if begin and end:
        face = colour if begin == end else "white"
        canvas.axes.plot([(left + right) / 2], [y], "D", ms=4.5, mfc=face, mec=colour, mew=1, zorder=5)
    _open_ends(canvas, fact, period, y)


def _open_ends(canvas: Canvas, fact: Fact, period: Period, y: float) -> None:
    """A point beyond the axis where a period goes on as far as is known."""
    for mark, x, bound in (("<", _LEFT - 0.04, period.earliest_begin), (">", _RIGHT + 0.04, period.latest_end)):
        if bound is None:
            canvas.axes.plot([x], [y], marker=mark, ms=4, color=_colour(fact), mew=0, zorder=4)


def _possible(canvas: Canvas, fact: Fact, left: float, right: float, y: float) -> None:
    hatch = "////" if fact.inferred else None
    colour = _colour(fact)
    canvas.axes.barh(
        y, right - left, height=0.08, left=left, facecolor="white", edgecolor=colour, hatch=hatch, lw=0, zorder=2
    )
    canvas.axes.barh(y, right - left, height=0.08, left=left, color=colour, alpha=0.25, lw=0, zorder=2)


def _legend(canvas: Canvas, y: float) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=BLUE, label="stated, certain"),
        Patch(facecolor=BLUE, alpha=0.25, label="stated, possible"),
        Patch(facecolor=ORANGE, label="inferred (italic), certain"),
        Patch(facecolor="#F5D5BF", edgecolor=ORANGE, hatch="////", lw=0, label="inferred, possible"),
        Patch(facecolor="white", edgecolor=GREY, lw=0.9, label="held at some time in it"),
        Line2D([], [], marker="D", ls="", ms=4.5, mfc=GREY, mec=GREY, label="event on that day"),
        Line2D([], [], marker="D", ls="", ms=4.5, mfc="white", mec=GREY, label="event within the span"),
    ]
    place = ((_MARGIN / canvas.width), 1 - (y + 0.12) / canvas.height)
    canvas.figure.legend(
        handles=handles,
        loc="center left",
        bbox_to_anchor=place,
        ncols=7,
        frameon=False,
        fontsize=7,
        columnspacing=0.9,
        handlelength=1.6,
    )


def _foot(canvas: Canvas, timeline: Timeline) -> None:
    graph = timeline.graph
    left_out = f"; {timeline.undated} facts without a date and {timeline.restatements} restatements left out"
    text = f"view: {graph.describe_view()}; graph {graph.snapshot.meta['version']}{left_out}"
    canvas.text(_MARGIN, canvas.height - 0.2, text, fontsize=7, color=GREY)


def _years(day: str) -> float:
    """A day as a year and its fraction."""
    moment = date.fromisoformat(day)
    return moment.year + (moment.timetuple().tm_yday - 1) / 366
