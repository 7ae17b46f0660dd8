"""The OWL 2 RL/RDF rules as data, and the programs compiled from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.rules.program import Program, compile_program
from kg.rules.rule import Clause, CustomRule, Rule
from kg.rules.table import table
from kg.rules.trivial import trivial

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from kg.model import Term

__all__ = ["Clause", "CustomRule", "Program", "Rule", "compile_program", "read_rules", "table", "trivial"]


def read_rules(path: str | Path, completeness_predicates: Collection[Term] = ()) -> list[CustomRule]:
    """Read a project's own rules: :func:`kg.rules.custom.read_rules`, imported when it is called."""
    from kg.rules import custom

    return custom.read_rules(path, completeness_predicates)
