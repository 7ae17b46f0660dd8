"""The graph that a server answers from, and every call for an answer: bounded, ended when its client leaves.

A call is a task in a worker process (``kg.queries.pool``), which does all of it: values, view, query and format. So
nothing that a request asks for runs in the server, and what is ended leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect

from kg.errors import Problem, UsageError
from kg.graph.snapshot import current, made_by
from kg.graph.store import Graph, open_graph
from kg.limits import TIMEOUT, machine_memory
from kg.queries.pool import WORKERS, run_in_worker

if TYPE_CHECKING:
    from starlette.requests import Request

    from kg.project import Project
    from kg.queries.bounded import Task

#: Seconds after which a client that was turned away may ask again.
RETRY = 5


#: Seconds between two looks for another build.
_INTERVAL = 1.0


class Current:
    """Gives the graph of a project, built first if need be. Raises KgError as ``open_graph`` does."""

    def __init__(self, project: Project) -> None:
        self._graph = open_graph(project)
        self._looked = time.monotonic()

    def __call__(self) -> Graph:
        """The graph as the newest build has it; the one before while there is none that this version can read."""
        if time.monotonic() - self._looked >= _INTERVAL:
            self._looked = time.monotonic()
            project = self._graph.project
            found = current(project)
            if found and found.folder != self._graph.snapshot.folder and found.meta["made_by"] == made_by():
                self._graph = Graph(project, found)
        return self._graph


@dataclass
class Calls:
    """Does tasks for requests: at most ``most`` at once; the next waits ``patience`` seconds for one to end."""

    most: int = WORKERS
    timeout: float = TIMEOUT
    patience: float = 2.0
    _free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(self.most)

    async def __call__(self, request: Request, graph: Graph, task: Task, *arguments: object) -> Any:  # noqa: ANN401 - the task's
        """As ``item``, for a request. Raises also ClientDisconnect when the client has left."""
        work = asyncio.create_task(self.item(graph, task, *arguments))
        work.add_done_callback(_retrieved)
        left = asyncio.create_task(_leaving(request))
        try:
            await asyncio.wait((work, left), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ClientDisconnect
            return work.result()
        finally:
            left.cancel()
            work.cancel()

    async def item(self, graph: Graph, task: Task, *arguments: object) -> Any:  # noqa: ANN401 - the task's
        """The one item that a task gives for a graph; its worker is ended when this is cancelled.

        Raises what the task raises; UsageError: KG605 when its time is over, KG606 when its memory is, KG751 when no
        worker becomes free.
        """
        try:
            await asyncio.wait_for(self._free.acquire(), self.patience)
        except TimeoutError:
            busy = Problem("KG751", "every worker is busy", remedy=f"Ask again in {RETRY} seconds.")
            raise UsageError(busy) from None
        ending = _Ending()
        work = asyncio.create_task(asyncio.to_thread(self._done, graph, task, arguments, ending))
        work.add_done_callback(self._ended)
        try:
            return await asyncio.shield(work)
        finally:
            if not work.done():
                ending.end()

    def _ended(self, work: asyncio.Task[object]) -> None:
        self._free.release()
        _retrieved(work)

    def _done(self, graph: Graph, task: Task, arguments: tuple[object, ...], ending: _Ending) -> object:
        memory = machine_memory() // self.most
        (item,) = run_in_worker(graph, task, arguments, self.timeout, memory, ending.started)
        return item


class _Ending:
    """Ends a worker, also one that is only about to start."""

    def __init__(self) -> None:
        self._lock, self._over = threading.Lock(), False
        self._kill: Callable[[], None] = lambda: None

    def started(self, kill: Callable[[], None]) -> None:
        """Take what ends the worker."""
        with self._lock:
            self._kill = kill
            if self._over:
                kill()

    def end(self) -> None:
        """End the worker, now or as soon as it starts."""
        with self._lock:
            self._over = True
            self._kill()


def _retrieved(work: asyncio.Task[object]) -> None:
    """Take what a task raised: where its call was cancelled, nobody else does."""
    _raised = work.cancelled() or work.exception()


async def _leaving(request: Request) -> None:
    """Return when the client has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
