"""The saved queries whose answers differ between two states, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from kg.compare.state import State
from kg.errors import UsageError
from kg.model import Term
from kg.queries.answer import Answer

__all__ = ["AnswerChange", "Row", "answer_changes"]

Row: TypeAlias = tuple[Term | None, ...]


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """A saved query with other answers; ``note`` tells what else has changed about it."""

    name: str
    question: str
    columns: tuple[str, ...] = ()
    gained: tuple[Row, ...] = ()
    lost: tuple[Row, ...] = ()
    note: str = ""


def answer_changes(old: State, new: State, names: Mapping[Term, Term]) -> list[AnswerChange]:
    """Every saved query that is new or gone, or has other answers; ``names`` gives new names of terms."""
    found = []
    for name in sorted({*old.saved, *new.saved}):
        question = (new.saved.get(name) or old.saved[name]).summary
        if name not in new.saved:
            found.append(AnswerChange(name, question, note="the query is gone"))
        elif name not in old.saved:
            answer, failed = _answer(new, name)
            rows = failed if answer is None else f"{len(answer)} rows"
            found.append(AnswerChange(name, question, note=f"a new query: {rows}"))
        else:
            change = _change(AnswerChange(name, question), _answer(old, name), _answer(new, name), names)
            if old.saved[name].text != new.saved[name].text:
                change = replace(change, note="; ".join(filter(None, (change.note, "its text has changed"))))
            if change != AnswerChange(name, question):
                found.append(change)
    return found


def _answer(state: State, name: str) -> tuple[Answer | None, str]:
    """The answer to a query with its default values, or why it has none."""
    try:
        return state.answer(name), ""
    except UsageError as error:
        return None, error.problems[0].message


def _change(
    change: AnswerChange,
    before: tuple[Answer | None, str],
    after: tuple[Answer | None, str],
    names: Mapping[Term, Term],
) -> AnswerChange:
    (was, failed_before), (now, failed) = before, after
    rows, rows_now = _rows(was, names), _rows(now, {})
    gained, lost = tuple((rows_now - rows).elements()), tuple((rows - rows_now).elements())
    notes = []
    if was is not None and now is not None and was.columns != now.columns:
        notes.append("its columns have changed")
    if failed != failed_before:
        notes.append(f"it cannot be asked: {failed}" if failed else "it can be asked now")
    if gained or lost:
        shown = now if now is not None else was
        change = replace(change, columns=shown.columns if shown is not None else (), gained=gained, lost=lost)
    return replace(change, note="; ".join(notes))


def _rows(answer: Answer | None, names: Mapping[Term, Term]) -> Counter[Row]:
    """The rows of an answer, or its triples, or its truth, in their order."""
    if answer is None:
        return Counter()
    if answer.boolean is not None:
        return Counter([(f'"{str(answer.boolean).lower()}"',)])
    rows: list[Row] = [*answer.rows, *answer.triples]
    if not names:
        return Counter(rows)
    return Counter(tuple(names.get(cell, cell) if cell else cell for cell in row) for row in rows)
