"""OWL 2 RL/RDF and Datalog rules over any RDF: close a graph, prove what follows, check proofs.

README.md beside this file says how it works. A term is the string that N-Triples writes for it; a triple is a tuple
of three terms. ``close`` runs a program to its fixpoint with a derivation for every triple; ``prove`` and
``all_proofs`` find proofs, ``check`` holds them against the rule table without the reasoner, ``why_not`` says what a
triple lacks.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.reasoner.checker import check, check_step
    from kg.reasoner.closure import Closure, close
    from kg.reasoner.inconsistencies import by_root_cause, refutations
    from kg.reasoner.infer import Outcome, Reasoner, get_reasoner
    from kg.reasoner.matching import variables
    from kg.reasoner.minimal_proofs import all_proofs
    from kg.reasoner.near_misses import NearMiss, expression_text, why_not
    from kg.reasoner.owl_terms import trivial
    from kg.reasoner.program import Program, compile_program
    from kg.reasoner.proof import Derivation, Inconsistency, Proof, Visit, render, walk
    from kg.reasoner.proof_search import Search, prove
    from kg.reasoner.rule_table import (
        Clause,
        Condition,
        CustomRule,
        Pattern,
        Rule,
        axioms,
        find_rule,
        substitute,
        table,
    )

__all__ = [
    "Clause",
    "Closure",
    "Condition",
    "CustomRule",
    "Derivation",
    "Inconsistency",
    "NearMiss",
    "Outcome",
    "Pattern",
    "Program",
    "Proof",
    "Reasoner",
    "Rule",
    "Search",
    "Visit",
    "all_proofs",
    "axioms",
    "by_root_cause",
    "check",
    "check_step",
    "close",
    "compile_program",
    "expression_text",
    "find_rule",
    "get_reasoner",
    "prove",
    "refutations",
    "render",
    "substitute",
    "table",
    "trivial",
    "variables",
    "walk",
    "why_not",
]

# A search for a proof needs no reasoner, and a saved query needs neither: each part is imported on first use.
_MODULES = {
    "checker": ("check", "check_step"),
    "closure": ("Closure", "close"),
    "inconsistencies": ("by_root_cause", "refutations"),
    "minimal_proofs": ("all_proofs",),
    "matching": ("variables",),
    "near_misses": ("NearMiss", "expression_text", "why_not"),
    "owl_terms": ("trivial",),
    "program": ("Program", "compile_program"),
    "proof": ("Derivation", "Inconsistency", "Proof", "Visit", "render", "walk"),
    "proof_search": ("Search", "prove"),
    "infer": ("Outcome", "Reasoner", "get_reasoner"),
    "rule_table": (
        *("Clause", "Condition", "CustomRule", "Pattern", "Rule", "axioms", "find_rule", "substitute", "table"),
    ),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import the module that has a public name (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
