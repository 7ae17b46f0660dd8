"""What evidence costs: warm in one process over all saved queries, and cold as a whole process.

``python -m benchmarks.evidence`` prints, in one run, the plain query beside the same with its evidence. Warm: the
graph is open and its view materialised; every saved query that runs with its defaults is asked in turns. Cold: a
process from start to end, beside a bare interpreter.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from kg.evidence import collect
from kg.graph.store import open_graph
from kg.queries import run

ROUNDS = 7


def seconds(action: Callable[[], object]) -> float:
    """How long something takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def in_turns(actions: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The median of each action; they take turns, after one round that nobody counts."""
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(ROUNDS + 1):
        for name, action in actions.items():
            took = seconds(action)
            if number:
                taken[name].append(took)
    return {name: statistics.median(times) for name, times in taken.items()}


def warm() -> None:
    """Every saved query, plain and with its evidence, in this process."""
    graph = open_graph()
    _facts = graph.materialised.support
    totals = [0.0, 0.0]
    worst = ("", 0.0)
    for name, query in graph.queries.items():
        if query.form != "SELECT" or any(p.required and p.default is None for p in query.parameters):
            continue
        found = in_turns(
            {
                "plain": lambda name=name: run(graph, name),
                "with evidence": lambda name=name: collect(run(graph, name)).cells,
            }
        )
        totals[0] += found["plain"]
        totals[1] += found["with evidence"]
        worst = max(worst, (name, found["with evidence"] / found["plain"]), key=lambda pair: pair[1])
    print("warm, all saved queries with their defaults, sum of medians:")
    print(f"  plain                {totals[0] * 1000:8.1f} ms")
    print(f"  with evidence        {totals[1] * 1000:8.1f} ms  {totals[1] / totals[0]:.2f} x   (aim: at most 3 x)")
    print(f"  dearest in proportion: {worst[0]}, {worst[1]:.1f} x")


def cold(query: str) -> None:
    """One saved query as a whole process, plain and with its evidence."""
    kg = [sys.executable, "-m", "kg", "query", query]
    commands = {"bare interpreter": [sys.executable, "-c", "pass"], "plain": kg, "with evidence": [*kg, "--evidence"]}
    # Bytecode is kept, as for any user: without it Python compiles the package at every start.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def process(command: list[str]) -> Callable[[], object]:
        return lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)

    found = in_turns({name: process(command) for name, command in commands.items()})
    print(f"cold, kg query {query}, whole process, medians of {ROUNDS}:")
    for name, took in found.items():
        print(f"  {name:20} {took * 1000:8.1f} ms  {(took - found['plain']) * 1000:+8.1f} ms")
    print("  aim: with evidence at most +200 ms")


def main() -> None:
    """Print both tables, and how busy the machine was."""
    load = os.getloadavg()[0]
    print(f"load average {load:.1f} on {os.cpu_count()} cores" + (": busy, repeat it quietly" if load > 1 else ""))
    warm()
    cold("observers")


if __name__ == "__main__":
    main()
