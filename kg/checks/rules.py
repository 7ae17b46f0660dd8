"""Checking the rules beyond OWL 2 RL: whether the reasoner can read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.checks.cache import Cache, code_digest, digest_of
from kg.checks.verdict import problem_from, problem_row
from kg.corpus.rules import read_rules
from kg.errors import InputError, Place, Problem
from kg.project import Project
from kg.vocab import kg

__all__ = ["COMPLETENESS", "rule_problems"]

#: What declares a list complete, so that a rule may speak of what is absent from it: as the build has it.
COMPLETENESS = (kg("listComplete"),)


def rule_problems(project: Project, cache: Cache) -> Iterator[Problem]:
    """What is wrong with each file of ``ontology/rules/`` (KG471 to KG474); read again only when it changes."""
    for path in project.files("ontology/rules"):
        if path.suffix != ".rq":
            continue
        name = project.relative(path)
        key = digest_of(code_digest(), "rule", name, path.read_bytes())
        kept = cache.get(key)
        if kept is None:
            kept = [problem_row(problem) for problem in _problems(path, name)]
            cache.put(key, kept)
        yield from (problem_from(row) for row in kept)


def _problems(path: Path, name: str) -> Iterator[Problem]:
    try:
        read_rules(path, COMPLETENESS)
    except InputError as error:
        for problem in error.problems:
            line = problem.place.line if problem.place else None
            yield Problem(problem.code, problem.message, Place(name, line), problem.remedy, problem.severity)
