"""Loading into a real Virtuoso on the distribution's settings: Digest, batches, pages, and what it rewrites."""

from __future__ import annotations

import random
import re

import pytest
from load_stores import BASE, PASSWORD, VIRTUOSO_INI, needs_virtuoso, small_graph, virtuoso_server, write_graph

from kg.load import DiffersError, load
from kg.load.credentials import Credentials
from kg.load.endpoint import Endpoint, detect
from kg.load.failures import RemoteError
from kg.load.profiles import PROFILES

pytestmark = [pytest.mark.server, pytest.mark.slow, needs_virtuoso]

KNOWN = Credentials("dba", PASSWORD)
LARGE = f"{BASE}graph/large"


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory):
    with virtuoso_server(tmp_path_factory.mktemp("virtuoso") / "db") as address:
        yield address


@pytest.fixture
def project(tmp_path, virtuoso):
    """A folder for a project; whatever it loaded is taken out again afterwards."""
    yield tmp_path / "p"
    load(write_graph(tmp_path / "p", {}), virtuoso, credentials=KNOWN)


def one_large_graph(project):
    """A build of one graph that is longer than an answer of Virtuoso may be."""
    lines = [f'<{BASE}id/s{n}> <http://x.example/p> "{n}" <{LARGE}> .\n' for n in range(10_500)]
    return write_graph(project, {"large": lines})


def test_it_is_recognised(virtuoso):
    """The server's own answer tells the profile."""
    found = detect(virtuoso)
    assert found is PROFILES["virtuoso"]


def test_large_and_small_graphs_arrive_and_are_proved(virtuoso, project):
    """A graph beyond what one update takes goes whole, hundreds of claim graphs in batches; nothing is sent twice."""
    graph = small_graph(project, {"big": 2500, "small": 20})
    report = load(graph, virtuoso, credentials=KNOWN, verify="all")
    assert report.same
    assert sum(check.found for check in report.checks) == 2 * 2520 + 1 + 2
    assert all(step.action == "skip" for step in load(graph, virtuoso, credentials=KNOWN).plan.steps)


def test_a_graph_beyond_the_limit_on_rows_is_read_back_in_pages(virtuoso, project):
    """Debian's limit cuts every answer at 10,000 rows: graphs and the record of loaded graphs come in pages."""
    assert re.search(r"^ResultSetMaxRows\s*=\s*10000\b", VIRTUOSO_INI.read_text(encoding="latin-1"), re.MULTILINE)
    graph = one_large_graph(project)
    report = load(graph, virtuoso, credentials=KNOWN, verify="all")
    assert report.same
    assert report.checks[0].found == 10_500
    endpoint = Endpoint(virtuoso, PROFILES["virtuoso"], KNOWN)
    # One triple fewer at either end of the graph is a difference.
    for number in (0, 10_499):
        endpoint.update(
            f'DELETE DATA {{ GRAPH <{LARGE}> {{ <{BASE}id/s{number}> <http://x.example/p> "{number}" }} }}'
        )
        with pytest.raises(DiffersError) as caught:
            load(graph, virtuoso, credentials=KNOWN, verify="all")
        assert caught.value.report.checks[0].found == 10_499
        assert load(graph, virtuoso, credentials=KNOWN).same


def test_an_answer_that_virtuoso_cuts_off_is_marked(virtuoso, project):
    """An answer beyond the limit on rows says that it is not whole, rows and triples alike; one below does not."""
    load(one_large_graph(project), virtuoso, credentials=KNOWN, verify="none")
    endpoint = Endpoint(virtuoso, PROFILES["virtuoso"], KNOWN)
    where = f"GRAPH <{LARGE}> {{ ?s ?p ?o }}"
    assert endpoint.query(f"SELECT ?s {{ {where} }}").cut == 10_000
    assert endpoint.query(f"SELECT ?s {{ {where} }} LIMIT 5").cut in (0, 10_000)
    assert 10_000 <= len(list(endpoint.construct(f"CONSTRUCT {{ ?s ?p ?o }} {{ {where} }}"))) < 10_500
    assert len(list(endpoint.rows(f"SELECT ?s {{ {where} }}", "s"))) == 10_500


@pytest.mark.parametrize("rows", [700])
def test_a_lower_limit_on_rows_is_told_by_the_server(tmp_path, rows):
    """A server that cuts sooner says at which row, and is read in pages of that size."""
    with virtuoso_server(tmp_path / "db", rows) as address:
        report = load(small_graph(tmp_path / "p", {"big": 1_000}), address, credentials=KNOWN, verify="all")
        assert report.same
        assert sum(check.found for check in report.checks) == 2 * 1_000 + 1 + 1


def test_what_changes_is_replaced_and_what_is_gone_dropped(virtuoso, project):
    """A change puts one document, a disappearance drops one."""
    load(small_graph(project, {"one": 30, "two": 3}), virtuoso, credentials=KNOWN)
    report = load(small_graph(project, {"one": 29}), virtuoso, credentials=KNOWN, verify="all")
    done = {step.unit: step.action for step in report.plan.steps if step.action != "skip"}
    assert done == {"view": "put", "document/one": "put", "document/two": "drop"}


def test_literals_come_back_or_are_named(virtuoso, project):
    """Every kind of literal that a build holds; what Virtuoso rewrites is allowed and named, nothing else is."""
    xsd = "http://www.w3.org/2001/XMLSchema#"
    chance = random.Random(7)  # noqa: S311 - the same odd text in every run
    odd = "".join(chr(chance.choice([0x416, 0x161, 0x1F600, 0x27, 0x7B, 0x5C5C])) for _ in range(50))
    values = [
        f'"true"^^<{xsd}boolean>',
        f'"5"^^<{xsd}decimal>',
        f'"-7"^^<{xsd}decimal>',
        f'"1.25"^^<{xsd}decimal>',
        f'"42"^^<{xsd}integer>',
        f'"0.30000000000000004"^^<{xsd}double>',
        f'"2017-04-10"^^<{xsd}date>',
        f'"http://x.example/a"^^<{xsd}anyURI>',
        '"latin"@sr-latn',
        '"line\\nfeed \\"5\\"^^<http://www.w3.org/2001/XMLSchema#decimal> \\\\ back"',
        f'"{odd}"',
        '""',
    ]
    lines = [f"<{BASE}id/s{n}> <http://x.example/p> {value} <{BASE}graph/g> .\n" for n, value in enumerate(values)]
    report = load(write_graph(project, {"literals": lines}), virtuoso, credentials=KNOWN, verify="all")
    (check,) = report.checks
    assert check.same
    assert set(dict(check.rewritten)) <= {"double", "boolean"}
    assert "double" in dict(check.rewritten)


@pytest.mark.parametrize("value", ['"-0044-03-15"^^<%sdate>', '"12345678901234567890123"^^<%sinteger>'])
def test_a_literal_that_it_spoils_is_found(virtuoso, project, value):
    """A date before the year 1, which Virtuoso corrupts, or an integer that it refuses: never passed over."""
    value %= "http://www.w3.org/2001/XMLSchema#"
    line = f"<{BASE}id/s> <http://x.example/p> {value} <{BASE}graph/g> .\n"
    with pytest.raises((DiffersError, RemoteError)):
        load(write_graph(project, {"literals": [line]}), virtuoso, credentials=KNOWN, verify="all")


def test_wrong_password(virtuoso, project):
    """Refused with a clear message; nothing was loaded."""
    with pytest.raises(RemoteError, match="KG702") as caught:
        load(small_graph(project, {"one": 3}), virtuoso, credentials=Credentials("dba", "not-the-password"))
    assert "not-the-password" not in str(caught.value)
    endpoint = Endpoint(virtuoso, PROFILES["virtuoso"])
    assert not endpoint.holds(f"GRAPH <{BASE}graph/ontology> {{ ?s ?p ?o }}")


def test_nobody_elses_data_is_touched(virtuoso, project):
    """A graph with a similar name stays through put, change and drop."""
    endpoint = Endpoint(virtuoso, PROFILES["virtuoso"], KNOWN)
    endpoint.update(
        f'INSERT DATA {{ GRAPH <{BASE}claim/one/c1/x> {{ <http://x.example/s> <http://x.example/p> "1" }} }}'
    )
    load(small_graph(project, {"one": 3}), virtuoso, credentials=KNOWN)
    load(small_graph(project, {}), virtuoso, credentials=KNOWN)
    assert endpoint.holds(f'GRAPH <{BASE}claim/one/c1/x> {{ <http://x.example/s> <http://x.example/p> "1" }}')
    assert not endpoint.holds(f"GRAPH <{BASE}claim/one/c1> {{ ?s ?p ?o }}")
    endpoint.update(f"DROP SILENT GRAPH <{BASE}claim/one/c1/x>")
