"""Notes beside an answer: found in time or left out, and never at the cost of the answer."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest
from timing import ends_in_time, takes_at_most

from kg.graph.store import Graph
from kg.project import Project
from kg.queries import ask
from kg.render.formats import render
from kg.render.markup import NOTEBOOK_ROWS, notebook

#: Empty at once, while what is near it takes the engine hours to find.
ENDLESS = 'SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?a ?e "nothing" }'


def test_a_note_that_takes_too_long_is_dropped(small: Graph) -> None:
    """The answer is there with a word on what is missing, when the time that was given is over."""
    answer = ask(small, ENDLESS, timeout=5)
    assert not answer.rows
    assert answer.notes == ["why nothing is there was not found within 5 s"]
    assert "was not found within" in render(answer)


def test_the_command_ends_with_its_answer(
    small_project: Project, kg_process: Callable[..., CompletedProcess[str]]
) -> None:
    """A note that is dropped neither throws the answer away nor keeps the process from ending."""
    with ends_in_time():
        done = kg_process("--project", str(small_project.root), "sparql", ENDLESS, "-f", "csv", "--timeout", "1")
    assert (done.returncode, done.stdout) == (0, "a,b,c,d,e,f,g,h,i,j,k,l\n")
    assert "was not found within 1 s" in done.stderr


def test_comparing_rows_does_not_take_the_square_of_them(small: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """40,000 rows that all differ in the contested view are counted at once."""
    answer = ask(small, "SELECT ?s ?o { ?s kg:memberOf ?o } ORDER BY ?s", timeout=None)
    answer.rows = [(f'"{number}"', None) for number in range(40_000)]
    other = [(f'"{number}"', None) for number in range(20_000, 60_000)]
    monkeypatch.setattr("kg.evidence.notes.rows_of", lambda _graph, _text: other)
    monkeypatch.setattr("kg.sparql.analysis.sees", lambda _text, _terms: True)
    monkeypatch.setattr("kg.evidence.notes.sees", lambda _text, _terms: True)
    with takes_at_most(5):
        assert answer.notes[0] == "contested: 40000 rows would differ with --accept contested"


def test_any_rows_are_not_compared(small: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a LIMIT without an order lets any rows come, two views differ for no reason: no note says so."""
    monkeypatch.setattr("kg.sparql.analysis.sees", lambda _text, _terms: True)
    monkeypatch.setattr("kg.evidence.notes.sees", lambda _text, _terms: True)
    monkeypatch.setattr("kg.evidence.notes.rows_of", lambda _graph, _text: [])
    assert ask(small, "SELECT ?s { ?s kg:memberOf ?o } LIMIT 1", timeout=None).notes == []
    assert ask(small, "SELECT ?s { ?s kg:memberOf ?o } ORDER BY ?s LIMIT 1", timeout=None).notes != []


def test_a_notebook_shows_the_first_rows(small: Graph) -> None:
    """An answer of many rows is shown in part, and says so; a program still has them all."""
    answer = ask(small, "SELECT * { ?a ?b ?c . ?d a kg:Country } ORDER BY ?a ?b ?c ?d")
    assert len(answer) > NOTEBOOK_ROWS
    shown = notebook(answer)
    assert shown.count("<tr>") == NOTEBOOK_ROWS + 1
    assert f"the first {NOTEBOOK_ROWS} of {len(answer)} are shown" in shown
    assert "are shown" not in notebook(ask(small, "SELECT * { ?a a kg:Country }"))
