"""Asking: a saved query by name with values, or SPARQL of one's own, within limits of rows and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.errors import Problem, UsageError
from kg.limits import LIMIT, TIMEOUT, check_limits
from kg.queries.answer import Answer
from kg.queries.bounded import bounded, solutions
from kg.queries.parameters import Value, asked_text, resolve
from kg.sparql.tokens import form

if TYPE_CHECKING:
    from kg.corpus.saved import QueryDate, SavedQuery
    from kg.graph.store import Graph

__all__ = ["LIMIT", "TIMEOUT", "answered", "ask", "fill", "named", "run"]


def run(
    graph: Graph,
    name: str,
    values: Mapping[str, Value] | None = None,
    limit: int = LIMIT,
    timeout: float | None = TIMEOUT,
    *,
    undated: bool = False,
) -> Answer:
    """The answer to a saved query, within limits as ``ask`` has them.

    ``values`` are its parameters as people write them; what is not given has its default. With ``undated``, an answer
    as of a date also has the rows that nothing dates on that side. Raises UsageError
    (KG651 to KG659) for a query, a parameter or a value that there is not, and as ``ask`` does.
    """
    check_limits(limit, timeout)
    query = named(graph, name)
    terms = resolve(graph, query, values or {})
    answer = Answer(graph, query, asked_text(query, terms), query.form, values=terms, limit=limit, undated=undated)
    answer.timeout = timeout
    return answered(answer)


def ask(graph: Graph, text: str, limit: int = LIMIT, timeout: float | None = TIMEOUT) -> Answer:
    """The answer to SPARQL of one's own, asked in a process that is ended when its time is over.

    The prefixes of the project and the usual vocabularies need no declaration. ``timeout`` is in seconds; with
    None it is asked in this process, without one. Raises UsageError: KG601 to KG604 for what is no safe query, KG607
    and KG608 for one that is too deep or too long, KG605, KG606 and KG631 as ``bounded`` does, KG667 for a limit or a
    time that is none.
    """
    from kg.sparql.tokens import refuse_unsafe

    check_limits(limit, timeout)
    refuse_unsafe(text)
    declared = with_prefixes(graph, text)
    shift = len(declared) - len(text)
    return answered(Answer(graph, None, declared, form(text), limit=limit, shift=shift, timeout=timeout))


def answered(answer: Answer) -> Answer:
    """Fill an answer; where the view has a date, its rows are marked.

    The rows of a saved question are marked by the period that its header names, others by comparison: what is
    certain is known by asking also what is possible, for what must not hold cannot possibly do so.
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
    return answer


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
    marks = ("certain", "possible", *(("undated",) if answer.undated else ()))
    known = known_periods(answer.graph, date)
    loose = replace(answer, graph=answer.graph.possibly)
    loose.text = among_periods(answer.text, date, periods_that(marks, known, when, date))
    sure = replace(answer, graph=answer.graph.certainly, rows=[], columns=())
    sure.text = among_periods(answer.text, date, periods_that(("certain",), known, when, date))
    fill(loose)
    fill(sure)
    mark_certain(loose, sure)
    answer.columns, answer.rows, answer.truncated = loose.columns, loose.rows, loose.truncated
    answer.certainty, answer.added = loose.certainty, loose.added


def _least(answer: Answer) -> int:
    """The number of rows at most: the caller's limit, or the query's own; 0 for all."""
    from kg.sparql.parser import parse

    own = parse(answer.text).select.limit
    return min(filter(None, (answer.limit, own)), default=0)


def fill(answer: Answer) -> None:
    """Ask what an answer asks, and take over its rows, within its limits. Raises UsageError as ``ask`` does."""
    items = bounded(answer.graph, solutions, answer.text, answer.limit, answer.shift, timeout=answer.timeout)
    head = next(items)
    answer.boolean, answer.columns = head.boolean, head.columns or ()
    rows = answer.triples if head.columns is None else answer.rows
    for item in items:
        if isinstance(item, list):
            rows += item
        else:
            answer.truncated = item


def named(graph: Graph, name: str) -> SavedQuery:
    """The saved query of a name. Raises UsageError (KG651) with the nearest names."""
    query = graph.queries.get(name)
    if query is None:
        from difflib import get_close_matches

        close = get_close_matches(name, graph.queries, 3, 0.5)
        hint = f"Did you mean {' or '.join(close)}? " if close else ""
        raise UsageError(Problem("KG651", f"no such query: {name!r}", remedy=f"{hint}`kg queries` lists them."))
    return query


def with_prefixes(graph: Graph, text: str) -> str:
    """The text with declarations of the prefixes that it uses and does not declare.

    On one line with its beginning, so that the places which errors name are the text's own, but for the column
    of the first line.
    """
    from kg.sparql.tokens import undeclared
    from kg.vocab import PREFIXES

    known = {**PREFIXES, **graph.project.prefixes}
    missing = dict.fromkeys(token.text.partition(":")[0] for token in undeclared(text))
    return "".join(f"PREFIX {name}: <{known[name]}> " for name in missing if name in known) + text
