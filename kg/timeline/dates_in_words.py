"""Days, spans and periods in words, as precise as they are and no more, in English and in Serbian (both scripts)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from kg.dates import DAWN, DUSK, DateError, Period, Span, Times, shifted, span
from kg.phrases import cyrillic

_OPEN = (None, DAWN, DUSK)
_DAY = re.compile(r"\d\d? ")
_SEASONS = {("03-01", "05-31"): 0, ("06-01", "08-31"): 1, ("09-01", "11-30"): 2, ("09-01", "12-31"): 2}


@dataclass(frozen=True)
class _Language:
    """The words of a language: months and seasons as they are named and after a preposition, and patterns.

    A pattern has ``{}`` where a time stands, ``{of}`` where it stands in the genitive.
    """

    months: tuple[str, ...]
    months_of: tuple[str, ...]
    seasons: tuple[str, ...]
    seasons_of: tuple[str, ...]
    year: str
    day: str
    patterns: dict[str, str]

    def say(self, pattern: str, *times: tuple[str, str] | str) -> str:
        """A pattern with times in its places, each as named and in the genitive, where that differs."""
        said = self.patterns[pattern]
        for number, time in enumerate(times):
            plain, genitive = (time, time) if isinstance(time, str) else time
            said = said.replace(f"{{{number}}}", plain).replace(f"{{{number}of}}", genitive)
        return said


_MONTHS = "January February March April May June July August September October November December"
_ENGLISH = _Language(
    tuple(_MONTHS.split()),
    tuple(_MONTHS.split()),
    ("spring", "summer", "autumn"),
    ("spring", "summer", "autumn"),
    "{}",
    "{} {}",
    {
        "unknown": "unknown",
        "by": "by {0}",
        "later": "{0} or later",
        "either": "{0} or {1}",
        "between": "between {0} and {1}",
        "since": "since {0}",
        "again": "again from {0}",
        "from to": "{0} to {1}",
        "until": "until {0}",
        "still": ", still so in {0}",
        "still on": ", still so on {0}",
        "begun": ", begun {0}",
        "ended": ", ended {0}",
        "about": "about {0}",
        "on": "{}",
        "holds_at": "{}",
        "begins": "begun {}",
        "ends": "ended {}",
        "throughout": "throughout {}",
        "published": "published {}",
    },
)
_LATIN_MONTHS = "januar februar mart april maj jun jul avgust septembar oktobar novembar decembar"
_LATIN_MONTHS_OF = "januara februara marta aprila maja juna jula avgusta septembra oktobra novembra decembra"
_LATIN = _Language(
    tuple(_LATIN_MONTHS.split()),
    tuple(_LATIN_MONTHS_OF.split()),
    ("proleće", "leto", "jesen"),
    ("proleća", "leta", "jeseni"),
    "{}.",
    "{}. {}",
    {
        "unknown": "nepoznato",
        "by": "najkasnije do {0of}",
        "later": "{0} ili kasnije",
        "either": "{0} ili {1}",
        "between": "između {0of} i {1of}",
        "since": "od {0of}",
        "again": "ponovo od {0of}",
        "from to": "od {0of} do {1of}",
        "until": "do {0of}",
        "still": ", još uvek tokom {0of}",
        "still on": ", još uvek {0of}",
        "begun": ", početak: {0}",
        "ended": ", kraj: {0}",
        "about": "oko {0of}",
        "on": "{}",
        "holds_at": "{}",
        "begins": "početak: {}",
        "ends": "kraj: {}",
        "throughout": "sve vreme: {}",
        "published": "objavljeno: {}",
    },
)
_CYRILLIC = _Language(
    tuple(map(cyrillic, _LATIN.months)),
    tuple(map(cyrillic, _LATIN.months_of)),
    tuple(map(cyrillic, _LATIN.seasons)),
    tuple(map(cyrillic, _LATIN.seasons_of)),
    _LATIN.year,
    _LATIN.day,
    {name: cyrillic(pattern) for name, pattern in _LATIN.patterns.items()},
)
_LANGUAGES = {"sr": _LATIN, "sr-latn": _LATIN, "sr-cyrl": _CYRILLIC}

#: A time as it is named, and as it stands in the genitive.
_Named = tuple[str, str]


class _Time(NamedTuple):
    """A span in words, and whether it is one that people name: a day, a month, a season, a year, one of two years."""

    words: _Named
    whole: bool


def in_words(when: Span, language: str = "en") -> str:
    """A span as people write it: ``2014``, ``September 2014``, ``10 April 2013 or later``, ``by 2007``.

    DAWN and DUSK stand for what is not known and count as open.
    """
    return _span(when, _language(language)).words[0]


def date_in_words(text: str, language: str = "en") -> str:
    """A date in the notation of time as people write it; a text that is no date as it is."""
    try:
        return in_words(span(text), language)
    except DateError:
        return text


def periods_in_words(periods: Iterable[Period], kind: str, language: str = "en") -> str:
    """When a fact of a temporal kind held, all its periods in one phrase; empty when nothing is known.

    ``autumn 2006 to 2008, again from 2009``, ``by April 2017``, ``since January 2015, still so in March
    2022``. A period that tells nothing beside another is left out.
    """
    words = _language(language)
    if kind == "EventKind":
        told = (_span(Span(each.earliest_begin, each.latest_end), words).words[0] for each in _in_order(periods))
        return "; ".join(text for text in dict.fromkeys(told) if text != words.patterns["unknown"])
    found: list[str] = []
    before: Period | None = None
    for period in _telling(periods):
        again = before is not None and before.latest_end is not None and _begins_after(period, before)
        if said := _state(period, words, again=again):
            found.append(said)
        before = period
    return _joined(dict.fromkeys(found), words)


def claimed(times: Times, published: Span, language: str = "en") -> str:
    """When a claim says that it was so, in a few words; where it does not say, when its document appeared.

    ``in September 2014``, ``begun by 2006, ended about 2008``, ``throughout 2006``, ``published on 10 April 2017``.
    """
    words = _language(language)
    given = ((name, text) for name in ("on", "begins", "ends", "holds_at") if (text := getattr(times, name)))
    said = [words.patterns[name].format(_placed(_read(text, words), words)) for name, text in given]
    if times.throughout:
        whole = span(times.throughout.replace("~", ""))
        named = whole.first and whole.last and _named(whole.first, whole.last, words)
        said.append(words.patterns["throughout"].format(named[0] if named else _stretch(whole, words)))
    return ", ".join(said) or published_in_words([published], language)


def published_in_words(dates: Iterable[Span], language: str = "en") -> str:
    """When documents appeared: ``published on 10 April 2017``."""
    words = _language(language)
    told = (_placed(_span(each, words).words[0], words) for each in dates)
    return words.patterns["published"].format(", ".join(told))


def _placed(text: str, words: _Language) -> str:
    """A time with its preposition, where a language needs one: ``in 2014``, ``on 10 April 2013``, ``by 2007``."""
    if words is not _ENGLISH or text.startswith(("by ", "about ", "between ")):
        return text
    return f"{'on' if _DAY.match(text) else 'in'} {text}"


def _read(text: str, words: _Language) -> str:
    """An expression of time without the marks of EDTF."""
    if text.endswith("~"):
        return words.say("about", _span(span(text[:-1]), words).words)
    return _span(span(text), words).words[0]


def _stretch(whole: Span, words: _Language) -> str:
    """From one time to another."""
    if whole.first is None or whole.last is None:
        return _span(whole, words).words[0]
    return words.say("from to", _unit(whole.first, words, end=False), _unit(whole.last, words, end=True))


def shortened(items: tuple[str, ...], most: int = 3) -> str:
    """The first of some items, and how many more there are."""
    more = f" +{len(items) - most}" if len(items) > most else ""
    return ", ".join(items[:most]) + more


# -- spans


def _language(tag: str) -> _Language:
    return _LANGUAGES.get(tag.lower(), _ENGLISH)


def _span(when: Span, words: _Language) -> _Time:
    first, last = (None if day in _OPEN else day for day in (when.first, when.last))
    if first is None and last is None:
        return _Time((words.patterns["unknown"],) * 2, whole=False)
    if first is None or last is None:
        text = _later(first, words) or words.say("by", _unit(last or "", words, end=True))
        return _Time((text, text), whole=False)
    if named := _named(first, last, words):
        return _Time(named, whole=True)
    years = (int(first[:4]), int(last[:4]))
    lengths = [_length(first, end=False), _length(last, end=True)]
    if years[0] == years[1]:
        lengths = [max(lengths)] * 2
    ends = (_cut(first, lengths[0], words), _cut(last, lengths[1], words))
    if first[5:] == "01-01" and last[5:] == "12-31" and years[1] == years[0] + 1:
        return _Time((words.say("either", *ends), words.say("either", *((of, of) for _, of in ends))), whole=True)
    if years[0] == years[1]:
        # The year need not be said twice.
        year = f" {words.year.format(first[:4])}"
        ends = (ends[0][0].removesuffix(year), ends[0][1].removesuffix(year)), ends[1]
    text = words.say("between", *ends)
    return _Time((text, text), whole=False)


def _named(first: str, last: str, words: _Language) -> _Named | None:
    """A span that has a name: a day, a month, a season or a year."""
    if first == last:
        return _day(first, words)
    year = words.year.format(first[:4])
    if first[:4] != last[:4]:
        return None
    if (first[5:], last[5:]) == ("01-01", "12-31"):
        return year, year
    if (season := _SEASONS.get((first[5:], last[5:]))) is not None:
        return f"{words.seasons[season]} {year}", f"{words.seasons_of[season]} {year}"
    if span(first[:7]) == Span(first, last):
        return _month(first, words)
    return None


def _unit(day: str, words: _Language, *, end: bool) -> _Named:
    """The year or month that begins (or ends) with a day, else the day."""
    return _cut(day, _length(day, end=end), words)


def _cut(day: str, length: int, words: _Language) -> _Named:
    """A day as its year (4), its month (7) or itself (10)."""
    if length == 4:
        return (words.year.format(day[:4]),) * 2
    return _month(day, words) if length == 7 else _day(day, words)


def _month(day: str, words: _Language) -> _Named:
    year, month = words.year.format(day[:4]), int(day[5:7]) - 1
    return f"{words.months[month]} {year}", f"{words.months_of[month]} {year}"


def _day(day: str, words: _Language) -> _Named:
    # A date in Serbian has its month in the genitive anyway.
    text = words.day.format(int(day[8:]), _month(day, words)[1])
    return text, text


def _length(day: str, *, end: bool) -> int:
    for length in (4, 7):
        whole = span(day[:length])
        if day == (whole.last if end else whole.first):
            return length
    return 10


# -- periods


def _in_order(periods: Iterable[Period]) -> list[Period]:
    return sorted(
        dict.fromkeys(replace(period, moment=None) for period in periods),
        key=lambda p: (p.earliest_begin or p.earliest_end or p.latest_begin or "", p.latest_end or DUSK),
    )


def _telling(periods: Iterable[Period]) -> Iterator[Period]:
    """The periods without those that tell nothing beside another: it held then by the other anyway."""
    found = _in_order(periods)
    for period in found:
        others = [other for other in found if other != period and not (other.loose or other.doubtful)]
        if not any(_says_all_of(other, period) for other in others):
            yield period


def _says_all_of(other: Period, period: Period) -> bool:
    """Whether a period certainly holds while another is known to, and the other tells neither beginning nor end."""
    if _known_begin(period) or period.latest_end not in _OPEN:
        return False
    first = min(filter(None, (period.latest_begin, period.earliest_end)), default="")
    last = period.earliest_end and max(period.earliest_end, period.latest_begin or "")
    return (other.latest_begin or "") <= first and (
        other.earliest_end is None or (last is not None and last <= other.earliest_end)
    )


def _known_begin(period: Period) -> bool:
    """Whether a beginning is told, and not only bounded."""
    first, last = period.earliest_begin, period.latest_begin
    return first not in _OPEN and last not in _OPEN and _span(Span(first, last), _ENGLISH).whole


def _begins_after(period: Period, before: Period) -> bool:
    return (period.latest_begin or "") > (before.latest_end or DUSK)


def _state(period: Period, words: _Language, *, again: bool) -> str:
    """One stretch of a state in words."""
    first, begun, lasted, last = (None if day in _OPEN else day for day in period.bounds)
    lasts = period.earliest_end is None
    end = _span(Span(lasted, last), words) if last else None
    if _known_begin(period):
        begin = _span(Span(first, begun), words).words
        if end:
            if end.whole:
                return words.say("from to", begin, end.words)
            return words.say("since", begin) + words.say("ended", end.words)
        if lasts or again:
            return words.say("again" if again else "since", begin)
        return words.say("since", begin) + _still(lasted, begun, words)
    if lasts:
        said = words.say("by", _unit(begun, words, end=True)) if begun else _later(first, words)
        return said + (words.say("begun", _later(first, words)) if first and begun else "")
    if not begun:
        # Seen at some time from a day on, of which the text says no more.
        said = words.say("begun", _later(first, words)) if first and first < (lasted or first) else ""
        return _later(lasted or first, words) + said + (words.say("ended", end.words) if end else "")
    if lasted is None:
        return _span(Span(first, last or begun), words).words[0]
    if end and lasted <= begun and (last or "") <= begun:
        return words.say("until", _unit(last or "", words, end=True))
    seen = _span(Span(min(lasted, begun), max(lasted, begun)), words)
    said = seen.words[0] if lasted <= begun or seen.whole else _stretch(Span(begun, lasted), words)
    if first:
        said += words.say("begun", _later(first, words))
    if end:
        said += words.say("ended", words.say("by", _unit(last or "", words, end=True)))
    return said


def _still(lasted: str | None, begun: str | None, words: _Language) -> str:
    """That a state was still known to hold, where that is later than its beginning."""
    if lasted is None or begun is None or lasted <= shifted(begun, 1):
        return ""
    length = _length(lasted, end=False)
    return words.say("still on" if length == 10 else "still", _unit(lasted, words, end=False))


def _later(day: str | None, words: _Language) -> str:
    return words.say("later", _unit(day, words, end=False)) if day else ""


def _joined(texts: Iterable[str], words: _Language) -> str:
    """Stretches after one another: an interruption with a comma, what stands alone with a semicolon.

    An end that the next stretch has too is said once, there.
    """
    again, ended = (words.patterns[name].partition("{")[0] for name in ("again", "ended"))
    said, texts = "", list(texts)
    for number, text in enumerate(texts):
        rest, _ended, end = text.partition(ended)
        if end and texts[number + 1 :] and texts[number + 1].endswith(ended + end):
            text = rest
        said += (", " if text.startswith(again) else "; ") + text if said else text
    return said
