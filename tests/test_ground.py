"""The ground program: a view closed over known rule instances is the view closed by the reasoner."""

from __future__ import annotations

import pytest
from examples import examples
from hypothesis import strategies as st

from kg.corpus.turtle import SKOLEM
from kg.graph.materialise import Materialised, project_rules
from kg.graph.store import Graph, open_graph
from kg.graph.views import ACCEPT, View
from kg.reasoner import Search, check, close

SLUGS = ("balkaninsight-2016", "cepi-2017", "ecfr-2022", "europediplomatic-2017", "sputnik-2017")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph()


def published(view: Materialised) -> set[tuple[str, str, str]]:
    """What the reasoner itself would publish: inferred anew, possible at some time, and of things with names."""
    closure = close([*view.corpus.entities, *view.stated], view.load_program())
    return {t for t in closure.inferred() if view.periods.get(t) and SKOLEM not in t[0] and SKOLEM not in t[2]}


@examples(3, 30, only=st.frozensets(st.sampled_from(SLUGS)), accept=st.sampled_from(sorted(ACCEPT)))
def test_a_view_is_what_the_reasoner_infers_from_its_facts(only, accept) -> None:
    """If some documents are believed, then the ground program gives what closing their facts anew gives."""
    graph = open_graph()
    view = graph.in_view(View(only=only, accept=accept)).materialised
    assert set(view.inferred()) == published(view)
    closure = view.closure
    assert {triple for triple in view.periods if triple not in closure} == set()


def test_its_proofs_pass_the_checker(graph: Graph) -> None:
    """If a proof is found in the ground program, then each step is an instance of its rule and each leaf asserted."""
    view = graph.materialised
    search = Search(view)
    proved = 0
    for triple in sorted(view.inferred())[::7]:
        proof = search.prove(triple)
        assert proof is not None
        faults = check(proof, view.asserted, project_rules(view.corpus.project), facts=set(view.periods))
        assert faults == [], (triple, faults)
        proved += 1
    assert proved > 20
