"""Markdown: a pipe table, what rows rest on, and the view, for notes and issues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.render.formats.evidence import listed, premises
from kg.render.formats.footing import body, cited, cut, source_line
from kg.render.formats.settings import Settings

if TYPE_CHECKING:
    from kg.evidence import Evidence
    from kg.queries.answer import Answer

__all__ = ["write"]

# What Markdown or the HTML in it would read as markup.
_MARKUP = re.compile(r"([\\`*_\[\]<>|~#&!])")
_MARK = re.compile(r"\\\[([0-9]+|[a-z]+)\\\]")


def write(answer: Answer, settings: Settings) -> Iterator[str]:
    """The question in bold, the table, what each row rests on, the references, the view and the documents."""
    headings, rows = body(answer, settings)
    if answer.question:
        yield f"**{_plain(answer.question)}**\n\n"
    yield f"| {' | '.join(map(_plain, headings))} |\n|{' --- |' * len(headings)}\n"
    for row in rows:
        cells = list(map(_plain, row))
        if settings.evidence is not None:
            cells[-1] = _linked(cells[-1])
        yield f"| {' | '.join(cells)} |\n"
    if settings.evidence is not None and rows:
        yield from _evidence(answer, settings.evidence, rows)
    if cut_line := cut(answer):
        yield f"\n{_plain(cut_line)}\n"
    yield from (f"\n{_plain(note)}\n" for note in answer.notes)
    yield f"\nView: {_plain(answer.view)}; graph {_plain(answer.version)}\n\n"
    for document in cited(answer, settings).values():
        yield f"- {_plain(source_line({**document, 'url': ''}))}. <{document['url']}>\n"


def _evidence(answer: Answer, evidence: Evidence, rows: list[list[str]]) -> Iterator[str]:
    """For each row a list of the triples that made it match, and the references that their marks lead to."""
    yield "\n**What each row rests on**\n\n"
    for number, (row, rests) in enumerate(zip(rows, evidence.rows, strict=False), start=1):
        yield f"{number}. {_plain(' · '.join(filter(None, row[:-1])))}\n"
        for premise in premises(evidence, rests):
            marks = _linked(_plain(" ".join(f"[{mark}]" for mark in premise.marks)))
            beside = " ".join([*([marks] if marks else []), *(f"({_plain(text)})" for text in premise.others)])
            yield f"    - {_plain(premise.text)} — {premise.status}{f': {beside}' if beside else ''}\n"
    yield "\n**References**\n\n"
    for reference in listed(answer, evidence):
        mark = f'<a id="ref-{reference.mark}"></a>{_plain(f"[{reference.mark}]")} ' if reference.mark else ""
        text = _plain(reference.text)
        if reference.slug and reference.text.startswith(reference.slug):
            slug = _plain(reference.slug)
            text = f"[{slug}](<{reference.url}>){text.removeprefix(slug)}"
        yield f"- {mark}{text}\n"
        yield from (f"    > {_plain(sentence)}\n" for sentence in reference.sentences)


def _linked(marks: str) -> str:
    """Marks, made plain before, as links to the references that they name."""
    return _MARK.sub(r"[\\[\1\\]](#ref-\1)", marks)


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
