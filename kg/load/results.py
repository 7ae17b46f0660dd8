"""SPARQL results in JSON as terms, and nothing believed that is not whole.

A server may answer 200 and then fail: Oxigraph, when a query runs out of time, ends its JSON in the middle and
adds a sentence. Only a document that parses to the end and has the form of the W3C Recommendation is an answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kg.load.failures import RemoteError, excerpt, failure
from kg.model import Term
from kg.vocab import XSD

__all__ = ["Result", "parse_results"]

#: As canonical N-Triples escapes: control characters by number, but for those that have a letter.
_ESCAPES = {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)} | {
    ord(letter): "\\" + name for letter, name in zip('\b\t\n\f\r"\\', 'btnfr"\\', strict=True)
}
_STRING = XSD + "string"


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a SELECT (columns and rows of terms, None where unbound) or an ASK (``boolean``)."""

    columns: tuple[str, ...]
    rows: list[tuple[Term | None, ...]]
    boolean: bool | None = None


def parse_results(body: bytes, where: str) -> Result:
    """Read ``application/sparql-results+json``. Raises RemoteError (KG705) for anything else under that name."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise _broken(body, where) from None
    try:
        if "boolean" in data:
            return Result((), [], bool(data["boolean"]))
        columns = tuple(str(name) for name in data["head"]["vars"])
        bindings = data["results"]["bindings"]
        rows = [tuple(term_of(row[name]) if name in row else None for name in columns) for row in bindings]
    except (KeyError, TypeError, AttributeError, ValueError):
        raise _broken(body, where) from None
    return Result(columns, rows)


def term_of(node: dict[str, Any]) -> Term:
    """A term from its JSON form; ``typed-literal`` is what older servers write. Raises ValueError or KeyError."""
    kind, value = node["type"], str(node["value"])
    if kind == "uri":
        if any(letter <= " " or letter in '<>"{}|^`\\' for letter in value):
            raise ValueError("an IRI with characters that no IRI has")
        return f"<{value}>"
    if kind == "bnode":
        return f"_:{value}"
    if kind not in ("literal", "typed-literal"):
        raise ValueError(f"no term: {kind}")
    text = value.translate(_ESCAPES)
    if tag := node.get("xml:lang"):
        return f'"{text}"@{str(tag).lower()}'
    datatype = str(node.get("datatype") or _STRING)
    return f'"{text}"' if datatype == _STRING else f'"{text}"^^<{datatype}>'


def _broken(body: bytes, where: str) -> RemoteError:
    tail = excerpt(body[-200:])
    return failure(
        "KG705",
        f"{where} answered 200, but no whole result: it ends «{tail}»",
        "The query ran out of time or memory there, or a proxy cut it off. Try again, or raise the store's limits.",
    )
