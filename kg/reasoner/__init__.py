"""OWL 2 RL/RDF and Datalog rules over any RDF: programs, closures, proofs, and a checker of proofs.

``compile_program`` evaluates the rule table against an ontology; ``close`` runs the program to its fixpoint, with a
derivation for every triple; ``prove`` and ``all_proofs`` find proofs, ``check`` holds them against the rule table
without knowing the reasoner, ``why_not`` tells what a triple lacks.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.reasoner.checker import check, check_step
    from kg.reasoner.closure import Closure, close
    from kg.reasoner.derivation import Inconsistency, Step
    from kg.reasoner.inconsistencies import by_root_cause, refutations
    from kg.reasoner.minimal_proofs import all_proofs
    from kg.reasoner.near_misses import NearMiss, why_not
    from kg.reasoner.program import Program, compile_program
    from kg.reasoner.proof import Proof
    from kg.reasoner.proof_search import Search, prove
    from kg.reasoner.reasoners import Outcome, Reasoner, get_reasoner
    from kg.reasoner.rule import Clause, CustomRule, Rule
    from kg.reasoner.rule_table import table
    from kg.reasoner.trivial_triples import trivial

__all__ = [
    "Clause",
    "Closure",
    "CustomRule",
    "Inconsistency",
    "NearMiss",
    "Outcome",
    "Program",
    "Proof",
    "Reasoner",
    "Rule",
    "Search",
    "Step",
    "all_proofs",
    "by_root_cause",
    "check",
    "check_step",
    "close",
    "compile_program",
    "get_reasoner",
    "prove",
    "refutations",
    "table",
    "trivial",
    "why_not",
]

# A search for a proof needs no reasoner, and a saved query needs neither: each part is imported on first use.
_MODULES = {
    "checker": ("check", "check_step"),
    "closure": ("Closure", "close"),
    "derivation": ("Inconsistency", "Step"),
    "minimal_proofs": ("all_proofs",),
    "near_misses": ("NearMiss", "why_not"),
    "program": ("Program", "compile_program"),
    "proof": ("Proof",),
    "inconsistencies": ("by_root_cause", "refutations"),
    "proof_search": ("Search", "prove"),
    "reasoners": ("Outcome", "Reasoner", "get_reasoner"),
    "rule": ("Clause", "CustomRule", "Rule"),
    "rule_table": ("table",),
    "trivial_triples": ("trivial",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import the module that has a public name (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
