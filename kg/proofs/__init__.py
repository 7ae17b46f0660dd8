"""Proofs: why a triple is in a closure, checked apart from the reasoner; and why another one is not."""

from __future__ import annotations

from kg.proofs.check import check, check_step
from kg.proofs.proof import Proof, refutations
from kg.proofs.search import all_proofs, prove
from kg.proofs.why_not import NearMiss, why_not

__all__ = ["NearMiss", "Proof", "all_proofs", "check", "check_step", "prove", "refutations", "why_not"]
