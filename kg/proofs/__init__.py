"""Proofs: why a triple is in a closure, checked apart from the reasoner; and why another one is not."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.proofs.checker import check, check_step
    from kg.proofs.every import all_proofs
    from kg.proofs.near import NearMiss, why_not
    from kg.proofs.proof import Proof, refutations
    from kg.proofs.search import Search, prove

__all__ = ["NearMiss", "Proof", "Search", "all_proofs", "check", "check_step", "prove", "refutations", "why_not"]

# To look for a proof needs no reasoner; to check one, or to say why not, does. Each comes when it is asked for.
_MODULES = {
    "NearMiss": "near",
    "Proof": "proof",
    "Search": "search",
    "all_proofs": "every",
    "check": "checker",
    "check_step": "checker",
    "prove": "search",
    "refutations": "proof",
    "why_not": "near",
}


def __getattr__(name: str) -> object:
    """Import what is asked for (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
