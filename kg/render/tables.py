"""The table on a terminal: columns as wide as they need, wrapped to the line where they need more.

What would then be hard to read goes below its row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.harmless import harmless
from kg.phrases import phrase
from kg.render.columns import Settings, reader_table
from kg.render.sources import footing

if TYPE_CHECKING:
    from kg.queries.answer import Answer

_GAP = 2
#: Below this number of cells a column is not readable; nine cells in ten have at most so many lines.
_NARROWEST, _TALLEST = 8, 3
#: By how much the cells below a row are indented.
_INDENT = 4
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
#: Below this, every character that is no control character takes one cell.
_FIRST_COMBINING = "\u0300"
#: Where a word longer than its line may be broken, best: after a hyphen, a slash or the like.
_JOINT = re.compile(r"[-/_.:,;?&=#]")


def write(answer: Answer, settings: Settings) -> Iterator[str]:
    """The question, the table, what rows rest on, and the view. Documents stand by their slugs, as in the footing."""
    name = answer.graph.project.iri
    slugs = {name("document", slug): slug for slug in answer.graph.snapshot.meta["documents"]}
    table = reader_table(answer, settings, slugs)
    rows = [[cell.text for cell in row] for row in table.rows]
    if answer.question:
        yield _style(hanging(answer.question, settings.width), _BOLD, settings) + "\n"
    titles = table.titles
    widths = _widths(titles, rows, settings.width)
    if not rows:
        yield phrase("no rows", table.language) + "\n"
    elif not widths:
        yield from _one_below_the_other(titles, rows, settings)
    else:
        yield from _side_by_side(titles, rows, widths, settings)
    if settings.evidence is not None and rows:
        yield "\n"
        yield from (harmless(hanging(line, settings.width)) + "\n" for line in settings.evidence.lines)
    lines = list(footing(answer, settings, table.legend()))
    if lines:
        yield "\n"
    for line in lines:
        yield _style(hanging(line, settings.width), _DIM, settings) + "\n"


# -- columns


def _widths(headings: list[str], rows: list[list[str]], room: int) -> dict[int, int]:
    """The widths of the columns that stand side by side, by number; the others go below their row.

    No word is broken but at a hyphen or the like, and few cells are taller than a few lines. Columns are taken in
    their order while they fit, those that most rows leave empty last. None is left where only the first would be.
    """
    columns = [{heading, *cells} for heading, *cells in zip(headings, *rows, strict=True)]
    wanted = {number: max(map(width_of, cells)) for number, cells in enumerate(columns)}
    if not room or sum(wanted.values()) + _GAP * (len(wanted) - 1) <= room:
        return wanted
    usual = [sorted(map(width_of, cells))[len(rows) - len(rows) // 10] for cells in zip(headings, *rows, strict=True)]
    words = [max(map(_longest_piece, cells)) for cells in columns]
    filled = [sum(map(bool, cells)) > len(rows) / 2 for _heading, *cells in zip(headings, *rows, strict=True)]
    kept, widths = [0], dict[int, int]()
    for number in sorted(range(1, len(wanted)), key=lambda number: not filled[number]):
        more = sorted([*kept, number])
        found = _narrowed({n: wanted[n] for n in more}, words, room - _GAP * len(kept))
        if found and all(usual[n] <= _TALLEST * width for n, width in found.items()):
            kept, widths = more, found
    return widths


def _longest_piece(text: str) -> int:
    """The cells of the longest part of a text that is not broken."""
    return max(width_of(piece) for word in text.split(" ") for piece in _pieces(word))


def _pieces(word: str) -> list[str]:
    """A word in the parts between which it may be broken; one of letters alone is one part."""
    if len(word) <= _NARROWEST or not _JOINT.search(word):
        return [word]
    return re.findall(r".+?(?:[-/_.:,;?&=#]+|\Z)", word, re.DOTALL) or [word]


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
    for line in _wrapped(headings, widths):
        yield _style(line, _BOLD, settings) + "\n"
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


def _block(headings: Sequence[str], cells: Sequence[str], settings: Settings, margin: int = 0) -> Iterator[str]:
    """A line or more for each cell, under its heading; an empty cell has none."""
    indent = margin + max(map(width_of, headings), default=0) + _GAP
    room = settings.width - indent if settings.width else 0
    for heading, text in zip(headings, cells, strict=True):
        if text:
            lines = wrap(text, max(room, _NARROWEST)) if room else [text]
            name = " " * margin + heading + " " * (indent - margin - width_of(heading))
            style = _DIM if margin else _BOLD
            yield (_style(name, style, settings) + ("\n" + " " * indent).join(lines)).rstrip() + "\n"


def _style(text: str, code: str, settings: Settings) -> str:
    text = harmless(text)
    return f"{code}{text}{_PLAIN}" if settings.colour else text


# -- lines


def width_of(text: str) -> int:
    """The cells that a text takes on a terminal: two for East Asian wide characters, none for combining ones."""
    return len(text) if text.isascii() or max(text) < _FIRST_COMBINING else _counted(text)


@lru_cache(maxsize=4096)
def _counted(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` cells, broken at spaces, else after a hyphen or the like, else within a word."""
    if width_of(text) <= width and "  " not in text:
        return [text.strip(" ")]
    lines = [""]
    for word in text.split(" "):
        if not word:
            continue
        if width_of(lines[-1]) + bool(lines[-1]) + width_of(word) <= width:
            lines[-1] += (" " if lines[-1] else "") + word
            continue
        if lines[-1]:
            lines.append("")
        for piece in [word] if width_of(word) <= width else _pieces(word):
            for part in _parts(piece, width):
                if width_of(lines[-1]) + width_of(part) > width:
                    lines.append("")
                lines[-1] += part
    return lines


def _parts(piece: str, width: int) -> Iterator[str]:
    """A part of a word as it fits on lines: whole, or broken anywhere."""
    while width_of(piece) > width:
        head = piece[:1]
        while width_of(piece[: len(head) + 1]) <= width:
            head = piece[: len(head) + 1]
        yield head
        piece = piece[len(head) :]
    yield piece


def hanging(text: str, width: int) -> str:
    """Every line of a text in lines of ``width`` cells (0: unbroken), those that follow indented."""
    return "\n".join(_hanging(line, width) for line in text.split("\n")) if width else text


def _hanging(line: str, width: int) -> str:
    if width_of(line) <= width:
        return line
    margin = min(len(line) - len(line.lstrip(" ")), width // 2)
    indent = " " * min(margin + _INDENT, width // 2)
    first, *rest = wrap(line.strip(" "), max(width - len(indent), 1))
    return "\n".join([" " * margin + first, *(indent + each for each in rest)])
