"""The only place where anything is removed or replaced, and only what is the tool's own.

A folder is the tool's own when it holds the mark of its kind, belongs to the user who runs the tool, and is reached
without a symbolic link. Each step goes through the descriptor of a folder that was opened without following links,
so that a link put in its place meanwhile changes nothing. What is not the tool's own is left alone.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from kg.errors import InputError, Place, Problem

#: The file that marks a folder as made by this tool; its content names the kind of folder.
MARK = ".kg-mark"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: Without O_NONBLOCK, opening a pipe waits for its other end.
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def folder_within(root: Path, *names: str) -> Path:
    """``root/names``, whether it exists or not. Raises InputError (KG007) for a link where a folder is due.

    ``root`` itself may be reached through links, but not be one.
    """
    path = root
    for name in ("", *names):
        path = path / name
        if path.is_symlink():
            raise _refused(path, "a symbolic link")
    return path


def make_folder(parent: Path, prefix: str, kind: str) -> Path:
    """A new folder with the mark of its kind, under a name that nothing has. Raises OSError."""
    import tempfile  # takes longer to import than all the rest, and is seldom needed

    made = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    _write_mark(made, kind)
    return made


def mark_folder(folder: Path, kind: str) -> bool:
    """Make a folder if it is missing, mark it if it is empty; says whether it is the tool's own. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    if has_mark(folder, kind):
        return True
    if folder.is_symlink() or any(folder.iterdir()):
        return False
    _write_mark(folder, kind)
    return True


def has_mark(folder: Path, kind: str) -> bool:
    """Whether a folder is no link, belongs to this user and holds the mark of its kind."""
    try:
        with _opened(folder) as handle:
            return _is_own(handle, kind)
    except OSError:
        return False


def only_files(folder: Path) -> bool:
    """Whether a folder, itself no link, holds only regular files and folders, at any depth."""
    try:
        with _opened(folder) as handle, os.scandir(handle) as entries:
            found = list(entries)
    except OSError:
        return False
    return all(
        entry.is_file(follow_symlinks=False)
        or (entry.is_dir(follow_symlinks=False) and only_files(folder / entry.name))
        for entry in found
    )


def read_file(path: Path) -> bytes:
    """The content of a regular file. Raises OSError for a link, a pipe, a socket or a device."""
    with open_file(path, os.O_RDONLY) as file:
        return file.read()


def open_file(path: Path, flags: int) -> BinaryIO:
    """Open a regular file, with flags of ``os.open``, without following a link or waiting for a pipe.

    Raises OSError; also, where the file is opened for writing, when it is another user's or has a second name.
    """
    handle = os.open(path, flags | _FILE, 0o600)
    about = os.fstat(handle)
    writes = flags & (os.O_WRONLY | os.O_RDWR)
    if not stat.S_ISREG(about.st_mode) or (writes and (about.st_uid != os.geteuid() or about.st_nlink != 1)):
        os.close(handle)
        raise PermissionError(1, "not a plain file of this user", str(path))
    return os.fdopen(handle, "r+b" if writes else "rb")


def place_folder(made: Path, folder: Path) -> bool:
    """Give a finished folder its name. False, and nothing changes, when something has that name. Raises OSError."""
    if os.path.lexists(folder):
        return False
    try:
        made.rename(folder)
    except OSError:
        if os.path.lexists(folder):
            return False
        raise
    return True


def give_folder(made: Path, folder: Path) -> None:
    """Hand a finished folder to the user, under a name that nothing but an empty folder has. Raises OSError."""
    (made / MARK).unlink()
    made.rename(folder)


def replace_folder(made: Path, folder: Path, kind: str) -> None:
    """Put a finished folder in the place of an earlier one of its kind, or of an empty one.

    Raises InputError (KG007) when the earlier one is neither; OSError when it cannot be done. It then stays.
    """
    old = made.with_name(f"{made.name}.old")
    if os.path.lexists(folder):
        # It is looked at under its new name, which nobody else knows: what stood there is what is removed.
        folder.rename(old)
        if not has_mark(old, kind) and not _is_empty(old):
            old.rename(folder)
            raise _refused(folder, "a folder without this tool's mark")
    try:
        made.rename(folder)
    except OSError:
        if os.path.lexists(old):
            old.rename(folder)
        raise
    if not remove_folder(old, kind):
        with suppress(OSError):
            old.rmdir()  # the empty one


def remove_folder(folder: Path, kind: str) -> bool:
    """Remove a folder with the mark of its kind; says whether it is gone. Anything else is left alone."""
    try:
        with _opened(folder.parent) as parent:
            handle = os.open(folder.name, _FOLDER, dir_fd=parent)
            try:
                if not _is_own(handle, kind):
                    return False
                _empty(handle)
            finally:
                os.close(handle)
            os.rmdir(folder.name, dir_fd=parent)
    except OSError:
        return False
    return True


def sweep(folder: Path, pattern: str, kind: str, keep: Collection[Path] = (), age: float = 0) -> list[Path]:
    """Remove what has a name like ``pattern`` in a folder, was last changed ``age`` seconds ago, and is our own.

    Gives what is left alone because it is not. ``folder`` is one that ``folder_within`` gave.
    """
    left = []
    for path in sorted(folder.glob(pattern)):
        try:
            about = path.lstat()
        except OSError:
            continue  # another process has just removed it
        if path in keep or time.time() - about.st_mtime < age:
            continue
        if not remove_folder(path, kind) and os.path.lexists(path) and not has_mark(path, kind):
            left.append(path)
    return left


def replace_file(folder: Path, name: str, content: bytes, kind: str) -> None:
    """Write a file of a marked folder in one step. Raises OSError; also when folder or file are not our own."""
    with _opened(folder) as handle:
        if not _is_own(handle, kind):
            raise PermissionError(1, "without this tool's mark", str(folder))
        _refuse_other_user(name, handle)
        made = f".{os.urandom(8).hex()}"
        file = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE, 0o666, dir_fd=handle)
        try:
            with os.fdopen(file, "wb") as target:
                target.write(content)
            os.replace(made, name, src_dir_fd=handle, dst_dir_fd=handle)
        except BaseException:
            os.unlink(made, dir_fd=handle)
            raise


def remove_files(folder: Path, suffix: str, keep: Collection[str], kind: str) -> None:
    """Remove the files of a marked folder with that ending, but for those named in ``keep``, without it."""
    with suppress(OSError), _opened(folder) as handle:
        if _is_own(handle, kind):
            for name in os.listdir(handle):
                if name.endswith(suffix) and name.removesuffix(suffix) not in keep:
                    os.unlink(name, dir_fd=handle)


def remove_unchanged(path: Path, content: bytes) -> bool:
    """Remove a regular file that holds exactly this content; says whether it did. Raises OSError for a link."""
    with _opened(path.parent) as folder:
        if read_file(path) != content:
            return False
        os.unlink(path.name, dir_fd=folder)
        return True


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of one that the user named when the block ends well, and else is gone.

    Raises OSError when it cannot be written, or what is there is another user's.
    """
    import tempfile

    with _opened(path.parent) as handle:
        _refuse_other_user(path.name, handle)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # mkstemp gives a file to its owner alone; others read what we write as they read any new file.
        made.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~umask())
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


@contextmanager
def scratch_folder(parent: Path | None, prefix: str, kind: str) -> Iterator[Path]:
    """A folder that goes when the block ends: in ``parent``, or in the system's place for such folders."""
    import tempfile

    made = make_folder(parent or Path(tempfile.gettempdir()), prefix, kind)
    try:
        yield made
    finally:
        remove_folder(made, kind)


def umask() -> int:
    """The mask of new files, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    handle = os.open(folder, _FOLDER)
    try:
        yield handle
    finally:
        os.close(handle)


def _text(kind: str) -> bytes:
    return f"serbia-kg made this folder ({kind}) and may remove it with all that is in it.\n".encode()


def _write_mark(folder: Path, kind: str) -> None:
    with _opened(folder) as handle:
        mark = os.open(MARK, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE, 0o444, dir_fd=handle)
        with os.fdopen(mark, "wb") as file:
            file.write(_text(kind))


def _is_own(folder: int, kind: str) -> bool:
    """Whether the folder behind a descriptor is this user's and holds the mark of its kind."""
    if os.fstat(folder).st_uid != os.geteuid():
        return False
    try:
        handle = os.open(MARK, os.O_RDONLY | _FILE, dir_fd=folder)
    except OSError:
        return False
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(handle)
        plain = stat.S_ISREG(about.st_mode) and about.st_uid == os.geteuid()
        return plain and file.read(len(_text(kind)) + 1) == _text(kind)


def _empty(folder: int) -> None:
    """Remove all that is in the folder behind a descriptor, the mark last: a removal cut short can be taken up."""
    import shutil

    for name in sorted(os.listdir(folder), key=lambda name: name == MARK):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            shutil.rmtree(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)


def _is_empty(folder: Path) -> bool:
    return stat.S_ISDIR(folder.lstat().st_mode) and not any(folder.iterdir())


def _refuse_other_user(name: str, folder: int) -> None:
    with suppress(FileNotFoundError):
        if os.stat(name, dir_fd=folder, follow_symlinks=False).st_uid != os.geteuid():
            raise PermissionError(1, "it belongs to another user", name)


def _refused(path: Path, what: str) -> InputError:
    remedy = "Remove it yourself, or name another place with the variable KG_STATE_DIR."
    return InputError(Problem("KG007", f"is {what} where this tool's own folder is due", Place(str(path)), remedy))
