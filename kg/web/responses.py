"""The response that an answer is, and how a client tells that it has it already."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from starlette.responses import Response

from kg.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from kg.graph.store import Graph
    from kg.web.answer_tasks import Written

__all__ = ["answer_response", "changes", "client_has", "entity_tag"]

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
