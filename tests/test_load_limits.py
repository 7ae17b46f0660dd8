"""Requests that a store, or a proxy before it, finds too large: cut until they pass, and said when they cannot."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from load_stores import fails, meant, oxigraph_server, proxy_before, quads_in, small_graph

from kg.load import load
from kg.load.failures import RemoteError, failure
from kg.load.profiles import PROFILES
from kg.load.writer import SMALLEST, Batches

pytestmark = pytest.mark.server


@pytest.fixture
def server():
    with oxigraph_server() as running:
        yield running


@given(st.lists(st.integers(1, 3 * SMALLEST)), st.integers(1, 50), st.integers(SMALLEST, 9 * SMALLEST), st.data())
def test_requests_are_cut_until_they_pass(sizes, most, size, data):
    """Whatever a store takes from the smallest request up: every line arrives once, in order, within both limits."""
    accepted = data.draw(st.integers(max([SMALLEST, *sizes]), 12 * SMALLEST))
    lines = [bytes([number % 256]) * length for number, length in enumerate(sizes)]
    arrived = []

    def send(batch, length):
        assert length == sum(map(len, batch))
        if length > accepted:
            raise failure("KG708", "too large")
        assert len(batch) <= most
        arrived.extend(batch)

    Batches(most, size).send(lines, send)
    assert arrived == lines


def test_a_request_that_cannot_be_smaller_is_refused():
    """The smallest request that a store finds too large is an error, and so is one line; nothing goes on for ever."""
    tried = []

    def send(batch, _length):
        tried.append(len(batch))
        raise failure("KG708", "too large")

    for lines in ([b"x" * 1000] * 4000, [b"x" * 10 * SMALLEST]):
        with pytest.raises(RemoteError, match="KG708"):
            Batches(10_000, 64 * SMALLEST).send(lines, send)
    assert len(tried) < 10


def limited(proxy, most, hasty=False):
    """Make a proxy answer 413 to what is longer; a hasty one does so before it has read it, as nginx does."""
    refused = []
    answer = (413, {"Content-Type": "text/plain"}, b"too large")

    def decide(number, _method, _path):
        if proxy.requests[number - 1][2] > most:
            refused.append(proxy.requests[number - 1][2])
            return answer
        return None

    plain = proxy.serve

    def serve(handler, host, port):
        length = int(handler.headers.get("Content-Length") or 0)
        if not hasty or length <= most:
            plain(handler, host, port)
            return
        refused.append(length)
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        handler.connection.shutdown(socket.SHUT_WR)
        while handler.rfile.read1(1 << 16):
            pass

    proxy.decide, proxy.serve = decide, serve
    return refused


@pytest.mark.parametrize("hasty", [False, True])
def test_a_graph_too_large_for_one_request(server, tmp_path, hasty):
    """A proxy lets at most 70 kB through: halved until it passes, what follows from the beginning; all arrives."""
    graph = small_graph(tmp_path / "p", {"one": 5000, "two": 2000})
    with proxy_before(server.address) as proxy:
        refused = limited(proxy, 70_000, hasty)
        assert load(graph, proxy.address).same
    # 2 MB go in some twenty requests or more, of which few were refused first.
    assert 1 < len(refused) < 8
    assert quads_in(server.address) == meant(graph)


def test_a_request_that_is_too_large_however_small(server, tmp_path):
    """A limit below what any load needs: said, with who can change it; nothing is half there without a mark."""
    graph = small_graph(tmp_path / "p", {"one": 1500})
    with proxy_before(server.address) as proxy:
        limited(proxy, 20_000)
        code, text = fails(graph, proxy.address)
    assert code == "KG708"
    assert "Raise the limit" in text
    assert load(graph, server.address).same
    assert quads_in(server.address) == meant(graph)


def test_a_graph_too_large_for_updates(server, tmp_path):
    """By SPARQL Update, too: batches are halved where the limit is below the profile's."""
    graph = small_graph(tmp_path / "p", {"one": 3000})
    with proxy_before(server.address) as proxy:
        refused = limited(proxy, 80_000)
        places = {"profile": "sparql", "update_url": f"{proxy.address}/update"}
        assert load(graph, f"{proxy.address}/query", **places).same
    assert 1 <= len(refused) < 8
    assert quads_in(server.address) == meant(graph)


def test_a_graph_too_large_to_be_put_whole(server, tmp_path, monkeypatch):
    """Where graphs go whole, one that is too large for that goes in updates; no other graph loses anything."""
    monkeypatch.setitem(PROFILES, "oxigraph", replace(PROFILES["oxigraph"], quads=None, whole_graph_over=100))
    graph = small_graph(tmp_path / "p", {"one": 3000, "two": 150})
    with proxy_before(server.address) as proxy:
        refused = limited(proxy, 100_000)
        assert load(graph, proxy.address).same
        assert [method for method, path, _size in proxy.requests if path.startswith("/store?graph")].count("PUT") > 1
    assert refused
    assert quads_in(server.address) == meant(graph)


@pytest.mark.parametrize("profile", ["oxigraph", "sparql"])
def test_a_batch_bounds_every_way_of_writing(server, tmp_path, profile):
    """``batch`` is the number of quads in one request, in bulk as in updates."""
    graph = small_graph(tmp_path / "p", {"one": 400})
    longest = max(map(len, meant(graph))) + 1
    with proxy_before(server.address) as proxy:
        places = {"update_url": f"{proxy.address}/update"} if profile == "sparql" else {}
        address = f"{proxy.address}/query" if profile == "sparql" else proxy.address
        assert load(graph, address, profile=profile, batch=50, verify="none", **places).same
        written = [size for method, path, size in proxy.requests if path in ("/store?no_transaction", "/update")]
    assert len(written) > 800 / 50
    assert max(written) < 50 * longest + 3000
    assert quads_in(server.address) == meant(graph)


def test_killed_between_two_requests_of_one_unit(server, tmp_path):
    """A unit in several requests of which a later one is lost: no hash, and the next load makes it whole."""
    graph = small_graph(tmp_path / "p", {"one": 400})
    seen = []

    def break_later(_number, method, path):
        if method == "POST" and path.startswith("/store"):
            seen.append(path)
        return "drop" if len(seen) > 4 else None

    with proxy_before(server.address, break_later) as proxy:
        assert fails(graph, proxy.address, batch=100)[0] == "KG701"
    assert 0 < len(quads_in(server.address)) < len(meant(graph))
    assert load(graph, server.address).same
    assert quads_in(server.address) == meant(graph)
