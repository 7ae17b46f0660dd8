"""Every address: what it allows, what is near one that there is not, and hostile text in each field and parameter."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlencode

import httpx
import pytest

from kg.graph.store import Graph
from kg.web.address_parameters import VIEW
from kg.web.app import app_of
from kg.web.questions import OWN
from tests.query_project import small, small_project  # noqa: F401 - fixtures
from tests.web_server import served

pytestmark = pytest.mark.server
SCRIPT = "<script>alert(1)</script>"
HOSTILE = f"\"'></title></textarea>{SCRIPT}<img src=x onerror=alert(1)>{{{{7*7}}}}"
#: An address of each route that has a place for a name, and the others.
ADDRESSES = (
    "/", "/ask", "/questions", "/entities", "/documents", "/conflicts", "/timeline", "/polls", "/ontology", "/search",
    "/check", "/editor", "/complete", "/queries", "/queries/members", "/id/serbia", "/document/first-2017",
    "/ontology/Country", "/claim/first-2017/x", "/sparql", "/openapi.json", "/.well-known/void",
    "/ontology.html", "/graph/view/default", "/static/style.css",
)  # fmt: skip
HEADERS = ("Accept", "Accept-Language", "Origin", "Referer", "If-None-Match", "User-Agent", "Content-Type", "Cookie")


@pytest.fixture(scope="module")
def client(small: Graph) -> Iterator[httpx.Client]:  # noqa: F811 - the fixture
    address = served(app_of(lambda: small))
    with httpx.Client(base_url=address, timeout=60, headers={"Accept": "text/html"}) as made:
        yield made


class Fields(HTMLParser):
    """The forms of a page: method, address, and the names of their fields; and whether a script would run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, list[str]]] = []
        self.runs: list[str] = []
        self.feed(text)

    def handle_starttag(self, name: str, given: list[tuple[str, str | None]]) -> None:
        """Note forms, fields, and whatever would run."""
        values = {key: value or "" for key, value in given}
        if name == "form":
            self.forms.append((values.get("method", "get"), values["action"], []))
        elif name in ("input", "select", "textarea") and self.forms and "name" in values:
            self.forms[-1][2].append(values["name"])
        foreign = name == "script" and not values.get("src", "").startswith("/static/")
        if foreign or any(key.startswith("on") or value.startswith("javascript:") for key, value in values.items()):
            self.runs.append(f"{name} {values}")


def harmless(got: httpx.Response) -> bool:
    """Whether a response is whole and runs nothing of what was sent; other formats than HTML say that they are."""
    assert got.status_code < 500, got.text[:300]
    assert "set-cookie" not in got.headers
    assert "default-src 'none'" in got.headers["content-security-policy"]
    assert got.headers["x-content-type-options"] == "nosniff"
    kind = got.headers.get("content-type", "")
    assert kind.startswith("text/html") or not got.content or kind, got.url
    return not kind.startswith("text/html") or (not Fields(got.text).runs and SCRIPT not in got.text)


def test_hostile_text_in_every_field(client: httpx.Client) -> None:
    """If each field of each form on each page gets markup, alone and all together, then no page runs it."""
    forms = {
        (method, action, tuple(names))
        for path in ADDRESSES
        for method, action, names in Fields(client.get(path, follow_redirects=True).text).forms
    }
    assert len({action for _method, action, _names in forms}) >= 5
    for method, action, names in forms:
        for values in [*({name: HOSTILE} for name in names), dict.fromkeys(names, HOSTILE)]:
            sent = {"data": values} if method == "post" else {"params": values}
            got = client.request(method, action, **sent, follow_redirects=True)  # type: ignore[arg-type]  # either
            assert harmless(got), (action, values)


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_hostile_text_in_every_parameter(accept: str, client: httpx.Client) -> None:
    """If each address gets markup in its parameters, name and value, or in its path, then nothing runs it."""
    names = dict.fromkeys((*VIEW, *OWN, "q", "of", "query", "first", "subject", "on", HOSTILE))
    for path in ADDRESSES:
        for asked in [
            *(
                urlencode({name: HOSTILE})
                for name in (names if path in ("/ask", "/queries/members") else ("lang", "q", HOSTILE))
            )
        ]:
            assert harmless(client.get(f"{path}?{asked}", headers={"Accept": accept})), (path, asked)
        assert harmless(client.get(f"{path}/{HOSTILE}", headers={"Accept": accept})), path


def test_hostile_text_in_every_header(client: httpx.Client) -> None:
    """If a header holds markup, then no page shows it as such; one that names another host is refused."""
    for name in HEADERS:
        for path in ("/", "/queries/members", "/sparql", "/none"):
            assert harmless(client.get(path, headers={name: HOSTILE})), (name, path)
    assert client.get("/", headers={"Host": f"a{SCRIPT}"}).status_code in (400, 421)


@pytest.mark.parametrize("path", ADDRESSES)
def test_head_and_options(path: str, client: httpx.Client) -> None:
    """If an address is asked for its head alone, then it is that of the answer; OPTIONS tells what it takes."""
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers.get("content-type") == whole.headers.get("content-type")
    options = client.options(path)
    allowed = set(options.headers["allow"].split(", "))
    assert options.status_code == 204
    assert {"GET", "HEAD", "OPTIONS"} <= allowed
    assert ("POST" in allowed) == (path in ("/check", "/sparql"))


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/timeline.csv", "/timeline"),
        ("/documents.json", "/documents"),
        ("/sparq", "/sparql"),
        ("/queries/member", "members"),
        ("/nothing-like-it", "/openapi.json"),
        ("/static/none.css", "/openapi.json"),
    ],
)
def test_an_address_that_there_is_not(path: str, near: str, client: httpx.Client) -> None:
    """If nothing is at an address, then a browser gets a page and a program a problem, both with what is near."""
    got = client.get(path, follow_redirects=True)
    assert got.status_code == 404
    assert got.headers["content-type"].startswith("text/html")
    assert near in got.text
    told = client.get(path, headers={"Accept": "application/json"}, follow_redirects=True)
    assert told.headers["content-type"] == "application/problem+json"
    assert (told.json()["status"], near in told.text) == (404, True)


def test_browsers_get_pages_and_programs_descriptions(client: httpx.Client) -> None:
    """If a browser opens the endpoint or the questions, then it comes to pages; a program to RDF and JSON."""
    assert client.get("/sparql").headers["location"].endswith("/editor")
    assert client.get("/queries").headers["location"] == "/questions"
    assert client.get("/queries", headers={"Accept": "*/*"}).headers["location"] == "/openapi.json"
    assert client.get("/sparql", headers={"Accept": "text/turtle"}).headers["content-type"].startswith("text/turtle")
