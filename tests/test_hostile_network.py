"""Nothing is fetched because a document says so: every command on a hostile project and a hostile bundle."""

from __future__ import annotations

import hashlib
import json
import shlex
import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from listener import Listener
from query_project import make_small

from kg.bundle import FORMAT
from kg.cli import Commands, kg
from kg.corpus.query_files import read_saved_queries
from kg.errors import KgError, UsageError
from kg.graph.store import Graph
from kg.project import Project
from kg.queries import run
from kg.queries.parameters import allowed, asked_text, resolve
from kg.sparql.syntax_errors import syntax_error

HOSTILE = Path(__file__).parent / "hostile" / "network"
COMMANDS = [line for line in (HOSTILE / "commands.txt").read_text().splitlines() if not line.startswith("#")]
#: A bundle becomes a project before a command reads it: some commands show that among the quick tests.
OF_A_BUNDLE = (
    "build --force",
    "check",
    "diff",
    "export OUT/graph.kgz",
    "queries",
    "query service",
    "site OUT/reference",
)
CASES = [(command, "project") for command in COMMANDS] + [
    pytest.param(command, "bundle", marks=[] if command in OF_A_BUNDLE else pytest.mark.slow) for command in COMMANDS
]
QUERIES = sorted(path.name for path in (HOSTILE / "project" / "queries").iterdir())


@pytest.fixture(scope="module")
def listener() -> Listener:
    listener = Listener()
    listener.start()
    return listener


@pytest.fixture(scope="module")
def project(listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project with the hostile files in it, which name the listener's port."""
    root = tmp_path_factory.mktemp("hostile") / "project"
    make_small(root)
    copy_hostile(HOSTILE / "project", root, listener.port)
    copy_hostile(HOSTILE / "files", root.parent / "files", listener.port)
    copy_hostile(HOSTILE / "asked", root.parent / "asked", listener.port)
    return root


@pytest.fixture(scope="module")
def bundle(project: Path) -> Path:
    """The same project as a bundle whose manifest is right."""
    files = [path for path in project.rglob("*") if path.is_file() and ".kg" not in path.parts]
    entries = {path.relative_to(project).as_posix(): path.read_bytes() for path in files} | {"graph.nq": b""}
    manifest = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in entries.items()
    }
    with zipfile.ZipFile(project.parent / "hostile.kgz", "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps({"format": FORMAT, "files": manifest}))
    return project.parent / "hostile.kgz"


def copy_hostile(source: Path, target: Path, port: int) -> None:
    """Copy a folder of hostile files, with the port of the listener put in."""
    for path in source.rglob("*"):
        if path.is_file():
            made = target / path.relative_to(source)
            made.parent.mkdir(parents=True, exist_ok=True)
            made.write_text(path.read_text(encoding="utf-8").replace("PORT", str(port)), encoding="utf-8")


def test_every_command_is_tried() -> None:
    """The list names every command, but for those that serve: test_web_sparql.py and test_web_mcp.py ask these."""
    commands = Commands("kg")
    assert {command.split()[0] for command in COMMANDS} | {"serve", "mcp"} == set(commands.list_commands(None))  # type: ignore[arg-type]


@pytest.mark.parametrize(("command", "kind"), CASES)
def test_no_command_reaches_the_network(
    command: str,
    kind: str,
    project: Path,
    bundle: Path,
    listener: Listener,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever a hostile project or bundle holds, no command opens a connection, and each ends with a status."""
    # One place for all: the first command builds, and the others answer from that.
    monkeypatch.setenv("KG_STATE_DIR", str(project.parent / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(project.parent / "cache"))
    before = listener.calls
    written = command.replace("FILES", str(project.parent / "files")).replace("ASKED", str(project.parent / "asked"))
    words = shlex.split(written.replace("OUT", str(tmp_path)).replace("PORT", str(listener.port)))
    done = CliRunner().invoke(kg, ["--project", str(project if kind == "project" else bundle), *words])
    assert done.exception is None or isinstance(done.exception, (SystemExit, KgError)), done.exception
    assert listener.calls == before


def test_a_repository_fetches_no_object(project: Path, listener: Listener, tmp_path: Path) -> None:
    """A clone may name a remote for the objects that it lacks: `kg diff` does not let git ask it."""
    root = make_small(tmp_path / "project").root
    git = ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-C", str(root)]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "All"]):
        subprocess.run([*git, *words], check=True)
    for key, value in (
        ("remote.origin.url", f"http://127.0.0.1:{listener.port}/repository"),
        ("remote.origin.promisor", "true"),
        ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"),
    ):
        subprocess.run([*git, "config", key, value], check=True)
    blob = subprocess.run([*git, "rev-parse", "HEAD:queries/members.rq"], check=True, capture_output=True, text=True)
    (root / ".git" / "objects" / blob.stdout[:2] / blob.stdout[2:].strip()).unlink()
    before = listener.calls
    CliRunner().invoke(kg, ["--project", str(root), "diff", "HEAD"])
    assert listener.calls == before
    subprocess.run([*git, "cat-file", "-p", blob.stdout.strip()], check=False, capture_output=True)
    assert listener.calls > before, "git would have asked"


@pytest.mark.parametrize("name", QUERIES)
def test_a_built_query_is_not_trusted(name: str, small: Graph, project: Path, listener: Listener) -> None:
    """A build that somebody else made may hold such queries: each is refused when it is asked, listed or sent."""
    queries, _problems = read_saved_queries(Project(project))
    graph = Graph(small.project, small.snapshot, small.view)
    graph.__dict__["queries"] = queries
    query, before = queries[name.removesuffix(".rq")], listener.calls
    with pytest.raises(UsageError):
        run(graph, query.name)
    with pytest.raises(UsageError):
        asked_text(query, resolve(graph, query, {}))
    for parameter in query.parameters:
        with pytest.raises(UsageError):
            allowed(graph, parameter)
    assert listener.calls == before


@pytest.mark.parametrize(
    "text", ["SELECT * {{ ?s ?p ?o }}", "ASK {{ SERVICE <http://127.0.0.1:{}/> {{ ?s ?p ?o }} }}"]
)
def test_parsing_evaluates_nothing(text: str, listener: Listener) -> None:
    """A text that parses has no error, and its SERVICE is not called."""
    before = listener.calls
    assert syntax_error(text.format(listener.port)) is None
    assert syntax_error(text.format(listener.port)[:-1])
    assert listener.calls == before
