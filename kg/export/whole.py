"""A file that is written whole or not at all: made beside its place, then put there in one step."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kg.errors import InputError, Place, Problem

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to; it takes its place when the block ends well, and is gone when it does not.

    Raises InputError (KG721) when it cannot be written; what was at the place stays.
    """
    made: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        made = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # mkstemp gives a file to its owner alone; an export is read by others as any new file is.
        made.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        made.replace(path)
        made = None
    except OSError as error:
        reason = error.strerror or "it failed"
        remedy = "Is there such a folder, and room in it? What was there before is as it was."
        raise InputError(Problem("KG721", f"cannot be written: {reason}", Place(str(path)), remedy)) from None
    finally:
        if made:
            made.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
