"""What bounds a request: time, memory, how many run at once, the size of an answer; and a client that leaves."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import httpx
import pytest
from timing import wait_until
from web_server import served

from kg.graph.store import Graph
from kg.queries import pool
from kg.queries.bounded import solutions
from kg.web import answer_tasks
from kg.web.app import app_of
from kg.web.calls import Calls

pytestmark = pytest.mark.server

#: Runs for longer than anybody waits, and holds little.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def running() -> int:
    """How many workers do a task now."""
    return len(pool._started) - len(pool._idle)


def until_none_runs() -> None:
    wait_until(lambda: not running(), "a worker was left behind")


def test_a_query_that_takes_too_long(small: Graph) -> None:
    """If a query is not answered in its time, then its client is told, with 504, and its worker is ended."""
    address = served(app_of(lambda: small, Calls(timeout=2)))
    got = httpx.get(f"{address}/sparql", params={"query": ENDLESS}, timeout=30)
    assert (got.status_code, got.json()["code"]) == (504, "KG605")
    until_none_runs()
    assert httpx.get(f"{address}/sparql", params={"query": "ASK {}"}, timeout=30).json()["boolean"]


def test_a_client_that_leaves(small: Graph) -> None:
    """If a client leaves while its query runs, then its worker is ended at once, long before the query's time."""
    address = served(app_of(lambda: small, Calls(timeout=300)))
    port = int(address.rpartition(":")[2])
    asked = str(httpx.Request("GET", f"{address}/sparql", params={"query": ENDLESS}).url.raw_path, "ascii")
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET {asked} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        wait_until(running)
        time.sleep(0.5)
        assert running() == 1
    until_none_runs()


def test_a_worker_of_another_task_is_not_ended(small: Graph) -> None:
    """If a client leaves just when its task is done, then its worker, which may have another's by then, lives on."""
    ends: list[Callable[[], None]] = []
    assert list(pool.run_in_worker(small, solutions, ("ASK {}",), 30, None, ends.append))
    worker = pool._idle[-1]
    ends[-1]()
    assert list(pool.run_in_worker(small, solutions, ("ASK {}",), 30))
    assert worker in pool._idle
    assert worker.process.poll() is None


def test_a_worker_that_is_ending_is_not_taken(small: Graph) -> None:
    """If a worker is ended just when its task is done, then it is given no other task."""
    for _ in range(5):
        ends: list[Callable[[], None]] = []

        def started(end: Callable[[], None], ends: list[Callable[[], None]] = ends) -> None:
            ends.append(end)
            if len(ends) == 2:
                ends[0]()

        assert list(pool.run_in_worker(small, solutions, ("ASK {}",), 30, None, started))
        assert list(pool.run_in_worker(small, solutions, ("ASK {}",), 30))


def test_more_requests_than_run_at_once(small: Graph) -> None:
    """If all that may run are running, then the next waits a little and is told when to ask again, with 503."""
    address = served(app_of(lambda: small, Calls(most=1, timeout=6, patience=0.5)))
    threading.Thread(
        target=httpx.get, args=(f"{address}/sparql",), kwargs={"params": {"query": ENDLESS}, "timeout": 30}
    ).start()
    wait_until(running)
    got = httpx.get(f"{address}/sparql", params={"query": "ASK {}"}, timeout=30)
    assert (got.status_code, got.json()["code"]) == (503, "KG751")
    page = httpx.get(f"{address}/questions", headers={"Accept": "text/html"}, timeout=30)
    assert page.status_code == 503
    assert int(got.headers["retry-after"]) == int(page.headers["retry-after"]) > 0
    until_none_runs()


def test_an_answer_too_large(small: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """If an answer has more bytes than a server holds, then none of it is sent: here the limit is made small."""
    monkeypatch.setattr(answer_tasks, "LARGEST", 1000)
    from kg.errors import UsageError

    with pytest.raises(UsageError) as caught:
        list(answer_tasks.answer_sparql(small, "SELECT * { ?s ?p ?o }", "csv", 0, None, ""))
    assert caught.value.problems[0].code == "KG752"


@pytest.mark.slow
def test_two_hundred_clients(small: Graph) -> None:
    """If 200 clients ask at once for a minute, then each request gets a whole 200 or a 503, and nothing is left."""
    address = served(app_of(lambda: small, Calls(timeout=10)))
    query, end = "SELECT * { ?s a ?c } ORDER BY ?s ?c", time.monotonic() + 60
    whole = httpx.get(f"{address}/sparql", params={"query": query}, timeout=30).content
    got: list[tuple[int, bytes]] = []

    def ask(number: int) -> None:
        with httpx.Client(timeout=60) as client:
            while time.monotonic() < end:
                # Some ask what is kept, the others what never was asked before.
                own = f"{query} #{number} {time.monotonic_ns()}" if number % 2 else query
                response = client.get(f"{address}/sparql", params={"query": own})
                got.append((response.status_code, response.content))

    clients = [threading.Thread(target=ask, args=(number,)) for number in range(200)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert {status for status, _content in got} <= {200, 503}
    assert {content for status, content in got if status == 200} == {whole}
    assert len(got) > 200
    until_none_runs()
