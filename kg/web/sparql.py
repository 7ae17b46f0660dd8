"""``/sparql``: the SPARQL 1.1 Protocol for queries. Updates are refused."""

from __future__ import annotations

from email.message import Message
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from kg.errors import Problem, UsageError
from kg.graph.store import Dataset
from kg.limits import LIMIT
from kg.sparql.tokens import LONGEST_TEXT, form
from kg.web.address_parameters import VIEW, Pairs, decoded, in_view, single, utf8, wants_page
from kg.web.answer_tasks import Written, answer_sparql
from kg.web.descriptions import endpoint_of, service_response
from kg.web.media import chosen, offered
from kg.web.responses import answer_response, changes

if TYPE_CHECKING:
    from starlette.requests import Request

#: Bytes of a posted form at most: the longest query with every byte escaped, and room for graphs.
_LONGEST_BODY = 4 * LONGEST_TEXT
_DATASET = ("default-graph-uri", "named-graph-uri")


async def sparql(request: Request) -> Response:
    """The result of a query in the format that the client wants most; without a query, what the service is.

    A browser without a query comes to the editor.
    """
    pairs = await _parameters(request)
    graph = in_view(request.app.state.current(), single([pair for pair in pairs if pair[0] in VIEW]))
    queries = [value for name, value in pairs if name == "query"]
    if not queries and request.method != "POST" and wants_page(request):
        return RedirectResponse(str(request.url.replace(path="/editor")), 303)
    if not queries and request.method != "POST":
        return service_response(request, graph)
    if len(queries) != 1:
        what = "no query is given" if not queries else "several queries are given"
        raise UsageError(Problem("KG753", what, remedy="Give one as `query`."))
    types = offered(form(queries[0]))
    media = chosen(request.headers.get("accept"), types)
    asked = (queries[0], types[media], LIMIT, _dataset(pairs), endpoint_of(request))
    written: Written = await request.app.state.calls(request, graph, answer_sparql, *asked)
    return answer_response(written, media, LIMIT, {"Cache-Control": "no-store"} if changes(queries[0]) else None)


def _dataset(pairs: Pairs) -> Dataset | None:
    """The graphs that the request chooses; None where it chooses none (section 2.1.4)."""
    default, named = (tuple(value for name, value in pairs if name == each) for each in _DATASET)
    return Dataset(default, named) if default or named else None


async def _parameters(request: Request) -> Pairs:
    """The parameters of a request, a posted query among them (section 2.1). Raises UsageError."""
    pairs = decoded(request.url.query.encode())
    if request.method == "POST":
        kind = _content_type(request)
        if kind == "application/x-www-form-urlencoded":
            pairs += decoded(await _body(request))
        elif kind == "application/sparql-query":
            pairs.append(("query", utf8(await _body(request))))
        elif kind == "application/sparql-update":
            pairs.append(("update", ""))
        else:
            remedy = "Post application/sparql-query or application/x-www-form-urlencoded."
            raise UsageError(Problem("KG756", f"{kind or 'nothing'} is no type of a query", remedy=remedy))
    if any(name == "update" for name, _value in pairs):
        remedy = "Change the files of the project and build it again."
        raise UsageError(Problem("KG750", "this endpoint answers queries and changes nothing", remedy=remedy))
    return pairs


def _content_type(request: Request) -> str:
    """The media type of the body. Raises UsageError (KG756) for a charset that is not UTF-8."""
    if not request.headers.get("content-type"):
        return ""
    message = Message()
    message["content-type"] = request.headers["content-type"]
    if (message.get_content_charset() or "utf-8") not in ("utf-8", "utf8", "us-ascii"):
        raise UsageError(Problem("KG756", "the body is not in UTF-8", remedy="Send it as UTF-8."))
    return message.get_content_type()


async def _body(request: Request) -> bytes:
    """The body. Raises UsageError (KG608) as soon as it is too long."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_BODY:
            remedy = "Ask in several queries, or put the data into the graph."
            raise UsageError(Problem("KG608", f"the request is longer than {_LONGEST_BODY:,} bytes", remedy=remedy))
    return bytes(body)
