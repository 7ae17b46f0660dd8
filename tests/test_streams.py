"""The streams of the command line: closed, full, in a narrow encoding, read half; and what libraries log."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from examples import longer

from kg.graph.build import build
from kg.scaffold.init import init

ROOT = Path(__file__).parent.parent
KG = f"exec {sys.executable} -m kg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with letters beyond ASCII, built."""
    project = init(tmp_path_factory.mktemp("streams") / "paths")
    path = project.root / "corpus" / "entities" / "places.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("the mill", "млин"), encoding="utf-8")
    build(project)
    return project.root


def shell(folder: Path, line: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    return subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, timeout=60, env=environment)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_a_quiet_end(folder: Path, closed: str) -> None:
    """If standard streams are closed, then a command does its work, ends with 0, and writes into no other file."""
    for command in ("queries", "build --force", "query reached --evidence", "sparql 'ASK {}'"):
        done = shell(folder, f"{KG} {command} {closed}")
        assert (done.returncode, done.stderr) == (0, b"")
    assert shell(folder, f"{KG} query reached -f csv -q").stdout.startswith(b"reached")


def test_a_reader_that_has_seen_enough(folder: Path) -> None:
    """If the reader of the output goes, then that is a quiet end."""
    done = shell(folder, f"({KG.removeprefix('exec ')} check --json; echo $? >&2) | head -c 1")
    assert done.stderr.strip() == b"0"


@pytest.mark.parametrize(("command", "status"), [("nosuch", 2), ("query nosuch", 2), ("infer nosuch.ttl", 1)])
def test_an_error_that_nobody_reads(folder: Path, command: str, status: int) -> None:
    """If the reader of a message has gone, then the exit status is that of the error, and nothing else is said."""
    done = shell(folder, f"( (sleep 1; {KG.removeprefix('exec ')} {command}; echo $? >&3) 2>&1 | true ) 3>&1")
    assert (done.stdout, done.stderr) == (b"%d\n" % status, b"")


@pytest.mark.parametrize("command", ["queries", "check", "query reached -f json", "infer corpus/entities/places.ttl"])
def test_a_full_disk_is_said(command: str, folder: Path) -> None:
    """If standard output cannot be written, then that is KG663."""
    done = shell(folder, f"{KG} {command} > /dev/full")
    assert (done.returncode, b"error KG663" in done.stderr, done.stderr.count(b"\n")) == (1, True, 2), done.stderr


@pytest.mark.parametrize("command", ["check", "query reached", "export x.ttl", "new query x", "infer x.ttl"])
def test_a_working_folder_that_is_gone_is_said(command: str, folder: Path) -> None:
    """If the working folder was removed meanwhile, then that is a problem with a code."""
    done = shell(folder, f"mkdir gone && cd gone && rmdir ../gone && {KG} {command}")
    assert (done.returncode, b"error KG100" in done.stderr) == (1, True), done.stderr


def test_a_pipe_that_nothing_reads_is_said(folder: Path) -> None:
    """If an answer is to go into a pipe, then its reader gets all of it; where there is none, that is an error."""
    os.mkfifo(folder / "pipe.csv")
    done = shell(folder, f"cat pipe.csv & {KG} query reached -q -f csv -o pipe.csv; wait")
    assert (done.returncode, done.stdout.count(b"\n") > 1) == (0, True), done
    done = shell(folder, f"{KG} query reached -q -o pipe.csv")
    assert (done.returncode, b"error KG663" in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize("limit", ["-f 1", "-v 100000", "-n 12"])
def test_a_limit_of_the_system_is_said(limit: str, folder: Path) -> None:
    """If files may not grow, or memory, files or processes are too few, then that has a code and no fault of ours."""
    # Without byte code, whose files Python would leave cut off under a limit on their size.
    done = shell(folder, f"ulimit {limit}; {KG} export out.nt", PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode in (0, 1, 2), done.stderr
    assert done.returncode == 0 or re.match(rb"error KG(663|631|721)", done.stderr), done.stderr


@pytest.mark.parametrize("encoding", ["latin-1", *longer("ascii", "cp1252")])
def test_a_narrow_encoding_replaces_letters(folder: Path, encoding: str) -> None:
    """If the terminal's encoding has no Cyrillic, then text shows replacements; data for programs stay UTF-8."""
    done = shell(folder, f"{KG} show mill", PYTHONIOENCODING=encoding)
    assert (done.returncode, b"????" in done.stdout) == (0, True), done.stderr
    done = shell(folder, f"{KG} sparql 'SELECT ?l {{ id:mill rdfs:label ?l }}' -f csv -q", PYTHONIOENCODING=encoding)
    assert (done.returncode, "млин" in done.stdout.decode()) == (0, True), done.stderr
    done = shell(folder, f"{KG} show млин2", PYTHONIOENCODING=encoding)
    assert (done.returncode, b"KG655" in done.stderr) == (2, True), done.stderr


def test_libraries_log_nothing(folder: Path, tmp_path: Path) -> None:
    """If literals are malformed, so that libraries warn and log, then the user sees what is inconsistent alone."""
    (tmp_path / "x.ttl").write_text(
        '<http://e/a> <http://e/b> "x"^^<http://www.w3.org/2001/XMLSchema#integer> , "2024-13-99"^^'
        "<http://www.w3.org/2001/XMLSchema#date> .\n"
    )
    done = shell(folder, f"{KG} infer {tmp_path / 'x.ttl'} --reasoner owlrl")
    assert done.stderr.startswith(b"inconsistent:"), done.stderr
    assert b"Traceback" not in done.stderr
    assert b"logger" not in done.stderr
