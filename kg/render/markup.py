"""Answers as Markdown, for notes and issues, and as HTML, for a page or a notebook.

Both have the table, for each row what it rests on, the references, the view and the sources. Nothing in them runs,
everything in them is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.evidence.triple_support import SupportFinder
from kg.harmless import html_text, markdown_text, web_address
from kg.model import Term, Triple
from kg.render.columns import Cell, ReaderTable, Settings, reader_table
from kg.render.sources import cited, cut, source_line
from kg.vocab import RDF, iri, kg

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.evidence import Evidence, RowEvidence, TripleSupport
    from kg.queries.answer import Answer

#: The rows of an answer that a notebook shows: it keeps what it shows in its file.
NOTEBOOK_ROWS = 200
#: A mark of a reference, as it stands in a cell: ``[1]``, ``[a]``.
_MARK = re.compile(r"\[([0-9]+|[a-z]+)\]")
_PERIOD = kg("period")
#: What only says which statement a node is, or which period it has; and the gloss, which the reference has.
_FORM = (*(iri(RDF + name) for name in ("type", "subject", "predicate", "object")), _PERIOD, kg("gloss"))
#: The style of pages, of answers and of the site alike; a Content-Security-Policy names the hash of its text.
STYLE_FILE = Path(__file__).parent / "static" / "style.css"
STYLE = STYLE_FILE.read_text(encoding="utf-8")


# -- HTML


def write_html(answer: Answer, settings: Settings) -> Iterator[str]:
    """A whole page, in the style of the site."""
    question = html_text(answer.question or "Answer")
    yield f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{question}</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{STYLE}</style></head>\n<body>\n<main>\n<h1>{question}</h1>\n"
    yield from _html(answer, settings)
    yield "</main>\n</body>\n</html>\n"


def notebook(answer: Answer) -> str:
    """An answer as notebooks show it: the first NOTEBOOK_ROWS rows, with how many there are."""
    shown = answer
    if len(answer) > NOTEBOOK_ROWS:
        shown = answer.part(0, NOTEBOOK_ROWS)
        shown.notes = [f"the first {NOTEBOOK_ROWS} of {len(answer)} are shown: to_pandas() has all", *answer.notes]
    title = f"<p><strong>{html_text(answer.question)}</strong></p>\n" if answer.question else ""
    return title + "".join(_html(shown, Settings()))


def _html(answer: Answer, settings: Settings) -> Iterator[str]:
    table = reader_table(answer, settings)
    headings = list(map(html_text, table.titles))
    yield f"<table>\n<thead><tr>{''.join(f'<th>{h}</th>' for h in headings)}</tr></thead>\n<tbody>\n"
    for row in table.rows:
        shown = list(map(_linked, row))
        if settings.evidence is not None:
            shown[-1] = _html_marks(row[-1].text)
        cells = (f'<td data-name="{h}">{text}</td>' for h, text in zip(headings, shown, strict=True))
        yield f"<tr>{''.join(cells)}</tr>\n"
    yield "</tbody></table>\n"
    if settings.evidence is not None and table.rows:
        yield from _html_evidence(answer, settings.evidence, table)
    said = [*([cut(answer)] if answer.truncated else []), *answer.notes]
    yield f"<footer>{''.join(f'<p>{html_text(note)}</p>' for note in said)}"
    if legend := table.legend():
        yield (
            "<dl>" + "".join(f"<dt>{w}</dt><dd>{html_text(meaning)}</dd>" for w, meaning in legend.items()) + "</dl>"
        )
    yield f"<p>View: {html_text(answer.view)}; graph {html_text(answer.version)}</p>\n<ul>\n"
    for document in cited(answer, settings).values():
        yield f"<li>{html_text(source_line({**document, 'url': ''}))}{_html_address(document['url'])}</li>\n"
    yield "</ul></footer>\n"


def _html_evidence(answer: Answer, evidence: Evidence, table: ReaderTable) -> Iterator[str]:
    """For each row a list of the triples that made it match, and the references that their marks lead to."""
    yield '<section class="evidence">\n<h2>What each row rests on</h2>\n<ol>\n'
    for row, rests in _rows_and_evidence(evidence, table):
        yield f"<li>{html_text(_in_line(row))}\n<ul>\n"
        for premise in premises(evidence, rests):
            beside = [_html_marks(" ".join(f"[{mark}]" for mark in premise.marks)), *map(html_text, premise.others)]
            said = " ".join(filter(None, beside))
            tag = f'<span class="tag {premise.status}">{premise.status}</span>'
            yield f"<li>{html_text(premise.text)} {tag} {said}</li>\n"
        yield "</ul></li>\n"
    yield '</ol>\n</section>\n<section>\n<h2>References</h2>\n<ul class="plain">\n'
    for reference in _listed(answer, evidence):
        said = "".join(f"<blockquote>{html_text(sentence)}</blockquote>" for sentence in reference.sentences)
        mark = f' id="ref-{reference.mark}">[{reference.mark}] ' if reference.mark else ">"
        text = reference.linked(html_text, lambda slug, url: f'<a href="{html_text(url)}">{slug}</a>')
        yield f"<li{mark}{text}{said}</li>\n"
    yield "</ul>\n</section>\n"


def _html_marks(text: str) -> str:
    """Marks as links to the references that they name."""
    return _MARK.sub(r'<a href="#ref-\1">[\1]</a>', html_text(text))


def _linked(cell: Cell) -> str:
    # Only addresses of the web become links: no javascript:, data: or file: comes from a graph into a page.
    if cell.term is not None and web_address(cell.term[1:-1]):
        return f'<a href="{html_text(cell.term[1:-1])}">{html_text(cell.text)}</a>'
    return html_text(cell.text)


def _html_address(url: str) -> str:
    shown = html_text(url)
    return f'. <a href="{shown}">{shown}</a>' if web_address(url) else f". {shown}" if shown else ""


# -- Markdown


def write_markdown(answer: Answer, settings: Settings) -> Iterator[str]:
    """The question in bold, the table, what each row rests on, the references, the view and the documents."""
    table = reader_table(answer, settings)
    if answer.question:
        yield f"**{markdown_text(answer.question)}**\n\n"
    yield f"| {' | '.join(map(markdown_text, table.titles))} |\n|{' --- |' * len(table.headings)}\n"
    for row in table.rows:
        yield f"| {' | '.join(markdown_text(cell.text) for cell in row)} |\n"
    if settings.evidence is not None and table.rows:
        yield from _markdown_evidence(answer, settings.evidence, table)
    if cut_line := cut(answer):
        yield f"\n{markdown_text(cut_line)}\n"
    yield from (f"\n{markdown_text(note)}\n" for note in answer.notes)
    if legend := table.legend():
        yield "\n" + "; ".join(f"*{word}*: {markdown_text(meaning)}" for word, meaning in legend.items()) + "\n"
    yield f"\nView: {markdown_text(answer.view)}; graph {markdown_text(answer.version)}\n\n"
    for document in cited(answer, settings).values():
        address = web_address(document["url"])
        yield f"- {markdown_text(source_line({**document, 'url': ''}))}.{f' <{address}>' if address else ''}\n"


def _markdown_evidence(answer: Answer, evidence: Evidence, table: ReaderTable) -> Iterator[str]:
    """As in HTML."""
    yield "\n**What each row rests on**\n\n"
    for number, (row, rests) in enumerate(_rows_and_evidence(evidence, table), start=1):
        yield f"{number}. {markdown_text(_in_line(row))}\n"
        for premise in premises(evidence, rests):
            marks = markdown_text(" ".join(f"[{mark}]" for mark in premise.marks))
            beside = " ".join([*([marks] if marks else []), *(f"({markdown_text(text)})" for text in premise.others)])
            yield f"    - {markdown_text(premise.text)} — {premise.status}{f': {beside}' if beside else ''}\n"
    yield "\n**References**\n\n"
    for reference in _listed(answer, evidence):
        mark = f"{markdown_text(f'[{reference.mark}]')} " if reference.mark else ""
        yield f"- {mark}{reference.linked(markdown_text, lambda slug, url: f'[{slug}](<{url}>)')}\n"
        yield from (f"    > {markdown_text(sentence)}\n" for sentence in reference.sentences)


# -- what rows rest on


@dataclass(frozen=True, slots=True)
class Premise:
    """One thing that a row rests on: in words, how it stands, the marks of its references, and others without one.

    ``statement`` is the words without what is said beside them; empty for an absence.
    """

    text: str
    status: str
    marks: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    statement: str = ""


@dataclass(frozen=True, slots=True)
class _Listed:
    """One reference of the list: its mark (empty for an absence), its text, the slug and address of its document.

    ``sentences`` follow it, where the documents' texts are there.
    """

    mark: str
    text: str
    slug: str = ""
    url: str = ""
    sentences: tuple[str, ...] = ()

    def linked(self, escape: Callable[[str], str], link: Callable[[str, str], str]) -> str:
        """The text, escaped, and linked where it begins with a document that has an address of the web."""
        if self.slug and web_address(self.url) and self.text.startswith(self.slug):
            return link(escape(self.slug), self.url) + escape(self.text.removeprefix(self.slug))
        return escape(self.text)


def _in_line(row: list[Cell]) -> str:
    return " · ".join(cell.text for cell in row[:-1] if cell.text)


def _rows_and_evidence(evidence: Evidence, table: ReaderTable) -> Iterator[tuple[list[Cell], list[RowEvidence]]]:
    for row, numbers in zip(table.rows, table.numbers, strict=True):
        yield row, [evidence.rows[number] for number in numbers if number < len(evidence.rows)]


def premises(evidence: Evidence, rows: list[RowEvidence]) -> Iterator[Premise]:
    """What supports a row: each fact and claim once, with the statements about it, then what must be absent.

    Statements about a fact node and its period count as statements about the fact.
    """
    grounds = SupportFinder.of(evidence.graph)
    all_grounds = list({ground.triple: ground for row in rows for ground in row.grounds}.values())
    periods = {g.triple[2]: g.triple[0] for g in all_grounds if g.triple[1] == _PERIOD}
    about: dict[Triple | Term, list[TripleSupport]] = {}
    for ground in all_grounds:
        subject = periods.get(ground.triple[0], ground.triple[0])
        known = grounds.statement(subject) or (subject if grounds.index.claim(subject) else ground.triple)
        about.setdefault(known, []).append(ground)
    for known, some in about.items():
        yield _premise(evidence, grounds, known, some)
    for what in dict.fromkeys(what for row in rows for what in row.absent):
        yield Premise(" ".join(what.split()), "absent")


def _premise(evidence: Evidence, grounds: SupportFinder, known: Triple | Term, some: list[TripleSupport]) -> Premise:
    label = evidence.graph.label

    def told(term: Term) -> str:
        content = grounds.statement(term)
        return grounds.words(content) if content else label(term)

    said = [f"{label(p)} {told(o)}" for s, p, o in (g.triple for g in some) if p not in _FORM and (s, p, o) != known]
    references, numbers = [r for ground in some for r in ground.references], evidence.numbers
    # Entities beside claims have no mark.
    marks = dict.fromkeys(numbers[r.key] for r in references if r.key in numbers)
    others = dict.fromkeys(r.line for r in references if r.key not in numbers)
    if isinstance(known, str):
        text, status = label(known), "claim"
    else:
        text = grounds.words(known)
        status = next((ground.status for ground in some if ground.triple == known), "")
        status = status or (grounds.ground(known).status if known in grounds.facts else "claimed")
    beside = f" ({'; '.join(dict.fromkeys(said))})" if said else ""
    return Premise(text + beside, status, tuple(marks), tuple(others), text)


def _listed(answer: Answer, evidence: Evidence) -> Iterator[_Listed]:
    """The references in the order of the list, and what rows rest on not being there."""
    sources = {mark: evidence.references[key].source for key, mark in evidence.numbers.items()}
    for line in evidence.lines:
        text, *sentences = line.split("\n")
        found = _MARK.match(text)
        if found is None:
            yield _Listed("", text)
            continue
        claim = answer.graph.index.claim(sources[found[1]])
        slug, url = (claim.document, answer.documents.get(claim.document, {}).get("url", "")) if claim else ("", "")
        said = tuple(sentence.strip() for sentence in sentences)
        yield _Listed(found[1], text[found.end() :].strip(), slug, url, said)
