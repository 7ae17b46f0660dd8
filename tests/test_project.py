"""Which files make a project, and what is said when the system does not let them be read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.bundle import open_bundle
from kg.errors import InputError, UsageError
from kg.export import export
from kg.graph.store import open_graph
from kg.project import Project

Kg = Callable[..., subprocess.CompletedProcess[str]]
QUERY = ("query", "members", "-f", "csv")


def kg_in(process: Kg, project: Project, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return process("--project", str(project.root), *arguments, **options)


def test_linked_folders_are_part_of_it(own: Project, tmp_path: Path) -> None:
    """If a folder of the project is a link, then its files are the project's, for both ways of looking."""
    before = own.digest()
    (own.root / "corpus" / "entities").rename(tmp_path / "endpoint_options")
    (own.root / "corpus" / "entities").symlink_to(tmp_path / "endpoint_options")
    (own.root / "corpus" / "circle").symlink_to(own.root / "corpus")
    assert own.digest() == before
    assert sorted(own.listing()) == sorted(map(own.relative, own.files()))


def test_all_that_cannot_be_read_is_said_together(own: Project) -> None:
    """If a folder has a file's name and a link leads nowhere, then both are named, each with what to do."""
    (own.root / "queries" / "folder.rq").mkdir()
    (own.root / "queries" / "gone.rq").symlink_to("nowhere.rq")
    for read in (own.digest, lambda: open_graph(own)):
        with pytest.raises(InputError) as caught:
            read()
        problems = caught.value.problems
        assert [(p.code, p.place.file) for p in problems] == [
            ("KG100", "queries/folder.rq"),
            ("KG100", "queries/gone.rq"),
        ]
        assert all(p.remedy for p in problems)


@pytest.mark.parametrize(
    "names",
    [
        ["corpus/documents"],
        ["ontology"],
        [
            "corpus/documents/first-2017.passages",
            "corpus/entities/things.ttl",
            "ontology/Agent.ttl",
            "ontology/_ontology.ttl",
            "ontology/rules",
            "ontology/shapes/agreement.ttl",
            "queries/members.rq",
        ],
    ],
)
def test_unreadable_files_and_folders(own: Project, unprivileged: Kg, names: list[str]) -> None:
    """If files and folders of a project may not be read, then build and check name them all, and end with 1."""
    paths = [own.root / name for name in names]
    for path in paths:
        path.chmod(0)
    try:
        for command in ("build", "check"):
            done = kg_in(unprivileged, own, command)
            assert done.returncode == 1, done.stderr
            named = [line.partition(":")[0] for line in done.stderr.splitlines()[::2]]
            assert sorted(name.removeprefix(f"{own.root}/") for name in named) == sorted(names)
            assert done.stderr.count(": error KG100: cannot be read: Permission denied") == len(names)
    finally:
        for path in paths:
            path.chmod(0o755)


def test_what_cannot_be_read_is_json_where_that_is_asked_for(own: Project, kg_process: Kg) -> None:
    """If a file cannot be read, then `kg check --json` says so in JSON, in the form that any problem has there."""
    (own.root / "queries" / "gone.rq").symlink_to("nowhere.rq")
    (own.root / "queries" / "folder.rq").mkdir()
    done = kg_in(kg_process, own, "check", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    told = json.loads(done.stdout)
    assert told["documents"] is None
    assert [(p["code"], p["severity"], p["file"], p["line"]) for p in told["problems"]] == [
        ("KG100", "error", "queries/folder.rq", None),
        ("KG100", "error", "queries/gone.rq", None),
    ]
    assert all(p["message"] and p["remedy"] for p in told["problems"])


def test_unreadable_texts(own: Project, unprivileged: Kg, tmp_path: Path) -> None:
    """If a text or the folder of texts may not be read, then that is said, and no other text is taken for it."""
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "one.txt").touch(0)
    for command in ("check", "anchor"):
        done = kg_in(unprivileged, own, command, "--texts", str(texts))
        assert (done.returncode, "one.txt: error KG100:" in done.stderr) == (1, True), done.stderr
    texts.chmod(0)
    done = kg_in(unprivileged, own, "check", "--texts", str(texts))
    texts.chmod(0o755)
    assert (done.returncode, "is not readable" in done.stderr) == (2, True), done.stderr


def test_a_checkout_that_may_not_be_written_to(own: Project, unprivileged: Kg) -> None:
    """If there is no room for a store, then it is built for one call, which is said; a current store answers."""
    shutil.rmtree(own.state)
    own.root.chmod(0o555)
    done = kg_in(unprivileged, own, *QUERY)
    assert (done.returncode, "for this call alone" in done.stderr) == (0, True), done.stderr
    done = kg_in(unprivileged, own, "build")
    assert (done.returncode, "error KG005:" in done.stderr) == (1, True), done.stderr
    for folder, arguments in (("queries", ("new", "query", "mine")), ("ontology/released", ("release",))):
        (own.root / folder).mkdir(exist_ok=True)
        (own.root / folder).chmod(0o555)
        done = kg_in(unprivileged, own, *arguments)
        assert (done.returncode, "error KG663:" in done.stderr) == (1, True), done.stderr
    own.root.chmod(0o755)
    open_graph(own)
    for folder in (own.root, own.state, own.state / "builds"):
        folder.chmod(0o555)
    for arguments in (QUERY, ("build",)):
        done = kg_in(unprivileged, own, *arguments)
        assert done.returncode == 0, done.stderr


def test_a_state_folder_that_is_a_file(own: Project, kg_process: Kg) -> None:
    """If .kg is a file, then that is said, with what to do."""
    shutil.rmtree(own.state)
    own.state.touch()
    done = kg_in(kg_process, own, "build")
    assert (done.returncode, "error KG005:" in done.stderr, "KG_STATE_DIR" in done.stderr) == (1, True, True)


def test_the_packaged_graph_answers_without_a_cache(
    own: Project, kg_process: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the user's cache cannot be written to, then a bundle answers all the same, and says once what that costs."""
    monkeypatch.delenv("KG_STATE_DIR", raising=False)
    bundle = export(open_graph(own), tmp_path / "graph.kgz").path
    (tmp_path / "file").touch()
    done = kg_process("--project", str(bundle), *QUERY, "-q", env={"XDG_CACHE_HOME": str(tmp_path / "file")})
    assert done.returncode == 0, done.stderr
    assert "id/croatia" in done.stdout
    assert re_lines(done.stderr, "cannot be written to") == 1
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    project = Project(open_bundle(bundle, tmp_path / "cache"), packaged=True)
    graph = open_graph(project)
    assert graph.project.kept_in
    assert graph.project.kept_in in graph.snapshot.folder.parents
    assert open_graph(graph.project).snapshot.folder == graph.snapshot.folder


def re_lines(text: str, words: str) -> int:
    return sum(words in line for line in text.splitlines())


def test_the_packaged_graph_is_nobodys_to_change(own: Project) -> None:
    """If the project is the packaged graph, then what would write into it is refused."""
    with pytest.raises(UsageError, match="KG808"):
        Project(own.root, packaged=True).check_writable()
    own.check_writable()


def test_an_edit_that_keeps_size_and_time(tmp_path: Path) -> None:
    """If an edit keeps a file's size and time, then a query notices it when asked to, and a build always does."""
    from kg.graph.build import build
    from kg.scaffold.init import init

    project = init(tmp_path / "paths")
    path = project.root / "corpus" / "entities" / "places.ttl"
    names = iter([(b"the mill", b"THE MILL"), (b"THE MILL", b"The Mill")])
    for act in (
        lambda: open_graph(Project(project.root), reread=True).snapshot,
        lambda: build(Project(project.root)),
    ):
        before, status = open_graph(project).snapshot.folder, path.stat()
        path.write_bytes(path.read_bytes().replace(*next(names)))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert open_graph(Project(project.root)).snapshot.folder == before
        assert act().folder != before


def test_shapes_that_cannot_be_run(tmp_path: Path) -> None:
    """If a shape has no path, two, or what a constraint cannot have, then its file is named with KG450."""
    from kg.checks import check
    from kg.scaffold.init import init

    project = init(tmp_path / "paths")
    folder = project.root / "ontology" / "shapes"
    folder.mkdir(exist_ok=True)
    head = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix kg: <https://w3id.org/serbia-kg/ontology#> .\n"
    for faulty in ("", "sh:path <x:a> , <x:b> ;", "sh:path ( <x:a> ) ;", 'sh:path <x:a> ; sh:pattern "(" ;'):
        (folder / "x.ttl").write_text(
            f"{head}<x:S> a sh:PropertyShape ; sh:targetClass kg:Claim ; {faulty} sh:minCount 1 ."
        )
        errors = [problem for problem in check(project, keep=False) if problem.severity == "error"]
        assert [(p.code, p.place and p.place.file) for p in errors] == [("KG450", "ontology/shapes/x.ttl")], faulty
