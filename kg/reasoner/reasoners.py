"""The reasoners to choose from, behind one small interface."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from kg.errors import Problem, UsageError
from kg.model import Triple

__all__ = ["REASONERS", "Outcome", "Reasoner", "get_reasoner"]


class Outcome(NamedTuple):
    """What a reasoner says of a graph.

    ``inferred``: the triples that follow and are not in the graph, without trivial ones; ``inconsistent``: one
    line for each inconsistency.
    """

    inferred: frozenset[Triple]
    inconsistent: tuple[str, ...]


class Reasoner(Protocol):
    """Closes a graph under OWL 2 RL/RDF."""

    name: str

    def reason(self, triples: Iterable[Triple]) -> Outcome:
        """Infer all that follows from the triples, which have their ontology among them."""
        ...


class Native:
    """:func:`kg.reasoner.close`."""

    name = "native"

    def reason(self, triples: Iterable[Triple]) -> Outcome:
        """Infer all that follows."""
        from kg.reasoner.closure import close

        closure = close(triples)
        lines = [f"{rule}: {premises}" for rule, premises in closure.inconsistencies]
        return Outcome(frozenset(closure.inferred()), tuple(lines))


class Owlrl:
    """:mod:`kg.reasoner.owlrl_reasoner`: the reference."""

    name = "owlrl"

    def reason(self, triples: Iterable[Triple]) -> Outcome:
        """Infer all that follows."""
        from kg.reasoner.owlrl_reasoner import owlrl_closure

        return owlrl_closure(triples)


REASONERS: dict[str, type[Native] | type[Owlrl]] = {"native": Native, "owlrl": Owlrl}


def get_reasoner(name: str) -> Reasoner:
    """The reasoner of that name: ``native`` or ``owlrl``. Raises UsageError when there is none."""
    if name not in REASONERS:
        remedy = f"choose one of {', '.join(REASONERS)}"
        raise UsageError(Problem("KG481", f"there is no reasoner {name!r}", remedy=remedy))
    return REASONERS[name]()
