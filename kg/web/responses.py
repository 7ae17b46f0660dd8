"""The response that an answer is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.web.answers import Written

__all__ = ["answer_response"]


def answer_response(written: Written, media: str, limit: int, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in a format, as one of several that there are."""
    # As Virtuoso says that rows are missing, where a format has no place for it.
    cut = {"X-SPARQL-MaxRows": str(limit)} if written.truncated else {}
    return Response(written.content, media_type=media, headers={"Vary": "Accept", **cut, **(headers or {})})
