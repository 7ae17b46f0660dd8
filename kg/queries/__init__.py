"""Questions and answers: saved queries with typed parameters, queries of one's own, and what they give back."""

from __future__ import annotations

from kg.limits import LIMIT
from kg.queries.answer import Answer, Record
from kg.queries.run import ask, run

__all__ = ["LIMIT", "Answer", "Record", "ask", "run"]
