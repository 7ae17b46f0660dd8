"""What the parameters of an address say: of the view, of the language of labels, of how many rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from kg.errors import Problem, UsageError
from kg.graph.views import view_of
from kg.labels import language_of
from kg.limits import LIMIT, MOST

if TYPE_CHECKING:
    from starlette.requests import Request

    from kg.graph.store import Graph

Pairs = list[tuple[str, str]]

#: The parameters of an address that choose the view and the language of labels.
VIEW = ("only", "without", "accept", "as-of", "certain", "lang")


def in_view(graph: Graph, parameters: Mapping[str, str]) -> Graph:
    """A graph in the view and the language that parameters of an address choose. Raises UsageError."""
    only, without = (_listed(parameters.get(name, "")) for name in ("only", "without"))
    accept, as_of = parameters.get("accept") or "facts", parameters.get("as-of") or None
    view = view_of(only if "only" in parameters else None, without, accept, as_of, said(parameters, "certain"))
    view.check(graph.snapshot.meta["documents"])
    found = graph if view == graph.view else graph.in_view(view)
    if (language := language_of(parameters.get("lang") or "en")) != found.language:
        found = found.in_view(view)
        found.language = language
    return found


def wants_page(request: Request) -> bool:
    """Whether a browser asks: HTML comes first in what it accepts."""
    return request.headers.get("accept", "").startswith("text/html")


def single(pairs: Pairs) -> dict[str, str]:
    """The parameters of an address, each of which may come once; documents may be given one by one, as forms do.

    Raises UsageError (KG753).
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        # As Python and the tools of agents write it.
        name = "as-of" if name == "as_of" else name
        if name in found and name not in ("only", "without"):
            raise UsageError(Problem("KG753", f"{name!r} is given twice", remedy="Give one value."))
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _listed(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",") if name.strip())


def said(parameters: Mapping[str, str], name: str) -> bool:
    """Whether a parameter that is true or false is given as true."""
    return parameters.get(name, "").lower() in ("1", "true", "yes")


def limit_of(parameters: Mapping[str, str]) -> int:
    """How many rows are asked for, LIMIT at most. Raises UsageError (KG667)."""
    text = parameters.get("limit") or str(LIMIT)
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST))):
        raise UsageError(Problem("KG667", f"{text!r} is no limit of rows", remedy=f"A number up to {LIMIT}."))
    return min(int(text) or LIMIT, LIMIT)


def decoded(encoded: bytes) -> Pairs:
    """The parameters of an address or a form. Raises UsageError (KG753) for what is none."""
    try:
        return parse_qsl(utf8(encoded), keep_blank_values=True, errors="strict", max_num_fields=10_000)
    except ValueError as error:
        raise UsageError(Problem("KG753", f"no parameters: {error}", remedy="Encode them as forms are.")) from None


def utf8(content: bytes) -> str:
    """The text of bytes. Raises UsageError (KG753) where they are not UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise UsageError(Problem("KG753", "the request is not UTF-8", remedy="Send it as UTF-8.")) from None
