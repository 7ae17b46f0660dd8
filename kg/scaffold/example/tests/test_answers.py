"""Each saved query gives the answer that stands beside it, checked by somebody who read the documents."""

import csv
from pathlib import Path

import pytest

from kg.graph.store import open_graph
from kg.project import Project
from kg.queries import run

PROJECT = Path(__file__).parent.parent
EXPECTED = sorted((PROJECT / "queries").glob("*.csv"))


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.stem)
def test_answer(expected: Path) -> None:
    """The answer with the default values is the one that was checked, row by row."""
    answer = run(open_graph(Project(PROJECT)), expected.stem)
    rows = [["" if value is None else str(value) for value in record] for record in answer]
    with expected.open(encoding="utf-8", newline="") as file:
        assert [list(answer.columns), *rows] == list(csv.reader(file))
