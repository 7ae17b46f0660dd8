"""Answers that are kept: the same again without a worker, within bounds, and never of another build or view."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from query_project import make_small, small, small_project  # noqa: F401 - fixtures
from web_server import served

from kg.graph.build import build
from kg.graph.store import Graph
from kg.web import answer_cache, calls
from kg.web.app import app, app_of
from kg.web.calls import Calls

pytestmark = pytest.mark.server


class Counting(Calls):
    """Counts the tasks that are done."""

    done = 0

    async def item(self, *arguments: Any) -> Any:
        """Count it, and do it."""
        self.done += 1
        return await super().item(*arguments)


@pytest.fixture
def counted(small: Graph) -> tuple[str, Counting]:  # noqa: F811 - the fixture
    calls = Counting()
    return served(app_of(lambda: small, calls)), calls


def test_the_same_again_without_a_worker(counted: tuple[str, Counting]) -> None:
    """If something is asked again, then the answer is the same, headers too, and no task is done."""
    address, calls = counted
    known = "/sparql?query=SELECT%20%3FknownFrom%20%7B%7D"
    for path in ("/queries/members.json", "/sparql?query=ASK%20%7B%7D", known, "/id/alliance.ttl", "/openapi.json"):
        before = calls.done
        first, second = (httpx.get(address + path, timeout=30) for _ in range(2))
        assert (first.status_code, first.content) == (200, second.content)
        assert {**first.headers, "date": ""} == {**second.headers, "date": ""}
        assert calls.done == before + 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/queries/members.json?as-of=2017", {}),
        ("/queries/members.json?lang=sr-Cyrl", {}),
        ("/queries/members", {"Accept": "text/csv"}),
        ("/queries/members.json", {"Cache-Control": "no-cache"}),
    ],
)
def test_what_differs_is_asked_anew(path: str, headers: dict[str, str], counted: tuple[str, Counting]) -> None:
    """If the view, the language or the format is another, or the client wants it anew, then a task is done."""
    address, calls = counted
    httpx.get(f"{address}/queries/members.json", timeout=30)
    httpx.get(address + path, headers=headers, timeout=30)
    assert calls.done == 2


@pytest.mark.parametrize("query", ["SELECT (RAND() AS ?r) {}", "SELECT (uuid() AS ?r) {}"])
def test_what_changes_is_not_kept(query: str, counted: tuple[str, Counting]) -> None:
    """If a query gives something else each time, then its answer is not kept."""
    address, _calls = counted
    first, second = (httpx.get(f"{address}/sparql", params={"query": query}, timeout=30) for _ in range(2))
    assert first.status_code == 200
    assert first.json()["results"] != second.json()["results"]


def test_many_at_once_want_one_worker(counted: tuple[str, Counting]) -> None:
    """If many clients ask the same at once, then one task is done, and all get its answer."""
    address, calls = counted
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?c }"
    got: list[tuple[int, bytes]] = []

    def ask() -> None:
        response = httpx.get(f"{address}/sparql", params={"query": query}, timeout=60)
        got.append((response.status_code, response.content))

    clients = [threading.Thread(target=ask) for _ in range(20)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert len(got) == 20
    assert len(set(got)) == 1
    assert got[0][0] == 200
    assert calls.done == 1


def test_no_more_than_fits(counted: tuple[str, Counting], monkeypatch: pytest.MonkeyPatch) -> None:
    """If there is no more room, then what was asked longest ago goes; what is large alone is not kept."""
    monkeypatch.setattr(answer_cache, "_ALL", 3 * answer_cache._BESIDE)
    address, calls = counted
    asked = [f"/sparql?query=SELECT%20({n}%20AS%20%3Fn)%20%7B%7D" for n in range(4)]
    for path in (*asked, asked[3], asked[0]):
        assert httpx.get(address + path, timeout=30).status_code == 200
    assert calls.done == 5
    monkeypatch.setattr(answer_cache, "_ONE", 10)
    for _ in range(2):
        httpx.get(f"{address}/queries/members.csv", timeout=30)
    assert calls.done == 7


@pytest.mark.slow
def test_a_rebuild_under_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the graph is built anew while clients ask, then each gets the old answer or the new one."""
    monkeypatch.setattr(calls, "_INTERVAL", 0.1)
    project = make_small(tmp_path / "project")
    address = served(app(project))
    old = httpx.get(f"{address}/queries/organisations.json", timeout=30).json()["kg"]["question"]
    got: list[tuple[int, str]] = []
    over = threading.Event()

    def ask() -> None:
        with httpx.Client(timeout=60) as client:
            n = 0
            while not over.is_set():
                n += 1
                found = client.get(f"{address}/queries/organisations.json", params={"limit": str(1000 + n % 5)})
                got.append((found.status_code, found.json().get("kg", {}).get("question", "")))

    clients = [threading.Thread(target=ask) for _ in range(8)]
    for client in clients:
        client.start()
    query = project.root / "queries" / "organisations.rq"
    query.write_text(query.read_text(encoding="utf-8").replace("Which organisations", "What"), encoding="utf-8")
    build(project)
    over.wait(1)
    over.set()
    for client in clients:
        client.join()
    assert {status for status, _question in got} <= {200, 503}
    assert {question for status, question in got if status == 200} == {old, "What are there?"}
    assert (
        httpx.get(f"{address}/queries/organisations.json", timeout=30).json()["kg"]["question"] == "What are there?"
    )
