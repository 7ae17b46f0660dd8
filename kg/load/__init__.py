"""Taking the graph into a triple store, and proving that it arrived: ``load`` is the function of ``kg load``."""

from kg.load.load import Report, load

__all__ = ["Report", "load"]
