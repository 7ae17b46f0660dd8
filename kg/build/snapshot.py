"""What a build leaves on disk, and how a reader finds the current one.

``.kg/current`` names a folder below ``.kg/builds/``; it is replaced in one step when a build is complete. A
folder, once named, never changes: so a failed or killed build leaves the old one answering, two builds at once
are safe, and a reader that has a folder open keeps it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kg import __version__
from kg.project import Project

__all__ = ["Progress", "Snapshot", "current", "is_current", "made_by", "publish", "sweep"]

#: Seconds for which a folder that is no longer current is kept, for readers that have it open.
_GRACE = 3600
#: Raised whenever what a build leaves on disk changes its form.
_FORMAT = 8
#: Is told each step of a build, in words.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Snapshot:
    """A complete build: the store, the N-Quads it was made from, and the model that views are computed from."""

    folder: Path

    @cached_property
    def meta(self) -> dict[str, Any]:
        """Name, version, counts and documents of the build; small, read for every answer."""
        data: dict[str, Any] = json.loads((self.folder / "meta.json").read_text(encoding="utf-8"))
        return data

    @property
    def store_path(self) -> Path:
        """The folder of the Oxigraph store."""
        return self.folder / "store"

    def part(self, name: str) -> Any:  # noqa: ANN401 - JSON, whose shape its reader knows
        """One of the JSON files of the build, by its stem."""
        return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))


def current(project: Project) -> Snapshot | None:
    """The snapshot that ``.kg/current`` names, if it is there."""
    try:
        name = (project.state / "current").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    folder = project.state / "builds" / name
    # The name is a plain word that publish() wrote; anything else would lead out of the folder.
    return Snapshot(folder) if name.isalnum() and (folder / "meta.json").is_file() else None


def is_current(project: Project, snapshot: Snapshot) -> bool:
    """Whether a snapshot was made from the files as they are now, by this version."""
    if snapshot.meta["made_by"] != made_by():
        return False
    listing = {name: list(status) for name, status in project.listing().items()}
    return bool(listing == snapshot.meta["listing"] or project.digest() == snapshot.meta["digest"])


def made_by() -> str:
    """The version of this package, of the form of builds, and of Oxigraph, whose folders differ by version."""
    import pyoxigraph

    return f"{__version__}/{_FORMAT}/{pyoxigraph.__version__}"


def publish(project: Project, made: Path, name: str) -> Snapshot:
    """Move a finished folder into place and make it the current one, each in one step."""
    builds = project.state / "builds"
    builds.mkdir(parents=True, exist_ok=True)
    folder = builds / name
    try:
        made.rename(folder)
    except OSError:
        # Another build of the same input was first: its folder is as good as ours.
        if not (folder / "meta.json").is_file():
            raise
        shutil.rmtree(made, ignore_errors=True)
    pointer = project.state / f"current.{os.getpid()}"
    pointer.write_text(name + "\n", encoding="utf-8")
    pointer.replace(project.state / "current")
    return Snapshot(folder)


def sweep(project: Project) -> None:
    """Remove folders that are neither current nor recent, and what killed builds left."""
    now = time.time()
    keep = current(project)
    for folder in (*(project.state / "builds").glob("*"), *project.state.glob("build-*")):
        if keep and folder == keep.folder:
            continue
        if now - folder.stat().st_mtime > _GRACE:
            shutil.rmtree(folder, ignore_errors=True)
