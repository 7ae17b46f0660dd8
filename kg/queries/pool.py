"""Worker processes for tasks that must end in time, where this process must live on.

A worker has one graph in one view open, does one task at a time, and is ended when the time is over or the items are
not taken any more; it ends by itself when its parent does. Idle ones are kept, so that a second query costs no start.
"""

from __future__ import annotations

import atexit
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import InputError, KgError, Problem, UsageError
from kg.limits import machine_memory, out_of_memory, out_of_time
from kg.project import Project
from kg.queries.wire import dumps, loads

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.queries.bounded import Task

#: Workers at the same time; a task that finds all busy waits, within its time.
WORKERS = 4
#: Kept apart from this package's modules: it is run as a file.
_MAIN = Path(__file__).with_name("worker.py")
_KINDS = {"UsageError": UsageError, "InputError": InputError}
_changed = threading.Condition()
_idle: list[_Worker] = []
_started: set[_Worker] = set()


def run_in_worker(
    graph: Graph,
    task: Task,
    arguments: tuple[Any, ...],
    timeout: float,
    memory: int | None = None,
    started: Callable[[Callable[[], None]], None] = lambda _end: None,
) -> Iterator[Any]:
    """The items of a task, for which its process may hold ``memory`` bytes (by default ``machine_memory``).

    ``started`` is given what ends the worker at once, whoever calls it: the task then fails. When the task is done,
    it is given what does nothing, since the worker may be another task's then. Raises as
    ``kg.queries.bounded.bounded`` does.
    """
    until = time.monotonic() + timeout
    with _worker_for(graph, until, timeout) as worker:
        worker.graph = graph
        started(worker.kill)
        try:
            yield from worker.run((task, arguments, memory), until, timeout)
        finally:
            started(_nothing)


def _nothing() -> None:
    """What ends no worker."""


class _Worker:
    """A process that has one graph open. Its time includes its start."""

    def __init__(self, graph: Graph) -> None:
        self.key, self.graph, self.killed = _key(graph), graph, False
        self.process = subprocess.Popen(  # noqa: S603 - this interpreter and a file of this package
            # -P: a module in the working directory must not stand in for one of Python's.
            [sys.executable, "-P", str(_MAIN)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        project = Project(graph.project.root, graph.project.packaged, graph.project.kept_in)
        self.greeting: object = (project, graph.snapshot.folder, graph.view, graph.language)

    def run(self, request: object, until: float, timeout: float) -> Iterator[Any]:
        """The items of a task; the process is ended when the time is over."""
        late = threading.Event()

        def stop() -> None:
            late.set()
            self.process.kill()

        timer = threading.Timer(max(until - time.monotonic(), 0), stop)
        timer.daemon = True
        timer.start()
        try:
            if self.greeting:
                self._send(self.greeting)
                self.greeting = None
            self._send(request)
            while True:
                kind, item = self._receive()
                if kind == "item":
                    yield item
                elif kind == "end":
                    return
                else:
                    name, problems = item
                    raise _KINDS.get(name, KgError)(problems)
        except (EOFError, OSError, pickle.UnpicklingError):
            raise UsageError(out_of_time(timeout) if late.is_set() else self._died_of()) from None
        finally:
            timer.cancel()

    def kill(self) -> None:
        """Have the process end, soon: it can take no other task."""
        self.killed = True
        self.process.kill()

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                continue  # what was still to be sent has no reader any more

    def _send(self, value: object) -> None:
        assert self.process.stdin is not None  # noqa: S101 - opened as a pipe
        content = dumps(value)
        self.process.stdin.write(len(content).to_bytes(8, "big") + content)
        self.process.stdin.flush()

    def _receive(self) -> tuple[str, Any]:
        assert self.process.stdout is not None  # noqa: S101 - opened as a pipe
        head = self.process.stdout.read(8)
        content = self.process.stdout.read(int.from_bytes(head, "big"))
        if len(head) < 8 or not content:
            raise EOFError
        answer: tuple[str, Any] = loads(content, self.graph)
        return answer

    def _died_of(self) -> Problem:
        """Why the process ended by itself."""
        try:
            status = self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            status = 0
        if -status == signal.SIGSEGV:
            # Oxigraph reads and answers by recursion: its stack was not enough.
            remedy = "Nest expressions, brackets and paths less deep."
            return Problem("KG607", "stopped: the query is nested too deep", remedy=remedy)
        if -status in (signal.SIGABRT, signal.SIGKILL):
            return out_of_memory(machine_memory())
        remedy = "Look at the limits of this process on memory, files and processes."
        return Problem("KG631", f"the process that answers ended with status {status}", remedy=remedy)


@contextmanager
def _worker_for(graph: Graph, until: float, timeout: float) -> Iterator[_Worker]:
    """A worker that has a graph open, kept for the next task if this one ends well."""
    worker = _taken(graph, until, timeout)
    kept = False
    try:
        yield worker
        kept = True
    except KgError as error:
        # A task that was refused leaves the worker as it was.
        kept = worker.process.poll() is None and not {"KG605", "KG606"} & {p.code for p in error.problems}
        raise
    finally:
        kept = kept and not worker.killed
        with _changed:
            if kept:
                _idle.append(worker)
            else:
                _started.discard(worker)
            _changed.notify()
        if not kept:
            worker.end()


def _taken(graph: Graph, until: float, timeout: float) -> _Worker:
    """An idle worker of the graph, or a new one, in place of an idle one of another where there are many."""
    key = _key(graph)
    with _changed:
        while True:
            for worker in [each for each in _idle if each.key == key]:
                _idle.remove(worker)
                if worker.process.poll() is None:
                    return worker
                _started.discard(worker)
            if _idle and len(_started) >= WORKERS:
                other = _idle.pop(0)
                _started.discard(other)
                other.end()
            if len(_started) < WORKERS:
                break
            if not _changed.wait(until - time.monotonic()):
                raise UsageError(out_of_time(timeout))
        try:
            worker = _Worker(graph)
        except OSError as error:
            remedy = "Look at the limits of this process on memory, files and processes."
            raise UsageError(Problem("KG631", f"no process can be started: {error}", remedy=remedy)) from None
        _started.add(worker)
        return worker


def _key(graph: Graph) -> tuple[object, ...]:
    return str(graph.snapshot.folder), graph.view, graph.language


def _end_all() -> None:
    for worker in list(_started):
        worker.end()


atexit.register(_end_all)
