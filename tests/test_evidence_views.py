"""Explanations, conflicts and exports in a view of a date: what possibly holds is told from what certainly does."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.api import view_of
from kg.cli import kg as command_line
from kg.errors import UsageError
from kg.evidence.conflicts import conflicts
from kg.evidence.explain import explain, render
from kg.evidence.statements import parse_terms
from kg.export import export
from kg.graph.store import Graph, open_graph


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph()


def dated(graph: Graph, when: str, *, certain: bool = False) -> Graph:
    return graph.in_view(view_of(as_of=when, certain=certain))


OBSERVER = ("serbia", "observerWithin", "csto")


def test_an_explanation_says_how_firmly_it_holds(graph: Graph) -> None:
    """If a fact only possibly holds at a date, then its proof says so in every form; of the certain it has none."""
    possibly = dated(graph, "2016")
    (found,) = explain(possibly, parse_terms(possibly, *OBSERVER))
    assert found.as_json()["certain"] is False
    for form in ("md", "dot", "ttl"):
        assert "as of 2016; it possibly holds then" in render(found, form)
    certainly = dated(graph, "2016", certain=True)
    with pytest.raises(UsageError, match="KG670") as caught:
        explain(certainly, parse_terms(certainly, *OBSERVER))
    assert "without --certain" in caught.value.problems[0].remedy
    later = dated(graph, "2017-04-10", certain=True)
    (found,) = explain(later, parse_terms(later, *OBSERVER))
    assert found.view.endswith("only what is certain; it certainly holds then")


def test_proofs_of_a_date_rest_on_what_holds_then(graph: Graph) -> None:
    """If a fact is proved at a date, then every step of every proof holds then."""
    for certain in (False, True):
        asked = dated(graph, "2014-09", certain=certain)
        view = asked.materialised
        inferred = [triple for triple in sorted(view.inferred()) if triple in view.support]
        assert inferred
        for triple in inferred[::5]:
            proofs = explain(asked, triple, every=True)
            assert proofs, triple
            for proof in (*proofs, *explain(asked, triple)):
                assert all(view.holds(step.triple) for step in proof.steps)


def test_conflicts_as_of_a_date(graph: Graph) -> None:
    """If a date is given, then the sides of a conflict may both hold then; of the certain, both certainly do."""
    everything = {conflict.key for conflict in conflicts(graph)}
    possible = {conflict.key for conflict in conflicts(dated(graph, "2016"))}
    certain = {conflict.key for conflict in conflicts(dated(graph, "2016", certain=True))}
    assert certain < possible < everything


def test_an_export_of_a_date_marks_its_facts(graph: Graph, tmp_path: Path) -> None:
    """If facts of a date are exported as a table, then each has its mark; of the certain, those alone."""
    rows = {}
    for certain in (False, True):
        path = tmp_path / f"{certain}.csv"
        export(dated(graph, "2016", certain=certain), path)
        rows[certain] = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    assert {row["certainty"] for row in rows[False]} == {"certain", "possible", "undated"}
    assert rows[True] == [row for row in rows[False] if row["certainty"] == "certain"]


def test_commands_state_the_view(kg_process, tmp_path: Path) -> None:
    """If only what is certain is asked for, then each command says so beside its answer."""
    view = ("--as-of", "2017-04-10", "--certain")
    words = "as of 2017-04-10, only what is certain"
    for arguments in (("show", "serbia"), ("explain", *OBSERVER), ("conflicts",), ("query", "observers")):
        assert words in " ".join(kg_process(*arguments, *view).stdout.split()), arguments
    assert words in json.loads(kg_process("conflicts", "-f", "json", *view).stdout)["view"]
    assert words in kg_process("export", str(tmp_path / "x.nt"), *view).stdout
    assert words in kg_process("timeline", "serbia", "--width", "0", *view).stdout


def test_a_quiet_answer_says_that_undated_rows_are_missing() -> None:
    """If undated rows are left out, then an answer says how many with --quiet, too: nothing in its rows does."""
    done = CliRunner().invoke(command_line, ["query", "observers", "--as-of", "2018", "-q"])
    assert "\n5 rows are undated then" in done.stdout
    assert "view:" not in done.stdout


@pytest.mark.slow
def test_a_date_that_no_document_can_know_of_is_said_by_each_command(tmp_path: Path) -> None:
    """If the date is later than the newest document believed, then each command says what is taken to last."""
    words = "later than the newest document believed (2017-09-22): what had no end then is taken to last"
    sparql = "SELECT ?c { ?c kg:memberOf id:nato } ORDER BY ?c"
    asked = [
        *(("query", "observers", "-f", form) for form in ("table", "md", "html", "json")),
        ("sparql", sparql),
        ("show", "serbia"),
        ("show", "serbia", "--json"),
        *(("explain", *OBSERVER, "-f", form) for form in ("text", "md", "json")),
        ("why-not", "serbia", "memberOf", "nato"),
        ("conflicts",),
        ("conflicts", "-f", "json"),
        ("timeline", "serbia"),
        ("graph", "serbia"),
        ("chart", "polls"),
        ("cite", "observers"),
        ("export", str(tmp_path / "x.nt")),
    ]
    for arguments in asked:
        done = CliRunner().invoke(command_line, [*arguments, "--without", "ecfr-2022", "--as-of", "2030"])
        assert words in " ".join(done.stdout.split()), (arguments, done.output)
