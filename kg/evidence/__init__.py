"""Evidence: for every row of an answer, the triples that made it match, down to claims and their passages."""

from __future__ import annotations

from kg.evidence.collect import Evidence, RowEvidence, collect, collected, evidence_of
from kg.evidence.triple_support import Reference, SupportFinder, TripleSupport

__all__ = [
    "Evidence",
    "Reference",
    "RowEvidence",
    "SupportFinder",
    "TripleSupport",
    "collect",
    "collected",
    "evidence_of",
]
