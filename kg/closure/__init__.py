"""The closure of a graph under a program: what holds, why, and what changes when the graph does."""

from __future__ import annotations

from kg.closure.closure import Closure, close
from kg.closure.reasoner import Outcome, Reasoner, get_reasoner
from kg.closure.step import Inconsistency, Step
from kg.rules.trivial import trivial

__all__ = ["Closure", "Inconsistency", "Outcome", "Reasoner", "Step", "close", "get_reasoner", "trivial"]
