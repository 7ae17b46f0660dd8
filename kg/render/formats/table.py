"""The table on a terminal: columns as wide as they need, wrapped to the terminal where they need more.

What would then be hard to read goes below its row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.harmless import harmless
from kg.model import Term
from kg.render.formats.footing import body, footing
from kg.render.formats.settings import Settings
from kg.render.formats.wrapping import hanging, width_of, wrap

if TYPE_CHECKING:
    from kg.queries.answer import Answer

__all__ = ["write"]

_GAP = 2
#: Below so many cells a column is not readable, nor is a cell of more lines than that.
_NARROWEST, _TALLEST = 8, 3
#: By how much the cells below a row are indented.
_INDENT = 4
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def write(answer: Answer, settings: Settings) -> Iterator[str]:
    """The question, the table, what rows rest on, and the view. Documents stand by their slugs, as in the footing."""
    headings, rows = body(answer, settings, _slugs(answer))
    if answer.question:
        yield _style(answer.question, _BOLD, settings) + "\n"
    widths = _widths(headings, rows, settings.width)
    if not rows:
        yield "no rows\n"
    elif not widths:
        yield from _one_below_the_other(headings, rows, settings)
    else:
        yield from _side_by_side(headings, rows, widths, settings)
    if settings.evidence is not None and rows:
        yield "\n"
        yield from (harmless(hanging(line, settings.width)) + "\n" for line in settings.evidence.lines)
    lines = list(footing(answer, settings))
    if lines:
        yield "\n"
    for line in lines:
        yield _style(hanging(line, settings.width), _DIM, settings) + "\n"


def _slugs(answer: Answer) -> dict[Term, str]:
    name = answer.graph.project.iri
    return {name("document", slug): slug for slug in answer.graph.snapshot.meta["documents"]}


def _widths(headings: list[str], rows: list[list[str]], room: int) -> dict[int, int]:
    """The widths of the columns that stand side by side, by number; the others go below their row.

    No word is broken, and no cell is taller than a few lines: the columns that need most room go, but for the
    first, which says what the row is of. None is left where only that one would be.
    """
    columns = [{heading, *cells} for heading, *cells in zip(headings, *rows, strict=True)]
    wanted = {number: max(map(width_of, cells)) for number, cells in enumerate(columns)}
    if not room or sum(wanted.values()) + _GAP * (len(wanted) - 1) <= room:
        return wanted
    words = [max(width_of(word) for text in cells for word in text.split(" ")) for cells in columns]
    while len(wanted) > 1:
        widths = _narrowed(wanted, words, room - _GAP * (len(wanted) - 1))
        if widths and all(wanted[number] <= _TALLEST * width for number, width in widths.items()):
            return widths
        del wanted[max(list(wanted)[1:], key=lambda number: wanted[number])]
    return {}


def _narrowed(wanted: dict[int, int], words: list[int], room: int) -> dict[int, int]:
    """Widths that fit, the widest columns narrowed first; empty where a word would have to be broken."""
    widths = dict(wanted)
    least = {number: max(words[number], min(width, _NARROWEST)) for number, width in wanted.items()}
    if sum(least.values()) > room:
        return {}
    while sum(widths.values()) > room:
        widths[max((n for n in widths if widths[n] > least[n]), key=lambda n: widths[n])] -= 1
    return widths


def _side_by_side(
    headings: list[str], rows: list[list[str]], widths: dict[int, int], settings: Settings
) -> Iterator[str]:
    below = [number for number in range(len(headings)) if number not in widths]
    yield _style(_line([headings[number] for number in widths], widths), _BOLD, settings) + "\n"
    for row in rows:
        yield from (line + "\n" for line in _wrapped(row, widths))
        yield from _block([headings[n] for n in below], [row[n] for n in below], settings, _INDENT)


def _wrapped(row: list[str], widths: dict[int, int]) -> Iterator[str]:
    wrapped = [wrap(row[number], width) for number, width in widths.items()]
    for number in range(max(map(len, wrapped))):
        yield _line([lines[number] if number < len(lines) else "" for lines in wrapped], widths)


def _line(cells: list[str], widths: dict[int, int]) -> str:
    padded = (text + " " * (width - width_of(text)) for text, width in zip(cells, widths.values(), strict=True))
    return (" " * _GAP).join(padded).rstrip()


def _one_below_the_other(headings: list[str], rows: list[list[str]], settings: Settings) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield "\n" if number else ""
        yield from _block(headings, row, settings)


def _block(headings: list[str], cells: list[str], settings: Settings, margin: int = 0) -> Iterator[str]:
    """A line or more for each cell, under its heading; an empty cell has none."""
    indent = margin + max(map(width_of, headings), default=0) + _GAP
    for heading, text in zip(headings, cells, strict=True):
        if text:
            lines = wrap(text, max(settings.width - indent, _NARROWEST))
            name = " " * margin + heading + " " * (indent - margin - width_of(heading))
            style = _DIM if margin else _BOLD
            yield (_style(name, style, settings) + ("\n" + " " * indent).join(lines)).rstrip() + "\n"


def _style(text: str, code: str, settings: Settings) -> str:
    text = harmless(text)
    return f"{code}{text}{_PLAIN}" if settings.colour else text
