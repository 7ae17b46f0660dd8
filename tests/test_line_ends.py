"""Files as editors and git leave them: a byte order mark and CRLF change no hash, no check and no difference."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from command_line import run_kg

from kg.checks import check
from kg.compare.diff import diff
from kg.graph.build import build
from kg.graph.store import open_graph
from kg.project import Project
from kg.queries import run
from kg.scaffold.init import init


def git(folder: Path, *arguments: str) -> None:
    name = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *name, *arguments], check=True, capture_output=True)


def respell(project: Project, mark: bytes, ending: bytes) -> None:
    """Give every file of a project a byte order mark and other line ends."""
    for path in project.files():
        if path.is_relative_to(project.root):
            path.write_bytes(mark + path.read_bytes().replace(b"\n", ending))


@pytest.mark.parametrize(("mark", "ending"), [(b"\xef\xbb\xbf", b"\n"), (b"", b"\r\n"), (b"\xef\xbb\xbf", b"\r\n")])
def test_no_hash_and_no_difference(tmp_path: Path, mark: bytes, ending: bytes) -> None:
    """If every file gets a mark, CRLF or both, then digest, build and checks stay; diff finds nothing."""
    project = init(tmp_path / "paths")
    git(project.root, "init", "-q")
    git(project.root, "add", ".")
    git(project.root, "commit", "-q", "-m", "x")
    before, built, problems = project.digest(), build(project), check(project, keep=False)
    respell(project, mark, ending)
    again = Project(project.root)
    assert again.digest() == before
    assert check(again, keep=False) == problems
    assert build(again).folder == built.folder
    assert build(again, force=True).meta["version"] == built.meta["version"]
    assert [str(row["reached"]) for row in run(open_graph(again), "reached")]
    assert not diff(again, "HEAD")


def test_a_value_over_several_lines_is_the_same(tmp_path: Path) -> None:
    """If a value goes over several lines, then CRLF in the file is a line feed in it."""
    project = init(tmp_path / "paths")
    path = project.root / "corpus" / "entities" / "places.ttl"
    path.write_bytes(path.read_bytes().replace(b'"the mill"@en', b'"the mill"@en ; rdfs:comment """a\nb"""@en'))
    before = build(project).meta["version"]
    respell(project, b"", b"\r\n")
    assert build(project, force=True).meta["version"] == before


def test_a_query_from_a_file_may_have_a_mark(tmp_path: Path) -> None:
    """If a query comes from a file or standard input with a mark, then it is asked."""
    project = init(tmp_path / "paths")
    text = b"\xef\xbb\xbfASK {}\r\n"
    (tmp_path / "q.rq").write_bytes(text)
    for source in (tmp_path / "q.rq", "-"):
        done = run_kg("--project", project.root, "sparql", source, input=text)
        assert (done.returncode, "yes" in done.stdout) == (0, True), done.stderr
