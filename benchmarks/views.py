"""What views and dates cost: asking in another view, and the validity of every fact.

``python -m benchmarks.views`` prints medians with their peers, measured in the same run. Views are whole processes,
Python's start included, in turns, so that a slow moment of the machine hits all of them; their peers are a bare
interpreter, the default view, and a script that closes the same facts with rdflib and owlrl. Validity is measured
in one process, from the facts and the compiled rules; its peer is what it replaces: reasoning again, certain and
possible, on every day on which something changes.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

OWLRL = """
import rdflib, owlrl
from kg.project import Project
from kg.corpus.read import read_corpus
from kg.graph.views import View, facts, taken
corpus = read_corpus(Project.find())
stated = facts(taken(corpus.claims.values(), corpus.links, View(without=frozenset({"sputnik-2017"}))))
lines = "".join(f"{s} {p} {o} .\\n" for s, p, o in (*corpus.ontology, *corpus.entities, *stated))
graph = rdflib.Graph().parse(data=lines, format="nt")
owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
"""


def commands(query: str) -> dict[str, list[str]]:
    """What is run, by name."""
    kg = [sys.executable, "-m", "kg", "query", query]
    return {
        "bare interpreter": [sys.executable, "-c", "pass"],
        "default view": kg,
        "--without sputnik-2017": [*kg, "--without", "sputnik-2017"],
        "--as-of 2016": [*kg, "--as-of", "2016"],
        "--accept attributed": [*kg, "--accept", "attributed"],
        "--without, --accept and --as-of": [*kg, "--without", "cepi-2017", "--accept", "affirmed", "--as-of", "2017"],
    }


def seconds(run: Callable[[], object]) -> float:
    """How long something takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def processes(query: str, runs: int) -> dict[str, float]:
    """The median of each command, run in turns after one round that nobody counts."""
    found: dict[str, list[float]] = {name: [] for name in commands(query)}
    for number in range(runs + 1):
        for name, command in commands(query).items():
            took = seconds(lambda c=command: subprocess.run(c, capture_output=True, check=True))
            if number:
                found[name].append(took)
    return {name: statistics.median(times) for name, times in found.items()}


def validity_times(runs: int) -> dict[str, float]:
    """The median of each part of finding when every fact holds."""
    from kg.corpus.read import read_corpus
    from kg.graph.materialise import compiled, materialise
    from kg.graph.unit_triples import published, temporal_kinds
    from kg.graph.validity import validity
    from kg.graph.views import View, fact_periods
    from kg.project import Project
    from kg.reasoner import close

    corpus = read_corpus(Project.find())
    program = compiled(corpus)

    def whole() -> None:
        found = materialise(corpus, View(), load_program=lambda: program)
        print(f"  {len(found.periods)} triples with {len(found.instances.heads)} rule instances", file=sys.stderr)

    view = materialise(corpus, View(), load_program=lambda: program)
    own = fact_periods(view.stated, temporal_kinds(corpus), published(corpus))
    times = {
        "every rule instance, then validity": statistics.median(seconds(whole) for _ in range(runs)),
        "validity over known instances": statistics.median(
            seconds(lambda: validity(own, view.given, view.instances)) for _ in range(runs)
        ),
    }
    days = {day for when in own.values() for period in when for day in period.bounds if day}
    some = sorted(days)[:: max(1, len(days) // 10)]

    def again(day: str, mode: str) -> None:
        close([*corpus.entities, *(t for t, w in own.items() if any(getattr(p, mode)(day) for p in w))], program)

    each = statistics.median(
        seconds(lambda d=d, m=m: again(d, m)) for d in some for m in ("certain_on", "possible_on")
    )
    # On each of these days and on the next, for both modes.
    times[f"peer: reasoning again, {len(days)} days"] = each * len(days) * 4
    return times


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--query", default="observers")
    parser.add_argument("--no-owlrl", action="store_true", help="leave out the peer that takes seconds")
    args = parser.parse_args()
    found = processes(args.query, args.runs)
    plain = found["default view"]
    print(f"kg query {args.query}, whole process, median of {args.runs}:")
    for name, took in found.items():
        print(f"  {name:34} {took:6.3f} s  {took - plain:+.3f} s")
    if not args.no_owlrl:
        peer = seconds(lambda: subprocess.run([sys.executable, "-c", OWLRL], capture_output=True, check=True))
        print(f"  {'peer: rdflib and owlrl, one run':34} {peer:6.3f} s  {peer - plain:+.3f} s")
    print("aim: a view that needs reasoning again at most +0.150 s")
    print("validity of every fact, one process:")
    for name, took in validity_times(args.runs).items():
        print(f"  {name:38} {took:8.3f} s")
    print("aim: under 0.5 s")


if __name__ == "__main__":
    main()
