"""Close a graph, and ask what holds in it and by which step."""

from __future__ import annotations

from kg.closure.step import Inconsistency, Step

__all__ = ["Closure", "Inconsistency", "Step", "close"]
