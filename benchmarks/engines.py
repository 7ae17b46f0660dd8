"""The rules on engines of SQL beside the embedded reasoner and reasonable, in the same run.

``python -m benchmarks.engines --size 1000000`` prints, for both shapes, the seconds of wall clock and of processor,
and the peak memory. Everyone reads the same N-Triples file. Each run is a process of its own. With ``--memory MB``,
DuckDB is limited to that, and the others are left out. With ``--sail``, Sail runs on this machine too: the figure
shows its overhead only.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.generators import GENERATORS


def embedded(file: Path, _memory: int) -> int:
    """The embedded reasoner, proofs on."""
    from kg.reasoner import close
    from kg.reasoner.rdf_files import stream_rdf

    triples = list(dict.fromkeys(stream_rdf([file])))
    return len(close(triples)) - len(triples)


def duckdb(file: Path, memory: int) -> int:
    """The rounds on DuckDB, proofs on."""
    return _rounds(file, "duckdb", memory, "")


def sail(file: Path, _memory: int) -> int:
    """The rounds on Sail."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    try:
        return _rounds(file, "spark", 0, "sc://{}:{}".format(*server.listening_address))
    finally:
        server.stop()


def _rounds(file: Path, engine: str, memory: int, remote: str) -> int:
    from kg.engines.inference import infer_on_engine

    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        run = Path(folder) / "run"
        with infer_on_engine([file], engine, folder=run, memory=memory << 20, remote=remote) as closure:
            return closure.derived()


def reasonable(file: Path, _memory: int) -> int:
    """The package reasonable, which gives no proofs and lacks property chains."""
    from reasonable import PyReasoner

    reasoner = PyReasoner()
    reasoner.load_file(str(file))
    return len(reasoner.reason()) - sum(1 for _ in file.open(encoding="utf-8"))


#: reasonable takes some 8 GB for a million triples.
MOST = {"reasonable": 1_000_000}
WAYS = {"embedded": embedded, "duckdb": duckdb, "reasonable": reasonable, "sail": sail}


def _measured(way: str, file: Path, memory: int) -> dict[str, float]:
    """One run in a process of its own."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.engines", "--one", way, "--file", str(file), "--memory", str(memory)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {"failed": done.returncode}
    return {"seconds": time.perf_counter() - started, **json.loads(done.stdout)}


def _one(way: str, file: Path, memory: int) -> None:
    derived = WAYS[way](file, memory)
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures = {"derived": derived, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}
    print(json.dumps(figures))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, action="append")
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--sail", action="store_true")
    parser.add_argument("--one", choices=list(WAYS))
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.one:
        _one(given.one, given.file, given.memory)
        return
    ways = ["duckdb"] if given.memory else ["embedded", "duckdb", "reasonable", *(["sail"] if given.sail else [])]
    print(f"{os.cpu_count()} processors")
    print(f"{'shape':<12}{'triples':>12}  {'way':<12}{'derived':>12}{'s':>9}{'cpu s':>9}{'MB':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for size in given.size or [1_000_000]:
            for shape, (ontology, data) in GENERATORS.items():
                file = Path(folder) / f"{shape}.ttl"  # reasonable knows a format by its ending
                with file.open("w", encoding="utf-8") as target:
                    target.writelines(f"{s} {p} {o} .\n" for part in (ontology(), data(size, 1)) for s, p, o in part)
                for way in (way for way in ways if size <= MOST.get(way, size)):
                    found = _measured(way, file, given.memory)
                    if "failed" in found:
                        print(f"{shape:<12}{size:>12,}  {way:<12}{'failed':>12}", flush=True)
                        continue
                    figures = (
                        f"{found['derived']:>12,}{found['seconds']:>9.1f}{found['cpu']:>9.1f}{found['peak']:>8.0f}"
                    )
                    print(f"{shape:<12}{size:>12,}  {way:<12}{figures}", flush=True)


if __name__ == "__main__":
    main()
