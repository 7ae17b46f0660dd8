"""What a build leaves on disk, and how a reader finds the current one.

``.kg/current`` names a folder below ``.kg/builds/``; it is replaced in one step when a build is complete. A
folder is named once, after its input and by chance, and then never changes: so a failed or killed build leaves the
old one answering, two builds at once are safe, and a reader that has a folder open keeps it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kg.errors import InputError, Place, Problem
from kg.graph.index import Index
from kg.graph.index_schema import FILE, reading
from kg.owned import MARK, only_files, open_file, place_folder, read_file, replacing, sweep, umask
from kg.project import Project
from kg.version import __version__

#: The kind of folder that a build is (see ``kg.owned``).
KIND = "build"
#: Seconds for which a folder that is no longer current is kept, for readers that have it open.
_GRACE = 3600
#: Raised whenever what a build leaves on disk changes its form.
_FORMAT = 15
#: The file in the state folder that tells quickly that no file has changed.
_LISTING = "listing.json"
#: The file that holds the seal.
_SEAL = "seal.json"
#: Files that are written when a store is only read, that say nothing of what is in it, or that come later.
_UNSEALED = {"LOCK", MARK, _SEAL}
_PIECE = 1 << 20
#: Is told each step of a build, in words.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Snapshot:
    """A complete build: the store, the N-Quads it was made from, and the model that views are computed from."""

    folder: Path

    @cached_property
    def index(self) -> Index:
        """What is looked up by key or by word. Raises InputError (KG006) when it is damaged."""
        return Index.open(self.folder / FILE)

    @cached_property
    def meta(self) -> Mapping[str, Any]:
        """Name, version, counts and documents of the build, each read when it is asked for."""
        return self.index.meta

    @property
    def store_path(self) -> Path:
        """The folder of the Oxigraph store."""
        return self.folder / "store"

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While something of the build is read. Raises InputError (KG006) when that is not as it was written."""
        with reading(self.folder):
            yield


def current(project: Project) -> Snapshot | None:
    """The snapshot that ``.kg/current`` names, if it is there and can be read; perhaps not whole.

    Raises InputError (KG007) when ``.kg`` or ``.kg/builds`` is a link.
    """
    builds = project.state_folder("builds")
    name = _pointed_to(project)
    return _snapshot(builds / name) if name else None


def _pointed_to(project: Project) -> str:
    """The name in ``.kg/current``; empty where there is none that ``publish`` wrote."""
    try:
        name = read_file(project.state / "current").decode("ascii").strip()
    except (OSError, ValueError):
        return ""
    return name if name.isalnum() else ""  # anything else would lead out of the folder


def _snapshot(folder: Path) -> Snapshot | None:
    """The build in a folder, where its index can be read and nothing in it leads elsewhere."""
    if not only_files(folder):
        return None
    made = Snapshot(folder)
    try:
        return made if made.meta["made_by"] else None
    except (OSError, KeyError, InputError):
        return None


def is_current(project: Project, snapshot: Snapshot, *, reread: bool = False) -> bool:
    """Whether a snapshot was made from the files as they are now, by this version, and is whole.

    Files, the build's own too, that have the size and the time of change that they had are taken to be the same, but
    with ``reread``.

    Raises InputError (KG100) for files that have changed and cannot be read.
    """
    if snapshot.meta.get("made_by") != made_by() or not intact(snapshot.folder, thorough=reread):
        return False
    known = None if reread else listed_digest(project)
    return bool((known or project.digest()) == snapshot.meta["digest"])


def listed_digest(project: Project) -> str | None:
    """The digest of the files as they were listed last, if they are listed the same now: nothing is read for it."""
    try:
        kept = json.loads(read_file(project.state / _LISTING))
        listing = {name: list(status) for name, status in project.listing().items()}
        return str(kept["digest"]) if kept["listing"] == listing else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def remember_listing(project: Project, listing: dict[str, tuple[int, int]], digest: str) -> None:
    """Keep which digest files have that are listed so; a read-only place keeps nothing."""
    path = project.state / _LISTING
    with suppress(OSError):
        content = json.dumps({"digest": digest, "listing": listing}).encode()
        _keep(path, content, is_ours=os.path.lexists(path) and read_file(path).startswith(b'{"digest": "'))


def finished(project: Project, key: str, *, thorough: bool = False) -> Snapshot | None:
    """An undamaged build of the same input, which ``key`` stands for: the current one before others.

    With ``thorough``, its files are read to find that out.
    """
    now = current(project)
    folders = sorted(
        (project.state / "builds").glob(f"{key}*"), key=lambda folder: bool(now and folder != now.folder)
    )
    found = (_snapshot(folder) for folder in folders)
    return next((snapshot for snapshot in found if snapshot and intact(snapshot.folder, thorough=thorough)), None)


def made_by() -> str:
    """The version of this package, of the form of builds, and of Oxigraph, whose folders differ by version."""
    import pyoxigraph

    return f"{__version__}/{_FORMAT}/{pyoxigraph.__version__}"


def publish(project: Project, made: Path, key: str) -> Snapshot:
    """Move a finished folder into place, under a name that no build has had, and make it the current one."""
    builds = project.state_folder("builds")
    builds.mkdir(parents=True, exist_ok=True)
    folder = builds / f"{key}{os.urandom(4).hex()}"
    # A temporary folder is its owner's alone; everybody who can read the project may query it.
    made.chmod(0o777 & ~umask())
    if not place_folder(made, folder):
        raise FileExistsError(17, "something has this name", str(folder))
    return point_to(project, Snapshot(folder))


def point_to(project: Project, snapshot: Snapshot) -> Snapshot:
    """Make a build the current one, in one step."""
    now = current(project)
    if now and now.folder == snapshot.folder:
        return snapshot
    if now:
        # Its days of grace begin now: somebody may be about to open it.
        os.utime(now.folder)
    name = snapshot.folder.name.encode() + b"\n"
    _keep(project.state / "current", name, is_ours=bool(_pointed_to(project)))
    return snapshot


def _keep(path: Path, content: bytes, *, is_ours: bool) -> None:
    """Write a file of the state folder in one step. Raises InputError (KG007) where somebody's own has its name."""
    if os.path.lexists(path) and not is_ours:
        remedy = "Move it elsewhere, or name another place with the variable KG_STATE_DIR."
        raise InputError(Problem("KG007", "is no file that this tool wrote", Place(str(path)), remedy))
    with replacing(path) as file:
        file.write(content)


def sweep_builds(project: Project) -> list[Path]:
    """Remove builds that are neither current nor recent, and what killed ones left; gives what is not ours."""
    now = current(project)
    builds = project.state_folder("builds")
    left = sweep(builds, "*", KIND, [now.folder] if now else [], _GRACE)
    return left + sweep(project.state, "build-*", KIND, age=_GRACE)


# -- the seal: size, time of change and SHA-256 of each file of a build, by which damage is noticed


def seal(folder: Path, like: Path | None = None) -> None:
    """Write the seal of a finished folder, which never changes any more.

    A file that is also one of another sealed folder, ``like``, is not read again.
    """
    known = json.loads(read_file(like / _SEAL)) if like else {}
    found = {}
    for name in _names(folder):
        size, changed, digest = known.get(name, (-1, 0, ""))
        now = _status(folder / name)
        same = like and now == (size, changed) and os.path.samefile(folder / name, like / name)
        found[name] = [*now, digest if same else _digest(folder / name)]
    (folder / _SEAL).write_text(json.dumps(found), encoding="utf-8")


def intact(folder: Path, *, thorough: bool = False) -> bool:
    """Whether the files of a folder are as they were sealed.

    A file with its size and time of change is not read, but with ``thorough``; one with another time alone is.
    """
    try:
        sealed = json.loads(read_file(folder / _SEAL))
        return bool(sealed) and all(
            _same(folder / name, size, changed, digest, thorough) for name, (size, changed, digest) in sealed.items()
        )
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return False


def _same(path: Path, size: int, changed: int, digest: str, thorough: bool) -> bool:
    now = _status(path)
    if now[0] != size:
        return False
    return (now[1] == changed and not thorough) or _digest(path) == digest


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in _UNSEALED and not path.name.startswith("LOG"):
            yield path.relative_to(folder).as_posix()


def _status(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _digest(path: Path) -> str:
    total = hashlib.sha256()
    with open_file(path, os.O_RDONLY) as file:
        while piece := file.read(_PIECE):
            total.update(piece)
    return total.hexdigest()
