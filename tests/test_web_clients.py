"""Clients from elsewhere: another server that asks ours (SERVICE), and Comunica in Node."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from query_project import small, small_project  # noqa: F401 - fixtures
from web_server import served

from kg.graph.store import Graph
from kg.web.app import app_of

pytestmark = [pytest.mark.server, pytest.mark.slow]

MEMBERS = "PREFIX kg: <https://w3id.org/serbia-kg/ontology#> SELECT ?s ?o { ?s kg:memberOf ?o } ORDER BY ?s ?o"


@pytest.fixture(scope="module")
def address(small: Graph) -> str:  # noqa: F811 - the fixture
    return served(app_of(lambda: small))


@pytest.fixture
def oxigraph(tmp_path: Path) -> Iterator[str]:
    """The address of an oxigraph server with an empty store."""
    program = Path(sys.executable).parent / "oxigraph"
    if not program.exists():
        pytest.skip("the oxigraph server is not installed (pip)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(program), "serve", "--location", str(tmp_path / "store"), "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 0.1).close()
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def rows(graph: Graph) -> set[tuple[str, ...]]:
    return {tuple((term or "").strip("<>") for term in row) for row in graph.rows(MEMBERS)}


def test_a_federated_query(oxigraph: str, address: str, small: Graph) -> None:  # noqa: F811 - the fixture
    """If another server joins its own data with what it asks of ours, then it gets our rows."""
    one, *_others = sorted(rows(small))
    data = f"<{one[0]}> <http://example.org/seen> true ."
    httpx.post(f"{oxigraph}/store?default", content=data, headers={"Content-Type": "text/turtle"}).raise_for_status()
    query = f"""SELECT ?s ?o {{
        ?s <http://example.org/seen> true .
        SERVICE <{address}/sparql> {{ ?s <https://w3id.org/serbia-kg/ontology#memberOf> ?o }}
    }}"""
    got = httpx.get(f"{oxigraph}/query", params={"query": query}, headers={"Accept": "application/json"}, timeout=60)
    found = {tuple(row[name]["value"] for name in ("s", "o")) for row in got.json()["results"]["bindings"]}
    assert found == {row for row in rows(small) if row[0] == one[0]}


def test_comunica(address: str, small: Graph, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    """If Comunica asks the endpoint, then it gets our rows: KG_NODE_MODULES is the folder that has it."""
    modules = os.environ.get("KG_NODE_MODULES", "")
    if shutil.which("node") is None or not (Path(modules) / "@comunica" / "query-sparql").is_dir():
        pytest.skip("Node or Comunica is not there (npm install @comunica/query-sparql, KG_NODE_MODULES)")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    if int(version.lstrip("v").partition(".")[0] or 0) < 20:
        pytest.skip(f"Comunica 4.5 is tried on Node 20 and later; this is {version.strip()}")
    script = tmp_path / "ask.js"
    script.write_text(
        """const { QueryEngine } = require(process.argv[2] + "/@comunica/query-sparql");
        new QueryEngine().queryBindings(process.argv[4], { sources: [{ type: "sparql", value: process.argv[3] }] })
          .then((stream) => stream.toArray())
          .then((rows) => console.log(JSON.stringify(rows.map((r) => [r.get("s").value, r.get("o").value]))))
          .catch((error) => { console.error(error); process.exit(1); });
        """
    )
    command = ["node", str(script), modules, f"{address}/sparql", MEMBERS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert {tuple(row) for row in json.loads(done.stdout)} == rows(small)
