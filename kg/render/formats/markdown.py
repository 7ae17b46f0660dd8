"""Markdown: a pipe table, what rows rest on, and the view, for notes and issues."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.harmless import markdown_text, web_address
from kg.render.formats.evidence import listed, premises
from kg.render.formats.footing import body, cited, cut, source_line
from kg.render.formats.settings import Settings

if TYPE_CHECKING:
    from kg.evidence import Evidence
    from kg.queries.answer import Answer

__all__ = ["write"]


def write(answer: Answer, settings: Settings) -> Iterator[str]:
    """The question in bold, the table, what each row rests on, the references, the view and the documents."""
    headings, rows = body(answer, settings)
    if answer.question:
        yield f"**{markdown_text(answer.question)}**\n\n"
    yield f"| {' | '.join(map(markdown_text, headings))} |\n|{' --- |' * len(headings)}\n"
    for row in rows:
        yield f"| {' | '.join(map(markdown_text, row))} |\n"
    if settings.evidence is not None and rows:
        yield from _evidence(answer, settings.evidence, rows)
    if cut_line := cut(answer):
        yield f"\n{markdown_text(cut_line)}\n"
    yield from (f"\n{markdown_text(note)}\n" for note in answer.notes)
    yield f"\nView: {markdown_text(answer.view)}; graph {markdown_text(answer.version)}\n\n"
    for document in cited(answer, settings).values():
        address = web_address(document["url"])
        yield f"- {markdown_text(source_line({**document, 'url': ''}))}.{f' <{address}>' if address else ''}\n"


def _evidence(answer: Answer, evidence: Evidence, rows: list[list[str]]) -> Iterator[str]:
    """For each row a list of the triples that made it match, and the references that their marks lead to."""
    yield "\n**What each row rests on**\n\n"
    for number, (row, rests) in enumerate(zip(rows, evidence.rows, strict=False), start=1):
        yield f"{number}. {markdown_text(' · '.join(filter(None, row[:-1])))}\n"
        for premise in premises(evidence, rests):
            marks = markdown_text(" ".join(f"[{mark}]" for mark in premise.marks))
            beside = " ".join([*([marks] if marks else []), *(f"({markdown_text(text)})" for text in premise.others)])
            yield f"    - {markdown_text(premise.text)} — {premise.status}{f': {beside}' if beside else ''}\n"
    yield "\n**References**\n\n"
    for reference in listed(answer, evidence):
        mark = f"{markdown_text(f'[{reference.mark}]')} " if reference.mark else ""
        text = markdown_text(reference.text)
        if reference.slug and web_address(reference.url) and reference.text.startswith(reference.slug):
            slug = markdown_text(reference.slug)
            text = f"[{slug}](<{reference.url}>){text.removeprefix(slug)}"
        yield f"- {mark}{text}\n"
        yield from (f"    > {markdown_text(sentence)}\n" for sentence in reference.sentences)
