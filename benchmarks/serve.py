"""The server beside the oxigraph server, in one run: ``python -m benchmarks.serve``.

1. Saved questions by HTTP, warm and not from what is kept, on a graph of a million quads (``--quads``), beside the
   same SPARQL sent to an oxigraph server over the same folder. Aim: at most 1.5 times its time.
2. A kept answer, asked by 32 clients at once, on this corpus, beside the same clients at the oxigraph server. Aim: at
   least as many requests per second.
3. An answer of one row with its evidence, warm and not kept, beside the plain query at the oxigraph server, on this
   corpus. Aim: at most 10 times its time.

All peers give the same rows, which is checked. Times are medians in milliseconds; peers take turns.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.query import enlarge, medians, served
from kg.graph.build import build
from kg.graph.snapshot import Snapshot
from kg.graph.store import Graph
from kg.limits import LIMIT
from kg.project import Project
from kg.queries import run
from kg.web.app import app_of
from kg.web.serve import serve

#: Questions of several shapes: a lookup, a group, paths, claims with times, counts.
QUESTIONS = ("observers", "members", "accessions", "acts", "agreement-counts", "positions", "exercises", "polls")
JSON = "application/sparql-results+json"
Rows = set[tuple[tuple[str, str], ...]]


class Client:
    """Asks one server over one connection, which is opened anew where the server has closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def get(self, path: str, *, anew: bool = True) -> bytes:
        """The answer to a request; ``anew``, not from what is kept."""
        headers = {"Accept": JSON, **({"Cache-Control": "no-cache"} if anew else {})}
        for _ in range(2):
            try:
                self._connection.request("GET", path, headers=headers)
                response = self._connection.getresponse()
                content = response.read()
                break
            except (http.client.RemoteDisconnected, ConnectionError):
                self._connection.close()
        if response.status != 200:
            raise SystemExit(f"{path}: {response.status} {content[:300]!r}")
        return content


@contextmanager
def serving(graph: Graph) -> Iterator[int]:
    """The port at which a process serves a graph."""
    command = [sys.executable, "-m", "benchmarks.serve", "--serve", str(graph.snapshot.folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None  # noqa: S101 - opened as a pipe
        found = re.search(r":(\d+)/", process.stdout.readline())
        if found is None:
            raise SystemExit("the server did not start")
        yield int(found[1])
    finally:
        process.terminate()
        process.wait()


@contextmanager
def both(graph: Graph) -> Iterator[tuple[Client, Client]]:
    """A client of our server, and one of an oxigraph server over the same store."""
    with serving(graph) as port, served(graph.snapshot.store_path) as address:
        found = re.search(r":(\d+)/", address)
        assert found is not None  # noqa: S101 - an address has a port
        yield Client(port), Client(int(found[1]))


def plain(text: str) -> str:
    """The address at which an oxigraph server answers a query."""
    return f"/query?{urlencode({'query': text})}"


def rows_of(content: bytes) -> Rows:
    """The rows of an answer, whatever their order."""
    bindings = json.loads(content)["results"]["bindings"]
    return {tuple(sorted((name, cell["value"]) for name, cell in row.items())) for row in bindings}


def compare(title: str, graph: Graph, names: tuple[str, ...], times: int, *, evidence: bool = False) -> None:
    """A table of medians: the answer to each question by our server, beside its plain query at the other."""
    print(f"\n{title:<52}{'kg serve':>10}{'oxigraph':>10}{'ratio':>8}   rows")
    with both(graph) as (ours, theirs):
        for name in names:
            path = f"/queries/{name}.json{'?evidence=1&limit=1' if evidence else ''}"
            text = plain(run(graph, name).text)
            mine, other = ours.get(path), theirs.get(text)
            if evidence and not json.loads(mine)["kg"]["evidence"][0]["triples"]:
                raise SystemExit(f"{name}: no evidence")
            if not evidence and not len(rows_of(mine)) == LIMIT and rows_of(mine) != rows_of(other):
                raise SystemExit(f"{name}: other rows")
            actions: dict[str, Callable[[], object]] = {
                "kg": lambda path=path: ours.get(path),  # type: ignore[misc]  # a default binds it
                "ox": lambda text=text: theirs.get(text),  # type: ignore[misc]  # as above
            }
            found = medians(actions, times)
            ratio = found["kg"] / found["ox"]
            print(f"   {name:<49}{found['kg']:>10.1f}{found['ox']:>10.1f}{ratio:>8.2f}   {len(rows_of(mine)):,}")


def kept(graph: Graph, names: tuple[str, ...], seconds: float) -> None:
    """The second table."""
    print(f"\n2. a kept answer, 32 clients{'':<27}{'kg serve':>10}{'oxigraph':>10}{'ratio':>8}   requests/s")
    with both(graph) as (ours, theirs):
        for name in names:
            text = plain(run(graph, name).text)
            if rows_of(ours.get(f"/queries/{name}.json", anew=False)) != rows_of(theirs.get(text)):
                raise SystemExit(f"{name}: other rows")
            mine = sum(rate(ours.port, f"/queries/{name}.json", seconds) for _ in range(3)) / 3
            other = sum(rate(theirs.port, text, seconds) for _ in range(3)) / 3
            print(f"   {name:<50}{mine:>10.0f}{other:>10.0f}{mine / other:>8.1f}")


def rate(port: int, path: str, seconds: float, clients: int = 32) -> float:
    """Requests per second that a server answers with 200, asked by clients that each wait for their answer."""
    queue: multiprocessing.Queue[int] = multiprocessing.Queue()
    process = multiprocessing.Process(target=ask_on, args=(port, path, seconds, clients, queue))
    process.start()
    count = queue.get()
    process.join()
    return count / seconds


def ask_on(port: int, path: str, seconds: float, clients: int, queue: multiprocessing.Queue[int]) -> None:
    """Count the answers that clients get in some seconds; they cost as little as they can."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: {JSON}\r\n\r\n".encode()
    selector, count = selectors.DefaultSelector(), 0
    for _ in range(clients):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(request)
        selector.register(connection, selectors.EVENT_READ, bytearray())
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for key, _events in selector.select(0.5):
            taken: bytearray = key.data
            taken += key.fileobj.recv(1 << 18)  # type: ignore[union-attr]  # a socket was registered
            if whole(taken):
                count += 1
                taken.clear()
                key.fileobj.sendall(request)  # type: ignore[union-attr]  # as above
    queue.put(count)


def whole(taken: bytearray) -> bool:
    """Whether an answer is there to its end, by its length or its last chunk."""
    end = taken.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(taken[:end]).lower()
    if b" 200 " not in head[:20]:
        raise SystemExit(bytes(taken[:300]))
    length = re.search(rb"content-length: (\d+)", head)
    return len(taken) >= end + 4 + int(length[1]) if length else taken.endswith(b"0\r\n\r\n")


def main() -> None:
    """Print the three tables; with ``--serve``, serve a build until told to end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quads", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--questions", nargs="*", default=QUESTIONS)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    project = Project.find(Path(__file__).parent)
    if options.serve:
        graph = Graph(project, Snapshot(options.serve))
        serve(app_of(lambda: graph), 0, lambda address: print(address, flush=True))
        return
    graph = Graph(project, build(project))
    names = tuple(options.questions)
    with tempfile.TemporaryDirectory() as folder:
        large = enlarge(graph, Path(folder), options.quads)
        compare("1. saved questions by HTTP, warm, not kept", large, names, options.times)
    kept(graph, names, options.seconds)
    compare("3. one row with its evidence, warm, not kept", graph, names, options.times, evidence=True)


if __name__ == "__main__":
    main()
