"""One set of verdicts: ``verify``, ``why-not``, ``explain`` and SPARQL over fact nodes agree, whatever the date."""

from __future__ import annotations

import random

import pytest

from kg.api import view_of
from kg.dates import MARKS
from kg.errors import UsageError
from kg.evidence.explain import explain
from kg.evidence.verify import SUPPORTED, StatementVerdict, verify
from kg.evidence.why_not import why_not
from kg.graph.store import Graph, open_graph
from kg.model import Triple
from kg.queries import ask
from kg.vocab import kg

VERDICTS = {
    "possible": StatementVerdict.POSSIBLE,
    "undated": StatementVerdict.UNDATED,
    "": StatementVerdict.RULED_OUT,
}


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The graph of this repository."""
    return open_graph()


def triples(graph: Graph, rng: random.Random, number: int) -> list[Triple]:
    """Facts of all dates, and triples of their terms that may hold or not."""
    facts = [triple for triple in graph.facts.all() if triple[2].startswith("<") and graph.facts.has_node(triple)]
    mixed = ((rng.choice(facts)[0], rng.choice(facts)[1], rng.choice(facts)[2]) for _ in range(number // 5))
    return [*rng.sample(facts, number - number // 5), *mixed]


def days(graph: Graph, rng: random.Random, number: int) -> list[str]:
    """Days on which something changes, and a few far from all."""
    bounds = {day for t in graph.facts.all() for p in graph.facts.periods(t) for day in p.bounds if day}
    return ["1950", *rng.sample(sorted(day for day in bounds if "1900" < day < "2100"), number - 1)]


def agree(graph: Graph, date: str, asked: list[Triple]) -> None:
    """Hold all that can be asked of triples at a date against their periods."""
    view = graph.in_view(view_of(as_of=date))
    when = view.view.as_of
    assert when is not None
    for triple in asked:
        periods = graph.facts.periods(triple)
        mark = max((p.mark_in(when) for p in periods), key=["", *MARKS].index, default="")
        found = verify(view, triple)
        assert not periods or mark == "certain" or found.verdict is VERDICTS[mark], (triple, date)
        assert (found.verdict in SUPPORTED) == (mark == "certain"), (triple, date)
        node = "?f a kg:FactNode ; rdf:subject {} ; rdf:predicate {} ; rdf:object {}".format(*triple)
        text = f"SELECT ?f {{ {node} }}"
        answer = ask(view, text, timeout=None, undated=True)
        assert bool(answer.rows) == bool(mark and graph.facts.has_node(triple)), (triple, date)
        if not mark:
            with pytest.raises(UsageError, match="does not hold"):
                explain(view, triple)
        else:
            proof = explain(view, triple)[0]
            assert proof.verdict == found.summary
            assert {"certain": "certainly", "possible": "possibly", "undated": "nothing dates"}[mark] in proof.view


def refuses(graph: Graph, date: str, triple: Triple) -> None:
    """``why-not`` has the verdict of ``verify``, and refuses to say why not only of what certainly holds."""
    view = graph.in_view(view_of(as_of=date))
    found = verify(view, triple)
    if found.verdict in SUPPORTED:
        with pytest.raises(UsageError, match="it holds that"):
            why_not(view, triple)
    else:
        told = why_not(view, triple)
        assert told.verdict.as_json() == found.as_json()
        assert f"Verdict: {found.summary}." in told.lines()
        silent = "No claim says it or denies it of the date asked about." in told.lines()
        assert not silent or found.verdict is StatementVerdict.NOT_STATED, told.lines()


def test_verdicts_agree_on_some_triples_and_days(graph: Graph) -> None:
    """On 20 triples and three days each way of asking says the same."""
    rng = random.Random(15)  # noqa: S311 - a sample
    asked = triples(graph, rng, 20)
    for date in days(graph, rng, 3):
        agree(graph, date, asked)
    refuses(graph, "1950", asked[0])


@pytest.mark.parametrize(
    ("triple", "date", "verdict"),
    [
        ("serbia memberOf eu", "1950", StatementVerdict.NOT_STATED),
        ("serbia memberOf eu", "2016", StatementVerdict.RULED_OUT),
        ("serbia joined nato", "1950", StatementVerdict.NOT_STATED),
        ("serbia joined nato", "2018", StatementVerdict.DENIED),
        ("slovakia memberOf eu", "1950", StatementVerdict.UNDATED),
        ("armenia memberOf csto", "1994", StatementVerdict.POSSIBLE),
        ("armenia memberOf csto", "1950", StatementVerdict.RULED_OUT),
    ],
)
def test_a_verdict_is_of_its_date(graph: Graph, triple: str, date: str, verdict: StatementVerdict) -> None:
    """What excludes or denies a statement counts only if it does so at the date."""
    subject, predicate, value = triple.split()
    entity = graph.project.iri
    asked = (entity("id", subject), kg(predicate), entity("id", value))
    assert verify(graph.in_view(view_of(as_of=date)), asked).verdict is verdict


@pytest.mark.slow
def test_verdicts_agree_on_a_thousand_triples_and_days(graph: Graph) -> None:
    """The same on 1,000 pairs of a triple and a day."""
    rng = random.Random(2026)  # noqa: S311 - a sample
    for date in days(graph, rng, 10):
        asked = triples(graph, rng, 100)
        agree(graph, date, asked)
        for triple in rng.sample(asked, 10):
            refuses(graph, date, triple)
