"""Several periods at once: which of them say all that there is to say, and when two facts hold together.

Many claims give one fact many periods, alike but for the moments that fix loose ones. They are compared by shape: by
bounds that are plain strings, with nothing made for a pair that another covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from operator import itemgetter
from typing import NamedTuple

from kg.dates import MARKS, Period, Span

#: As ends of time that compare with days.
_FIRST, _LAST = "", "~"


class _Outer(NamedTuple):
    """When something possibly holds."""

    begin: str
    end: str


class _Inner(NamedTuple):
    """When it certainly does, unless it is doubtful."""

    begin: str
    end: str
    doubtful: bool


#: Periods of one shape by their moments, each with its place among all.
_Alike = dict[str | None, tuple[int, Period]]
_Shapes = dict[_Outer, dict[_Inner, _Alike]]
#: Two periods with their places.
_Pair = tuple[int, int, Period, Period]


def _outer(period: Period) -> _Outer:
    return _Outer(period.earliest_begin or _FIRST, period.latest_end or _LAST)


def _inner(period: Period) -> _Inner:
    return _Inner(period.latest_begin or _FIRST, period.earliest_end or _LAST, period.doubtful)


def mark_of(periods: Iterable[Period], when: Span) -> str:
    """What a fact with some periods is in a span of days: the best of their marks; empty where all exclude it."""
    return max((period.mark_in(when) for period in periods), key=("", *MARKS).index, default="")


def prune(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The periods that no other covers, in order of their bounds."""
    found = dict.fromkeys(periods)
    if len(found) < 2:
        return tuple(found)
    kept: _Shapes = {}
    for place, period in enumerate(found):
        outer, inner = _outer(period), _inner(period)
        if not _is_covered(kept, outer, inner, period):
            _drop_covered(kept, outer, inner, period)
            kept.setdefault(outer, {}).setdefault(inner, {})[period.moment] = place, period
    left = (period for shapes in kept.values() for alike in shapes.values() for _place, period in alike.values())
    return tuple(sorted(left, key=_order))


def _is_covered(kept: _Shapes, outer: _Outer, inner: _Inner, period: Period) -> bool:
    """Whether one of the periods that are kept covers another."""
    begin, end, doubtful = inner
    for (first, last), shapes in kept.items():
        if first > outer.begin or last < outer.end:
            continue
        if doubtful and shapes:
            return True
        for (begun, ended, unsure), alike in shapes.items():
            if begun <= begin and ended >= end and not unsure:
                some = [next(iter(alike.values())), *filter(None, [alike.get(period.moment)])]
                if any(each.covers(period) for _place, each in some):
                    return True
    return False


def _drop_covered(kept: _Shapes, outer: _Outer, inner: _Inner, period: Period) -> None:
    """Drop what a period covers."""
    begin, end, doubtful = inner
    for (first, last), shapes in kept.items():
        if first < outer.begin or last > outer.end:
            continue
        reached = [
            alike
            for (begun, ended, unsure), alike in shapes.items()
            if unsure or (begun >= begin and ended <= end and not doubtful)
        ]
        for alike in reached:
            _drop_alike(alike, period)
        if not all(reached):
            kept[_Outer(first, last)] = {inner: alike for inner, alike in shapes.items() if alike}


def _drop_alike(alike: _Alike, period: Period) -> None:
    """Drop what a period covers of some that are alike but for their moments: of two others, either both or none."""
    special = {moment: alike[moment] for moment in (None, period.moment) if moment in alike}
    other = next((alike[moment][1] for moment in alike if moment not in special), None)
    if other is not None and period.covers(other):
        alike.clear()
        alike.update(special)
    for moment, (_place, each) in special.items():
        if period.covers(each):
            del alike[moment]


def overlaps(some: Iterable[Period], others: Iterable[Period]) -> tuple[Period, ...]:
    """When one of some periods and one of others hold together, pruned.

    What two loose periods of different moments have in common may never have been, and of all such times with the
    same outer bounds the first stands for the rest. Of the times that are certain, those within others are not made.
    """
    pairs: list[_Pair] = []
    doubtful: dict[_Outer, _Pair] = {}
    certain: dict[_Outer, dict[tuple[str, str], _Pair]] = {}
    one_side, other_side = _by_shape(some), _by_shape(others)
    plain = _only_loose_have_moments(one_side) and _only_loose_have_moments(other_side)
    for (first, shapes), (second, opposites) in product(one_side.items(), other_side.items()):
        outer = _Outer(max(first.begin, second.begin), min(first.end, second.end))
        if outer.begin > outer.end:
            continue
        for (inner, alike), (other, opposite) in product(shapes.items(), opposites.items()):
            unsure = inner.doubtful or other.doubtful
            if unsure or inner.end < other.begin or other.end < inner.begin:
                # Places rise from shape to shape: what is known is mostly the first already.
                early = outer not in doubtful or next(iter(alike.values()))[0] <= doubtful[outer][0]
                if early and (pair := _first_pair(alike, opposite, same=unsure)):
                    doubtful[outer] = min(pair, doubtful.get(outer, pair), key=_places)
                if not unsure and not alike.keys().isdisjoint(opposite):
                    pairs += _of_one_moment(alike, opposite)
                continue
            core = max(inner.begin, other.begin), min(inner.end, other.end)
            if plain and core[0] <= core[1]:
                known = certain.setdefault(outer, {})
                (i, one), (j, two) = alike[None], opposite[None]
                pair = i, j, one, two
                known[core] = min(pair, known.get(core, pair), key=_places)
            else:
                pairs += _of_any_moment(alike, opposite)
    pairs += doubtful.values()
    for cores in certain.values():
        pairs += _widest(cores)
    met = (one.intersect(other) for _i, _j, one, other in sorted(pairs, key=_places))
    return prune(filter(None, met))


def _by_shape(periods: Iterable[Period]) -> _Shapes:
    found: _Shapes = {}
    for place, period in enumerate(periods):
        found.setdefault(_outer(period), {}).setdefault(_inner(period), {}).setdefault(period.moment, (place, period))
    return found


def _only_loose_have_moments(found: _Shapes) -> bool:
    """Whether periods that certainly hold on some day have no moments, as those of claims have none."""
    return all(
        inner.begin > inner.end or alike.keys() == {None}
        for shapes in found.values()
        for inner, alike in shapes.items()
    )


def _places(pair: _Pair) -> tuple[int, int]:
    return pair[:2]


def _first_pair(some: _Alike, others: _Alike, *, same: bool) -> _Pair | None:
    """The first two periods of which one is in either, unless ``same``: that have not the same moment."""
    for moment, (i, one) in some.items():
        for opposite, (j, other) in others.items():
            if same or moment is None or moment != opposite:
                return i, j, one, other
    return None


def _of_one_moment(some: _Alike, others: _Alike) -> Iterator[_Pair]:
    for moment in some.keys() & others.keys() - {None}:
        (i, one), (j, other) = some[moment], others[moment]
        yield i, j, one, other


def _of_any_moment(some: _Alike, others: _Alike) -> Iterator[_Pair]:
    """Each period with another: a time that has a moment does not take that of the other."""
    for i, one in some.values():
        for j, other in others.values() if one.moment is None else [next(iter(others.values()))]:
            yield i, j, one, other


def _widest(cores: dict[tuple[str, str], _Pair]) -> Iterator[_Pair]:
    """The pairs whose certain days no others have among theirs."""
    reach = None
    # Stable: first by end, the last first, then by beginning.
    for core in sorted(sorted(cores, key=itemgetter(1), reverse=True), key=itemgetter(0)):
        if reach is None or core[1] > reach:
            reach = core[1]
            yield cores[core]


def _order(period: Period) -> tuple[object, ...]:
    return (*(bound or "" for bound in period.bounds), period.doubtful, period.moment or "")
