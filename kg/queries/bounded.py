"""Bounds for every query, from its text to its last row: time, memory, rows and bytes.

Oxigraph has no timeout and a thread cannot be stopped, so only the end of a process ends a query. ``bounded`` runs a
task either here or in a worker of ``kg.queries.pool``:

- A process that is ``confined``, as the command line is and every worker, is ended itself when its time or its memory
  is over: a thread watches both, which costs no second process.
- Any other process, a notebook or a server, must live on: the task runs in a worker, and the worker is ended.

A task is a function of a module that takes a graph and gives items one by one; what it takes and gives must be
picklable. ``solutions`` is the task of a SPARQL query, and gives rows in batches.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kg.errors import Problem, UsageError
from kg.graph.store import Dataset, Graph
from kg.limits import (
    BATCH,
    SIZE,
    address_space,
    machine_memory,
    out_of_memory,
    out_of_time,
    process_memory,
)
from kg.model import Term, written

Row = tuple[Term | None, ...]
#: Takes a graph and what else it needs, and gives items one by one.
Task = Callable[..., Iterator[Any]]

#: Seconds between two looks at the memory: the engine takes about 0.1 GB in that time at most.
_INTERVAL = 0.05
#: Bytes short of the limit of the address space at which a query is stopped, before the engine would be.
_MARGIN = 32 << 20
_watch: Watch | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What comes before the rows of a result: its columns, or the answer to an ASK, or neither for triples."""

    columns: tuple[str, ...] | None = None
    boolean: bool | None = None


def bounded(graph: Graph, task: Task, *arguments: object, timeout: float | None) -> Iterator[Any]:
    """The items that a task gives for a graph, within ``timeout`` seconds in all.

    None sets no limit and runs the task here, as in a process that is confined already. Raises what the task raises,
    and UsageError: KG605 when the time is over, KG606 when the memory is, KG607 when the stack is, KG631 where
    the limits of the system leave too little room.
    """
    # A graph that exists in this process alone cannot be opened by another.
    if timeout is None or _watch is not None or type(graph) is not Graph:
        yield from task(graph, *arguments)
        return
    from kg.queries.pool import run_in_worker  # a process that is confined starts no other

    yield from run_in_worker(graph, task, arguments, timeout)


def solutions(
    graph: Graph, text: str, limit: int = 0, shift: int = 0, dataset: Dataset | None = None
) -> Iterator[Head | list[Row] | bool]:
    """The result of a query: its head, batches of rows or triples, and last whether there was more.

    At most ``limit`` rows (0 for all) and SIZE bytes are given. ``shift`` is how many characters of declarations
    stand before the text that was given; ``dataset`` is as ``Graph.query`` has it. Raises UsageError as that does.
    """
    import pyoxigraph

    result = graph.query(text, shift, dataset)
    if isinstance(result, pyoxigraph.QueryBoolean):
        yield Head(boolean=bool(result))
        return
    if isinstance(result, pyoxigraph.QuerySolutions):
        yield Head(tuple(variable.value for variable in result.variables))
        rows: Iterator[Row] = (tuple(None if v is None else written(v) for v in row) for row in result)
    else:
        yield Head()
        rows = ((str(t.subject), str(t.predicate), written(t.object)) for t in result)
    batch: list[Row] = []
    count = size = sent = 0
    try:
        for row in rows:
            size += sum(len(term) for term in row if term)
            if (limit and count == limit) or size > SIZE:
                yield batch
                yield True
                return
            batch.append(row)
            count += 1
            if len(batch) == BATCH or size - sent > SIZE // BATCH:
                yield batch
                batch, sent = [], size
    except (RuntimeError, ValueError, OSError) as error:
        remedy = "See SPARQL 1.1 Query Language."
        raise UsageError(Problem("KG604", f"the query failed: {error}", remedy=remedy)) from None
    yield batch
    yield False


@contextmanager
def confined(timeout: float, stop: Callable[[Problem], None], memory: int | None = None) -> Iterator[Watch]:
    """While this process answers by itself: ``stop`` is called in a thread, and must end it.

    ``memory`` is how many bytes the process may hold; by default MEMORY, or what the machine has if that is less.
    """
    global _watch
    outer, _watch = _watch, Watch(timeout, stop, memory or machine_memory())
    _watch.start()
    try:
        yield _watch
    finally:
        _watch.end()
        _watch = outer


class Watch(threading.Thread):
    """Calls ``stop`` with the problem when a time or a size of memory is over.

    What is set with ``otherwise`` is called in place of ``stop`` when the time is over.
    """

    def __init__(self, timeout: float, stop: Callable[[Problem], None], memory: int) -> None:
        super().__init__(name="kg-watch", daemon=True)
        self._stopping, self._memory = stop, memory
        self.renew(timeout)
        self._over, self._deciding = threading.Event(), threading.Lock()
        self._instead: Callable[[], None] | None = None

    @contextmanager
    def otherwise(self, instead: Callable[[], None]) -> Iterator[None]:
        """While what is looked for may be left out: when the time is over, ``instead`` must end the process."""
        self._instead = instead
        try:
            yield
        finally:
            with self._deciding:
                self._instead = None

    def renew(self, timeout: float) -> None:
        """Restart the time limit."""
        self._timeout, self._until = timeout, time.monotonic() + timeout

    def end(self) -> None:
        """Watch no longer."""
        self._over.set()

    def run(self) -> None:
        """Look at the clock and the memory until the end."""
        ceiling = address_space() - _MARGIN
        while not self._over.wait(max(min(_INTERVAL, self._until - time.monotonic()), 0)):
            if time.monotonic() >= self._until:
                with self._deciding:
                    try:
                        (self._instead or self._late)()
                    finally:
                        self._late()
            mapped, held = process_memory()
            if held > self._memory or mapped > ceiling:
                self._stopping(out_of_memory(min(self._memory, ceiling)))

    def _late(self) -> None:
        self._stopping(out_of_time(self._timeout))
