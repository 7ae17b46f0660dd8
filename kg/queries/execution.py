"""Executing a query: its rows within limits, and where the view has a date, whether each certainly holds then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kg.dates import MARKS
from kg.errors import UsageError
from kg.queries.answer import Answer
from kg.queries.bounded import bounded, solutions

if TYPE_CHECKING:
    from kg.corpus.saved import QueryDate
    from kg.graph.store import Graph

__all__ = ["answered", "fill"]

#: Of more rows than these, none is marked by its evidence.
_MARKED = 1000


def answered(answer: Answer) -> Answer:
    """Fill an answer; where the view has a date, its rows are marked.

    The rows of a saved question are marked by the period that its header names, those of SPARQL of one's own by the
    facts that they rest on. What is certain is known by asking also what is possible, for what must not hold cannot
    possibly do so.
    """
    if answer.graph.view.as_of is None or answer.form not in ("SELECT", "ASK"):
        fill(answer)
        return answer
    date = answer.query.date if answer.query is not None and answer.form == "SELECT" else None
    if date is not None and date.of != "view":
        return _dated(answer, date)
    if answer.graph.view.certain:
        from kg.queries.certainty import keep_certain

        loose = answered(replace(answer, graph=answer.graph.possibly))
        keep_certain(loose)
        if loose.boolean is not None:
            loose.boolean, loose.certainty = loose.boolean and loose.certainty == ["certain"], None
        return replace(loose, graph=answer.graph)
    from kg.queries.certainty import mark_certain

    fill(answer)
    sure = replace(answer, graph=answer.graph.certainly, rows=[], columns=(), boolean=None)
    fill(sure)
    mark_certain(answer, sure)
    if answer.query is None and answer.form == "SELECT" and answer.dataset is None:
        _by_evidence(answer)
    return answer


def _by_evidence(answer: Answer) -> None:
    """Mark the rows of SPARQL of one's own by the facts that they rest on, or say why they have no marks."""
    if len(answer.rows) > _MARKED or answer.truncated:
        answer.certainty, answer.unmarked = None, f"more than {_MARKED} rows"
        return
    from kg.evidence.collect import row_marks

    own = len(answer.rows) - answer.added
    plain = replace(answer, rows=answer.rows[:own], timeout=None, show=None, certainty=None)
    try:
        (marks,) = bounded(answer.graph, row_marks, plain, timeout=answer.timeout)
    except UsageError as error:
        answer.certainty, answer.unmarked = None, error.problems[0].message
        return
    if own and not any(marks):
        answer.certainty, answer.unmarked = None, "they rest on claims, and no fact of the view"
        return
    both = [
        MARKS[min(map(MARKS.index, pair))] if all(pair) else ""
        for pair in zip(marks, answer.certainty or (), strict=False)
    ]
    kept = [n for n, mark in enumerate(both) if mark != "undated" or answer.undated]
    answer.left_undated = own - len(kept)
    answer.certainty = [both[n] for n in kept] + ["possible"] * answer.added
    answer.rows = [answer.rows[n] for n in kept] + answer.rows[own:]


def _dated(answer: Answer, date: QueryDate) -> Answer:
    """Answer a saved question as of the view's date, by the period that its header names."""
    from kg.queries.row_dates import has_periods

    if date.of == "none":
        timeless = replace(answer, graph=answer.graph.in_view(answer.graph.view.timeless()))
        fill(timeless)
        return replace(timeless, graph=answer.graph, dateless=True)
    if has_periods(answer.text, date):
        _by_rows(answer, date)
    else:
        _by_nodes(answer, date)
    if answer.graph.view.certain:
        from kg.queries.certainty import keep_certain

        keep_certain(answer)
    return answer


def _by_rows(answer: Answer, date: QueryDate) -> None:
    """Ask for each row together with its periods, of what possibly holds and of what certainly does."""
    from kg.queries.row_dates import dated_rows, with_periods

    when = answer.graph.view.as_of
    assert when is not None  # noqa: S101 - the caller has asked
    text = with_periods(answer.text, date)
    loose = replace(answer, graph=answer.graph.possibly, text=text, query=None, limit=0)
    sure = replace(loose, graph=answer.graph.certainly, rows=[], columns=())
    fill(loose)
    fill(sure)
    found = dated_rows(loose, when, date, set(sure.rows))
    shown = [n for n, mark in enumerate(found.marks) if mark != "undated" or answer.undated]
    least = _least(answer)
    answer.truncated = loose.truncated or 0 < least < len(shown)
    shown = shown[: least or None]
    answer.columns = loose.columns[: len(loose.columns) - len(date.variables)]
    answer.rows, answer.certainty = [found.rows[n] for n in shown], [found.marks[n] for n in shown]
    answer.left_undated = 0 if answer.undated else found.undated


def _by_nodes(answer: Answer, date: QueryDate) -> None:
    """Ask a question that groups of the nodes that possibly hold at the date, and of those that certainly do."""
    from kg.queries.certainty import mark_certain
    from kg.queries.row_dates import among_periods, known_periods, periods_that

    when = answer.graph.view.as_of
    assert when is not None  # noqa: S101 - the caller has asked
    known = known_periods(answer.graph, date)

    def asked(graph: Graph, *marks: str) -> Answer:
        text = among_periods(answer.text, date, periods_that(marks, known, when, date))
        found = replace(answer, graph=graph, text=text, rows=[], columns=())
        fill(found)
        return found

    loose = asked(answer.graph.possibly, "certain", "possible")
    mark_certain(loose, asked(answer.graph.certainly, "certain"))
    if periods_that(("undated",), known, when, date):
        every = asked(answer.graph.possibly, "certain", "possible", "undated")
        keys = _keys(answer.text, every.columns)
        shown = {tuple(row[place] for place in keys) for row in loose.rows}
        others = [row for row in every.rows if tuple(row[place] for place in keys) not in shown]
        if answer.undated:
            own = len(loose.rows) - loose.added
            loose.rows[own:own] = others
            loose.certainty = [
                *(loose.certainty or ())[:own],
                *["undated"] * len(others),
                *(loose.certainty or ())[own:],
            ]
        else:
            answer.left_undated = len(others)
    answer.columns, answer.rows, answer.truncated = loose.columns, loose.rows, loose.truncated
    answer.certainty, answer.added = loose.certainty, loose.added


def _keys(text: str, columns: tuple[str, ...]) -> list[int]:
    """The places of the columns that tell the groups of a question apart: those that compute nothing."""
    from kg.sparql.parser import parse_select

    computed = {column.name for column in parse_select(text).columns if column.expression is not None}
    return [place for place, name in enumerate(columns) if name not in computed]


def _least(answer: Answer) -> int:
    """The number of rows at most: the caller's limit, or the query's own; 0 for all."""
    from kg.sparql.parser import parse

    own = parse(answer.text).select.limit
    return min(filter(None, (answer.limit, own)), default=0)


def fill(answer: Answer) -> None:
    """Ask what an answer asks, and take over its rows, within its limits. Raises UsageError as ``ask`` does."""
    asked = (answer.text, answer.limit, answer.shift, answer.dataset)
    items = bounded(answer.graph, solutions, *asked, timeout=answer.timeout)
    head = next(items)
    answer.boolean, answer.columns = head.boolean, head.columns or ()
    rows = answer.triples if head.columns is None else answer.rows
    for item in items:
        if isinstance(item, list):
            rows += item
        else:
            answer.truncated = item
