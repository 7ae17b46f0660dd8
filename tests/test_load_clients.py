"""The loaded graph read by programs that nobody here wrote, and the saved queries asked of stores elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from load_stores import (
    PASSWORD,
    VIRTUOSO,
    VIRTUOSO_INI,
    oxigraph_server,
    virtuoso_server,
)

from kg.load import load
from kg.load.content import view_graph
from kg.load.credentials import Credentials
from kg.project import Project
from kg.queries.run import run
from kg.store import open_graph

pytestmark = pytest.mark.server
#: A folder with node_modules/.bin/comunica-sparql of @comunica/query-sparql 4.5.0 (npm install --prefix DIR).
COMUNICA = os.environ.get("KG_COMUNICA", "")


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KG_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        project = Project(Path(__file__).parent.parent)
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
    from kg.load.answers import verify_answers
    from kg.load.endpoint import Endpoint
    from kg.load.profiles import PROFILES

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
    not (shutil.which("node") and COMUNICA), reason="needs Node 20 and KG_COMUNICA, a folder with Comunica 4.5.0"
)
def test_comunica_reads_the_loaded_graph(graph, loaded):
    """Comunica 4 asks the loaded store as a SPARQL endpoint and gets the same number of rows."""
    name = next(name for name in graph.queries if run(graph, name).rows)
    here = run(graph, name)
    program = Path(COMUNICA) / "node_modules" / ".bin" / "comunica-sparql"
    source = f"sparql@{loaded[0]}/query?default-graph-uri={view_graph(graph.project.base)}"
    done = subprocess.run(
        [program, source, here.text, "-t", "application/sparql-results+json"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["results"]["bindings"]) == len(here.rows)


@pytest.mark.slow
@pytest.mark.skipif(
    not (Path(VIRTUOSO).exists() and VIRTUOSO_INI.exists()),
    reason="Virtuoso is not installed (Debian: virtuoso-opensource-7, virtuoso-opensource-7-bin)",
)
def test_virtuoso_answers_the_saved_queries(graph, tmp_path):
    """The whole corpus in Virtuoso: every unit proved, every saved query answered as expected."""
    with virtuoso_server(tmp_path / "db") as address:
        report = load(graph, address, credentials=Credentials("dba", PASSWORD), verify="all")
    assert report.same
    assert {answer.query for answer in report.answers} == set(graph.queries)
