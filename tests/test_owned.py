"""Nothing is removed, replaced or written that is not the tool's own, whatever a state folder holds."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from command_line import run_kg

from kg.bundle import open_bundle
from kg.checks import check
from kg.errors import InputError
from kg.export import export
from kg.files import whole_file
from kg.graph.build import build
from kg.graph.snapshot import KIND, current
from kg.graph.store import open_graph
from kg.load.load import only_load
from kg.owned import MARK, has_mark, make_folder, mark_folder, only_files, remove_folder, replace_file, sweep
from kg.project import Project
from kg.scaffold.init import init
from kg.scaffold.new import new
from kg.web.pages.site import write_site

PACKAGE = Path(__file__).parent.parent / "kg"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project with two builds, the older one a day old and no longer current."""
    project = init(tmp_path_factory.mktemp("owned") / "paths")
    os.utime(build(project).folder, (0, 0))
    build(project, force=True)
    for folder in (project.state / "builds").iterdir():
        os.utime(folder, (0, 0))
    return project.root


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Project:
    shutil.copytree(built, tmp_path / "paths")
    return Project(tmp_path / "paths")


@pytest.fixture
def neighbour(tmp_path: Path) -> Path:
    """A folder of somebody's own, a day old, whose files must stay."""
    folder = tmp_path / "neighbour"
    (folder / "old").mkdir(parents=True)
    (folder / "old" / "letter.txt").write_text("mine")
    for path in (folder / "old", folder):
        os.utime(path, (0, 0))
    return folder


def unhurt(folder: Path) -> bool:
    return [path.name for path in folder.iterdir()] == ["old"] and (
        folder / "old" / "letter.txt"
    ).read_text() == "mine"


def command(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_kg("--project", project.root, *arguments)


def edit(project: Project) -> None:
    path = next(project.files("corpus/entities"))
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")


@pytest.mark.parametrize("place", [".kg", ".kg/builds", ".kg/checks", ".kg/views"])
@pytest.mark.parametrize("kept", [True, False])
def test_a_link_where_a_folder_is_due_is_refused(project: Project, neighbour: Path, place: str, kept: bool) -> None:
    """If the state folder or a folder in it is a link, then build, check and query end with KG007 and touch nothing.

    That holds too when what the link leads to was the state of this project.
    """
    link = project.root / place
    link.mkdir(exist_ok=True)
    if kept:
        shutil.move(link, neighbour.parent / "moved")
        target = neighbour.parent / "moved"
    else:
        shutil.rmtree(link)
        target = neighbour
    before = sorted(str(path) for path in target.rglob("*"))
    link.symlink_to(target)
    edit(project)
    for act in (build, check, open_graph):
        with pytest.raises(InputError) as caught:
            act(project)
        assert [problem.code for problem in caught.value.problems] == ["KG007"]
    assert sorted(str(path) for path in target.rglob("*")) == before
    assert unhurt(neighbour)


def test_the_command_line_says_so(project: Project, neighbour: Path) -> None:
    """If the folder of builds is a link, then the command ends with 1, the code and a remedy."""
    shutil.rmtree(project.state / "builds")
    (project.state / "builds").symlink_to(neighbour)
    for arguments in (["build", "--force"], ["queries"], ["check"]):
        done = command(project, *arguments)
        assert (done.returncode, "error KG007" in done.stderr, "KG_STATE_DIR" in done.stderr) == (1, True, True)
    assert unhurt(neighbour)


def test_what_is_ours_and_old_goes(project: Project) -> None:
    """If a build is marked, ours and older than an hour, then the next build removes it."""
    (now,) = [current(project)]
    old = [folder for folder in (project.state / "builds").iterdir() if now and folder != now.folder]
    edit(project)
    build(project)
    assert old
    assert not any(folder.exists() for folder in old)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda old, _near: (old / MARK).unlink(),  # a build of an earlier version
        lambda old, _near: (old / MARK).write_text("serbia-kg"),
        lambda old, near: ((old / MARK).rename(near / "mark"), (old / MARK).symlink_to(near / "mark")),
        lambda old, _near: ((old / MARK).unlink(), os.mkfifo(old / MARK)),
        lambda old, _near: ((old / MARK).unlink(), (old / MARK).mkdir()),
        lambda old, near: (shutil.move(old, near / "moved"), old.symlink_to(near / "moved")),
    ],
)
def test_what_lacks_the_mark_is_left_alone_with_a_note(
    project: Project, tmp_path: Path, spoil: Callable[[Path, Path], object]
) -> None:
    """If the mark of an old build is missing, another, a link or a pipe, or the build is a link, then it stays."""
    now = current(project)
    (old,) = [folder for folder in (project.state / "builds").iterdir() if now and folder != now.folder]
    near = tmp_path / "near"
    near.mkdir()
    spoil(old, near)
    os.utime(old, (0, 0), follow_symlinks=False)
    count = len(list(old.rglob("*")))
    edit(project)
    done = command(project, "build")
    assert done.returncode == 0, done.stderr
    assert f"note: {old} is left alone" in done.stderr
    assert len(list(old.rglob("*"))) == count > 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
@pytest.mark.parametrize("whose", ["folder", "mark"])
def test_what_belongs_to_another_user_stays(project: Project, whose: str) -> None:
    """If an old build or its mark is another user's, then it stays, also when root builds."""
    now = current(project)
    (old,) = [folder for folder in (project.state / "builds").iterdir() if now and folder != now.folder]
    os.chown(old if whose == "folder" else old / MARK, 1234, 1234)
    edit(project)
    build(project)
    assert (old / "index.sqlite").exists()


def test_a_link_inside_a_build_is_not_followed(project: Project, neighbour: Path) -> None:
    """If a marked old build holds links and second names of others' files, then only the links and names go."""
    now = current(project)
    (old,) = [folder for folder in (project.state / "builds").iterdir() if now and folder != now.folder]
    (old / "out").symlink_to(neighbour)
    (old / "units" / "out").symlink_to(neighbour / "old" / "letter.txt")
    os.link(neighbour / "old" / "letter.txt", old / "store" / "letter.sst")
    os.mkfifo(old / "pipe")
    os.utime(old, (0, 0))
    edit(project)
    build(project)
    assert not old.exists()
    assert unhurt(neighbour)


@pytest.mark.parametrize("name", ["store/LOG", "store/CURRENT", "index.sqlite", "units/facts.nq"])
def test_a_link_in_the_current_build_is_not_opened(project: Project, neighbour: Path, name: str) -> None:
    """If a file of the current build is a link, then it is a damaged build: it is neither read nor written to."""
    now = current(project)
    assert now is not None
    path = now.folder / name
    target = neighbour / "old" / "letter.txt"
    path.unlink()
    path.symlink_to(target)
    assert open_graph(project).snapshot.folder != now.folder
    assert unhurt(neighbour)


PLACES = ["current", "builds/x", "checks/x.json", "listing.json", "index", "store", "checks", "builds", ""]


@pytest.mark.parametrize(("make", "name"), [*(("pipe", name) for name in PLACES), ("socket", "current")])
def test_a_pipe_or_a_socket_in_the_state_folder_hangs_nothing(project: Project, make: str, name: str) -> None:
    """If a pipe or a socket stands anywhere in the state folder, then what reads and writes it ends in a result."""
    now = current(project)
    assert now is not None
    path = {"index": now.folder / "index.sqlite", "store": now.folder / "store" / "CURRENT"}.get(
        name, project.state / name
    )
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    if make == "pipe":
        os.mkfifo(path)
    else:
        with socket.socket(socket.AF_UNIX) as listening, pytest.MonkeyPatch.context() as patch:
            patch.chdir(path.parent)  # the path of a socket is short
            listening.bind(path.name)
    edit(project)
    done = command(project, "queries")  # which checks and builds, since a file has changed
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    assert "KG999" not in done.stderr


def test_a_file_that_is_not_ours_is_not_the_pointer(project: Project) -> None:
    """If ``current`` in the folder that KG_STATE_DIR names is somebody's own file, then it is not replaced."""
    (project.state / "current").write_text("notes of a day\n")
    with pytest.raises(InputError, match="KG007"):
        build(project)
    assert (project.state / "current").read_text() == "notes of a day\n"


def test_a_temporary_name_is_not_followed(project: Project, neighbour: Path) -> None:
    """If links stand under names that could be guessed, then what they lead to is not written to."""
    target = neighbour / "old" / "letter.txt"
    for number in range(os.getpid(), os.getpid() + 20):
        (project.state / f"current.{number}").symlink_to(target)
        (project.state / "checks" / f"x.{number}").symlink_to(target)
    edit(project)
    build(project)
    assert unhurt(neighbour)


@pytest.mark.parametrize("kind", ["link", "second name", "pipe"])
def test_the_file_of_a_lock_is_a_plain_one(tmp_path: Path, neighbour: Path, kind: str) -> None:
    """If the file that a load locks is a link, another name of a file, or a pipe, then it is refused as KG005."""
    import hashlib
    from types import SimpleNamespace

    endpoint = SimpleNamespace(address="http://127.0.0.1:1/", where="there", another=lambda: None)
    path = tmp_path / f"loading-{hashlib.sha256(endpoint.address.encode()).hexdigest()[:16]}"
    target = neighbour / "old" / "letter.txt"
    {"link": path.symlink_to, "second name": path.hardlink_to, "pipe": lambda _: os.mkfifo(path)}[kind](target)
    with pytest.raises(InputError, match="KG005"), only_load(tmp_path, endpoint):  # type: ignore[arg-type]
        pass
    assert unhurt(neighbour)


def test_verdicts_go_only_from_a_marked_folder(project: Project) -> None:
    """If the folder of verdicts is one of an earlier version, then nothing in it changes, and a warning says so."""
    folder = project.state / "checks"
    (folder / MARK).unlink()
    (folder / "mine.json").write_text("{}")
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    edit(project)
    assert [p.severity for p in check(project) if p.code == "KG008"] == ["warning"]
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_site_replaces_a_site_only(project: Project, neighbour: Path, tmp_path: Path) -> None:
    """If a site is to stand where a link, a file, another's folder or a build is, then all stays."""
    graph = open_graph(project)
    site = tmp_path / "site"
    write_site(graph, site)
    write_site(graph, site)
    link = tmp_path / "link"
    link.symlink_to(site)
    build_folder = shutil.copytree(graph.snapshot.folder, tmp_path / "build")
    (tmp_path / "file").write_text("mine")
    for folder in (link, neighbour, build_folder, tmp_path / "file"):
        before = sorted(str(path) for path in folder.rglob("*"))
        with pytest.raises(InputError, match="KG806"):
            write_site(graph, folder)
        assert sorted(str(path) for path in folder.rglob("*")) == before
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "build", "file", "link", "neighbour", "paths", "site",
    ]  # fmt: skip


def test_a_bundle_is_opened_from_a_marked_folder_only(project: Project, neighbour: Path, tmp_path: Path) -> None:
    """If a link or an unmarked folder stands where a bundle is unpacked, then it is refused, and nothing is used."""
    bundle = tmp_path / "x.kgz"
    export(open_graph(project), bundle)
    cache = tmp_path / "cache"
    unpacked = open_bundle(bundle, cache)
    assert open_bundle(bundle, cache) == unpacked
    for path in (unpacked, *unpacked.rglob("*")):
        path.chmod(0o700)
    (unpacked / MARK).unlink()
    with pytest.raises(InputError, match="KG007"):
        open_bundle(bundle, cache)
    shutil.rmtree(unpacked)
    unpacked.symlink_to(neighbour)
    with pytest.raises(InputError, match="KG007"):
        open_bundle(bundle, cache)
    assert unhurt(neighbour)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_a_file_of_another_user_is_not_replaced(tmp_path: Path) -> None:
    """If an export, a picture or an answer is to take the place of another user's file, then that file stays."""
    path = tmp_path / "graph.nq"
    path.write_text("theirs")
    os.chown(path, 1234, 1234)
    with pytest.raises(InputError, match="another user"), whole_file(path) as file:
        file.write(b"ours")
    assert path.read_text() == "theirs"
    assert [each.name for each in tmp_path.iterdir()] == ["graph.nq"]


def test_a_new_file_of_a_project_stays_in_it(project: Project, neighbour: Path) -> None:
    """If a folder or a file of a project is a link that leads out of it, then nothing is written there."""
    (project.root / "corpus" / "away").symlink_to(neighbour)
    documents = project.root / "corpus" / "documents"
    documents.rename(project.root / "documents")
    documents.symlink_to(neighbour)
    with pytest.raises(InputError, match="KG007"):
        new(project, "document", "letter")
    assert unhurt(neighbour)


def test_a_swap_under_way_is_not_followed(tmp_path: Path, neighbour: Path) -> None:
    """If a folder is exchanged for a link again and again while it is removed, then no other folder loses files."""
    place, stop = tmp_path / "place", threading.Event()

    def exchange() -> None:
        while not stop.is_set():
            try:
                place.rename(tmp_path / "aside")
                place.symlink_to(neighbour)
                place.unlink()
                (tmp_path / "aside").rename(place)
            except OSError:
                continue

    thread = threading.Thread(target=exchange)
    thread.start()
    try:
        for _ in range(200):
            made = make_folder(tmp_path, "made-", KIND)
            (made / "old").mkdir()
            (made / "old" / "letter.txt").write_text("ours")
            with suppress(OSError):  # a link or a folder stands there
                made.rename(place)
            remove_folder(place, KIND)
    finally:
        stop.set()
        thread.join()
    assert unhurt(neighbour)


def test_a_mark_is_of_one_kind(tmp_path: Path) -> None:
    """If a folder has the mark of another kind, then it is not removed, replaced or written to."""
    folder = make_folder(tmp_path, "x", "site")
    assert has_mark(folder, "site")
    assert not remove_folder(folder, KIND)
    assert sweep(tmp_path, "x*", KIND) == [folder]
    with pytest.raises(OSError, match="mark"):
        replace_file(folder, "a.json", b"{}", KIND)
    assert not mark_folder(folder, KIND)
    assert sweep(tmp_path, "x*", "site") == []
    assert not folder.exists()


def test_only_files_and_folders_are_plain(tmp_path: Path) -> None:
    """If a folder holds a link or a pipe at any depth, or is a link, then it is not plain."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_text("x")
    assert only_files(tmp_path / "a")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert not only_files(tmp_path / "link")
    os.mkfifo(tmp_path / "a" / "b" / "pipe")
    assert not only_files(tmp_path / "a")
