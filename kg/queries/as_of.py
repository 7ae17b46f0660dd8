"""Answers as of a date: the rows that the day allows, each certain, possible or undated.

The rows of a saved question are marked by the period that its header names (``kg.queries.row_dates``), those of
SPARQL of one's own by the facts that they rest on. What is certain is known by asking also what is possible, for what
must not hold cannot possibly do so.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.dates import MARKS
from kg.errors import UsageError
from kg.queries.bounded import bounded
from kg.queries.row_dates import Dating, among, has_periods, with_periods
from kg.sparql.analysis import all_groups, changing, visible
from kg.sparql.parser import parse, parse_select
from kg.sparql.printer import write
from kg.sparql.syntax_tree import Bind, Call, Expression, Filter, Select, expressions_of

if TYPE_CHECKING:
    from kg.corpus.saved_queries import QueryDate
    from kg.graph.store import Graph
    from kg.queries.answer import Answer, Row

#: Of more rows than these, none is marked by its evidence.
_MARKED = 1000
#: Functions by which a query asks whether a variable has a value.
_UNBOUND = ("BOUND", "COALESCE")


def answered_as_of(answer: Answer) -> Answer:
    """Fill an answer of a view with a date, and mark its rows; triples have no marks."""
    graph, date = answer.graph, answer.query.date if answer.query is not None else None
    if date is not None and date.of == "none":
        timeless = replace(answer, graph=graph.in_view(graph.view.timeless()))
        timeless.fill()
        return replace(timeless, graph=graph, dateless=True)
    if answer.form not in ("SELECT", "ASK"):
        made = replace(answer, graph=graph if answer.undated or graph.view.certain else graph.dated)
        made.fill()
        return replace(made, graph=graph, unmarked="" if graph.view.certain else "a template makes them")
    if graph.view.certain:
        loose = answered_as_of(replace(answer, graph=graph.possibly))
        _keep_certain(loose)
        return replace(loose, graph=graph)
    if answer.form == "ASK":
        _whether(answer)
    elif date is None:
        _by_evidence(answer)
    elif date.variables and has_periods(answer.text, date):
        _by_rows(answer, date)
    else:
        _by_what_holds(answer, date)
    return answer


def _by_evidence(answer: Answer) -> None:
    """Mark the rows of SPARQL of one's own by the facts that they rest on, or say why they have no marks."""
    answer.fill()
    _mark_certain(answer, _asked(answer, answer.graph.certainly, answer.text), answer)
    if answer.dataset is not None:
        return
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


def _whether(answer: Answer) -> None:
    """Answer an ASK by the solutions of its WHERE: yes as certainly as the best of them holds.

    Where all of them are undated it is no, unless undated rows are asked for; without any it is certainly no.
    """
    query = parse(answer.text)
    if query.select.keys or query.select.having:
        answer.fill()
        answer.unmarked = "groups have no solutions"
        return
    where = replace(query.select, columns=(), limit=_MARKED)
    rows = replace(answer, form="SELECT", text=write(replace(query, form="SELECT", select=where)), limit=0)
    _by_evidence(rows)
    answer.boolean, answer.unmarked, answer.left_undated = bool(rows.rows), rows.unmarked, rows.left_undated
    if rows.certainty is not None:
        best = max(rows.certainty, key=("", *MARKS).index, default="undated" if rows.left_undated else "certain")
        answer.certainty = [best] if best else None


def _by_rows(answer: Answer, date: QueryDate) -> None:
    """Ask for each row together with its periods, of what may hold and of what certainly does."""
    loose = _asked(answer, answer.graph, with_periods(answer.text, date), limit=0)
    sure = _asked(loose, answer.graph.certainly, loose.text)
    marks = Dating(answer.graph, date).rows(loose, set(sure.rows))
    shown = [row for row, mark in marks.items() if mark != "undated" or answer.undated]
    least = min(filter(None, (answer.limit, parse(answer.text).select.limit)), default=0)
    answer.truncated = loose.truncated or 0 < least < len(shown)
    answer.columns = loose.columns[: len(loose.columns) - len(date.variables)]
    answer.rows = shown[: least or None]
    answer.certainty = [marks[row] for row in answer.rows]
    answer.left_undated = 0 if answer.undated else sum(mark == "undated" for mark in marks.values())


def _by_what_holds(answer: Answer, date: QueryDate) -> None:
    """Ask a question that has no period for each row of what certainly holds, of what is dated, and of all that may.

    What that is are nodes, by their periods, or with no variables facts of the view.
    """
    graph, terms = answer.graph, Dating(answer.graph, date).terms() if date.variables else {}

    def of(graph: Graph, *marks: str) -> Answer:
        among_these = [term for term, mark in terms.items() if mark in marks]
        return _asked(answer, graph, among(answer.text, date, among_these) if date.variables else answer.text)

    loose = of(graph.dated, "certain", "possible")
    every = of(graph, *MARKS)
    _mark_certain(loose, of(graph.certainly, "certain"), every)
    keys = _keys(answer.text, every.columns)
    shown = {tuple(row[place] for place in keys) for row in loose.rows}
    others = [row for row in every.rows if tuple(row[place] for place in keys) not in shown]
    answer.left_undated = 0 if answer.undated else len(others)
    others = others if answer.undated else []
    own = len(loose.rows) - loose.added
    answer.rows = loose.rows[:own] + others + loose.rows[own:]
    marks = loose.certainty or []
    answer.certainty = marks[:own] + ["undated"] * len(others) + marks[own:]
    answer.columns, answer.truncated, answer.added = loose.columns, loose.truncated, loose.added


def _keys(text: str, columns: tuple[str, ...]) -> list[int]:
    """The places of the columns that tell the groups of a question apart: those that compute nothing."""
    computed = {column.name for column in parse_select(text).columns if column.expression is not None}
    return [place for place, name in enumerate(columns) if name not in computed]


def _asked(answer: Answer, graph: Graph, text: str, limit: int | None = None) -> Answer:
    """The same question asked in other words of another view."""
    most = answer.limit if limit is None else limit
    made = replace(answer, graph=graph, text=text, limit=most, rows=[], columns=())
    made.fill()
    return made


# -- by comparison


def _mark_certain(answer: Answer, sure: Answer, every: Answer) -> None:
    """Mark the rows of an answer by asking the same of what certainly holds (``sure``) and of all that may.

    A row is certain when it comes out of both: of what may hold, where what must not hold cannot possibly do so,
    and of the certain, where what must hold certainly does. A row that only the certain gives (what must not hold
    is possible) is itself possible, and comes last; an aggregate's is another value of a row that is there already.
    """
    select = _parsed(answer.text)
    places = _compared(answer, select)
    certainly = {_at(places, row) for row in sure.rows} & {_at(places, row) for row in every.rows}
    answer.certainty = ["certain" if _at(places, row) in certainly else "possible" for row in answer.rows]
    more = _only_certain(answer, sure, select, places)
    answer.rows += more
    answer.certainty += ["possible"] * len(more)
    answer.added = len(more)


def _keep_certain(answer: Answer) -> None:
    """Drop the rows that only possibly hold; an answer of yes that does so is no."""
    if answer.boolean is not None:
        answer.boolean, answer.certainty = answer.boolean and answer.certainty == ["certain"], None
    elif answer.certainty is not None:
        answer.rows = [row for row, mark in zip(answer.rows, answer.certainty, strict=True) if mark == "certain"]
        answer.certainty = ["certain"] * len(answer.rows)
        answer.added = answer.left_undated = 0


def _compared(answer: Answer, select: Select | None) -> list[int]:
    """The places of the columns by which rows are known again: not of those with a new value at every asking."""
    other = changing(select) if select else frozenset()
    return [place for place, name in enumerate(answer.columns) if name not in other]


def _at(places: list[int], row: Row) -> Row:
    return tuple(row[place] for place in places)


def _only_certain(answer: Answer, sure: Answer, select: Select | None, places: list[int]) -> list[Row]:
    """The rows that only the certain gives: as many as there is room for."""
    known = {_at(places, row) for row in answer.rows}
    more = [row for row in sure.rows if _at(places, row) not in known]
    if more and not (select and _negates(select)):
        # Fewer facts give fewer rows, or a row with fewer cells, which says nothing that the whole one does not.
        more = [row for row in more if not any(_completes(other, row) for other in answer.rows)]
    return more[: _room(answer, select)]


def _completes(row: Row, other: Row) -> bool:
    """Whether a row has all that another has."""
    return all(theirs is None or mine == theirs for mine, theirs in zip(row, other, strict=True))


def _room(answer: Answer, select: Select | None) -> int | None:
    """How many rows may be added, None for any number; none where the possible rows are not all there."""
    if select is None or answer.truncated or _grouped(select):
        return 0
    if select.limit is None:
        return 0 if select.offset else None
    return 0 if select.offset else max(select.limit - len(answer.rows), 0)


def _grouped(select: Select) -> bool:
    """Whether a SELECT, or one within it, has groups of solutions for rows."""
    within = (inner for group in all_groups(select) for inner in group.selects)
    return any(each.aggregates or each.having for each in (select, *within))


def _negates(select: Select) -> bool:
    """Whether a row can come from something not being there."""
    groups = list(all_groups(select))
    if any(group.minus or any(asked.negated or not asked.alone for asked in group.asked) for group in groups):
        return True
    # What no group binds is a parameter without a value: that it is unbound says nothing of the graph.
    given = frozenset[str]().union(*map(visible, groups))
    return any(_asks_whether_bound(each, given) for each in _expressions(select))


def _expressions(select: Select) -> Iterator[Expression]:
    """The expressions of a SELECT and of all within it."""
    yield from expressions_of((*select.columns, *select.keys), select.having, select.order)
    for group in all_groups(select):
        yield from (each.expression for each in group.elements if isinstance(each, Filter | Bind))
        for inner in group.selects:
            yield from expressions_of((*inner.columns, *inner.keys), inner.having, inner.order)


def _asks_whether_bound(expression: Expression, given: Container[str]) -> bool:
    if not isinstance(expression, Call):
        return False
    first = expression.arguments[0] if expression.arguments else ""
    if expression.name in _UNBOUND and isinstance(first, str) and first[1:] in given:
        return True
    return any(_asks_whether_bound(part, given) for part in expression.arguments)


def _parsed(text: str) -> Select | None:
    try:
        return parse_select(text)
    except UsageError:
        return None
