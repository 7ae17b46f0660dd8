"""Responses: answers with their entity tags, and errors as problem details (RFC 9457) with codes and remedies."""

from __future__ import annotations

import hashlib
import re
from difflib import get_close_matches
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from kg.checks.problem_codes import CODES
from kg.errors import KgError, Problem, UsageError
from kg.harmless import harmless, json_text
from kg.version import __version__
from kg.web.calls import RETRY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from kg.graph.store import Graph
    from kg.web.answer_tasks import Written

#: What makes a query give something else each time.
_CHANGING = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\b", re.IGNORECASE)


def answer_response(written: Written, media: str, limit: int, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in a format, as one of several that there are."""
    # As Virtuoso says that rows are missing, where a format has no place for it.
    cut = {"X-SPARQL-MaxRows": str(limit)} if written.truncated else {}
    return Response(written.content, media_type=media, headers={"Vary": "Accept", **cut, **(headers or {})})


def entity_tag(graph: Graph, *asked: object) -> str:
    """What an answer depends on as an entity tag: a weak one, since a query may give its rows in any order."""
    whole = repr((__version__, graph.version, *asked))
    return f'W/"{hashlib.sha256(whole.encode(errors="backslashreplace")).hexdigest()[:32]}"'


def client_has(request: Request, tag: str) -> bool:
    """Whether the If-None-Match header of a request names a tag (RFC 9110, section 13.1.2)."""
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or tag in (each.strip() for each in given.split(","))


def changes(text: str) -> bool:
    """Whether a query may give something else each time it is asked, so that its answer must not be kept."""
    return _CHANGING.search(text) is not None


# -- errors

#: The status of each code that is neither a bad request (UsageError) nor a fault of ours.
STATUS = {
    "KG605": 504,
    "KG606": 500,
    "KG608": 413,
    "KG631": 503,
    "KG651": 404,
    "KG750": 403,
    "KG751": 503,
    "KG754": 406,
    "KG755": 421,
    "KG756": 415,
    "KG759": 404,
}


def status_of(error: KgError) -> int:
    """The status of a response to an error; of several problems, that of the first."""
    return STATUS.get(error.problems[0].code, 400 if isinstance(error, UsageError) else 500)


def problem_response(error: KgError) -> Response:
    """The response that says what was wrong."""
    first, status = error.problems[0], status_of(error)
    body = _body(status, CODES[first.code].title if first.code in CODES else "", first.message)
    body |= {"code": first.code, "remedy": first.remedy, "problems": [_details(each) for each in error.problems]}
    return _response(status, body, retry_headers(status))


def retry_headers(status: int) -> dict[str, str]:
    """When a client that was turned away may ask again."""
    return {"Retry-After": str(RETRY)} if status == 503 else {}


def not_found(request: Request) -> UsageError:
    """That nothing is at an address, with those that are near it (KG759)."""
    path = request.url.path
    known = [route.path for route in request.app.routes if isinstance(route, Route) and "{" not in route.path]
    known += [f"/queries/{name}" for name in request.app.state.current().queries]
    near = get_close_matches(path.rpartition(".")[0] or path, known, 3)
    remedy = f"Near it: {', '.join(near)}." if near else "`/openapi.json` lists the addresses for programs."
    return UsageError(Problem("KG759", f"nothing is at {path!r}", remedy=remedy))


async def refused(request: Request, error: Exception) -> Response:
    """What an address refuses, as problem details; OPTIONS gets what it takes."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as it is registered
    headers = dict(error.headers or {})
    if request.method == "OPTIONS" and error.status_code == 405:
        return Response(status_code=204, headers={"Allow": ", ".join([headers.get("Allow", "GET, HEAD"), "OPTIONS"])})
    return _response(error.status_code, _body(error.status_code, "", error.detail), headers)


async def client_left(_request: Request, _error: Exception) -> Response:
    """What nobody reads any more: its status stands in the log alone."""
    return Response(status_code=499)


def unexpected() -> Response:
    """The response to a fault of ours."""
    return problem_response(KgError(Problem("KG999", "an unexpected fault", remedy="Please report it.")))


def _body(status: int, title: str, detail: str) -> dict[str, object]:
    return {
        "type": "about:blank",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": harmless(detail),
    }


def _details(problem: Problem) -> dict[str, object]:
    place = {"place": str(problem.place)} if problem.place else {}
    return {"code": problem.code, "message": harmless(problem.message), "remedy": harmless(problem.remedy), **place}


def _response(status: int, body: dict[str, object], headers: Mapping[str, str] | None) -> Response:
    return Response(json_text(body, indent=1) + "\n", status, headers, "application/problem+json")
