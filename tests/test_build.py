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

from kg.checks import check
from kg.errors import InputError
from kg.graph.build import build
from kg.graph.seal import intact
from kg.graph.snapshot import current, is_current
from kg.graph.store import Graph, open_graph
from kg.project import Project

ROOT = Path(__file__).parent.parent
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
        code = f"from kg.project import Project; from kg.graph.build import build; from pathlib import Path; \
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
        assert (snapshot.folder / "index.sqlite").is_file()
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


def spoil(project: Project, file: str, old: str, new: str) -> None:
    path = project.root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_the_checks_find_stops_a_build(copy: Project) -> None:
    """If files name a term, an entity and a passage that there are not, then all are said and the store stays."""
    old = build(copy)
    file = "corpus/documents/sputnik-2017.trig"
    spoil(copy, file, "kg:observerOf", "kg:obsrverOf")
    spoil(copy, file, ":serbia ", ":srbia ")
    spoil(copy, "corpus/documents/ecfr-2022.trig", 'kg:passage "', 'kg:passage "999')
    for ask in (build, open_graph):
        with pytest.raises(InputError) as caught:
            ask(copy)
        assert {problem.code for problem in caught.value.problems} == {"KG401", "KG402", "KG510"}
        assert any("kg:observerOf" in problem.remedy for problem in caught.value.problems)
        assert current(copy) == old
        assert list((copy.state / "builds").iterdir()) == [old.folder]
        assert not list(copy.state.glob("build-*"))


def test_a_warning_stops_no_build(copy: Project) -> None:
    """If the checks find warnings alone, then the graph is built."""
    path = copy.root / "corpus" / "documents" / "nobody.passages"
    path.write_text("# kg-sentences-1  text-sha256 0\nplace\tsha256\toccurrence\tset aside\n", encoding="utf-8")
    assert {problem.severity for problem in check(copy)} == {"warning"}
    assert intact(build(copy).folder)


def test_a_project_without_a_document_is_none_to_build(copy: Project) -> None:
    """If the documents are gone, then that is an error of its own, and the store that was built answers."""
    old = build(copy)
    (copy.root / "corpus" / "documents").rename(copy.root / "documents")
    with pytest.raises(InputError) as caught:
        build(copy)
    assert "KG004" in [problem.code for problem in caught.value.problems]
    assert current(copy) == old


def test_a_forced_build_takes_nothing_away(copy: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a build is forced, then the one before is whole beside it, also when the last step fails."""
    old = build(copy)
    with monkeypatch.context() as patch:
        patch.setattr("kg.graph.snapshot.point_to", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            build(copy, force=True)
    assert current(copy) == old
    assert intact(old.folder)
    new = build(copy, force=True)
    assert current(copy) == new != old
    assert intact(old.folder)
    # What was forced is what an unforced build finds.
    assert build(copy) == new


def test_who_is_about_to_read_keeps_what_was_current(copy: Project) -> None:
    """If a build that is hours old is replaced, then it stays for a while, for whoever has just found it."""
    old = build(copy)
    os.utime(old.folder, (0, 0))
    build(copy, force=True)
    assert intact(old.folder)


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of this project that is whole again after each test."""
    root = tmp_path_factory.mktemp("mended")
    for folder in ("ontology", "corpus", "queries"):
        shutil.copytree(ROOT / folder, root / folder)
    return Project(root)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: cut(folder / "index.sqlite"),
        lambda folder: (folder / "index.sqlite").write_text("[]"),
        lambda folder: (folder / "index.sqlite").unlink(),
        lambda folder: cut(folder / "units" / "view.nq"),
        lambda folder: shutil.rmtree(folder / "store"),
        lambda folder: cut(max((folder / "store").glob("*.sst"), key=lambda path: path.stat().st_size)),
    ],
)
def test_a_damaged_build_is_made_anew(mended: Project, damage: Callable[[Path], object]) -> None:
    """If a file of the store is cut or gone, then whoever asks next has it built again."""
    old = build(mended)
    damage(old.folder)
    graph = open_graph(mended)
    assert graph.snapshot.folder != old.folder
    assert len(list(graph.query(OBSERVERS))) >= 2
    assert build(mended).folder == graph.snapshot.folder


@pytest.mark.parametrize("name", ["index.sqlite", "units/view.nq", "store/*.sst", "store/MANIFEST-*"])
def test_a_changed_byte_is_noticed(mended: Project, name: str) -> None:
    """One byte of a file that is as long as it was is enough: whoever asks next has the store built again."""
    old = build(mended)
    change(max(old.folder.glob(name), key=lambda path: path.stat().st_size))
    graph = open_graph(mended)
    assert graph.snapshot.folder != old.folder
    assert len(list(graph.query(OBSERVERS))) >= 2


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_damage_that_times_do_not_show_is_noticed_when_asked_for(mended: Project) -> None:
    """A file with its size and time is read only for `--verify` and `--reread`; then the store is built again."""
    for again in (lambda: build(mended, verify=True), lambda: open_graph(mended, reread=True).snapshot):
        old = build(mended)
        path = old.folder / "units" / "view.nq"
        times = path.stat()
        change(path)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert open_graph(mended).snapshot.folder == old.folder
        assert again().folder != old.folder


def test_a_copy_with_other_times_is_no_damage(mended: Project) -> None:
    """Where only the times differ, as a copy has them, the content decides."""
    old = build(mended)
    for path in old.folder.rglob("*"):
        os.utime(path, (1, 1))
    assert open_graph(mended).snapshot.folder == old.folder


def test_damage_that_is_met_is_said(mended: Project) -> None:
    """If a file of the store is changed after it was looked at, then the error says how to mend it."""
    graph = open_graph(mended)
    for path in (graph.snapshot.folder / "store").iterdir():
        path.write_bytes(b"?" * path.stat().st_size)
    with pytest.raises(InputError, match=r"KG006.*\n.*kg build --force"):
        _opened = graph.store
    assert len(list(Graph(mended, build(mended, force=True)).query(OBSERVERS))) >= 2


def test_named_graphs_enter_the_store_on_request(mended: Project) -> None:
    """If a build is asked for named graphs, then queries find them, until `kg build` is called without."""
    query = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert list(Graph(mended, build(mended)).query(query)) == []
    graph = Graph(mended, build(mended, named_graphs=True))
    assert graph.named_graphs
    assert len(list(graph.query(query))) > len(graph.index.documents)
