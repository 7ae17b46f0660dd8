"""``kg diff``: what the files as they are change against a revision of git or another folder."""

from __future__ import annotations

import gc
from pathlib import Path

from kg.compare.compare import Difference, compare
from kg.compare.revision import at_revision
from kg.compare.state import read_state
from kg.project import Project

__all__ = ["diff"]


def diff(project: Project, against: str = "HEAD") -> Difference:
    """The difference from a revision of the project's git repository, or from another project's folder, to its files.

    Both sides are computed from their files; nothing is written. Raises UsageError (KG801 to KG803) when there is no
    such revision or folder, InputError when the files as they are cannot be read.
    """
    folder = Path(against)
    # Millions of small objects are made, and hardly any cycles: collecting garbage took a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        if against and folder.is_dir():
            return _compared(Project.find(folder), against, project)
        with at_revision(project, against) as before:
            return _compared(before, against, project)
    finally:
        if collecting:
            gc.enable()


def _compared(before: Project, name: str, project: Project) -> Difference:
    return compare(read_state(before, name, strict=False), read_state(project, "the files as they are"))
