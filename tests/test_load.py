"""Loading into a real Oxigraph server: what arrives, what is sent again, what is never touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import run_kg
from load_stores import (
    BASE,
    environment,
    meant,
    oxigraph_server,
    proxy_before,
    put_quads,
    quads_in,
    small_graph,
    write_graph,
)

from kg.load import DiffersError, load
from kg.load.failures import RemoteError

pytestmark = pytest.mark.server


@pytest.fixture
def store():
    with oxigraph_server() as server:
        yield server.address


def actions(report):
    return {step.unit: step.action for step in report.plan.steps}


def test_everything_arrives_and_is_proved(store, tmp_path):
    """An empty store has exactly the build afterwards, the view as a named graph, every unit read back."""
    graph = small_graph(tmp_path / "p", {"one": 3, "two": 2})
    report = load(graph, store)
    assert quads_in(store) == meant(graph)
    assert any(line.endswith(f"<{BASE}graph/view/default> .") for line in quads_in(store))
    assert {check.unit for check in report.checks} == {"ontology", "view", "document/one", "document/two"}
    assert report.same
    assert report.profile == "oxigraph"


def test_second_load_sends_nothing(store, tmp_path):
    """Loading the same thing again changes nothing: not one request that writes."""
    graph = small_graph(tmp_path / "p", {"one": 3})
    load(graph, store)
    with proxy_before(store) as proxy:
        report = load(graph, proxy.address)
        assert proxy.sent() == []
        assert len(proxy.requests) <= 3
    assert set(actions(report).values()) == {"skip"}


def test_only_what_changed_is_sent_and_what_is_gone_dropped(store, tmp_path):
    """A document with a claim less, one more document, one gone: three steps, the rest skipped."""
    load(small_graph(tmp_path / "p", {"one": 3, "two": 2, "old": 4}), store)
    graph = small_graph(tmp_path / "p", {"one": 2, "two": 2, "new": 1})
    report = load(graph, store)
    assert actions(report) == {
        "ontology": "skip",
        "view": "put",
        "document/one": "put",
        "document/two": "skip",
        "document/new": "put",
        "document/old": "drop",
    }
    assert quads_in(store) == meant(graph)
    assert load(graph, store, verify="all").same


@pytest.mark.parametrize("profile", ["oxigraph", "sparql"])
def test_a_small_change_sends_little(store, tmp_path, profile):
    """Of a document that changed a little only what differs is sent, taken out or put in; the rest stays in place."""
    places = {"profile": profile, "update_url": f"{store}/update"} if profile == "sparql" else {}
    address = f"{store}/query" if profile == "sparql" else store
    load(small_graph(tmp_path / "p", {"one": 200}), address, **places)
    graph = small_graph(tmp_path / "p", {"one": 199})
    report = load(graph, address, **places)
    assert actions(report)["document/one"] == "put"
    assert report.sent < 2000
    assert report.same
    assert quads_in(store) == meant(graph)
    graph = small_graph(tmp_path / "p", {"one": 205})
    assert load(graph, address, **places).sent < 5000
    assert quads_in(store) == meant(graph)


def test_a_bulk_request_is_for_much(store, tmp_path):
    """Units go in bulk; their records, and the few quads of a change, in updates, which cost a store far less."""
    with proxy_before(store) as proxy:
        for count, bulk in ((600, 1), (599, 0)):
            proxy.requests.clear()
            lines = [f"<{BASE}id/s> <http://x.example/p> <{BASE}id/{n}> <{BASE}graph/g> .\n" for n in range(count)]
            graph = write_graph(tmp_path / "p", {"document/one": lines})
            assert load(graph, proxy.address).same
            assert [method for method, path, _size in proxy.requests if "no_transaction" in path] == ["POST"] * bulk
    assert quads_in(store) == meant(graph)


@pytest.mark.parametrize("verify", ["sent", "none"])
def test_what_was_loaded_from_an_earlier_build_is_not_read_first(store, tmp_path, verify):
    """With that build still there, only the proof reads; when somebody has changed the unit, the proof says so."""
    old = small_graph(tmp_path / "p", {"one": 600})
    load(old, store)
    shutil.copytree(old.snapshot.folder, tmp_path / "p" / "earlier")
    put_quads(store, [f'<http://x.example/s> <http://x.example/p> "theirs" <{BASE}graph/document/one> .'])
    graph = small_graph(tmp_path / "p", {"one": 599})
    with proxy_before(store) as proxy:
        if verify == "none":
            load(graph, proxy.address, verify=verify)
        else:
            with pytest.raises(DiffersError, match=r"document/one.*\n.*\+ <http://x.example/s>"):
                load(graph, proxy.address, verify=verify)
            paths = [(method, path.partition("?")[0]) for method, path, _length in proxy.requests]
            last_write = max(number for number, request in enumerate(paths) if request == ("POST", "/store"))
            assert paths.index(("GET", "/store")) > last_write
            load(graph, store)
    assert quads_in(store) == meant(graph)


def test_dry_run_says_and_does_nothing(store, tmp_path):
    """A dry run gives the plan with its sizes; the store stays empty."""
    graph = small_graph(tmp_path / "p", {"one": 3})
    report = load(graph, store, dry_run=True)
    assert actions(report) == {"ontology": "put", "view": "put", "document/one": "put"}
    sizes = {step.unit: (step.quads, step.size) for step in report.plan.steps}
    assert sizes["document/one"] == (
        6,
        sum(len(f"{line}\n") for line in meant(graph) if "/one" in line and "count" not in line),
    )
    assert quads_in(store) == set()


def test_a_claim_is_never_a_request_of_its_own(store, tmp_path):
    """Hundreds of claim graphs go in a handful of requests."""
    graph = small_graph(tmp_path / "p", {f"d{number}": 40 for number in range(12)})
    with proxy_before(store) as proxy:
        load(graph, proxy.address, verify="none")
        assert len(proxy.requests) < 20
    assert quads_in(store) == meant(graph)


def test_nobody_elses_data_is_touched(store, tmp_path):
    """Graphs with similar names, below our base even, and the default graph stay through put, change and drop."""
    foreign = [
        f'<http://x.example/s> <http://x.example/p> "1" <{BASE}graph/ontology-of-mine> .',
        f'<http://x.example/s> <http://x.example/p> "2" <{BASE}claim/one/c0/notes> .',
        f'<http://x.example/s> <http://x.example/p> "3" <{BASE}claim/one/c99> .',
        '<http://x.example/s> <http://x.example/p> "4" <https://example.org/base2/graph/ontology> .',
        f"<http://x.example/s> <http://x.example/p> <{BASE}claim/one/c0> .",
    ]
    put_quads(store, foreign)
    load(small_graph(tmp_path / "p", {"one": 3, "two": 2}), store, verify="all")
    load(small_graph(tmp_path / "p", {"one": 1}), store, verify="all")
    graph = small_graph(tmp_path / "p", {})
    load(graph, store, verify="all")
    assert quads_in(store) == meant(graph) | set(foreign)


def test_a_graph_of_our_name_that_is_not_ours_stops_the_load(store, tmp_path):
    """Something else put a graph there that we would replace: refused, unchanged, and replaced only when told to."""
    theirs = f'<http://x.example/s> <http://x.example/p> "theirs" <{BASE}claim/one/c0> .'
    put_quads(store, [theirs])
    graph = small_graph(tmp_path / "p", {"one": 3})
    with pytest.raises(RemoteError, match="KG711") as caught:
        load(graph, store)
    assert f"{BASE}claim/one/c0" in str(caught.value)
    assert theirs in quads_in(store)
    load(graph, store, adopt=True)
    assert quads_in(store) == meant(graph)


def test_a_manifest_that_names_foreign_graphs_is_not_believed(store, tmp_path):
    """Whoever writes into the manifest cannot make a load drop graphs outside the project's base."""
    victim = '<http://x.example/s> <http://x.example/p> "kept" <http://x.example/victim> .'
    node = f"<{BASE}loaded/evil>"
    put_quads(
        store,
        [
            victim,
            f'{node} <http://purl.org/dc/terms/identifier> "evil" <{BASE}graph/loaded> .',
            f"{node} <http://purl.org/dc/terms/hasPart> <http://x.example/victim> <{BASE}graph/loaded> .",
        ],
    )
    report = load(small_graph(tmp_path / "p", {"one": 1}), store)
    assert actions(report)["evil"] == "drop"
    assert victim in quads_in(store)


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ("INSERT DATA { GRAPH <%sgraph/ontology> { <http://x.example/new> <http://x.example/p> 1 } }", "+ <http://x"),
        ("DELETE WHERE { GRAPH <%sclaim/one/c1> { ?s ?p ?o } }", "- <https://example.org/base/id/a>"),
    ],
)
def test_a_difference_is_found_shown_and_mended(store, tmp_path, change, lines):
    """What somebody added or took away shows as rows, exit code 4, and the next load puts it right."""
    from kg.load.endpoint import Endpoint
    from kg.load.profiles import PROFILES

    graph = small_graph(tmp_path / "p", {"one": 3})
    load(graph, store)
    Endpoint(store, PROFILES["oxigraph"]).update(change % BASE)
    with pytest.raises(DiffersError, match="KG712") as caught:
        load(graph, store, verify="all")
    assert caught.value.exit_code == 4
    assert lines in str(caught.value)
    assert [check.same for check in caught.value.report.checks].count(False) == 1
    load(graph, store)
    assert quads_in(store) == meant(graph)


def test_plain_sparql_in_batches(store, tmp_path):
    """The plain profile needs nothing but SPARQL: batches of bounded size, and the same graph at the end."""
    graph = small_graph(tmp_path / "p", {"one": 1500})
    with proxy_before(store) as proxy:
        load(graph, f"{proxy.address}/query", profile="sparql", update_url=f"{proxy.address}/update", batch=400)
        updates = [length for method, path, length in proxy.requests if path == "/update"]
        assert len(updates) >= 3000 / 400
        assert max(updates) < 200_000
    assert quads_in(store) == meant(graph)


def test_the_command(store, tmp_path):
    """`kg load` prints plan and proof; --json gives the same as data; progress is not written into a pipe."""
    graph = small_graph(tmp_path / "p", {"one": 3})
    report = load(graph, store)
    where = {"env": environment(KG_STATE_DIR=str(tmp_path / "kg")), "cwd": Path(__file__).parent.parent}
    done = run_kg("load", store, "--dry-run", **where)
    assert done.returncode == 0, done.stderr
    assert "drop" in done.stdout or "put" in done.stdout
    data = json.loads(run_kg("load", store, "--dry-run", "--json", **where).stdout)
    assert set(data) == set(report.as_json())
    listed = run_kg("load", "--profiles", **where).stdout
    assert "virtuoso" in listed
    assert "not run here" in listed
