"""HTML: a table that stands alone, for a page or a notebook. Nothing in it runs, everything in it is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from kg.model import Term
from kg.queries.formats.footing import body, cited, cut, source_line
from kg.queries.formats.grid import columns_and_rows
from kg.queries.formats.settings import Settings

if TYPE_CHECKING:
    from kg.queries.answer import Answer

__all__ = ["fragment", "write"]

_STYLE = (
    "body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}caption{text-align:left;font-weight:bold}"
    "th,td{text-align:left;vertical-align:top;padding:.2em .8em .2em 0;border-bottom:1px solid #ccc}"
    "footer,.references{font-size:small;color:#444}"
)


def write(answer: Answer, settings: Settings) -> Iterator[str]:
    """A whole page."""
    title = escape(answer.question or "Answer")
    yield f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>'
    yield f"<style>{_STYLE}</style></head>\n<body>\n"
    yield from _pieces(answer, settings)
    yield "</body>\n</html>\n"


def fragment(answer: Answer, settings: Settings | None = None) -> str:
    """The table, references and view alone, to be put into a page."""
    return "".join(_pieces(answer, settings or Settings()))


def _pieces(answer: Answer, settings: Settings) -> Iterator[str]:
    headings, rows = body(answer, settings)
    terms = columns_and_rows(answer)[1]
    caption = f"<caption>{escape(answer.question)}</caption>" if answer.question else ""
    yield f"<table>{caption}\n<thead><tr>{''.join(f'<th>{escape(h)}</th>' for h in headings)}</tr></thead>\n<tbody>\n"
    for row, found in zip(rows, terms, strict=True):
        linked = (*found, *[None] * (len(row) - len(found)))
        yield f"<tr>{''.join(map(_cell, row, linked))}</tr>\n"
    yield "</tbody></table>\n"
    if settings.evidence is not None:
        lines = "<br>\n".join(escape(line).replace("\n", "<br>") for line in settings.evidence.lines)
        yield f'<p class="references">{lines}</p>\n'
    said = [*([cut(answer)] if answer.truncated else []), *answer.notes]
    notes = "".join(f"<p>{escape(note)}</p>" for note in said)
    yield f"<footer>{notes}<p>View: {escape(answer.view)}; graph {escape(answer.version)}</p>\n<ul>\n"
    for document in cited(answer, settings).values():
        yield f"<li>{escape(source_line({**document, 'url': ''}))}{_address(document['url'])}</li>\n"
    yield "</ul></footer>\n"


def _cell(text: str, term: Term | None) -> str:
    # Only addresses of the web become links: no javascript:, data: or file: comes from a graph into a page.
    if term is not None and term.startswith(("<http://", "<https://")):
        return f'<td><a href="{escape(term[1:-1])}">{escape(text)}</a></td>'
    return f"<td>{escape(text)}</td>"


def _address(url: str) -> str:
    shown = escape(url)
    return f'. <a href="{shown}">{shown}</a>' if url.startswith(("http://", "https://")) else f". {shown}"
