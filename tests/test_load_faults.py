"""Faults on the way into a store: each with nothing lost, a clear message, and right when run again."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from load_stores import (
    environment,
    fails,
    free_port,
    meant,
    oxigraph_server,
    proxy_before,
    put_quads,
    quads_in,
    small_graph,
)

from kg.load import load
from kg.load.credentials import Credentials
from kg.load.failures import RemoteError

pytestmark = pytest.mark.server

THEIRS = '<http://x.example/s> <http://x.example/p> "theirs" <http://x.example/g> .'
JSON = {"Content-Type": "application/sparql-results+json"}


@pytest.fixture
def server():
    with oxigraph_server() as running:
        yield running


def test_connection_refused(tmp_path):
    """Nobody listens: said so, with the address."""
    port = free_port()
    code, text = fails(small_graph(tmp_path / "p", {"one": 1}), f"http://127.0.0.1:{port}")
    assert code == "KG701"
    assert f"127.0.0.1:{port}" in text


@pytest.mark.parametrize(
    ("kind", "profile"),
    [
        ("drop", "oxigraph"),
        pytest.param("lose", "oxigraph", marks=pytest.mark.slow),
        pytest.param("drop", "sparql", marks=pytest.mark.slow),
    ],
)
def test_broken_at_every_request_and_right_when_run_again(server, tmp_path, kind, profile):
    """The connection breaks at the first, second, third … request, before or after the server did its part."""
    old, new = {"one": 30, "two": 2, "old": 2}, {"one": 29, "two": 3, "new": 1}
    broken_at = 0
    while True:
        broken_at += 1
        assert broken_at < 60
        load(small_graph(tmp_path / "p", old), server.address, verify="none")
        graph = small_graph(tmp_path / "p", new)
        # From that request on everything breaks: a connection that fails once is tried again.
        with proxy_before(server.address, lambda n, _m, _p, at=broken_at: kind if n >= at else None) as proxy:
            places = {"update_url": f"{proxy.address}/update"} if profile == "sparql" else {}
            address = f"{proxy.address}/query" if profile == "sparql" else proxy.address
            try:
                load(graph, address, profile=profile, verify="none", **places)
                finished = len(proxy.requests) < broken_at
            except RemoteError:
                finished = False
        load(graph, server.address)
        assert quads_in(server.address) == meant(graph), broken_at
        if finished:
            break
    assert broken_at > 10


def test_one_broken_connection_is_tried_again(server, tmp_path):
    """A kept connection that the server has closed meanwhile is opened anew, without a word."""
    graph = small_graph(tmp_path / "p", {"one": 3})
    with proxy_before(server.address, lambda n, _m, _p: "drop" if n == 6 else None) as proxy:
        assert load(graph, proxy.address).same


def test_the_server_is_killed_in_the_middle(tmp_path):
    """SIGKILL to the server while it takes the graph: a message, and after its restart a load that ends right."""
    graph = small_graph(tmp_path / "p", {"one": 300, "two": 200})
    seen = []
    with oxigraph_server(tmp_path / "store") as server:
        put_quads(server.address, [THEIRS])

        def kill_at_the_content(_number, method, path):
            if method == "POST" and path.startswith("/store"):
                seen.append(path)
                if len(seen) == 2:
                    server.kill()

        with proxy_before(server.address, kill_at_the_content) as proxy:
            # In several requests, so that a part is there already.
            code, text = fails(graph, proxy.address, batch=400)
        assert len(seen) >= 2
        assert code == "KG701"
        assert "goes on where it stopped" in text
        server.start()
        assert load(graph, server.address).same
        assert quads_in(server.address) == meant(graph) | {THEIRS}


def test_the_load_is_killed_in_the_middle(server, tmp_path):
    """SIGKILL to the load itself: the next one from here ends right."""
    graph = small_graph(tmp_path / "p", {"one": 300})
    held = threading.Event()

    def hold_the_content(_number, method, path):
        if method == "POST" and path.startswith("/store"):
            held.set()
            time.sleep(0.5)

    script = (
        "import sys; from pathlib import Path; from kg.graph.snapshot import Snapshot; from kg.load import load;"
        "from kg.project import Project; from kg.graph.store import Graph; folder = Path(sys.argv[1]);"
        "load(Graph(Project(folder), Snapshot(folder / 'snapshot')), sys.argv[2])"
    )
    with proxy_before(server.address, hold_the_content) as proxy:
        # Both loads use the proxy's address: the lock of this machine is known by it.
        process = subprocess.Popen(
            [sys.executable, "-c", script, tmp_path / "p", proxy.address],
            cwd=Path(__file__).parent.parent,
            env=environment(),
        )
        assert held.wait(20)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        time.sleep(0.6)
        assert load(graph, proxy.address).same
    assert quads_in(server.address) == meant(graph)


def test_wrong_password_is_not_shown(server, tmp_path):
    """A refused password is a clear message without it, and nothing was sent."""
    graph = small_graph(tmp_path / "p", {"one": 1})
    echo = b"you sent hunter2-secret"

    def refuse(_number, _method, _path):
        return (401, {"WWW-Authenticate": 'Basic realm="x"', "Content-Type": "text/plain"}, echo)

    with proxy_before(server.address, refuse) as proxy:
        known = Credentials("me", "hunter2-secret")
        code, text = fails(graph, proxy.address, profile="fuseki", credentials=known)
        assert (code, "hunter2" in text, "hunter2" in repr(known)) == ("KG702", False, False)
        code, text = fails(graph, proxy.address, profile="fuseki")
        assert "KG_LOAD_PASSWORD" in text
        assert len(proxy.requests) == 3
    with proxy_before(server.address, lambda *_: (500, {"Content-Type": "text/plain"}, echo)) as proxy:
        assert "hunter2" not in fails(graph, proxy.address, profile="fuseki", credentials=known)[1]


@pytest.mark.parametrize("what", ["manifest", "verification"])
def test_an_answer_that_is_cut_off(server, tmp_path, what):
    """Half an answer is no answer: neither of the manifest nor of what is read back."""
    graph = small_graph(tmp_path / "p", {"one": 30})
    load(graph, server.address)

    def cut(_number, method, path):
        wanted = path == "/query" if what == "manifest" else method == "GET" and path == "/store"
        return "cut" if wanted else None

    with proxy_before(server.address, cut) as proxy:
        code, text = fails(graph, proxy.address, verify="all", profile="oxigraph")
        assert code == "KG705"
        assert "cut off" in text or "no whole result" in text
    assert quads_in(server.address) == meant(graph)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((200, JSON, b'{"head":{"vars":["u"]},"results":{"bindings":[{"u":{"ty\n\ntimeout of the query'), "KG705"),
        ((200, JSON, b'{"error": "out of memory"}'), "KG705"),
        (
            (200, JSON, b'{"head":{"vars":["u"]},"results":{"bindings":[{"u":{"type":"uri","value":"a b> . "}}]}}'),
            "KG705",
        ),
        ((200, {"Content-Type": "text/html; charset=utf-8"}, b"<html><h1>Log in to the network</h1>"), "KG704"),
        ((503, {"Content-Type": "text/html"}, b"<html>upstream connect error</html>"), "KG704"),
        ((302, {"Location": "http://x.example/login"}, b""), "KG707"),
        ((302, {"Location": "/query"}, b""), "KG707"),
        ((403, {"Content-Type": "text/plain"}, b"read only\x1b[31m\x07"), "KG702"),
        ((500, {"Content-Type": "text/plain"}, b"IO error: No space left on device"), "KG709"),
        ((507, {"Content-Type": "text/plain"}, b""), "KG709"),
        ((400, {"Content-Type": "text/plain"}, b"parse error"), "KG703"),
    ],
)
def test_answers_that_are_none(server, tmp_path, answer, code):
    """A 200 with an error in it, a proxy's page, a login elsewhere: never taken for an answer, always said."""
    graph = small_graph(tmp_path / "p", {"one": 1})
    with proxy_before(server.address, lambda *_: answer) as proxy:
        found, text = fails(graph, proxy.address, profile="oxigraph")
    assert found == code, text
    assert text.replace("\n", "").isprintable()
    assert quads_in(server.address) == set()


def test_a_write_answered_by_a_proxys_page(server, tmp_path):
    """An HTML page with status 200 for a write: the graph is not there, and reading back says so."""
    graph = small_graph(tmp_path / "p", {"one": 3})
    page = (200, {"Content-Type": "text/html"}, b"<html>welcome</html>")

    def swallow(_number, method, path):
        return page if method == "POST" and path.startswith("/store") else None

    with proxy_before(server.address, swallow) as proxy:
        code, text = fails(graph, proxy.address, profile="oxigraph")
        assert code == "KG704"
        assert "web page" in text
    assert load(graph, server.address).same
    assert quads_in(server.address) == meant(graph)


def test_a_disk_that_is_full(tmp_path):
    """A server that can write no more: an error, others' data intact, and right once there is room."""
    graph = small_graph(tmp_path / "p", {f"d{n}": 3000 for n in range(4)})
    with oxigraph_server(tmp_path / "store") as server:
        put_quads(server.address, [THEIRS])
    with oxigraph_server(tmp_path / "store", limit=128) as server:
        code, text = fails(graph, server.address)
        assert code == "KG709", text
        assert "storage is full" in text
        assert "Free some space" in text
    with oxigraph_server(tmp_path / "store") as server:
        assert load(graph, server.address).same
        assert quads_in(server.address) == meant(graph) | {THEIRS}


def test_a_server_that_stops_answering(server, tmp_path):
    """A request without an answer ends when its time is over."""
    graph = small_graph(tmp_path / "p", {"one": 1})

    def sleep(*_request):
        time.sleep(1.5)

    with proxy_before(server.address, sleep) as proxy:
        code, text = fails(graph, proxy.address, profile="oxigraph", timeout=0.3)
    assert code == "KG706"
    assert "0.3 s" in text
    assert "--timeout" in text
