"""``kg diff``: what the files as they are change against a revision of git or another folder."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from kg.extend.compare import Difference, compare
from kg.extend.revision import at_revision
from kg.extend.state import read_state
from kg.project import Project

__all__ = ["diff"]


def diff(project: Project, against: str = "HEAD") -> Difference:
    """The difference from a revision of the project's git repository, or from another project's folder, to its files.

    Raises UsageError (KG801 to KG803) when there is no such revision or folder, InputError when the files as they
    are cannot be read.
    """
    folder = Path(against)
    other = nullcontext(Project.find(folder)) if against and folder.is_dir() else at_revision(project, against)
    with other as before:
        old = read_state(before, against, strict=False)
        new = read_state(project, "the files as they are", old)
        return compare(old, new)
