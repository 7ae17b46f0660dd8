"""Time as precise as a text and no more: a small part of EDTF, four bounds, and how bounds combine.

Dates are ISO strings (``2017-04-10``), which sort as the days do. A bound of ``None`` is open.
The notation is EDTF (ISO 8601-2), level 0 and a little of level 1; what it expands to is said at each function.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

#: What a period may be at a date, from the weakest: see ``Period.mark_in``. A period that excludes it has no mark.
MARKS = ("undated", "possible", "certain")

#: The day before which nothing is dated: the earliest end of an event of which no date is known.
DAWN = "0001-01-01"
#: The day after which nothing is dated: the latest beginning of what may never come.
DUSK = "9999-12-31"

_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_POINT = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?(~)?")
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
    ``latest_end``; open bounds (``None``) reach as far as time does. Where the certain days are none, it is
    *loose*: it took place, on days that are not known (an event on one day of September).

    ``moment`` names what fixes the days of a loose period, so that what one claim says of one occasion holds
    together, and two events of one month need not have met; ``doubtful`` is a period that may never have been,
    since the loose ones that it came from may have missed each other.
    """

    earliest_begin: str | None = None
    latest_begin: str | None = None
    earliest_end: str | None = None
    latest_end: str | None = None
    doubtful: bool = False
    moment: str | None = None

    @property
    def bounds(self) -> tuple[str | None, str | None, str | None, str | None]:
        """Earliest and latest beginning, earliest and latest end."""
        return (self.earliest_begin, self.latest_begin, self.earliest_end, self.latest_end)

    @property
    def known_bounds(self) -> tuple[str | None, str | None, str | None, str | None]:
        """The bounds without DAWN and DUSK, as whoever reads them sees them."""
        first, begun, lasted, last = (None if bound in (DAWN, DUSK) else bound for bound in self.bounds)
        return first, begun, lasted, last

    @property
    def loose(self) -> bool:
        """Whether there is no day on which it certainly holds."""
        return (
            self.latest_begin is not None and self.earliest_end is not None and self.latest_begin > self.earliest_end
        )

    def certain_on(self, day: str) -> bool:
        """Whether it certainly holds on a day."""
        return _within(self.latest_begin, day, self.earliest_end)

    def possible_on(self, day: str) -> bool:
        """Whether it may hold on a day."""
        return _within(self.earliest_begin, day, self.latest_end)

    def certain_in(self, when: Span) -> bool:
        """Whether it certainly holds at some time in a span of days.

        So it is when it has begun before the span is over, whenever it began, and ends after the span has
        begun, whenever it ends: an event on one day of September certainly happened in September.
        """
        return not self.doubtful and _meets(self.latest_begin, self.earliest_end, when)

    def possible_in(self, when: Span) -> bool:
        """Whether it may hold at some time in a span of days."""
        return _meets(self.earliest_begin, self.latest_end, when)

    def mark_in(self, when: Span) -> str:
        """What holds in a span of days: one of MARKS, or nothing where the period excludes it.

        It is ``undated``, not possible, where it may hold only since nothing bounds its beginning, or its end, on
        that side.
        """
        if not self.possible_in(when):
            return ""
        if self.certain_in(when):
            return "certain"
        before = self.earliest_begin is None and (_before(when.last, self.latest_begin) or self.earliest_end == DAWN)
        after = self.latest_end is None and _before(self.earliest_end, when.first)
        return "undated" if before or after else "possible"

    def intersect(self, other: Period) -> Period | None:
        """When both hold; ``None`` when they cannot hold together.

        The bounds of a proof's premises combine day by day; that the premises certainly met at all needs each
        to have begun before any other can have ended.
        """
        begin, end = _later(self.earliest_begin, other.earliest_begin), _earlier(self.latest_end, other.latest_end)
        if begin is not None and end is not None and begin > end:
            return None
        return Period(
            begin,
            _later(self.latest_begin, other.latest_begin),
            _earlier(self.earliest_end, other.earliest_end),
            end,
            self.doubtful or other.doubtful or not self._certainly_meets(other),
            self.moment or other.moment,
        )

    def less(self, other: Period) -> list[Period]:
        """When this holds and the other does not: what may be left before it, and after it.

        A day is certainly left only if the other cannot hold on it, and is possibly left unless the other
        certainly holds on it.
        """
        if self.intersect(other) is None:
            return [self]
        begin, end, parts = other.earliest_begin, other.latest_end, []
        firm = not other.loose
        if not firm or other.latest_begin is not None:
            last = _earlier(self.latest_end, _shifted(other.latest_begin, -1)) if firm else self.latest_end
            certain = (self.latest_begin, _earlier(self.earliest_end, _shifted(begin, -1))) if begin else (DUSK, DAWN)
            parts.append(Period(self.earliest_begin, *certain, last))
        if not firm or other.earliest_end is not None:
            first = _later(self.earliest_begin, _shifted(other.earliest_end, 1)) if firm else self.earliest_begin
            certain = (_later(self.latest_begin, _shifted(end, 1)), self.earliest_end) if end else (DUSK, DAWN)
            parts.append(Period(first, *certain, self.latest_end))
        left = [part for part in parts if not _before(part.latest_end, part.earliest_begin)]
        return [replace(part, doubtful=self.doubtful or part.loose) for part in left]

    def covers(self, other: Period) -> bool:
        """Whether this holds, certainly and possibly, whenever the other does, alone and together with others."""
        begins = self.earliest_begin == _earlier_begin(self.earliest_begin, other.earliest_begin)
        if not begins or self.latest_end != _later_end(self.latest_end, other.latest_end):
            return False
        if other.doubtful:
            return True
        return (
            not self.doubtful
            and self.latest_begin == _earlier_begin(self.latest_begin, other.latest_begin)
            and self.earliest_end == _later_end(self.earliest_end, other.earliest_end)
            and (other.moment is None or self._certainly_meets(other))
        )

    def _certainly_meets(self, other: Period) -> bool:
        """Whether the two hold together on some day, whenever each began and ended."""
        if self.moment is not None and self.moment == other.moment:
            return True
        apart = _before(self.earliest_end, other.latest_begin) or _before(other.earliest_end, self.latest_begin)
        return not apart


#: What is not bound in time.
ALWAYS = Period()
#: What holds at times that nobody gives.
UNKNOWN = Period(None, DUSK, DAWN, None)


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


@lru_cache(maxsize=4096)
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


def without_season(expression: str) -> str:
    """An expression with a season as the months that it is: ``2005-22`` as ``2005-06/2005-08``."""
    if not re.search(r"[0-9]{4}-2[1-4]\b", expression):
        return expression
    when = span(expression)
    return f"{(when.first or '..')[:7]}/{(when.last or '..')[:7]}"


def period_of(times: Times, kind: str, published: Span, *, ahead: bool = False) -> Period:
    """The four bounds of what a claim says, from its expressions, its temporal kind and the publication.

    ``kind`` is ``EventKind``, ``PersistentState``, ``BoundedState`` or ``Timeless``. An undated state is certain
    when the document was published and possible at other times; what is timeless is certain from then on. An
    undated event lies before the publication, one of which only the beginning is given may go on after it; a
    persistent state that has begun lasts until something ends it, a bounded one is certain until published.
    ``ahead`` is what is announced, predicted or asked for: undated, it lies after the publication if anywhere.
    """
    if kind == "Timeless":
        known = _state(times, True, published, published.last or DUSK)
        return known if times.ends else replace(known, earliest_end=None, latest_end=None)
    if ahead and not times:
        return Period(published.first, DUSK, published.first or DAWN, None)
    # What is reported as so has happened or begun when it is reported; what is announced may come at any time.
    horizon = DUSK if ahead else published.last or DUSK
    if kind == "EventKind":
        return _event(times, horizon)
    return _state(times, kind == "PersistentState", published, horizon)


def ignored(times: Times, kind: str) -> list[str]:
    """The expressions of time of a claim that a temporal kind does not read beside the others, by field.

    A day on which (``on``) is for what happens; of a bounded state it says no more than ``holds_at``.
    """
    given = [name for name in Times.__slots__ if getattr(times, name)]
    unread: dict[str, tuple[str, ...]] = {
        "EventKind": ("begins", "ends", "throughout") if times.on or times.holds_at else (),
        "PersistentState": ("on",) if times.begins else (),
        "BoundedState": ("on",),
    }
    if kind == "EventKind" and times.on:
        unread[kind] += ("holds_at",)
    elif kind == "EventKind" and times.throughout:
        unread[kind] = ("begins", "ends")
    return [name for name in given if name in unread.get(kind, ())]


def _event(times: Times, horizon: str) -> Period:
    when = times.on or times.holds_at
    if when or not (times.begins or times.ends or times.throughout):
        day = span(when) if when else Span(None, horizon)
        last = day.last or max(horizon, day.first or DAWN)
        return Period(day.first, last, day.first or DAWN, None if last == DUSK else last)
    if times.throughout:
        whole = span(times.throughout)
        begin, end = Span(whole.first, whole.first), Span(whole.last, whole.last)
    else:
        begin = span(times.begins) if times.begins else Span(None, None)
        end = span(times.ends) if times.ends else Span(None, None)
    # What is reported has begun by then; of what is not said to be over, nobody knows how long it goes on.
    begun = begin.last or end.last or max(horizon, begin.first or DAWN)
    return Period(begin.first, begun, end.first or begin.first or DAWN, end.last)


def _state(times: Times, persistent: bool, published: Span, horizon: str) -> Period:
    begins = times.begins or (times.on if persistent else None)
    seen = times.holds_at or (None if persistent else times.on)
    begin = span(begins) if begins else Span(None, None)
    end = span(times.ends) if times.ends else Span(None, None)
    # Days by which it had begun, and days until which it still held: the firmest of what is said.
    begun = [begin.last or max(horizon, begin.first or DAWN)] if begins else []
    lasted = []
    if times.ends:
        begun += [end.last] if end.last else []
        lasted += [end.first or begin.first or DAWN]
    if times.throughout:
        whole = span(times.throughout.replace("~", ""))
        begun += [whole.first or DAWN]
        lasted += [whole.last or published.first or DAWN]
    if seen:
        moment = span(seen)
        begun += [moment.last or max(horizon, moment.first or DAWN)]
        lasted += [moment.first or begin.first or DAWN]
    if not times:
        begun, lasted = [horizon], [published.first or DAWN]
    if begins and not lasted:
        # Begun and not said to have ended: certain until the document appeared.
        lasted = [max(published.first or DAWN, begin.last or DAWN)]
    open_ended = persistent and bool(begins) and not times.ends
    return Period(begin.first, min(begun, default=horizon), None if open_ended else max(lasted), end.last)


def _point(text: str) -> Span:
    match = _POINT.fullmatch(text.strip())
    if not match:
        raise DateError(f"{text!r} is no date; write for example 2017, 2017-04 or 2017-04-10")
    year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if not year:
        raise DateError(f"{text!r} has the year 0000, which does not exist")
    if month in _SEASONS and not day:
        first, last = _SEASONS[month]
        return _about(Span(f"{year:04d}-{first}", f"{year:04d}-{last}"), match[4], months=1)
    if month > 12 or (match[2] and not month):
        raise DateError(f"{text!r} has no such month")
    if not month:
        return _about(Span(f"{year:04d}-01-01", f"{year:04d}-12-31"), match[4], months=12)
    length = _days_in(year, month)
    if match[3] and not 1 <= day <= length:
        raise DateError(f"{text!r} has no such day: the month has {length} days")
    if not day:
        return _about(Span(f"{year:04d}-{month:02d}-01", f"{year:04d}-{month:02d}-{length}"), match[4], months=1)
    exact = f"{year:04d}-{month:02d}-{day:02d}"
    return _about(Span(exact, exact), match[4], days=15)


def _about(exact: Span, mark: str | None, *, months: int = 0, days: int = 0) -> Span:
    """What an expression with the mark for "about" may mean: so much more on either side, by whole months."""
    if not mark or exact.first is None or exact.last is None:
        return exact
    if days:
        return Span(shifted(exact.first, -days), shifted(exact.last, days))
    (first_year, first), (last_year, last) = _month_of(exact.first, -months), _month_of(exact.last, months)
    begin = f"{first_year:04d}-{first:02d}-01" if first_year > 0 else DAWN
    end = f"{last_year:04d}-{last:02d}-{_days_in(last_year, last)}" if last_year < 10_000 else DUSK
    return Span(begin, end)


def _month_of(day: str, later: int) -> tuple[int, int]:
    """The year and the month of a day, so many months later."""
    year, month = divmod(int(day[:4]) * 12 + int(day[5:7]) - 1 + later, 12)
    return year, month + 1


def _days_in(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _MONTH_DAYS[month - 1]


def _within(first: str | None, day: str, last: str | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _meets(begin: str | None, end: str | None, when: Span) -> bool:
    return not _before(when.last, begin) and not _before(end, when.first)


def _before(one: str | None, two: str | None) -> bool:
    """Whether an end lies before a beginning; an open one never does."""
    return one is not None and two is not None and one < two


def shifted(day: str, days: int) -> str:
    """So many days later, no further than the calendar goes."""
    from datetime import date

    number = date.fromisoformat(day).toordinal() + days
    return date.fromordinal(min(max(number, 1), date.max.toordinal())).isoformat()


def _shifted(day: str | None, days: int) -> str | None:
    return None if day is None else shifted(day, days)


def _later(one: str | None, two: str | None) -> str | None:
    return max(filter(None, (one, two)), default=None)


def _earlier(one: str | None, two: str | None) -> str | None:
    return min(filter(None, (one, two)), default=None)


def _earlier_begin(one: str | None, two: str | None) -> str | None:
    return None if one is None or two is None else min(one, two)


def _later_end(one: str | None, two: str | None) -> str | None:
    return None if one is None or two is None else max(one, two)
