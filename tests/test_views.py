"""Views: which claims are facts, by document, holder, modality and contest; and when the facts hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kg.api import view_of
from kg.dates import Period, Span, Times, span
from kg.errors import UsageError
from kg.graph.views import View, contested, fact_periods, facts, taken
from kg.model import AFFIRMED, DENIED, FACT, Claim, Link
from kg.vocab import kg

TRIPLE = ("<x:a>", kg("memberOf"), "<x:b>")
OTHER = ("<x:a>", kg("observerOf"), "<x:c>")


def claim(name: str, document: str = "one", content=TRIPLE, **rest) -> Claim:
    return Claim(f"<x:claim/{name}>", document, (content,), ("1.1",), rest.pop("modality", FACT), **rest)


def link(source: Claim, target: Claim, relation: str, dissolved: str | None = None) -> Link:
    return Link("<x:link>", "one", source.iri, target.iri, kg(relation), dissolved and kg(dissolved), "why")


def names(claims) -> list[str]:
    return [each.iri.removeprefix("<x:claim/").removesuffix(">") for each in claims]


def test_the_default_view_takes_what_authors_affirm_as_fact() -> None:
    """If a claim is denied, held by another, of another modality or retracted, then it is no fact."""
    claims = [
        claim("plain"),
        claim("denied", polarity=DENIED, content=OTHER),
        claim("held", holders=("<x:h>",), content=OTHER),
        claim("planned", modality=kg("Plan"), content=OTHER),
        claim("retracted", retracted=True, content=OTHER),
    ]
    assert names(taken(claims, [], View())) == ["plain"]
    assert names(taken(claims, [], View(accept="attributed"))) == ["held", "plain"]
    assert names(taken(claims, [], View(accept="affirmed"))) == ["held", "plain", "planned"]


def test_a_refused_act_is_never_taken_as_done() -> None:
    """If an act is refused, then not even a view of anything affirmed takes it as a fact."""
    assert taken([claim("refused", modality=kg("Refusal"))], [], View(accept="affirmed")) == []


def test_what_another_document_denies_is_contested_on_both_sides() -> None:
    """If one document affirms what another denies, then neither is a fact; asked for, the affirmed one is."""
    claims = [claim("yes"), claim("no", document="two", polarity=DENIED)]
    assert contested(claims, []) == {claims[0].iri: {claims[1].iri}, claims[1].iri: {claims[0].iri}}
    assert taken(claims, [], View()) == []
    assert names(taken(claims, [], View(accept="contested"))) == ["yes"]
    assert names(taken(claims, [], View(without=frozenset(["two"])))) == ["yes"]


def test_a_denial_within_the_same_document_contests_nothing() -> None:
    """If the same document affirms and denies, then no other document contests it."""
    assert contested([claim("yes"), claim("no", polarity=DENIED)], []) == {}


@pytest.mark.parametrize(
    ("relation", "dissolved", "expected"),
    [
        ("Contradicts", None, 2),
        ("Disputes", None, 2),
        ("Contradicts", "ByDate", 0),
        ("Refines", None, 0),
        ("Supports", None, 0),
    ],
)
def test_links_contest_unless_something_dissolves_them(relation: str, dissolved: str | None, expected: int) -> None:
    """If the mapping links two documents' claims as opposed and nothing dissolves it, then both are contested."""
    one, two = claim("one"), claim("two", document="two", content=OTHER)
    assert len(contested([one, two], [link(one, two, relation, dissolved)])) == expected


PUBLISHED = {"one": span("2016-05-30"), "two": span("2022-03/2022-04"), "three": span("2017")}


def test_a_view_says_itself_in_words() -> None:
    """If an answer states its view, then acceptance, documents and date are in it."""
    assert View().describe(PUBLISHED) == "uncontested facts, 3 documents, all dates"
    view = View(without=frozenset(["two"]), accept="attributed", as_of=span("2016"), as_of_text="2016")
    assert view.describe(PUBLISHED) == "facts, also what named holders say, 2 documents (one, three), as of 2016"


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ({"as_of": 2017}, {"as_of": "2017"}),
        ({"as_of": date(2017, 4, 10)}, {"as_of": "2017-04-10"}),
        ({"as_of": " 2017 "}, {"as_of": "2017"}),
        ({"only": "one"}, {"only": ["one"]}),
        ({"without": "one"}, {"without": ["one"]}),
    ],
)
def test_a_view_is_taken_as_python_gives_it(given: dict[str, Any], same: dict[str, Any]) -> None:
    """A year as a number, a date, one document without a list: the view, to the letter, is that of the long form."""
    assert view_of(**given) == view_of(**same)


@pytest.mark.parametrize(
    ("as_of", "without", "newest"),
    [
        ("2022-05", (), "2022-04-30"),
        ("2022-04-30", (), None),
        ("2022", (), None),
        ("2018", ("two",), "2017-12-31"),
        ("2017", ("two",), None),
        ("2017", ("two", "three"), "2016-05-30"),
        ("2030", ("one", "two", "three"), None),
    ],
)
@pytest.mark.parametrize("certain", [False, True])
def test_a_date_that_no_document_can_know_of_is_said(
    as_of: str, without: tuple[str, ...], newest: str | None, certain: bool
) -> None:
    """If a view's date is later than the newest document that it believes, then it says what is taken to last."""
    view = View(without=frozenset(without), as_of=span(as_of), as_of_text=as_of, certain=certain)
    said = f"; later than the newest document believed ({newest}): what had no end then is taken to last"
    assert view.describe(PUBLISHED).endswith(
        f"as of {as_of}{', only what is certain' if certain else ''}{said if newest else ''}"
    )


def test_a_date_after_the_first_day_of_an_open_document_is_said() -> None:
    """If a document may have appeared at any time after a day, then a later date is perhaps later than it."""
    view = View(as_of=span("2030"), as_of_text="2030")
    said = (
        "perhaps later than the newest document believed (2024-01-01 or later): what had no end then is taken to last"
    )
    assert view.describe({**PUBLISHED, "four": span("2024/..")}).partition("; ")[2].startswith(said)
    assert replace(view, as_of=span("2023")).describe({**PUBLISHED, "four": span("2024/..")}).endswith("as of 2030")


def test_unknown_documents_and_acceptances_are_refused_with_a_hint() -> None:
    """If a view names what there is not, then the nearest name is suggested."""
    with pytest.raises(UsageError) as caught:
        View(only=frozenset(["sputnick"])).check(["sputnik", "cepi"])
    assert "Did you mean sputnik?" in caught.value.problems[0].remedy
    with pytest.raises(UsageError):
        View(accept="everything")


def test_facts_of_several_claims_have_all_their_periods() -> None:
    """If two claims date the same fact, then it holds in both periods, one that covers the other apart."""
    early = claim("early", times=Times(throughout="2006"))
    late = claim("late", times=Times(throughout="2009/2010"))
    inner = claim("inner", times=Times(throughout="2009-05"))
    kinds, published = {TRIPLE[1]: "BoundedState"}, {"one": Span("2017-01-01", "2017-01-01")}
    periods = fact_periods(facts([early, late, inner]), kinds, published)[TRIPLE]
    certain = [(p.latest_begin, p.earliest_end) for p in periods]
    assert ("2006-01-01", "2006-12-31") in certain
    assert any(begin <= "2009-05-01" and end >= "2009-05-31" for begin, end in certain)


def test_an_end_caps_a_persistent_state() -> None:
    """If one claim says when a lasting state began and another when it ended, then it does not last beyond that."""
    began = claim("began", times=Times(begins="2006"))
    ended = claim("ended", document="two", times=Times(ends="2008"))
    published = {name: Span("2017-01-01", "2017-01-01") for name in ("one", "two")}
    periods = fact_periods(facts([began, ended]), {TRIPLE[1]: "PersistentState"}, published)[TRIPLE]
    assert not any(period.possible_on("2012-01-01") for period in periods)
    assert any(period.certain_on("2007-06-01") for period in periods)
    assert isinstance(periods[0], Period)


def test_affirmed_is_the_default_polarity() -> None:
    """If a claim says nothing of its polarity, then it affirms."""
    assert claim("plain").polarity == AFFIRMED
