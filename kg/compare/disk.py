"""A query graph kept as an Oxigraph store on disk: written once, then only copied.

A copy shares the data of the store: RocksDB never changes a table file (``.sst``) once it is written, so a link
to it serves, and only the small files that say which tables count are copied.
"""

from __future__ import annotations

import os
import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["DiskStore", "sweep_copies", "sweep_unfinished"]

_PREFIX = "diff-"
#: Seconds after which a folder is what a killed run left.
_STALE = 3600


class DiskStore:
    """The store in a folder; ``begin`` makes one that is not there, in a thread of its own."""

    def __init__(self, folder: Path, copies: Path) -> None:
        self.folder = folder
        self._copies = copies
        self._making: Future[None] | None = None
        self._copy: TemporaryDirectory[str] | None = None

    def begin(self, text: str) -> None:
        """Begin to fill the store with N-Quads; it is waited for when it is needed."""
        pool = ThreadPoolExecutor(1)
        self._making = pool.submit(_fill, self.folder, text)
        pool.shutdown(wait=False)

    def wait(self) -> None:
        """Come back when the store is complete. Raises OSError when it could not be written."""
        if self._making is not None:
            self._making.result()

    def open(self) -> pyoxigraph.Store:
        """A copy of the store that can be written to, and goes with this object."""
        import pyoxigraph

        self.wait()
        self._copy = _folder_in(self._copies)
        for path in self.folder.iterdir():
            if path.name not in ("LOCK", "LOG"):
                _link(path, Path(self._copy.name) / path.name)
        return pyoxigraph.Store(self._copy.name)


def sweep_copies(folder: Path) -> None:
    """Remove the copies that killed runs left."""
    sweep_unfinished(folder, _PREFIX)


def sweep_unfinished(folder: Path, prefix: str) -> None:
    """Remove the folders with names that begin so which nobody can be at work on any more."""
    for path in folder.glob(f"{prefix}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE:
                shutil.rmtree(path, ignore_errors=True)


def _fill(folder: Path, text: str) -> None:
    import pyoxigraph

    store = pyoxigraph.Store(str(folder))
    store.bulk_load(text.encode(), format=pyoxigraph.RdfFormat.N_QUADS)
    store.flush()


def _folder_in(place: Path) -> TemporaryDirectory[str]:
    try:
        return TemporaryDirectory(prefix=_PREFIX, dir=place, ignore_cleanup_errors=True)
    except OSError:
        return TemporaryDirectory(prefix=f"kg-{_PREFIX}", ignore_cleanup_errors=True)


def _link(source: Path, target: Path) -> None:
    if source.suffix == ".sst":
        with suppress(OSError):
            os.link(source, target)
            return
    shutil.copyfile(source, target)
