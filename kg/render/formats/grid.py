"""Any answer as columns and rows: what stands beside what was asked for, and terms as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kg.harmless import harmless_line
from kg.labels import shorten
from kg.model import Term, is_literal, quoted, text_of
from kg.render.formats.settings import Settings
from kg.vocab import PREFIXES, XSD

if TYPE_CHECKING:
    from kg.queries.answer import Answer

__all__ = ["added_columns", "cell", "columns_and_rows", "extended", "rests_on"]

Row = tuple[Term | None, ...]


def cell(answer: Answer, term: Term | None, settings: Settings) -> str:
    """A term as people read it, on one line: its label; its short name with ``iris``; the text of a literal."""
    if term is None:
        return ""
    if is_literal(term):
        return harmless_line(text_of(term))
    label = answer.graph.label(term)
    short = shorten(term, {**PREFIXES, **answer.graph.project.prefixes})
    return f"{label} ({short})" if settings.iris and short != label else label


def columns_and_rows(answer: Answer) -> tuple[tuple[str, ...], list[Row]]:
    """The columns and rows of any form of answer: triples have three, a boolean one."""
    if answer.boolean is not None:
        return ("answer",), [(f'"{str(answer.boolean).lower()}"^^<{XSD}boolean>',)]
    if answer.form in ("CONSTRUCT", "DESCRIBE"):
        return ("subject", "predicate", "object"), [tuple(triple) for triple in answer.triples]
    return answer.columns, answer.rows


def extended(answer: Answer, settings: Settings) -> tuple[list[str], Iterator[Row]]:
    """Columns and rows for programs: with labels, certainty and what rows rest on as columns of their own."""
    columns, rows = columns_and_rows(answer)
    labelled = _labelled(columns, rows) if settings.labels else {}
    names = [name for column in columns for name in (column, labelled.get(column)) if name]
    return names + added_columns(answer, settings, names), _extended_rows(answer, settings, labelled)


def added_columns(answer: Answer, settings: Settings, taken: Iterable[str]) -> list[str]:
    """The names of the columns that the view and the evidence add, other ones where a query has taken theirs."""
    used, added = set(taken), []
    for name, wanted in (("certainty", answer.certainty), ("rests_on", settings.evidence)):
        if wanted is not None:
            free = name
            while free in used:
                free += "_in_view"
            used.add(free)
            added.append(free)
    return added


def rests_on(answer: Answer, settings: Settings) -> list[str]:
    """For each row, the claims and axioms that it rests on: IRIs of claims, files and lines of the others.

    A row that rests on something not being there says ``absence`` as well.
    """
    if settings.evidence is None:
        return []
    found = []
    for row in settings.evidence.rows:
        sources = dict.fromkeys(r.source.strip("<>") for ground in row.grounds for r in ground.references)
        found.append(" ".join([*sources, *(["absence"] if row.absences else [])]))
    return found


def _labelled(columns: tuple[str, ...], rows: list[Row]) -> dict[str, str]:
    """The columns that hold an IRI in some row, each with the name of the column for its labels."""
    held = {name for row in rows for name, term in zip(columns, row, strict=True) if term and term.startswith("<")}
    return {name: f"{name}Label" for name in columns if name in held and f"{name}Label" not in columns}


def _extended_rows(answer: Answer, settings: Settings, labelled: dict[str, str]) -> Iterator[Row]:
    columns, rows = columns_and_rows(answer)
    certainty, sources = answer.certainty, rests_on(answer, settings)
    evident = settings.evidence is not None
    for number, row in enumerate(rows):
        made: list[Term | None] = []
        for name, term in zip(columns, row, strict=True):
            made.append(term)
            if name in labelled:
                made.append(quoted(answer.graph.label(term)) if term else None)
        if certainty is not None:
            made.append(f'"{certainty[number]}"')
        if evident:
            made.append(quoted(sources[number]) if number < len(sources) else None)
        yield tuple(made)
