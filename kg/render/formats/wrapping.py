"""Text in lines of so many cells of a terminal."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["hanging", "width_of", "wrap"]

#: Below this, every character that is no control character takes one cell.
_FIRST_COMBINING = "\u0300"


def width_of(text: str) -> int:
    """The cells that a text takes on a terminal: two for East Asian wide characters, none for combining ones."""
    return len(text) if text.isascii() or max(text) < _FIRST_COMBINING else _counted(text)


@lru_cache(maxsize=4096)
def _counted(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most so many cells, broken at spaces, or within a word that is longer than a line."""
    if width_of(text) <= width and "  " not in text:
        return [text.strip(" ")]
    lines = [""]
    for word in text.split(" "):
        while width_of(word) > width:
            room = width - width_of(lines[-1]) - bool(lines[-1])
            if room < 1:
                lines.append("")
                continue
            head = _head(word, room)
            if not head and lines[-1]:
                lines.append("")
                continue
            head = head or word[:1]
            lines[-1] += (" " if lines[-1] else "") + head
            word = word[len(head) :]
        if not word:
            continue
        if lines[-1] and width_of(lines[-1]) + 1 + width_of(word) > width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines


def hanging(text: str, width: int) -> str:
    """Every line of a text in lines of so many cells (0: as long as they are), those that follow indented.

    A word that is longer stays whole, so that an address can still be copied.
    """
    return "\n".join(_hanging(line, width) for line in text.split("\n")) if width else text


def _hanging(line: str, width: int) -> str:
    if width_of(line) <= width:
        return line
    import textwrap

    indent = " " * (len(line) - len(line.lstrip(" ")) + 4)
    filler = textwrap.TextWrapper(width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return filler.fill(line)


def _head(word: str, room: int) -> str:
    taken = 0
    for index, character in enumerate(word):
        taken += width_of(character)
        if taken > room:
            return word[:index]
    return word
