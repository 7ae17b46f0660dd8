"""OpenAPI 3.1 of the server, made from the questions' headers: ``/openapi.json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from kg.graph.views import ACCEPT
from kg.harmless import harmless, json_text
from kg.limits import LIMIT
from kg.queries.catalogue import example_value, parameter_help
from kg.render.formats import RDF_FORMATS
from kg.web.media import ROWS, TRIPLES, offered

if TYPE_CHECKING:
    from starlette.requests import Request

    from kg.corpus.saved_queries import Parameter, SavedQuery
    from kg.graph.store import Graph

_JSON_TYPES = {"integer": "integer", "number": "number"}
_SWITCH = {"type": "string", "enum": ["1"]}
_TEXT = {"type": "string"}
#: What chooses the view of any request, with its schema and an example.
_VIEW: dict[str, tuple[str, dict[str, Any]]] = {
    "only": ("Slugs of the only documents to believe, with commas between.", _TEXT),
    "without": ("Slugs of documents to leave out, with commas between.", _TEXT),
    "accept": ("What counts as a fact.", {"type": "string", "enum": list(ACCEPT), "default": "facts"}),
    "as-of": ("As of a date: 2017, 2017-04, 2017-04-10.", _TEXT),
    "certain": ("With `as-of`: only what certainly holds then.", _SWITCH),
    "lang": ("The language of labels.", {"type": "string", "enum": ["en", "sr-Latn", "sr-Cyrl"], "default": "en"}),
}
_OF_QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "limit": ("Rows at most.", {"type": "integer", "minimum": 1, "maximum": LIMIT, "default": LIMIT}),
    "undated": ("With `as-of`: also rows that nothing dates on that side.", _SWITCH),
    "evidence": ("With what each row rests on, down to claims and their passages.", _SWITCH),
}
#: Why a request is refused, by status; each as problem details (RFC 9457) with a code of the tool's.
_REFUSALS = {
    "400": "A parameter or a value is wrong.",
    "404": "There is no such thing.",
    "406": "It comes in no format that is accepted.",
    "413": "The request is too long.",
    "503": "Every worker is busy: ask again after `Retry-After` seconds.",
    "504": "It was not answered in its time.",
}
_RESULTS = {
    "type": "object",
    "description": "SPARQL 1.1 Query Results JSON Format; `kg` has the view, the graph's version, notes, evidence.",
    "required": ["head"],
    "properties": {
        "head": {"type": "object", "properties": {"vars": {"type": "array", "items": _TEXT}}},
        "boolean": {"type": "boolean"},
        "results": {
            "type": "object",
            "properties": {"bindings": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}}},
        },
        "kg": {"type": "object"},
    },
}
_ROW = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["type", "value"],
        "properties": {"type": _TEXT, "value": {}, "datatype": _TEXT, "xml:lang": _TEXT},
    },
}
_PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457) with the code and the remedy.",
    "required": ["title", "status", "detail"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": _TEXT,
        "remedy": _TEXT,
        "problems": {"type": "array", "items": {"type": "object"}},
    },
}


async def openapi(request: Request) -> Response:
    """The description of the server, with this server's address."""
    graph: Graph = request.app.state.current()
    content: bytes = await request.app.state.calls(request, graph, openapi_of, str(request.base_url).rstrip("/"))
    return Response(content, media_type="application/vnd.oai.openapi+json;version=3.1")


def openapi_of(graph: Graph, address: str) -> Iterator[bytes]:
    """The description of a server at an address: a task."""
    paths = {f"/queries/{name}": {"get": _question(graph, graph.queries[name])} for name in sorted(graph.queries)}
    view = {name: _parameter(name, about, schema) for name, (about, schema) in (_VIEW | _OF_QUESTIONS).items()}
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "serbia-kg",
            "version": graph.version,
            "summary": "Questions to a source-grounded knowledge graph: every row leads to the sentence it rests on.",
            "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        },
        "servers": [{"url": address}],
        "paths": paths | _other_paths(graph),
        "components": {
            "parameters": view,
            "responses": {f"status{status}": _refusal(about) for status, about in _REFUSALS.items()},
            "schemas": {"Results": _RESULTS, "Row": _ROW, "Problem": _PROBLEM},
        },
    }
    yield json_text(described).encode()


def _question(graph: Graph, query: SavedQuery) -> dict[str, Any]:
    own = [_own_parameter(graph, parameter) for parameter in query.parameters]
    shared = [{"$ref": f"#/components/parameters/{name}"} for name in (*_VIEW, *_OF_QUESTIONS)]
    described = {"description": harmless(query.description.strip())} if query.description else {}
    return {
        "operationId": query.name.replace("-", "_"),
        "summary": harmless(query.summary),
        **described,
        "tags": [query.theme or "other"],
        "parameters": own + shared,
        "responses": _responses(offered(query.form)),
    }


def _own_parameter(graph: Graph, parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": _JSON_TYPES.get(parameter.type, "string")}
    if parameter.type == "text" and isinstance(parameter.choices, tuple) and parameter.choices:
        schema["enum"] = list(parameter.choices)
    about = f"{parameter.type}: {parameter_help(graph, parameter)}"
    made = _parameter(parameter.name, harmless(about), schema)
    made["required"] = parameter.required and parameter.default is None
    value = example_value(graph, parameter)
    made["example"] = (
        int(value) if parameter.type == "integer" else float(value) if parameter.type == "number" else value
    )
    return made


def _parameter(name: str, about: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": about, "schema": dict(schema)}


def _responses(types: Mapping[str, str], *refusals: str) -> dict[str, Any]:
    """What comes back: an answer in one of some media types, and what may be wrong."""
    structured = {"$ref": "#/components/schemas/Results"}
    content = {media: {"schema": structured if form == "json" else {}} for media, form in types.items()}
    found = {"200": {"description": "The answer.", "content": content}, "304": {"description": "Not modified."}}
    return found | {status: {"$ref": f"#/components/responses/status{status}"} for status in refusals or _REFUSALS}


def _refusal(about: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": about, "content": {"application/problem+json": {"schema": schema}}}


def _other_paths(graph: Graph) -> dict[str, Any]:
    """SPARQL, the description of the dataset, and things by their IRIs."""
    view = [{"$ref": f"#/components/parameters/{name}"} for name in _VIEW]
    query = {"name": "query", "in": "query", "schema": _TEXT, "example": "ASK {}"}
    graphs = [_parameter(f"{name}-graph-uri", "SPARQL 1.1 Protocol, 2.1.4.", _TEXT) for name in ("default", "named")]
    answers = _responses({**ROWS, **TRIPLES})
    posted = {
        "application/sparql-query": {"schema": _TEXT, "example": "ASK {}"},
        "application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"query": _TEXT}}},
    }
    data = _responses({media: form for media, form in TRIPLES.items() if form in RDF_FORMATS})
    entity = next((t for t in sorted(graph.label.names) if t.startswith(graph.project.iri("id", "")[:-1])), "")
    name = {
        "name": "name",
        "in": "path",
        "required": True,
        "schema": _TEXT,
        "example": entity.rpartition("/")[2][:-1],
    }
    protocol = {"summary": "SPARQL 1.1 Protocol, for queries", "tags": ["SPARQL"], "responses": answers}
    return {
        "/sparql": {
            "get": {**protocol, "operationId": "sparql_get", "parameters": [query, *graphs, *view]},
            "post": {
                **protocol,
                "operationId": "sparql_post",
                "parameters": view,
                "requestBody": {"content": posted},
            },
        },
        "/.well-known/void": {
            "get": {"operationId": "void", "summary": "The dataset (VoID)", "tags": ["dataset"], "responses": data}
        },
        "/id/{name}": {
            "get": {
                "operationId": "entity",
                "summary": "What the graph says about an entity; every other IRI of it is below the same base",
                "tags": ["dataset"],
                "parameters": [name, *view],
                "responses": data,
            }
        },
    }
