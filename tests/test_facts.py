"""The facts of a view looked up by key are those of the view worked out whole."""

from __future__ import annotations

import pytest
from examples import examples
from hypothesis import strategies as st

from kg.dates import span
from kg.graph.difference import facts_of
from kg.graph.facts import Facts
from kg.graph.materialise import Materialised
from kg.graph.store import Graph, open_graph
from kg.graph.views import ACCEPT, View

SLUGS = ("balkaninsight-2016", "cepi-2017", "ecfr-2022", "europediplomatic-2017", "sputnik-2017")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph()


@st.composite
def views(draw: st.DrawFn) -> View:
    """Views of these documents: some of them, more or less accepted, at all dates or one."""
    only = draw(st.one_of(st.none(), st.frozensets(st.sampled_from(SLUGS))))
    without = draw(st.frozensets(st.sampled_from(SLUGS), max_size=2))
    when = draw(st.sampled_from(("", "", "1999", "2014-05", "2017-04-10", "2030")))
    certain = bool(when) and draw(st.booleans())
    return View(only, without, draw(st.sampled_from(sorted(ACCEPT))), span(when) if when else None, when, certain)


def same(facts: Facts, whole: Materialised) -> None:
    """Both say the same of every triple that either may know of, and of every claim."""
    triples = {*whole.periods, *whole.instances.triples, *whole.given}
    triples |= {triple for claim in whole.corpus.claims.values() for triple in claim.states}
    assert facts.background == sorted(whole.background)
    for triple in sorted(triples)[::3]:
        assert facts.periods(triple) == whole.dated(triple), triple
        assert (triple in facts) == (triple in whole)
        support = facts.support(triple)
        assert (None if support is None else {c.iri for c in support}) == whole.support.get(triple), triple
        assert [c.iri for c in facts.stating(triple)] == [c.iri for c in whole.stated.get(triple, ())]
        assert facts.tells(triple) == whole.tells(triple), triple
        assert facts.has_node(triple) == whole.has_node(triple), triple
        assert (triple in facts.asserted) == (triple in whole.asserted)
    assert {claim for claim in whole.corpus.claims if facts.takes(claim)} == set(whole.claims)
    told = [triple for triple in triples if whole.tells(triple)]
    assert sorted(facts.all()) == sorted(told)
    for triple in told[::17]:
        assert list(facts.derivations(triple)) == list(whole.derivations(triple))


@examples(2, 30, views())
def test_a_view_looked_up_is_the_view_worked_out(graph: Graph, view: View) -> None:
    """If documents, acceptance or date differ from the default view, then what differs is found by the cone alone."""
    other = graph.in_view(view)
    same(other.facts, other.materialised)


def test_the_default_view_is_looked_up(graph: Graph) -> None:
    """If the view is the default one, then every row comes from the index."""
    assert graph.facts.rows == {}
    same(graph.facts, graph.materialised)


@examples(2, 30, views())
def test_the_store_of_a_view_holds_its_query_graph(graph: Graph, view: View) -> None:
    """If a view's store is made by the difference or from nothing, then it holds what the view worked out holds."""
    other = graph.in_view(view)
    held, whole = {*map(" ".join, other.triples())}, set(other.materialised.query_graph())
    assert held - whole == set()
    assert whole - held == set()


def test_a_kept_view_is_found_again(graph: Graph) -> None:
    """If a view was asked before, then its facts and its store come from what was kept."""
    view = View(without=frozenset({"sputnik-2017"}))
    first = graph.in_view(view)
    folder = first.store_path.parent
    again = graph.in_view(view)
    assert again.store_path.parent == folder
    assert not isinstance(again.facts.rows, dict)
    assert dict(again.facts.rows) == facts_of(graph.index, graph.project, view).rows
