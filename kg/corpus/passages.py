"""The ``.passages`` file of a document: every sentence with its place, hash, and why it is set aside if it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kg.errors import Place, Problem
from kg.files import read

__all__ = ["REASONS", "Anchor", "Passages", "read_passages", "write_passages"]

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
    content = read(path, name)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        place = Place(name, content.count(b"\n", 0, error.start) + 1)
        passages.problems.append(Problem("KG501", f"is not UTF-8: {error.reason}", place, "Save it as UTF-8."))
        return passages
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            words = line[1:].split()
            if len(words) == 3 and words[1] == "text-sha256":
                passages.splitter, passages.digest = words[0], words[2]
            continue
        if not line.strip() or line.startswith("place\t"):
            continue
        anchor = _anchor(line.split("\t"), number)
        if anchor is None:
            passages.problems.append(
                Problem(
                    "KG501",
                    "is no anchor",
                    Place(name, number),
                    "place, sha256, occurrence, reason; tab-separated.",
                )
            )
            continue
        if anchor.reason and anchor.reason not in REASONS:
            known = ", ".join(REASONS)
            passages.problems.append(
                Problem(
                    "KG502",
                    f"{anchor.reason!r} is no reason to set aside",
                    Place(name, number),
                    f"One of {known}.",
                )
            )
        if anchor.place in passages.anchors:
            remedy = f"Line {passages.anchors[anchor.place].line} has it; run `kg anchor --texts DIR`."
            passages.problems.append(Problem("KG504", f"{anchor.place} a second time", Place(name, number), remedy))
        passages.anchors[anchor.place] = anchor
    if not passages.digest:
        passages.problems.append(
            Problem(
                "KG503",
                "does not name its splitter and the text's digest",
                Place(name, 1),
                "Run `kg anchor --texts DIR`.",
            )
        )
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
