"""``kg diff``: what the files as they are change against a revision of git or another folder."""

from __future__ import annotations

import gc
from pathlib import Path

from kg.compare.compare import Difference, compare
from kg.compare.kept import keep_answers, keeping, kept, key_of
from kg.compare.revision import at_revision, listing
from kg.compare.state import State, read_state
from kg.project import Project

__all__ = ["diff"]


def diff(project: Project, against: str = "HEAD", *, remember: bool = True) -> Difference:
    """The difference from a revision of the project's git repository, or from another project's folder, to its files.

    With ``remember``, what was worked out for a revision is kept beside the project's builds for the next time.
    Raises UsageError (KG801 to KG803) when there is no such revision or folder, InputError when the files as they
    are cannot be read.
    """
    folder = Path(against)
    # Millions of small objects are made, and next to no cycles: looking for garbage took a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        if against and folder.is_dir():
            return _compared(read_state(Project.find(folder), against, strict=False), project)
        return _against_revision(project, against, remember)
    finally:
        if collecting:
            gc.enable()


def _against_revision(project: Project, revision: str, remember: bool) -> Difference:
    key = key_of(listing(project.root, revision)) if remember else ""
    old = kept(project, key, revision) if remember else None
    if old is not None:
        found = _compared(old, project)
        keep_answers(old, key, project)
        return found
    with at_revision(project, revision) as before:
        old = read_state(before, revision, strict=False)
        sound = not old.read.problems and len(old.sound) == len(old.saved)
        if not (remember and sound):
            return _compared(old, project)
        with keeping(old, key, project):
            return _compared(old, project)


def _compared(old: State, project: Project) -> Difference:
    return compare(old, read_state(project, "the files as they are", old))
