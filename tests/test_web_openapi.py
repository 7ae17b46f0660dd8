"""OpenAPI of the server: valid, whole, and true: a client made from it asks, and every example is answered."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from query_project import small, small_project  # noqa: F401 - fixtures
from web_server import served

from kg.graph.store import Graph, open_graph
from kg.project import Project
from kg.queries import run
from kg.web.address_parameters import VIEW
from kg.web.app import app_of

validator = pytest.importorskip("openapi_spec_validator")
pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def address(small: Graph) -> str:  # noqa: F811 - the fixture
    return served(app_of(lambda: small))


def described(address: str) -> dict[str, Any]:
    return httpx.get(f"{address}/openapi.json", timeout=60).json()


def operations(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The operation of each question by its path."""
    return {path: item["get"] for path, item in spec["paths"].items() if path.startswith("/queries/")}


def example_of(operation: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each["example"] for each in operation["parameters"] if "example" in each}


def test_it_is_valid_and_whole(address: str, small: Graph) -> None:  # noqa: F811 - the fixture
    """If the server describes itself, then by the rules of OpenAPI 3.1, with every question and every parameter."""
    spec = described(address)
    validator.validate(spec)
    assert spec["openapi"].startswith("3.1")
    assert spec["info"]["version"] == small.version
    assert set(operations(spec)) == {f"/queries/{name}" for name in small.queries}
    shared = set(spec["components"]["parameters"])
    assert shared >= {*VIEW, "limit", "undated", "evidence"}
    for name, query in small.queries.items():
        operation = spec["paths"][f"/queries/{name}"]["get"]
        own = [each["name"] for each in operation["parameters"] if "name" in each]
        assert own == [parameter.name for parameter in query.parameters]
        assert operation["summary"] == query.summary


def test_a_client_made_from_it(address: str, small: Graph) -> None:  # noqa: F811 - the fixture
    """If another project's client reads the description, then it asks a question with it and reads the answer."""
    client = pytest.importorskip("aiopenapi3")

    class Session(client.openapi.httpx2.Client):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.headers["Accept"] = "application/json"

    api = client.OpenAPI.load_sync(f"{address}/openapi.json", session_factory=Session)
    request = api.createRequest("members")
    _headers, answer, response = request.request(parameters={"organisation": "alliance", "lang": "sr-Latn"})
    assert response.status_code == 200
    found = answer.results.bindings
    assert len(found) == len(run(small, "members", {"organisation": "alliance"})) > 0


def answers_every_example(address: str) -> None:
    spec = described(address)
    assert operations(spec)
    for path, operation in operations(spec).items():
        asked = example_of(operation)
        got = httpx.get(address + path, params=asked, headers={"Accept": "application/json"}, timeout=60)
        assert got.status_code == 200, (path, asked, got.text)
        assert got.json()["head"]
        assert got.headers["content-type"].partition(";")[0] in operation["responses"]["200"]["content"]


def test_every_example_is_answered(address: str) -> None:
    """If an example of the description is asked, then it is answered."""
    answers_every_example(address)


@pytest.mark.slow
def test_every_example_of_this_graph_is_answered() -> None:
    """If an example of this graph's own description is asked, then it is answered; the description is valid."""
    graph = open_graph(Project.find())
    address = served(app_of(lambda: graph))
    validator.validate(described(address))
    answers_every_example(address)
