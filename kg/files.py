"""Reading and writing files: what the system refuses is a problem with its place, and no half file is left."""

from __future__ import annotations

import atexit
import errno
import os
import stat
import time
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO, cast

from kg.errors import InputError, Place, Problem
from kg.owned import replacing, scratch_folder

#: Bytes of one file of a project: it is held in memory.
LARGEST = 1 << 30


class Unwritable(InputError):
    """The place where this tool keeps what it makes, ``.kg/`` or the user's cache, cannot be made or written to."""


def read(path: Path, name: str) -> bytes:
    """The content of a text file; ``name`` is how messages call it. Raises InputError (KG100) for an unreadable one.

    A byte order mark is left out, and lines end in a line feed, so that the same text has the same hash however an
    editor or git wrote it. A pipe that somebody left among files is refused: it would be waited for without end.
    Those of the system, by which a shell hands over what a command prints, are read.
    """
    try:
        name.encode()
        about = path.stat()
        plain = stat.S_ISREG(about.st_mode) and not os.path.realpath(path).startswith(("/proc/", "/sys/"))
        if not (plain or stat.S_ISDIR(about.st_mode) or path.is_relative_to("/dev")):
            remedy = "Put a file in its place, or remove it."
            raise InputError(Problem("KG100", "cannot be read: it is a pipe or a device", Place(name), remedy))
        if about.st_size > LARGEST:
            raise InputError(Problem("KG100", "cannot be read: it has more than 1 GB", Place(name), "Break it up."))
        return path.read_bytes().removeprefix(BOM_UTF8).replace(b"\r\n", b"\n")
    except UnicodeEncodeError:
        shown = name.encode(errors="backslashreplace").decode()
        raise InputError(Problem("KG100", "has a name that is not UTF-8", Place(shown), "Rename it.")) from None
    except OSError as error:
        raise InputError(unreadable(error, name)) from None


def read_text(path: Path, name: str) -> str:
    """The text of a file. Raises InputError as ``read`` does, and KG101 when it is not UTF-8."""
    content = read(path, name)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        place = Place(name, content.count(b"\n", 0, error.start) + 1)
        problem = Problem("KG101", f"is not UTF-8: {error.reason}", place, "Save it as UTF-8.")
        raise InputError(problem) from None


def unreadable(error: OSError, name: str) -> Problem:
    """The problem (KG100) of a file or a folder that the system does not let us read."""
    remedy = {
        FileNotFoundError: "Put it back; if it is a link, fix what it points to.",
        IsADirectoryError: "A folder has the name of a file: rename one of the two.",
        PermissionError: "Give yourself the right to read it.",
    }.get(type(error), "Fix the file or the disk.")
    return Problem("KG100", f"cannot be read: {_reason(error)}", Place(name), remedy)


@contextmanager
def whole_file(path: Path, code: str = "KG663") -> Iterator[BinaryIO]:
    """A file to write to; it takes its place when the block ends well, and is gone when it does not.

    What a link points to is replaced, never the link. What is no regular file (a device, a pipe) is written to as
    it is. Raises InputError with that code when it cannot be written; what was at the place stays.
    """
    with writing(path, code):
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            with _other_end(path) as file:
                yield file
            return
        with replacing(Path(os.path.realpath(path))) as file:
            yield file


def _other_end(path: Path) -> BinaryIO:
    """A device or a pipe to write to. Raises OSError for a pipe that nothing reads within ten seconds."""
    for _attempt in range(100):
        try:
            handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            time.sleep(0.1)
        else:
            os.set_blocking(handle, True)
            return os.fdopen(handle, "wb")
    raise OSError(errno.ENXIO, "it is a pipe that nothing reads")


@contextmanager
def packed_file(path: Path, code: str = "KG663") -> Iterator[BinaryIO]:
    """As ``whole_file``; where the path ends in ``.gz``, what is written is compressed."""
    with whole_file(path, code) as file:
        if path.suffix.lower() != ".gz":
            yield file
            return
        import gzip

        # Neither name nor time in the header, so that the same content gives the same bytes.
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            yield cast("BinaryIO", packed)


def write_file(path: Path, content: bytes, code: str = "KG663") -> None:
    """Write a file in one step: it is either as it was or complete. See ``packed_file``."""
    with packed_file(path, code) as file:
        file.write(content)


@contextmanager
def writing(path: Path, code: str = "KG663") -> Iterator[None]:
    """While a file that somebody asked for is written. Raises InputError with that code when it cannot be."""
    try:
        yield
    except OSError as error:
        remedy = "Name a file in a folder that is there, can be written to and has room."
        raise InputError(Problem(code, f"{path} cannot be written: {_reason(error)}", remedy=remedy)) from None


@contextmanager
def keeping(folder: Path) -> Iterator[None]:
    """While this writes below a folder of the tool's own. Raises Unwritable (KG005) when that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        remedy = "Free some space, or name another folder with the variable KG_STATE_DIR."
        raise Unwritable(
            Problem("KG005", f"cannot be written to: {_reason(error)}", Place(str(folder)), remedy)
        ) from None


@cache
def temporary_place() -> Path:
    """A folder for what cannot be kept elsewhere; it goes when the process ends."""
    return _places.enter_context(scratch_folder(None, "kg-", "temporary"))


#: Closed at the end of the process.
_places = ExitStack()
atexit.register(_places.close)


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or "it failed"
