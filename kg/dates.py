"""Time as precise as a text and no more: a small part of EDTF, four bounds, and how bounds combine.

Dates are ISO strings (``2017-04-10``), which sort as the days do. A bound of ``None`` is open.
The notation is EDTF (ISO 8601-2), level 0 and a little of level 1; what it expands to is said at each function.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["ALWAYS", "DAWN", "DateError", "Period", "Span", "Times", "period_of", "prune", "span"]

#: The day before which nothing is dated: the earliest end of an event of which no date is known.
DAWN = "0001-01-01"

_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_POINT = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(~)?")
# EDTF level 1 seasons; winter is the one in which the year begins and ends: both its ends.
_SEASONS = {21: ("03-01", "05-31"), 22: ("06-01", "08-31"), 23: ("09-01", "11-30"), 24: ("01-01", "12-31")}


class DateError(ValueError):
    """A date that cannot be read; the message says what is accepted."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days between which a point in time lies, both included; ``None`` is open."""

    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time by four bounds (ISO days).

    It certainly holds from ``latest_begin`` to ``earliest_end``, possibly from ``earliest_begin`` to
    ``latest_end``; open bounds (``None``) reach as far as time does.
    """

    earliest_begin: str | None = None
    latest_begin: str | None = None
    earliest_end: str | None = None
    latest_end: str | None = None

    def certain_on(self, day: str) -> bool:
        """Whether it certainly holds on a day."""
        return _within(self.latest_begin, day, self.earliest_end)

    def possible_on(self, day: str) -> bool:
        """Whether it may hold on a day."""
        return _within(self.earliest_begin, day, self.latest_end)

    def certain_in(self, when: Span) -> bool:
        """Whether it certainly holds at some time in a span of days."""
        inside = (
            self.earliest_begin is not None
            and self.latest_end is not None
            and _within(when.first, self.earliest_begin, when.last)
            and _within(when.first, self.latest_end, when.last)
        )
        return inside or _overlap(self.latest_begin, self.earliest_end, when)

    def possible_in(self, when: Span) -> bool:
        """Whether it may hold at some time in a span of days."""
        return _overlap(self.earliest_begin, self.latest_end, when)

    def intersect(self, other: Period) -> Period | None:
        """When both hold; ``None`` when they cannot hold together."""
        both = Period(
            _later(self.earliest_begin, other.earliest_begin),
            _later(self.latest_begin, other.latest_begin),
            _earlier(self.earliest_end, other.earliest_end),
            _earlier(self.latest_end, other.latest_end),
        )
        begin, end = both.earliest_begin, both.latest_end
        return None if begin is not None and end is not None and begin > end else both

    def covers(self, other: Period) -> bool:
        """Whether this holds, certainly and possibly, whenever the other does."""
        return (
            self.earliest_begin == _earlier_begin(self.earliest_begin, other.earliest_begin)
            and self.latest_begin == _earlier_begin(self.latest_begin, other.latest_begin)
            and self.earliest_end == _later_end(self.earliest_end, other.earliest_end)
            and self.latest_end == _later_end(self.latest_end, other.latest_end)
        )

    @property
    def bounds(self) -> tuple[str | None, str | None, str | None, str | None]:
        """Earliest and latest beginning, earliest and latest end."""
        return (self.earliest_begin, self.latest_begin, self.earliest_end, self.latest_end)


#: What is not bound in time.
ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Times:
    """The expressions of time of a claim, as written; each ``None`` when not given."""

    on: str | None = None
    begins: str | None = None
    ends: str | None = None
    throughout: str | None = None
    holds_at: str | None = None

    def __bool__(self) -> bool:
        """Whether anything is said about time."""
        return any((self.on, self.begins, self.ends, self.throughout, self.holds_at))


def span(expression: str) -> Span:
    """Expand an expression to the first and last day that it may mean.

    ``2017``, ``2017-04``, ``2017-04-10``; a season ``2005-22``; ``2006~`` (about: a year more
    either side of a year, a month of a month, fifteen days of a day); ``a/b`` (within that stretch);
    ``../b`` (by then or before); ``a/..`` (from then or later).

    Raises DateError.
    """
    first, slash, last = expression.strip().partition("/")
    if not slash:
        return _point(first)
    begin = Span(None, None) if first == ".." else _point(first)
    end = Span(None, None) if last == ".." else _point(last)
    if begin.first is not None and end.last is not None and begin.first > end.last:
        raise DateError(f"{expression!r} ends before it begins")
    return Span(begin.first, end.last)


def period_of(times: Times, kind: str, published: Span) -> Period:
    """The four bounds of what a claim says, from its expressions, its temporal kind and the publication.

    ``kind`` is ``EventKind``, ``PersistentState``, ``BoundedState`` or ``Timeless``. An undated state is certain
    when the document was published and possible at other times; an undated event lies before the publication;
    a persistent state that has begun lasts until something ends it, a bounded one is certain until published.
    """
    if kind == "EventKind":
        return _event(times, published)
    if kind == "Timeless" and not times:
        return ALWAYS
    return _state(times, kind == "PersistentState", published)


def prune(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The periods that no other covers, in order of their bounds."""
    kept: list[Period] = []
    for period in dict.fromkeys(periods):
        if any(other.covers(period) for other in kept):
            continue
        kept = [other for other in kept if not period.covers(other)]
        kept.append(period)
    return tuple(sorted(kept, key=lambda period: tuple(bound or "" for bound in period.bounds)))


def _event(times: Times, published: Span) -> Period:
    when = times.on or times.holds_at or times.throughout
    if when:
        day = span(when)
        return Period(day.first, day.last, day.first or DAWN, day.last)
    if not times:
        return Period(None, published.last, DAWN, published.last)
    begin = span(times.begins) if times.begins else Span(None, span(times.ends or "").last)
    end = span(times.ends) if times.ends else Span(begin.first or DAWN, published.last)
    return Period(begin.first, begin.last, end.first or DAWN, end.last)


def _state(times: Times, persistent: bool, published: Span) -> Period:
    begins = times.begins or (times.on if persistent else None)
    seen = times.holds_at or (None if persistent else times.on)
    begin = span(begins) if begins else Span(None, None)
    end = span(times.ends) if times.ends else Span(None, None)
    # Days by which it had begun, and days until which it still held: the firmest of what is said.
    begun = [day for day in (begin.last if begins else None, end.first) if day]
    lasted = [day for day in (end.first, None) if day]
    if times.throughout:
        whole = span(times.throughout)
        begun += [whole.first] if whole.first else []
        lasted += [whole.last] if whole.last else []
    if seen:
        moment = span(seen)
        begun += [moment.last] if moment.last else []
        lasted += [moment.first] if moment.first else []
    if not times:
        begun, lasted = [published.last or ""], [published.first or DAWN]
    open_ended = persistent and bool(begins) and not times.ends
    if not open_ended and not lasted:
        # Begun and not said to have ended: certain until the document appeared.
        lasted = [max(published.first or DAWN, begin.last or DAWN)]
    return Period(
        begin.first,
        min(begun) if begun else begin.last,
        None if open_ended else max(lasted),
        end.last,
    )


def _point(text: str) -> Span:
    match = _POINT.fullmatch(text.strip())
    if not match:
        raise DateError(f"{text!r} is no date; write 2017, 2017-04, 2017-04-10, 2005-22, 2006~ or a/b")
    year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if not year:
        raise DateError(f"{text!r} has the year 0000, which does not exist")
    if month in _SEASONS and not day:
        first, last = _SEASONS[month]
        return _about(Span(f"{year:04d}-{first}", f"{year:04d}-{last}"), match[4], 30)
    if month > 12 or (match[2] and not month):
        raise DateError(f"{text!r} has no such month")
    if not month:
        return _about(Span(f"{year:04d}-01-01", f"{year:04d}-12-31"), match[4], 365)
    length = _days_in(year, month)
    if match[3] and not 1 <= day <= length:
        raise DateError(f"{text!r} has no such day: the month has {length} days")
    if not day:
        return _about(Span(f"{year:04d}-{month:02d}-01", f"{year:04d}-{month:02d}-{length}"), match[4], 30)
    exact = f"{year:04d}-{month:02d}-{day:02d}"
    return _about(Span(exact, exact), match[4], 15)


def _about(exact: Span, mark: str | None, days: int) -> Span:
    if not mark or exact.first is None or exact.last is None:
        return exact
    from datetime import date, timedelta

    first = date.fromisoformat(exact.first) - timedelta(days)
    last = date.fromisoformat(exact.last) + timedelta(days)
    return Span(first.isoformat(), last.isoformat())


def _days_in(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _MONTH_DAYS[month - 1]


def _within(first: str | None, day: str, last: str | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _overlap(first: str | None, last: str | None, when: Span) -> bool:
    empty = first is not None and last is not None and first > last
    starts_in_time = first is None or when.last is None or first <= when.last
    return not empty and starts_in_time and (last is None or when.first is None or when.first <= last)


def _later(one: str | None, two: str | None) -> str | None:
    return max(filter(None, (one, two)), default=None)


def _earlier(one: str | None, two: str | None) -> str | None:
    return min(filter(None, (one, two)), default=None)


def _earlier_begin(one: str | None, two: str | None) -> str | None:
    return None if one is None or two is None else min(one, two)


def _later_end(one: str | None, two: str | None) -> str | None:
    return None if one is None or two is None else max(one, two)
