"""What the README and the guides show of commands: run, compared, and written anew.

``make docs`` writes what the commands print now; ``tests/test_guides.py`` fails when a guide shows something else.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["GUIDES", "Session", "follow", "matches", "session_in", "write"]

ROOT = Path(__file__).parent.parent
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guides").glob("*.md"))]
_FENCE = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_VERSION = re.compile(r"\+[0-9a-f]{12}\b")
#: As the README has them; others are faults of the guide or of the tool.
_EXITS = (0, 1, 2, 4)
_WHO = {
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
        """What a command prints, on both streams. ``cd`` is remembered. Raises RuntimeError when it breaks down."""
        if command.startswith("cd "):
            self.folder /= command[3:]
            return ""
        # The guides are of this repository, and what they show is what people type into a shell.
        done = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in _EXITS or "Traceback" in done.stderr:
            raise RuntimeError(f"{command}: {done.returncode}\n{done.stderr}")
        return done.stdout + done.stderr


def session_in(folder: Path, guide: Path) -> Session:
    """A shell in a committed copy of this graph, or beside it for the guide that begins a graph of one's own.

    ``kg`` and ``python`` in it are those that run this.
    """
    tools = folder / "bin"
    tools.mkdir()
    for name, words in (("kg", "-m kg"), ("python", "")):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        tool.chmod(0o755)
    environment = {
        "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "120",
        **_WHO,
    }
    project = folder / "serbia-kg"
    project.mkdir()
    for name in ("ontology", "corpus", "queries"):
        shutil.copytree(ROOT / name, project / name)
    (folder / "texts").mkdir()
    (project / ".gitignore").write_text(".kg/\n")
    session = Session(project, environment)
    session.run("git init -q && git add -A && git commit -q -m start")
    if guide.stem == "start-your-own-graph":
        session.folder = folder
    return session


def follow(text: str, session: Session) -> str:
    """Follow a guide, and give it back with what its commands really print."""

    def step(match: re.Match[str]) -> str:
        language, file, body = match.groups()
        if file:
            (session.folder / file).write_text(body, encoding="utf-8")
        if language != "console":
            return match[0]
        written = [f"$ {command}\n{_brought_up(shown, session.run(command))}" for command, shown in _commands(body)]
        return "```console\n" + "".join(part.rstrip("\n") + "\n" for part in written) + "```"

    return _FENCE.sub(step, text)


def matches(shown: str, printed: str) -> bool:
    """Whether a command printed what a guide shows; a line of three dots stands for any lines."""
    pattern = "\n".join(".*" if line == "..." else re.escape(line) for line in _plain(shown).split("\n"))
    pattern = pattern.replace("\n.*", "(?:\n.*)?").replace(".*\n", "(?:.*\n)?")
    return re.fullmatch(pattern, _plain(printed), re.DOTALL) is not None


def write() -> list[Path]:
    """Write what the commands of every guide print now, and give the guides that this changed."""
    changed = []
    for guide in GUIDES:
        text = guide.read_text(encoding="utf-8")
        with TemporaryDirectory(prefix="kg-guide-") as folder:
            really = follow(text, session_in(Path(folder), guide))
        if really != text:
            guide.write_text(really, encoding="utf-8")
            changed.append(guide)
    return changed


def _commands(block: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what is shown below it."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(command, shown) for command, _, shown in (part.partition("\n") for part in parts)]


def _brought_up(shown: str, printed: str) -> str:
    """What is to be shown: as it is where it matches, with its dots where only the graph's version is another."""
    if matches(shown, printed):
        return shown
    versions = set(_VERSION.findall(printed))
    if len(versions) == 1:
        other = _VERSION.sub(versions.pop(), shown)
        if matches(other, printed):
            return other
    return printed


def _plain(text: str) -> str:
    """Output without what differs from run to run: the time that tests took."""
    return re.sub(r"\bin \d+\.\d+s\b", "in SECONDS", text).rstrip("\n")
