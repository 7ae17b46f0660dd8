"""Every IRI of the graph under the server's base: RDF in each format, and a page, of what it names."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx
import pyoxigraph
import pytest
from query_project import small, small_project  # noqa: F401 - fixtures
from web_server import served

from kg.graph.store import Graph
from kg.web.app import app_of
from kg.web.things import describe_thing

pytestmark = pytest.mark.server

FORMATS = {
    "text/turtle": pyoxigraph.RdfFormat.TURTLE,
    "application/ld+json": pyoxigraph.RdfFormat.JSON_LD,
    "application/n-triples": pyoxigraph.RdfFormat.N_TRIPLES,
}


@pytest.fixture(scope="module")
def address(small: Graph) -> str:  # noqa: F811 - the fixture
    return served(app_of(lambda: small))


def iris(graph: Graph) -> set[str]:
    """Every IRI of the graph below its base, without what comes after ``#``, which no request sends."""
    found = {term for triple in graph.triples() for term in triple if term.startswith(f"<{graph.project.base}")}
    return {term.strip("<>").partition("#")[0] for term in found}


def triples(content: bytes, media: str) -> set[str]:
    return {str(quad.triple) for quad in pyoxigraph.parse(content, format=FORMATS[media], without_named_graphs=True)}


def test_every_iri_is_described(small: Graph) -> None:  # noqa: F811 - the fixture
    """If an IRI stands anywhere in the graph, then its description holds all triples that have it as a subject."""
    every = iris(small)
    assert len(every) > 50
    subjects: dict[str, set[str]] = {}
    for s, p, o in small.triples():
        subjects.setdefault(s, set()).add(f"{s} {p} {o}")
    for iri in every:
        (found,) = describe_thing(small, f"<{iri}>", "ntriples")
        described = triples(found.content, "application/n-triples")
        assert described
        if not iri.endswith("/ontology"):
            assert subjects.get(f"<{iri}>", set()) <= described, iri


def test_each_kind_over_http(address: str, small: Graph) -> None:  # noqa: F811 - the fixture
    """If an IRI of any kind is asked for, then each format of RDF has the same triples, and HTML is a page."""
    kinds = {iri.removeprefix(small.project.base).partition("/")[0]: iri for iri in sorted(iris(small))}
    assert kinds.keys() >= {"id", "document", "claim", "statement", "period", "ontology"}
    for iri in kinds.values():
        at = address + "/" + iri.removeprefix(small.project.base)
        found = {}
        for media in FORMATS:
            got = httpx.get(at, headers={"Accept": media}, timeout=30)
            assert (got.status_code, got.headers["content-type"].partition(";")[0]) == (200, media), at
            found[media] = triples(got.content, media)
            again = httpx.get(at, headers={"Accept": media, "If-None-Match": got.headers["etag"]}, timeout=30)
            assert (again.status_code, again.content) == (304, b"")
        assert len(set(map(frozenset, found.values()))) == 1
        page = httpx.get(at, headers={"Accept": "text/html,*/*;q=0.8"}, timeout=30, follow_redirects=True)
        assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (200, "text/html"), at


def test_links_lead_to_each_format(address: str, small: Graph) -> None:  # noqa: F811 - the fixture
    """If a thing is described, then it links to its other formats, to its IRI, and to what describes the dataset."""
    got = httpx.get(f"{address}/id/alliance.ttl", timeout=30)
    links = re.findall(r'<([^>]*)>; rel="([\w-]+)"(?:; type="([^"]*)")?', got.headers["link"])
    assert (f"{small.project.base}id/alliance", "cite-as", "") in links
    assert ("/.well-known/void", "describedby", "") in links
    for target, relation, media in links:
        if relation == "alternate":
            other = httpx.get(address + target, timeout=30)
            assert (other.status_code, other.headers["content-type"].partition(";")[0]) == (200, media)


def test_the_dataset_and_its_questions(address: str, small: Graph) -> None:  # noqa: F811 - the fixture
    """If an IRI of the manifest or of a question is asked for, then it leads there too."""
    manifest = triples(httpx.get(f"{address}/.well-known/void?", timeout=30).content, "text/turtle")
    base = small.project.base
    named = {
        urlsplit(iri).path for triple in manifest for iri in re.findall(rf"<({base}(?:dataset|graph)[^>#]*)", triple)
    }
    assert named
    for path in named:
        got = httpx.get(address + path.removeprefix(urlsplit(base).path.rstrip("/")), timeout=30)
        assert got.status_code == 200, path
    moved = httpx.get(f"{address}/query/members?organisation=alliance", timeout=30)
    assert (moved.status_code, moved.headers["location"]) == (303, f"{address}/queries/members?organisation=alliance")


@pytest.mark.parametrize(
    ("path", "accept", "status", "code"),
    [
        ("id/nobody", "text/turtle", 404, "KG759"),
        ("id/alli%3E%20ance", "text/turtle", 400, "KG657"),
        ("id/alliance", "image/png", 406, "KG754"),
        ("id/alliance?only=none-such", "text/turtle", 400, "KG302"),
        ("id/..%2F..%2Fetc", "text/turtle", 404, "KG759"),
        ("nothing/here", "text/turtle", 404, "KG759"),
        ("claim/nowhere/nothing", "text/turtle", 404, "KG759"),
    ],
)
def test_what_is_not_there(path: str, accept: str, status: int, code: str, address: str) -> None:
    """If an address names nothing, or no format is accepted, then a problem says so."""
    got = httpx.get(f"{address}/{path}", headers={"Accept": accept}, timeout=30)
    assert (got.status_code, got.json().get("code", "")) == (status, code)


def test_a_slash_at_the_end_leads_to_the_thing(address: str) -> None:
    """If an address of a thing ends with a slash, then it leads to the one without, parameters kept."""
    for path in ("id/alliance", "document/one"):
        moved = httpx.get(f"{address}/{path}/?lang=sr", headers={"Accept": "text/turtle"}, timeout=30)
        assert (moved.status_code, moved.headers["location"]) == (307, f"{address}/{path}?lang=sr")


def test_no_claim_is_no_place_on_a_page(address: str) -> None:
    """If the page of a claim that is not there is asked for, then the answer says so, and leads nowhere."""
    got = httpx.get(f"{address}/claim/nowhere/nothing", headers={"Accept": "text/html"}, timeout=30)
    assert got.status_code == 404
