"""Reading and writing files: nothing half, no device replaced, and words for what the system refuses."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from kg.errors import InputError
from kg.files import Unwritable, keeping, read, read_text, whole_file


def write(path: Path, content: bytes = b"new") -> None:
    with whole_file(path) as file:
        file.write(content)


def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    """If a file is named by a link, then the file is replaced, beside itself, and the link still leads to it."""
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "real.csv", tmp_path / "link.csv"
    target.write_bytes(b"old")
    link.symlink_to(Path("far") / "real.csv")
    write(link)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert [path.name for path in target.parent.iterdir()] == ["real.csv"]


def test_what_a_dangling_link_points_to_is_made(tmp_path: Path) -> None:
    """If a link leads to a file that is not there yet, then it is made there."""
    (tmp_path / "link").symlink_to(tmp_path / "later")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "later").read_bytes() == b"new"


@pytest.mark.parametrize("through_a_link", [False, True])
def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path, through_a_link: bool) -> None:
    """If the target is no regular file, such as a device or a named pipe, then it gets the content and stays."""
    pipe = named = tmp_path / "pipe"
    os.mkfifo(pipe)
    if through_a_link:
        named = tmp_path / "link"
        named.symlink_to(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(named)
    reader.join(10)
    assert got == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_failure_loses_nothing(tmp_path: Path) -> None:
    """If writing fails half way, then the old file is as it was and nothing lies beside it."""
    path = tmp_path / "out"
    path.write_bytes(b"old")

    def fail_half_way() -> None:
        with whole_file(path) as file:
            file.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="KG663"):
        fail_half_way()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["none/out", "file/out", "."])
def test_a_place_that_is_none_is_said(tmp_path: Path, name: str) -> None:
    """If the folder is missing, or is a file, or the target is a folder, then that is a problem with a remedy."""
    (tmp_path / "file").touch()
    with pytest.raises(InputError) as caught:
        write(tmp_path / name)
    assert caught.value.problems[0].code == "KG663"
    assert caught.value.problems[0].remedy


def test_the_mode_is_that_of_the_file_or_of_any_new_one(tmp_path: Path) -> None:
    """If a file is replaced, then it keeps its mode; a new one has what the user's mask allows."""
    kept, new = tmp_path / "kept", tmp_path / "new"
    kept.touch(0o600)
    mask = os.umask(0o027)
    try:
        write(kept)
        write(new)
    finally:
        os.umask(mask)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (kept, new)] == [0o600, 0o640]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """If a file is missing, is a folder, or is no text, then the problem names it and says what to do."""
    (tmp_path / "latin").write_bytes(b"good\n\xe9\n")
    for name, code, line in (("none", "KG100", None), (".", "KG100", None), ("latin", "KG101", 2)):
        with pytest.raises(InputError) as caught:
            read_text(tmp_path / name, "the/name")
        problem = caught.value.problems[0]
        assert (problem.code, problem.place.file, problem.place.line) == (code, "the/name", line)
        assert problem.remedy
    assert read(tmp_path / "latin", "") == b"good\n\xe9\n"


def test_a_place_of_our_own_that_is_none(tmp_path: Path) -> None:
    """If what should be our folder is a file, or fills up while it is written, then that is KG005."""
    (tmp_path / "file").touch()
    with pytest.raises(Unwritable, match=r"KG005.*\n.*KG_STATE_DIR"), keeping(tmp_path / "file"):
        pass
    with pytest.raises(Unwritable, match="No space left"), keeping(tmp_path / "folder"):
        raise OSError(28, "No space left on device")


def test_a_pipe_among_files_is_not_waited_for(tmp_path: Path) -> None:
    """If a pipe has the name of a file, then that is a problem at once; what a shell hands over is read."""
    os.mkfifo(tmp_path / "pipe.ttl")
    with pytest.raises(InputError, match=r"ontology/pipe\.ttl.*pipe or a device"):
        read(tmp_path / "pipe.ttl", "ontology/pipe.ttl")
    assert read(Path("/dev/null"), "-") == b""
