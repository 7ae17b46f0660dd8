"""Projects of strangers: the cases of ``hostile/project_files.json``, and damage that sizes and times do not show."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from command_line import run_kg
from examples import longer

from kg.checks import check
from kg.corpus.turtle import SKOLEM, Description, descriptions
from kg.errors import InputError
from kg.export import export
from kg.graph.build import build
from kg.graph.index_schema import FILE
from kg.graph.store import open_graph
from kg.project import Project
from kg.scaffold.init import init

ROOT = Path(__file__).parent.parent
CASES = json.loads((ROOT / "tests/hostile/project_files.json").read_text(encoding="utf-8"))["cases"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return init(tmp_path / "paths")


def content(case: dict[str, Any]) -> bytes:
    """The bytes of a case's file."""
    if "repeat" in case:
        before, after = case["around"]
        return f"{before}{case['repeat'] * case['times']}{after}".encode()
    text = case["text"]
    return bytes.fromhex(text["bytes"]) if isinstance(text, dict) else str(text).encode()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_strangers_file_is_a_problem_or_none(case: dict[str, Any], project: Project) -> None:
    """If a file is hostile, then ``kg check`` names it by a code or takes it; no library says a word."""
    name = bytes.fromhex(case["file"]["bytes"]) if isinstance(case["file"], dict) else case["file"].encode()
    path = os.path.join(os.fsencode(project.root), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if "link" in case:
        os.symlink(case["link"], path)
    elif "size" in case:
        Path(os.fsdecode(path)).touch()
        os.truncate(path, case["size"])
    else:
        with open(path, "ab" if case.get("append") else "wb") as file:
            file.write(content(case))
    done = run_kg("check", "--quiet", cwd=project.root, text=False)
    assert done.returncode == (1 if case["code"] else 0), done
    assert case["code"].encode() in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr
    assert case["code"] or not done.stderr


@pytest.mark.parametrize(
    ("folders", "links"),
    [(2, 1), (12, 12)],
    ids=["two that lead to one another", "twelve that each lead to all"],
)
def test_links_between_folders_end(folders: int, links: int, project: Project) -> None:
    """If folders lead to one another by links, then each is looked into once, and both ways of looking agree."""
    for number in range(folders):
        folder = project.root / "queries" / f"part{number}"
        folder.mkdir()
        for other in range(links):
            (folder / f"link{other}").symlink_to(f"../part{(number + 1 + other) % folders}")
    assert list(project.files("queries")) == [
        project.root / "queries" / name for name in ("reached.csv", "reached.rq")
    ]
    assert sorted(project.listing()) == sorted(map(project.relative, project.files()))


def test_folders_deeper_than_the_stack(project: Project) -> None:
    """If folders are nested deeper than calls may be, then the files in them are found."""
    folder = os.open(project.root / "queries", os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("a", dir_fd=folder)
        inner = os.open("a", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    found = list(project.files("queries"))
    # What pytest would clean up with is not deep enough.
    subprocess.run(["rm", "-r", project.root / "queries" / "a"], check=True)
    assert len(found) == 2


def test_nodes_that_share_nodes() -> None:
    """If each nameless node names the next one four times, then its description is short, and tells a change."""

    def described(end: str) -> Description:
        nodes = [f"<http://x{SKOLEM}b{number}>" for number in range(15)] + [end]
        steps = [(s, f"<x:{p}>", o) for s, o in pairwise(nodes) for p in "abcd"]
        return descriptions([("<x:s>", "<x:p>", nodes[0]), *steps])["<x:s>"]

    assert len(str(described("<x:end>"))) < 1_000_000
    assert described("<x:end>") == described("<x:end>") != described("<x:other>")


def test_a_bundle_takes_nothing_from_elsewhere(project: Project, tmp_path: Path) -> None:
    """If a file of a project is a link that leads out of it, then it gets into no bundle, which others are given."""
    (tmp_path / "netrc").write_text("machine example.org login me password hunter2\n")
    (project.root / "queries" / "x.csv").symlink_to(tmp_path / "netrc")
    with pytest.raises(InputError, match="KG007"):
        export(open_graph(project), tmp_path / "paths.kgz")
    assert not (tmp_path / "paths.kgz").exists()


def test_damaged_state_is_passed_over(project: Project) -> None:
    """If a file of the state folder holds other JSON than the tool wrote, then it is not read, and nothing fails."""
    build(project)
    for content in (b"5.0", b"null", b"[" * 100_000, b"[]", b'{"x": 5.0}'):
        for path in project.state.rglob("*.json"):
            path.chmod(0o644)
            # A listing that does not begin like ours is somebody's own: KG007 says so.
            path.write_bytes(b'{"digest": "x", "listing": ' * (path.name == "listing.json") + content)
        assert [problem for problem in check(project) if problem.severity == "error"] == []
        assert len(open_graph(project).queries) == 1


@pytest.mark.parametrize("part", [3, *longer(2, 5, 9)])
def test_a_damaged_index_is_not_updated_from(part: int, project: Project) -> None:
    """If the index of a build is damaged and its time is not, then a new build is made whole, asked for or not."""
    for again in (lambda: open_graph(project, reread=True).snapshot, lambda: build(project)):
        path = build(project, force=True).folder / FILE
        times = path.stat()
        path.chmod(0o644)
        with path.open("r+b") as file:
            for place in range(times.st_size // part, times.st_size - 100, 4096):
                file.seek(place)
                file.write(b"\xff\xfe\xfd\xfc\x00\x01" * 8)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        with (project.root / "corpus/entities/places.ttl").open("a", encoding="utf-8") as entities:
            entities.write("# changed\n")
        assert len(open_graph(project).queries) == 1 if again() else False
