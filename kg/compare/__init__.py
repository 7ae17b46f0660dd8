"""Differences between two states of a graph: ``kg diff`` and ``kg impact``."""
