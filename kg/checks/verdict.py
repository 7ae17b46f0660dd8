"""The verdict on one document, and keeping it until what it was made from changes.

Verdicts are plain JSON in ``checks/`` beside the project's builds, named by a hash of everything that they depend
on; to lose them costs time only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from kg.errors import Place, Problem
from kg.model import Term, Triple
from kg.owned import mark_folder, read_file, remove_files, replace_file

__all__ = ["Cache", "Verdict", "digest_of", "problem_from", "problem_row"]


@dataclass(slots=True)
class Verdict:
    """One document as the other files need to know it, and what is wrong with it.

    ``claims`` maps each claim to its line; ``links`` are ``[from, to, line]``; ``uses`` are the entities that
    stand in it, ``terms`` its ``kg:`` terms with their number; ``mapped`` the places that have a claim; ``typed``
    are ``[entity, class, polarity, modality, line]`` for every claim about a kind; ``about`` the content triples,
    with their lines, on the kinds of things that shapes describe; ``glosses`` are ``[claim, line, gloss, terms,
    places]`` with the terms of content and ``kg:about``; ``edges`` what claims put as fact say of two entities.
    """

    file: str
    problems: list[Problem] = field(default_factory=list)
    claims: dict[Term, int] = field(default_factory=dict)
    links: list[list[Any]] = field(default_factory=list)
    uses: list[Term] = field(default_factory=list)
    terms: dict[Term, int] = field(default_factory=dict)
    mapped: list[str] = field(default_factory=list)
    typed: list[list[Any]] = field(default_factory=list)
    about: list[tuple[Triple, int]] = field(default_factory=list)
    glosses: list[list[Any]] = field(default_factory=list)
    edges: list[list[Term]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "problems": [problem_row(problem) for problem in self.problems]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        """The inverse of ``as_json``."""
        about = [((s, p, o), line) for (s, p, o), line in data["about"]]
        return cls(**{**data, "problems": [problem_from(row) for row in data["problems"]], "about": about})


def problem_row(problem: Problem) -> list[Any]:
    """A problem as a row of plain values."""
    place = problem.place
    where = [place.file, place.line, place.column] if place else None
    return [problem.code, problem.message, where, problem.remedy, problem.severity]


def problem_from(row: list[Any]) -> Problem:
    """The inverse of ``problem_row``."""
    code, message, where, remedy, severity = row
    return Problem(code, message, Place(*where) if where else None, remedy, severity)


#: The kind of folder that verdicts are kept in (see ``kg.owned``).
_KIND = "verdicts"


def digest_of(*parts: bytes | str) -> str:
    """SHA-256 over parts, each with its length, so that no two lists of parts agree by chance."""
    total = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        total.update(f"{len(content)}:".encode())
        total.update(content)
    return total.hexdigest()


class Cache:
    """Keeps verdicts in a folder; one that cannot be read or written is passed over.

    ``left_alone`` is the folder, where it is not this tool's own.
    """

    def __init__(self, folder: Path | None) -> None:
        self.left_alone: Path | None = None
        self._folder = folder
        self._used: set[str] = set()
        try:
            if self._folder and not mark_folder(self._folder, _KIND):
                self._folder, self.left_alone = None, self._folder
        except OSError:
            self._folder = None  # a read-only place: the next check takes its time again

    def get(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """What was kept under a name, or None."""
        self._used.add(name)
        if self._folder is None:
            return None
        try:
            return json.loads(read_file(self._folder / f"{name}.json"))
        except (OSError, ValueError):
            return None

    def put(self, name: str, value: object) -> None:
        """Keep a value; done in one step, so that two checks at once do no harm."""
        self._used.add(name)
        if self._folder is None:
            return
        content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        with suppress(OSError):
            replace_file(self._folder, f"{name}.json", content, _KIND)

    def sweep(self) -> None:
        """Remove what this run neither read nor wrote."""
        if self._folder is not None:
            remove_files(self._folder, ".json", self._used, _KIND)


@cache
def code_digest() -> str:
    """A hash of the modules that verdicts come from: a change of theirs is a change of the verdicts."""
    package = Path(__file__).parent.parent
    modules: Iterable[Path] = [
        *sorted((package / "checks").glob("*.py")),
        *sorted((package / "corpus").glob("*.py")),
        *sorted((package / "rules").glob("*.py")),
        package / "dates.py",
        package / "vocab.py",
    ]
    return digest_of(*(path.read_bytes() for path in modules))
