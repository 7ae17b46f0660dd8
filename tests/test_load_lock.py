"""Loads at the same time: kept apart on one machine, and found out by verification between machines."""

from __future__ import annotations

import pytest
from load_stores import BASE, fails, meant, oxigraph_server, proxy_before, put_quads, quads_in, small_graph

from kg.load import DiffersError, load

pytestmark = pytest.mark.server


@pytest.fixture
def server():
    with oxigraph_server() as running:
        yield running


def test_two_loads_at_once_from_one_machine(server, tmp_path):
    """While a load sends or verifies, another one to the same store is refused (KG710), and can run afterwards."""
    graph = small_graph(tmp_path / "p", {"one": 50})
    for method in ("POST", "GET"):
        outcome = []
        with proxy_before(server.address) as proxy:

            def meanwhile(_number, used, path, method=method, outcome=outcome, proxy=proxy):
                if used == method and path.startswith("/store") and not outcome:
                    outcome.append("")
                    outcome[0] = fails(graph, proxy.address, profile="oxigraph")

            proxy.decide = meanwhile
            assert load(graph, proxy.address, verify="all", profile="oxigraph").same
        assert outcome[0][0] == "KG710"
        assert load(graph, server.address).same


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_two_loads_at_once_from_two_machines(server, tmp_path, method):
    """A load that another machine's load interrupts reports a difference (KG712), or its graph is there.

    Run again, either load ends right.
    """
    first, second = small_graph(tmp_path / "a", {"one": 600}), small_graph(tmp_path / "b", {"one": 60, "two": 5})
    outcome = []

    def meanwhile(_number, used, path):
        if used == method and path.startswith("/store") and not outcome:
            outcome.append("")
            outcome[0] = load(second, server.address)

    with proxy_before(server.address, meanwhile) as proxy:
        try:
            found = load(first, proxy.address, verify="all", profile="oxigraph").same
        except DiffersError:
            found = False
    assert outcome[0].same
    assert not found or meant(first) <= quads_in(server.address)
    for graph in (second, first):
        assert load(graph, server.address, verify="all").same
        assert quads_in(server.address) == meant(graph)


def test_a_difference_in_a_store_that_may_only_be_read(server, tmp_path):
    """Where no unit can be marked to be sent again, the difference is reported, not that writing is forbidden."""
    graph = small_graph(tmp_path / "p", {"one": 30})
    load(graph, server.address)
    put_quads(server.address, [f'<http://x.example/s> <http://x.example/p> "theirs" <{BASE}graph/ontology> .'])
    forbidden = (403, {"Content-Type": "text/plain"}, b"read only")
    with (
        proxy_before(server.address, lambda _n, _m, path: forbidden if path == "/update" else None) as proxy,
        pytest.raises(DiffersError, match=r"KG712.*ontology"),
    ):
        load(graph, proxy.address, verify="all")
