"""What a build leaves on disk, and how a reader finds the current one.

``.kg/current`` names a folder below ``.kg/builds/``; it is replaced in one step when a build is complete. A
folder is named once, after its input and by chance, and then never changes: so a failed or killed build leaves the
old one answering, two builds at once are safe, and a reader that has a folder open keeps it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kg import __version__
from kg.errors import InputError, Place, Problem
from kg.files import umask
from kg.project import Project

__all__ = [
    "Progress",
    "Snapshot",
    "current",
    "finished",
    "is_current",
    "made_by",
    "point_to",
    "publish",
    "sizes",
    "sweep",
]

#: Seconds for which a folder that is no longer current is kept, for readers that have it open.
_GRACE = 3600
#: Raised whenever what a build leaves on disk changes its form.
_FORMAT = 9
#: Files of Oxigraph that are written when a store is only read, or say nothing of what is in it.
_TOLD = {"LOG", "LOCK"}
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

    @property
    def whole(self) -> bool:
        """Whether every file that the build wrote is there, as long as it was; contents are not read."""
        try:
            files: dict[str, int] = self.meta["files"]
            return all((self.folder / name).stat().st_size == size for name, size in files.items())
        except (OSError, KeyError):
            return False

    def part(self, name: str) -> Any:  # noqa: ANN401 - JSON, whose shape its reader knows
        """One of the JSON files of the build, by its stem. Raises InputError (KG006) when it is damaged."""
        with self.reading():
            return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While something of the build is read. Raises InputError (KG006) when that is not as it was written."""
        try:
            yield
        except (OSError, ValueError, RuntimeError) as error:  # the last is Oxigraph's
            remedy = "Make it anew: `kg build --force`."
            words = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(
                Problem("KG006", f"what was built is damaged: {words}", Place(str(self.folder)), remedy)
            ) from None


def current(project: Project) -> Snapshot | None:
    """The snapshot that ``.kg/current`` names, if it is there and can be read; perhaps not whole."""
    try:
        name = (project.state / "current").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    # The name is a plain word that publish() wrote; anything else would lead out of the folder.
    return _snapshot(project.state / "builds" / name) if name.isalnum() else None


def _snapshot(folder: Path) -> Snapshot | None:
    """The build in a folder, where its ``meta.json`` can be read."""
    made = Snapshot(folder)
    try:
        return made if isinstance(made.meta, dict) else None
    except (OSError, ValueError):
        return None


def is_current(project: Project, snapshot: Snapshot) -> bool:
    """Whether a snapshot was made from the files as they are now, by this version, and is whole.

    Raises InputError (KG100) for files that have changed and cannot be read.
    """
    if snapshot.meta.get("made_by") != made_by() or not snapshot.whole:
        return False
    listing = {name: list(status) for name, status in project.listing().items()}
    return bool(listing == snapshot.meta["listing"] or project.digest() == snapshot.meta["digest"])


def finished(project: Project, key: str) -> Snapshot | None:
    """A whole build of the same input, which ``key`` stands for: the current one before others."""
    now = current(project)
    folders = sorted(
        (project.state / "builds").glob(f"{key}*"), key=lambda folder: bool(now and folder != now.folder)
    )
    found = (_snapshot(folder) for folder in folders)
    return next((snapshot for snapshot in found if snapshot and snapshot.whole), None)


def sizes(folder: Path) -> dict[str, int]:
    """The length of every file below a folder, by its name from there, but for those that only tell what was done."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in _TOLD)
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def made_by() -> str:
    """The version of this package, of the form of builds, and of Oxigraph, whose folders differ by version."""
    import pyoxigraph

    return f"{__version__}/{_FORMAT}/{pyoxigraph.__version__}"


def publish(project: Project, made: Path, key: str) -> Snapshot:
    """Move a finished folder into place, under a name that no build has had, and make it the current one."""
    builds = project.state / "builds"
    builds.mkdir(parents=True, exist_ok=True)
    folder = builds / f"{key}{os.urandom(4).hex()}"
    # A temporary folder is its owner's alone; whoever may read the project may ask it.
    made.chmod(0o777 & ~umask())
    made.rename(folder)
    return point_to(project, Snapshot(folder))


def point_to(project: Project, snapshot: Snapshot) -> Snapshot:
    """Make a build the current one, in one step."""
    now = current(project)
    if now and now.folder == snapshot.folder:
        return snapshot
    if now:
        # Its days of grace begin now: somebody may be about to open it.
        os.utime(now.folder)
    pointer = project.state / f"current.{os.getpid()}"
    pointer.write_text(snapshot.folder.name + "\n", encoding="utf-8")
    pointer.replace(project.state / "current")
    return snapshot


def sweep(project: Project) -> None:
    """Remove folders that are neither current nor recent, and what killed builds left."""
    now = time.time()
    keep = current(project)
    for folder in (*(project.state / "builds").glob("*"), *project.state.glob("build-*")):
        if keep and folder == keep.folder:
            continue
        try:
            recent = now - folder.stat().st_mtime <= _GRACE
        except OSError:
            continue  # another build has just removed it
        if not recent:
            shutil.rmtree(folder, ignore_errors=True)
