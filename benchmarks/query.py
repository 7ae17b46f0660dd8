"""Asking, beside the peers, in one run.

``python -m benchmarks.query`` prints three tables:

1. ``kg query observers`` on a built store as a whole process, beside a bare interpreter, the ``oxigraph query``
   command on the same store, and a script that parses the files with rdflib, closes with owlrl and asks.
2. The same saved query on a graph of a million quads (``--quads``), in process, beside the same text sent to an
   oxigraph server over the same folder, and run in rdflib (left out with ``--no-rdflib``: it takes minutes to load).
3. A runaway query (a cross product of that graph with itself three times): how long after its timeout it ends.

The large graph is copies of the view's graph whose entities, claims and statements are renamed, so that every
pattern of the query meets proportionally more. Times are medians in milliseconds; all peers give the same rows.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph

from kg.errors import UsageError
from kg.graph.build import build
from kg.graph.index_schema import FILE
from kg.graph.snapshot import Snapshot
from kg.graph.store import Graph
from kg.project import Project
from kg.queries import ask, run

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
BIN = Path(sys.executable).parent
#: Bytecode is kept, as it is for users, whatever the environment of this run says.
ENV = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
MINE, BARE = "kg query observers", "a bare interpreter"
CLOSING_SCRIPT = """
import sys
from pathlib import Path
import owlrl, rdflib
root = Path(sys.argv[1])
KG = rdflib.Namespace("https://w3id.org/serbia-kg/ontology#")
graph = rdflib.Graph()
for path in [*root.glob("ontology/*.ttl"), *root.glob("corpus/entities/*.ttl")]:
    graph.parse(path)
for path in root.glob("corpus/documents/*.trig"):
    dataset = rdflib.Dataset()
    dataset.parse(path)
    for claim in dataset.graphs():
        name = claim.identifier
        said = dataset.default_graph
        if (name, KG.modality, KG.Fact) in said and (name, KG.holder, None) not in said:
            graph += claim
owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
for row in graph.query(sys.argv[2]):
    print(*row, sep=",")
"""
CLOSING_QUERY = """PREFIX kg: <https://w3id.org/serbia-kg/ontology#> PREFIX id: <https://w3id.org/serbia-kg/id/>
SELECT DISTINCT ?country ?body WHERE {
  { ?country kg:observerWithin id:csto . BIND(id:csto AS ?body) }
  UNION { ?country kg:observerOf ?body . ?body kg:organOf id:csto }
} ORDER BY ?country ?body"""


def medians(actions: dict[str, Callable[[], object]], times: int) -> dict[str, float]:
    """The median time of each action in milliseconds; they take turns, so that a busy machine is busy for all."""
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(times + 1):
        for name, action in actions.items():
            started = time.perf_counter()
            action()
            if turn:
                # The first turn warms the caches of all.
                taken[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(found) for name, found in taken.items()}


def process(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(command, check=True, capture_output=True, text=True, env=ENV)


def show(title: str, found: dict[str, float]) -> None:
    """A table: who, how long, and how many times the first."""
    print(f"\n{title}")
    first = next(iter(found.values()))
    for name, value in found.items():
        print(f"  {name:<44} {value:>10.1f} ms  {value / first:>8.2f} x")


def whole_processes(project: Project, graph: Graph, times: int, *, slow: bool) -> None:
    """The first table."""
    answer = run(graph, "observers")
    store = str(graph.snapshot.store_path)
    command = (str(BIN / "oxigraph"), "query", "--location", store, "--query", answer.text, "--results-format", "csv")
    found = medians(
        {
            MINE: lambda: process(str(BIN / "kg"), "--project", str(project.root), "query", "observers"),
            BARE: lambda: process(sys.executable, "-c", "pass"),
            "oxigraph query, the same store": lambda: process(*command),
        },
        times,
    )
    if slow:
        script = (sys.executable, "-c", CLOSING_SCRIPT, str(project.root), CLOSING_QUERY)
        started = time.perf_counter()
        pairs = {tuple(line.split(",")) for line in process(*script).stdout.splitlines()}
        found["rdflib + owlrl script, once"] = (time.perf_counter() - started) * 1000
        mine = {tuple(str(value).strip("<>") for value in row[:2]) for row in answer.rows}
        print("\nthe script's rows are", "the same" if pairs == mine else f"others: {sorted(pairs ^ mine)}")
    show("observers as a whole process", found)
    print(f"  more than a bare interpreter: {found[MINE] - found[BARE]:.0f} ms (aim: at most 150)")


def enlarge(graph: Graph, folder: Path, quads: int) -> Graph:
    """A graph of so many quads on disk, with the saved queries and labels of the one it is made from."""
    base = graph.project.base
    lines = [f"{s} {p} {o} .\n" for s, p, o in graph.triples()]
    # The ontology's lines are the same in every copy.
    new = sum(one != other for one, other in zip(lines, renamed(lines, base, 1), strict=True))
    copies = 1 + max(0, -((len(lines) - quads) // new))
    for part in (*graph.snapshot.folder.glob("*.json"), graph.snapshot.folder / FILE):
        shutil.copy(part, folder)
    store = pyoxigraph.Store(str(folder / "store"))
    for number in range(copies):
        path = folder / "copy.nq"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(renamed(lines, base, number) if number else lines)
        store.bulk_load(path=str(path), format=pyoxigraph.RdfFormat.N_QUADS)
        path.unlink()
    store.optimize()
    store.flush()
    print(f"\n{len(store):,} quads in {copies} copies")
    del store
    return Graph(graph.project, Snapshot(folder))


def renamed(lines: list[str], base: str, number: int) -> Iterator[str]:
    """The lines of one copy: everything but the ontology's terms gets a name of its own."""
    for line in lines:
        for kind in ("id", "claim", "statement", "link", "document", "period"):
            line = line.replace(f"<{base}{kind}/", f"<{base}{kind}/copy{number}-")
        yield line


def million(graph: Graph, times: int, *, slow: bool) -> None:
    """The second table."""
    answer = run(graph, "observers")
    with served(graph.snapshot.store_path) as address:
        assert_same(sent(address, answer.text), len(answer.rows))
        found = medians(
            {
                "in process, kg.queries.run": lambda: run(graph, "observers"),
                "oxigraph server, rows read": lambda: sent(address, answer.text),
            },
            times,
        )
    if slow:
        import rdflib
        from rdflib.util import from_n3

        copy = rdflib.Graph()
        for quad in pyoxigraph.Store.read_only(str(graph.snapshot.store_path)):
            s, p, o = (from_n3(str(term)) for term in (quad.subject, quad.predicate, quad.object))
            copy.add((s, p, o))  # type: ignore[arg-type]  # terms, as every part of a triple is
        assert_same(list(copy.query(answer.text)), len(answer.rows))
        found |= medians({"rdflib in memory, rows read": lambda: list(copy.query(answer.text))}, 3)
    show("observers on the large graph", found)


def assert_same(rows: list[object], count: int) -> None:
    """Peers that answer something else are no peers."""
    if len(rows) != count:
        raise SystemExit(f"{len(rows)} rows, not {count}")


@contextmanager
def served(store: Path) -> Iterator[str]:
    """An oxigraph server over a store, on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [str(BIN / "oxigraph"), "serve-read-only", "--location", str(store), "--bind", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 0.1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/query"
    finally:
        server.terminate()
        server.wait()


def sent(address: str, text: str) -> list[object]:
    """The rows that a server gives."""
    body = urllib.parse.urlencode({"query": text}).encode()
    request = urllib.request.Request(address, body, {"Accept": "application/sparql-results+json"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request) as response:  # noqa: S310 - as above
        rows: list[object] = json.load(response)["results"]["bindings"]
    return rows


def runaway(graph: Graph, timeout: float) -> None:
    """The third table."""
    late = []
    for _ in range(5):
        started = time.perf_counter()
        try:
            ask(graph, RUNAWAY, timeout=timeout)
        except UsageError:
            late.append((time.perf_counter() - started - timeout) * 1000)
    started = time.perf_counter()
    ask(graph, "ASK {}", timeout=5)
    again = (time.perf_counter() - started) * 1000
    print(f"\na runaway query with a timeout of {timeout:g} s, five times")
    print(f"  ended after its timeout by at most {max(late):.0f} ms (aim: 1000); the next query took {again:.0f} ms")


def main() -> None:
    """Build, and print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quads", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=21)
    parser.add_argument("--no-rdflib", action="store_true", help="leave out rdflib and owlrl")
    options = parser.parse_args()
    print(f"{platform.python_implementation()} {platform.python_version()}, pyoxigraph {pyoxigraph.__version__}")
    project = Project.find(Path(__file__).parent)
    graph = Graph(project, build(project))
    whole_processes(project, graph, options.times, slow=not options.no_rdflib)
    with tempfile.TemporaryDirectory() as folder:
        large = enlarge(graph, Path(folder), options.quads)
        million(large, options.times, slow=not options.no_rdflib)
        runaway(large, 1.0)


if __name__ == "__main__":
    main()
