"""A view brought up from another that says nearly the same: only what rests on the difference is worked out.

Periods and support are least fixpoints over rule instances (``kg.build.support``). What no changed triple leads to
has the same proofs in both views, and so the same periods and support; the others form a set that is closed under
the instances, and are worked out anew with what surrounds them as given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from kg.build.compose import published, temporal_kinds
from kg.build.ground import Ground
from kg.build.materialise import Materialised
from kg.build.support import Instance, Instances, supporters, unconditional, validity
from kg.dates import Period
from kg.model import Claim, Term, Triple
from kg.views import fact_periods

__all__ = ["Settled", "bring_up", "settle"]

_Value = TypeVar("_Value")


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


def settle(view: Materialised) -> Settled:
    """The fixpoints of a view, worked out from nothing. It must be one of all dates."""
    stated, said_by = _given(view)
    always = unconditional(view.given, view.instances)
    return Settled(stated, said_by, frozenset(view.given), always, view.periods, view.support)


def bring_up(old: Settled, known: Ground, view: Materialised) -> Settled:
    """The fixpoints of a view from those of another, over whose rule instances ``known`` was found.

    The instances of ``view`` are those of ``known`` and others. What is found is put into ``view``.
    """
    stated, said_by = _given(view)
    timeless = frozenset(view.given)
    changed = set(old.timeless ^ timeless)
    changed |= {t for t in old.stated.keys() | stated.keys() if old.stated.get(t) != stated.get(t)}
    changed |= {t for t in old.said_by.keys() | said_by.keys() if old.said_by.get(t) != said_by.get(t)}
    instances = view.instances
    changed |= {instances.triples[head] for head in instances.heads[len(known.instances.heads) :]}
    changed |= {instances.triples[instances.heads[index]] for index in _restated(known.instances, instances)}
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
    view.__dict__.update(periods=new.periods, support=new.support)
    return new


def _given(view: Materialised) -> tuple[dict[Triple, tuple[Period, ...]], dict[Triple, frozenset[Term]]]:
    """The periods of what is stated, and by which claims."""
    stated: dict[Triple, list[Claim]] = view.stated
    periods = fact_periods(stated, temporal_kinds(view.corpus), published(view.corpus))
    return dict(periods), {triple: frozenset(claim.iri for claim in claims) for triple, claims in stated.items()}


def _restated(known: Instances, now: Instances) -> Iterable[int]:
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
