"""Splitting a document's text into numbered sentences, the same way for ever.

A passage is named ``line.sentence``: the line of the text file, and the sentence in that line, both from 1.
The hash of a passage is taken after a stated normalisation, so that a change of white space or of the
encoding of accents does not lose it.

Any change to what this module returns needs a new ``SPLITTER`` version: anchors name the one they were made by.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

__all__ = ["SPLITTER", "Sentence", "normalise", "split_line", "split_text", "text_digest"]

#: Version of normalisation and splitting together.
SPLITTER = "kg-sentences-1"

# A full stop after these does not end a sentence.
_ABBREVIATIONS = frozenset(
    ["i.e", "e.g", "mr", "mrs", "ms", "dr", "st", "no", "vs", "cf", "u.s", "u.n", "gen", "col"]
)
# End marks, with closing quotes or brackets, before white space and what can open a sentence.
_BOUNDARY = re.compile(r"[.!?]+[\"'”’“»)\]]*\s+(?=[\"'“‘„«(\[]*[A-ZÀ-ÞČĆĐŠŽА-Я0-9])")
_LAST_WORD = re.compile(r"([^\s(]+?)[.!?]+[\"'”’“»)\]]*\s*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a text: where it stands, what it says (normalised), its hash, its occurrence.

    ``occurrence`` counts, from 1, the sentences of the text that have the same hash.
    """

    line: int
    number: int
    text: str
    sha256: str
    occurrence: int

    @property
    def place(self) -> str:
        """The locator of the passage, for instance ``11.1``."""
        return f"{self.line}.{self.number}"


def normalise(text: str) -> str:
    """Unicode NFC; every run of white space, no-break spaces included, becomes one space; ends trimmed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def split_line(line: str) -> list[str]:
    """The sentences of one line, normalised, in order; an empty line has none."""
    text = normalise(line)
    sentences: list[str] = []
    start = 0
    for boundary in _BOUNDARY.finditer(text):
        candidate = text[start : boundary.end()]
        word = _LAST_WORD.search(candidate)
        if word and word.group(1).lower() in _ABBREVIATIONS:
            continue
        sentences.append(candidate.strip())
        start = boundary.end()
    if text[start:]:
        sentences.append(text[start:])
    return sentences


def split_text(text: str) -> list[Sentence]:
    """Every sentence of a text, numbered by line and by place in the line."""
    seen: Counter[str] = Counter()
    sentences: list[Sentence] = []
    for line_number, line in enumerate(text.split("\n"), start=1):
        for number, sentence in enumerate(split_line(line), start=1):
            digest = hashlib.sha256(sentence.encode()).hexdigest()
            seen[digest] += 1
            sentences.append(Sentence(line_number, number, sentence, digest, seen[digest]))
    return sentences


def text_digest(text: str) -> str:
    """SHA-256 of the whole text, its sentences normalised and one to a line: white space aside, the same text."""
    return hashlib.sha256("\n".join(s.text for s in split_text(text)).encode()).hexdigest()
