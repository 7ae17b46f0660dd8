"""Asking in a process that can be killed: Oxigraph has no timeout, and a thread cannot be stopped.

One worker is kept for each graph and view that is asked, so that a second query costs no start. A worker is
killed when a query's time is over, and started anew for the next one. Its memory is bounded too.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import Problem, UsageError
from kg.sparql.syntax_errors import syntax_problem
from kg.vocab import PREFIXES

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.queries.answer import Answer

__all__ = ["MEMORY", "Worker", "ask_worker"]

#: Bytes of address space that a worker may take.
MEMORY = 4 << 30
#: Workers kept at the same time; the idle one that was started first is closed for the next.
_KEPT = 4
_SERVING = Path(__file__).with_name("serving.py")
_workers: dict[tuple[str, object], Worker] = {}
_lock = threading.Lock()


def ask_worker(answer: Answer, timeout: float) -> None:
    """Fill an answer from the worker of its graph. Raises UsageError (KG604 to KG607)."""
    _worker_of(answer.graph).ask(answer, timeout)


class Worker:
    """A process that has one graph open, and answers one query at a time."""

    def __init__(self, graph: Graph, memory: int = MEMORY) -> None:
        self._graph = graph
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._busy = threading.Lock()

    @property
    def busy(self) -> bool:
        """Whether it is answering."""
        return self._busy.locked()

    def ask(self, answer: Answer, timeout: float) -> None:
        """Fill an answer within so many seconds. Raises UsageError (KG604 to KG607)."""
        with self._busy:
            try:
                process = self._started()
            except (EOFError, BrokenPipeError):
                self.close()
                raise UsageError(_ended(timeout, False, self._memory)) from None
            late = threading.Event()

            def stop() -> None:
                late.set()
                process.kill()

            timer = threading.Timer(timeout, stop)
            timer.daemon = True
            timer.start()
            try:
                self._send({"text": answer.text, "limit": answer.limit})
                self._receive(answer)
            except (EOFError, BrokenPipeError, json.JSONDecodeError):
                died_of = _signal_of(process)
                self.close()
                raise UsageError(_ended(timeout, late.is_set(), self._memory, died_of)) from None
            except UsageError:
                raise
            except BaseException:
                self.close()
                raise
            finally:
                timer.cancel()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except BrokenPipeError:
                        # What was still to be sent has no reader any more.
                        continue

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        # -P: a module in the working directory must not stand in for one of Python's.
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter and a file of this package
            [sys.executable, "-P", str(_SERVING)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # An arena for each thread takes address space that nothing is kept in, in some runs more than others.
            env={**os.environ, "MALLOC_ARENA_MAX": "2"},
        )
        graph = self._graph
        self._send({"store": str(graph.store_path), "memory": self._memory, "named": graph.named_graphs})
        self._line()
        return self._process

    def _send(self, request: dict[str, Any], body: bytes = b"") -> None:
        assert self._process is not None  # noqa: S101 - only called on a started process
        assert self._process.stdin is not None  # noqa: S101 - opened as a pipe
        self._process.stdin.write(json.dumps(request).encode() + b"\n" + body)
        self._process.stdin.flush()

    def _line(self) -> Any:  # noqa: ANN401 - a line of the protocol
        assert self._process is not None  # noqa: S101 - only called on a started process
        assert self._process.stdout is not None  # noqa: S101 - opened as a pipe
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return json.loads(line)

    def _receive(self, answer: Answer) -> None:
        head = self._line()
        if "error" in head:
            raise UsageError(_refused(head, answer))
        if "boolean" in head:
            answer.boolean = head["boolean"]
            return
        answer.columns = tuple(head.get("columns", ()))
        rows: list[Any] = []
        while not isinstance(line := self._line(), dict):
            rows.append(tuple(line))
        if "error" in line:
            raise UsageError(_refused(line, answer))
        answer.truncated = line["truncated"]
        if "triples" in head:
            answer.triples = rows
        else:
            answer.rows = rows


def _worker_of(graph: Graph) -> Worker:
    key = (str(graph.snapshot.folder), graph.view)
    with _lock:
        worker = _workers.get(key)
        if worker is None:
            # One that is answering is left alone: another thread waits for it.
            idle = [name for name, other in _workers.items() if not other.busy]
            for name in idle[: max(len(_workers) - _KEPT + 1, 0)]:
                _workers.pop(name).close()
            worker = _workers[key] = Worker(graph)
        return worker


def _refused(response: dict[str, Any], answer: Answer) -> Problem:
    if response["error"] == "syntax":
        known = {**PREFIXES, **answer.graph.project.prefixes}
        return syntax_problem("KG604", response["message"], answer.text, shift=answer.shift, known=known)
    return Problem("KG604", f"the query failed: {response['message']}", remedy="See SPARQL 1.1 Query Language.")


def _signal_of(process: subprocess.Popen[bytes]) -> int:
    """The signal that ended a process which has stopped to answer; 0 when none did."""
    try:
        return -process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return 0


def _ended(timeout: float, late: bool, memory: int, died_of: int = 0) -> Problem:
    if late:
        remedy = "Narrow it, or allow more with --timeout SECONDS."
        return Problem("KG605", f"stopped: not answered within {timeout:g} s", remedy=remedy)
    if died_of == signal.SIGSEGV:
        # Oxigraph reads and answers by recursion: its stack was not enough.
        remedy = "Nest expressions, brackets and paths less deep."
        return Problem("KG607", "stopped: the query is nested too deep", remedy=remedy)
    remedy = "Narrow it, or ask for fewer rows without ORDER BY, GROUP BY or DISTINCT."
    return Problem("KG606", f"stopped: it needed more than {memory / (1 << 30):g} GB of memory", remedy=remedy)


def _close_all() -> None:
    for worker in _workers.values():
        worker.close()


atexit.register(_close_all)
