"""SPARQL Query Results XML Format (second edition); the view and version stand in a comment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from kg.harmless import web_address, xml_text
from kg.model import Term
from kg.render.formats.footing import cited, footing
from kg.render.formats.grid import extended
from kg.render.formats.settings import Settings
from kg.render.formats.sparql_json import term_json

if TYPE_CHECKING:
    from kg.queries.answer import Answer

__all__ = ["write"]

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n'


def write(answer: Answer, settings: Settings) -> Iterator[str]:
    """Head, results, and what cites them."""
    columns, rows = extended(answer, settings)
    yield _HEAD + "<head>"
    if answer.boolean is None:
        yield "".join(f"<variable name={quoteattr(column)}/>" for column in columns)
    for document in cited(answer, settings).values():
        yield f"<link href={quoteattr(document['url'])}/>" if web_address(document["url"]) else ""
    yield "</head>\n"
    if answer.boolean is not None:
        yield f"<boolean>{str(answer.boolean).lower()}</boolean>\n"
    else:
        yield "<results>\n"
        for row in rows:
            yield f"<result>{''.join(map(_binding, columns, row))}</result>\n"
        yield "</results>\n"
    # Two hyphens would end a comment.
    yield f"<!-- {xml_text(chr(10).join(footing(answer, settings))).replace('--', '- -')} -->\n</sparql>\n"


def _binding(column: str, term: Term | None) -> str:
    if term is None:
        return ""
    return f"<binding name={quoteattr(column)}>{_value(term_json(term))}</binding>"


def _value(found: dict[str, Any]) -> str:
    """A term as an element."""
    kind = found["type"]
    if kind == "triple":
        return (
            f"<triple>{''.join(f'<{part}>{_value(term)}</{part}>' for part, term in found['value'].items())}</triple>"
        )
    attributes = "".join(f" {n}={quoteattr(found[n])}" for n in ("xml:lang", "its:dir", "datatype") if n in found)
    if "its:dir" in found:
        attributes += ' xmlns:its="http://www.w3.org/2005/11/its" its:version="2.0"'
    return f"<{kind}{attributes}>{xml_text(found['value'])}</{kind}>"
