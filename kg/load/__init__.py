"""Load the graph into a triple store and verify it: ``load`` is the function of ``kg load``."""

from kg.load.load import DiffersError, Report, load

__all__ = ["DiffersError", "Report", "load"]
