"""Loading beside curl, in the same run: ``python benchmarks/load.py [QUADS]`` (1,000,000 by default).

Both send the same N-Quads to an empty Oxigraph server of the same version, started here on loopback. curl has
three routes: ``PUT /store`` (one transaction; replaces everybody's graphs), ``POST /store`` (one transaction;
adds) and ``POST /store?no_transaction`` (not atomic: killed in the middle it leaves a part that nothing marks).
The first two are safe; the third is measured too, since ``kg load`` takes it, made safe by the manifest.
``--all-routes`` runs the two slow ones as well (minutes each); without it their figures are not given.

Memory is the peak of the ``kg load`` process, started apart.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

from kg.graph.index_schema import FILE
from kg.graph.index_writer import empty_index, write_meta

BASE = "https://w3id.org/serbia-kg/"
HERE = Path(__file__).resolve().parent.parent
OXIGRAPH = Path(sys.executable).with_name("oxigraph")
_LOAD = """
import json, resource, sys
from pathlib import Path
from kg.graph.snapshot import Snapshot
from kg.load import load
from kg.project import Project
from kg.graph.store import Graph
graph = Graph(Project(Path(sys.argv[1])), Snapshot(Path(sys.argv[1]) / "snapshot"))
report = load(graph, sys.argv[2], verify=sys.argv[3])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({**report.seconds, "peak_mb": peak, "sent": report.sent, "checked": len(report.checks)}))
"""


def unit_lines(name: str, quads: int) -> list[str]:
    """A document of about that many quads: claims of one content triple each, with their metadata."""
    graph, lines = f"<{BASE}graph/document/{name}>", []
    chance = random.Random(name)  # noqa: S311 - data of a benchmark, the same in every run
    for number in range(quads // 30):
        claim = f"<{BASE}claim/{name}/c{number}>"
        ends = (f"<{BASE}id/e{chance.randrange(5000)}>" for _ in range(2))
        lines.append(f"{next(ends)} <{BASE}ontology#p{number % 20}> {next(ends)} {claim} .\n")
        said = (f'"what number {number} of {name} says, part {part}"@en' for part in range(29))
        lines += [f"{claim} <{BASE}ontology#m{part}> {text} {graph} .\n" for part, text in enumerate(said)]
    return sorted(lines)


def make(folder: Path, quads: int, changed: str = "") -> int:
    """Write a project whose build has that many quads in documents of 3,300; ``changed`` names one that differs."""
    (folder / "ontology").mkdir(parents=True, exist_ok=True)
    (folder / "ontology" / "_ontology.ttl").write_text(f"<{BASE}ontology> a owl:Ontology .\n", encoding="utf-8")
    units_folder = folder / "snapshot" / "units"
    units_folder.mkdir(parents=True, exist_ok=True)
    units, total = {}, 0
    for number in range(max(1, quads // 3300)):
        lines = unit_lines(f"d{number}", 3300)
        if changed == f"d{number}":
            lines = lines[:-1]
        text = "".join(lines).encode()
        (units_folder / f"d{number}.nq").write_bytes(text)
        units[f"document/d{number}"] = {
            "file": f"d{number}.nq",
            "quads": len(lines),
            "sha256": hashlib.sha256(text).hexdigest(),
        }
        total += len(lines)
    meta = {"units": units, "documents": {}, "version": "benchmark", "ontology_version": "0"}
    index = folder / "snapshot" / FILE
    index.unlink(missing_ok=True)
    with closing(empty_index(index)) as connection, connection:
        write_meta(connection, meta)
    return total


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """An empty Oxigraph server on loopback, stopped afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    where = folder / f"store-{port}"
    process = subprocess.Popen(
        [OXIGRAPH, "serve", "--location", where, "--bind", f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urlopen(address, timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(where, ignore_errors=True)


def curl(*arguments: str | Path) -> float:
    """Seconds that a curl command takes."""
    begun = time.perf_counter()
    subprocess.run(["curl", "-sSf", "-o", "/dev/null", *arguments], check=True)
    return time.perf_counter() - begun


def kg_load(folder: Path, address: str, verify: str) -> dict[str, float]:
    """One load in a process of its own: its seconds, peak memory and bytes sent."""
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, folder, address, verify], check=True, capture_output=True, text=True, cwd=HERE
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def reload_of_this_corpus(folder: Path) -> float:
    """Seconds of `kg load` as a command, when a gloss in one document of this project has changed; it is built."""
    project = folder / "project"
    for name in ("ontology", "corpus", "queries"):
        shutil.copytree(HERE / name, project / name)
    kg = [sys.executable, "-m", "kg", "--project", project]
    # An expected answer that is out of date ends a load with 4; it takes as long.
    run = {"cwd": HERE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with server(folder) as address:
        subprocess.run([*kg, "load", address], **run)
        document = min((project / "corpus" / "documents").glob("*.trig"))
        text = document.read_text(encoding="utf-8")
        document.write_text(text.replace('kg:gloss "', 'kg:gloss "Changed: ', 1), encoding="utf-8")
        subprocess.run([*kg, "build"], **run)
        begun = time.perf_counter()
        status = subprocess.run([*kg, "load", address], **run).returncode
        taken = time.perf_counter() - begun
        if status not in (0, 4):
            raise RuntimeError(f"kg load ended with {status}")
        return taken


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("quads", nargs="?", type=int, default=1_000_000)
    options.add_argument("--all-routes", action="store_true", help="also curl's two routes in one transaction")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kg-load-"))
    try:
        total = make(folder, chosen.quads)
        whole = folder / "all.nq"
        with whole.open("wb") as out:
            for path in sorted((folder / "snapshot" / "units").iterdir()):
                out.write(path.read_bytes())
        print(f"{total:,} quads, {whole.stat().st_size / 1e6:.0f} MB")
        header = ("-H", "Content-Type: application/n-quads")
        routes = [("POST", "/store?no_transaction")]
        if chosen.all_routes:
            routes += [("POST", "/store"), ("PUT", "/store")]
        for method, path in routes:
            with server(folder) as address:
                taken = curl("-X", method, *header, "-T", whole, address + path)
                print(f"curl {method} {path:<24}{taken:8.2f} s")
        with server(folder) as address:
            first = kg_load(folder, address, "all")
            print(f"kg load, sending{first['load']:24.2f} s   peak {first['peak_mb']:.0f} MB")
            back = curl("-H", "Accept: application/n-quads", address + "/store")
            print(f"kg load, verifying everything{first['verify']:11.2f} s")
            print(f"curl, reading everything back{back:11.2f} s")
            make(folder, chosen.quads, changed="d0")
            for what in ("one document changed", "nothing changed"):
                begun = time.perf_counter()
                sent = kg_load(folder, address, "sent")["sent"] / 1e6
                print(f"kg load, {what:<21}{time.perf_counter() - begun:10.2f} s   {sent:.2f} MB sent")
        print(f"kg load, this corpus, one document changed{reload_of_this_corpus(folder):8.2f} s, all verified")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
