"""What follows from this corpus, and what must not."""

from __future__ import annotations

import pytest

from kg.corpus.read import Corpus, read_corpus
from kg.graph.store import Graph, open_graph
from kg.graph.views import View
from kg.project import Project
from kg.reasoner import close
from kg.vocab import RDFS

ID = "https://w3id.org/serbia-kg/id/"
TERM = "https://w3id.org/serbia-kg/ontology#"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def fact(subject: str, predicate: str, value: str) -> tuple[str, str, str]:
    verb = TYPE if predicate == "a" else f"<{TERM}{predicate}>"
    return (f"<{ID}{subject}>", verb, f"<{TERM if predicate == 'a' else ID}{value}>")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph()


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(Project.find())


FOLLOWS = [
    # An observer of an organ is tied as observer to the organisation that it belongs to.
    ("afghanistan", "observerWithin", "csto"),
    ("serbia", "observerWithin", "csto"),
    # Who joined is a member from then on.
    ("montenegro", "memberOf", "nato"),
    # A party to a framework agreement is a partner; so is who takes part in a programme.
    ("serbia", "partnerOf", "nato"),
    # Read backwards.
    ("csto", "hasMember", "belarus"),
    ("nato", "partnerOf", "serbia"),
]

MUST_NOT_FOLLOW = [
    ("serbia", "memberOf", "csto"),
    ("serbia", "memberOf", "nato"),
    ("serbia", "memberOf", "csto-parliamentary-assembly"),
    ("serbia", "memberOf", "eu"),
    ("afghanistan", "memberOf", "csto"),
    # A planned drill has not happened, whatever its date.
    ("serbia", "participatesIn", "indestructible-brotherhood-2017"),
    ("serbia", "participatesAsMemberIn", "indestructible-brotherhood-2017"),
    # What one document calls a base and others do not.
    ("nis-humanitarian-centre", "a", "MilitaryBase"),
    ("nis-humanitarian-centre", "a", "IntelligenceCentre"),
    # Nothing settles a contested status.
    ("kosovo", "a", "Country"),
    ("kosovo", "partOf", "serbia"),
    ("kosovo", "locatedIn", "serbia"),
    # Nobody is allied with themselves.
    ("russia", "allyOf", "russia"),
    ("serbia", "exercisePartnerOf", "serbia"),
]


# A fact, a day on which it certainly holds (if any is), one on which it only may, one on which it cannot.
WHEN = [
    # There since 1999; that it is to go was said in November 2015, and nobody says when it went.
    (("kfor-air-safety-zone", "locatedIn", "kosovo"), "2010-01-01", "2020-01-01", "1998-12-31"),
    # Begun by 25 February 2022 and going on when the document appeared: publication ends no war.
    (("russia", "conducts", "war-in-ukraine-2022"), "2022-03-13", "2023-01-01", None),
    (("invasion-of-ukraine-2022", "targets", "ukraine"), None, "2023-01-01", None),
    # Talks and consultations that had begun, whose end nobody tells.
    (("eu", "organises", "belgrade-pristina-dialogue"), None, "2018-01-01", None),
    (("serbia", "participatesIn", "serbia-nato-reform-consultations"), None, "2018-01-01", None),
    # An agreement whose agenda reaches to the end of 2016 binds until then, and perhaps longer.
    (("serbia", "partyTo", "serbia-russia-military-cooperation-2016"), "2016-12-31", "2017-01-01", "2016-05-17"),
    # The act of adopting is over, and its parties are bound.
    (
        ("national-assembly-of-serbia", "participatesIn", "adoption-of-pfp-sofa-2015"),
        None,
        "2015-07-15",
        "2015-08-01",
    ),
    (("serbia", "partyTo", "ipap-nato-serbia"), "2022-01-01", "2015-01-15", "2014-12-31"),
]


@pytest.mark.parametrize(("triple", "certain", "possible", "not_on"), WHEN, ids=[" ".join(case[0]) for case in WHEN])
def test_it_holds_as_long_as_the_texts_tell(
    graph: Graph, triple: tuple[str, str, str], certain: str | None, possible: str, not_on: str | None
) -> None:
    """If the documents date it so, then it is certain, only possible, and impossible on these days."""
    periods = graph.materialised.periods[fact(*triple)]
    if certain:
        assert any(period.certain_on(certain) for period in periods)
    assert any(period.possible_on(possible) for period in periods)
    assert not any(period.certain_on(possible) for period in periods)
    if not_on:
        assert not any(period.possible_on(not_on) for period in periods)


def test_what_another_document_contradicts_is_no_fact_by_default(graph: Graph) -> None:
    """If NATO is for a Kosovo army and elsewhere its Secretary General is not, then only a wider view takes it."""
    supported = fact("nato", "supports", "kosovo-armed-forces")
    assert supported not in graph.materialised.closure
    assert supported in graph.in_view(View(accept="contested")).materialised.closure


def test_a_state_whose_forces_exercise_with_another_is_its_partner(graph: Graph) -> None:
    """If only the forces of a state are named, then the state is the partner, and never of its own forces."""
    closure = graph.in_view(View(accept="attributed")).materialised.closure
    assert fact("serbia", "exercisePartnerOf", "russia") in closure
    assert fact("serbian-armed-forces", "exercisePartnerOf", "russia") in closure
    assert fact("serbia", "exercisePartnerOf", "serbian-armed-forces") not in closure


@pytest.mark.parametrize("triple", FOLLOWS, ids=" ".join)
def test_it_follows_with_a_proof_from_claims(graph: Graph, triple: tuple[str, str, str]) -> None:
    """If the documents state the premises, then the conclusion is in the default view, and claims support it."""
    view = graph.materialised
    assert fact(*triple) in view.closure
    assert view.holds(fact(*triple))
    assert view.support[fact(*triple)]


@pytest.mark.parametrize("triple", MUST_NOT_FOLLOW, ids=" ".join)
def test_it_must_not_follow(graph: Graph, triple: tuple[str, str, str]) -> None:
    """If no document states it as an uncontested fact, then no rule makes it one."""
    assert fact(*triple) not in graph.materialised.closure


def test_nothing_is_allied_with_itself_or_its_own_partner(graph: Graph) -> None:
    """If a relation holds between members or participants, then never between one and itself."""
    for name in ("allyOf", "exercisePartnerOf", "partnerOf"):
        selves = [t for t in graph.materialised.closure if t[1] == f"<{TERM}{name}>" and t[0] == t[2]]
        assert selves == []


def test_entity_files_alone_settle_nothing(corpus: Corpus) -> None:
    """If only the ontology and the entity files are closed, then nothing follows but kinds, names and what pertains.

    What a thing pertains to, by its own label, is said in the entity files; so is what is wider of it.
    """
    closure = close([*corpus.ontology, *corpus.entities])
    assert closure.inconsistencies == []
    subject_terms = {
        s for s, p, o in corpus.ontology if p == f"<{TERM}temporalKind>" and not o.endswith("#Timeless>")
    }
    background = {t for t, place in corpus.ontology.items() if place.file == "ontology/background.ttl"}
    linking = {p for p in subject_terms if (p, f"<{RDFS}subPropertyOf>", f"<{TERM}pertainsTo>") in closure} | {
        f"<{TERM}pertainsTo>"
    }
    told = {(s, p, o) for s, p, o in closure if p in subject_terms - linking and s.startswith(f"<{ID}")}
    assert told <= {*background, *(t for t in told if _from_background(t, background))}
    assert fact("kosovo", "a", "Country") not in closure


def _from_background(triple: tuple[str, str, str], background: set[tuple[str, str, str]]) -> bool:
    ends = {(s, o) for s, _p, o in background}
    return (triple[0], triple[2]) in ends or (triple[2], triple[0]) in ends


def test_no_statement_about_kosovo_types_it_beyond_a_polity(graph: Graph) -> None:
    """If claims speak of Kosovo, then ranges and domains make it no more than a polity and an agent."""
    types = {
        o for s, p, o in graph.materialised.closure if s == f"<{ID}kosovo>" and p == TYPE and o.startswith(f"<{TERM}")
    }
    assert types == {f"<{TERM}Polity>", f"<{TERM}Agent>"}


def test_the_default_view_is_consistent(graph: Graph) -> None:
    """If only uncontested facts are taken, then no rule gives false."""
    assert graph.materialised.closure.inconsistencies == []


def test_an_inferred_fact_goes_with_its_source(graph: Graph) -> None:
    """If the only document that says so is not believed, then what follows from it does not hold."""
    view = graph.in_view(View(without=frozenset(["sputnik-2017"]))).materialised
    assert fact("afghanistan", "observerWithin", "csto") not in view.closure
    assert fact("serbia", "observerWithin", "csto") in view.closure


def test_accepting_all_affirmed_still_gives_no_membership(graph: Graph) -> None:
    """If anything affirmed is taken as fact, then taking part in drills still makes nobody a member."""
    view = graph.in_view(View(accept="affirmed")).materialised
    assert fact("serbia", "participatesAsMemberIn", "indestructible-brotherhood-2017") in view.closure
    assert fact("serbia", "memberOf", "csto") not in view.closure
