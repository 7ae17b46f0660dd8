"""Errors as problem details (RFC 9457), with the tool's codes and remedies."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from kg.checks.problem_codes import CODES
from kg.errors import KgError, Problem, UsageError
from kg.harmless import harmless, json_text
from kg.web.calls import RETRY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

__all__ = ["HANDLERS", "problem_response", "status_of", "unexpected"]

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
    return _response(status, body, {"Retry-After": str(RETRY)} if status == 503 else None)


async def _known(_request: Request, error: Exception) -> Response:
    assert isinstance(error, KgError)  # noqa: S101 - as HANDLERS has it
    return problem_response(error)


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    return _response(error.status_code, _body(error.status_code, "", error.detail), error.headers)


async def _left(_request: Request, _error: Exception) -> Response:
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


#: What answers for each kind of error.
HANDLERS = {KgError: _known, HTTPException: _http, ClientDisconnect: _left}
