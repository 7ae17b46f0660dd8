"""The application: which address is answered by which handler."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from kg.errors import KgError, missing_extra
from kg.web.address_parameters import wants_page
from kg.web.answer_cache import Kept
from kg.web.calls import Calls, Current
from kg.web.descriptions import void
from kg.web.guard import Guard
from kg.web.openapi import openapi
from kg.web.pages.routes import ROUTES as PAGES
from kg.web.pages.routes import error_page_of
from kg.web.questions import catalogue, question
from kg.web.responses import client_left, not_found, problem_response, refused
from kg.web.sparql import sparql
from kg.web.things import DATA, THINGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from kg.graph.store import Graph
    from kg.project import Project


class _Agents:
    """``/mcp``: its SDK is imported when it is first asked, since that takes a second."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope["app"].state
        if state.agents is None:
            try:
                module = await asyncio.to_thread(import_module, "kg.web.mcp")
            except ImportError as error:
                await problem_response(missing_extra(error, "mcp", "mcp"))(scope, receive, send)
                return
            state.agents = state.agents or module.AgentEndpoint(state.current, state.calls)
        await state.agents(scope, receive, send)


_ROUTES = (
    Route("/mcp", _Agents(), methods=["POST", "DELETE"]),
    Route("/sparql", sparql, methods=["GET", "POST"]),
    Route("/queries", catalogue),
    Route("/queries/{name}", question),
    Route("/.well-known/void", void),
    Route("/openapi.json", openapi),
    DATA,
)


async def _known(request: Request, error: Exception) -> Response:
    """What was wrong: as a page for a browser, else as problem details."""
    found = error if isinstance(error, KgError) else not_found(request)
    return error_page_of(request, found) if wants_page(request) else problem_response(found)


def app(project: Project, texts: Path | None = None) -> Starlette:
    """The application of a project, whose graph is built first if need be. Raises KgError as ``open_graph`` does.

    With ``texts``, a folder, pages of documents have their sentences.
    """
    return app_of(Current(project), texts=texts)


def app_of(current: Callable[[], Graph], calls: Calls | None = None, texts: Path | None = None) -> Starlette:
    """The application of whatever graph is current, within the bounds of ``calls``."""
    # Who may read an answer: any page, since there are no cookies and nothing here is secret, but for texts.
    cors = Middleware(
        CORSMiddleware,
        allow_origins=[] if texts else ["*"],
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=["*"],
        expose_headers=["ETag", "Link", "Retry-After", "X-SPARQL-MaxRows"],
    )
    handlers = {KgError: _known, 404: _known, HTTPException: refused, ClientDisconnect: client_left}
    routes = (*_ROUTES, *PAGES, THINGS)
    made = Starlette(
        routes=routes, middleware=[Middleware(Guard), cors, Middleware(Kept)], exception_handlers=handlers
    )
    made.state.current, made.state.calls, made.state.agents = current, calls or Calls(), None
    made.state.texts = texts
    return made
