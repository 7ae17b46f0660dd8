"""The process of a worker (see ``kg.queries.pool``): it opens a graph, and does one task after another.

It is run as a file. Each message is its length in eight bytes and a pickle. First comes what opens the graph, then
tasks; each is answered by items and an end, or by what was raised.
"""

from __future__ import annotations

import os
import pickle
import queue
import resource
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.graph.views import View
    from kg.project import Project


def main() -> None:
    """Do tasks until standard input ends, which it does when the parent does."""
    # What is ended by a signal leaves gigabytes that nobody wants on disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    # The thread reads on while a store is opened or a query runs, so that the end of the parent is always seen.
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from kg.errors import KgError, Problem
    from kg.limits import LONGEST
    from kg.queries.bounded import confined
    from kg.queries.wire import dumps, loads

    writing = threading.Lock()

    def say(kind: str, item: object) -> None:
        content = dumps((kind, item))
        with writing:
            answers.write(len(content).to_bytes(8, "big") + content)
            answers.flush()

    def stop(problem: Problem) -> None:
        say("refused", ("UsageError", [problem]))
        os._exit(1)

    opens, graph = requests.get(), None
    while True:
        request = requests.get()
        try:
            graph = graph or _opened(*pickle.loads(opens))  # noqa: S301 - the parent wrote it
            task, arguments, memory = loads(request, graph)
            # The parent looks at the time; here it is the memory that is watched.
            with confined(LONGEST, stop, memory):
                for item in task(graph, *arguments):
                    say("item", item)
            say("end", None)
        except KgError as error:
            say("refused", (type(error).__name__, list(error.problems)))
        except BaseException as error:
            # A panic of the engine is no Exception, and must be told as well.
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            say("refused", ("UsageError", [Problem("KG604", f"the query failed: {what}", remedy="Ask otherwise.")]))
            os._exit(1)


def _listen(source: BinaryIO, requests: queue.SimpleQueue[bytes]) -> None:
    while head := source.read(8):
        requests.put(source.read(int.from_bytes(head, "big")))
    os._exit(0)


def _opened(project: Project, folder: Path, view: View, language: str) -> Graph:
    from kg.graph.snapshot import Snapshot
    from kg.graph.store import Graph

    return Graph(project, Snapshot(folder), view, language)


if __name__ == "__main__":
    main()
