"""Days and spans of days in words, as precise as they are and no more."""

from __future__ import annotations

from kg.dates import DAWN, DUSK, Period, Span, Times, span

__all__ = ["claimed", "in_brief", "in_words", "shortened", "when_in_words"]

_OPEN = (None, DAWN, DUSK)


def in_words(when: Span) -> str:
    """A span as people write it: ``2014``, ``2014-09``, ``2013-04-10 or later``, ``between 2013 and 2015``.

    DAWN and DUSK stand for what is not known and count as open.
    """
    first = None if when.first == DAWN else when.first
    last = None if when.last == DUSK else when.last
    if first is None and last is None:
        return "unknown"
    if first is None:
        return f"by {_shortest(last or '', end=True)}"
    if last is None:
        return f"{_shortest(first, end=False)} or later"
    for length in (4, 7, 10):
        if first[:length] == last[:length] and span(first[:length]) == Span(first, last):
            return first[:length]
    length = max(_length(first, end=False), _length(last, end=True))
    return f"between {first[:length]} and {last[:length]}"


def in_brief(when: Span) -> str:
    """As ``in_words``, a stretch as EDTF writes it: ``2013/2015``."""
    return in_words(when).removeprefix("between ").replace(" and ", "/")


def claimed(times: Times, published: Span) -> str:
    """When a claim says that it was so, in a few words; where it does not say, when its document appeared.

    ``2014-09``, ``begun by 2006, ended about 2008``, ``throughout 2006``, ``at 2017-04``, ``published 2017-04-10``.
    """
    words = {"on": "", "begins": "begun ", "ends": "ended ", "throughout": "throughout ", "holds_at": "at "}
    said = [f"{word}{_read(text)}" for name, word in words.items() if (text := getattr(times, name))]
    return ", ".join(said) or f"published {in_brief(published)}"


def _read(text: str) -> str:
    """An expression of time without the marks of EDTF."""
    if text.endswith("~"):
        return f"about {_read(text[:-1])}"
    return in_brief(span(text))


def when_in_words(period: Period, kind: str) -> str:
    """When a fact of a temporal kind held, in a few words; empty when nothing is known."""
    if kind == "EventKind":
        day = in_words(Span(period.earliest_begin, period.latest_end))
        return "" if day == "unknown" else day
    first, last = period.latest_begin, period.earliest_end
    if period.earliest_begin in _OPEN and period.latest_end in _OPEN and first and last:
        # All that is known is a time at which it held.
        return in_words(Span(last, first)) if last <= first else f"at least from {first} to {last}"
    begin = in_words(Span(period.earliest_begin, first))
    end = in_words(Span(last, period.latest_end))
    since = "" if begin.startswith("by ") else "since " if end == "unknown" else "from "
    said = [f"{since}{begin}" if begin != "unknown" else "", f"to {end}" if end != "unknown" else ""]
    return " ".join(part for part in said if part)


def shortened(items: tuple[str, ...], most: int = 3) -> str:
    """The first of some items, and how many more there are."""
    more = f" +{len(items) - most}" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def _shortest(day: str, *, end: bool) -> str:
    """A bound as the year or month that begins (or ends) with it, else the day."""
    return day[: _length(day, end=end)]


def _length(day: str, *, end: bool) -> int:
    for length in (4, 7):
        whole = span(day[:length])
        if day == (whole.last if end else whole.first):
            return length
    return 10
