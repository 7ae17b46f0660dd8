"""The folder of saved queries, served unchanged by grlc as an API over a SPARQL server. Both on loopback."""

from __future__ import annotations

import csv
import io
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from kg.graph.store import Graph, open_graph
from kg.project import Project
from kg.queries import run
from kg.render.formats import Settings, render

CHECKOUT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

pytestmark = [
    pytest.mark.slow,
    pytest.mark.server,
    pytest.mark.skipif(find_spec("grlc") is None, reason="grlc is not installed here: pip install '.[grlc]'"),
]
#: Its own command listens on every address; its application is run on loopback alone instead.
SERVE = "import sys; from grlc.server import app; app.run(host='127.0.0.1', port=int(sys.argv[1]), threaded=True)"


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """A server on loopback, from when it answers until the end of the test."""
    log = (folder / f"{Path(command[0]).name}.log").open("w")
    server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        for _ in range(300):
            assert server.poll() is None, (folder / f"{Path(command[0]).name}.log").read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph(Project(CHECKOUT))


@pytest.fixture(scope="module")
def api(graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address under which grlc serves ``queries/``."""
    folder = tmp_path_factory.mktemp("grlc")
    store, served = free_port(), free_port()
    (folder / "config.ini").write_text(
        f"[local]\nlocal_sparql_dir = {CHECKOUT / 'queries'}\n"
        f"[defaults]\nsparql_endpoint = http://127.0.0.1:{store}/query\nserver_name = 127.0.0.1:{served}\n"
    )
    oxigraph = [str(BIN / "oxigraph"), "serve-read-only", "--location", str(graph.snapshot.store_path)]
    with ExitStack() as stack:
        stack.enter_context(running([*oxigraph, "--bind", f"127.0.0.1:{store}"], store, folder))
        stack.enter_context(running([sys.executable, "-c", SERVE, str(served)], served, folder))
        yield f"http://127.0.0.1:{served}/api-local"


def got(address: str, accept: str = "text/csv") -> str:
    request = urllib.request.Request(address, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=60) as response:
        text: str = response.read().decode()
        return text


def test_grlc_lists_every_query_with_its_question(api: str, graph: Graph) -> None:
    """Each saved query is an operation of the API, with its summary and parameters."""
    paths = json.loads(got(f"{api}/swagger", "application/json"))["paths"]
    assert {name.strip("/") for name in paths} == set(graph.queries)
    operation = paths["/observers"]["get"]
    assert operation["summary"] == graph.queries["observers"].summary
    assert {"organisation"} <= {parameter["name"] for parameter in operation["parameters"]}


def defaults(graph: Graph, name: str) -> dict[str, str]:
    """The default values of a query as grlc wants them: without brackets or types."""
    values = run(graph, name).values
    return {key: term.strip("<>") if term[0] == "<" else term[1 : term.rindex('"')] for key, term in values.items()}


def test_grlc_gives_the_answers_of_kg_query(api: str, graph: Graph) -> None:
    """Every query, asked of grlc with its defaults, has the rows that ``kg query`` gives."""
    asked = []
    for name, query in graph.queries.items():
        if query.form != "SELECT" or any(p.required and p.default is None for p in query.parameters):
            continue
        address = f"{api}/{name}?{urllib.parse.urlencode(defaults(graph, name))}"
        try:
            rows = list(csv.reader(io.StringIO(got(address))))
        except urllib.error.HTTPError as error:
            pytest.fail(f"{name}: {error.read().decode()[:300]}")
        mine = list(csv.reader(io.StringIO(render(run(graph, name), "csv", Settings(iris=True)))))
        assert rows == mine, name
        asked.append(name)
    assert "observers" in asked
    assert len(asked) >= 0.8 * len(graph.queries)


def test_nothing_listens_beyond_loopback(api: str) -> None:
    """What is started here cannot be reached from elsewhere."""
    port = urllib.parse.urlsplit(api).port
    assert shutil.which("ss") is None or f"0.0.0.0:{port}" not in subprocess.check_output(["ss", "-ltn"], text=True)
