"""What stands below an answer: that it was cut, what it rests on, and the view, version and documents to cite."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kg.model import Term
from kg.render.formats.grid import added_columns, cell, columns_and_rows
from kg.render.formats.settings import Settings

if TYPE_CHECKING:
    from kg.queries.answer import Answer

__all__ = ["body", "cited", "cut", "footing", "source_line"]

_HUMP = re.compile(r"(?<=[a-z0-9])[A-Z](?=[a-z]|$)")


def footing(answer: Answer, settings: Settings) -> Iterator[str]:
    """The lines by which an answer is cited: the view in words, the version, and the documents with addresses."""
    if cut_line := cut(answer):
        yield cut_line
    if settings.quiet:
        return
    yield from answer.notes
    yield f"view: {answer.view}; graph {answer.version}"
    for slug, document in cited(answer, settings).items():
        yield f"{slug}: {source_line(document)}"


def cited(answer: Answer, settings: Settings) -> dict[str, dict[str, str]]:
    """The documents that an answer may rest on: all that the view believes, or those that the evidence names."""
    if settings.evidence is None or not settings.evidence.references:
        return answer.documents
    sources = (answer.graph.index.claim(r.source) for r in settings.evidence.references.values())
    used = {claim.document for claim in sources if claim}
    return {slug: document for slug, document in answer.documents.items() if slug in used}


def cut(answer: Answer) -> str:
    """That there was more than the limit; empty when there was not."""
    what = "triples" if answer.triples else "rows"
    return f"cut after {answer.limit} {what}: there are more (--limit)" if answer.truncated else ""


def source_line(document: dict[str, str]) -> str:
    """A document as it is cited in a line: who, what, where, when, address."""
    parts = [document["creator"], document["title"], document["publisher"], document["published"], document["url"]]
    # An open date ends in its two dots, which are no full stop.
    return ". ".join(part if part.endswith("/..") else part.rstrip(".") for part in parts if part)


def body(
    answer: Answer, settings: Settings, names: Mapping[Term, str] | None = None
) -> tuple[list[str], list[list[str]]]:
    """Headings and cells for people, with the columns for certainty and what rows rest on at the end.

    ``names`` are those that terms have here in place of their labels.
    """
    columns, rows = columns_and_rows(answer)
    if answer.boolean is not None:
        certainly = {"certain": ", certainly", "possible": ", possibly"}
        certain = "" if answer.certainty is None else certainly[answer.certainty[0]]
        return ["answer"], [[("yes" if answer.boolean else "no") + certain]]
    named = [*columns, *added_columns(answer, settings, columns)]
    headings = [_HUMP.sub(lambda m: " " + m[0].lower(), column).replace("_", " ") for column in named]
    said = {term: cell(answer, term, settings) for term in {term for row in rows for term in row}}
    said.update(names or {})
    cells = [[said[term] for term in row] for row in rows]
    if answer.certainty is not None:
        for row, mark in zip(cells, answer.certainty, strict=True):
            row.append(mark)
    if settings.evidence is not None:
        marks = settings.evidence.cells
        for number, row in enumerate(cells):
            row.append(marks[number] if number < len(marks) else "")
    return headings, cells
