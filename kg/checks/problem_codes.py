"""The codes of problems: what each means (``kg check --explain CODE``), and exceptions from them.

``codes.txt`` has every code that this package reports. A comment ``#: KG413 why`` in any file of the project excepts
the warnings of that code from its line to the next empty line. An error cannot be excepted: it would make the graph
wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from kg.errors import Place, Problem, UsageError
from kg.project import Project


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A code with its title and the reason why the problem matters."""

    code: str
    title: str
    why: str

    def __str__(self) -> str:
        """The code, its title, and why it matters below."""
        return f"{self.code}: {self.title}\n    {self.why}"


def _kinds() -> Iterator[ProblemKind]:
    text = (Path(__file__).parent / "codes.txt").read_text(encoding="utf-8")
    for found in re.finditer(r"^(KG\d{3}) (.+)\n((?:    .+\n)+)", text, re.MULTILINE):
        yield ProblemKind(found[1], found[2], " ".join(found[3].split()))


#: Every code with its explanation, in order.
CODES: dict[str, ProblemKind] = {kind.code: kind for kind in _kinds()}


def explain(code: str) -> ProblemKind:
    """The explanation of a code. Raises UsageError (KG003) for an unknown one."""
    found = CODES.get(code.upper())
    if found is None:
        close = get_close_matches(code.upper(), CODES, 3, 0.6)
        remedy = f"Did you mean {' or '.join(close)}?" if close else "A code is KG and three digits."
        raise UsageError(Problem("KG003", f"there is no code {code!r}", remedy=remedy))
    return found


_COMMENT = re.compile(r"(?:^|\s)#:[ \t]*(KG\d{3})\b[ \t]*(.*?)[ \t]*$")


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exception: the code, the reason, and the lines that it covers, both included."""

    code: str
    reason: str
    file: str
    first: int
    last: int

    def covers(self, problem: Problem) -> bool:
        """Whether a problem is excepted by it."""
        place = problem.place
        return (
            problem.code == self.code
            and place is not None
            and place.file == self.file
            and self.first <= (place.line or 0) <= self.last
        )


def read_exemptions(text: str, file: str) -> list[Exemption]:
    """The exceptions that a file names."""
    if "#:" not in text:
        return []
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines, start=1):
        if match := _COMMENT.search(line):
            last = number
            while last < len(lines) and lines[last].strip():
                last += 1
            found.append(Exemption(match[1], match[2], file, number, last))
    return found


def apply(problems: Iterable[Problem], exemptions: Mapping[str, list[Exemption]]) -> list[Problem]:
    """The problems that are not excepted, and those of the exceptions themselves (KG491 to KG493).

    ``exemptions`` has them by file.
    """
    kept, used = [], set()
    for problem in problems:
        own = exemptions.get(problem.place.file, []) if problem.place else []
        covering = [e for e in own if e.covers(problem) and e.reason]
        used.update(covering)
        if not covering or problem.severity == "error":
            kept.append(problem)
        if covering and problem.severity == "error":
            message = f"the exception from {problem.code} covers an error"
            remedy = "Fix the error: only warnings can be excepted."
            kept.append(Problem("KG492", message, _place(covering[0]), remedy, "warning"))
    for exemption in (e for rows in exemptions.values() for e in rows):
        if not exemption.reason:
            remedy = f"Write the reason after the code: `#: {exemption.code} reason`."
            kept.append(Problem("KG491", "the exception has no reason", _place(exemption), remedy, "warning"))
        elif exemption not in used and not Project.is_vocabulary(exemption.file):
            remedy = "Remove it: it would hide the next warning."
            message = f"the exception from {exemption.code} covers nothing"
            kept.append(Problem("KG493", message, _place(exemption), remedy, "warning"))
    return kept


def _place(exemption: Exemption) -> Place:
    return Place(exemption.file, exemption.first)
