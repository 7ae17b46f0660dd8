"""The table on a terminal: every name can be copied from it, and a long answer is there in time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing import takes_at_most

from kg.graph.store import Graph
from kg.queries import Answer
from kg.render.formats import Settings, render
from kg.render.tables import hanging

NAME = "<https://example.org/a-name-that-is-rather-long>"
PROSE = f'"{" ".join(["word"] * 30)}"'


def made(graph: Graph, columns: tuple[str, ...], rows: list[tuple[str | None, ...]]) -> Answer:
    """An answer of rows made here, without notes."""
    answer = Answer(graph, None, "", "SELECT", columns, rows)
    answer.notes = []
    return answer


@pytest.mark.parametrize("width", [70, 80, 100, 140, 300])
def test_no_word_of_a_cell_is_broken(small: Graph, width: int) -> None:
    """A name that the terminal has room for stands whole in every row: it can be copied."""
    rows = [(NAME, '"Ana"', PROSE, PROSE), (NAME, None, PROSE, NAME)]
    table = render(made(small, ("claim", "holder", "gloss", "other"), rows), "table", Settings(width=width))
    label = small.label(NAME)
    assert table.split().count(label) == 3
    assert max(map(len, table.split("\nview: ")[0].splitlines())) <= width


def test_what_needs_most_room_goes_below_its_row(small: Graph) -> None:
    """Long columns stand under the row with their headings, the first one stays; an empty cell takes no line."""
    answer = made(small, ("who", "holder", "gloss"), [('"Ana"', '"Bea"', PROSE), ('"Cid"', None, None)])
    lines = render(answer, "table", Settings(width=40)).splitlines()
    assert lines[0].split() == ["who", "holder"]
    assert lines[1].split() == ["Ana", "Bea"]
    assert lines[2].startswith("    gloss  word word")
    assert lines[lines.index("Cid") + 1] == ""


def test_a_document_stands_by_its_slug_in_a_table(small: Graph) -> None:
    """Its title is in the footing, and in the formats for pages."""
    answer = made(small, ("document",), [(small.project.iri("document", "first-2017"),)])
    assert render(answer, "table").splitlines()[1] == "first-2017"
    title = answer.documents["first-2017"]["title"]
    assert title in render(answer, "table")
    assert f"| {title} |" in render(answer, "md")
    assert f">{title}</a></td>" in render(answer, "html")


def test_a_type_is_said_in_words(small: Graph) -> None:
    """No answer shows rdf:type where a sentence can be read."""
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    assert render(made(small, ("relation",), [(kind,)]), "table").splitlines()[1] == "is a"


def test_a_long_table_is_written_in_time(small: Graph) -> None:
    """10,000 rows take a fifth of a second of work, not the two that a look at every character of each takes."""
    rows: list[tuple[str | None, ...]] = [(NAME, f'"{number} ćirilica"', PROSE) for number in range(10_000)]
    answer = made(small, ("claim", "number", "text"), rows)
    with takes_at_most(1.5):
        assert render(answer, "table", Settings(width=100)).count("\n") > 10_000


@given(st.text(alphabet="ab č\n", max_size=200), st.integers(10, 40))
def test_lines_that_hang_keep_their_words(text: str, width: int) -> None:
    """Lines are broken between words, and only a word that fits on no line within; without a width none is."""
    words = hanging(text, width).split()
    assert "".join(words) == "".join(text.split())
    assert {word for word in text.split() if len(word) <= width // 2} <= {*words}
    assert all(len(line) <= width or " " not in line.strip() for line in hanging(text, width).splitlines())
    assert hanging(text, 0) == text
