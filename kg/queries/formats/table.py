"""The table on a terminal: columns as wide as they need, wrapped to the terminal where they need more."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.queries.formats.footing import body, footing
from kg.queries.formats.settings import Settings

if TYPE_CHECKING:
    from kg.queries.answer import Answer

__all__ = ["width_of", "wrap", "write"]

_GAP = 2
#: Below so many cells a column is not readable: the rows are then shown one below the other.
_NARROWEST = 8
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def write(answer: Answer, settings: Settings) -> Iterator[str]:
    """The question, the table, what rows rest on, and the view."""
    headings, rows = body(answer, settings)
    if answer.question:
        yield _style(answer.question, _BOLD, settings) + "\n"
    widths = _widths(headings, rows, settings.width)
    if not rows:
        yield "no rows\n"
    elif widths is None:
        yield from _one_below_the_other(headings, rows, settings)
    else:
        yield _style(_line(headings, widths), _BOLD, settings) + "\n"
        for row in rows:
            yield from (line + "\n" for line in _wrapped(row, widths))
    if settings.evidence is not None and rows:
        yield "\n"
        yield from (line + "\n" for line in settings.evidence.lines)
    yield "\n"
    for line in footing(answer, settings):
        yield _style(line, _DIM, settings) + "\n"


def width_of(text: str) -> int:
    """The cells that a text takes on a terminal: two for East Asian wide characters, none for combining ones."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most so many cells, broken at spaces, or within a word that is longer than a line."""
    lines = [""]
    for word in text.split(" "):
        while width_of(word) > width:
            room = width - width_of(lines[-1]) - bool(lines[-1])
            if room < 1:
                lines.append("")
                continue
            head = _head(word, room) or word[:1]
            lines[-1] += (" " if lines[-1] else "") + head
            word = word[len(head) :]
        if not word:
            continue
        if lines[-1] and width_of(lines[-1]) + 1 + width_of(word) > width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines


def _head(word: str, room: int) -> str:
    taken = 0
    for index, character in enumerate(word):
        taken += width_of(character)
        if taken > room:
            return word[:index]
    return word


def _widths(headings: list[str], rows: list[list[str]], room: int) -> list[int] | None:
    """The width of each column; None when a terminal is too narrow for the columns side by side."""
    widths = [max(map(width_of, column)) for column in zip(headings, *rows, strict=True)]
    if not room:
        return widths
    spare = room - _GAP * (len(widths) - 1)
    if spare < sum(min(width, _NARROWEST) for width in widths):
        return None
    while sum(widths) > spare:
        widest = widths.index(max(widths))
        widths[widest] -= 1
    return widths


def _line(cells: list[str], widths: list[int]) -> str:
    padded = (text + " " * (width - width_of(text)) for text, width in zip(cells, widths, strict=True))
    return (" " * _GAP).join(padded).rstrip()


def _wrapped(row: list[str], widths: list[int]) -> Iterator[str]:
    wrapped = [wrap(text, width) for text, width in zip(row, widths, strict=True)]
    for number in range(max(map(len, wrapped))):
        yield _line([lines[number] if number < len(lines) else "" for lines in wrapped], widths)


def _one_below_the_other(headings: list[str], rows: list[list[str]], settings: Settings) -> Iterator[str]:
    indent = max(map(width_of, headings)) + _GAP
    for number, row in enumerate(rows):
        yield "\n" if number else ""
        for heading, text in zip(headings, row, strict=True):
            lines = wrap(text, max(settings.width - indent, _NARROWEST))
            name = heading + " " * (indent - width_of(heading))
            yield (_style(name, _BOLD, settings) + ("\n" + " " * indent).join(lines)).rstrip() + "\n"


def _style(text: str, code: str, settings: Settings) -> str:
    return f"{code}{text}{_PLAIN}" if settings.colour else text
