"""Real stores on loopback for the tests of loading, a proxy that injects faults, and small builds to load."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from kg.graph.index_schema import FILE
from kg.graph.index_writer import empty_index, write_meta
from kg.graph.snapshot import Snapshot
from kg.graph.store import Graph
from kg.project import Project

BASE = "https://example.org/base/"
OXIGRAPH = Path(sys.executable).with_name("oxigraph")
VIRTUOSO = shutil.which("virtuoso-t") or "/usr/bin/virtuoso-t"
VIRTUOSO_INI = Path("/etc/virtuoso-opensource-7/virtuoso.ini")
#: Where the machine is set up for it (.ci/run), a server that is missing fails its tests in place of skipping them.
needs_virtuoso = pytest.mark.skipif(
    not (os.environ.get("KG_REQUIRE_SERVERS") or (Path(VIRTUOSO).exists() and VIRTUOSO_INI.exists())),
    reason="Virtuoso is not installed (Debian: virtuoso-opensource-7, virtuoso-opensource-7-bin)",
)
PASSWORD = "for-the-tests-only"  # noqa: S105 - of a server that the tests start and stop on loopback


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, seconds: float = 60.0) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + seconds
    while True:
        try:
            urlopen(address, timeout=2).close()
        except http.client.HTTPException:
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.03)
        else:
            return


class Oxigraph:
    """An Oxigraph server in memory or in a folder; ``kill`` and ``start`` again keep the folder and the port."""

    def __init__(self, folder: Path | None, limit: int | None = None) -> None:
        self.folder, self.limit = folder, limit
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [OXIGRAPH, "serve", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--location", self.folder] if self.folder else []
        shell = command if self.limit is None else ["bash", "-c", _limited(self.limit), "bash", *command]
        self.process = subprocess.Popen(shell, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.address)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def _limited(blocks: int) -> str:
    # A file that may not grow is what a full disk is to the server; the signal is ignored, so that writing fails.
    return f"trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""


@contextmanager
def oxigraph_server(folder: Path | None = None, limit: int | None = None) -> Iterator[Oxigraph]:
    """A running Oxigraph server, in memory without a folder; ``limit`` is the size of its largest file in KiB."""
    server = Oxigraph(folder, limit)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def virtuoso_server(folder: Path, rows: int | None = None) -> Iterator[str]:
    """A running Virtuoso whose user dba has PASSWORD; gives its address.

    Its settings are the distribution's but for places and ports; ``rows`` is another limit on rows of an answer.
    """
    folder.mkdir(parents=True)
    port, sql = free_port(), free_port()
    text = VIRTUOSO_INI.read_text(encoding="latin-1").replace("/var/lib/virtuoso-opensource-7/db/", f"{folder}/")
    lines, section = [], ""
    settings = {
        ("Parameters", "ServerPort"): f"127.0.0.1:{sql}",
        ("Parameters", "DirsAllowed"): str(folder),
        ("Parameters", "VADInstallDir"): str(folder / "none"),
        ("HTTPServer", "ServerPort"): f"127.0.0.1:{port}",
        ("HTTPServer", "ServerRoot"): str(folder),
    }
    settings |= {("SPARQL", "ResultSetMaxRows"): str(rows)} if rows else {}
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[] ")
        name = line.partition("=")[0].strip()
        value = settings.get((section, name))
        lines.append(f"{name} = {value}" if value else line)
    (folder / "v.ini").write_text("\n".join(lines), encoding="latin-1")
    command = [VIRTUOSO, "+foreground", "+configfile", "v.ini"]
    quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*command, "+pwdold", "dba", "+pwddba", PASSWORD, "+pwddav", PASSWORD], check=True, **quiet)
    process = subprocess.Popen(command, **quiet)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/sparql")
        yield address
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


#: What the proxy does with one request: None forwards it; a status, headers and body are answered; ``cut`` forwards
#: and answers half, ``drop`` closes without forwarding, ``lose`` forwards and closes without an answer.
Fault = None | str | tuple[int, Mapping[str, str], bytes]


class FaultProxy:
    """A loopback HTTP proxy before a store. ``decide(number, method, path)`` chooses the fault of each request."""

    def __init__(self, upstream: str, decide: Callable[[int, str, str], Fault] = lambda *_: None) -> None:
        self.requests: list[tuple[str, str, int]] = []
        self.decide = decide
        host, port = upstream.removeprefix("http://").split(":")
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                outer.serve(self, host, int(port))

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def serve(self, handler: BaseHTTPRequestHandler, host: str, port: int) -> None:
        """Answer one request."""
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        self.requests.append((handler.command, handler.path, length))
        fault = self.decide(len(self.requests), handler.command, handler.path)
        if isinstance(fault, tuple):
            _answer(handler, *fault)
            return
        if fault == "drop":
            _close(handler)
            return
        upstream = http.client.HTTPConnection(host, port, timeout=60)
        headers = {n: v for n, v in handler.headers.items() if n.lower() not in ("host", "connection")}
        try:
            upstream.request(handler.command, handler.path, body, headers)
            response = upstream.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            _close(handler)
            return
        kept = {n: v for n, v in response.getheaders() if n.lower() in ("content-type", "server", "www-authenticate")}
        if fault == "lose":
            _close(handler)
        else:
            _answer(handler, response.status, kept, content, cut=fault == "cut")

    def sent(self) -> list[tuple[str, str, int]]:
        """The requests that changed something: all but queries and readings."""
        return [request for request in self.requests if request[0] != "GET" and not request[1].endswith("/query")]


def _answer(
    handler: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], content: bytes, cut: bool = False
) -> None:
    handler.send_response_only(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    if status != 204:
        handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2] if cut else content)
    if cut:
        _close(handler)


def _close(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy_before(upstream: str, decide: Callable[[int, str, str], Fault] = lambda *_: None) -> Iterator[FaultProxy]:
    """A running proxy, stopped afterwards."""
    proxy = FaultProxy(upstream, decide)
    thread = threading.Thread(target=proxy.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.server.shutdown()
        proxy.server.server_close()
        thread.join()


def small_graph(folder: Path, documents: Mapping[str, int]) -> Graph:
    """A build without corpus or queries: an ontology, a view, and documents with so many claims each."""
    units: dict[str, list[str]] = {
        "ontology": [f'<{BASE}ontology#A> <http://x.example/p> "a \\"b\\" \\\\n Ж" <{BASE}graph/ontology> .\n'],
        "view": [f'<{BASE}id/{slug}> <http://x.example/count> "{count}" .\n' for slug, count in documents.items()],
    }
    for slug, count in documents.items():
        lines = []
        for number in range(count):
            claim = f"<{BASE}claim/{slug}/c{number}>"
            lines.append(f"<{BASE}id/a> <http://x.example/p> <{BASE}id/b{number}> {claim} .\n")
            lines.append(f'{claim} <http://x.example/gloss> "number {number}"@en <{BASE}graph/document/{slug}> .\n')
        units[f"document/{slug}"] = lines
    return write_graph(folder, units)


def write_graph(folder: Path, units: Mapping[str, list[str]]) -> Graph:
    """A project with a build of these units, each a list of N-Quads lines."""
    shutil.rmtree(folder / "snapshot", ignore_errors=True)
    (folder / "ontology").mkdir(parents=True, exist_ok=True)
    (folder / "ontology" / "_ontology.ttl").write_text(f"<{BASE}ontology> a owl:Ontology .\n", encoding="utf-8")
    (folder / "snapshot" / "units").mkdir(parents=True)
    described = {}
    for name, lines in units.items():
        text = "".join(sorted(lines)).encode()
        file = name.replace("/", ".") + ".nq"
        (folder / "snapshot" / "units" / file).write_bytes(text)
        described[name] = {"file": file, "quads": len(lines), "sha256": hashlib.sha256(text).hexdigest()}
    meta = {"units": described, "documents": {}, "version": "test", "ontology_version": "0"}
    with closing(empty_index(folder / "snapshot" / FILE)) as connection, connection:
        write_meta(connection, meta)
    return Graph(Project(folder), Snapshot(folder / "snapshot"))


def fails(graph: Graph, address: str, **options: object) -> tuple[str, str]:
    """A load that must fail with a RemoteError of one problem with a remedy: its code and its text."""
    from kg.load import load
    from kg.load.failures import RemoteError

    with pytest.raises(RemoteError) as caught:
        load(graph, address, **options)
    assert caught.value.exit_code == 5
    assert caught.value.problems[0].remedy
    return caught.value.problems[0].code, str(caught.value)


def quads_in(address: str) -> set[str]:
    """Every quad of an Oxigraph server, as lines, but for what loading records."""
    request = Request(f"{address}/store", headers={"Accept": "application/n-quads"})
    with urlopen(request, timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    return {line for line in lines if "graph/loaded>" not in line and "graph/loading>" not in line}


def meant(graph: Graph) -> set[str]:
    """Every quad that a store should have of a build, as lines."""
    from kg.graph.unit_files import unit_files

    units = unit_files(graph.snapshot, graph.project.base).values()
    return {line.decode().rstrip("\n") for unit in units for line in unit.lines()}


def put_quads(address: str, lines: list[str]) -> None:
    """Put somebody else's quads into an Oxigraph server."""
    request = Request(
        f"{address}/store", "\n".join(lines).encode(), {"Content-Type": "application/n-quads"}, method="POST"
    )
    urlopen(request, timeout=30).close()


def environment(**values: str) -> dict[str, str]:
    """The environment for a command of the tests, without credentials of whoever runs them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
    return kept | {"NETRC": "/nonexistent", **values}
