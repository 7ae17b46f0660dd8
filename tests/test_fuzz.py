"""A seeded fuzz of arguments, project files and servers' answers: ``make fuzz``.

Each input is a process of its own. It must end in time, with a documented status, without a traceback or a fault of
ours (KG999), and leave no process behind. An input that fails is named by its kind and number: with
``KG_FUZZ_ONLY=files-17`` it runs alone, its folder kept where pytest keeps such folders.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import pytest
from raw_server import raw_server

from kg.cli import kg as command_line
from kg.graph.build import build
from kg.scaffold.init import init

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
SEED = os.environ.get("KG_FUZZ_SEED", "1")
INPUTS = int(os.environ.get("KG_FUZZ_INPUTS", "500"))
ONLY = os.environ.get("KG_FUZZ_ONLY", "")
#: What README.md documents, but for 70, a fault of ours.
STATUSES = {0, 1, 2, 3, 4, 5}
SECONDS = 90
#: These answer requests until they are stopped.
SERVERS = {"serve", "mcp"}
NEVER = re.compile(rb"Traceback \(most recent call last\)|KG999|panicked at|[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


def spelt(case: str | dict[str, Any]) -> bytes:
    """A case of ``hostile/fuzz.json`` as bytes."""
    if isinstance(case, str):
        return case.encode("utf-8", "surrogateescape")
    return bytes.fromhex(case["bytes"]) if "bytes" in case else (case["repeat"] * case["times"]).encode()


CASES = json.loads((ROOT / "tests" / "hostile" / "fuzz.json").read_text(encoding="utf-8"))
VALUES = [os.fsdecode(spelt(case)) for case in CASES["values"]]
PIECES = [spelt(case) for case in CASES["pieces"]]
COMMANDS: list[list[str]] = CASES["commands"]
ANSWERS = [spelt(case) for case in CASES["answers"]]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project that was built once; each input gets a copy."""
    project = init(tmp_path_factory.mktemp("fuzz") / "paths")
    build(project)
    return project.root


def run(project: Path, arguments: list[str]) -> None:
    """Run a command in a project, and hold it to what the module says."""
    line = [sys.executable, "-m", "kg", *(argument.replace("\0", "") for argument in arguments)]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(project.parent)}
    with subprocess.Popen(
        [os.fsencode(part) for part in line], cwd=project, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            pytest.fail(f"{arguments}: no end after {SECONDS} s")
    shown = f"{arguments}: {process.returncode}\n{err[-2000:].decode(errors='replace')}"
    assert process.returncode in STATUSES, shown
    assert not NEVER.search(err), shown
    assert b"Traceback" not in out, shown
    assert ended(process.pid), f"{arguments}: left a process behind"


def ended(group: int) -> bool:
    """Whether no process of a group is left, a moment after its first one ended."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def arguments(chance: random.Random) -> list[str]:
    """A command with some of its options and arguments, each with any value."""
    context = click.Context(command_line)
    name = chance.choice([each for each in command_line.list_commands(context) if each not in SERVERS])
    command = command_line.get_command(context, name)
    assert command is not None
    line = [name]
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            count = chance.choice([0, 1, 1, 1, 2]) if parameter.nargs != 1 else chance.choice([0, 1, 1, 1, 1])
            line += [chance.choice(VALUES) for _ in range(count)]
        elif chance.random() < 0.15 and isinstance(parameter, click.Option):
            values = () if parameter.is_flag else (chance.choice(VALUES) for _ in range(parameter.nargs))
            line += [chance.choice(parameter.opts), *values]
    return line


def spoilt(content: bytes, chance: random.Random) -> bytes:
    """Bytes with one to four changes: cut, doubled, exchanged, or with something put in."""
    for _ in range(chance.randint(1, 4)):
        at, to = sorted(chance.randint(0, len(content)) for _ in range(2))
        kind = chance.random()
        if kind < 0.5:
            content = content[:at] + chance.choice(PIECES) + content[at:]
        elif kind < 0.65:
            content = content[:at] + content[min(to, at + 200) :]
        elif kind < 0.75:
            content = content[:at] + content[at : at + 400] + content[at:]
        elif kind < 0.9 and at < len(content):
            content = content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
        else:
            content = content[:at]
    return content


def spoil_files(project: Path, chance: random.Random) -> None:
    """Change some files of a project, its state among them, or put something else in a file's place."""
    files = sorted(path for path in project.rglob("*") if path.is_file() and path.name != "LOCK")
    ours = [path for path in files if ".kg" not in path.parts] * 3 + files
    # Each once: what has become a pipe would be waited for.
    for path in dict.fromkeys(chance.sample(ours, chance.randint(1, 3))):
        with suppress(OSError):
            content = path.read_bytes()
            kind = chance.random()
            if kind < 0.85:
                path.write_bytes(spoilt(content, chance))
                continue
            path.unlink()
            if kind < 0.9:
                path.mkdir()
            elif kind < 0.95:
                os.mkfifo(path)
            else:
                path.symlink_to(chance.choice(["/dev/null", "nowhere", str(path), "/etc"]))


def fuzz_arguments(project: Path, chance: random.Random) -> None:
    run(project, arguments(chance))


def fuzz_files(project: Path, chance: random.Random) -> None:
    spoil_files(project, chance)
    run(project, chance.choice(COMMANDS))


def fuzz_answers(project: Path, chance: random.Random) -> None:
    answers = [spoilt(chance.choice(ANSWERS), chance) for _ in range(5)]
    with raw_server(lambda _request, connection: connection.sendall(chance.choice(answers))) as server:
        asks = [["sparql", "ASK {}", "--endpoint"], ["query", "reached", "--endpoint"]]
        loads = [["load", "--timeout", "5"], ["load", "--dry-run", "--timeout", "5"]]
        run(project, [*chance.choice(asks + loads), server.address])


KINDS: dict[str, tuple[Callable[[Path, random.Random], None], float]] = {
    "arguments": (fuzz_arguments, 0.4),
    "files": (fuzz_files, 0.4),
    "answers": (fuzz_answers, 0.2),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_input_ends_well(kind: str, example: Path, tmp_path: Path) -> None:
    """If arguments, files or a server's answers are anything, then each command ends in a documented way."""
    attempt, share = KINDS[kind]
    failed = []
    for number in range(round(INPUTS * share)):
        if ONLY and f"{kind}-{number}" != ONLY:
            continue
        project = tmp_path / str(number) / "paths"
        shutil.copytree(example, project)
        try:
            attempt(project, random.Random(f"{SEED}-{kind}-{number}"))  # noqa: S311 - to be repeated, no secret
        except (AssertionError, pytest.fail.Exception) as error:
            failed.append(f"{kind}-{number} (seed {SEED}): {error}")
        if not ONLY:
            shutil.rmtree(tmp_path / str(number), ignore_errors=True)
    assert not failed, f"{len(failed)} failed\n\n" + "\n\n".join(failed[:20])
