"""What the server says of itself: the description of its SPARQL service, and VoID of the dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyoxigraph
from starlette.responses import Response

from kg.graph.unit_files import unit_files
from kg.model import Triple, written
from kg.queries import Answer
from kg.render.formats import render
from kg.vocab import PREFIXES, RDF, iri
from kg.web.media import TRIPLES, chosen

if TYPE_CHECKING:
    from starlette.requests import Request

    from kg.graph.store import Graph

_SD, _FORMATS = "http://www.w3.org/ns/sparql-service-description#", "http://www.w3.org/ns/formats/"
_TYPE = iri(RDF + "type")
_RESULTS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
_GRAPHS = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")


def endpoint_of(request: Request) -> str:
    """The address of the SPARQL endpoint, as the client reaches the server."""
    return str(request.url.replace(path="/sparql", query="", fragment=""))


def service_response(request: Request, graph: Graph) -> Response:
    """The description of the endpoint (SPARQL 1.1 Service Description)."""
    return _response(request, graph, _service(endpoint_of(request), graph))


async def void(request: Request) -> Response:
    """What the build's manifest says of the dataset, and where it is asked: ``/.well-known/void``."""
    graph: Graph = request.app.state.current()
    manifest = unit_files(graph.snapshot, graph.project.base)["manifest"]
    quads = pyoxigraph.parse(b"".join(manifest.pieces()), format=pyoxigraph.RdfFormat.N_QUADS)
    triples = [(written(q.subject), written(q.predicate), written(q.object)) for q in quads]
    endpoint = (graph.project.iri("dataset"), iri(PREFIXES["void"] + "sparqlEndpoint"), f"<{endpoint_of(request)}>")
    return _response(request, graph, [*triples, endpoint])


def _service(endpoint: str, graph: Graph) -> Iterator[Triple]:
    service, dataset, default = (f"<{endpoint}#{name}>" for name in ("service", "dataset", "default"))
    yield service, _TYPE, iri(_SD + "Service")
    yield service, iri(_SD + "endpoint"), f"<{endpoint}>"
    yield service, iri(_SD + "supportedLanguage"), iri(_SD + "SPARQL11Query")
    for name in (*_RESULTS, *_GRAPHS):
        yield service, iri(_SD + "resultFormat"), iri(_FORMATS + name)
    yield service, iri(_SD + "defaultDataset"), dataset
    yield dataset, _TYPE, iri(_SD + "Dataset")
    yield dataset, iri(_SD + "defaultGraph"), default
    yield default, _TYPE, iri(_SD + "Graph")
    yield (
        default,
        iri(PREFIXES["rdfs"] + "comment"),
        str(pyoxigraph.Literal(f"The view: {graph.describe_view()}; graph {graph.version}")),
    )


def _response(request: Request, graph: Graph, triples: Iterable[Triple]) -> Response:
    media = chosen(request.headers.get("accept"), TRIPLES)
    answer = Answer(graph, None, "", "CONSTRUCT", triples=list(triples))
    return Response(render(answer, TRIPLES[media]), media_type=media, headers={"Vary": "Accept"})
