"""Dates as people read them: no code, sentinel or half phrase in any output, in any view, language or format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from kg.api import view_of
from kg.graph.store import Graph, open_graph
from kg.queries import run
from kg.queries.answer import Answer
from kg.queries.show import show
from kg.render.formats import Settings, render, whole
from kg.render.pictures.neighbourhood_picture import draw_neighbourhood
from kg.render.pictures.polls_picture import draw_polls
from kg.render.pictures.timeline_picture import draw_timeline
from kg.timeline.neighbourhood import neighbourhood
from kg.timeline.poll_results import poll_results
from kg.timeline.timeline import timeline
from kg.timeline.timeline_answers import polls_answer, timeline_answer

#: Ends of the calendar, codes of seasons, names of periods, and phrases that do not fit together.
CODES = re.compile(
    r"0001-01-01|9999-12-31|\b[12]\d{3}-2[1-4]\b|period/|\bfrom between|\b(?:at|on) (?:by|between)\b|\bby by\b"
    r"|\bor later or later\b|\b(?:od|do|од|до) (?:između|између|najkasnije|најкасније)"
)
#: Formats that people read.
READ = ("table", "md", "html")


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The graph of this repository."""
    return open_graph()


def in_view(graph: Graph, date: str, language: str) -> Graph:
    made = graph.in_view(view_of(as_of=date) if date else view_of())
    made.language = language
    return made


def answers(graph: Graph, names: list[str]) -> Iterator[tuple[str, Answer]]:
    """The answers to some questions, the timeline and the polls, undated rows included."""
    for name in names:
        yield name, run(graph, name, {}, timeout=None, undated=True)
    yield "timeline", timeline_answer(timeline(graph, undated=True))
    yield "polls", polls_answer(graph, poll_results(graph))


def hold_words(name: str, text: str) -> None:
    """No code stands in a text."""
    found = [line.strip() for line in text.splitlines() if CODES.search(line)]
    assert not found, (name, found[:3])


def hold_view(graph: Graph, names: list[str], formats: tuple[str, ...]) -> None:
    for name, answer in answers(graph, names):
        for form in formats:
            hold_words(f"{name} as {form}", render(answer, form, Settings(look_up=False)))
    for thing in ("serbia", "csto", "partnership-for-peace"):
        hold_words(f"show {thing}", show(graph, f"id:{thing}").text(everything=True))


@pytest.mark.parametrize(("date", "language"), [("", "en"), ("2016", "sr-Latn")])
def test_no_code_in_some_answers(graph: Graph, date: str, language: str) -> None:
    """A few answers, the timeline, polls and things are free of codes in what people read."""
    names = ["programmes", "vague-dates", "interrupted", "offices", "exercises"]
    hold_view(in_view(graph, date, language), names, ("table",))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "sr-Latn", "sr-Cyrl"])
@pytest.mark.parametrize("date", ["", "1950", "2016", "2017-09"])
def test_no_code_in_any_answer(graph: Graph, date: str, language: str) -> None:
    """Every answer is free of codes in each format that people read, in each language and view."""
    view = in_view(graph, date, language)
    hold_view(view, sorted(graph.queries), READ)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["programmes", "offices", "exercises", "milestones"])
def test_no_code_in_a_workbook(graph: Graph, name: str, tmp_path: Path) -> None:
    """A workbook has days, never an end of the calendar or a code."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(BytesIO(whole(run(graph, name, {}, timeout=None), "xlsx")))
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert cells
    hold_words(name, "\n".join(cells).replace("/period/", ""))


@pytest.mark.slow
@pytest.mark.parametrize("date", ["", "2016"])
def test_no_code_in_a_picture(graph: Graph, date: str, tmp_path: Path) -> None:
    """Pictures of the timeline, a neighbourhood and polls say days in words."""
    view = in_view(graph, date, "en")
    serbia = graph.project.iri("id", "serbia")
    drawn = {"timeline": lambda path: draw_timeline(timeline(view, serbia), path)}
    drawn["neighbourhood"] = lambda path: draw_neighbourhood(neighbourhood(view, serbia), path)
    drawn["polls"] = lambda path: draw_polls(view, poll_results(view), path)
    for name, draw in drawn.items():
        draw(tmp_path / f"{name}.svg")
        text = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
        hold_words(name, "\n".join(re.findall(r">([^<]+)<", text)))
