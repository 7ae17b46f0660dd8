"""The guides are run: every command, in order, with what it prints.

``KG_WRITE_GUIDES=1 pytest tests/test_guides.py`` writes what the commands print into the guides.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guides").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WHO = {
    "GIT_AUTHOR_NAME": "guide",
    "GIT_AUTHOR_EMAIL": "guide@example.org",
    "GIT_COMMITTER_NAME": "guide",
    "GIT_COMMITTER_EMAIL": "guide@example.org",
}


@dataclass
class Session:
    """A shell that goes on from command to command, in a folder with nothing of the user's."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, command: str) -> str:
        """What a command prints, on both streams. ``cd`` is remembered."""
        if command.startswith("cd "):
            self.folder /= command[3:]
            return ""
        # The guides are of this repository, and what they show is what people type into a shell.
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1, 2, 4), f"{command}: {done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A shell in a committed copy of this graph, with ``kg`` and ``python`` those of the tests."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, words in (("kg", "-m kg"), ("python", "")):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        tool.chmod(0o755)
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "120",
        **WHO,
    }
    project = tmp_path / "serbia-kg"
    project.mkdir()
    for name in ("ontology", "corpus", "queries"):
        shutil.copytree(ROOT / name, project / name)
    (tmp_path / "texts").mkdir()
    (project / ".gitignore").write_text(".kg/\n")
    found = Session(project, environment)
    found.run("git init -q && git add -A && git commit -q -m start")
    return found


def commands(block: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what is shown below it."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(command, shown) for command, _, shown in (part.partition("\n") for part in parts)]


def plain(text: str) -> str:
    """Output without what differs from run to run: the version of a graph, the time that tests took."""
    text = re.sub(r"\+[0-9a-f]{12}\b", "+VERSION", text)
    return re.sub(r"\bin \d+\.\d+s\b", "in SECONDS", text).rstrip("\n")


def matches(shown: str, printed: str) -> bool:
    """Whether a command printed what a guide shows; a line of three dots stands for any lines."""
    pattern = "\n".join(".*" if line == "..." else re.escape(line) for line in plain(shown).split("\n"))
    pattern = pattern.replace("\n.*", "(?:\n.*)?").replace(".*\n", "(?:.*\n)?")
    return re.fullmatch(pattern, plain(printed), re.DOTALL) is not None


def run_guide(text: str, session: Session) -> str:
    """Follow a guide, and give it back with what its commands really print."""

    def follow(match: re.Match[str]) -> str:
        language, file, body = match.groups()
        if file:
            (session.folder / file).write_text(body, encoding="utf-8")
        if language != "console":
            return match[0]
        written = []
        for command, shown in commands(body):
            printed = session.run(command)
            written.append(f"$ {command}\n{shown if matches(shown, printed) else printed}")
        return "```console\n" + "".join(part.rstrip("\n") + "\n" for part in written) + "```"

    return FENCE.sub(follow, text)


def test_there_are_guides() -> None:
    """The four guides that people are sent to are there, each with commands."""
    names = {path.stem for path in GUIDES}
    assert names >= {"add-a-document", "add-a-class-and-a-rule", "ask-a-new-question", "start-your-own-graph"}
    assert all("```console\n$ kg " in path.read_text(encoding="utf-8") for path in GUIDES)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_guide(guide: Path, session: Session) -> None:
    """Whoever follows a guide sees what it shows."""
    text = guide.read_text(encoding="utf-8")
    if guide.stem == "start-your-own-graph":
        session.folder = session.folder.parent
    really = run_guide(text, session)
    if os.environ.get("KG_WRITE_GUIDES"):
        guide.write_text(really, encoding="utf-8")
        return
    assert really == text, "KG_WRITE_GUIDES=1 writes what the commands print now"


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("one\n", "one\n", True),
        ("one\n", "two\n", False),
        ("one\n...\nfour\n", "one\ntwo\nthree\nfour\n", True),
        ("...\nfour\n", "one\nfour\n", True),
        ("...\nfour\n", "one\nfive\n", False),
        ("graph 1.0.0+0123456789ab", "graph 1.0.0+ba9876543210", True),
    ],
)
def test_matching(shown: str, printed: str, *, same: bool) -> None:
    """What is shown is compared line by line, but for three dots and the version of a graph."""
    assert matches(shown, printed) is same


@pytest.mark.parametrize(("page", "fewest"), [("README.md", 4), ("docs/python.md", 30)])
def test_python_that_is_shown_runs(page: str, fewest: int) -> None:
    """Whoever types the Python of the README, or of the page on Python, sees what it shows."""
    import doctest

    pytest.importorskip("pandas", reason="pandas is not installed (pip install '.[pandas]')")
    found = doctest.testfile(str(ROOT / page), module_relative=False, encoding="utf-8")
    assert found.attempted >= fewest
    assert found.failed == 0
