"""What loading is made of: tallies, rewritings, results, authentication, profiles as their documentation has them."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import md5, sha256
from urllib.parse import parse_qs, urlsplit
from urllib.request import parse_http_list, parse_keqv_list

import httpx
import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st
from load_stores import BASE, meant, oxigraph_server, proxy_before, quads_in, small_graph, write_graph

from kg.errors import UsageError
from kg.load import load
from kg.load.credentials import Authorisation, Credentials
from kg.load.endpoint import parse_results
from kg.load.failures import RemoteError, excerpt
from kg.load.profiles import PROFILES
from kg.load.transport import check_address
from kg.load.verification import REWRITES, hash_lines, shared_form

XSD = "http://www.w3.org/2001/XMLSchema#"


@given(st.lists(st.binary(min_size=1), unique=True), st.randoms())
def test_a_tally_knows_no_order_and_every_line(lines, chance):
    """Lines in any order have the same tally; without one, with one twice or changed, another."""
    shuffled = lines.copy()
    chance.shuffle(shuffled)
    total = hash_lines(lines)
    assert (total.count, total.exact) == (hash_lines(shuffled).count, hash_lines(shuffled).exact)
    for other in ([*lines, b"x"], lines[1:] if lines else [b"x"], [*lines[1:], b"changed" + b"".join(lines)]):
        assert (hash_lines(other).count, hash_lines(other).exact) != (total.count, total.exact)


@pytest.mark.parametrize(
    ("name", "one", "two"),
    [
        ("boolean", f'"1"^^<{XSD}boolean>', f'"true"^^<{XSD}boolean>'),
        ("double", f'"0.30000000000000004"^^<{XSD}double>', f'"0.3"^^<{XSD}double>'),
        ("decimal", f'"1.50"^^<{XSD}decimal>', f'"1.5"^^<{XSD}decimal>'),
        (
            "fraction",
            f'"2017-04-10T00:00:00.1234567Z"^^<{XSD}dateTime>',
            f'"2017-04-10T00:00:00.123456Z"^^<{XSD}dateTime>',
        ),
    ],
)
def test_a_rewriting_is_allowed_only_where_it_is_declared(name, one, two):
    """The two forms are one where the profile says so and differ where it does not; each is counted."""
    touched = Counter()
    assert shared_form(one, (name,), touched) == shared_form(two, (name,), touched)
    assert touched[name] == 1
    others = tuple(other for other in REWRITES if other != name)
    assert shared_form(one, others, Counter()) != shared_form(two, others, Counter())


def test_a_rewriting_never_joins_different_values():
    """What differs in more than its spelling stays different."""
    every = tuple(REWRITES)
    for one, two in (("0.3", "0.31"), ("true", "false"), ("10", "100")):
        for datatype in ("double", "boolean", "decimal", "string"):
            forms = {shared_form(f'"{value}"^^<{XSD}{datatype}>', every, Counter()) for value in (one, two)}
            assert len(forms) == 2


TEXTS = st.text(st.characters(exclude_categories=("Cs",)))


@given(TEXTS, st.sampled_from(["", "en", "SR-Latn"]))
def test_results_become_the_terms_that_the_engine_writes(text, tag):
    """A literal of SPARQL JSON, whatever its characters, is the term that N-Triples has for it."""
    node = {"type": "literal", "value": text} | ({"xml:lang": tag} if tag else {})
    body = json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [{"x": node}]}}).encode()
    (row,) = parse_results(body, "there").rows
    assert row[0] == str(pyoxigraph.Literal(text, language=tag.lower() or None))


@given(st.binary(max_size=200))
def test_rubbish_is_no_result(body):
    """Whatever bytes come that are no result: one clear error."""
    with pytest.raises(RemoteError, match="KG705"):
        parse_results(body, "there")


@given(st.binary(max_size=2000))
def test_an_excerpt_is_fit_for_a_terminal(body):
    """Whatever a server says, a message shows it printable and short."""
    shown = excerpt(body)
    assert shown.isprintable()
    assert len(shown) < 310


@pytest.mark.parametrize(("algorithm", "digest"), [("MD5", md5), ("SHA-256", sha256)])
def test_digest_as_the_rfc_computes_it(algorithm, digest):
    """The answer to a challenge is that of RFC 7616, section 3.4.1, with a count that goes up."""
    known = Authorisation(Credentials("Mufasa", "Circle of Life"), ("digest",))
    request = httpx.Request("GET", "http://www.example.org/dir/index.html")
    nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
    details = f'qop="auth, auth-int", algorithm={algorithm}, nonce="{nonce}", opaque="FQ"'
    challenge = f'Digest realm="http-auth@example.org", {details}'
    known.sign(request)
    assert "Authorization" not in request.headers
    refusal = httpx.Response(401, headers={"WWW-Authenticate": challenge}, request=request)
    assert known.challenged(refusal)
    for count in ("00000001", "00000002"):
        header = request.headers["Authorization"]
        told = parse_keqv_list(parse_http_list(header.removeprefix("Digest ")))
        first = digest(b"Mufasa:http-auth@example.org:Circle of Life").hexdigest()
        second = digest(b"GET:/dir/index.html").hexdigest()
        middle = f"{nonce}:{count}:{told['cnonce']}:auth"
        assert told["response"] == digest(f"{first}:{middle}:{second}".encode()).hexdigest()
        assert (told["nc"], told["opaque"], told["algorithm"]) == (count, "FQ", algorithm)
        request = httpx.Request("GET", "http://www.example.org/dir/index.html")
        known.sign(request)
    # The nonce may have run out, so that one more challenge is answered; the next means a wrong password.
    refusal = httpx.Response(401, headers={"WWW-Authenticate": challenge}, request=request)
    assert known.challenged(refusal)
    assert not known.challenged(refusal)


def test_a_weaker_scheme_is_never_chosen():
    """A server, or who stands between, that offers Basic does not get the password of a store that uses digest."""
    known = Authorisation(Credentials("dba", "x"), PROFILES["virtuoso"].schemes)
    request = httpx.Request("GET", "http://x.example/")
    headers = {"WWW-Authenticate": 'Basic realm="SPARQL"'}
    assert not known.challenged(httpx.Response(401, headers=headers, request=request))
    assert "Authorization" not in request.headers


@pytest.mark.parametrize(
    "address",
    [
        "localhost:7878",
        "ftp://x.example",
        "http://",
        "http://u:p@x.example",
        "http://x.example:99999",
        "http://x\n.example",
        "",
    ],
)
def test_addresses_that_are_none(address):
    """No address of a store, or one with a password in it: a usage error that does not repeat it."""
    with pytest.raises(UsageError, match="KG713") as caught:
        check_address(address)
    assert "u:p" not in str(caught.value)


#: What the documentation of stores that cannot be run here says of the requests that they take: for each profile
#: the address that a user gives, and the targets of query, update, bulk and Graph Store requests. Sources: Apache
#: Jena, «Fuseki Data Service Configuration Syntax» (command line equivalents, dispatch, quad extensions); Eclipse
#: RDF4J, «The RDF4J REST API», which GraphDB has too; Amazon Neptune User Guide, «Using the HTTP REST endpoint» and
#: «Using the SPARQL 1.1 Graph Store HTTP Protocol»; QLever, «Update»; Stardog, «HTTP API», «Database Configuration».
DOCUMENTED = {
    "fuseki": ("/ds", "/ds/query", "/ds/update", "/ds/data"),
    "graphdb": ("/repositories/r", "/repositories/r", "/repositories/r/statements", "/repositories/r/statements"),
    "rdf4j": (
        "/rdf4j-server/repositories/r",
        "/rdf4j-server/repositories/r",
        "/rdf4j-server/repositories/r/statements",
        "/rdf4j-server/repositories/r/statements",
    ),
    "neptune": ("", "/sparql", "/sparql", "/sparql/gsp/"),
    "qlever": ("", "/", "/", None),
    "stardog": ("/db", "/db/query", "/db/update", None),
}


@pytest.mark.server
@pytest.mark.parametrize("name", sorted(DOCUMENTED))
def test_profiles_speak_as_documented(name, tmp_path):
    """A store behind these paths, as its documentation gives them, gets the graph: bodies, types and targets fit."""
    start, query, update, bulk = DOCUMENTED[name]
    profile = PROFILES[name]
    graph = small_graph(tmp_path / "p", {"one": 600})
    seen, accepted = [], set()
    with oxigraph_server() as server, proxy_before(server.address) as proxy:
        plain = proxy.serve

        def serve(handler, host, port):
            path, parameters = urlsplit(handler.path).path, parse_qs(urlsplit(handler.path).query)
            kind = (handler.headers.get("Content-Type") or "").partition(";")[0]
            seen.append((handler.command, path, kind))
            accepted.add(handler.headers.get("Accept"))
            if kind == "application/x-www-form-urlencoded" and path == query:
                # Neptune takes updates at the same place, told apart by the parameter.
                length = int(handler.headers["Content-Length"])
                start_of_body = handler.rfile.peek(min(length, 7))[:7]
                handler.path = "/update" if start_of_body == b"update=" else "/query"
            elif kind == "application/sparql-update" and path == update:
                handler.path = "/update"
            elif kind == "application/n-quads" and path == bulk:
                handler.path = "/store"
            elif "graph" in parameters or handler.command == "GET":
                handler.path = "/store" + handler.path[len(path) :].replace("?infer=false", "")
            else:
                handler.path = "/nowhere"
            plain(handler, host, port)

        proxy.serve = serve
        assert load(graph, proxy.address + start, profile=name, verify="all").same
        assert quads_in(server.address) == meant(graph)
    kinds = {kind for _method, _path, kind in seen}
    assert ("application/n-quads" in kinds) == (profile.quads is not None)
    assert ("application/sparql-update" in kinds) == (not profile.update_as_form)
    assert not (profile.reads_by_select and "application/n-triples" in accepted)
    assert "not run here" in profile.tested


@pytest.mark.server
@pytest.mark.parametrize("profile", ["oxigraph", "sparql"])
def test_any_text_arrives_as_it_is(profile, tmp_path):
    """Quotes, backslashes, escapes, line feeds, other scripts: by either way of writing the same graph arrives."""
    odd = [
        '"',
        "\\",
        "\\u0041",
        "\\\\n",
        "\n\r\t\x0b",
        "} ; DROP ALL #",
        "Ж\U0001f600",
        "'''",
        "a" * 5000,
        "\x7f",
        "%00",
    ]
    lines = [
        f"<{BASE}id/s{n}> <http://x.example/p> {pyoxigraph.Literal(text)} <{BASE}graph/g> .\n"
        for n, text in enumerate(odd)
    ]
    graph = write_graph(tmp_path / "p", {"odd": lines})
    with oxigraph_server() as server:
        address = server.address + ("/query" if profile == "sparql" else "")
        places = {"update_url": f"{server.address}/update"} if profile == "sparql" else {}
        assert load(graph, address, profile=profile, verify="all", **places).same
        assert quads_in(server.address) == meant(graph)
