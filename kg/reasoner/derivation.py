"""One application of one rule, as triples."""

from __future__ import annotations

from typing import NamedTuple

from kg.model import Triple

__all__ = ["Inconsistency", "Step"]


class Step(NamedTuple):
    """The rule of that name gives the conclusion from the premises.

    Premises stand in the order of the rule's patterns: those of the ontology, a list's rdf:first and rdf:rest
    triples, then those of the data.
    """

    rule: str
    conclusion: Triple
    premises: tuple[Triple, ...]


class Inconsistency(NamedTuple):
    """The ``false`` rule of that name applies to the premises."""

    rule: str
    premises: tuple[Triple, ...]
