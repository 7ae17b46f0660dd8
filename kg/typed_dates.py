"""Dates as people type them, as the expressions that ``kg.dates.span`` reads."""

from __future__ import annotations

import re

__all__ = ["typed_date"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})(?:[/.](\d{1,2}))?\.?")
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.-](\d{4})\.?")
_DAY_FIRST = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})\.?")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_NAMED = re.compile(r"(?:(\d{1,2})\.? )?([a-z]{3,9})\.? (?:(\d{1,2}), )?(\d{4})", re.IGNORECASE)


def typed_date(text: str) -> str:
    """``2017/04``, ``4/2017``, ``10.4.2017``, ``25/4/2017`` and ``10 April 2017`` as EDTF; other texts as they are.

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
    if (match := _NAMED.fullmatch(text)) and match[2][:3].lower() in _MONTHS:
        month = str(_MONTHS.index(match[2][:3].lower()) + 1)
        return _date(match[4], month, match[1] or match[3]) or text
    return text


def _date(year: str, month: str, day: str | None = None) -> str:
    """The parts as EDTF; empty where there is no such month."""
    if not 1 <= int(month) <= 12:
        return ""
    return f"{year}-{int(month):02}" + (f"-{int(day):02}" if day else "")
