"""The facts around a term, as a tree: what each property leads to, step by step, each thing once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from kg.evidence.notes import other_views
from kg.graph.store import Graph
from kg.model import Term, is_literal
from kg.phrases import phrase
from kg.timeline.dated_facts import Fact, background_facts, facts_about


@dataclass(frozen=True)
class Leaf:
    """A thing that a property leads to, by one fact, with its own branches when they are asked for."""

    term: Term
    fact: Fact
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Branch:
    """One property of a thing, outgoing or incoming, with what it leads to; ``more`` were left out."""

    predicate: Term
    outgoing: bool
    leaves: tuple[Leaf, ...]
    more: int = 0


@dataclass(frozen=True)
class Neighbourhood:
    """A term with the branches from and to it; ``facts`` are all that it shows, ``left_out`` how many it does not."""

    graph: Graph
    term: Term
    branches: tuple[Branch, ...]
    facts: tuple[Fact, ...]
    left_out: int


def neighbourhood(
    graph: Graph, term: Term, *, depth: int = 1, most: int = 8, restated: bool = False
) -> Neighbourhood:
    """The facts of a view and the background within ``depth`` steps, at most ``most`` for each property of a thing.

    A thing stands beside the first that leads to it, once for each property; other facts between things that are
    there already are among those left out.
    """
    facts, _restatements = facts_about(graph, restated=restated)
    # A claim is not a thing of the world: statements about claims are left out.
    facts = [fact for fact in facts if fact.triple[0] == term or not graph.index.claim(fact.triple[0])]
    facts += background_facts(graph)
    around: dict[Term, list[Fact]] = defaultdict(list)
    for fact in facts:
        for end in {fact.triple[0], fact.triple[2]}:
            if not is_literal(end):
                around[end].append(fact)
    placed, shown = {term}, []
    steps: dict[Term, list[tuple[Term, bool, list[Fact], int]]] = {}
    ring = [term]
    for _step in range(depth):
        following: list[Term] = []
        for at in ring:
            groups = _groups(graph, at, around[at], placed, most)
            steps[at] = groups
            for _predicate, _outgoing, chosen, _more in groups:
                shown += chosen
                following += [other for fact in chosen if not is_literal(other := _other(fact, at))]
        ring = list(dict.fromkeys(following))
    within = {fact.triple for end in steps for fact in around[end]}
    shown_once = {fact.triple for fact in shown}
    return Neighbourhood(graph, term, _branches(term, steps, set()), tuple(shown), len(within - shown_once))


def _groups(
    graph: Graph, at: Term, facts: list[Fact], placed: set[Term], most: int
) -> list[tuple[Term, bool, list[Fact], int]]:
    found: dict[tuple[Term, bool], list[Fact]] = defaultdict(list)
    for fact in facts:
        other = _other(fact, at)
        if other not in placed or is_literal(other):
            found[fact.triple[1], fact.triple[0] == at].append(fact)
    groups = []
    label = graph.label
    for (predicate, outgoing), some in sorted(found.items(), key=lambda item: (label(item[0][0]), not item[0][1])):
        some.sort(key=lambda fact: (fact.inferred or fact.background, label(_other(fact, at)), fact.triple))
        groups.append((predicate, outgoing, some[:most], max(len(some) - most, 0)))
    placed.update(_other(fact, at) for _predicate, _outgoing, chosen, _more in groups for fact in chosen)
    return groups


def _other(fact: Fact, end: Term) -> Term:
    return fact.triple[2] if fact.triple[0] == end else fact.triple[0]


def _branches(
    at: Term, steps: dict[Term, list[tuple[Term, bool, list[Fact], int]]], followed: set[Term]
) -> tuple[Branch, ...]:
    """What hangs on a thing; nothing where it stands once more."""
    if at in followed:
        return ()
    followed.add(at)
    return tuple(
        Branch(
            predicate,
            outgoing,
            tuple(Leaf(_other(fact, at), fact, _branches(_other(fact, at), steps, followed)) for fact in chosen),
            more,
        )
        for predicate, outgoing, chosen, more in steps.get(at, ())
    )


def no_neighbours(found: Neighbourhood) -> list[str]:
    """Why a neighbourhood is empty; nothing when it is not."""
    if found.facts:
        return []
    there = other_views(found.graph, lambda graph: len(neighbourhood(graph, found.term).facts), "fact")
    return [phrase("no fact of {} in this view", found.graph.language, found.graph.label(found.term)), *there]
