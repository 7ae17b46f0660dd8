"""``kg release``: keep what the terms of this version mean, once its version is new and its changes are told."""

from __future__ import annotations

import re
from pathlib import Path

from kg.corpus.read import read_foundation
from kg.corpus.released_terms import FOLDER, header, release_problems, release_text
from kg.errors import InputError, Place, Problem
from kg.files import read_text, whole_file, writing
from kg.project import MARKER, Project

_CHANGES = Path("ontology") / "CHANGELOG.md"


def release(project: Project) -> Path:
    """Write ``ontology/released/<version>.tsv`` for the version that the ontology's header gives.

    Raises UsageError (KG808) for the packaged graph, InputError: KG809 when the header gives no version, or one that
    was released; KG810 when ``ontology/CHANGELOG.md`` has no section for it; KG100 and KG663 for what cannot be read
    or written; and with every released term that lost its meaning.
    """
    project.check_writable()
    project.digests()
    foundation = read_foundation(project)
    version, _name = header(foundation.ontology, project)
    path = project.inside(project.root / FOLDER / f"{version}.tsv")
    problems = [p for p in (*foundation.problems, *release_problems(foundation.ontology, project)) if _stops(p)]
    marker = Place(MARKER.as_posix())
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        problems.append(Problem("KG809", f"{version!r} is no version", marker, 'owl:versionInfo "1.0.0"'))
    elif path.exists():
        problems.append(
            Problem("KG809", f"{version} is released already", marker, "Give the header the next version.")
        )
    changes = project.root / _CHANGES
    told = read_text(changes, _CHANGES.as_posix()) if changes.is_file() else ""
    if not re.search(rf"^## {re.escape(version)}\b", told, re.MULTILINE):
        remedy = f"Add a section `## {version}` that says what changed for users of the terms."
        problems.append(Problem("KG810", f"no word on {version}", Place(_CHANGES.as_posix()), remedy))
    if problems:
        raise InputError(problems)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write(release_text(foundation.ontology, project).encode())
    return path


def _stops(problem: Problem) -> bool:
    return problem.severity == "error" or "owl:versionIRI" in problem.message
