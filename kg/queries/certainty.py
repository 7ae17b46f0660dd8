"""Which rows of an answer as of a date certainly hold then, and which only possibly do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.sparql import tokens

if TYPE_CHECKING:
    from kg.queries.answer import Answer

__all__ = ["keep_certain", "mark_certain"]

_AGGREGATES = {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT", "GROUP", "HAVING"}


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
    found = set(sure.rows)
    answer.certainty = [row in found for row in answer.rows]
    if _negates(answer.text):
        known = set(answer.rows)
        more = [row for row in sure.rows if row not in known]
        answer.rows += more
        answer.certainty += [False] * len(more)


def keep_certain(answer: Answer) -> None:
    """Drop the rows that only possibly hold."""
    if answer.certainty is not None and answer.boolean is None:
        answer.rows = [row for row, certain in zip(answer.rows, answer.certainty, strict=True) if certain]
        answer.certainty = [True] * len(answer.rows)


def _negates(text: str) -> bool:
    """Whether rows may come from something not being there, and are no aggregates."""
    words = {token.text.upper() for token in tokens(text) if token.kind == "name"}
    return bool(words & {"MINUS", "NOT", "BOUND"}) and not words & _AGGREGATES
