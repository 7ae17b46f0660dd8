"""Executing a query: its rows within limits, and where the view has a date, whether each certainly holds then."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.queries.answer import Answer


def answered(answer: Answer) -> Answer:
    """Fill an answer; where the view has a date, its rows are marked."""
    if answer.graph.view.as_of is None:
        answer.fill()
        return answer
    from kg.queries.as_of import answered_as_of

    return answered_as_of(answer)
