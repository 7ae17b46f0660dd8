"""Every IRI of the graph under the server's own base: what it names as RDF, or as a table for people.

``/id/serbia`` describes ``<base>id/serbia``; an ending chooses a format (``/id/serbia.ttl``), else the Accept header
does. Pages of their own are at some addresses: those win where HTML is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pyoxigraph
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route

from kg.errors import Problem, UsageError
from kg.graph.unit_files import unit_files
from kg.model import Term, Triple, written
from kg.queries import Answer
from kg.queries.entities import direct
from kg.render.formats import RDF_FORMATS
from kg.vocab import kg
from kg.web.address_parameters import decoded, in_view, single
from kg.web.answer_tasks import Written, written_whole
from kg.web.media import TRIPLES, alternates, chosen, named_format
from kg.web.responses import answer_response, client_has, entity_tag

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Scope

    from kg.graph.store import Graph

#: Triples of a description at most: those with the thing as subject come first.
_MOST = 10_000
#: How the path of an IRI of a graph begins.
_KINDS = {"id", "document", "claim", "link", "statement", "period", "ontology", "query", "graph", "dataset"}
_GENERATED = ".well-known/genid/"
_TYPES = {**{media: form for media, form in TRIPLES.items() if form in RDF_FORMATS}, "text/html": "html"}
#: What names parts of a thing, which have no address of their own.
_PARTS = f"{{ ?s {kg('passageOf')} {{0}} . ?s ?p ?o }} UNION {{ {{0}} {kg('states')} ?s . ?s ?p ?o }}"


def describe_thing(graph: Graph, term: Term, form: str) -> Iterator[Written]:
    """What the graph says with a thing as subject or object, and of its parts, in a format: a task.

    An ontology is described whole, and what the manifest names as the manifest has it. Raises UsageError (KG759)
    for what is not in the graph.
    """
    triples = [*_in_view(graph, term)] or [*_in_manifest(graph, term)]
    if not triples:
        remedy = "`/search?q=WORDS` finds things by name."
        raise UsageError(Problem("KG759", f"nothing in the graph is named {term[1:-1]!r}", remedy=remedy))
    answer = Answer(graph, None, "", "CONSTRUCT", triples=triples)
    yield Written(written_whole(answer, form), len(triples) == _MOST)


def _in_view(graph: Graph, term: Term) -> Iterator[Triple]:
    if term == graph.project.iri("ontology"):
        yield from (triple for triple, _place in graph.index.given("ontology"))
        return
    parts = _PARTS.replace("{0}", term)
    text = f"""SELECT DISTINCT ?s ?p ?o {{
        {{ BIND({term} AS ?s) ?s ?p ?o }} UNION {{ BIND({term} AS ?o) ?s ?p ?o }} UNION {parts}
    }} LIMIT {_MOST}"""
    for s, p, o in graph.rows(text):
        if s and p and o:
            yield s, p, o


def _in_manifest(graph: Graph, term: Term) -> Iterator[Triple]:
    manifest = unit_files(graph.snapshot, graph.project.base)["manifest"]
    for quad in pyoxigraph.parse(b"".join(manifest.pieces()), format=pyoxigraph.RdfFormat.N_QUADS):
        triple = written(quad.subject), written(quad.predicate), written(quad.object)
        if term in triple or triple[0].startswith(f"{term[:-1]}#"):
            yield triple


async def thing(request: Request) -> Response:
    """What the IRI at an address names, as RDF or as a table for people; no such IRI ends with a slash."""
    if request.url.path.endswith("/"):
        return RedirectResponse(str(request.url.replace(path=request.url.path.rstrip("/"))), 307)
    path, form = named_format(request.scope["path"][1:], _TYPES.values())
    parameters = single(decoded(request.url.query.encode()))
    graph = in_view(request.app.state.current(), parameters)
    if path.startswith("query/"):
        return RedirectResponse(str(request.url.replace(path=f"/queries/{path.removeprefix('query/')}")), 303)
    term = direct(graph, graph.project.base + path) or ""
    media = next(m for m, each in _TYPES.items() if each == form) if form else _media(request.headers)
    tag = entity_tag(graph, term, media, sorted(parameters.items()))
    headers = {"ETag": tag, "Link": alternates(path, _TYPES, request.url.query, term), "Cache-Control": "no-cache"}
    if client_has(request, tag):
        return Response(status_code=304, headers={"Vary": "Accept", **headers})
    found: Written = await request.app.state.calls(request, graph, describe_thing, term, _TYPES[media])
    return answer_response(found, media, _MOST, headers)


def _media(headers: Mapping[str, str]) -> str:
    return chosen(headers.get("accept"), _TYPES)


class _ThingRoute(Route):
    """Takes the requests for things; with ``data``, those for RDF alone."""

    def __init__(self, *, data: bool) -> None:
        super().__init__("/{path:path}", thing)
        self._data = data

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As a route does, where the address is of a kind that IRIs of a graph are of."""
        match, child = super().matches(scope)
        if match is not Match.NONE:
            path = child["path_params"]["path"]
            if path.partition("/")[0].partition(".")[0] not in _KINDS and not path.startswith(_GENERATED):
                return Match.NONE, {}
            if self._data and not _wants_data(path, Headers(scope=scope)):
                return Match.NONE, {}
        return match, child


def _wants_data(path: str, headers: Mapping[str, str]) -> bool:
    form = named_format(path, _TYPES.values())[1]
    if form:
        return form != "html"
    try:
        return _media(headers) != "text/html"
    except UsageError:
        return False


#: Before the routes of pages: requests for RDF at addresses that pages may have too.
DATA = _ThingRoute(data=True)
#: After them: every other request for a thing.
THINGS = _ThingRoute(data=False)
