"""Clients that are too slow, or never end: their connections do."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

import httpx
import pytest
from query_project import small, small_project  # noqa: F401 - fixtures
from web_server import served

from kg.graph.store import Graph
from kg.web import serve
from kg.web.app import app_of

pytestmark = pytest.mark.server

POST = b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sparql-query\r\n"


@pytest.fixture(scope="module")
def port(small: Graph) -> int:  # noqa: F811 - the fixture
    return int(served(app_of(lambda: small)).rpartition(":")[2])


def send_on(client: socket.socket, piece: bytes, times: int, pause: float) -> None:
    for _ in range(times):
        client.sendall(piece)
        time.sleep(pause)


@pytest.mark.parametrize(
    "start",
    [b"", b"GET /sparql?query=", b"GET /sparql HTTP/1.1\r\nHost: 127", POST + b"Content-Length: 99\r\n\r\nASK"],
)
def test_a_slow_writer(start: bytes, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a request is not there in its time, however steadily it comes, then its connection ends."""
    monkeypatch.setattr(serve, "SENDING", 1.0)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(start)
        with pytest.raises(ConnectionError):
            send_on(client, b"x" if start else b"\r\n", 1200, 0.05)


def test_a_head_without_end(port: int) -> None:
    """If the head of a request grows beyond its limit, then its connection ends before all of it is read."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(ConnectionError):
            send_on(client, b"X-Long: " + b"x" * 10_000 + b"\r\n", 1000, 0.001)


@pytest.mark.parametrize("keep", [b"", b"Connection: close\r\n"])
def test_a_slow_reader(keep: bytes, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """If an answer is not taken in its time, then its connection ends, and what was left of it is dropped."""
    monkeypatch.setattr(serve, "TAKING", 1.0)
    columns = " ".join(f"(?x AS ?x{n})" for n in range(50))
    body = f'SELECT {columns} {{ BIND("{"x" * 100_000}" AS ?x) ?a ?b ?c }} LIMIT 5'.encode()
    head = POST + keep + f"Content-Length: {len(body)}\r\n\r\n".encode()
    whole = httpx.post(
        f"http://127.0.0.1:{port}/sparql",
        content=body,
        headers={"Content-Type": "application/sparql-query"},
        timeout=60,
    )
    assert whole.status_code == 200
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(20)
        client.connect(("127.0.0.1", port))
        client.sendall(head + body)
        assert client.recv(12) == b"HTTP/1.1 200"
        time.sleep(3)
        got = 0
        with suppress(ConnectionError):
            while piece := client.recv(1 << 16):
                got += len(piece)
        assert got < len(whole.content) / 2
