"""Views other than the default in a store: their names, loaded beside the default one, kept right by later loads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from load_stores import oxigraph_server, quads_in

from kg.api import view_of
from kg.errors import UsageError
from kg.graph.store import open_graph
from kg.graph.unit_files import named_view, recorded_views, unit_name, view_graph, view_name
from kg.graph.views import ACCEPT, View
from kg.load import DiffersError, load
from kg.load.endpoint import Endpoint
from kg.load.profiles import PROFILES
from kg.load.remote_queries import endpoint_at, run_remote
from kg.project import Project
from kg.queries.run import run

AFFIRMED = View(accept="affirmed", without=frozenset({"first-2017"}))
SLUGS = st.frozensets(st.from_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", fullmatch=True), max_size=3)
DATES = st.sampled_from([None, "2016", "2016-12", "2016-12-31", "2006~", "2005-22", "../2006", "2006-01/2007"])


@given(st.none() | SLUGS, SLUGS, st.sampled_from(sorted(ACCEPT)), DATES)
def test_a_name_says_its_view(only, without, accept, date):
    """Every view has one name, fit for an IRI and a literal, from which the same view is read again."""
    view = view_of(only, without, accept, date)
    name = view_name(view)
    assert not set(name) & set('<>"{}|^`\\ /')
    assert (name == "default") == view.default
    if not view.default:
        assert named_view(name) == view


@pytest.mark.parametrize(
    "name", ["", "accept-", "accept-facts", "as-of-x", "default", "without-b+a", "x-y", "only-a,,"]
)
def test_what_is_no_name_names_no_view(name):
    """Whatever somebody wrote into a store's manifest: only a name as it is written here is a view's."""
    assert named_view(name) is None


@pytest.fixture(scope="module")
def project(small, tmp_path_factory):
    """A copy of the small project, with its build."""
    return Project(Path(shutil.copytree(small.project.root, tmp_path_factory.mktemp("views") / "project")))


@pytest.fixture
def store():
    with oxigraph_server() as server:
        yield server.address


def actions(report):
    return {step.unit: step.action for step in report.plan.steps if step.action != "skip"}


@pytest.mark.server
def test_a_view_stands_beside_the_default_one(project, store):
    """It is a unit and a graph of its own, proved as any; its questions give there what they give here."""
    load(open_graph(project), store)
    before = quads_in(store)
    graph = open_graph(project, AFFIRMED)
    unit = unit_name(AFFIRMED)
    report = load(graph, store)
    assert actions(report) == {unit: "put"}
    (check,) = report.checks
    assert (check.unit, check.same) == (unit, True)
    meant = {f"{s} {p} {o} <{view_graph(project.base, view_name(AFFIRMED))}> ." for s, p, o in graph.triples()}
    assert quads_in(store) == before | meant
    asked = {(answer.query, answer.view) for answer in report.answers if answer.same}
    assert {view for _query, view in asked} == {"default", view_name(AFFIRMED)}
    assert len(asked) == 2 * len(graph.queries)
    endpoint = Endpoint(store, PROFILES["oxigraph"])
    assert run_remote(graph, endpoint, "members").rows == run(graph, "members").rows
    assert actions(load(graph, store)) == {}


@pytest.mark.server
@pytest.mark.parametrize("ending", ["", "/", "/query", "/query/"])
def test_a_store_is_asked_at_its_own_address_or_that_of_its_queries(project, store, ending):
    """Both are what people have at hand."""
    graph = open_graph(project)
    load(graph, store)
    assert run_remote(graph, endpoint_at(store + ending), "members").rows == run(graph, "members").rows


@pytest.mark.server
def test_later_loads_bring_views_up_to_date(project, store, tmp_path):
    """A plain load after a change puts every view that is there anew; --only-default drops them."""
    view = View(without=frozenset({"first-2017"}))
    load(open_graph(project, view), store, verify="none")
    changed = tmp_path / "changed"
    shutil.copytree(project.root, changed)
    document = changed / "corpus" / "documents" / "second-2018.trig"
    text = document.read_text(encoding="utf-8").replace('kg:gloss "', 'kg:gloss "Changed: ', 1)
    document.write_text(text, encoding="utf-8")
    other = Project(changed)
    assert load(open_graph(other), store).same
    endpoint = Endpoint(store, PROFILES["oxigraph"])
    for name in ("default", view_name(view)):
        changed_there = '?claim ?p ?gloss FILTER(STRSTARTS(STR(?gloss), "Changed: "))'
        assert endpoint.holds(f"GRAPH <{view_graph(project.base, name)}> {{ {changed_there} }}")
    assert actions(load(open_graph(other), store)) == {}
    assert actions(load(open_graph(other), store, only_default=True)) == {unit_name(view): "drop"}


def test_a_view_of_a_document_that_is_gone_is_none(project):
    """What a store records and no view of this graph has is not brought up to date: the load drops it."""
    units = ["view", "view/without-no-such-document", "view/", "view/default", "facts", unit_name(AFFIRMED)]
    assert recorded_views(open_graph(project), units) == [AFFIRMED]


@pytest.mark.server
def test_a_view_that_was_tampered_with_is_found(project, store):
    """A fact put into a view's graph by somebody else shows as a row, and the next load mends it."""
    graph = open_graph(project, AFFIRMED)
    load(graph, store, verify="none")
    where = view_graph(project.base, view_name(AFFIRMED))
    Endpoint(store, PROFILES["oxigraph"]).update(
        f"INSERT DATA {{ GRAPH <{where}> {{ <http://x.example/s> <http://x.example/p> 1 }} }}"
    )
    with pytest.raises(DiffersError, match=r"\+ <http://x.example/s>") as caught:
        load(open_graph(project), store, verify="all")
    assert [check.unit for check in caught.value.report.checks if not check.same] == [unit_name(AFFIRMED)]
    load(open_graph(project), store)
    assert load(open_graph(project), store, verify="all").same


@pytest.mark.server
def test_a_view_that_is_not_there_is_no_empty_answer(project, store):
    """Asked in a view that was not loaded, the store is not taken at its empty word."""
    load(open_graph(project), store, verify="none")
    graph = open_graph(project, AFFIRMED)
    with pytest.raises(UsageError, match="KG714"):
        run_remote(graph, Endpoint(store, PROFILES["oxigraph"]), "members")
