"""Which rows of an answer as of a date certainly hold then, and which only possibly do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.errors import UsageError
from kg.sparql import Group, Select, changing, inner_groups, parse_select, visible
from kg.sparql.tokens import tokens

if TYPE_CHECKING:
    from kg.queries.answer import Answer, Row

__all__ = ["keep_certain", "mark_certain"]

_AGGREGATES = {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT", "GROUP", "HAVING"}
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
        answer.certainty = [both[0] == both[1]]
        return
    select = _parsed(answer.text)
    places = _compared(answer, select)
    certainly = {_at(places, row) for row in sure.rows}
    answer.certainty = [_at(places, row) in certainly for row in answer.rows]
    more = _only_certain(answer, sure, select, places)
    answer.rows += more
    answer.certainty += [False] * len(more)
    answer.added = len(more)


def keep_certain(answer: Answer) -> None:
    """Drop the rows that only possibly hold."""
    if answer.certainty is not None and answer.boolean is None:
        answer.rows = [row for row, certain in zip(answer.rows, answer.certainty, strict=True) if certain]
        answer.certainty = [True] * len(answer.rows)
        answer.added = 0


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
    if more and not _negates(answer.text, select):
        # Fewer facts give fewer rows, or a row with fewer cells, which says nothing that the whole one does not.
        more = [row for row in more if not any(_completes(other, row) for other in answer.rows)]
    return more[: _room(answer, select)]


def _completes(row: Row, other: Row) -> bool:
    """Whether a row has all that another has."""
    return all(theirs is None or mine == theirs for mine, theirs in zip(row, other, strict=True))


def _room(answer: Answer, select: Select | None) -> int | None:
    """How many rows may be added, None for any number; none where the possible rows are not all there."""
    words = _words(answer.text)
    if answer.truncated or words & _AGGREGATES:
        return 0
    if select is None:
        return 0 if words & {"LIMIT", "OFFSET"} else None
    if select.limit is None:
        return 0 if select.offset else None
    return 0 if select.offset else max(select.limit - len(answer.rows), 0)


def _negates(text: str, select: Select | None) -> bool:
    """Whether a row can come from something not being there; so it is taken where the query is not understood."""
    if select is None:
        return bool(_words(text) & {"MINUS", "NOT", "EXISTS", *_UNBOUND})
    groups = list(_groups(select.where))
    if any(g.minus or g.not_exists or any(inner.asked for inner in g.exists) for g in groups):
        return True
    given = frozenset().union(*map(visible, groups))
    significant = [token for token in tokens(text) if token.kind not in ("space", "comment")]
    # What no group binds is a parameter without a value: that it is unbound says nothing of the graph.
    return any(
        token.text.upper() in _UNBOUND and token.kind == "name" and after.text[1:] in given
        for token, _bracket, after in zip(significant, significant[1:], significant[2:], strict=False)
    )


def _groups(group: Group) -> Iterator[Group]:
    yield group
    for inner in inner_groups(group):
        yield from _groups(inner)


def _parsed(text: str) -> Select | None:
    try:
        return parse_select(text)
    except UsageError:
        return None


def _words(text: str) -> set[str]:
    return {token.text.upper() for token in tokens(text) if token.kind == "name"}
