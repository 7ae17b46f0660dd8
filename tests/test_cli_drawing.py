"""``kg timeline``, ``kg graph`` and ``kg chart`` as processes, on the small project of invented things."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

SMALL = Path(__file__).parent / "cases" / "timeline" / "small"


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return str(tmp_path_factory.mktemp("state"))


@pytest.fixture
def kg(kg_process, state):
    """Run ``kg`` on the small project."""

    def call(*arguments):
        return kg_process("--project", str(SMALL), *arguments, env={"KG_STATE_DIR": state, "COLUMNS": "200"})

    return call


def test_timeline_prints_a_table_and_its_view(kg):
    """The table has its rows in order, and below them what was left out and the view."""
    done = kg("timeline")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[0].split() == ["when", "what", "fact", "how", "sources"]
    assert lines[1].startswith("by 1 January 1998 ")
    assert any(line.startswith("view: uncontested facts, 2 documents, all dates; graph ") for line in lines)


def test_timeline_of_a_term_as_csv(kg):
    """A term is named as people write it; CSV on standard output holds rows and nothing else."""
    done = kg("timeline", "Utopia", "-f", "csv")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert {row["what"] for row in rows} == {"began", "ended", "happened"}
    assert all("/utopia" in row["subject_iri"] + row["object_iri"] for row in rows)


def test_timeline_as_json_and_markdown(kg):
    """JSON parses; Markdown has a table."""
    assert json.loads(kg("timeline", "-f", "json").stdout)["head"]["vars"][:2] == ["first", "last"]
    assert "| when" in kg("timeline", "-f", "md").stdout


def test_certain_rows_at_a_date(kg):
    """With --certain only what certainly held at the date is left."""
    possible = kg("timeline", "--as-of", "2014-09", "--width", "0").stdout
    certain = kg("timeline", "--as-of", "2014-09", "--certain", "--width", "0").stdout
    assert "met with Utopia" in certain
    assert "Arcadia & <co> $1 met with" in possible
    assert "Arcadia & <co> $1 met with" not in certain


@pytest.mark.parametrize(
    ("arguments", "ending"),
    [(("timeline",), "svg"), (("graph", "the League"), "png"), (("chart", "polls"), "pdf")],
)
def test_pictures_are_written(kg, tmp_path, arguments, ending):
    """With -o and the ending of a picture there is one, and nothing is printed."""
    pytest.importorskip("matplotlib", reason="pictures are an extra")
    path = tmp_path / f"x.{ending}"
    done = kg(*arguments, "-o", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert path.read_bytes()[:4] in (b"<?xm", b"\x89PNG", b"%PDF")


def test_graph_shows_facts_and_writes_dot(kg, tmp_path):
    """Without options the neighbourhood is a table; a file that ends in .gv is for Graphviz."""
    assert "member of" in kg("graph", "Лига").stdout
    kg("graph", "the League", "-o", str(tmp_path / "x.gv"))
    assert (tmp_path / "x.gv").read_text(encoding="utf-8").startswith("digraph neighbourhood {")


def test_chart_prints_figures_with_their_hedges(kg):
    """Without -o the figures come as a table."""
    assert "more than 70 %" in " ".join(kg("chart", "polls", "--width", "0").stdout.split())


def test_years_can_be_chosen(kg):
    """With --from and --to there are the rows that are dated to those years."""
    rows = list(csv.DictReader(kg("timeline", "--from", "2004", "--to", "2014", "-f", "csv").stdout.splitlines()))
    assert rows
    for row in rows:
        assert (row["first"] or row["last"]) <= "2014-12-31"
        assert (row["last"] or row["first"]) >= "2004-01-01"
    assert len(rows) < len(kg("timeline", "-f", "csv").stdout.splitlines()) - 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("timeline", "islanders"), "begins, ends or happens at a time that is known: islanders"),
        (("timeline", "--from", "1500", "--to", "1501"), "at a time that is known: all facts, from 1500 to 1501"),
        (
            ("graph", "summit", "--only", "gazette-2015", "--as-of", "1900", "--certain"),
            "no fact of summit in this view",
        ),
        (("chart", "polls", "--as-of", "1900", "--certain"), "no poll result is a fact in this view"),
        (("chart", "polls", "--as-of", "1900", "--certain"), "figures "),
    ],
)
def test_nothing_is_explained(kg, arguments, said):
    """Where there is nothing to show, that is said, and which view would have some."""
    assert said in kg(*arguments, "--width", "0").stdout


@pytest.mark.slow
def test_a_picture_taller_than_a_page_is_said(kg_process, tmp_path):
    """Before a picture is drawn that no page holds, that is said, and what to do; of a PDF with pages it is not."""
    pytest.importorskip("matplotlib", reason="pictures are an extra")
    done = kg_process("timeline", "-o", str(tmp_path / "x.svg"))
    assert "inches: name a TERM, choose years, or write .pdf" in done.stderr
    assert done.returncode == 0
    assert kg_process("timeline", "-o", str(tmp_path / "x.pdf")).stderr == ""


def test_a_claim_is_no_neighbour(kg_process):
    """Around an organisation of which a claim gives the members, that claim is no thing."""
    text = kg_process("graph", "csto").stdout
    assert "member of" in text
    assert "claim:" not in text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("timeline", "Nowhere"), "KG655"),
        (("timeline", "-o", "x.gif"), "KG661"),
        (("chart", "polls", "-o", "x"), "KG661"),
        (("chart", "polls", "-o", "x.svg", "-f", "csv"), "KG662"),
        (("timeline", "--as-of", "soon"), "KG303"),
        (("timeline", "--from", "2016", "--to", "2014"), "KG814"),
    ],
)
def test_what_cannot_be_done_is_said(kg, arguments, code):
    """An unknown term, ending or date is a usage error with its code, and no traceback."""
    done = kg(*arguments)
    assert done.returncode == 2
    assert f"error {code}:" in done.stderr
    assert "Traceback" not in done.stderr
