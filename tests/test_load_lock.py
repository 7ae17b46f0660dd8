"""One load at a time, until its proof is done: two at once, from elsewhere and from here, and a lost lease."""

from __future__ import annotations

import pytest
from load_stores import BASE, fails, meant, oxigraph_server, proxy_before, put_quads, quads_in, small_graph

from kg.load import load, lock
from kg.load.endpoint import Endpoint
from kg.load.failures import DiffersError
from kg.load.profiles import PROFILES

pytestmark = pytest.mark.server


@pytest.fixture
def server():
    with oxigraph_server() as running:
        yield running


def test_two_loads_at_once(server, tmp_path):
    """While one load is under way another, from another machine, is refused and changes nothing."""
    first, second = small_graph(tmp_path / "a", {"one": 50}), small_graph(tmp_path / "b", {"one": 60, "two": 5})
    outcome = []

    def meanwhile(_number, method, path):
        if method == "POST" and path.startswith("/store") and not outcome:
            outcome.append("")
            outcome[0] = fails(second, server.address)

    with proxy_before(server.address, meanwhile) as proxy:
        assert load(first, proxy.address).same
    code, text = outcome[0]
    assert code == "KG710"
    assert "--take-over" in text
    assert quads_in(server.address) == meant(first)
    assert load(second, server.address).same


def test_two_loads_at_once_while_one_proves(server, tmp_path):
    """While a load reads back what it has sent, it still holds its lease: another is refused, and the proof holds."""
    first, second = small_graph(tmp_path / "a", {"one": 600}), small_graph(tmp_path / "b", {"one": 60, "two": 5})
    outcome = []

    def meanwhile(_number, method, path):
        if method == "GET" and path.startswith("/store") and not outcome:
            outcome.append("")
            outcome[0] = fails(second, server.address)

    with proxy_before(server.address, meanwhile) as proxy:
        assert load(first, proxy.address, verify="all", profile="oxigraph").same
    assert outcome[0][0] == "KG710"
    assert quads_in(server.address) == meant(first)


def test_another_load_while_nothing_is_sent(server, tmp_path):
    """A proof without anything to send takes no lease; what another load does meanwhile is no difference."""
    first, second = small_graph(tmp_path / "a", {"one": 600}), small_graph(tmp_path / "b", {"one": 60, "two": 5})
    load(first, server.address)
    outcome = []

    def meanwhile(_number, method, path):
        if method == "GET" and path.startswith("/store") and not outcome:
            outcome.append("")
            outcome[0] = load(second, server.address)

    with proxy_before(server.address, meanwhile) as proxy:
        report = load(first, proxy.address, verify="all", profile="oxigraph")
    assert outcome[0].same
    assert report.same
    assert report.plan.changes
    assert quads_in(server.address) == meant(first)


def test_a_difference_in_a_store_that_may_only_be_read(server, tmp_path):
    """Where not even the lease can be taken, a difference is still said, not that writing is forbidden."""
    graph = small_graph(tmp_path / "p", {"one": 30})
    load(graph, server.address)
    put_quads(server.address, [f'<http://x.example/s> <http://x.example/p> "theirs" <{BASE}graph/ontology> .'])
    forbidden = (403, {"Content-Type": "text/plain"}, b"read only")
    with (
        proxy_before(server.address, lambda _n, _m, path: forbidden if path == "/update" else None) as proxy,
        pytest.raises(DiffersError, match=r"KG712.*ontology"),
    ):
        load(graph, proxy.address, verify="all")


def test_a_lease_lost_while_proving(server, tmp_path, monkeypatch):
    """The lease is renewed while units are read back; when another load took it over, that is what is said."""
    monkeypatch.setattr(lock, "_RENEW_AFTER", 0.0)
    graph = small_graph(tmp_path / "p", {"one": 600})
    other = Endpoint(server.address, PROFILES["oxigraph"])

    def take_over(_number, method, path):
        if method == "GET" and path.startswith("/store"):
            other.update(f"DROP GRAPH <{BASE}graph/loading>")

    with proxy_before(server.address) as proxy:
        assert load(graph, proxy.address, profile="oxigraph").same
        renewed = sum(path == "/update" for _method, path, _size in proxy.requests)
        assert renewed > 6
        proxy.decide = take_over
        changed = small_graph(tmp_path / "p", {"one": 601})
        code, text = fails(changed, proxy.address, profile="oxigraph", verify="all")
    assert code == "KG710"
    assert "took over" in text


def test_two_loads_at_once_from_one_machine(server, tmp_path):
    """The same from one machine and project, where the lease of a dead load would be taken over at once."""
    graph = small_graph(tmp_path / "p", {"one": 50})
    outcome = []

    with proxy_before(server.address) as proxy:

        def meanwhile(_number, method, path):
            if method == "POST" and path.startswith("/store") and not outcome:
                outcome.append("")
                outcome[0] = fails(graph, proxy.address)

        proxy.decide = meanwhile
        assert load(graph, proxy.address).same
    assert outcome[0][0] == "KG710"


def test_a_lease_that_has_run_out_is_taken_over(server, tmp_path):
    """A load that died elsewhere stops nobody for longer than its lease."""
    node = f"<{BASE}loading>"
    put_quads(
        server.address,
        [
            f'{node} <http://purl.org/dc/terms/identifier> "dead" <{BASE}graph/loading> .',
            f'<{BASE}loading/dead> <http://purl.org/dc/terms/valid> "2020-01-01T00:00" <{BASE}graph/loading> .',
        ],
    )
    graph = small_graph(tmp_path / "p", {"one": 1})
    assert load(graph, server.address).same
    assert quads_in(server.address) == meant(graph)
