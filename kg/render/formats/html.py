"""HTML: a table that stands alone, for a page or a notebook. Nothing in it runs, everything in it is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.harmless import html_text, web_address
from kg.model import Term
from kg.render.formats.evidence import MARK, listed, premises
from kg.render.formats.footing import body, cited, cut, source_line
from kg.render.formats.grid import columns_and_rows
from kg.render.formats.settings import Settings

if TYPE_CHECKING:
    from kg.evidence import Evidence
    from kg.queries.answer import Answer

__all__ = ["STYLE", "fragment", "write"]

#: The style of the page: a Content-Security-Policy names its hash.
STYLE = (
    "body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}caption{text-align:left;font-weight:bold}"
    "th,td{text-align:left;vertical-align:top;padding:.2em .8em .2em 0;border-bottom:1px solid #ccc}"
    "footer,section{font-size:small;color:#444}h2{font-size:medium}.status{font-style:italic}"
    ".references ul{list-style:none;padding:0}"
)


def write(answer: Answer, settings: Settings) -> Iterator[str]:
    """A whole page."""
    title = html_text(answer.question or "Answer")
    yield f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>'
    yield f"<style>{STYLE}</style></head>\n<body>\n"
    yield from _pieces(answer, settings)
    yield "</body>\n</html>\n"


def fragment(answer: Answer, settings: Settings | None = None) -> str:
    """The table, references and view alone, to be put into a page."""
    return "".join(_pieces(answer, settings or Settings()))


def _pieces(answer: Answer, settings: Settings) -> Iterator[str]:
    headings, rows = body(answer, settings)
    terms = columns_and_rows(answer)[1]
    caption = f"<caption>{html_text(answer.question)}</caption>" if answer.question else ""
    head = "".join(f"<th>{html_text(h)}</th>" for h in headings)
    yield f"<table>{caption}\n<thead><tr>{head}</tr></thead>\n<tbody>\n"
    for row, found in zip(rows, terms, strict=True):
        linked = (*found, *[None] * (len(row) - len(found)))
        cells = list(map(_cell, row, linked))
        if settings.evidence is not None:
            cells[-1] = f"<td>{_marks(row[-1])}</td>"
        yield f"<tr>{''.join(cells)}</tr>\n"
    yield "</tbody></table>\n"
    if settings.evidence is not None and rows:
        yield from _evidence(answer, settings.evidence, rows)
    said = [*([cut(answer)] if answer.truncated else []), *answer.notes]
    notes = "".join(f"<p>{html_text(note)}</p>" for note in said)
    yield f"<footer>{notes}<p>View: {html_text(answer.view)}; graph {html_text(answer.version)}</p>\n<ul>\n"
    for document in cited(answer, settings).values():
        yield f"<li>{html_text(source_line({**document, 'url': ''}))}{_address(document['url'])}</li>\n"
    yield "</ul></footer>\n"


def _evidence(answer: Answer, evidence: Evidence, rows: list[list[str]]) -> Iterator[str]:
    """For each row a list of the triples that made it match, and the references that their marks lead to."""
    yield '<section class="evidence">\n<h2>What each row rests on</h2>\n<ol>\n'
    for row, rests in zip(rows, evidence.rows, strict=False):
        yield f"<li>{html_text(' · '.join(filter(None, row[:-1])))}\n<ul>\n"
        for premise in premises(evidence, rests):
            beside = [_marks(" ".join(f"[{mark}]" for mark in premise.marks)), *map(html_text, premise.others)]
            said = " ".join(filter(None, beside))
            yield f'<li>{html_text(premise.text)} <span class="status">{premise.status}</span> {said}</li>\n'
        yield "</ul></li>\n"
    yield '</ol>\n</section>\n<section class="references">\n<h2>References</h2>\n<ul>\n'
    for reference in listed(answer, evidence):
        text = html_text(reference.text)
        if reference.slug and web_address(reference.url) and reference.text.startswith(reference.slug):
            slug = html_text(reference.slug)
            text = f'<a href="{html_text(reference.url)}">{slug}</a>{text.removeprefix(slug)}'
        said = "".join(f"<blockquote>{html_text(sentence)}</blockquote>" for sentence in reference.sentences)
        mark = f' id="ref-{reference.mark}">[{reference.mark}] ' if reference.mark else ">"
        yield f"<li{mark}{text}{said}</li>\n"
    yield "</ul>\n</section>\n"


def _marks(text: str) -> str:
    """Marks as links to the references that they name."""
    return MARK.sub(r'<a href="#ref-\1">[\1]</a>', html_text(text))


def _cell(text: str, term: Term | None) -> str:
    # Only addresses of the web become links: no javascript:, data: or file: comes from a graph into a page.
    if term is not None and web_address(term[1:-1]):
        return f'<td><a href="{html_text(term[1:-1])}">{html_text(text)}</a></td>'
    return f"<td>{html_text(text)}</td>"


def _address(url: str) -> str:
    shown = html_text(url)
    return f'. <a href="{shown}">{shown}</a>' if web_address(url) else f". {shown}"
