"""The facts of a view as things to show: each with when it holds and what it rests on, restatements apart.

A fact restates another when it follows from that one alone and speaks of the same two things: under a wider
property, or the other way round. Showing both would say everything twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from kg.dates import Period
from kg.graph.facts import Facts
from kg.graph.store import Graph
from kg.model import FACT, Claim, Term, Triple, is_literal, text_of
from kg.periods import prune
from kg.vocab import OWL, RDF, iri, kg

_TYPE = iri(RDF + "type")
_SYMMETRIC, _HEDGE = iri(OWL + "SymmetricProperty"), kg("hedge")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of a view.

    ``kind`` is the temporal kind of its property; ``claims`` are those that state it, or, when it is
    ``inferred``, those in its proofs; none for the ontology's ``background``. ``modality`` is that of its claims
    where none puts it as a fact.
    """

    triple: Triple
    inferred: bool
    kind: str
    periods: tuple[Period, ...]
    claims: tuple[Claim, ...]
    modality: Term = FACT

    @property
    def background(self) -> bool:
        """Whether the ontology's background gives it, and no claim."""
        return not self.claims

    @property
    def how(self) -> str:
        """``stated``, ``inferred`` or ``background``."""
        return "background" if self.background else "inferred" if self.inferred else "stated"

    @property
    def hedged(self) -> str:
        """``, hedged “seem to”``: the words by which all of its claims are weakened; empty where one is not."""
        words = [[text_of(o) for _s, p, o in claim.metadata if p == _HEDGE] for claim in self.claims]
        if not words or not all(words):
            return ""
        return f", hedged {', '.join(f'“{word}”' for word in dict.fromkeys(chain.from_iterable(words)))}"


def sources(claims: Iterable[Claim]) -> tuple[str, ...]:
    """Document and passage of each claim (``sputnik-2017 11.1``), sorted, none twice."""
    found = {(claim.document, _numbers(place), place) for claim in claims for place in claim.passages or ("",)}
    return tuple(f"{document} {place}".strip() for document, _order, place in sorted(found))


def facts_about(graph: Graph, term: Term | None = None, *, restated: bool = False) -> tuple[list[Fact], int]:
    """The facts of a graph's view that claims support, sorted by their terms, and how many were left out.

    With ``term``, those that speak of it. Types are left out; so are restatements unless ``restated``.
    """
    facts, kinds = graph.facts, graph.index.kinds
    told = set(_told(facts, facts.all(term)))
    spare = set() if restated else _restatements(told | _alike(told, facts, term), facts)
    return [_fact(triple, facts, kinds) for triple in sorted(told - spare)], len(told & spare)


def background_facts(graph: Graph) -> list[Fact]:
    """What the ontology says of entities as background, between one entity and another, sorted."""
    facts, kinds = graph.facts, graph.index.kinds
    return [
        Fact(triple, False, kinds[triple[1]], facts.periods(triple), ())
        for triple in facts.background
        if not facts.is_stated(triple)
    ]


def _told(facts: Facts, some: Iterable[Triple]) -> Iterator[Triple]:
    """Those of some facts that claims support; types are left out."""
    return (triple for triple in some if triple[1] != _TYPE and facts.supported(triple))


def _alike(told: set[Triple], facts: Facts, term: Term | None) -> set[Triple]:
    """The facts about the same two things as facts that have a term as their property: they may say the same."""
    ends = {_ends(triple) for triple in told if term is not None and term not in _ends(triple)}
    return {other for some in ends for other in _told(facts, facts.between(some))}


def _fact(triple: Triple, view: Facts, kinds: Mapping[Term, str]) -> Fact:
    inferred = not view.is_stated(triple)
    claims = (view.support(triple) or []) if inferred else view.stating(triple)
    modality = FACT if any(claim.modality == FACT for claim in claims) else claims[0].modality
    # What only tells two occasions apart says nothing to who reads when it was.
    periods = prune(Period(*period.bounds, doubtful=period.doubtful) for period in view.periods(triple))
    return Fact(triple, inferred, kinds.get(triple[1], "BoundedState"), periods, tuple(claims), modality)


def _restatements(told: set[Triple], view: Facts) -> set[Triple]:
    ways = _ways(told, view)
    spare: set[Triple] = set()
    for triple in sorted(triple for triple in told if not view.is_stated(triple)):
        roots = _roots(triple, ways, view)
        if triple not in roots and (roots or triple != min(_circle(triple, ways))):
            spare.add(triple)
    return spare | _mirrored(told - spare, view)


def _ways(told: set[Triple], view: Facts) -> dict[Triple, set[Triple | None]]:
    """For each inferred fact what it restates, with None among it when it has a proof that restates nothing."""
    ways: dict[Triple, set[Triple | None]] = defaultdict(set)
    for conclusion in told:
        for step in () if view.is_stated(conclusion) else view.steps(conclusion):
            data = [premise for premise in step.premises if view.supported(premise) and not view.is_given(premise)]
            same = len(data) == 1 and _ends(data[0]) == _ends(conclusion)
            ways[conclusion].add(data[0] if same else None)
    return ways


def _ends(triple: Triple) -> frozenset[Term]:
    return frozenset((triple[0], triple[2]))


def _circle(triple: Triple, ways: Mapping[Triple, set[Triple | None]]) -> set[Triple]:
    """A fact and all that it restates, directly or not."""
    found, todo = {triple}, [triple]
    while todo:
        for other in ways.get(todo.pop(), ()):
            if other is not None and other not in found:
                found.add(other)
                todo.append(other)
    return found


def _roots(triple: Triple, ways: Mapping[Triple, set[Triple | None]], view: Facts) -> set[Triple]:
    """Among what a fact restates (itself included), what restates nothing: stated, or with a proof of its own."""
    return {other for other in _circle(triple, ways) if view.is_stated(other) or None in ways.get(other, (None,))}


def _mirrored(told: Iterable[Triple], view: Facts) -> set[Triple]:
    """Of a symmetric property's two facts about the same two things, the inferred one, or else the second."""
    spare = set()
    told = set(told)
    for s, p, o in sorted(triple for triple in told if not view.is_stated(triple)):
        other = (o, p, s)
        if is_literal(o) or s == o or other not in told or (p, _TYPE, _SYMMETRIC) not in view:
            continue
        if view.is_stated(other) or other < (s, p, o):
            spare.add((s, p, o))
    return spare


def _numbers(place: str) -> tuple[int, ...]:
    return tuple(int(part) for part in place.split(".") if part.isdigit())
