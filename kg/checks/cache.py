"""Verdicts that are kept until what they were made from changes, in ``checks/`` beside the project's builds.

They are plain JSON, named by a hash of everything that they depend on; to lose them costs time only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from kg.owned import mark_folder, read_file, remove_files, replace_file

__all__ = ["Cache", "digest_of"]


#: The kind of folder that verdicts are kept in (see ``kg.owned``).
_KIND = "verdicts"


def digest_of(*parts: bytes | str) -> str:
    """SHA-256 over parts, each with its length, so that no two lists of parts agree by chance."""
    total = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        total.update(f"{len(content)}:".encode())
        total.update(content)
    return total.hexdigest()


class Cache:
    """Keeps verdicts in a folder; one that cannot be read or written is passed over.

    ``left_alone`` is the folder, where it is not this tool's own.
    """

    def __init__(self, folder: Path | None) -> None:
        self.left_alone: Path | None = None
        self._folder = folder
        self._used: set[str] = set()
        try:
            if self._folder and not mark_folder(self._folder, _KIND):
                self._folder, self.left_alone = None, self._folder
        except OSError:
            self._folder = None  # a read-only place: the next check takes its time again

    def get(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """What was kept under a name, or None."""
        self._used.add(name)
        if self._folder is None:
            return None
        try:
            return json.loads(read_file(self._folder / f"{name}.json"))
        except (OSError, ValueError):
            return None

    def put(self, name: str, value: object) -> None:
        """Keep a value; done in one step, so that two checks at once do no harm."""
        self._used.add(name)
        if self._folder is None:
            return
        content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        with suppress(OSError):
            replace_file(self._folder, f"{name}.json", content, _KIND)

    def sweep(self) -> None:
        """Take away what this run neither read nor wrote."""
        if self._folder is not None:
            remove_files(self._folder, ".json", self._used, _KIND)


@cache
def code_digest() -> str:
    """A hash of the modules that verdicts come from: a change of theirs is a change of the verdicts."""
    package = Path(__file__).parent.parent
    modules: Iterable[Path] = [
        *sorted((package / "checks").glob("*.py")),
        *sorted((package / "corpus").glob("*.py")),
        *sorted((package / "rules").glob("*.py")),
        package / "dates.py",
        package / "vocab.py",
    ]
    return digest_of(*(path.read_bytes() for path in modules))
