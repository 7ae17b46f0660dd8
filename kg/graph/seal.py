"""The seal of a build: size, time of change and SHA-256 of each of its files, by which damage is noticed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from kg.owned import MARK, open_file, read_file

__all__ = ["intact", "seal"]

#: The file that holds the seal.
_SEAL = "seal.json"
#: Files that are written when a store is only read, that say nothing of what is in it, or that come later.
_UNSEALED = {"LOCK", MARK, _SEAL}
_PIECE = 1 << 20


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
    except (OSError, ValueError, TypeError, AttributeError):
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
