"""``/sparql`` over a real connection: the W3C's suite, formats, what is refused, and other people's clients."""

from __future__ import annotations

from pathlib import Path

import httpx
import pyoxigraph
import pytest
import rdflib
from query_project import make_small
from web_server import served

from kg.graph.build import build
from kg.graph.store import Graph
from kg.project import Project
from kg.web.app import app_of

SUITES = Path(__file__).parents[2] / "shared" / "suites" / "sparql11"
DATA = "http://kasei.us/2009/09/sparql/data/"
HT, CNT = rdflib.Namespace("http://www.w3.org/2011/http#"), rdflib.Namespace("http://www.w3.org/2011/content#")
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
#: Media types of each kind of result that the suite asks for.
EXPECTED = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {"application/sparql-results+json", "application/sparql-results+xml", "text/csv"},
    "RDF": {"text/turtle", "application/n-triples", "application/rdf+xml"},
}

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server of the small project, with the graphs of the suite in the store where they are to be had."""
    project: Project = make_small(tmp_path_factory.mktemp("served"))
    snapshot = build(project, named_graphs=True)
    store = pyoxigraph.Store(str(snapshot.store_path))
    for path in sorted(SUITES.glob("protocol/*.nt")):
        name = pyoxigraph.NamedNode(f"{DATA}{path.stem}.rdf")
        store.load(path.read_bytes(), format=pyoxigraph.RdfFormat.N_TRIPLES, to_graph=name)
    store.flush()
    del store
    graph = Graph(project, snapshot)
    return served(app_of(lambda: graph))


def ask(address: str, query: str, accept: str = "*/*", **parameters: str) -> httpx.Response:
    return httpx.get(f"{address}/sparql", params={"query": query, **parameters}, headers={"Accept": accept})


# -- the W3C's suite


def suite() -> list[tuple[str, rdflib.Graph, rdflib.term.Node]]:
    """The cases of the suite for queries, by name."""
    if not SUITES.is_dir():
        return []
    manifest = rdflib.Graph().parse(SUITES / "protocol" / "manifest.ttl")
    cases = sorted(manifest.subjects(rdflib.RDF.type, MF.ProtocolTest))
    names = [(str(case).rpartition("#")[2], manifest, case) for case in cases]
    return [each for each in names if "update" not in each[0]]


@pytest.mark.skipif(not SUITES.is_dir(), reason="the W3C's suite is not beside this checkout")
def test_the_suite_is_whole() -> None:
    """If the suite is there, then it has twenty cases for queries."""
    assert len(suite()) == 20


@pytest.mark.parametrize(
    ("name", "manifest", "case"), suite(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_protocol_suite(name: str, manifest: rdflib.Graph, case: rdflib.term.Node, address: str) -> None:
    """If a request of the W3C's SPARQL 1.1 Protocol suite is sent, then the response is the expected one."""
    requests = manifest.value(manifest.value(case, MF.action), HT.requests)
    for request in rdflib.collection.Collection(manifest, requests):
        path = str(manifest.value(request, HT.absolutePath)).replace("/sparql/", "/sparql", 1)
        body, headers = manifest.value(request, HT.body), manifest.value(request, HT.headers)
        content = None
        if body is not None:
            encoding = str(manifest.value(body, CNT.characterEncoding))
            content = str(manifest.value(body, CNT.chars)).encode(encoding)
        sent = {
            str(manifest.value(each, HT.fieldName)): str(manifest.value(each, HT.fieldValue))
            for each in (rdflib.collection.Collection(manifest, headers) if headers else ())
        }
        method = str(manifest.value(request, HT.methodName))
        got = httpx.request(method, address + path, content=content, headers=sent)
        expected = manifest.value(request, HT.resp)
        statuses = {str(each)[-3] for each in manifest.objects(expected, MF.expectedStatus)}
        assert str(got.status_code)[0] in statuses, got.text
        form = manifest.value(expected, MF.expectedFormat)
        if form is not None:
            assert got.headers["content-type"].partition(";")[0] in EXPECTED[str(form)]
        boolean = manifest.value(expected, MF.expectedBoolean)
        if boolean is not None:
            assert got.json()["boolean"] == boolean.toPython()


@pytest.mark.parametrize("accept", ["*/*", "text/turtle", "application/n-triples", "application/rdf+xml"])
def test_service_description(accept: str, address: str) -> None:
    """If the endpoint is asked nothing, then it describes itself in RDF: a service with this endpoint.

    The three cases of the W3C's suite, in each format: it is RDF, names the endpoint, and follows the schema.
    """
    got = httpx.get(f"{address}/sparql", headers={"Accept": accept})
    described = rdflib.Graph().parse(data=got.content, format=got.headers["content-type"].partition(";")[0])
    (service,) = described.subjects(SD.endpoint, rdflib.URIRef(f"{address}/sparql"))
    assert (service, rdflib.RDF.type, SD.Service) in described
    (dataset,) = described.objects(service, SD.defaultDataset)
    assert (dataset, rdflib.RDF.type, SD.Dataset) in described
    assert all(
        (graph, rdflib.RDF.type, SD.Graph) in described for graph in described.objects(dataset, SD.defaultGraph)
    )


# -- formats

ROWS = {
    "application/sparql-results+json": lambda text: '"uri"' in text,
    "application/json": lambda text: '"uri"' in text,
    "application/sparql-results+xml": lambda text: "<uri>" in text,
    "text/csv": lambda text: text.startswith("s\n"),
    "text/tab-separated-values": lambda text: text.startswith("?s\n"),
    "text/html": lambda text: text.startswith("<!DOCTYPE html>"),
    "text/markdown": lambda text: "|" in text,
}


@pytest.mark.parametrize("media", ROWS)
def test_rows_in_every_format(media: str, address: str) -> None:
    """If a format of rows is accepted, then the rows come in it."""
    got = ask(address, "SELECT ?s { ?s a ?c } LIMIT 1", media)
    assert got.headers["content-type"].partition(";")[0] == media
    assert ROWS[media](got.text)


@pytest.mark.parametrize(
    "media", ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"]
)
def test_triples_in_every_format(media: str, address: str) -> None:
    """If a format of triples is accepted, then the triples come in it."""
    got = ask(address, "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c }", media)
    form = "json-ld" if media.endswith("ld+json") else media
    assert got.headers["content-type"].partition(";")[0] == media
    assert len(rdflib.Graph().parse(data=got.content, format=form)) > 10


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv;q=0.5, text/html;q=0.4", "text/csv"),
        ("text/*;q=0.2, application/*;q=0.1", "text/csv"),
        ("*/*;q=0.1, application/sparql-results+json;q=0", "application/sparql-results+xml"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/csv;q=often, text/html;q=0.1", "text/html"),
        ("text/csv;q=nan, text/markdown;q=7, text/html;q=0.1", "text/html"),
    ],
)
def test_what_is_wanted_most(accept: str, media: str, address: str) -> None:
    """If several formats are accepted, then the one that is wanted most comes."""
    assert ask(address, "SELECT * {} LIMIT 1", accept).headers["content-type"].partition(";")[0] == media


# -- what is refused

REFUSED = [
    ("GET", {"query": "SELECT * {"}, "", None, 400, "KG604"),
    ("GET", {"query": "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"}, "", None, 400, "KG601"),
    ("GET", {"query": "SELECT * FROM <http://127.0.0.1:1/> { ?s ?p ?o }"}, "", None, 400, "KG601"),
    ("GET", {"query": "ASK {}", "named-graph-uri": "no iri"}, "", None, 400, "KG657"),
    ("GET", {"query": "ASK {}", "without": "no-such-document"}, "", None, 400, "KG302"),
    ("GET", {"query": "ASK {}", "as-of": "then"}, "", None, 400, "KG303"),
    ("GET", {"query": "ASK {}", "lang": "xx"}, "", None, 400, "KG664"),
    ("GET", {"query": "DROP ALL"}, "", None, 400, "KG602"),
    ("GET", {"update": "DROP ALL"}, "", None, 403, "KG750"),
    ("POST", {}, "application/sparql-update", b"DROP ALL", 403, "KG750"),
    ("POST", {}, "application/x-www-form-urlencoded", b"update=DROP+ALL", 403, "KG750"),
    ("POST", {}, "application/x-www-form-urlencoded", b"query=%FF", 400, "KG753"),
    ("POST", {}, "application/sparql-query", b"\xff", 400, "KG753"),
    ("POST", {}, "application/sparql-query", b"#" * (1 << 23), 413, "KG608"),
    ("POST", {}, "text/plain", b"ASK {}", 415, "KG756"),
]


@pytest.mark.parametrize(("method", "parameters", "kind", "content", "status", "code"), REFUSED)
def test_what_is_refused(method, parameters, kind, content, status, code, address: str) -> None:
    """If a request is no query of this graph, then its problem is given with its code and remedy (RFC 9457)."""
    headers = {"Content-Type": kind} if kind else {}
    got = httpx.request(method, f"{address}/sparql", params=parameters, content=content, headers=headers)
    assert (got.status_code, got.headers["content-type"]) == (status, "application/problem+json")
    problem = got.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]
    assert problem["remedy"]


def test_nothing_acceptable(address: str) -> None:
    """If a client accepts no format of the result, then it is told which there are, with 406."""
    got = ask(address, "ASK {}", "image/png")
    assert (got.status_code, got.json()["code"]) == (406, "KG754")
    assert "text/csv" in got.json()["remedy"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "127.0.0.1:x"])
def test_another_host_is_refused(host: str, address: str) -> None:
    """If a request names a host that is not loopback, then nothing is answered: a page's name was bound anew."""
    got = httpx.get(f"{address}/sparql", params={"query": "ASK {}"}, headers={"Host": host})
    assert (got.status_code, got.json()["code"]) == (421, "KG755")


@pytest.mark.parametrize("path", ["/sparql", "/sparql?query=ASK%20%7B", "/.well-known/void", "/nothing"])
def test_headers_of_every_response(path: str, address: str) -> None:
    """If anything is answered, then browsers may run and fetch nothing from elsewhere, and no cookie is set."""
    got = httpx.get(address + path, headers={"Origin": "https://elsewhere.example"})
    assert got.headers["content-security-policy"].startswith("default-src 'none'")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in got.headers
    assert "access-control-allow-credentials" not in got.headers


def test_a_fault_of_ours() -> None:
    """If a handler fails unexpectedly, then the client gets the code, the headers and nothing of the traceback."""
    got = httpx.get(f"{served(app_of(lambda: 1 / 0))}/sparql")  # type: ignore[arg-type]  # fails on purpose
    assert (got.status_code, got.json()["code"]) == (500, "KG999")
    assert "ZeroDivision" not in got.text
    assert "content-security-policy" in got.headers


def test_a_page_elsewhere_may_post(address: str) -> None:
    """If a page of another origin asks whether it may post a query, then it may."""
    headers = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    got = httpx.options(f"{address}/sparql", headers=headers)
    assert got.status_code == 200
    assert "POST" in got.headers["access-control-allow-methods"]


# -- views, VoID, clients


def test_a_view_in_the_address(address: str) -> None:
    """If the address chooses a view, then the query is asked of it, and the answer says so."""
    got = ask(address, "ASK {}", **{"as-of": "2017"})
    assert "as of 2017" in got.json()["kg"]["view"]


def test_void(address: str) -> None:
    """If VoID is asked for, then it describes the dataset and names this endpoint."""
    got = httpx.get(f"{address}/.well-known/void")
    described = rdflib.Graph().parse(data=got.content, format="turtle")
    (dataset,) = described.subjects(rdflib.VOID.sparqlEndpoint, rdflib.URIRef(f"{address}/sparql"))
    assert (dataset, rdflib.RDF.type, rdflib.VOID.Dataset) in described
    assert described.value(dataset, rdflib.VOID.triples).toPython() > 100


def test_sparqlwrapper(address: str) -> None:
    """If SPARQLWrapper asks by GET and by POST, then it reads the rows."""
    from SPARQLWrapper import JSON, POST, SPARQLWrapper

    for method in ("GET", POST):
        client = SPARQLWrapper(f"{address}/sparql", returnFormat=JSON)
        client.setMethod(method)
        client.setQuery("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        (row,) = client.queryAndConvert()["results"]["bindings"]
        assert int(row["n"]["value"]) > 100


def test_rdflibs_store(address: str) -> None:
    """If rdflib's SPARQLStore asks, then it gives the same rows, booleans and triples as the engine has."""
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    graph = rdflib.Graph(SPARQLStore(f"{address}/sparql"))
    (row,) = graph.query("SELECT (COUNT(*) AS ?n) { ?s a ?c }")
    assert len(list(graph.subjects(rdflib.RDF.type))) == row.n.toPython()
    assert graph.query("ASK { ?s ?p ?o }").askAnswer
    assert len(graph.query("CONSTRUCT { ?s a ?c } WHERE { ?s a ?c }").graph) == row.n.toPython()
