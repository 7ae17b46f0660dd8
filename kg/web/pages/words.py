"""Days in the words of the reader's language."""

from __future__ import annotations

import re

__all__ = ["when"]

_DAY = re.compile(r"\b(\d{4})(?:-(\d\d)(?:-(\d\d))?)?\b")
_ENGLISH = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_LATIN = [
    "januar",
    "februar",
    "mart",
    "april",
    "maj",
    "jun",
    "jul",
    "avgust",
    "septembar",
    "oktobar",
    "novembar",
    "decembar",
]
_CYRILLIC = [
    "јануар",
    "фебруар",
    "март",
    "април",
    "мај",
    "јун",
    "јул",
    "август",
    "септембар",
    "октобар",
    "новембар",
    "децембар",
]
_MONTHS = {"en": _ENGLISH, "sr-latn": _LATIN, "sr": _LATIN, "sr-cyrl": _CYRILLIC}
#: The words around days that ``kg.timeline.words`` and ``kg.queries.show`` write, longest first.
_SAID = {
    "at some time in": ("u nekom trenutku", "у неком тренутку"),
    "or later": ("ili kasnije", "или касније"),
    "published": ("objavljeno", "објављено"),
    "throughout": ("tokom", "током"),
    "at least": ("bar", "бар"),
    "between": ("između", "између"),
    "unknown": ("nepoznato", "непознато"),
    "begun": ("početak", "почетак"),
    "ended": ("kraj", "крај"),
    "about": ("oko", "око"),
    "since": ("od", "од"),
    "from": ("od", "од"),
    "and": ("i", "и"),
    "by": ("do", "до"),
    "to": ("do", "до"),
    "at": ("u", "у"),
}
_STRETCH = re.compile(r"(?<=\d)/(?=\d{4})")
_WORD = re.compile(rf"\b({'|'.join(_SAID)})\b")


def when(text: str, language: str = "en") -> str:
    """A time in words with its days written out: ``since 2014-09`` as ``since September 2014``, in the language."""
    months = _MONTHS.get(language, _ENGLISH)
    serbian = months is not _ENGLISH

    def day(found: re.Match[str]) -> str:
        year, month, number = found.groups()
        if month is None or not 1 <= int(month) <= 12:
            return found[0]
        name = months[int(month) - 1]
        if number is None:
            return f"{name} {year}{'.' if serbian else ''}"
        return f"{int(number)}. {name} {year}." if serbian else f"{int(number)} {name} {year}"

    text = _STRETCH.sub("–", text.replace("/..", " or later"))
    if serbian:
        text = _WORD.sub(lambda found: _SAID[found[0]][months is _CYRILLIC], text)
    return _DAY.sub(day, text)
