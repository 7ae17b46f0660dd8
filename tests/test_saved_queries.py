"""The saved queries of this repository: expected answers, evidence, other engines, and what must never follow."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.corpus.query_files import read_saved_queries
from kg.evidence import RowEvidence
from kg.evidence import evidence_of as found_evidence
from kg.graph.store import Graph, open_graph
from kg.graph.views import View
from kg.model import text_of
from kg.project import Project
from kg.queries import Answer, run
from kg.queries.parameters import allowed
from kg.render.formats import Settings, render
from kg.render.sources import cited
from kg.sparql.analysis import columns_of
from kg.sparql.parser import parse_select
from kg.sparql.tokens import variables

pytestmark = pytest.mark.usefixtures("confined_here")

CHECKOUT = Path(__file__).parent.parent
FOLDER = CHECKOUT / "queries"
NAMES = sorted(path.stem for path in FOLDER.glob("*.rq"))
#: Those of which each row names a document that supports it.
DOCUMENTED = [
    name for name in NAMES if "kg:supportedByDocument ?document" in (FOLDER / f"{name}.rq").read_text("utf-8")
]
BASE = "https://w3id.org/serbia-kg/"


@cache
def graph_of(**view: object) -> Graph:
    """The graph of this repository in a view; a view is closed once for all tests."""
    return open_graph(Project(CHECKOUT), View(**view))


@cache
def answer_to(name: str) -> Answer:
    """The answer with all defaults."""
    return run(graph_of(), name)


@cache
def evidence_of(name: str) -> list[RowEvidence]:
    """What each row of that answer rests on."""
    return found_evidence(answer_to(name)).rows


def rows(name: str, graph: Graph | None = None, **values: str) -> list[tuple[str, ...]]:
    """The rows of an answer in short: IRIs without what they all begin with, unbound as nothing."""
    answer = run(graph or graph_of(), name, values)
    return [tuple(_short(term) for term in row) for row in answer.rows]


def _short(term: str | None) -> str:
    if term is None:
        return ""
    if term.startswith("<"):
        return term[1:-1].removeprefix(f"{BASE}id/").removeprefix(f"{BASE}ontology#").removeprefix(BASE)
    return term.split('"')[1]


def first_column(name: str, graph: Graph | None = None, **values: str) -> set[str]:
    """The values of the first column."""
    return {row[0] for row in rows(name, graph, **values)}


# -- every saved query


def test_there_are_the_questions_an_analyst_would_ask() -> None:
    """At least 45 questions, each of a theme that has others too."""
    queries, problems = read_saved_queries(Project(CHECKOUT))
    assert problems == []
    assert sorted(queries) == NAMES
    assert len(queries) >= 45
    assert all(query.theme for query in queries.values())


@pytest.mark.parametrize("name", NAMES)
def test_it_is_described(name: str) -> None:
    """A plain question, keywords, and what each parameter is; how to read the answer where columns need it."""
    query = graph_of().queries[name]
    assert query.summary.endswith("?")
    assert query.keywords
    assert all(parameter.label for parameter in query.parameters)
    assert query.description or len(answer_to(name).columns) <= 4


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_its_expected_answer(name: str) -> None:
    """Asked with its defaults, it gives the CSV beside it, in that order, and not an empty one."""
    expected = (FOLDER / f"{name}.csv").read_text(encoding="utf-8")
    assert render(answer_to(name), "csv", Settings(iris=True)) == expected
    assert answer_to(name).rows


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_its_evidence(name: str) -> None:
    """Every row leads to triples of the view, and through them to a claim, an axiom, an entity or a document."""
    found = evidence_of(name)
    assert len(found) == len(answer_to(name).rows)
    for row, rests in zip(answer_to(name).rows, found, strict=True):
        assert rests.triples, row
        assert any(ground.references for ground in rests.grounds), row


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_row_that_names_a_document_rests_on_a_claim_of_it(name: str) -> None:
    """If a row has a supporting document, then what it rests on has a claim of that document."""
    index, start = graph_of().index, graph_of().project.iri("document", "")[:-1]
    place = answer_to(name).columns.index("document")
    for row, rests in zip(answer_to(name).rows, evidence_of(name), strict=True):
        claims = [index.claim(reference.source) for reference in rests.references]
        assert row[place] is None or row[place] in {f"{start}{claim.document}>" for claim in claims if claim}, row


@pytest.mark.parametrize("name", NAMES)
def test_the_sources_under_it_are_those_of_its_rows(name: str) -> None:
    """Every document that a row rests on, by its evidence, stands under the answer; and none of another claim."""
    index = graph_of().index
    references = (r for row in evidence_of(name) for ground in row.grounds for r in ground.references)
    documents = {claim.document for r in references if (claim := index.claim(r.source))}
    shown = set(cited(answer_to(name), Settings()))
    assert documents <= shown
    # What is said of documents, and not of the world, names them itself.
    assert shown == documents or name in ("document-limits", "documents", "set-aside")


@pytest.mark.parametrize("name", NAMES)
def test_no_two_rows_are_the_same(name: str) -> None:
    """A row that comes twice would say that something is so twice, and stores differ on which they keep."""
    found = answer_to(name).rows
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_are_among_the_values_offered(name: str) -> None:
    """Where a parameter has allowed values, there are some, and its default is one of them."""
    graph = graph_of()
    for parameter in graph.queries[name].parameters:
        choices = allowed(graph, parameter)
        assert bool(choices) == bool(parameter.choices)
        default = answer_to(name).values.get(parameter.name)
        assert not choices or default is None or default in choices


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_another_engine_gives_the_same_in_the_same_order(name: str) -> None:
    """rdflib, given the view's triples alone, gives the same rows in the same order: the ORDER BY is total."""
    found = [tuple(None if value is None else _value(value.n3()) for value in row) for row in _in_rdflib(name)]
    expected = [tuple(None if term is None else _value(term) for term in row) for row in answer_to(name).rows]
    assert found == expected


@cache
def _rdflib_graph() -> object:
    import rdflib

    buffer = io.BytesIO()
    graph_of().store.dump(buffer, pyoxigraph.RdfFormat.N_TRIPLES, from_graph=pyoxigraph.DefaultGraph())
    return rdflib.Graph().parse(data=buffer.getvalue().decode(), format="nt")


def _in_rdflib(name: str) -> object:
    return _rdflib_graph().query(answer_to(name).text)  # type: ignore[attr-defined]


def _value(term: str) -> str:
    """A term, but for how the two engines write a number and a plain string."""
    return term if term.startswith("<") else term.partition("^^")[0].strip('"')


# -- parameters as people write them


@pytest.mark.parametrize("written", ["CSTO", "ОДКБ", "id:csto", f"{BASE}id/csto"])
def test_an_organisation_may_be_written_in_any_way(written: str) -> None:
    """An abbreviation, in Cyrillic too, a prefixed name and an IRI ask the same."""
    assert run(graph_of(), "members", {"organisation": written}).rows == answer_to("members").rows


def test_one_participant_of_exercises() -> None:
    """An optional parameter keeps the rows of one participant, and no others."""
    found = rows("exercises", who="BY")
    assert {row[1] for row in found} == {"belarus"}
    everything = rows("exercises")
    assert found == [row for row in everything if row[1] == "belarus"] != everything


def test_milestones_between_two_dates() -> None:
    """A year as the first limit begins with its first day, as the second it ends with its last."""
    found = rows("milestones", **{"from": "2015", "to": "2015"})
    assert ("2015-01-01", "2015-01-31", "serbia", "partyTo", "ipap-nato-serbia") in [row[:5] for row in found]
    assert ("2015-11-01", "2015-11-30", "jens-stoltenberg", "visited", "serbia") in [row[:5] for row in found]
    assert {row[4] for row in found}.isdisjoint({"pfp-framework-document", "nato-warsaw-summit-2016"})


def test_agreements_of_another_party() -> None:
    """NATO's agreements with Serbia are Serbia's with NATO, where NATO itself is a party."""
    of_serbia = {row[1] for row in rows("agreements", party="id:serbia") if row[3] == "nato"}
    assert {row[1] for row in rows("agreements", party="NATO")} == of_serbia
    assert {row[1] for row in rows("agreements", party="NATO", **{"with": "id:serbia"})} == of_serbia


# -- dates


@pytest.mark.parametrize("day", ["2005-12-31", "2007-06-30", "2010-01-01", "2015-06-30", "2017-04-15", "2022-04-10"])
def test_standing_on_a_day_agrees_with_the_view_as_of_that_day(day: str) -> None:
    """What the dates of the facts say of a day is what closing the view over that day alone says."""
    from kg.dates import span

    dated = run(graph_of(as_of=span(day), as_of_text=day), "standing-at", {"day": day}, undated=True)
    said = {(row[0], row[1]): row[2] for row in rows("standing-at", day=day)}
    assert said == {(_short(a), _short(b)): _short(c) for a, b, c in dated.rows}
    asked = run(graph_of(as_of=span(day), as_of_text=day), "standing", undated=True)
    certain: dict[tuple[str, str], bool] = {}
    for row, sure in zip(asked.rows, asked.certainty or (), strict=True):
        # Being an observer directly is being one.
        key = (_short(row[0]).replace("observerOf", "observerWithin"), _short(row[1]))
        certain[key] = certain.get(key, False) or sure == "certain"
    assert set(said) == set(certain)


def test_agreements_bind_from_the_day_they_were_concluded() -> None:
    """The transit agreement of summer 2005 certainly binds by its end, and possibly within it."""
    before, within, after = (rows("in-force", day=day, party="Serbia") for day in ("2005-05-31", "2005-07", "2005"))
    transit = ("transit-agreement-nato-serbia", "serbia")
    assert transit not in {row[:2] for row in before}
    assert (*transit, "possible") in within
    assert (*transit, "certain") in after
    assert "ipap-nato-serbia" not in {row[0] for row in after}


def test_an_interruption_shows_on_its_day() -> None:
    """Serbia certainly took part in the Partnership for Peace in 2007 and in 2010; in mid-2008 only possibly."""
    programme = ("participatesInProgramme", "partnership-for-peace")
    said = {day: {r[:2]: r[2] for r in rows("standing-at", day=day)} for day in ("2007-06", "2008-06", "2010-06")}
    assert said["2007-06"][programme] == said["2010-06"][programme] == "certain"
    assert said["2008-06"][programme] == "possible"


# -- what must not follow, and what a view changes


def test_serbia_is_no_member_whatever_is_believed() -> None:
    """Neither a planned drill as a full member nor observing makes a member, also if anything affirmed counts."""
    for view in ({}, {"accept": "attributed"}, {"accept": "affirmed"}):
        for organisation in ("CSTO", "NATO", "EU"):
            assert "serbia" not in first_column("members", graph_of(**view), organisation=organisation)


def test_a_planned_drill_makes_no_exercise_partners() -> None:
    """The drill of 2017 in Kazakhstan is a plan: it is among the exercises and gives Serbia no partner."""
    assert ("indestructible-brotherhood-2017", "Plan") in {(r[0], r[3]) for r in rows("exercises", who="Serbia")}
    assert "indestructible-brotherhood-2017" not in {row[1] for row in rows("exercise-partners")}
    assert "csto" not in first_column("exercise-partners")


def test_a_contested_facility_is_settled_by_nobody() -> None:
    """Both sides stand beside each other as claims, and no fact of the view says what the facility is."""
    said = {(row[0], row[2]) for row in rows("facility-claims")}
    assert ("nis-humanitarian-centre", "HumanitarianCentre") in said
    assert ("russian-facility-in-serbia-ecfr", "MilitaryBase") in said
    graph = graph_of()
    for kind in ("HumanitarianCentre", "MilitaryBase", "IntelligenceCentre"):
        assert not graph.query(f"ASK {{ ?facility a <{BASE}ontology#{kind}> }}")


def test_disbelieving_a_document_changes_the_answer() -> None:
    """Without the document that tells of the pause nothing was interrupted, and what others say still stands."""
    without = graph_of(without=frozenset({"cepi-2017"}))
    assert rows("interrupted")
    assert rows("interrupted", without) == []
    assert "serbia" in {row[0] for row in rows("observers", without)}
    assert first_column("members", without) == first_column("members")


def test_counts_agree_with_what_is_listed() -> None:
    """A count is the number of different rows that the listing has."""
    counted = {(row[0], row[1]): int(row[2]) for row in rows("organisations")}
    for organisation in ("csto", "nato"):
        assert counted[organisation, "memberOf"] == len(first_column("members", organisation=f"id:{organisation}"))
    named = {row[0]: row[1:] for row in rows("membership-counts")}
    assert named["csto"] == ("6", "6")


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_rows_is_total(name: str) -> None:
    """A question orders its rows by every column, or by all that it groups by: the same answer has the same order."""
    text = graph_of().queries[name].text
    select, named = parse_select(text), variables(text[text.rindex("ORDER BY") :])
    assert named >= ({key.name for key in select.keys} or set(columns_of(select)))


def test_every_count_of_agreements_is_the_same() -> None:
    """agreements, agreement-counts, ties and standing count alike, for every actor, in all and with each other."""
    counts = {row[:2]: int(row[2]) for row in rows("agreement-counts")}
    listed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for party, agreement, counted, other, *_rest in rows("agreements"):
        if counted == "yes":
            for key in {(party, ""), (party, other)}:
                listed[key].add(agreement)
    assert {key: count for key, count in counts.items() if count} == {key: len(each) for key, each in listed.items()}
    for party in {party for party, _other in counts}:
        ties = {(party, row[0]): int(row[2]) for row in rows("ties", state=f"id:{party}") if row[1] == "partyTo"}
        assert ties == {key: count for key, count in counts.items() if key[0] == party and key[1] and count}
        assert {row[2] for row in rows("standing", state=f"id:{party}") if row[2]} == {str(counts[party, ""])}


def test_gaps_follow_one_another_within_their_bounds() -> None:
    """Each gap begins where the one before ended, and lasts at least no longer than at most."""
    found = rows("gaps")
    assert [row[1] for row in found[1:]] == [row[2] for row in found[:-1]]
    assert all(0 <= int(row[3]) <= int(row[4]) for row in found)


@settings(max_examples=150, deadline=None)
@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.dates(date(1990, 1, 1), date(2030, 1, 1)))
def test_gaps_count_months_as_dateutil_does(one: date, other: date) -> None:
    """At least so many whole months have passed between two days, and at most so many have begun."""
    from dateutil.relativedelta import relativedelta

    earlier, later = sorted((one, other))
    text = (FOLDER / "gaps.rq").read_text(encoding="utf-8")
    found = re.findall(r"BIND\((xsd:integer\(.*?\)) AS \?(\w+)\)", text, re.DOTALL)
    expressions = {name: expression for expression, name in found}
    days = f'"{earlier}"^^xsd:date "{later}"^^xsd:date'
    (row,) = graph_of().rows(
        f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ({expressions['shortest']} AS ?a)"
        f" ({expressions['atMost']} AS ?b) {{ VALUES (?begunBy ?next ?notBefore ?nextBy) {{ ({days} {days}) }} }}"
    )
    least, most = (int(text_of(cell)) for cell in row if cell)
    assert earlier + relativedelta(months=least) <= later <= earlier + relativedelta(months=most)
    assert later < earlier + relativedelta(months=least + 1) or earlier.day > later.day
    assert most == 0 or earlier + relativedelta(months=most - 1) < later


def test_expected_answers_name_things_by_their_iris() -> None:
    """The CSVs hold no label of an entity where its IRI belongs: every entity named is one that is described."""
    graph = graph_of()
    for name in NAMES:
        with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in list(csv.reader(file))[1:]:
                for cell in row:
                    if cell.startswith(f"{BASE}id/"):
                        assert graph.query(f"ASK {{ <{cell}> a ?kind }}"), (name, cell)
