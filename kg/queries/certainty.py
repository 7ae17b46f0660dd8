"""Which rows of an answer as of a date certainly hold then, and which only possibly do."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from kg.errors import UsageError
from kg.sparql.analysis import all_groups, changing, visible
from kg.sparql.parser import parse_select
from kg.sparql.syntax_tree import Bind, Call, Expression, Filter, Select, expressions_of

if TYPE_CHECKING:
    from kg.queries.answer import Answer, Row

__all__ = ["keep_certain", "mark_certain"]

#: Functions by which a query asks whether a variable has a value.
_UNBOUND = ("BOUND", "COALESCE")


def mark_certain(answer: Answer, sure: Answer) -> None:
    """Mark the rows of an answer by asking the same of what certainly holds (``sure``).

    A row is certain when it comes out of both: of the possible, where what must not hold cannot possibly do so,
    and of the certain, where what must hold certainly does. A row that only the certain gives (what must not hold
    is possible) is itself possible, and comes last; an aggregate's is another value of a row that is there already.
    """
    if answer.boolean is not None:
        both = (answer.boolean, sure.boolean)
        answer.certainty = ["certain" if both[0] == both[1] else "possible"]
        return
    select = _parsed(answer.text)
    places = _compared(answer, select)
    certainly = {_at(places, row) for row in sure.rows}
    answer.certainty = ["certain" if _at(places, row) in certainly else "possible" for row in answer.rows]
    more = _only_certain(answer, sure, select, places)
    answer.rows += more
    answer.certainty += ["possible"] * len(more)
    answer.added = len(more)


def keep_certain(answer: Answer) -> None:
    """Drop the rows that only possibly hold."""
    if answer.certainty is not None and answer.boolean is None:
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
