"""Poll results as a picture: a row for each figure, its hedge drawn as what it leaves open, questions apart."""

from __future__ import annotations

from io import BytesIO
from itertools import groupby
from pathlib import Path

from kg.graph.store import Graph
from kg.phrases import phrase
from kg.render.pictures.canvas import (
    BLACK,
    BLUE,
    GREY,
    MARGIN,
    PAGE,
    PALE,
    SMALL,
    Canvas,
    drawing,
    paged,
    save,
    suffix_of,
    wrapped,
)
from kg.render.sources import picture_foot, places_in_words
from kg.timeline.poll_results import PollResult, no_polls

_LABELS, _NOTES = 3.0, 3.6
_LEFT, _RIGHT = MARGIN + _LABELS + 0.15, PAGE[0] - MARGIN - _NOTES - 0.2
_TOP, _BOTTOM, _HEADING, _ROW, _AFTER = 0.7, 0.8, 0.45, 0.46, 0.3
#: A white ground behind a figure, so that no line runs through it.
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
#: Where an unhedged reading of the figure may lie: percentage points below and above; None reaches to the end.
_REACH: dict[str, tuple[float | None, float | None]] = {
    "About": (5, 5),
    "AtLeast": (0, None),
    "MoreThan": (0, None),
    "AtMost": (None, 0),
    "NInTen": (5, 5),
}


def draw_polls(graph: Graph, results: list[PollResult], path: Path | BytesIO) -> None:
    """Draw poll results, in the order of ``poll_results``, into an SVG, PNG or PDF file, or as SVG into memory.

    Each pair of question and population has a panel of its own; nothing is stacked, since options may overlap.
    Raises UsageError (KG811, KG758) when the ending is another or matplotlib is missing, InputError (KG813) when
    writing fails.
    """
    book = suffix_of(path) == ".pdf"
    panels = [list(some) for _key, some in groupby(results, key=lambda r: (r.question, r.population))]
    heights = [_HEADING + _ROW * len(some) + _AFTER for some in panels]
    parts = paged(heights, PAGE[1] - _TOP - _BOTTOM) if book else [slice(None)]
    title = phrase("Poll results: share of the population", graph.language)
    with drawing():
        drawn = []
        for number, part in enumerate(parts, start=1):
            height = _TOP + max(sum(heights[part]), 0.6) + _BOTTOM
            canvas = Canvas(PAGE[0], max(height, PAGE[1]) if book else height)
            canvas.title(title, graph.language, number, len(parts))
            if not panels:
                canvas.nothing(no_polls(graph), graph.language)
            _panels(canvas, graph, panels[part])
            _foot(canvas, graph, [result for panel in panels[part] for result in panel])
            drawn.append(canvas)
        save(drawn, path, title)


def _panels(canvas: Canvas, graph: Graph, panels: list[list[PollResult]]) -> None:
    y = _TOP
    for some in panels:
        question, population = some[0].question, some[0].population
        asked = graph.label(question) if question else phrase("question not named", graph.language)
        people = graph.label(population) if population else phrase("population not named", graph.language)
        canvas.text(MARGIN, y + 0.12, f"{asked}  ·  {people}", fontsize=10, fontweight="bold")
        _grid(canvas, y + _HEADING, y + _HEADING + _ROW * len(some))
        for number, result in enumerate(some):
            _row(canvas, graph, result, y + _HEADING + _ROW * (number + 0.5))
        y += _HEADING + _ROW * len(some) + _AFTER


def _at(share: float) -> float:
    return _LEFT + share / 100 * (_RIGHT - _LEFT)


def _grid(canvas: Canvas, top: float, bottom: float) -> None:
    for share in range(0, 101, 25):
        canvas.axes.plot([_at(share)] * 2, [top, bottom], color=PALE, lw=0.8, zorder=1)
        canvas.text(_at(share), top - 0.08, f"{share} %", ha="center", fontsize=SMALL, color=GREY)


def _row(canvas: Canvas, graph: Graph, result: PollResult, y: float) -> None:
    share = float(result.share)
    below, above = _REACH.get(result.hedge, (0, 0))
    low = 0 if below is None else max(share - below, 0)
    high = 100 if above is None else min(share + above, 100)
    canvas.text(MARGIN + _LABELS, y, wrapped(result.option, 42), ha="right", color=BLACK, linespacing=1.05)
    canvas.axes.barh(y, _at(share) - _at(0), height=0.05, left=_at(0), color=BLUE, alpha=0.35, lw=0, zorder=2)
    if high > low:
        canvas.axes.barh(
            y,
            _at(high) - _at(low),
            height=0.12,
            left=_at(low),
            facecolor="none",
            edgecolor=BLUE,
            hatch="////",
            lw=0.6,
        )
    hollow = result.hedge not in ("", "Exactly")
    canvas.axes.plot([_at(share)], [y], "o", ms=6, mfc="white" if hollow else BLUE, mec=BLUE, mew=1.3, zorder=4)
    # Beside the point, on the side where nothing is drawn.
    x, side = (_at(high) if above is not None else _at(share)) + 0.09, "left"
    if above is None or x + 0.9 > _RIGHT:
        x, side = _at(low) - 0.09, "right"
    canvas.text(x, y, result.written(graph.language), ha=side, fontweight="bold", zorder=5, bbox=_PAPER)
    pollster = graph.label(result.pollster) if result.pollster else phrase("pollster not named", graph.language)
    cited = "; ".join(places_in_words(graph, result.claims)[:1])
    published = phrase("published {}", graph.language, result.published)
    note = f"{wrapped(pollster, 48, 1)}\n{wrapped(f'{published} [{cited}]', 56)}"
    canvas.text(_RIGHT + 0.2, y, note, fontsize=SMALL, color=GREY, linespacing=1.15)


def _foot(canvas: Canvas, graph: Graph, results: list[PollResult]) -> None:
    y = canvas.height - 0.5
    x = MARGIN + 0.05
    hedged = {result.hedge not in ("", "Exactly") for result in results}
    for filled, text, room in ((True, "figure as given", 1.8), (False, "figure with a hedge", 1.8)):
        if (not filled) not in hedged:
            continue
        canvas.axes.plot([x], [y], "o", ms=6, mfc=BLUE if filled else "white", mec=BLUE, mew=1.3)
        canvas.text(x + 0.12, y, phrase(text, graph.language), fontsize=SMALL)
        x += room
    if True in hedged:
        canvas.axes.barh(y, 0.3, height=0.12, left=x, facecolor="none", edgecolor=BLUE, hatch="////", lw=0.6)
        text = "what the hedge leaves open (about and n in ten: 5 points either way, our reading)"
        canvas.text(x + 0.38, y, phrase(text, graph.language), fontsize=SMALL)
    claims = [claim for result in results for claim in result.claims]
    canvas.foot(picture_foot(graph, claims, phrase("Options may overlap: not added", graph.language)))
