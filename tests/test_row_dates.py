"""Rows as of a date: kept and marked by the period that the question's header names, never by comparison alone."""

from __future__ import annotations

import datetime
import random
import re

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from kg.api import view_of
from kg.dates import ALWAYS, DAWN, DUSK, MARKS, Period, Span, span
from kg.errors import UsageError
from kg.graph.store import Graph, open_graph
from kg.model import text_of
from kg.periods import mark_of
from kg.project import Project
from kg.queries import ask, run
from kg.queries.answer import Answer, Row
from kg.queries.as_of import _grouped, _negates
from kg.queries.row_dates import Dating, has_periods, with_periods
from kg.sparql.parser import parse_select

pytestmark = pytest.mark.usefixtures("confined_here")


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The graph of this repository."""
    return open_graph()


@pytest.mark.parametrize(
    ("period", "when", "mark"),
    [
        (ALWAYS, "1950", "certain"),
        (Period("2017-09-01", "2017-09-30", "2017-09-01", "2017-09-30"), "2017-09", "certain"),
        (Period("2017-09-01", "2017-09-30", "2017-09-01", "2017-09-30"), "2017-09-14", "possible"),
        (Period("2017-09-01", "2017-09-30", "2017-09-01", "2017-09-30"), "1950", ""),
        (Period(None, "2017-04-01", "2017-03-08", None), "1950", "undated"),
        (Period(None, "2017-04-01", "2017-03-08", None), "2020", "undated"),
        (Period("2006-01-01", "2006-12-31", None, None), "2006-06-01", "possible"),
        (Period("2006-01-01", "2006-12-31", None, None), "2022", "certain"),
        (Period(None, "2022-04-10", DAWN, "2022-04-10"), "1950", "undated"),
        (Period("2017-04-10", DUSK, "2017-04-10", None), "1950", ""),
        (Period("2017-04-10", DUSK, "2017-04-10", None), "2019", "undated"),
    ],
)
def test_the_mark_of_a_period(period: Period, when: str, mark: str) -> None:
    """A period is certain, possible or undated in a span of days, or excludes it."""
    assert period.mark_in(span(when)) == mark


DATES = ("1950", "1999-06", "2006-12-14", "2014", "2016-05-30", "2017-06", "2022", "2040")
DAYS = st.dates(datetime.date(2000, 1, 1), datetime.date(2000, 3, 1)).map(str)


@given(st.lists(DAYS, min_size=4, max_size=4).map(sorted), DAYS, st.booleans(), st.booleans())
def test_marks_are_sound(days: list[str], day: str, open_begin: bool, open_end: bool) -> None:
    """A certain day is covered by every reading, an excluded one by none; an undated one needs an open bound."""
    first, begun, lasted, last = days
    period = Period(None if open_begin else first, begun, lasted, None if open_end else last)
    begins = [DAWN if open_begin else first, begun]
    ends = [lasted, DUSK if open_end else last]
    readings = [begin <= day <= end for begin in begins for end in ends]
    mark = period.mark_in(Span(day, day))
    assert (mark == "certain") == all(readings)
    assert (mark == "") == (not any(readings))
    assert mark != "undated" or open_begin or open_end


@pytest.mark.parametrize(
    ("name", "values", "date", "kept"),
    [
        ("refusals", {}, "1950", 0),
        ("exercises", {}, "1950", 0),
        ("members", {"organisation": "CSTO"}, "1950", 0),
        ("members", {"organisation": "NATO"}, "2016-12-31", 2),
        # What never changes, and what entity files give, is no more certain than what it speaks of.
        ("told-once", {}, "1950", 0),
        ("told-once", {"entity": "NATO"}, "1950", 0),
        ("agreement-terms", {}, "1950", 0),
        ("inferences", {"entity": "EU"}, "1950", 0),
    ],
)
def test_a_date_that_nothing_speaks_of(graph: Graph, name: str, values: dict[str, str], date: str, kept: int) -> None:
    """As of a date that no period covers there are no rows; what is undated is counted and can be shown."""
    view = graph.in_view(view_of(as_of=date))
    answer = run(view, name, values)
    assert len(answer) == kept
    shown = run(view, name, values, undated=True)
    assert len(shown) == kept + answer.left_undated
    assert (shown.certainty or []).count("undated") == answer.left_undated


@pytest.mark.parametrize(
    ("text", "date", "marks", "undated"),
    [
        ("SELECT ?m { ?m kg:memberOf id:csto }", "1950", [], 0),
        ("SELECT ?m { ?m kg:memberOf id:csto }", "1994", ["possible"] * 6, 0),
        ("SELECT ?m { ?m kg:memberOf id:csto }", "2017-04-10", ["certain"] * 6, 0),
        ("SELECT ?m { ?m kg:joined id:nato }", "1950", [], 2),
        ("SELECT ?c { ?c kg:modality kg:Refusal } LIMIT 2", "1950", None, 0),
        ("SELECT ?c { ?c a kg:Country } LIMIT 1", "1950", ["certain"], 0),
        ("SELECT ?o { ?o kg:organOf id:russia }", "2017", [], 2),
        ("SELECT ?o { ?o kg:observerOf ?b . ?b kg:organOf id:csto }", "2017-04-10", ["certain"] * 2, 0),
        ("SELECT ?n { id:csto kg:quantity ?n }", "1950", [], 0),
        ("SELECT ?n { id:csto kg:quantity ?n }", "2005", ["possible"], 0),
    ],
)
def test_sparql_of_your_own_is_marked_by_its_facts(
    graph: Graph, text: str, date: str, marks: list[str] | None, undated: int
) -> None:
    """A row is marked by the facts that it rests on; one that rests on claims alone has no mark, and it says why."""
    answer = ask(graph.in_view(view_of(as_of=date)), text, timeout=None)
    assert answer.certainty == marks
    assert answer.left_undated == undated
    assert ("not marked: they rest on claims" in answer.view) == (marks is None)


@pytest.mark.parametrize(
    ("text", "date", "said"),
    [
        ("ASK { id:armenia kg:memberOf id:csto }", "1950", (False, ["certain"])),
        ("ASK { id:armenia kg:memberOf id:csto }", "1994", (True, ["possible"])),
        ("ASK { ?x kg:memberOf id:csto }", "2017-04-10", (True, ["certain"])),
        ("ASK { id:slovakia kg:memberOf id:eu }", "1950", (False, ["undated"])),
        ("ASK { ?c kg:modality kg:Refusal }", "1950", (True, None)),
    ],
)
def test_yes_is_as_certain_as_its_facts(
    graph: Graph, text: str, date: str, said: tuple[bool, list[str] | None]
) -> None:
    """An ASK is marked by the facts that its best solution rests on; by undated ones alone it is yes on request."""
    view = graph.in_view(view_of(as_of=date))
    answer = ask(view, text, timeout=None)
    assert (answer.boolean, answer.certainty) == said
    shown = ask(view, text, timeout=None, undated=True)
    assert shown.boolean == (said[0] or said[1] == ["undated"])
    sure = ask(graph.in_view(view_of(as_of=date, certain=True)), text, timeout=None)
    assert sure.boolean == (said == (True, ["certain"]))


@pytest.mark.parametrize("name", ["agreement-counts", "membership-counts", "organisations", "outsiders", "ties"])
def test_what_nothing_dates_is_not_possible(graph: Graph, name: str) -> None:
    """A question about facts of the view counts undated facts apart, and shows rows of them on request."""
    view = graph.in_view(view_of(as_of="1950"))
    answer, shown = run(view, name, {}), run(view, name, {}, undated=True)
    assert (len(answer), answer.left_undated) == (0, len(shown))
    assert {*(shown.certainty or ())} == {"undated"}


def test_a_plan_for_later_is_not_certain_before(graph: Graph) -> None:
    """A drill planned for 2017 is in no answer as of 1950, not even of what is certain."""
    assert not run(graph.in_view(view_of(as_of="1950", certain=True)), "exercises").rows


def test_a_question_without_a_date(graph: Graph) -> None:
    """A question that has no date answers as always, without marks, and its view line says so."""
    answer = run(graph.in_view(view_of(as_of="1950")), "terms")
    assert answer.rows == run(graph, "terms").rows
    assert answer.certainty is None
    assert "this question has no date" in answer.view


def test_every_question_declares_its_date(graph: Graph) -> None:
    """Every saved query of this repository says which period its date is."""
    assert [query.name for query in graph.queries.values() if query.date is None] == []


def hold_marks(graph: Graph, name: str, values: dict[str, str], date: str) -> None:
    """No row whose periods exclude the day; certain only where one covers it; ``--certain`` gives the marked ones."""
    query = graph.queries[name]
    assert query.date is not None
    view = graph.in_view(view_of(as_of=date))
    answer = run(view, name, values, timeout=None, undated=True)
    timeless = run(graph, name, values, timeout=None)
    marked = list(zip(answer.rows, answer.certainty or [], strict=True))
    assert {mark for _row, mark in marked} <= set(MARKS)
    certain = run(graph.in_view(view_of(as_of=date, certain=True)), name, values, timeout=None)
    assert certain.rows == [row for row, mark in marked if mark == "certain"]
    shown = run(view, name, values, timeout=None)
    assert len(shown) + shown.left_undated == len(answer)
    assert shown.rows == [row for row, mark in marked if mark != "undated"]
    if not has_periods(query.text, query.date):
        return
    for row, _mark in marked:
        hold_bounds(dict(zip(answer.columns, row, strict=True)), span(date))
    every = run(graph, name, values, timeout=None)
    every.columns, every.rows = _asked(graph, with_periods(every.text, query.date))
    marks = Dating(view, query.date).rows(every, set(every.rows))
    for row, mark in marked:
        if row in timeless.rows:
            assert marks.get(row), (row, mark)
            assert MARKS.index(mark) <= MARKS.index(marks[row])


def hold_bounds(row: dict[str, str | None], when: Span) -> None:
    """The bounds that a row shows do not exclude the day."""
    first, last = (text_of(day) if (day := row.get(name)) else None for name in ("notBefore", "overBy"))
    assert first is None or when.last is None or first <= when.last, row
    assert last is None or when.first is None or last >= when.first, row


def asked(graph: Graph, rng: random.Random, name: str = "") -> tuple[str, dict[str, str], str]:
    """A question with a date (any, without a name), values for some of its parameters, and a date."""
    query = graph.queries[
        name or rng.choice(sorted(q.name for q in graph.queries.values() if q.date and q.date.variables))
    ]
    things = sorted({triple[0] for triple in graph.facts.all() if triple[0].startswith("<")})
    values = {}
    for parameter in query.parameters:
        if parameter.type == "date" and rng.random() < 0.5:
            values[parameter.name] = rng.choice(DATES)
        elif parameter.type == "entity" and not parameter.choices and rng.random() < 0.5:
            values[parameter.name] = rng.choice(things)[1:-1]
    return query.name, values, rng.choice(DATES)


@settings(max_examples=2, deadline=None)
@given(st.randoms(use_true_random=False))
def test_rows_are_marked_by_their_periods(graph: Graph, rng: random.Random) -> None:
    """Of a few questions with values and dates: the marks are those of their periods."""
    try:
        hold_marks(graph, *asked(graph, rng))
    except UsageError:
        reject()


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False))
def test_all_rows_are_marked_by_their_periods(graph: Graph, rng: random.Random) -> None:
    """The same of every question, over and over."""
    try:
        hold_marks(graph, *asked(graph, rng))
    except UsageError:
        reject()


_TIME = re.compile(r'kg:(begins|ends|on|holdsAt|throughout) "([^"]+)" ;')


def redated(project: Project, seed: int) -> Project:
    """The project with other dates in its claims: each claim's moved back by some years, left out or widened."""
    rng = random.Random(seed)  # noqa: S311 - test data
    for path in project.files("corpus/documents", "*.trig"):
        claims = re.split(r"\n(?=\S+ a kg:Claim)", path.read_text(encoding="utf-8"))
        path.write_text("\n".join(_redated(claim, rng) for claim in claims), encoding="utf-8")
    return project


def _redated(claim: str, rng: random.Random) -> str:
    if "kg:ends" not in claim and rng.random() < 0.3:
        return _TIME.sub("", claim)
    back, wider = rng.choice((0, 1, 5, 20)), rng.random() < 0.2

    def moved(match: re.Match[str]) -> str:
        when = re.sub(r"\d{4}", lambda year: str(int(year[0]) - back), match[2])
        if wider and match[1] in ("begins", "on") and re.fullmatch(r"\d{4}", when):
            when = f"{int(when) - 3}/{when}"
        return f'kg:{match[1]} "{when}" ;'

    return _TIME.sub(moved, claim)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0])  # one corpus takes some 80 s
def test_rows_of_other_corpora_are_marked_by_their_periods(copy: Project, seed: int) -> None:
    """Every question has sound marks on corpora with other dates, and stays certain with one document more."""
    graph = open_graph(redated(copy, seed))
    rng = random.Random(seed)  # noqa: S311 - a sample
    dated = [query.name for query in graph.queries.values() if query.date and query.date.of != "none"]
    slug, tried = rng.choice(sorted(graph.index.documents)), 0
    for name in dated:
        hold_marks(graph, name, {}, rng.choice(DATES))
        try:
            _name, values, date = asked(graph, rng, name)
            hold_marks(graph, name, values, date)
            tried += 1
        except UsageError:
            # A value that the question does not take: another class of thing.
            continue
    assert tried > len(dated) // 3
    hold_certain(graph, slug)
    hold_certain_rows(graph, slug, rng.choice(DATES), dated)


@pytest.mark.parametrize("slug", ["sputnik-2017", pytest.param("cepi-2017", marks=pytest.mark.slow)])
def test_what_is_certain_stays_so_with_another_document(graph: Graph, slug: str) -> None:
    """What is certain without a document is so with it, unless it contests that or says that something ended."""
    assert hold_certain(graph, slug) > 100


@pytest.mark.parametrize(
    ("slug", "date", "names"),
    [
        ("balkaninsight-2016", "2017-04", ["agreement-terms", "facilities", "members", "partners"]),
        pytest.param("balkaninsight-2016", "2017-04", [], marks=pytest.mark.slow),
        pytest.param("sputnik-2017", "2022-03-20", [], marks=pytest.mark.slow),
        pytest.param("cepi-2017", "2022-03-20", [], marks=pytest.mark.slow),
    ],
)
def test_certain_rows_stay_so_with_another_document(graph: Graph, slug: str, date: str, names: list[str]) -> None:
    """A row that is certain without a document is so with it, unless that contests it or something ended."""
    names = names or [query.name for query in graph.queries.values() if query.date and query.date.of != "none"]
    assert hold_certain_rows(graph, slug, date, names) > 25


def hold_certain_rows(graph: Graph, slug: str, date: str, names: list[str]) -> int:
    """Hold that rows which are certain without a document are so with it, and say how many were.

    Rows are known again by the things and claims that they name: other documents may date them more closely. Of
    questions that group, or ask what is absent, other rows may come.
    """
    whole = graph.in_view(view_of(as_of=date))
    less = graph.in_view(view_of(without=[slug], as_of=date))
    disputed = {claim for claim in less.facts.index.claims_of(slug) if claim.times.ends}
    believed = (claim for other in less.facts.believed for claim in graph.index.claims_of(other))
    disputed |= {claim for claim in believed if less.facts.takes(claim.iri) and not whole.facts.takes(claim.iri)}
    touched = {term for claim in disputed for s, _p, o in claim.content for term in (claim.iri, s, o)}
    tried = 0
    for name in names:
        select = parse_select(graph.queries[name].text)
        if _grouped(select) or _negates(select):
            continue
        before, after = run(less, name, timeout=None), run(whole, name, timeout=None)
        certain = {_things(row) for row in _certain(after)}
        for row in _certain(before):
            if touched.isdisjoint(_things(row)):
                assert _things(row) in certain, (name, date, row)
                tried += 1
    return tried


def _certain(answer: Answer) -> list[Row]:
    return [row for row, mark in zip(answer.rows, answer.certainty or (), strict=False) if mark == "certain"]


def _things(row: Row) -> tuple[str, ...]:
    return tuple(term for term in row if term and term.startswith("<"))


def hold_certain(graph: Graph, slug: str) -> int:
    """Hold that what is certain without a document is so with it, and say of how many facts and days."""
    less = graph.in_view(view_of(without=[slug])).facts
    ending = {t for c in graph.index.claims_of(slug) if c.times.ends for s, _p, o in c.content for t in (s, o)}
    whens = [Span(f"{year}-06-15", f"{year}-06-15") for year in range(1990, 2024)]
    tried = 0
    for triple in less.all():
        claims = less.support(triple) or []
        if not all(graph.facts.takes(claim.iri) for claim in claims) or ending & {triple[0], triple[2]}:
            continue
        for when in whens:
            if mark_of(less.periods(triple), when) == "certain":
                tried += 1
                assert mark_of(graph.facts.periods(triple), when) == "certain", (triple, when)
    return tried


def _asked(graph: Graph, text: str) -> tuple[tuple[str, ...], list[tuple[str | None, ...]]]:
    solutions = graph.query(text)
    columns = tuple(variable.value for variable in solutions.variables)  # type: ignore[union-attr]  # a SELECT
    return columns, [*graph.rows(text)]
