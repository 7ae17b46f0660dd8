"""The closure of a graph under a program: what holds, why, and what changes when the graph does."""

from __future__ import annotations

from kg.closure.closure import Closure, Inconsistency, Step, close
from kg.rules.trivial import trivial

__all__ = ["Closure", "Inconsistency", "Step", "close", "trivial"]
