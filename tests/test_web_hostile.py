"""What is hostile, through HTTP: each request is answered in its time, by a whole answer or a problem with a code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hostile.queries import GREEDY, RESTS_ON_ALL, WIDE
from hostile.texts import DEEP, LONG
from listener import Listener
from query_project import small, small_project  # noqa: F401 - fixtures
from test_web_bounds import until_none_runs
from web_server import served

from kg.graph.store import Graph
from kg.web.app import app_of
from kg.web.calls import Calls

pytestmark = pytest.mark.server

#: Statuses that refuse or end a request; none of them is a fault of ours.
REFUSED = {400, 403, 404, 406, 413, 503, 504}
TIMEOUT = 4.0


@pytest.fixture(scope="module")
def address(small: Graph) -> str:  # noqa: F811 - the fixture
    return served(app_of(lambda: small, Calls(timeout=TIMEOUT)))


def texts() -> Iterator[tuple[str, str]]:
    """Texts that are long, deep or dear to answer, by what they are."""
    yield from ((name, make(300_000)) for name, make in LONG.items())
    yield from ((name, make(20_000)) for name, make in DEEP.items())
    yield from GREEDY.items()
    yield from (("few rows of a megabyte", WIDE), ("a row that rests on all", RESTS_ON_ALL))


@pytest.mark.slow
def test_every_text_is_answered_in_its_time(address: str) -> None:
    """If a text is long, deep or greedy, then the server answers it or says what is wrong, and lives on."""
    for name, text in texts():
        got = httpx.post(
            f"{address}/sparql",
            content=text.encode(),
            headers={"Content-Type": "application/sparql-query"},
            timeout=60,
        )
        # Memory that is used up is a limit too (KG606), and the one with 500.
        known = got.status_code == 200 or got.status_code in REFUSED or got.json()["code"] == "KG606"
        assert known, (name, got.status_code, got.text[:300])
        if got.status_code != 200:
            assert got.json()["code"] not in ("KG999", ""), name
            assert len(got.content) < 20_000, name
    until_none_runs()
    assert httpx.get(f"{address}/sparql", params={"query": "ASK {}"}, timeout=30).json()["boolean"]


def test_nothing_is_fetched(address: str) -> None:
    """If a request names an address to fetch, wherever it can, then nobody is called."""
    listener = Listener()
    listener.start()
    there = f"http://127.0.0.1:{listener.port}/x"
    accepted = {"Accept": "application/json, text/event-stream"}
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    opening = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": client}
    got = httpx.post(f"{address}/mcp", json=opening, headers=accepted, timeout=60)
    accepted["Mcp-Session-Id"] = got.headers["mcp-session-id"]
    queries = (
        f"SELECT * {{ SERVICE <{there}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ SERV\\u0049CE <{there}> {{ ?s ?p ?o }} }}",
        f"ASK FROM <{there}> {{ ?s ?p ?o }}",
        f"LOAD <{there}>",
    )
    for query in queries:
        assert httpx.get(f"{address}/sparql", params={"query": query}, timeout=30).status_code in REFUSED, query
        called = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
        called["params"] = {"name": "sparql", "arguments": {"query": query}}
        got = httpx.post(f"{address}/mcp", json=called, headers=accepted, timeout=60)
        assert '"isError":true' in got.text, query
    for name in ("default-graph-uri", "named-graph-uri"):
        asked = {"query": "ASK { ?s ?p ?o }", name: there}
        assert not httpx.get(f"{address}/sparql", params=asked, timeout=30).json()["boolean"]
    assert httpx.get(f"{address}/{quote(there, safe='')}", timeout=30).status_code == 404
    assert listener.calls == 0


@pytest.mark.parametrize(
    "path",
    [
        "/queries/members?organisation=%00",
        "/queries/members?organisation=%FF",
        "/queries/members?organisation=" + "x" * 20_000,
        "/queries/members?limit=-1",
        "/queries/members?limit=" + "9" * 400,
        "/queries/members?as-of=99999-99-99",
        "/queries/members?as-of=" + "1" * 5_000,
        "/queries/members?lang=%3Cscript%3E",
        "/queries/" + "a" * 10_000,
        "/queries/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/queries/members.%00json",
        "/id/%C0%AF",
        "/id/" + "%2e%2e%2f" * 20 + "etc",
        "/id/a%20b%22%3E",
        "/document/x%0d%0aSet-Cookie:a=b",
        "/.well-known/genid/../../x",
        "/sparql?query=ASK%7B%7D&" + "&".join(f"x{n}=1" for n in range(5_000)),
    ],
)
def test_hostile_addresses(path: str, address: str) -> None:
    """If an address is hostile, then it is answered or a problem says what is wrong; it sets no header."""
    got = httpx.get(address + path, headers={"Accept": "application/json"}, timeout=30)
    assert got.status_code in {200, *REFUSED}, got.text[:300]
    assert "set-cookie" not in got.headers
    assert "KG999" not in got.text
    assert str(Path.home()) not in got.text
