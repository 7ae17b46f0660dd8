"""The reasoners to choose from: this one, and owlrl to compare with. owlrl gives no proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from kg.errors import Problem, UsageError
from kg.model import Term, Triple
from kg.reasoner.closure import close
from kg.reasoner.owl_terms import trivial

__all__ = ["REASONERS", "Outcome", "Reasoner", "get_reasoner"]


class Outcome(NamedTuple):
    """What a reasoner says of a graph.

    ``inferred``: the triples that follow and are not in the graph, without trivial ones; ``inconsistent``: one
    line for each inconsistency.
    """

    inferred: frozenset[Triple]
    inconsistent: tuple[str, ...]


class Reasoner(NamedTuple):
    """Closes a graph under OWL 2 RL/RDF: ``reason`` infers all from triples that have their ontology among them."""

    name: str
    reason: Callable[[Iterable[Triple]], Outcome]


def get_reasoner(name: str) -> Reasoner:
    """The reasoner of that name: ``native`` or ``owlrl``. Raises UsageError when there is none."""
    if name not in REASONERS:
        remedy = f"choose one of {', '.join(REASONERS)}"
        raise UsageError(Problem("KG481", f"there is no reasoner {name!r}", remedy=remedy))
    return REASONERS[name]


_BLANK = "urn:x-blank:"


def _native_closure(triples: Iterable[Triple]) -> Outcome:
    closure = close(triples)
    lines = [f"{rule}: {premises}" for rule, premises in closure.inconsistencies]
    return Outcome(frozenset(closure.inferred()), tuple(lines))


def _owlrl_closure(triples: Iterable[Triple]) -> Outcome:
    """Close a graph with owlrl's OWL 2 RL rules, without its axiomatic triples and filtered of trivial ones.

    Blank nodes go in as IRIs and come out as they were. owlrl writes inconsistencies into the graph, as messages
    on blank nodes of its own: they are taken out again.
    """
    import logging

    import owlrl
    from rdflib import Graph, URIRef

    # It logs what it makes of malformed literals.
    logging.getLogger("rdflib").addHandler(logging.NullHandler())
    given = list(triples)
    graph = Graph()
    graph.parse(data="".join(f"{_named(s)} {p} {_named(o)} .\n" for s, p, o in given), format="nt")
    before = set(graph)
    owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, rdfs_closure=False, axiomatic_triples=False, datatype_axioms=False
    ).expand(graph)
    error = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
    messages = tuple(sorted(str(o) for o in graph.objects(None, error)))
    reports = set(graph.subjects(error, None))
    found: set[Triple] = set()
    for triple in graph:
        if triple in before or triple[0] in reports:
            continue
        s, p, o = (_term(part.n3()) for part in triple)
        if p.startswith("<") and not trivial((s, p, o)):
            found.add((s, p, o))
    return Outcome(frozenset(found - set(given)), messages)


def _named(term: Term) -> Term:
    return f"<{_BLANK}{term[2:]}>" if term.startswith("_:") else term


def _term(n3: str) -> Term:
    if n3.startswith(f"<{_BLANK}"):
        return f"_:{n3[1 + len(_BLANK) : -1]}"
    return n3


REASONERS = {each.name: each for each in (Reasoner("native", _native_closure), Reasoner("owlrl", _owlrl_closure))}
