"""A build: the same bytes from the same files, replaced in one step, made anew when an input has changed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg.build.build import build
from kg.build.snapshot import current, is_current
from kg.errors import InputError
from kg.project import Project
from kg.store import open_graph

OBSERVERS = "SELECT ?a { ?a <https://w3id.org/serbia-kg/ontology#observerOf> ?b } ORDER BY ?a"


def lines(project: Project) -> dict[str, bytes]:
    snapshot = current(project)
    assert snapshot
    return {path.name: path.read_bytes() for path in sorted((snapshot.folder / "units").iterdir())}


def test_same_input_gives_the_same_bytes(copy: Project, tmp_path: Path) -> None:
    """If the same files are built twice, in two places, then every unit has the same N-Quads."""
    build(copy)
    first = lines(copy)
    build(copy, force=True)
    assert lines(copy) == first
    moved = Project(copy.root.rename(tmp_path / "moved-away"))
    build(moved, force=True)
    assert lines(moved) == first
    assert all(b"moved-away" not in content for content in first.values())


def test_hash_randomisation_does_not_show(copy: Project) -> None:
    """If two processes hash strings differently, then they build the same bytes."""
    versions = set()
    for seed in ("1", "2"):
        code = f"from kg.project import Project; from kg.build.build import build; from pathlib import Path; \
print(build(Project(Path({str(copy.root)!r})), force=True).meta['version'])"
        env = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True)
        versions.add(done.stdout)
    assert len(versions) == 1


def test_a_change_of_input_is_seen_and_a_touch_is_not_one(copy: Project) -> None:
    """If a file changes, then the store is made anew; if only its time does, then not."""
    first = open_graph(copy).snapshot
    path = copy.root / "corpus" / "entities" / "countries.ttl"
    os.utime(path)
    assert is_current(copy, first)
    assert open_graph(copy).snapshot.folder == first.folder
    path.write_text(path.read_text(encoding="utf-8").replace('"Serbia"@en', '"Serbia!"@en'), encoding="utf-8")
    assert not is_current(copy, first)
    assert open_graph(copy).snapshot.folder != first.folder


def test_a_build_that_fails_leaves_the_old_store_answering(copy: Project) -> None:
    """If a file is broken, then the build says where, and what was built before still answers."""
    old = build(copy)
    path = copy.root / "corpus" / "documents" / "sputnik-2017.trig"
    path.write_text(path.read_text(encoding="utf-8") + "\n: : .\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        build(copy)
    assert caught.value.problems[0].code == "KG101"
    assert caught.value.problems[0].place.file == "corpus/documents/sputnik-2017.trig"
    snapshot = current(copy)
    assert snapshot is not None
    assert snapshot.folder == old.folder
    assert not list(copy.state.glob("build-*"))


def test_all_problems_of_all_files_come_together(copy: Project) -> None:
    """If several files are faulty, then one error has the problems of all, each with its place."""
    documents = copy.root / "corpus" / "documents"
    for name in ("sputnik-2017", "ecfr-2022"):
        path = documents / f"{name}.trig"
        text = path.read_text(encoding="utf-8").replace("kg:modality kg:Fact", "kg:modality kg:Fakt", 2)
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        build(copy)
    assert {problem.place.file for problem in caught.value.problems} == {
        "corpus/documents/sputnik-2017.trig",
        "corpus/documents/ecfr-2022.trig",
    }
    assert len(caught.value.problems) >= 4


def test_a_killed_build_leaves_the_old_store_answering(copy: Project) -> None:
    """If a build is killed at any point, then the old store answers and the next build completes."""
    old = build(copy)
    path = copy.root / "corpus" / "entities" / "countries.ttl"
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    command = [sys.executable, "-m", "kg", "--project", str(copy.root), "build"]
    for delay in (0.15, 0.3, 0.5):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        snapshot = current(copy)
        assert snapshot is not None
        assert (snapshot.folder / "meta.json").is_file()
        if snapshot.folder == old.folder:
            assert snapshot.meta["version"] == old.meta["version"]
    assert len(list(open_graph(copy).query(OBSERVERS))) >= 2


def test_two_builds_at_once_are_safe(copy: Project) -> None:
    """If two processes build at the same time, then both end well and one store is current."""
    command = [sys.executable, "-m", "kg", "--project", str(copy.root), "build", "--force"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    for process in processes:
        _out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err.decode()
    assert len(list(open_graph(copy).query(OBSERVERS))) >= 2
    assert not list(copy.state.glob("build-*"))


def test_the_reference_reasoner_infers_the_same(copy: Project) -> None:
    """If owlrl builds the graph, then its facts are those of the native reasoner."""
    build(copy)
    native = lines(copy)["facts.nq"]
    build(copy, reasoner="owlrl")
    assert lines(copy)["facts.nq"] == native


def test_a_folder_in_no_project_is_refused(tmp_path: Path) -> None:
    """If a folder is named that is in no project, then that is said, with what to do."""
    with pytest.raises(InputError) as caught:
        Project.find(tmp_path)
    assert caught.value.problems[0].code == "KG001"
