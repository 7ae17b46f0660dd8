"""The OWL 2 RL/RDF rules as data, and the programs compiled from them."""

from __future__ import annotations

from kg.rules.custom import CustomRule, read_rules
from kg.rules.program import Program, compile_program
from kg.rules.rule import Clause, Rule
from kg.rules.table import table
from kg.rules.trivial import trivial

__all__ = ["Clause", "CustomRule", "Program", "Rule", "compile_program", "read_rules", "table", "trivial"]
