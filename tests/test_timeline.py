"""kg.timeline: what began, ended and happened, the neighbourhood of a term, polls, and dates asked for in SPARQL."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from kg.dates import DAWN, DUSK, Period, Span, Times, span
from kg.graph.store import open_graph
from kg.graph.views import View
from kg.periods import mark_of
from kg.project import Project
from kg.render.formats import Settings, render
from kg.timeline.dated_facts import facts_about
from kg.timeline.dates_in_words import claimed, in_words, periods_in_words, shortened
from kg.timeline.neighbourhood import neighbourhood
from kg.timeline.poll_results import poll_results
from kg.timeline.timeline import timeline
from kg.timeline.timeline_answers import neighbourhood_answer, polls_answer, timeline_answer
from kg.vocab import kg

CASES = Path(__file__).parent / "cases" / "timeline"
PREFIXES = """
PREFIX kg: <https://w3id.org/serbia-kg/ontology#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX id: <https://example.org/small/id/>
"""
CERTAIN_ON = """
  FILTER(!BOUND(?lb) || ?lb <= ?day) FILTER(!BOUND(?ee) || ?ee >= ?day)
"""
POSSIBLE_ON = """
  FILTER(!BOUND(?eb) || ?eb <= ?day) FILTER(!BOUND(?le) || ?le >= ?day)
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The small project's graph, its store in a folder of its own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("KG_STATE_DIR", str(tmp_path_factory.mktemp("small")))
    yield open_graph(Project(CASES / "small"))
    patch.undo()


def at(graph, date, **view):
    return graph.in_view(View(as_of=span(date), as_of_text=date, **view))


def term(graph, name):
    return graph.project.iri("id", name)


def expected(name):
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)]


@pytest.mark.parametrize(("name", "options"), [("timeline", {}), ("everything", {"undated": True, "restated": True})])
def test_the_small_timeline(small, name, options):
    """A project's timeline is the table beside it: in order, dated as its sources are, restatements apart."""
    assert timeline(small, **options).rows() == expected(f"small.{name}.csv")


def test_the_small_polls(small):
    """Each figure keeps its hedge, population and question; a pollster that is not named is said not to be."""
    assert [result.row(small) for result in poll_results(small)] == expected("small.polls.csv")


@pytest.mark.parametrize(("first", "last", "words"), expected("words.csv")[1:])
def test_spans_in_words(first, last, words):
    """A span is written as precisely as it is known, and no more."""
    assert in_words(Span(first or None, last or None)) == words


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({}, "published between 8 March and 1 April 2017"),
        ({"on": "2014-09"}, "in September 2014"),
        ({"on": "../2016-05"}, "by May 2016"),
        ({"holds_at": "../1999"}, "by 1999"),
        ({"begins": "2006-09/2006-12", "ends": "2008~"}, "begun in autumn 2006, ended about 2008"),
        ({"throughout": "2013/2016"}, "throughout 2013 to 2016"),
        ({"begins": "2005-22", "holds_at": "2015-11"}, "begun in summer 2005, in November 2015"),
    ],
)
def test_when_a_claim_says_that_it_was_so(times, words):
    """A reference has the claim's own time, as precise as the text; without one, when its document appeared."""
    assert claimed(Times(**times), Span("2017-03-08", "2017-04-01")) == words


@pytest.mark.parametrize(
    ("times", "latin", "cyrillic"),
    [
        ({}, "objavljeno: između 8. marta i 1. aprila 2017.", "објављено: између 8. марта и 1. априла 2017."),
        ({"on": "2014-09"}, "septembar 2014.", "септембар 2014."),
        ({"begins": "2006~", "ends": "2005-22"}, "početak: oko 2006., kraj: leto 2005.", None),
        ({"throughout": "2013/2016"}, "sve vreme: od 2013. do 2016.", "све време: од 2013. до 2016."),
    ],
)
def test_when_a_claim_says_so_in_serbian(times, latin, cyrillic):
    """The time of a claim is said in Serbian too, in either script."""
    published = Span("2017-03-08", "2017-04-01")
    assert claimed(Times(**times), published, "sr-Latn") == latin
    assert cyrillic is None or claimed(Times(**times), published, "sr-Cyrl") == cyrillic


def test_a_day_that_is_not_known_is_no_day():
    """DAWN and DUSK stand for what is not known, and count as open."""
    assert in_words(Span(DAWN, "2014-12-31")) == "by 2014"
    assert in_words(Span("2014-01-01", DUSK)) == "2014 or later"


@pytest.mark.parametrize(
    ("kind", "periods", "english", "latin", "cyrillic"),
    [
        (
            "PersistentState",
            [
                ("2006-09-01", "2006-12-31", "2008-01-01", "2008-12-31"),
                ("2006-09-01", "2017-09-22", "2017-09-22", None),
                ("2006-09-01", "2020-12-31", None, None),
                ("2008-01-01", "2009-12-31", None, None),
            ],
            "autumn 2006 to 2008, again from 2008 or 2009",
            "od jeseni 2006. do 2008., ponovo od 2008. ili 2009.",
            "од јесени 2006. до 2008., поново од 2008. или 2009.",
        ),
        ("PersistentState", [(None, "2017-04-30", None, None)], "by April 2017", "najkasnije do aprila 2017.", None),
        (
            "BoundedState",
            [("2015-01-01", "2015-01-31", "2022-03-01", None)],
            "since January 2015, still so in March 2022",
            "od januara 2015., još uvek tokom marta 2022.",
            None,
        ),
        (
            "BoundedState",
            [("1992-01-01", "2017-04-10", "2017-04-10", None)],
            "10 April 2017, begun 1992 or later",
            None,
            None,
        ),
        (
            "BoundedState",
            [(None, "2014-09-30", "2014-09-01", "2017-09-21")],
            "September 2014, ended by 21 September 2017",
            None,
            None,
        ),
        (
            "BoundedState",
            [
                (None, "2014-09-30", "2014-09-01", "2017-09-21"),
                (None, "2015-03-31", "2015-03-01", "2017-09-21"),
            ],
            "September 2014; March 2015, ended by 21 September 2017",
            "septembar 2014.; mart 2015., kraj: najkasnije do 21. septembra 2017.",
            None,
        ),
        (
            "BoundedState",
            [(None, "2013-08-31", "2013-08-01", "2013-08-31")],
            "until August 2013",
            None,
            "до августа 2013.",
        ),
        (
            "BoundedState",
            [("2017-04-02", DUSK, "2022-02-25", None)],
            "25 February 2022 or later, begun 2 April 2017 or later",
            None,
            None,
        ),
        ("BoundedState", [(None, "2013-01-01", "2016-12-31", None)], "2013 to 2016", None, None),
        ("PersistentState", [("2005-06-01", "2005-08-31", None, None)], "since summer 2005", "od leta 2005.", None),
        (
            "EventKind",
            [(None, "2007-12-31", DAWN, "2007-12-31")],
            "by 2007",
            "najkasnije do 2007.",
            "најкасније до 2007.",
        ),
        (
            "EventKind",
            [("2017-03-08", "2017-04-01", "2017-03-08", "2017-04-01")],
            "between 8 March and 1 April 2017",
            None,
            None,
        ),
        ("Timeless", [(None, None, None, None)], "", None, None),
    ],
)
def test_the_periods_of_a_fact_are_one_phrase(kind, periods, english, latin, cyrillic):
    """What is known of all periods of a fact, as people say it, in each language; sentinels and codes never show."""
    found = [Period(*bounds) for bounds in periods]
    assert periods_in_words(found, kind) == english
    assert latin is None or periods_in_words(found, kind, "sr-Latn") == latin
    assert cyrillic is None or periods_in_words(found, kind, "sr-Cyrl") == cyrillic


def test_a_term_has_the_facts_that_speak_of_it(small):
    """The timeline of a term has the entries of the whole one that speak of it."""
    ada = term(small, "ada")
    mine = [entry.fact.triple for entry in timeline(small, ada).entries]
    assert mine == [entry.fact.triple for entry in timeline(small).entries if ada in entry.fact.triple]
    assert len(mine) == 1


def test_at_a_date_each_entry_is_certain_or_possible(small):
    """As of a month, those of one claim are certain to have met; who another claim names may have missed them."""
    answer = timeline_answer(timeline(at(small, "2014-09")))
    met = {
        row[2]: certain for row, certain in zip(answer.rows, answer.certainty, strict=True) if "met with" in row[2]
    }
    assert met == {
        '"Atlantis met with Utopia"': "certain",
        '"Arcadia & <co> $1 met with Atlantis"': "possible",
        '"Arcadia & <co> $1 met with Utopia"': "possible",
    }


def test_what_is_undated_at_a_date_is_no_entry(small):
    """Before all that is dated, a timeline has what is undated then on request alone."""
    dated = at(small, "1900")
    assert not timeline(dated).entries
    assert {entry.mark for entry in timeline(dated, undated=True).entries} == {"undated"}


def test_certain_keeps_the_certain(small):
    """What certainly holds at a date is among what may hold then, and leaves the doubtful meeting out."""
    dated = at(small, "2014-09")
    sure = timeline(dated.certainly)
    assert {entry.mark for entry in sure.entries} == {"certain"}
    assert {e.fact.triple for e in sure.entries} == {
        e.fact.triple for e in timeline(dated).entries if e.mark == "certain"
    }


def test_a_plan_is_no_event_unless_it_is_asked_for(small):
    """A planned visit is not in the timeline; with --accept affirmed it is, and is called a plan."""
    asked = timeline(small.in_view(View(accept="affirmed")))
    rows = [row for row in asked.rows() if "congress" in row[2]]
    assert rows == [
        ("September 2015", "happened", "Atlantis participates in congress", "stated, plan", "gazette-2015 4.1")
    ]
    assert not any("congress" in row[2] for row in timeline(small).rows())


def test_without_a_document_its_meetings_are_gone(small):
    """Disbelieving a document takes away what it states and what follows from it."""
    rows = timeline(small.in_view(View(without=frozenset({"herald-2016"})))).rows()
    assert [row[2] for row in rows if "met with" in row[2]] == ["Atlantis met with Utopia"]


def test_labels_in_another_language(small):
    """Labels come in the language asked for, and in English where there is none."""
    other = small.in_view(View())
    other.language = "sr-cyrl"
    assert "Атлантида – члан: Лига" in [row[2] for row in timeline(other).rows()]


def test_a_restatement_follows_from_one_fact_of_the_same_two_things(small):
    """Of a stated fact, its inverse and its wider property, only the stated one is shown."""
    facts, left_out = facts_about(small)
    triples = {fact.triple for fact in facts}
    everything = {fact.triple for fact in facts_about(small, restated=True)[0]}
    assert left_out == len(everything - triples)
    ends = {(s, o) for s, _p, o in triples} | {(o, s) for s, _p, o in triples}
    assert {(s, o) for s, _p, o in everything} <= ends
    assert not any(p.endswith(("#hasMember>", "#tiedTo>")) for _s, p, _o in triples)


def test_rows_for_programs_have_bounds(small):
    """In CSV each date is its first and last day, and the terms are IRIs; JSON has the same, open bounds null."""
    found = timeline(small)
    rows = list(csv.DictReader(render(timeline_answer(found, data=True), "csv", Settings(iris=True)).splitlines()))
    league = next(row for row in rows if row["text"] == "Atlantis member of the League")
    assert (league["first"], league["last"]) == ("2001-09-01", "2001-12-31")
    assert (league["earliest_end"], league["latest_end"]) == ("", "")
    assert league["object"] == "https://example.org/small/id/league"
    told = json.loads(json.dumps(found.as_json()))
    same = next(entry for entry in told if entry["text"] == league["text"])
    assert same["period"]["latest_end"] is None
    assert same["sources"] == ["gazette-2015 1.1"]


def test_what_was_left_out_is_said(small):
    """The answer counts the undated and the restatements that it leaves out, and with which option they come."""
    notes = timeline_answer(timeline(small)).notes
    assert any(note.endswith("(--undated)") for note in notes)
    assert any(note.endswith("(--restated)") for note in notes)
    assert timeline_answer(timeline(small, undated=True, restated=True)).notes == []


def test_a_rule_of_absence_at_a_date(small):
    """Who is outside a complete list is so certainly when no membership can hold, possibly when none must."""
    found = {}
    for date in ("1998", "2000", "2001-10", "2010"):
        view = at(small, date).materialised
        outside = [triple for triple in view.inferred() if triple[1].endswith("#outsideOf>")]
        found[date] = {
            t[0].rpartition("/")[2].rstrip(">"): mark_of(view.periods[t], span(date)) == "certain"
            for t in sorted(outside)
        }
    assert found == {
        "1998": {"arcadia": False, "atlantis": True, "utopia": True},
        "2000": {"arcadia": False, "atlantis": True},
        "2001-10": {"arcadia": False, "atlantis": False},
        "2010": {"arcadia": False, "utopia": True},
    }


def test_at_all_dates_absence_is_absence_at_every_date(small):
    """Who was ever a member is not outside in the view of all dates."""
    assert not [triple for triple in small.materialised.inferred() if triple[1].endswith("#outsideOf>")]


def test_every_fact_has_a_fact_node(small):
    """Plain SPARQL finds each fact, stated, background or inferred, with its documents, and no fact besides."""
    view = small.materialised
    rows = small.query(
        PREFIXES
        + """SELECT ?s ?p ?o ?inferred (GROUP_CONCAT(DISTINCT STR(?d)) AS ?ds) WHERE {
          ?f a kg:FactNode ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; kg:inferred ?inferred .
          OPTIONAL { ?f kg:supportedByDocument ?d } } GROUP BY ?s ?p ?o ?inferred"""
    )
    found = {
        (str(r["s"]), str(r["p"]), str(r["o"])): (r["inferred"].value, r["ds"].value if r["ds"] else "") for r in rows
    }
    given = set(view.given)
    told = {*view.stated, *view.background, *(t for t in view.inferred() if t in view.support)}
    assert set(found) == told
    assert {t for t, (inferred, _) in found.items() if inferred == "true"} == told - view.stated.keys() - given
    assert view.background == {(term(small, "office"), kg("organOf"), term(small, "league"))}
    for triple, (_, documents) in found.items():
        mine = {view.claims[claim].document for claim in view.support.get(triple, ())}
        assert {name.rpartition("/")[2] for name in documents.split()} == mine
        assert mine or triple in given


@pytest.mark.parametrize("mode", ["certain", "possible"])
@pytest.mark.parametrize("day", ["2000-06-01", "2001-10-15", "2004-05-01", "2004-05-02", "2014-09-10", "2015-06-15"])
def test_what_holds_on_a_day_in_plain_sparql(small, day, mode):
    """The four bounds say in SPARQL what holds certainly, and possibly, on a day."""
    rows = small.query(
        PREFIXES
        + f"""SELECT DISTINCT ?s ?p ?o WHERE {{ BIND("{day}"^^xsd:date AS ?day)
          ?f a kg:FactNode ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; kg:period ?t .
          OPTIONAL {{ ?t kg:earliestBegin ?eb }} OPTIONAL {{ ?t kg:latestBegin ?lb }}
          OPTIONAL {{ ?t kg:earliestEnd ?ee }} OPTIONAL {{ ?t kg:latestEnd ?le }}
          {CERTAIN_ON if mode == "certain" else POSSIBLE_ON} }}"""
    )
    view = small.materialised
    told = {*view.stated, *view.background, *(t for t in view.inferred() if t in view.support)}
    expected_now = {t for t in told if any(getattr(p, f"{mode}_on")(day) for p in view.periods[t])}
    assert {(str(r["s"]), str(r["p"]), str(r["o"])) for r in rows} == expected_now


def test_what_certainly_held_in_a_year_in_plain_sparql(small):
    """Unless doubtful, what has begun by the end of a span and not ended before it certainly held in it."""
    rows = small.query(
        PREFIXES
        + """SELECT DISTINCT ?s ?o WHERE {
          ?f a kg:FactNode ; rdf:subject ?s ; rdf:predicate kg:metWith ; rdf:object ?o ; kg:period ?t .
          ?t kg:latestBegin ?lb ; kg:earliestEnd ?ee .
          FILTER(?lb <= "2014-12-31"^^xsd:date && ?ee >= "2014-01-01"^^xsd:date)
          FILTER NOT EXISTS { ?t kg:doubtful true } } ORDER BY ?s"""
    )
    names = [(str(r["s"]).rpartition("/")[2], str(r["o"]).rpartition("/")[2]) for r in rows]
    assert names == [("atlantis>", "utopia>"), ("utopia>", "atlantis>")]


def test_a_neighbourhood_has_each_fact_around_a_term(small):
    """One step around a term shows every fact about it but a claim's, the background, and how many more there are."""
    league = term(small, "league")
    found = neighbourhood(small, league)
    assert [fact.triple[0] for fact in found.facts if fact.how == "background"] == [term(small, "office")]
    told = [fact.triple for fact in found.facts if fact.how != "background"]
    about = (fact.triple for fact in facts_about(small, league)[0])
    assert sorted(told) == sorted(triple for triple in about if "/claim/" not in triple[0])
    assert found.left_out == 0
    fewer = neighbourhood(small, league, most=1)
    assert fewer.left_out == len(found.facts) - len(fewer.facts) > 0
    assert [branch.more for branch in fewer.branches if not branch.outgoing] == [2, 0]


def test_a_deeper_neighbourhood_goes_on_from_what_it_reached(small):
    """Two steps around a term also show what its neighbours lead to, each thing followed once."""
    league = term(small, "league")
    near = {fact.triple for fact in neighbourhood(small, league).facts}
    far = [fact.triple for fact in neighbourhood(small, league, depth=2).facts]
    assert near < set(far)
    assert any(o == term(small, "summit") for _s, _p, o in far)
    assert len(neighbourhood_answer(neighbourhood(small, league, depth=2)).rows) == len(far) == len(set(far))


def test_polls_make_a_table(small):
    """The table says in words when a result was published, and shows them in the order of days."""
    table = render(polls_answer(small, poll_results(small)), "table", Settings(width=300))
    assert table.index("15 June 2015") < table.index("between January and February 2016")


def test_poll_rows_for_programs(small):
    """For programs a share is a number and its hedge a column of its own."""
    rows = list(
        csv.DictReader(
            render(polls_answer(small, poll_results(small), data=True), "csv", Settings(iris=True)).splitlines()
        )
    )
    assert [(row["share"], row["hedge"]) for row in rows] == [
        ("90", "NInTen"),
        ("70", "MoreThan"),
        ("54", "Exactly"),
        ("9.5", "About"),
        ("40", "AtMost"),
    ]
    assert [row["published"] for row in rows] == ["2015-06-15"] * 4 + ["2016-01/2016-02"]


def test_many_sources_are_counted():
    """A cell names the first sources and says how many more there are."""
    assert shortened(("a 1", "a 2", "b 1", "c 1", "c 2")) == "a 1, a 2, b 1 +2"
    assert shortened(("a 1",)) == "a 1"
