"""The loaded graph read by programs that nobody here wrote, and the saved queries asked of stores elsewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from command_line import run_kg
from load_stores import (
    OXIGRAPH,
    PASSWORD,
    environment,
    free_port,
    needs_virtuoso,
    oxigraph_server,
    proxy_before,
    virtuoso_server,
    wait_for,
)

from kg.errors import UsageError
from kg.graph.store import Graph, open_graph
from kg.graph.unit_files import view_graph
from kg.graph.views import View
from kg.load import load
from kg.load.credentials import Credentials
from kg.load.endpoint import Endpoint
from kg.load.profiles import PROFILES
from kg.load.remote_queries import ask_remote, content_of, endpoint_at, run_remote, same_version, verify_answers
from kg.project import Project
from kg.queries.parameters import allowed
from kg.queries.run import run

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.server
#: A folder with node_modules/.bin/comunica-sparql of @comunica/query-sparql 4.5.0 (npm install --prefix DIR).
COMUNICA = Path(os.environ.get("KG_NODE_MODULES", "")) / ".bin" / "comunica-sparql"


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KG_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        project = Project(ROOT)
        assert project.state
        yield open_graph(project)


@pytest.fixture(scope="module")
def loaded(graph):
    with oxigraph_server() as server:
        report = load(graph, server.address, verify="all")
        yield server.address, report


def test_the_saved_queries_give_the_same_there(graph, loaded):
    """After a load every saved query was asked of the store over the SPARQL Protocol, and answered as expected."""
    report = loaded[1]
    assert {answer.query for answer in report.answers} == set(graph.queries)
    assert all(answer.same for answer in report.answers)
    assert sum(answer.rows for answer in report.answers) > 0


def test_a_wrong_answer_there_shows_as_rows(graph, loaded, tmp_path):
    """When the view's graph there lacks what an answer rests on, the difference is shown row by row."""
    name = next(name for name in graph.queries if run(graph, name).rows)
    with oxigraph_server() as empty:
        checks = {c.query: c for c in verify_answers(Endpoint(empty.address, PROFILES["oxigraph"]), graph)}
    assert not checks[name].same
    assert f"{name}: {len(run(graph, name).rows)} rows expected, 0 found there" in checks[name].message
    assert "\n    - " in checks[name].message


def test_sparqlwrapper_reads_the_loaded_graph(graph, loaded):
    """SPARQLWrapper, given the view's graph as default graph, gets the rows that are expected."""
    wrapper_module = pytest.importorskip("SPARQLWrapper", reason="SPARQLWrapper is not installed (pip)")
    for name in graph.queries:
        here = run(graph, name)
        if here.form != "SELECT":
            continue
        wrapper = wrapper_module.SPARQLWrapper(f"{loaded[0]}/query")
        wrapper.addDefaultGraph(view_graph(graph.project.base))
        wrapper.setReturnFormat(wrapper_module.JSON)
        wrapper.setMethod(wrapper_module.POST)
        wrapper.setQuery(here.text)
        rows = wrapper.query().convert()["results"]["bindings"]
        assert len(rows) == len(here.rows), name
        iris = {cell["value"] for row in rows for cell in row.values() if cell["type"] == "uri"}
        assert iris == {cell[1:-1] for row in here.rows for cell in row if cell and cell.startswith("<")}, name


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("node") and COMUNICA.is_file()), reason="needs Node 20, and Comunica 4.5.0 in KG_NODE_MODULES"
)
def test_comunica_reads_the_loaded_graph(graph, loaded):
    """Comunica 4 asks the loaded store as a SPARQL endpoint and gets the same number of rows."""
    name = next(name for name in graph.queries if run(graph, name).rows)
    here = run(graph, name)
    source = f"sparql@{loaded[0]}/query?default-graph-uri={view_graph(graph.project.base)}"
    done = subprocess.run(
        [COMUNICA, source, here.text, "-t", "application/sparql-results+json"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["results"]["bindings"]) == len(here.rows)


@pytest.mark.slow
@needs_virtuoso
def test_virtuoso_answers_the_saved_queries(graph, tmp_path):
    """The whole corpus in Virtuoso with its default settings: every unit proved, every saved query right.

    Three times over, and with other values of their parameters. Virtuoso 7.2.5 gets some plans wrong that other
    engines get right; a saved query that it answers wrongly is to be written otherwise.
    """
    known = Credentials("dba", PASSWORD)
    with virtuoso_server(tmp_path / "db") as address:
        report = load(graph, address, credentials=known, verify="all")
        assert all(check.same for check in report.checks)
        endpoint = Endpoint(address, PROFILES["virtuoso"], known)
        for answers in (report.answers, verify_answers(endpoint, graph), verify_answers(endpoint, graph)):
            assert {answer.query for answer in answers if answer.same and answer.against} == set(graph.queries)
        different = [
            (name, values)
            for name, values in other_values(graph)
            if rows_of(run_remote(graph, endpoint, name, values, limit=0))
            != rows_of(run(graph, name, values, limit=0))
        ]
        assert different == []


def other_values(graph):
    """Each saved query with other values of each parameter: some allowed ones, or such as people give."""
    some = {"entity": ["Serbia", "NATO", "CSTO", "Russia"], "date": ["2007", "2016-12-31"], "integer": ["1", "3"]}
    asked = 0
    for name, query in graph.queries.items():
        for parameter in query.parameters:
            for value in allowed(graph, parameter)[:4] or some.get(parameter.type, []):
                with suppress(UsageError):
                    run(graph, name, {parameter.name: value}, limit=0)
                    yield name, {parameter.name: value}
                    asked += 1
    assert asked > 100


def rows_of(answer):
    """Its rows in any order, numbers and tags as both sides write them."""
    return content_of(answer, PROFILES["virtuoso"].rewrites)


def asked(loaded, tmp_path, *arguments):
    state = environment(KG_STATE_DIR=str(tmp_path / "state"))
    return run_kg(*arguments, "--endpoint", loaded[0], cwd=ROOT, env=state)


def test_query_and_sparql_ask_the_loaded_store(graph, loaded):
    """The same question gives the same rows there as here, parameters resolved here; triples and booleans too."""
    endpoint = endpoint_at(loaded[0])
    here = run(graph, "observers", {"organisation": "CSTO"})
    there = run_remote(graph, endpoint, "observers", {"organisation": "CSTO"})
    assert (there.columns, there.rows) == (here.columns, here.rows)
    assert there.rows
    assert same_version(graph, endpoint)
    assert ask_remote(graph, endpoint, "ASK { id:serbia ?p ?o }").boolean is True
    assert len(ask_remote(graph, endpoint, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", limit=7).triples) == 7
    cut = ask_remote(graph, endpoint, "SELECT ?s WHERE { ?s ?p ?o }", limit=5)
    assert (len(cut.rows), cut.truncated) == (5, True)


@pytest.mark.parametrize("text", ["DROP ALL", "SELECT * FROM <http://x.example/> { ?s ?p ?o }", "CLEAR ALL"])
def test_nothing_unsafe_is_sent(graph, loaded, text):
    """What would write or fetch is refused before any request."""
    with proxy_before(loaded[0]) as proxy:
        endpoint = endpoint_at(proxy.address, "oxigraph")
        with pytest.raises(UsageError):
            ask_remote(graph, endpoint, text)
        assert proxy.requests == []


def test_another_view_is_refused_and_another_version_said(graph, loaded):
    """A view that was not loaded is no empty answer; an empty store holds another version."""
    other = Graph(graph.project, graph.snapshot, View(accept="affirmed"))
    with pytest.raises(UsageError, match="KG714"):
        run_remote(other, endpoint_at(loaded[0]), "observers")
    with pytest.raises(UsageError, match="KG714"):
        ask_remote(other, endpoint_at(loaded[0]), "ASK { ?s ?p ?o }")
    with oxigraph_server() as empty:
        assert not same_version(graph, endpoint_at(empty.address))


def test_the_command_line_asks_there(graph, loaded, tmp_path):
    """`kg query --endpoint` and `kg sparql --endpoint` print what the store answers."""
    done = asked(loaded, tmp_path, "query", "observers", "-f", "csv")
    assert done.returncode == 0, done.stderr
    assert "id/serbia" in done.stdout
    done = asked(loaded, tmp_path, "sparql", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "-f", "csv")
    assert int(done.stdout.split()[-1]) > 1000
    with oxigraph_server() as empty:
        done = asked((empty.address,), tmp_path, "query", "observers", "-f", "csv")
    assert "another version" in done.stderr


def test_plain_queries_as_the_readme_says(graph, loaded):
    """The local store, served read-only, answers a plain query; a loaded one does only with README's parameter."""
    (parameter,) = set(
        re.findall(r"default-graph-uri=(\S+?)[`'\s]", (ROOT / "README.md").read_text(encoding="utf-8"))
    )
    query = (ROOT / "queries" / "observers.rq").read_text(encoding="utf-8")

    def rows(address, **more):
        form = urlencode({"query": query, **more}).encode()
        with urlopen(Request(f"{address}/query", form, {"Accept": "text/csv"}), timeout=30) as answer:
            return answer.read().decode().split()

    address = f"127.0.0.1:{free_port()}"
    command = [OXIGRAPH, "serve-read-only", "--location", graph.snapshot.store_path, "--bind", address]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(f"http://{address}")
            here = rows(f"http://{address}")
        finally:
            server.kill()
    assert len(here) > 1
    assert len(rows(loaded[0])) == 1
    assert sorted(rows(loaded[0], **{"default-graph-uri": parameter})) == sorted(here)
