"""The saved queries whose answers change between two states, row by row.

Where the two query graphs differ in little, one store serves both: it is made of the old graph, and turned into the
new one. Only queries that the difference can touch are asked, and of these only the rows that it can touch
(``kg.compare.relevance``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from kg.compare.delta import Delta, applied, view_delta
from kg.compare.relevance import Changed, affected
from kg.compare.rows import ALL, Affected
from kg.compare.state import State
from kg.errors import UsageError
from kg.model import Term
from kg.queries.answer import Answer
from kg.queries.entities import direct

__all__ = ["AnswerChange", "Row", "answer_changes"]

Row: TypeAlias = tuple[Term | None, ...]
#: The answers of one side by query, or why there is none.
Given: TypeAlias = dict[str, tuple[Answer | None, str]]
#: A larger difference is not put into the other graph's store: the new graph gets its own.
_LARGE = 20_000


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """A saved query with other answers; ``note`` says what else is to be said of it."""

    name: str
    question: str
    columns: tuple[str, ...] = ()
    gained: tuple[Row, ...] = ()
    lost: tuple[Row, ...] = ()
    note: str = ""


def answer_changes(old: State, new: State, names: Mapping[Term, Term]) -> list[AnswerChange]:
    """Every saved query that is new or gone, or has other answers; ``names`` gives new names of terms."""
    before, after = _answers(old, new, view_delta(old, new))
    found = []
    for name in sorted({*old.saved, *new.saved}):
        question = (new.saved.get(name) or old.saved[name]).summary
        if name not in new.saved:
            found.append(AnswerChange(name, question, note="the query is gone"))
        elif name not in old.saved:
            answer, failed = after[name]
            rows = failed if answer is None else f"{len(answer)} rows"
            found.append(AnswerChange(name, question, note=f"a new query: {rows}"))
        elif name in after:
            change = _change(AnswerChange(name, question), before[name], after[name], names)
            if old.saved[name].text != new.saved[name].text:
                change = replace(change, note="; ".join(filter(None, (change.note, "its text has changed"))))
            if change != AnswerChange(name, question):
                found.append(change)
    return found


def _answers(old: State, new: State, delta: Delta) -> tuple[Given, Given]:
    """The answers of both sides, less what is the same: queries that nothing touches, and rows of the others."""
    if len(delta.come) + len(delta.gone) + len(delta.shared) > _LARGE:
        return _asked(old, dict.fromkeys(old.saved, ALL)), _asked(new, dict.fromkeys(new.saved, ALL))
    gone = Changed((*delta.gone, *delta.shared))
    same = [name for name in sorted(old.saved) if _text(old, name) == _text(new, name) and _question(old, name)]
    touched = {name: affected(old.question(name), gone, old.store) for name in same}
    with applied(delta, old.store) as (come, _gone):
        # The store is the new graph's until the end of this block.
        new.__dict__["store"] = old.store
        arrived = Changed(come)
        for name in same:
            touched[name] |= affected(old.question(name), arrived, old.store)
        asked = {name: rows for name, rows in touched.items() if rows}
        asked |= dict.fromkeys(set(same) - _with_same_values(old, new, gone, asked), ALL)
        # What is asked for something else, or of one side only, is asked in full.
        asked |= dict.fromkeys((old.saved.keys() | new.saved.keys()) - set(same), ALL)
        after = _asked(new, {name: rows for name, rows in asked.items() if name in new.saved})
        del new.__dict__["store"]
    return _asked(old, {name: rows for name, rows in asked.items() if name in old.saved}), after


def _text(state: State, name: str) -> str:
    return state.saved[name].text if name in state.saved else ""


def _question(state: State, name: str) -> str:
    """The text of a query with its default values; empty when one has no meaning."""
    try:
        return state.question(name)
    except UsageError:
        return ""


def _with_same_values(old: State, new: State, gone: Changed, asked: Mapping[str, Affected]) -> set[str]:
    """Of the queries that both sides can ask, those whose default values mean the same on both.

    A value that is an IRI means itself while the graph speaks of it, and while the query that lists what is allowed
    has the same answer; any other is looked up again.
    """
    mentioned = {term for triple in gone.triples for term in triple}
    found = set()
    for name, query in old.saved.items():
        entities = [p for p in query.parameters if p.default is not None and p.type == "entity"]
        listers = [p.choices for p in entities if isinstance(p.choices, str)]
        terms = [direct(old, str(p.default)) for p in entities]
        certain = all(term is not None and term not in mentioned for term in terms) and all(
            lister not in asked and _text(old, lister) == _text(new, lister) for lister in listers
        )
        if certain or (name in new.saved and _question(old, name) == _question(new, name)):
            found.add(name)
    return found


def _asked(state: State, wanted: Mapping[str, Affected]) -> Given:
    """The answers of a state to some of its queries, of the rows wanted."""
    return {name: _answer(state, name, rows) for name, rows in sorted(wanted.items(), key=lambda item: item[0])}


def _answer(state: State, name: str, rows: Affected) -> tuple[Answer | None, str]:
    try:
        return (state.answer(name) if rows.all else state.part_of_answer(name, rows)), ""
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
