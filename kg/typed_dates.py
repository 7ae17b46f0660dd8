"""Dates as people type them, as the expressions that ``kg.dates.span`` reads."""

from __future__ import annotations

import re

#: The first letters of each month in English and in Serbian, both scripts.
_MONTHS = (
    ("jan", "јан"), ("feb", "феб"), ("mar", "мар"), ("apr", "апр"), ("may", "maj", "мај"), ("jun", "јун"),
    ("jul", "јул"), ("aug", "avg", "авг"), ("sep", "сеп"), ("oct", "okt", "окт"), ("nov", "нов"), ("dec", "дец"),
)  # fmt: skip
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})(?:[/.](\d{1,2}))?\.?")
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.-](\d{4})\.?")
_DAY_FIRST = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})\.?")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_NAMED = re.compile(r"(?:(\d{1,2})\.? )?([^\W\d_]{3,10})\.? (?:(\d{1,2}), )?(\d{4})\.?")


def typed_date(text: str) -> str:
    """``2017/04``, ``10.4.2017``, ``25/4/2017``, ``10 April 2017``, ``mart 2017.`` as EDTF; other texts as they are.

    With slashes, a day and a month that could be either are left alone: nothing is guessed.
    """
    text = text.strip()
    if match := _YEAR_FIRST.fullmatch(text):
        return _date(match[1], match[2], match[3]) or text
    if match := _MONTH_YEAR.fullmatch(text):
        return _date(match[2], match[1]) or text
    if match := _DAY_FIRST.fullmatch(text):
        return _date(match[3], match[2], match[1]) or text
    if match := _SLASHED.fullmatch(text):
        one, other, year = match.groups()
        told = int(one) > 12 or int(other) > 12 or one == other
        month, day = (other, one) if int(one) > 12 else (one, other)
        return (_date(year, month, day) if told else "") or text
    if match := _NAMED.fullmatch(text):
        month = next((n for n, names in enumerate(_MONTHS, 1) if match[2][:3].lower() in names), 0)
        return _date(match[4], str(month), match[1] or match[3]) or text
    return text


def _date(year: str, month: str, day: str | None = None) -> str:
    """The parts as EDTF; empty where there is no such month."""
    if not 1 <= int(month) <= 12:
        return ""
    return f"{year}-{int(month):02}" + (f"-{int(day):02}" if day else "")
