"""A document's sentences and its ``.passages`` file: each with place, hash, and why it is set aside if it is.

A passage is named ``line.sentence``: the line of the text file, and the sentence in that line, both from 1.
The hash of a passage is taken after a stated normalisation, so that a change of white space or of the
encoding of accents does not lose it.

Any change to what the splitting returns needs a new ``SPLITTER`` version: anchors name the one they were made by.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from kg.errors import Place, Problem
from kg.files import read

#: Why a sentence may have no claim: the word in the file, and the term of the vocabulary.
REASONS = {"clutter": "PageClutter", "repetition": "Repetition", "no-claim": "NoClaim"}


@dataclass(frozen=True, slots=True)
class Anchor:
    """One sentence: its place (``11.1``), the SHA-256 of its normalised text, its occurrence, and the reason."""

    place: str
    sha256: str
    occurrence: int
    reason: str = ""
    line: int = 0


@dataclass(slots=True)
class Passages:
    """All sentences of a document, the splitter that made them, and the digest of the whole text."""

    name: str
    splitter: str = ""
    digest: str = ""
    anchors: dict[str, Anchor] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_passages(path: Path, name: str) -> Passages:
    """Read a passages file; what is wrong with it is listed in ``problems`` (KG501 to KG504), all together.

    Raises InputError (KG100) when it cannot be read.
    """
    passages = Passages(name)

    def complain(code: str, message: str, line: int, remedy: str) -> None:
        passages.problems.append(Problem(code, message, Place(name, line), remedy))

    content = read(path, name)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        complain("KG501", f"the file is not UTF-8: {error.reason}", line, "Save it as UTF-8.")
        return passages
    for number, row in enumerate(text.splitlines(), start=1):
        if row.startswith("#"):
            words = row[1:].split()
            if len(words) == 3 and words[1] == "text-sha256":
                passages.splitter, passages.digest = words[0], words[2]
            continue
        if not row.strip() or row.startswith("place\t"):
            continue
        anchor = _anchor(row.split("\t"), number)
        if anchor is None:
            remedy = "Give place, SHA-256, occurrence and reason, with tabs between."
            complain("KG501", "the line is not a passage", number, remedy)
            continue
        if anchor.reason and anchor.reason not in REASONS:
            remedy = f"Use one of {', '.join(REASONS)}."
            complain("KG502", f"{anchor.reason!r} is not a reason to set a sentence aside", number, remedy)
        if known := passages.anchors.get(anchor.place):
            remedy = f"Remove this line or line {known.line}, then run `kg anchor --texts DIR`."
            complain("KG504", f"the sentence {anchor.place} has two lines", number, remedy)
        passages.anchors[anchor.place] = anchor
    if not passages.digest:
        complain("KG503", "the header lacks its splitter or the digest", 1, "Run `kg anchor --texts DIR`.")
    return passages


def write_passages(passages: Passages) -> str:
    """The content of a passages file."""
    lines = [f"# {passages.splitter}  text-sha256 {passages.digest}", "place\tsha256\toccurrence\tset aside"]
    for anchor in passages.anchors.values():
        lines.append(f"{anchor.place}\t{anchor.sha256}\t{anchor.occurrence}\t{anchor.reason}".rstrip("\t"))
    return "\n".join(lines) + "\n"


def _anchor(cells: list[str], line: int) -> Anchor | None:
    if len(cells) not in (3, 4) or len(cells[1]) != 64 or not cells[2].isdigit():
        return None
    return Anchor(cells[0], cells[1], int(cells[2]), cells[3].strip() if len(cells) == 4 else "", line)


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
