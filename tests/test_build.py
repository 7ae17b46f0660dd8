"""A build: the same bytes from the same files, replaced in one step, made anew when an input has changed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from examples import longer

from kg.checks import check
from kg.errors import InputError
from kg.graph.build import build
from kg.graph.snapshot import current, intact, is_current
from kg.graph.store import Graph, open_graph
from kg.project import Project

ROOT = Path(__file__).parent.parent
MEMBERS = "SELECT ?a { ?a <https://w3id.org/serbia-kg/ontology#joined> ?b } ORDER BY ?a"


def lines(project: Project) -> dict[str, bytes]:
    snapshot = current(project)
    assert snapshot
    return {path.name: path.read_bytes() for path in sorted((snapshot.folder / "units").iterdir())}


def test_same_input_gives_the_same_bytes(own: Project, tmp_path: Path) -> None:
    """If the same files are built twice, in two places, then every unit has the same N-Quads."""
    build(own)
    first = lines(own)
    build(own, force=True)
    assert lines(own) == first
    moved = Project(own.root.rename(tmp_path / "moved-away"))
    build(moved, force=True)
    assert lines(moved) == first
    assert all(b"moved-away" not in content for content in first.values())


def test_hash_randomisation_does_not_show(own: Project) -> None:
    """If two processes hash strings differently, then they build the same bytes."""
    versions = set()
    for seed in ("1", "2"):
        code = f"from kg.project import Project; from kg.graph.build import build; from pathlib import Path; \
print(build(Project(Path({str(own.root)!r})), force=True).meta['version'])"
        env = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True)
        versions.add(done.stdout)
    assert len(versions) == 1


def test_a_change_of_input_is_seen_and_a_touch_is_not_one(own: Project) -> None:
    """If a file changes, then the store is made anew; if only its time does, then not."""
    first = open_graph(own).snapshot
    path = own.root / "corpus" / "entities" / "things.ttl"
    os.utime(path)
    assert is_current(own, first)
    assert open_graph(own).snapshot.folder == first.folder
    path.write_text(path.read_text(encoding="utf-8").replace('"Serbia"@en', '"Serbia!"@en'), encoding="utf-8")
    assert not is_current(own, first)
    assert open_graph(own).snapshot.folder != first.folder


def test_a_build_that_fails_leaves_the_old_store_answering(own: Project) -> None:
    """If a file is broken, then the build says where, and what was built before still answers."""
    old = build(own)
    path = own.root / "corpus" / "documents" / "first-2017.trig"
    path.write_text(path.read_text(encoding="utf-8") + "\n: : .\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        build(own)
    assert caught.value.problems[0].code == "KG101"
    assert caught.value.problems[0].place.file == "corpus/documents/first-2017.trig"
    snapshot = current(own)
    assert snapshot is not None
    assert snapshot.folder == old.folder
    assert not list(own.state.glob("build-*"))


def test_all_problems_of_all_files_come_together(own: Project) -> None:
    """If several files are faulty, then one error has the problems of all, each with its place."""
    documents = own.root / "corpus" / "documents"
    for name in ("first-2017", "second-2018"):
        path = documents / f"{name}.trig"
        text = path.read_text(encoding="utf-8").replace("kg:modality kg:Fact", "kg:modality kg:Fakt", 2)
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        build(own)
    assert {problem.place.file for problem in caught.value.problems} == {
        "corpus/documents/first-2017.trig",
        "corpus/documents/second-2018.trig",
    }
    assert len(caught.value.problems) >= 4


def test_a_killed_build_leaves_the_old_store_answering(own: Project) -> None:
    """If a build is killed at any point, then the old store answers and the next build completes."""
    old = build(own)
    path = own.root / "corpus" / "entities" / "things.ttl"
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    command = [sys.executable, "-m", "kg", "--project", str(own.root), "build"]
    for delay in (0.15, 0.3, 0.5):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        snapshot = current(own)
        assert snapshot is not None
        assert (snapshot.folder / "index.sqlite").is_file()
        if snapshot.folder == old.folder:
            assert snapshot.meta["version"] == old.meta["version"]
    assert len(list(open_graph(own).query(MEMBERS))) >= 2


def test_two_builds_at_once_are_safe(own: Project) -> None:
    """If two processes build at the same time, then both end well and one store is current."""
    command = [sys.executable, "-m", "kg", "--project", str(own.root), "build", "--force"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    for process in processes:
        _out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err.decode()
    assert len(list(open_graph(own).query(MEMBERS))) >= 2
    assert not list(own.state.glob("build-*"))


@pytest.mark.parametrize("name", ["own", pytest.param("copy", marks=pytest.mark.slow)])
def test_the_reference_reasoner_infers_the_same(name: str, request: pytest.FixtureRequest) -> None:
    """If owlrl builds a graph, the small one or this repository's, then its facts are the native reasoner's."""
    project = request.getfixturevalue(name)
    build(project)
    native = lines(project)["facts.nq"]
    build(project, reasoner="owlrl")
    assert lines(project)["facts.nq"] == native


def test_a_folder_in_no_project_is_refused(tmp_path: Path) -> None:
    """If a folder is named that is in no project, then that is said, with what to do."""
    with pytest.raises(InputError) as caught:
        Project.find(tmp_path)
    assert caught.value.problems[0].code == "KG001"


def spoil(project: Project, file: str, old: str, new: str) -> None:
    path = project.root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_the_checks_find_stops_a_build(own: Project) -> None:
    """If files name a term, an entity and a passage that there are not, then all are said and the store stays."""
    old = build(own)
    file = "corpus/documents/first-2017.trig"
    spoil(own, file, "kg:observerOf", "kg:obsrverOf")
    spoil(own, file, ":serbia ", ":srbia ")
    spoil(own, "corpus/documents/second-2018.trig", 'kg:passage "', 'kg:passage "999')
    for ask in (build, open_graph):
        with pytest.raises(InputError) as caught:
            ask(own)
        assert {problem.code for problem in caught.value.problems} == {"KG401", "KG402", "KG510"}
        assert any("kg:observerOf" in problem.remedy for problem in caught.value.problems)
        assert current(own) == old
        assert list((own.state / "builds").iterdir()) == [old.folder]
        assert not list(own.state.glob("build-*"))


def test_a_warning_stops_no_build(own: Project) -> None:
    """If the checks find warnings alone, then the graph is built."""
    path = own.root / "corpus" / "documents" / "nobody.passages"
    path.write_text("# kg-sentences-1  text-sha256 0\nplace\tsha256\toccurrence\tset aside\n", encoding="utf-8")
    assert {problem.severity for problem in check(own)} == {"warning"}
    assert intact(build(own).folder)


def test_a_project_without_a_document_is_none_to_build(own: Project) -> None:
    """If the documents are gone, then that is an error of its own, and the store that was built answers."""
    old = build(own)
    (own.root / "corpus" / "documents").rename(own.root / "documents")
    with pytest.raises(InputError) as caught:
        build(own)
    assert "KG004" in [problem.code for problem in caught.value.problems]
    assert current(own) == old


def test_a_forced_build_takes_nothing_away(own: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a build is forced, then the one before is whole beside it, also when the last step fails."""
    old = build(own)
    with monkeypatch.context() as patch:
        patch.setattr("kg.graph.snapshot.point_to", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            build(own, force=True)
    assert current(own) == old
    assert intact(old.folder)
    new = build(own, force=True)
    assert current(own) == new != old
    assert intact(old.folder)
    # What was forced is what an unforced build finds.
    assert build(own) == new


def test_who_is_about_to_read_keeps_what_was_current(own: Project) -> None:
    """If a build that is hours old is replaced, then it stays for a while, for whoever has just found it."""
    old = build(own)
    os.utime(old.folder, (0, 0))
    build(own, force=True)
    assert intact(old.folder)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: cut(folder / "index.sqlite"),
        lambda folder: shutil.rmtree(folder / "store"),
        *longer(
            lambda folder: (folder / "index.sqlite").write_text("[]"),
            lambda folder: (folder / "index.sqlite").unlink(),
            lambda folder: cut(folder / "units" / "facts.nq"),
            lambda folder: cut(max((folder / "store").glob("*.sst"), key=lambda path: path.stat().st_size)),
        ),
    ],
)
def test_a_damaged_build_is_made_anew(own: Project, damage: Callable[[Path], object]) -> None:
    """If a file of the store is cut or gone, then whoever asks next has it built again."""
    old = build(own)
    damage(old.folder)
    graph = open_graph(own)
    assert graph.snapshot.folder != old.folder
    assert len(list(graph.query(MEMBERS))) >= 2
    assert build(own).folder == graph.snapshot.folder


@pytest.mark.parametrize("name", ["index.sqlite", "store/*.sst", *longer("units/facts.nq", "store/MANIFEST-*")])
def test_a_changed_byte_is_noticed(own: Project, name: str) -> None:
    """One byte of a file that is as long as it was is enough: whoever asks next has the store built again."""
    old = build(own)
    change(max(old.folder.glob(name), key=lambda path: path.stat().st_size))
    graph = open_graph(own)
    assert graph.snapshot.folder != old.folder
    assert len(list(graph.query(MEMBERS))) >= 2


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_damage_that_times_do_not_show_is_noticed_when_asked_for(own: Project) -> None:
    """A file with its size and time is read only for `--verify` and `--reread`; then the store is built again."""
    for again in (lambda: build(own, verify=True), lambda: open_graph(own, reread=True).snapshot):
        old = build(own)
        path = old.folder / "units" / "facts.nq"
        times = path.stat()
        change(path)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert open_graph(own).snapshot.folder == old.folder
        assert again().folder != old.folder


def test_a_copy_with_other_times_is_no_damage(own: Project) -> None:
    """Where only the times differ, as a copy has them, the content decides."""
    old = build(own)
    for path in old.folder.rglob("*"):
        os.utime(path, (1, 1))
    assert open_graph(own).snapshot.folder == old.folder


def test_damage_that_is_met_is_said(own: Project) -> None:
    """If a file of the store is changed after it was looked at, then the error says how to mend it."""
    graph = open_graph(own)
    for path in (graph.snapshot.folder / "store").iterdir():
        path.write_bytes(b"?" * path.stat().st_size)
    with pytest.raises(InputError, match=r"KG006.*\n.*kg build --force"):
        _opened = graph.store
    assert len(list(Graph(own, build(own, force=True)).query(MEMBERS))) >= 2


def test_named_graphs_enter_the_store_on_request(own: Project) -> None:
    """If a build is asked for named graphs, then queries find them, until `kg build` is called without."""
    query = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert list(Graph(own, build(own)).query(query)) == []
    graph = Graph(own, build(own, named_graphs=True))
    assert graph.named_graphs
    assert len(list(graph.query(query))) > len(graph.index.documents)
