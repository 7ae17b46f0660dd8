"""Answers as people read them: questions of an analyst, and every saved question piped at 80 columns."""

from __future__ import annotations

import csv
import shlex
from functools import cache
from pathlib import Path

import pytest

from kg.graph.store import Graph, open_graph
from kg.model import Term
from kg.queries import Answer, run
from kg.render.columns import ReaderTable, Settings, reader_table
from kg.render.formats import render
from kg.render.tables import width_of, wrap
from kg.status import MEANINGS

#: Twenty questions, written before a look at the saved queries; each with the one or two calls that answer it.
ANALYST = list(csv.DictReader((Path(__file__).parent / "cases" / "analyst.csv").open(encoding="utf-8")))
SAVED = sorted(path.stem for path in (Path(__file__).parent.parent / "queries").glob("*.rq"))
WIDTH = 80


@cache
def graph() -> Graph:
    return open_graph()


@cache
def answered(call: str) -> Answer:
    """The answer to ``QUESTION [VALUE] [--NAME=VALUE]``, as `kg query` takes it."""
    name, *given = shlex.split(call)
    values = dict(each[2:].split("=", 1) for each in given if each.startswith("--"))
    values |= {graph().queries[name].parameters[0].name: each for each in given if not each.startswith("--")}
    answer = run(graph(), name, values, timeout=None)
    answer.notes = []
    return answer


def slugs() -> dict[Term, str]:
    return {graph().project.iri("document", slug): slug for slug in graph().index.documents}


def table_of(call: str) -> ReaderTable:
    return reader_table(answered(call), Settings(), slugs())


@pytest.mark.parametrize("row", ANALYST, ids=[row["question"] for row in ANALYST])
def test_a_question_of_an_analyst_is_answered_in_two_calls(row: dict[str, str]) -> None:
    """If an analyst asks it, then one or two calls answer it, and each row has status, holder, date and document."""
    said = ""
    for call in filter(None, (row["first"], row["second"])):
        table = table_of(call)
        assert table.rows, call
        for cells in table.rows:
            told = {heading: cell.text for heading, cell in zip(table.headings, cells, strict=True)}
            assert told.get("status") in MEANINGS or told.get("how") in MEANINGS, (call, told)
            # What an author states is held by the document's author; else a holder is named, or it is the author's.
            assert "holder" in told or told["how"] in ("stated", "inferred"), (call, told)
            assert told.get("when") or told.get("published") or told.get("known from"), (call, told)
            assert set(told["document"].split(", ")) <= set(graph().index.documents), (call, told)
        said += " ".join(cell.text for cells in table.rows for cell in cells)
    assert row["expected"] in said


@pytest.mark.parametrize("name", SAVED)
def test_a_saved_question_fits_eighty_columns(name: str) -> None:
    """If a saved question is piped, then no line is longer than 80 cells, and no cell is cut."""
    answer = answered(name)
    shown = render(answer, "table", Settings(width=WIDTH))
    assert max(map(width_of, shown.splitlines())) <= WIDTH
    if answer.form == "SELECT":
        lines = {part for line in shown.splitlines() for part in (line, *line.split("  "))}
        words = {word for line in lines for word in line.split()}
        for cells in table_of(name).rows:
            for text in (cell.text for cell in cells):
                # Each word stands whole, or in the parts in which it was broken.
                whole = all(word in words for word in text.split())
                assert whole or any(
                    all(word in words for part in wrap(text, width) for word in part.split())
                    for width in range(8, WIDTH)
                ), text


def test_nobody_reads_the_names_of_claims_or_open_dates() -> None:
    """If a table is shown, then it has no IRI, no short name of a claim, and no day that stands for an open date."""
    for name in SAVED:
        shown = render(answered(name), "table", Settings(width=WIDTH, quiet=True))
        for never in ("claim:", "<http", "0001-01-01", "9999-12-31"):
            assert never not in shown, (name, never)
