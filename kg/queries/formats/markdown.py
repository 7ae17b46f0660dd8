"""Markdown: a pipe table, what rows rest on, and the view, for notes and issues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.queries.formats.footing import body, cited, cut, source_line
from kg.queries.formats.settings import Settings

if TYPE_CHECKING:
    from kg.queries.answer import Answer

__all__ = ["write"]

# What Markdown or the HTML in it would read as markup.
_MARKUP = re.compile(r"([\\`*_\[\]<>|~#&!])")


def write(answer: Answer, settings: Settings) -> Iterator[str]:
    """The question in bold, the table, the references, the view and the documents."""
    headings, rows = body(answer, settings)
    if answer.question:
        yield f"**{_plain(answer.question)}**\n\n"
    yield f"| {' | '.join(map(_plain, headings))} |\n|{' --- |' * len(headings)}\n"
    for row in rows:
        yield f"| {' | '.join(map(_plain, row))} |\n"
    if settings.evidence is not None:
        yield "\n"
        yield from (f"{_plain(line)}  \n" for line in settings.evidence.lines)
    if cut_line := cut(answer):
        yield f"\n{_plain(cut_line)}\n"
    yield from (f"\n{_plain(note)}\n" for note in answer.notes)
    yield f"\nView: {_plain(answer.view)}; graph {_plain(answer.version)}\n\n"
    for document in cited(answer, settings).values():
        yield f"- {_plain(source_line({**document, 'url': ''}))}. <{document['url']}>\n"


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
