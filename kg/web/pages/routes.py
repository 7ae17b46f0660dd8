"""The addresses of pages: each handler reads its address, and a worker writes the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match, Mount, Route
from starlette.staticfiles import StaticFiles

from kg.errors import KgError, Problem, UsageError
from kg.phrases import language_tag
from kg.web.address_parameters import VIEW, decoded, in_view, said, single
from kg.web.pages.entity import document_page, entity_page
from kg.web.pages.links import Links, file_name
from kg.web.pages.lists import LISTS, ask_page, check_page, search_page, suggestions
from kg.web.pages.ontology import term_page
from kg.web.pages.page import STATIC, WrittenPage, error_page
from kg.web.pages.question import question_page, sparql_page
from kg.web.responses import retry_headers, status_of
from kg.web.things import thing

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Scope

    from kg.graph.store import Graph
    from kg.queries.bounded import Task

#: The parameters of a question's address that are neither the view's nor the question's own.
_OWN = (*VIEW, "undated", "first", "limit", "evidence")
#: Bytes of a pasted table at most.
_LONGEST_TABLE = 1 << 16
_STATEMENT = ("subject", "predicate", "object", "on")


def page_parameters(request: Request) -> dict[str, str]:
    """The parameters of a page's address that have a value: the fields of a form may be empty."""
    return single([pair for pair in decoded(request.url.query.encode()) if pair[1]])


async def _written(
    request: Request,
    task: Task,
    arguments: Callable[[dict[str, str]], tuple[object, ...]] = lambda _asked: (),
    missing: str = "",
) -> Response:
    """The page that a task writes for the view and language of a request.

    Where it raises ``missing``, the thing has no page and is described as any other.
    """
    try:
        asked = page_parameters(request)
        graph: Graph = in_view(request.app.state.current(), asked)
        page: WrittenPage = await request.app.state.calls(
            request, graph, task, _links(request, asked), *arguments(asked)
        )
    except KgError as error:
        return await thing(request) if error.problems[0].code == missing else error_page_of(request, error)
    if page.location:
        return RedirectResponse(page.location, page.status)
    return Response(page.content, page.status, {"Vary": "Accept"}, "text/html")


def error_page_of(request: Request, error: KgError) -> Response:
    """The page that says what was wrong with a request, in its language."""
    tag = language_tag(request.query_params.get("lang", ""))
    links, status = Links(kept=() if tag == "en" else (("lang", tag),)), status_of(error)
    page = error_page(links, status, error.problems)
    return Response(page.content, status, {"Vary": "Accept", **retry_headers(status)}, "text/html")


def _links(request: Request, asked: Mapping[str, str]) -> Links:
    origin = str(request.base_url).rstrip("/")
    return Links(kept=_kept(asked), origin=origin, path=request.url.path, asked=tuple(asked.items()))


def _kept(asked: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, asked[name]) for name in VIEW if name in asked)


def _plain(task: Task) -> Callable[[Request], object]:
    async def handler(request: Request) -> Response:
        return await _written(request, task)

    return handler


def _of_words(task: Task) -> Callable[[Request], object]:
    async def handler(request: Request) -> Response:
        return await _written(request, task, lambda asked: (asked.get("q", ""),))

    return handler


def _named(task: Task) -> Callable[[Request], object]:
    async def handler(request: Request) -> Response:
        return await _written(request, task, lambda _asked: (_name(request),), "KG655")

    return handler


async def answer_in_html(request: Request, name: str, headers: Mapping[str, str]) -> Response:
    """The page of a question, with ``headers`` where it is answered."""

    def arguments(asked: dict[str, str]) -> tuple[object, ...]:
        values = {key: value for key, value in asked.items() if key not in _OWN}
        return name, values, _first(asked), said(asked, "undated")

    response = await _written(request, question_page, arguments)
    if response.status_code == 200:
        response.headers.update(headers)
    return response


async def _editor(request: Request) -> Response:
    return await _written(request, sparql_page, lambda asked: (asked.get("query", ""), _first(asked)))


async def _document(request: Request) -> Response:
    texts = request.app.state.texts
    return await _written(request, document_page, lambda _asked: (_name(request), texts), "KG302")


async def _claim(request: Request) -> Response:
    """A claim is told on its document's page."""
    slug, mark = (request.path_params[part].removesuffix(".html") for part in ("name", "mark"))
    graph = request.app.state.current()
    if graph.index.claim(graph.project.iri("claim", slug, mark)) is None:
        return await thing(request)
    return RedirectResponse(
        Links(kept=_kept(page_parameters(request))).page(f"document/{file_name(slug)}", mark), 303
    )


def _name(request: Request) -> str:
    name: str = request.path_params["name"]
    return name.removesuffix(".html")


class _ThingPage(Route):
    """The page of what an IRI of the graph names: in HTML, or else its description."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As a route does, where HTML is wanted."""
        match, child = super().matches(scope)
        wanted = "text/html" in Headers(scope=scope).get("accept", "") or scope["path"].endswith(".html")
        return (match, child) if wanted else (Match.NONE, {})


async def _check(request: Request) -> Response:
    table = ""
    if request.method == "POST":
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > _LONGEST_TABLE:
                remedy = "Check it with `kg verify FILE`."
                problem = Problem("KG608", f"the table is longer than {_LONGEST_TABLE:,} bytes", remedy=remedy)
                return error_page_of(request, UsageError(problem))
        try:
            table = dict(decoded(bytes(body))).get("table", "")
        except UsageError as error:
            return error_page_of(request, error)
    return await _written(
        request, check_page, lambda asked: ({name: asked.get(name, "") for name in _STATEMENT}, table)
    )


async def _complete(request: Request) -> Response:
    """Names that a field may go on to, as JSON."""
    asked = page_parameters(request)
    graph = in_view(request.app.state.current(), asked)
    given = asked.get("of", "ask"), asked.get("q", "")[:100]
    return JSONResponse(await request.app.state.calls(request, graph, suggestions, *given))


def _first(asked: Mapping[str, str]) -> int:
    """The number of the first row that is asked for."""
    text = asked.get("first", "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


ROUTES = (
    *(Route(f"/{path}", _plain(task)) for path, task in LISTS.items() if path != "ontology"),
    Route("/ask", _of_words(ask_page)),
    Route("/search", _of_words(search_page)),
    Route("/check", _check, methods=["GET", "POST"]),
    Route("/editor", _editor),
    Route("/complete", _complete),
    _ThingPage("/id/{name:path}", _named(entity_page)),
    _ThingPage("/document/{name}", _document),
    _ThingPage("/claim/{name}/{mark}", _claim),
    _ThingPage("/ontology", _plain(LISTS["ontology"])),
    _ThingPage("/ontology.html", _plain(LISTS["ontology"])),
    _ThingPage("/ontology/{name}", _named(term_page)),
    # The style is that of answers in HTML too.
    Mount("/static", StaticFiles(directory=STATIC, packages=[("kg.render", "static")])),
)
