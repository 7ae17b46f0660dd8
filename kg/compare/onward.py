"""A view brought up from another that says nearly the same: only what rests on the difference is worked out.

Periods and support are least fixpoints over rule instances (``kg.graph.support``). What no changed triple leads to
has the same proofs in both views, and so the same periods and support; the others form a set that is closed under
the instances, and are worked out anew with what surrounds them as given. What is stated is another only where a
document has changed, or a claim is newly contested or no longer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from kg.corpus.claims import Claims
from kg.corpus.read import Corpus
from kg.dates import Period
from kg.graph.compose import published, temporal_kinds
from kg.graph.ground import Ground
from kg.graph.materialise import Materialised
from kg.graph.support import Instance, Instances, supporters, unconditional, validity
from kg.graph.views import accepts, fact_periods
from kg.model import Claim, Term, Triple

__all__ = ["Settled", "Side", "Stated", "bring_up", "changed_documents", "settle"]

_Value = TypeVar("_Value")
#: The claims that state each fact, and when it holds by them.
_Given = tuple[dict[Triple, tuple[Period, ...]], dict[Triple, frozenset[Term]]]


@dataclass(frozen=True, slots=True)
class Side:
    """A corpus and its contested claims: what a view of it is brought up from or to."""

    corpus: Corpus
    opposed: Mapping[Term, object]


@dataclass(slots=True)
class Settled:
    """What a view's fixpoints came to, with what went into them: by triple, its periods and the claims that say it.

    ``timeless`` are the triples of ontology and entities, ``always`` what follows from these alone. ``touched`` is
    what was worked out when it was brought up from another view; None when all was.
    """

    stated: dict[Triple, tuple[Period, ...]]
    said_by: dict[Triple, frozenset[Term]]
    timeless: frozenset[Triple]
    always: set[Triple]
    periods: dict[Triple, tuple[Period, ...]]
    support: dict[Triple, frozenset[Term]]
    touched: frozenset[Triple] | None = None


class Stated(Mapping[Triple, list[Claim]]):
    """The facts that claims state, with those claims, which are read when they are asked for."""

    def __init__(self, said_by: Mapping[Triple, frozenset[Term]], claims: Claims) -> None:
        self._said_by, self._claims = said_by, claims

    def __getitem__(self, triple: Triple) -> list[Claim]:
        return [self._claims[name] for name in sorted(self._said_by[triple])]

    def __contains__(self, triple: object) -> bool:
        return triple in self._said_by

    def __iter__(self) -> Iterator[Triple]:
        return iter(self._said_by)

    def __len__(self) -> int:
        return len(self._said_by)


def settle(view: Materialised) -> Settled:
    """The fixpoints of a view, worked out from nothing. It must be one of all dates."""
    claims: Mapping[Triple, list[Claim]] = view.stated
    said_by = {triple: frozenset(claim.iri for claim in stating) for triple, stating in claims.items()}
    always = unconditional(view.given, view.instances)
    return Settled(view.stated_periods, said_by, frozenset(view.given), always, view.periods, view.support)


def bring_up(old: Settled, known: Ground, before: Side, after: Side, view: Materialised) -> Settled:
    """The fixpoints of a view of ``after`` from those of ``before``, over whose rule instances ``known`` was found.

    The instances of ``view`` are those of ``known`` and others. What is found is put into ``view``.
    """
    (stated, said_by), restated = _said_again(old, before, after, view)
    timeless = frozenset(view.given)
    changed = set(old.timeless ^ timeless) | restated
    instances = view.instances
    changed |= {instances.triples[head] for head in instances.heads[len(known.instances.heads) :]}
    changed |= {instances.triples[instances.heads[index]] for index in _restopped(known.instances, instances)}
    touched = _led_to(changed, instances)
    part = _concluding(touched, instances)
    around = {triple for triple in part.ids if triple not in touched}

    always = {triple for triple in around if triple in old.always}
    given = (timeless & touched) | always
    found = unconditional(given, part)
    given_periods = {t: stated[t] for t in touched if t in stated}
    given_periods |= {t: old.periods[t] for t in around - always if t in old.periods}
    periods = validity(given_periods, given, part)
    given_support = {t: said_by[t] for t in touched if t in said_by}
    given_support |= {t: old.support[t] for t in around - always if t in old.support}
    support = supporters(given_support, given, part, periods)

    new = Settled(
        stated,
        said_by,
        timeless,
        _merged_set(old.always, found, touched),
        _merged(old.periods, periods, touched),
        _merged(old.support, support, touched),
        frozenset(touched),
    )
    view.__dict__.update(periods=new.periods, support=new.support, stated=Stated(said_by, after.corpus.claims))
    return new


def changed_documents(before: Corpus, after: Corpus) -> list[str]:
    """The documents that are not the same reading in both corpora."""
    slugs = dict.fromkeys((*before.documents, *after.documents))
    return [
        slug
        for slug in slugs
        if not after.claims.shared(before.claims, slug) or before.documents.get(slug) is not after.documents.get(slug)
    ]


def _said_again(old: Settled, before: Side, after: Side, view: Materialised) -> tuple[_Given, set[Triple]]:
    """What is stated after, from what was; and the triples that other claims state, or for other times."""
    names = before.opposed.keys() ^ after.opposed.keys()
    for slug in changed_documents(before.corpus, after.corpus):
        names |= {*before.corpus.claims.names_of(slug), *after.corpus.claims.names_of(slug)}
    affected: set[Triple] = set()
    said: dict[Triple, set[Term]] = defaultdict(set)
    for name in names:
        claim = before.corpus.claims.get(name)
        if claim is not None:
            affected |= {triple for triple in claim.states if name in old.said_by.get(triple, ())}
        claim = after.corpus.claims.get(name)
        if claim is not None and accepts(view.view, claim) and name not in after.opposed:
            for triple in claim.states:
                said[triple].add(name)
    affected |= said.keys()
    said_by = dict(old.said_by)
    for triple in affected:
        stating = (old.said_by.get(triple, frozenset()) - names) | said[triple]
        if stating:
            said_by[triple] = stating
        else:
            said_by.pop(triple, None)
    corpus = after.corpus
    stating_now = Stated({triple: said_by[triple] for triple in affected if triple in said_by}, corpus.claims)
    periods = fact_periods(stating_now, temporal_kinds(corpus), published(corpus))
    stated = {triple: when for triple, when in old.stated.items() if triple not in affected} | periods
    return (stated, said_by), affected


def _restopped(known: Instances, now: Instances) -> Iterable[int]:
    """The known instances that other things stop now."""
    return (index for index, groups in now.absent.items() if known.absent.get(index) != groups)


def _led_to(changed: Iterable[Triple], instances: Instances) -> set[Triple]:
    """The triples, and every conclusion that they lead to, also by what must be absent."""
    stops: dict[int, list[int]] = {}
    for index, groups in instances.absent.items():
        for group in groups:
            for number in group:
                stops.setdefault(number, []).append(index)
    touched = set(changed)
    todo = [instances.ids[triple] for triple in touched if triple in instances.ids]
    reached = set(todo)
    while todo:
        number = todo.pop()
        for use in (*instances.uses[number], *stops.get(number, ())):
            head = instances.heads[use]
            if head not in reached:
                reached.add(head)
                todo.append(head)
    return touched | {instances.triples[number] for number in reached}


def _concluding(wanted: set[Triple], instances: Instances) -> Instances:
    """The instances that conclude one of some triples, as a set of their own."""
    numbers = {number for triple in wanted if (number := instances.ids.get(triple)) is not None}
    triples = instances.triples

    def some() -> Iterable[Instance]:
        for index, head in enumerate(instances.heads):
            if head in numbers:
                body = tuple(triples[premise] for premise in instances.bodies[index])
                groups = instances.absent.get(index, ())
                yield Instance(triples[head], body, tuple(tuple(triples[n] for n in group) for group in groups))

    return Instances(some())


def _merged(
    old: Mapping[Triple, _Value], part: Mapping[Triple, _Value], touched: set[Triple]
) -> dict[Triple, _Value]:
    merged = dict(old)
    for triple in touched:
        merged.pop(triple, None)
        if triple in part:
            merged[triple] = part[triple]
    return merged


def _merged_set(old: set[Triple], part: set[Triple], touched: set[Triple]) -> set[Triple]:
    return (old - touched) | (part & touched)
