"""The process that answers queries for ``kg.queries.worker``; it can be killed when their time is over.

Run as a file of its own, importing nothing of the package, so that it starts in a few hundredths of a second.
Each request is a line of JSON on standard input: first ``{"store": folder,
"memory": bytes, "named": flag}``, where the flag says that named graphs are asked too; then
``{"text": SPARQL, "limit": n}``.
Each response is lines of JSON: a head, one line a row or triple, and a tail; or one line with ``error``.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pyoxigraph


def serve() -> None:
    """Answer requests until standard input ends."""
    requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    store, named = requests.get()
    _say({"ready": True})
    while True:
        request = requests.get()
        try:
            for line in _answer(store, named, request["text"], request["limit"]):
                _say(line)
        except SyntaxError as error:
            _say({"error": "syntax", "message": error.msg})
        except (OSError, RuntimeError, ValueError) as error:
            _say({"error": "failed", "message": str(error)})
        sys.stdout.flush()


def _listen(requests: queue.SimpleQueue[Any]) -> None:
    """Read requests; end the process with its parent, also in the middle of a query (which frees the GIL)."""
    source = sys.stdin.buffer
    opening = json.loads(source.readline())
    requests.put((_open(opening), opening["named"]))
    for line in source:
        requests.put(json.loads(line))
    os._exit(0)


def _open(request: dict[str, Any]) -> pyoxigraph.Store:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (request["memory"], request["memory"]))
    # What runs out of memory is ended by a signal: its gigabytes are not wanted on disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return pyoxigraph.Store.read_only(request["store"])


def _answer(store: pyoxigraph.Store, named: bool, text: str, limit: int) -> Iterator[object]:
    graphs: list[pyoxigraph.NamedNode | pyoxigraph.BlankNode] | None = None if named else []
    result = store.query(text, default_graph=pyoxigraph.DefaultGraph(), named_graphs=graphs)
    if isinstance(result, pyoxigraph.QueryBoolean):
        yield {"boolean": bool(result)}
        return
    if isinstance(result, pyoxigraph.QuerySolutions):
        yield {"columns": [variable.value for variable in result.variables]}
        found: Iterable[list[str | None]] = ([None if v is None else _written(v) for v in row] for row in result)
    else:
        yield {"triples": True}
        found = ([str(t.subject), str(t.predicate), _written(t.object)] for t in result)
    for count, row in enumerate(found):
        if limit and count == limit:
            yield {"end": True, "truncated": True}
            return
        yield row
    yield {"end": True, "truncated": False}


def _written(node: object) -> str:
    """As ``kg.model.written``, which this script does without: importing nothing starts it sooner."""
    return f"<<( {node} )>>" if type(node).__name__ == "Triple" else str(node)


def _say(line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    if isinstance(line, dict):
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
