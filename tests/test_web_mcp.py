"""The tools for agents, asked by the SDK's own client: over standard input and output, and over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from importlib.util import find_spec
from typing import Any

import httpx
import jsonschema
import pytest
from query_project import small, small_project  # noqa: F401 - fixtures
from test_web_bounds import ENDLESS, running, until_none_runs
from timing import wait_until
from web_server import served

from kg.graph.store import Graph, open_graph
from kg.project import Project
from kg.queries import run
from kg.web import agents
from kg.web.app import app_of
from kg.web.calls import Calls

# Imported where it is used: that takes longer than all else that these tests import.
pytestmark = [pytest.mark.server, pytest.mark.skipif(find_spec("mcp") is None, reason="mcp is an extra")]

Asked = Callable[[Any], Coroutine[Any, Any, Any]]


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph(Project.find())


@pytest.fixture(scope="module", params=["stdio", "http", pytest.param("http, before 2026", marks=pytest.mark.slow)])
def asking(request: pytest.FixtureRequest, graph: Graph) -> Callable[[Asked], Any]:
    """Runs a coroutine that is given a client, over one of the transports."""
    import mcp

    if request.param == "stdio":
        command = ["-m", "kg", "--project", str(graph.project.root), "mcp"]
        server = mcp.StdioServerParameters(command=sys.executable, args=command, env=dict(os.environ))
    else:
        server = served(app_of(lambda: graph)) + "/mcp"
    mode = "legacy" if "before" in request.param else "auto"

    def ask(asked: Asked) -> Any:
        async def whole() -> Any:
            async with mcp.Client(server, mode=mode) as client:
                return await asked(client)

        return asyncio.run(whole())

    return ask


STATEMENT = {"subject": "serbia", "predicate": "observerWithin", "object": "csto"}
NO_STATEMENT = {"subject": "serbia", "predicate": "memberOf", "object": "csto"}
#: A call of each tool, and the member of its data that must hold something.
CALLS = {
    "find_questions": ({"words": "who observes the CSTO"}, "questions"),
    "ask": ({"question": "observers", "values": {"organisation": "ОДКБ"}}, "rows"),
    "verify": ({**STATEMENT, "view": {"as_of": "2017"}}, "rests_on"),
    "explain": (STATEMENT, "steps"),
    "why_not": (NO_STATEMENT, "reasons"),
    "conflicts": ({"limit": 3}, "conflicts"),
    "show": ({"term": "Србија"}, "said"),
    "search": ({"words": "neutrality"}, "hits"),
    "sparql": ({"query": "SELECT ?s { ?s kg:memberOf ?o }"}, "rows"),
}


def named(data: Any) -> set[str]:
    """Every identifier that data names as what something rests on."""
    if isinstance(data, dict):
        own = set(data.get("rests_on", ()))
        return own.union(*(named(value) for key, value in data.items() if key != "references"))
    return set().union(*map(named, data)) if isinstance(data, list) else set()


def test_every_tool_over_every_transport(asking: Callable[[Asked], Any], graph: Graph) -> None:
    """If a tool is called, then its data follow its schema, and each identifier in them is resolved beside them.

    Every tool takes a view and only reads; the whole list is small; passages and entities can be read as resources.
    """

    async def asked(client: Any) -> None:
        listed = (await client.list_tools()).tools
        assert {tool.name for tool in listed} == set(CALLS)
        assert sum(len(tool.model_dump_json(exclude_none=True)) for tool in listed) < 30_000
        for tool in listed:
            assert "view" in tool.input_schema["properties"]
            assert tool.annotations.read_only_hint
            arguments, member = CALLS[tool.name]
            result = await client.call_tool(tool.name, arguments)
            assert not result.is_error, result.content[0].text
            data = result.structured_content
            jsonschema.validate(data, tool.output_schema)
            assert data[member], tool.name
            assert json.loads(result.content[0].text) == data
            assert named(data) <= {source["id"] for source in data["references"]}
            assert data["graph"] == graph.version
            links = [block for block in result.content if block.type == "resource_link"]
            for link in links[:2]:
                assert (await client.read_resource(link.uri)).contents[0].text
            assert links or tool.name in ("why_not", "sparql"), tool.name
        refused = await client.call_tool("ask", {"question": "observer"})
        assert refused.is_error
        assert "KG651" in refused.content[0].text
        assert "observers" in refused.content[0].text

    asking(asked)


def told(graph: Graph, task: Callable[..., Any], *arguments: object) -> Any:
    (found,) = task(graph, *arguments)
    return found.data


@pytest.mark.parametrize("most", [1, 7, 100])
def test_the_pages_of_an_answer_are_the_answer(most: int, graph: Graph) -> None:
    """If every page is asked for in turn, then together they are the answer, and each has its own references."""
    answer = run(graph, "partners")
    rows, offset = [], 0
    while offset is not None:
        page = told(graph, agents.tell_question, "partners", {}, False, offset, most)
        assert 0 < len(page["rows"]) <= most
        assert named(page) == {source["id"] for source in page["references"]}
        rows += page["rows"]
        offset = page["next_offset"]
    assert len(rows) == page["total"] == len(answer)
    whole = told(graph, agents.tell_question, "partners", {}, False, 0, 100)["rows"]
    assert rows[: len(whole)] == whole
    subjects = [row["ids"][answer.columns[0]] for row in rows]
    assert subjects == [(row[0] or "").strip("<>") for row in answer.rows]


def test_a_page_has_a_size_that_a_model_can_take(graph: Graph) -> None:
    """If an answer is large, then a page ends before its characters are too many, and a long cell is cut."""
    page = told(graph, agents.tell_sparql, "SELECT ?s ?p ?o { ?s ?p ?o }", 0, 100)
    assert 0 < len(page["rows"]) <= 100
    assert page["next_offset"] == len(page["rows"])
    assert len(json.dumps(page, ensure_ascii=False)) < agents.MOST_CHARACTERS + 4_000
    long = told(graph, agents.tell_sparql, f'SELECT ?long {{ BIND("{"x" * 50_000}" AS ?long) }}', 0, 5)
    assert len(long["rows"][0]["cells"]["long"]) < 2_100


def test_nothing_steers_what_shows_it(small: Graph) -> None:  # noqa: F811 - the fixture
    """If a value holds characters that steer a terminal or turn text round, then an agent gets none of them."""
    page = told(small, agents.tell_sparql, 'SELECT ?x { BIND("a\\u202Eb\\u001B[2J" AS ?x) }', 0, 5)
    assert page["rows"][0]["cells"]["x"] == "a\ufffdb\ufffd[2J"


def test_bounds_and_leaving(small: Graph) -> None:  # noqa: F811 - the fixture
    """If a call takes too long, then the agent is told so; if it is cancelled or its client leaves, then it ends."""
    import mcp

    address = served(app_of(lambda: small, Calls(timeout=3))) + "/mcp"
    lasting = served(app_of(lambda: small, Calls(timeout=300))) + "/mcp"

    async def asked() -> None:
        async with mcp.Client(address) as client:
            late = await client.call_tool("sparql", {"query": ENDLESS})
            assert late.is_error
            assert "KG605" in late.content[0].text
        for mode in ("auto", "legacy"):
            async with mcp.Client(lasting, mode=mode) as client:
                call = asyncio.create_task(client.call_tool("sparql", {"query": ENDLESS}))
                await until(1)
                call.cancel()
                await until(0)

    asyncio.run(asked())


async def until(count: int) -> None:
    """Wait until so many queries run."""
    await asyncio.to_thread(wait_until, lambda: running() == count)


def test_leaving_a_session(small: Graph) -> None:  # noqa: F811 - the fixture
    """If a client of an older protocol leaves in the middle of a call, then the call ends."""
    address = served(app_of(lambda: small, Calls(timeout=300))) + "/mcp"
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}

    def post(method: str, params: dict[str, Any], timeout: float) -> httpx.Response:
        content = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return httpx.post(address, headers=headers, json=content, timeout=timeout)

    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    headers["Mcp-Session-Id"] = post("initialize", client, 30).headers["mcp-session-id"]
    with pytest.raises(httpx.ReadTimeout):
        post("tools/call", {"name": "sparql", "arguments": {"query": ENDLESS}}, 2)
    until_none_runs()


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"Accept": "text/event-stream"}, 405),
        ("POST", {"Host": "evil.example"}, 421),
        ("POST", {"Origin": "http://evil.example"}, 403),
        ("POST", {"Content-Type": "text/plain"}, 400),
    ],
)
def test_what_is_refused(method: str, headers: dict[str, str], status: int, small: Graph) -> None:  # noqa: F811 - the fixture
    """If a request is for another host, from a page elsewhere, or none of the protocol, then it is refused."""
    address = served(app_of(lambda: small)) + "/mcp"
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **headers}
    assert httpx.request(method, address, headers=headers, content=b"{}", timeout=30).status_code == status


def test_without_the_sdk(kg_process: Callable[..., Any], tmp_path: Any) -> None:
    """If the SDK is not installed, then the command names the extra."""
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError(name='mcp')\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = kg_process("mcp", env={"PYTHONPATH": path})
    assert done.returncode == 2
    assert "KG758" in done.stderr
    assert ".[mcp]" in done.stderr
