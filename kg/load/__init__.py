"""Taking the graph into a triple store, and proving that it arrived: ``load`` is the function of ``kg load``."""

from kg.load.load import load
from kg.load.report import Report

__all__ = ["Report", "load"]
