"""What checking one document gives, as plain data that can be kept until the document changes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from kg.errors import Place, Problem
from kg.model import Term, Triple

__all__ = ["Verdict", "problem_from", "problem_row"]


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
