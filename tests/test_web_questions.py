"""``/queries/NAME`` over a real connection: values and view in the address, formats, entity tags, problems."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from pathlib import Path

import httpx
import pytest
from query_project import make_small
from web_server import served

import kg.web.media
from kg.corpus.query_files import read_saved_queries
from kg.errors import UsageError
from kg.graph.build import build
from kg.graph.store import Graph
from kg.graph.views import view_of
from kg.project import Project
from kg.queries import run
from kg.render.formats import Settings, render
from kg.web.address_parameters import single
from kg.web.app import app, app_of
from kg.web.questions import OWN

pytestmark = pytest.mark.server
CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def address(small: Graph) -> str:
    return served(app_of(lambda: small))


def get(address: str, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{address}/queries/{path}", headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize(
    ("asked", "values", "view"),
    [
        ("members", {}, {}),
        ("members?organisation=alliance", {"organisation": "alliance"}, {}),
        ("members?as-of=2017", {}, {"as_of": "2017"}),
        ("members?as_of=2017", {}, {"as_of": "2017"}),
        ("organisations?accept=affirmed", {}, {"accept": "affirmed"}),
        ("echo?words=a%20%22b%22%20%3C%26&whole=3", {"words": 'a "b" <&', "whole": "3"}, {}),
    ],
)
def test_the_answer_is_the_librarys(asked, values, view, address: str, small: Graph) -> None:
    """If a question is asked by its address, then the answer is the one that ``kg.queries.run`` gives."""
    name, dot, parameters = asked.partition("?")
    expected = run(small.in_view(view_of(**view)), name, values)
    for ending in ("json", "csv", "tsv", "xml", "md"):
        assert get(address, f"{name}.{ending}{dot}{parameters}").text == render(
            expected, ending, Settings(look_up=False)
        ), ending


def test_what_is_contested(address: str, small: Graph) -> None:
    """If contested facts may change an answer, then it says so, and with evidence it says how."""
    plain, full = (get(address, f"organisations.json{asked}").json()["kg"]["notes"] for asked in ("", "?evidence=1"))
    assert full == run(small, "organisations").notes
    assert len([note for note in plain if "evidence=1" in note]) == 1


def test_evidence(address: str) -> None:
    """If evidence is asked for, then every row has its own, down to claims."""
    found = get(address, "members.json?evidence=1").json()
    assert len(found["kg"]["evidence"]) == len(found["results"]["bindings"]) > 0
    assert all(row["triples"] for row in found["kg"]["evidence"])


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/html,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("*/*", "application/sparql-results+json"),
    ],
)
def test_negotiation(accept: str, media: str, address: str) -> None:
    """If an address has no ending, then the format is the one that the client wants most."""
    got = get(address, "members", Accept=accept)
    assert got.headers["content-type"].partition(";")[0] == media
    assert "Accept" in got.headers["vary"]


def test_links(address: str) -> None:
    """If an answer is given, then it links to itself in every other format, to its IRI and to the description."""
    got = get(address, "members?organisation=alliance")
    links = re.findall(r'<([^>]*)>; rel="([\w-]+)"(?:; type="([^"]*)")?', got.headers["link"])
    alternates = {target: media for target, relation, media in links if relation == "alternate"}
    assert len(alternates) == 7 + 1
    for target, media in alternates.items():
        other = httpx.get(address + target)
        assert (other.status_code, other.headers["content-type"].partition(";")[0]) == (200, media)
    assert ("https://w3id.org/serbia-kg/query/members", "cite-as", "") in links
    assert ("/.well-known/void", "describedby", "") in links


def test_workbooks_are_offered_where_they_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library that writes workbooks, they are no format of an answer."""
    monkeypatch.setattr(kg.web.media, "find_spec", lambda _: None)
    kg.web.media._rows.cache_clear()
    try:
        assert "xlsx" not in kg.web.media.offered("SELECT").values()
    finally:
        kg.web.media._rows.cache_clear()


def test_tags(address: str) -> None:
    """If a client has an answer, then it is told so with 304; another value, view or format has another tag."""
    first = get(address, "members")
    tag = first.headers["etag"]
    again = get(address, "members", If_None_Match=f'"other", {tag}')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert get(address, "members", If_None_Match='"other"').status_code == 200
    others = ("members?organisation=alliance", "members?as-of=2017", "members.csv", "members?lang=sr-Cyrl")
    assert len({tag, *(get(address, other).headers["etag"] for other in others)}) == 5


def test_a_rebuilt_graph_is_noticed(tmp_path: Path) -> None:
    """If the graph is built anew while it is served, then answers come from the new build, with another tag."""
    project = make_small(tmp_path / "project")
    address = served(app(project))
    first = get(address, "organisations")
    query = project.root / "queries" / "organisations.rq"
    query.write_text(query.read_text(encoding="utf-8").replace("Which organisations", "What"), encoding="utf-8")
    assert get(address, "organisations").headers["etag"] == first.headers["etag"]
    build(project)
    time.sleep(1.1)
    second = get(address, "organisations")
    assert second.headers["etag"] != first.headers["etag"]
    assert second.json()["kg"]["question"] == "What are there?"


REFUSED = [
    ("member", 404, "KG651"),
    ("members.pdf", 404, "KG651"),
    ("..%2Fmembers", 404, "KG759"),
    ("members.ttl", 406, "KG754"),
    ("members?organization=alliance", 400, "KG652"),
    ("members?organisation=nowhere", 400, "KG655"),
    ("members?organisation=a&organisation=b", 400, "KG753"),
    ("members?as-of=2016&as_of=2017", 400, "KG753"),
    ("members?only=none-such", 400, "KG302"),
    ("members?accept=all", 400, "KG301"),
    ("members?certain=1", 400, "KG304"),
    ("members?limit=-1", 400, "KG667"),
    ("members?limit=9999999999999", 400, "KG667"),
    ("echo?whole=much", 400, "KG654"),
    ("echo?colour=green", 400, "KG659"),
    ("echo?words=%FF", 400, "KG753"),
]


@pytest.mark.parametrize(("asked", "status", "code"), REFUSED)
def test_problems(asked: str, status: int, code: str, address: str) -> None:
    """If something does not exist or is not allowed, then the problem has its code, its words and its remedy."""
    got = get(address, asked)
    assert (got.status_code, got.headers["content-type"]) == (status, "application/problem+json")
    problem = got.json()
    assert problem.get("code", "") == code
    assert not code or problem["remedy"]


def test_all_problems_come_together(address: str) -> None:
    """If several parameters are not there, then each is named, with the nearest that is."""
    problems = get(address, "members?organization=x&organisations=y").json()["problems"]
    assert [problem["code"] for problem in problems] == ["KG652", "KG652"]
    assert all("organisation" in problem["remedy"] for problem in problems)


def test_a_cut_answer_says_so(address: str) -> None:
    """If there are more rows than were asked for, then a header says how many came, whatever the format."""
    whole, cut = get(address, "organisations.csv"), get(address, "organisations.csv?limit=1")
    assert len(whole.text.splitlines()) > len(cut.text.splitlines()) == 2
    assert (cut.headers["x-sparql-maxrows"], "x-sparql-maxrows" in whole.headers) == ("1", False)


def test_script_in_a_value_stays_text(address: str) -> None:
    """If a value holds markup, then a page shows it as text, and the policy runs nothing in it."""
    got = get(address, "echo.html?words=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>" not in got.text
    assert "&lt;script&gt;" in got.text
    assert "script-src 'self';" in got.headers["content-security-policy"]
    asked = {"query": "SELECT ('<script>' AS ?x) {}"}
    table = httpx.get(f"{address}/sparql", params=asked, headers={"accept": "text/html"})
    assert "<script" not in table.text
    (style,) = re.findall("<style>(.*?)</style>", table.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in table.headers["content-security-policy"]


def test_no_question_has_a_parameter_that_an_address_takes() -> None:
    """If a question of this project has a parameter, then its name is none of those that choose view and format."""
    queries, problems = read_saved_queries(Project(CHECKOUT))
    assert len(queries) > 50
    assert not problems
    for query in queries.values():
        assert not {each.name for each in query.parameters} & set(OWN), query.name


def test_documents_may_be_given_one_by_one() -> None:
    """If documents are given as the switches of a form send them, then all of them count; others come once."""
    assert single([("without", "a"), ("lang", "sr"), ("without", "b")]) == {"without": "a,b", "lang": "sr"}
    with pytest.raises(UsageError, match="twice"):
        single([("lang", "sr"), ("lang", "en")])
