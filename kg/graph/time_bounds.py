"""What a claim leaves open about time, bounded by what the rest of the view says (``docs/time.md``).

A claim that gives no beginning, or no end, leaves more days possible than the view allows: what it speaks of existed
only from its foundation to its end, an event happened when other claims date it, the same state began when it is
first known to have begun, and one person at a time holds an office. Which properties say so is data: annotations of
the vocabulary (``kg:timeOf``, ``kg:beginningOf``, ``kg:withinTimeOf``, ``kg:comesBefore``, ``kg:oneAtATime``).

Bounds narrow what is possible. They are read from the facts as their claims date them, before any is bounded, so
that no order matters; a bound that contradicts the claim's own date is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from kg.dates import DAWN, Period, shifted
from kg.model import Term, Triple
from kg.periods import prune
from kg.vocab import RDF, RDFS, iri, kg

Periods = tuple[Period, ...]
#: For properties, places of their facts: 0 the subject, 2 the object.
Places = Mapping[Term, Sequence[int]]
Key = TypeVar("Key", bound=Hashable)
_PLACES = {iri(RDF + "subject"): 0, iri(RDF + "object"): 2}
_SUB_PROPERTY = iri(RDFS + "subPropertyOf")
_FIELDS = {
    kg("timeOf"): "time_of",
    kg("beginningOf"): "beginning_of",
    kg("withinTimeOf"): "within",
    kg("oneAtATime"): "one_at_a_time",
}


@dataclass(frozen=True)
class Roles:
    """What properties say about time: by property, the places (0 the subject, 2 the object) that it speaks of.

    ``before`` are the properties that come before others of the same subject and object; a fact of ``not_before``
    holds no earlier than the things at its places: they bound it, or it never changes.
    """

    time_of: dict[Term, list[int]] = field(default_factory=dict)
    beginning_of: dict[Term, list[int]] = field(default_factory=dict)
    within: dict[Term, list[int]] = field(default_factory=dict)
    not_before: dict[Term, list[int]] = field(default_factory=dict)
    one_at_a_time: dict[Term, list[int]] = field(default_factory=dict)
    before: dict[Term, list[Term]] = field(default_factory=dict)

    @classmethod
    def of(cls, ontology: Iterable[Triple]) -> Roles:
        """The roles that an ontology gives its properties; a property has those of the properties above it."""
        above, said, timeless = defaultdict(set), [], {iri(RDF + "type")}
        for triple in ontology:
            if triple[1] == _SUB_PROPERTY:
                above[triple[0]].add(triple[2])
            elif triple[1:] == (kg("temporalKind"), kg("Timeless")):
                timeless.add(triple[0])
            elif triple[1] in _FIELDS or triple[1] == kg("comesBefore"):
                said.append(triple)
        made = cls()
        below = _below(above)
        for subject, predicate, value in sorted(said):
            if predicate == kg("comesBefore"):
                made.before.setdefault(value, []).append(subject)
            elif value in _PLACES:
                for prop in below.get(subject, {subject}):
                    places = getattr(made, _FIELDS[predicate]).setdefault(prop, [])
                    places += [_PLACES[value]] if _PLACES[value] not in places else []
        made.not_before.update({prop: [0, 2] for prop in sorted(timeless)} | made.within)
        return made

    @property
    def dating(self) -> frozenset[Term]:
        """The properties whose facts bound others."""
        earlier = (prop for some in self.before.values() for prop in some)
        return frozenset((*self.timing, *self.one_at_a_time, *earlier))

    @property
    def timing(self) -> Places:
        """The places of what facts date, by property."""
        both = (self.time_of, self.beginning_of)
        return {prop: [place for some in both for place in some.get(prop, ())] for some in both for prop in some}

    @property
    def exclusive(self) -> Places:
        """The places of what only one thing at a time stands in a relation to, by property."""
        return {prop: [2 - place for place in places] for prop, places in self.one_at_a_time.items()}


class Bound(NamedTuple):
    """A day before which (or after which) something cannot hold, and the facts that say so."""

    day: str
    facts: tuple[Triple, ...]
    #: With the end of what it speaks of, also what lasts ends: not before this day.
    earliest: str | None = None


class Bounds:
    """Bounds from the facts of a view that date others (``Roles.dating``), each with its periods.

    ``kinds`` gives the temporal kind of each property.
    """

    def __init__(self, roles: Roles, kinds: Mapping[Term, str], dating: Mapping[Triple, Periods]) -> None:
        self._roles, self._kinds = roles, kinds
        self._by_entity: dict[Term, list[tuple[Triple, Period]]] = defaultdict(list)
        self._before: dict[tuple[Term, Term, Term], list[tuple[Triple, str]]] = defaultdict(list)
        self._holders: dict[tuple[Term, Term], list[tuple[Triple, Period]]] = defaultdict(list)
        self._times: dict[Term, tuple[Period, tuple[Triple, ...]] | None] = {}
        for triple, periods in dating.items():
            self._note(triple, periods)

    def _note(self, triple: Triple, periods: Periods) -> None:
        subject, predicate, value = triple
        for place in self._roles.time_of.get(predicate, ()):
            self._by_entity[triple[place]] += [(triple, period) for period in periods]
        for place in self._roles.beginning_of.get(predicate, ()):
            began = (Period(p.earliest_begin, p.latest_end or p.latest_begin) for p in periods)
            self._by_entity[triple[place]] += [(triple, period) for period in began]
        firsts = [p.earliest_begin for p in periods if p.earliest_begin]
        for later, some in self._roles.before.items():
            if predicate in some and firsts:
                self._before[subject, later, value].append((triple, min(firsts)))
        for place in self._roles.one_at_a_time.get(predicate, ()):
            firm = [(triple, p) for p in periods if p.latest_begin and p.earliest_end and not (p.loose or p.doubtful)]
            self._holders[predicate, triple[2 - place]] += firm

    def bounded(self, triple: Triple, own: Periods, same: Iterable[Period] = ()) -> Periods:
        """The periods of a stated fact within its bounds, pruned.

        ``own`` are those that its claims give, ``same`` those of the facts from each of which alone it follows.
        """
        if not self.leaves_open(triple, own):
            return prune(own)
        same = (*own, *same)
        return prune(self._within(triple, period, same) if is_open(period) else period for period in own)

    def narrowed(self, triple: Triple, period: Period, same: Periods | None) -> Period:
        """The period of one claim of a triple within its bounds.

        ``same`` are the periods of the same state; None for a claim that is no fact of the view: only when what it
        speaks of existed or happened bounds it.
        """
        return self._within(triple, period, same) if self.leaves_open(triple, (period,)) else period

    def leaves_open(self, triple: Triple, own: Periods) -> bool:
        """Whether claims leave open something about time that can be bounded."""
        return any(map(is_open, own))

    def facts(self, triple: Triple, own: Periods, same: Iterable[Period] = ()) -> list[Triple]:
        """The facts that bound what the claims of a stated fact leave open, sorted; itself for what proves it."""
        found: set[Triple] = set()
        same = (*own, *same)
        for period in own if self.leaves_open(triple, own) else ():
            low, high = self._best(triple, period, same) if is_open(period) else (None, None)
            found.update(fact for bound in (low, high) if bound for fact in bound.facts)
        return sorted(found)

    def _within(self, triple: Triple, period: Period, same: Periods | None) -> Period:
        low, high = self._best(triple, period, same)
        begin = max(filter(None, (period.earliest_begin, low and low.day)), default=None)
        end = min(filter(None, (period.latest_end, high and high.day)), default=None)
        begun, lasted = period.latest_begin, period.earliest_end
        if end and (begun is None or begun > end):
            begun = end
        if high and lasted is None:
            lasted = max(high.earliest or DAWN, begin or DAWN)
        if begin and lasted is not None and lasted < begin:
            lasted = begin
        return replace(period, earliest_begin=begin, latest_begin=begun, earliest_end=lasted, latest_end=end)

    def _best(self, triple: Triple, period: Period, same: Periods | None) -> tuple[Bound | None, Bound | None]:
        """The tightest bounds on both sides that do not contradict a period."""
        begun, lasted = period.latest_begin, period.earliest_end
        latest = min(filter(None, (begun, period.latest_end)), default=None)
        lows = [low for low in self._lows(triple, period, same) if latest is None or low.day <= latest]
        low = max(lows, key=lambda bound: bound.day, default=None)
        first = max(filter(None, (period.earliest_begin, low and low.day)), default=DAWN)
        earliest = max(lasted or DAWN, first)
        highs = [
            high
            for high in self._highs(triple, period, same)
            if high.day >= earliest and (lasted is not None or high.earliest)
        ]
        return low, min(highs, key=lambda bound: bound.day, default=None)

    def _lows(self, triple: Triple, period: Period, same: Periods | None) -> Iterator[Bound]:
        for time, facts in self._times_of(triple[place] for place in self._roles.not_before.get(triple[1], ())):
            if time.earliest_begin:
                yield Bound(time.earliest_begin, facts)
        if same is None:
            return
        for fact, other in self._others(triple):
            held, begun, lasted = other.earliest_end or "", period.latest_begin, period.earliest_end
            if begun and held < begun and (lasted is None or held < lasted):
                yield Bound(shifted(held, 1), (fact,))
        if self._kinds.get(triple[1]) != "EventKind":
            known = [Bound(day, (fact,)) for fact, day in self._before.get(triple, ())]
            known += [Bound(p.earliest_begin, (triple,)) for p in same if p.earliest_begin and not p.doubtful]
            first = min(known, key=lambda bound: bound.day, default=None)
            if first and not any(_before(p, first.day) for p in same):
                yield first

    def _highs(self, triple: Triple, period: Period, same: Periods | None) -> Iterator[Bound]:
        for time, facts in self._times_of(triple[place] for place in self._roles.within.get(triple[1], ())):
            if time.latest_end:
                yield Bound(time.latest_end, facts, time.earliest_end or DAWN)
        if same is None:
            return
        for fact, other in self._others(triple):
            held, begun, lasted = other.latest_begin or "", period.latest_begin, period.earliest_end
            if lasted and lasted < held and (begun is None or begun < held):
                yield Bound(shifted(held, -1), (fact,))
        if self._kinds.get(triple[1]) != "EventKind":
            last = max((p.latest_end for p in same if p.latest_end and not p.doubtful), default=None)
            if last and not any(_after(p, last) for p in same):
                yield Bound(last, (triple,))

    def _times_of(self, entities: Iterable[Term]) -> Iterator[tuple[Period, tuple[Triple, ...]]]:
        """When things existed or happened."""
        for entity in entities:
            if (found := self._time(entity)) is not None:
                yield found

    def _time(self, entity: Term) -> tuple[Period, tuple[Triple, ...]] | None:
        """When something existed or happened: what all that dates it has in common, or where that is nothing, all."""
        if entity not in self._times:
            dated = [(fact, p) for fact, p in self._by_entity.get(entity, ()) if p.earliest_begin or _ended(p)]
            facts = tuple(dict.fromkeys(fact for fact, _period in dated))
            self._times[entity] = (_common([period for _fact, period in dated]), facts) if dated else None
        return self._times[entity]

    def _others(self, triple: Triple) -> list[tuple[Triple, Period]]:
        """Who else holds what only one holds at a time, and certainly when; nobody where two are said to at once."""
        for place in self._roles.one_at_a_time.get(triple[1], ()):
            holders = self._holders.get((triple[1], triple[2 - place]), [])
            if not any(_overlap(one, other) for one in holders for other in holders if one[0] != other[0]):
                return [(fact, period) for fact, period in holders if fact != triple]
        return []


def giving_alone(
    wanted: Iterable[Key], steps: Callable[[set[Key]], Iterable[tuple[Key, Sequence[Key]]]]
) -> dict[Key, set[Key]]:
    """For each fact those that give it each by itself, with what always holds (by a wider property, an inverse).

    ``steps`` gives the rule instances with some conclusions: each with the premises that do not always hold.
    """
    wanted = set(wanted)
    edges: dict[Key, set[Key]] = defaultdict(set)
    ring, seen = wanted, set(wanted)
    while ring:
        for head, varying in steps(ring):
            if len(varying) == 1:
                edges[head].add(varying[0])
        ring = {premise for head in ring for premise in edges[head]} - seen
        seen |= ring
    return {key: _reached(key, edges) - {key} for key in wanted}


def _reached(start: Key, edges: Mapping[Key, Iterable[Key]]) -> set[Key]:
    """What edges lead to from a start, this included."""
    todo, seen = [start], {start}
    while todo:
        fresh = set(edges.get(todo.pop(), ())) - seen
        seen |= fresh
        todo += fresh
    return seen


def _below(above: Mapping[Term, set[Term]]) -> dict[Term, set[Term]]:
    """Every property with itself and all below it."""
    below: dict[Term, set[Term]] = defaultdict(set)
    for prop in {*above, *(up for ups in above.values() for up in ups)}:
        for each in _reached(prop, above):
            below[each].add(prop)
    return below


def is_open(period: Period) -> bool:
    """Whether the beginning or the end of a period is not bounded."""
    return period.earliest_begin is None or period.latest_end is None


def _ended(period: Period) -> bool:
    """Whether an end is known that is not just the publication of what happened before it."""
    return period.latest_end is not None and period.earliest_end != DAWN


def _before(period: Period, day: str) -> bool:
    """Whether a period says that it held before a day."""
    return any(bound is not None and bound < day for bound in (period.latest_begin, period.latest_end))


def _after(period: Period, day: str) -> bool:
    """Whether a period says that it held after a day, or that it lasts."""
    return period.earliest_end is None or period.earliest_end > day or (period.earliest_begin or "") > day


def _overlap(one: tuple[Triple, Period], other: tuple[Triple, Period]) -> bool:
    """Whether two certainly hold on a day in common."""
    (_, first), (_, second) = one, other
    return max(first.latest_begin or "", second.latest_begin or "") <= min(
        first.earliest_end or "", second.earliest_end or ""
    )


def _common(periods: list[Period]) -> Period:
    """The bounds that all of some periods allow; where they contradict one another, those that any allows."""
    columns = list(zip(*(period.bounds for period in periods), strict=True))
    begins, begun, lasted, ends = ([bound for bound in column if bound is not None] for column in columns)
    first, last = max(begins, default=None), min(ends, default=None)
    contradict = (first and last and first > last) or (first and min(begun, default=first) < first)
    if contradict or (last and max(lasted, default=last) > last):
        first = None if None in columns[0] else min(begins)
        last = None if None in columns[3] else max(ends)
    return Period(first, max(begun, default=None), min(lasted, default=None), last)
