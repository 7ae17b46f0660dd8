"""Questions and answers: saved queries with typed parameters, queries of one's own, and what they give back."""

from __future__ import annotations

from kg.queries.answer import Answer, Record
from kg.queries.run import LIMIT, ask, run

__all__ = ["LIMIT", "Answer", "Record", "ask", "run"]
