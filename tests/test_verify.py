"""Verdicts on statements: a table of them held to the documents, and the same verdict from every command."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.errors import InputError, UsageError
from kg.evidence.conflicts import Conflicts, conflicts
from kg.evidence.statements import parse_terms, verify_file, verify_table
from kg.evidence.verify import StatementVerdict, verify
from kg.graph.store import Graph, open_graph
from kg.graph.views import view_of
from kg.vocab import kg

Kg = Callable[..., subprocess.CompletedProcess[str]]
TABLE = Path(__file__).parent / "cases" / "statements.csv"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph()


def test_statements_have_the_verdict_that_the_documents_give(graph: Graph) -> None:
    """Each statement of the table, read against the texts, has its verdict and what the cited sentence says."""
    rows = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
    assert len(rows) >= 80
    # What somebody advises against, somebody refuses as well in this graph, which counts first.
    assert {row["verdict"] for row in rows} == set(StatementVerdict) - {StatementVerdict.DEMANDED_NOT}
    found = verify_file(graph, TABLE)
    told = [(one.words, str(one.verdict), str(one.citation or "")) for one in found]
    assert told == [(one.words, row["verdict"], row["citation"]) for one, row in zip(found, rows, strict=True)]


def test_a_verdict_has_its_evidence(graph: Graph) -> None:
    """What is not merely unstated names a claim or a reason; what is unstated never does."""
    for one in verify_file(graph, TABLE):
        assert bool(one.claims or one.reasons) == (one.verdict != StatementVerdict.NOT_STATED), one.words


def test_explain_why_not_and_verify_agree(kg_process: Kg) -> None:
    """The three commands give one verdict."""
    assert "verdict: inferred\n" in kg_process("explain", "serbia", "observerWithin", "csto").stdout
    assert "Verdict: ruled out.\n" in kg_process("why-not", "serbia", "memberOf", "csto").stdout
    assert kg_process("verify", "serbia", "memberOf", "csto").stdout.startswith("ruled out: ")


def test_the_exit_status_tells_whether_all_is_supported(kg_process: Kg, tmp_path: Path) -> None:
    """A statement or table that stands ends with 0, one that does not with 4; the rows come in any format."""
    assert kg_process("verify", "belarus", "memberOf", "ОДКБ").returncode == 0
    assert kg_process("verify", "belarus", "memberOf", "csto", "--cited", "sputnik-2017:11.1").returncode == 4
    file = tmp_path / "statements.csv"
    file.write_text("object,subject,predicate\nNATO,Montenegro,joined\nNATO,Serbia,joined\n")
    done = kg_process("verify", str(file), "-f", "csv", "-q")
    assert done.returncode == 4
    verdicts = [row["verdict"] for row in csv.DictReader(done.stdout.splitlines())]
    assert verdicts == ["stated", "denied"]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("subject,object\nserbia,nato\n", "KG681", 1),
        ("subject,predicate,object\nserbia,memberOf,Natoo\n", "KG655", 2),
        ("subject,predicate,object,on\nserbia,memberOf,nato,soon\n", "KG303", 2),
        ("subject,predicate,object,document,place\nserbia,memberOf,nato,sputnik-2018,1.1\n", "KG682", 2),
        ("subject,predicate,object,document,place\nserbia,memberOf,nato,sputnik-2017,999.1\n", "KG682", 2),
    ],
)
def test_a_table_that_cannot_be_read_says_where(
    graph: Graph, tmp_path: Path, text: str, code: str, line: int
) -> None:
    """Each problem has its code and the line of the file."""
    file = tmp_path / "statements.csv"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        verify_file(graph, file)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.line if problem.place else None) == (code, line)


def test_a_view_decides_the_verdict(graph: Graph) -> None:
    """Without the document that says so, a statement is no longer stated."""
    triple = parse_terms(graph, "belarus", "memberOf", "csto")
    assert verify(graph, triple).verdict == StatementVerdict.STATED
    without = graph.in_view(view_of(without=["sputnik-2017"]))
    assert verify(without, triple).verdict == StatementVerdict.NOT_STATED
    with pytest.raises(UsageError, match="KG655"):
        parse_terms(graph, "belarus", "memberOf", "Natoo")


def test_a_deprecated_property_stands_for_what_replaces_it(graph: Graph) -> None:
    """A deprecated property is read as the one that replaces it, but for an inverse, whose ends are the other way."""
    vote = parse_terms(graph, "Serbia", "voted for", "UN resolution on Ukraine")
    assert vote[1] == kg("endorsed")
    assert parse_terms(graph, "NATO", "hasMember", "Albania")[1] == kg("hasMember")


def test_suggestions_fit_the_property(graph: Graph) -> None:
    """What is near an unknown name is a class after ``a``, and what a property's domain and range take elsewhere."""
    with pytest.raises(UsageError) as caught:
        parse_terms(graph, "Serbai", "a", "contry")
    assert [problem.remedy for problem in caught.value.problems][1] == "Did you mean: country (kg:Country)?"
    with pytest.raises(UsageError) as caught:
        parse_terms(graph, "Serbia", "memberOf", "natto")
    assert caught.value.problems[0].remedy == "Did you mean: NATO (id:nato)?"


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("\ufeffSubject;Predicate;Object\r\nbelarus;memberOf;csto\r\n", ["stated"]),
        ("subject\tpredicate\tobject\n\nbelarus\tmemberOf\tcsto\n\t\t\n", ["stated"]),
        ("id,subject,predicate,object,on\n1,serbia,memberOf,eu,30/11/2016\n", ["ruled out"]),
    ],
    ids=["semicolons", "tabs and blank lines", "other columns and dates"],
)
def test_tables_as_spreadsheets_write_them(graph: Graph, text: str, verdicts: list[str]) -> None:
    """Separators, a byte-order mark, capitals in headings, blank lines and further columns do not matter."""
    assert [str(one.verdict) for one in verify_table(graph, text, "table")] == verdicts


def test_a_problem_of_a_table_is_told_once(graph: Graph) -> None:
    """A name that nothing bears is reported where it first stands; half a citation and an empty cell are named."""
    text = "subject,predicate,object,document\nserbai,memberOf,csto,\nserbai,memberOf,nato,\nserbia,memberOf,nato,x\n"
    with pytest.raises(InputError) as caught:
        verify_table(graph, text, "table")
    assert [(p.code, p.place.line) for p in caught.value.problems if p.place] == [("KG655", 2), ("KG682", 4)]
    with pytest.raises(InputError, match="no object"):
        verify_table(graph, "subject,predicate,object\nserbia,memberOf,\n", "table")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("subject,predicate,object,on,on\nserbia,memberOf,csto,2016,2017\n", "two columns on"),
        ("subject,predicate,object\nserbia,memberOf,csto,,2016\n", "more cells than columns"),
        ('subject,predicate,object\nserbia,memberOf,"csto', "no CSV"),
    ],
)
def test_no_cell_is_passed_over(graph: Graph, text: str, said: str) -> None:
    """A column that stands twice, a cell without a column and an open quotation are refused (KG681)."""
    with pytest.raises(InputError, match=said) as caught:
        verify_table(graph, text, "table")
    assert [problem.code for problem in caught.value.problems] == ["KG681"]


def test_columns_that_are_not_read_are_named(kg_process: Kg, tmp_path: Path) -> None:
    """A note names the columns of a table that are not read, unless the output is quiet; a mistyped ``on`` shows."""
    (tmp_path / "table.csv").write_text("id,subject,predicate,object,date\n1,belarus,memberOf,csto,2016\n")
    done = kg_process("verify", str(tmp_path / "table.csv"))
    assert (done.returncode, done.stderr.count("note: columns that verify does not read: id, date\n")) == (0, 1)
    assert "note" not in kg_process("verify", "-q", str(tmp_path / "table.csv")).stderr


def test_conflicts_about_one_thing(graph: Graph) -> None:
    """With a thing, only conflicts with a claim that names it, or what pertains to it, are listed."""
    everything, some = conflicts(graph), conflicts(graph, graph.project.iri("id", "kosovo"))
    assert 0 < len(some) < len(everything)
    assert {conflict.key for conflict in some} < {conflict.key for conflict in everything}
    assert all("Kosovo" in str(Conflicts(graph, [conflict])) for conflict in some)
