"""Evidence, proofs and texts as notebooks show them: HTML in which everything is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.evidence.collect import Evidence
    from kg.evidence.explain import Explanation

__all__ = ["evidence_html", "explanation_html", "text_html"]


def text_html(text: str) -> str:
    """A text with its lines as they are, broken where the page ends."""
    return f'<pre style="white-space:pre-wrap">{escape(text)}</pre>'


def evidence_html(evidence: Evidence) -> str:
    """What each row rests on, by number, and the list of what the numbers stand for."""
    rows = "".join(
        f"<tr><td>{number}</td><td>{escape(marks)}</td></tr>" for number, marks in enumerate(evidence.cells, start=1)
    )
    head = "<thead><tr><th>row</th><th>rests on</th></tr></thead>"
    references = "<br>".join(escape(line).replace("\n", "<br>") for line in evidence.lines)
    return f"<table>{head}<tbody>{rows}</tbody></table><p>{references}</p>"


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
