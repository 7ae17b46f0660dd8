"""Checking a project: every problem of every file together, each with its code, place and remedy."""

from __future__ import annotations

from kg.checks.check import check, inspect
from kg.checks.inspection import Inspection
from kg.checks.problem_codes import CODES, ProblemKind, explain

__all__ = ["CODES", "Inspection", "ProblemKind", "check", "explain", "inspect"]
