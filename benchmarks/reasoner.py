"""The reasoner beside its peers: owlrl, owlrl-turbo and reasonable, on the same triples, in the same run.

``python -m benchmarks.reasoner --size 10000 --size 100000`` prints a table of medians. Parsing is left out for
everyone: each is given what it takes (terms here, a filled rdflib graph to owlrl and owlrl-turbo, a loaded
reasoner to reasonable) and is timed from there to the end of its work. Each run is a process of its own, so that
its peak memory can be told. Compiling the ontology is part of the native time unless ``--kept-program``.

This project's own corpus comes last (``--own`` for it alone): its default view's facts and its entities, closed
under its ontology and rules as a program kept by an earlier build. Reading the kept program is told apart, and so
is compiling it anew. The peers get the same triples; they have no rules beyond OWL 2 RL.

reasonable lacks property chains, keys and qualified cardinalities (version 0.4.4), so on the corpus shape it does
less work than the others; the university shape has none of these.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.generators import GENERATORS
from kg.model import Triple

#: Above this many triples a peer is left out unless --all: it would take minutes to hours.
LIMITS = {"native": 10**9, "reasonable": 10**9, "owlrl-turbo": 20_000, "owlrl": 10_000}


def native(ontology: list[Triple], data: list[Triple], kept: bool) -> dict[str, float]:
    """The native reasoner, proofs on."""
    from kg.reasoner import Program, close, compile_program

    program = Program.loads(compile_program(ontology).dumps()) if kept else None
    started = time.perf_counter()
    closure = close(data, program) if program else close([*ontology, *data])  # the second is what kg infer does
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "derived": len(closure) - len(data)}


def owlrl(ontology: list[Triple], data: list[Triple], _kept: bool) -> dict[str, float]:
    """owlrl, without axiomatic triples."""
    import owlrl as peer
    import rdflib

    graph = rdflib.Graph()
    graph.parse(data=_text([*ontology, *data]), format="nt")
    before = len(graph)
    started = time.perf_counter()
    peer.DeductiveClosure(peer.OWLRL_Semantics).expand(graph)
    return {"seconds": time.perf_counter() - started, "derived": len(graph) - before}


def owlrl_turbo(ontology: list[Triple], data: list[Triple], _kept: bool) -> dict[str, float]:
    """owlrl-turbo, on a dataset of its own runtime."""
    import owlrl_turbo as peer
    import rdflib
    from rdflib_turbo import Dataset

    graph = rdflib.Dataset()
    graph.parse(data=_text([*ontology, *data]), format="nt")
    dataset = Dataset.from_rdflib(graph)
    before = len(dataset)
    started = time.perf_counter()
    found = peer.expand(dataset, inplace=True)
    return {"seconds": time.perf_counter() - started, "derived": len(found) - before}


def reasonable(ontology: list[Triple], data: list[Triple], _kept: bool) -> dict[str, float]:
    """reasonable, its facts loaded from a file."""
    from reasonable import PyReasoner

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.ttl"
        file.write_text(_text([*ontology, *data]), encoding="utf-8")
        reasoner = PyReasoner()
        reasoner.load_file(str(file))
    started = time.perf_counter()
    derived = reasoner.reason()
    return {"seconds": time.perf_counter() - started, "derived": len(derived) - len(data)}


PEERS: dict[str, Callable[[list[Triple], list[Triple], bool], dict[str, float]]] = {
    "native": native,
    "reasonable": reasonable,
    "owlrl-turbo": owlrl_turbo,
    "owlrl": owlrl,
}


def own(peer: str) -> dict[str, float]:
    """One measurement of closing this corpus' default view; nothing of the reasoner has run before."""
    from kg.corpus.read import read_corpus
    from kg.graph.materialise import project_rules
    from kg.graph.views import View, facts, taken
    from kg.project import Project

    corpus = read_corpus(Project.find())
    stated = facts(taken(corpus.claims.values(), corpus.links, View()))
    data = list(dict.fromkeys([*corpus.entities, *stated]))
    ontology = list(dict.fromkeys(corpus.ontology))
    size = {"triples": len(ontology) + len(data)}
    if peer != "native":
        return {**size, **PEERS[peer](ontology, data, True)}
    from kg.reasoner import Program, close, compile_program

    rules = project_rules(corpus.project)
    started = time.perf_counter()
    program = compile_program(ontology, rules)
    compiling = time.perf_counter() - started
    kept = program.dumps()
    _forget_generated_code()
    started = time.perf_counter()
    program = Program.loads(kept)
    loading = time.perf_counter() - started
    started = time.perf_counter()
    closure = close(data, program)
    closing = time.perf_counter() - started
    derived = len(closure) - len(ontology) - len(data)
    return {**size, "seconds": closing, "derived": derived, "loads": loading, "compiles": compiling}


def _forget_generated_code() -> None:
    """As in a process that compiled nothing: the loops of every shape are to be generated again."""
    from kg.reasoner.joins import join

    join.cache_clear()


def own_table(args: argparse.Namespace) -> Iterator[str]:
    """The lines on this corpus."""
    for peer in args.peer or PEERS:
        row = measure([peer, "--own"], args.runs)
        yield f"{'this corpus':<11}{row['triples']:>9.0f} {peer:<12}{row['seconds']:>9.4f}{row['derived']:>9.0f}"
        if "loads" in row:
            yield (
                f"{'':<21}closing {row['seconds'] * 1000:.1f} ms; reading the kept program {row['loads'] * 1000:.1f}"
                f" ms; together {(row['seconds'] + row['loads']) * 1000:.1f} ms; (compiling anew"
                f" {row['compiles'] * 1000:.1f} ms)"
            )


def _text(triples: list[Triple]) -> str:
    return "".join(f"{s} {p} {o} .\n" for s, p, o in triples)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def once(peer: str, shape: str, size: int, kept: bool) -> dict[str, float]:
    """One measurement, in this process."""
    ontology, generate = GENERATORS[shape]
    data = list(dict.fromkeys(generate(size, 1)))
    found = PEERS[peer](ontology(), data, kept)
    return {"triples": len(data), "memory": _peak(), **found}


def measure(child: list[str], runs: int) -> dict[str, float]:
    """The medians of several measurements, each in a process of its own with these options."""
    command = [sys.executable, "-m", "benchmarks.reasoner", "--child", *child]
    rows = []
    for _ in range(runs):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(child)}: {done.stderr.strip().splitlines()[-1]}")
        rows.append(json.loads(done.stdout.splitlines()[-1]))
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}


def table(args: argparse.Namespace) -> Iterator[str]:
    """The lines of the report."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    yield f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; load {load} at first"
    yield f"medians of {args.runs}; MB: the process' peak"
    titles = f"{'shape':<11}{'triples':>9} {'reasoner':<12}{'seconds':>9}{'derived':>9}{'us each':>8}{'MB':>6}"
    yield f"{titles}  native is"
    for shape in () if args.own else args.shape or sorted(GENERATORS):
        for size in args.size or [2_000, 10_000]:
            base = 0.0
            for peer in args.peer or PEERS:
                if size > LIMITS[peer] * 1.1 and not args.all:
                    continue
                options = [peer, "--shape", shape, "--size", str(size), *["--kept-program"] * args.kept_program]
                row = measure(options, args.runs)
                each = row["seconds"] / max(row["derived"], 1) * 1e6
                base = base or row["seconds"]
                ratio = "" if peer == "native" else f"{row['seconds'] / base:,.0f} x faster"
                yield (
                    f"{shape:<11}{row['triples']:>9.0f} {peer:<12}{row['seconds']:>9.3f}{row['derived']:>9.0f}"
                    f"{each:>8.2f}{row['memory']:>6.0f} {ratio:>13}"
                )
    if args.own or not (args.shape or args.size):
        yield from own_table(args)


def main() -> None:
    """Read the options and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, action="append", help="about how many triples; may be repeated")
    parser.add_argument("--shape", action="append", choices=sorted(GENERATORS))
    parser.add_argument("--peer", action="append", choices=list(PEERS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kept-program", action="store_true", help="the ontology was compiled in an earlier run")
    parser.add_argument("--own", action="store_true", help="this project's own corpus alone")
    parser.add_argument("--all", action="store_true", help="every peer at every size, however long it takes")
    parser.add_argument("--child", choices=list(PEERS), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        row = own(args.child) if args.own else once(args.child, args.shape[0], args.size[0], args.kept_program)
        print(json.dumps(row))
        return
    for line in table(args):
        print(line, flush=True)


if __name__ == "__main__":
    main()
