"""Evidence, proofs and texts as notebooks show them: HTML in which everything is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.evidence.collect import Evidence
    from kg.evidence.explain import Explanation

__all__ = ["evidence_html", "explanation_html", "table_html", "text_html"]


def text_html(text: str) -> str:
    """A text with its lines as they are, broken where the page ends."""
    return f'<pre style="white-space:pre-wrap">{escape(text)}</pre>'


def evidence_html(evidence: Evidence) -> str:
    """What each row rests on, by number, and the list of what the numbers stand for."""
    rows = ((str(number), marks) for number, marks in enumerate(evidence.cells, start=1))
    return table_html(("row", "rests on"), rows, evidence.lines)


def table_html(columns: Iterable[str], rows: Iterable[Iterable[str]], notes: Iterable[str] = ()) -> str:
    """A table of texts, and the notes below it, a line each."""

    def row(cells: Iterable[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"

    below = "<br>".join(escape(note).replace("\n", "<br>") for note in notes)
    body = "".join(row(cells, "td") for cells in rows)
    return f"<table><thead>{row(columns, 'th')}</thead><tbody>{body}</tbody></table><p>{below}</p>"


def explanation_html(explanation: Explanation) -> str:
    """The proof as a nested list; a step that was shown before is referred to by its number."""
    return f"<ul>{''.join(_items(explanation))}</ul>"


def _items(explanation: Explanation) -> Iterator[str]:
    opened = 0
    for step, visit in explanation.walk():
        yield "</ul></li>" * (opened - visit.depth)
        opened = visit.depth
        if visit.again:
            yield f"<li>{escape(step.text)} (see step {step.number})</li>"
            continue
        opened += 1
        by = f": {step.words}" if step.words else ""
        yield f"<li>({step.number}) <b>{escape(step.text)}</b> {step.status.lower()}{escape(by)}<ul>"
        for reference in step.references:
            yield f"<li>{escape(reference.line)}"
            yield from (f"<blockquote>{escape(text)}</blockquote>" for text in explanation.sentences(reference))
            yield "</li>"
    yield "</ul></li>" * opened
