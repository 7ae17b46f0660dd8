"""Completion as people meet it: names in any case and script, in bash, zsh and fish themselves."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from query_project import small, small_project

from kg.graph.store import Graph
from kg.project import Project
from kg.queries.beginnings import beginnings, entities

__all__ = ["small", "small_project"]

#: As the installed script runs: the name of the program decides on the variable for completion.
CALL = 'import sys; sys.argv[0] = "kg"; from kg.cli import main; main()'
Kg = Callable[..., subprocess.CompletedProcess[str]]


def completed(words: list[str], project: Project) -> list[str]:
    """What bash would offer for the last word; bash itself has parted the words at ``=`` and ``:``."""
    env = {**os.environ, "_KG_COMPLETE": "bash_complete", "COMP_WORDS": "\n".join(words)}
    env["COMP_CWORD"] = str(len(words) - 1)
    done = subprocess.run(
        [sys.executable, "-c", CALL],
        capture_output=True, text=True, env=env, cwd=project.root, timeout=60,
    )  # fmt: skip
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["kg", "que"], {"query", "queries"}),
        (["kg", "query", "mem"], {"members"}),
        (["kg", "query", "MEM"], {"members"}),
        (["kg", "query", "echo", "-p", "wh"], {"whole="}),
        (["kg", "query", "members", "-p", "organisation", "="], {"alliance", "id:assembly"}),
        (["kg", "query", "members", "-p", "organisation", "=", "all"], {"alliance"}),
        (["kg", "query", "members", "-p", "organisation", "=", "Ass"], {"Assembly\\ of\\ the\\ Alliance"}),
        (["kg", "query", "members", "-p", "organisation", "=", "САВ"], {"Савез"}),
        (["kg", "query", "members", "-p", "organisation", "=", "id", ":", "a"], {"alliance", "assembly"}),
        (["kg", "query", "members", "-p", "organisation", "=", "id", ":", "As"], {"assembly"}),
        (["kg", "query", "echo", "-p", "colour", "=", "r"], {"red"}),
        (["kg", "query", "echo", "-p", "entity", "=", "mont"], {"montenegro"}),
        (["kg", "query", "echo", "-p", "entity", "=", "Црна"], {"Црна\\ Гора"}),
        (["kg", "query", "echo", "-p", "entity", "=", "'Crna G"], {"Crna Gora"}),
        (["kg", "query", "members", "--without", "fi"], {"first-2017"}),
        (["kg", "query", "members", "--without", "first-2017,"], {"first-2017,second-2018"}),
        (["kg", "query", "members", "--lang", "SR"], {"sr-Latn", "sr-Cyrl"}),
        (["kg", "query", "members", "--lang", "=", "sr-c"], {"sr-Cyrl"}),
        (["kg", "query", "members", "--profile", "ox"], {"oxigraph"}),
        (["kg", "check", "--explain", "kg601"], {"KG601"}),
        (["kg", "show", "mont"], {"montenegro"}),
        (["kg", "show", "Đin"], {"Đinđić"}),
        (["kg", "show", "djin"], {"Đinđić"}),
        (["kg", "show", "id", ":", "MONT"], {"montenegro"}),
        (["kg", "show", "kg", ":", "observ"], {"observerOf", "observerWithin"}),
        (["kg", "show", "claim", ":", "first-2017/croatia-j"], {"first-2017/croatia-joined"}),
        (["kg", "explain", "serbia", "observ"], {"observerOf", "observerWithin"}),
        (["kg", "why-not", "serbia", "kg", ":", "observerW"], {"observerWithin"}),
        (["kg", "cite", "out"], {"outsiders"}),
    ],
)  # fmt: skip
def test_completion(small: Graph, words: list[str], offered: set[str]) -> None:
    """Commands, queries, parameters, values, documents, terms, languages and codes, however they are begun."""
    assert set(completed(words, small.project)) == offered


@pytest.mark.parametrize("typed", ["", "s", "S", "Ц", "ср", "id:", "mont", "alt", "=", "Зоран Ђ", "Đinđi"])
def test_what_is_offered_names_what_is_meant(small: Graph, typed: str) -> None:
    """Whatever is offered begins as typed, letter by letter or folded, and is understood as what it stands for."""
    from kg.lookup import fold
    from kg.queries.entities import find_entity

    within = frozenset(entities(small))
    for written, term in beginnings(small, typed, within).items():
        assert find_entity(small, written, within) == term
        assert fold(written).startswith(fold(typed))


def test_completing_takes_no_longer_than_a_blink(small: Graph) -> None:
    """What fits is found in a few hundredths of a second, of all that the graph has: the rest is Python's start."""
    began = time.process_time()
    assert beginnings(small, "")
    assert time.process_time() - began < 0.15


@pytest.mark.parametrize(
    ("shell", "check"), [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])]
)
def test_completion_scripts_are_scripts(
    small: Graph, kg_process: Kg, tmp_path: Path, shell: str, check: list[str]
) -> None:
    """The script for each shell names our variable, and that shell can read it where it is installed."""
    script = tmp_path / "script"
    script.write_text(kg_process("completion", shell).stdout)
    assert f"_KG_COMPLETE={shell}_complete" in script.read_text()
    if shutil.which(shell):
        subprocess.run([*check, str(script)], check=True, timeout=30)


# -- in the shells themselves


@pytest.fixture
def shell_env(tmp_path: Path) -> dict[str, str]:
    """An environment with ``kg`` in its path, and no one's own settings."""
    program = tmp_path / "bin" / "kg"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{CALL}' \"$@\"\n")
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    own = {"PATH": path, "HOME": str(tmp_path), "TERM": "dumb", "LC_ALL": "C.UTF-8", "INPUTRC": "/dev/null"}
    return {**os.environ, **own, "COLUMNS": "200", "LINES": "50", "PS1": "$ "}


class Terminal:
    """A shell on a terminal of its own, into which one types."""

    def __init__(self, command: list[str], env: dict[str, str], folder: Path) -> None:
        self.end, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=folder, start_new_session=True
        )
        os.close(theirs)
        self.seen = ""

    def types(self, keys: str, until: str) -> None:
        """Type, and wait for what then is to be seen."""
        os.write(self.end, keys.encode())
        self.seen, ends = "", time.monotonic() + 30
        while not re.search(until, self.seen) and time.monotonic() < ends:
            if select.select([self.end], [], [], 0.5)[0]:
                self.seen += os.read(self.end, 65536).decode(errors="replace")
        assert re.search(until, self.seen), self.seen

    def close(self) -> None:
        """End the shell."""
        self.process.kill()
        self.process.wait()
        os.close(self.end)


SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(kg completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -U compinit; compinit -u -D; eval "$(kg completion zsh)"'),
}


@pytest.fixture(params=list(SHELLS))
def terminal(request: pytest.FixtureRequest, small: Graph, shell_env: dict[str, str]) -> Iterator[Terminal]:
    """An interactive shell in the small project, with completion set up."""
    command, setting_up = SHELLS[request.param]
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed (apt-get install {command[0]})")
    made = Terminal(command, shell_env, small.project.root)
    try:
        made.types(f"{setting_up}; echo set'' up\n", r"set up")
        yield made
    finally:
        made.close()


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("kg query members -p organisation=Al", "organisation=alliance"),
        ("kg query members -p organisation=САВ", "organisation=Савез"),
        ("kg query members -p organisation=id:as", "organisation=id:assembly"),
        ("kg query echo -p wh", "whole="),
        ("kg show 'Crna G", "Crna Gora"),
        ("kg show Црна", "Црна Гора"),
        ("kg show id:mont", "id:montenegro"),
        ("kg query members --lang=sr-c", "--lang=sr-Cyrl"),
    ],
)
def test_an_interactive_shell_completes(terminal: Terminal, typed: str, word: str) -> None:
    """After TAB the last word on the command line is the name, also where the shell parts and quotes words."""
    # At the beginning of the line (Control-A) comes what shows its words as the shell then has them.
    terminal.types(f"{typed}\t\x01printf '[%s]' \x05\n", re.escape(f"[{word}]"))


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("kg query members -p organisation=Al", "organisation=alliance"),
        ("kg query members -p organisation=САВ", "organisation=Савез"),
        ("kg query members -p organisation=id:as", "organisation=id:assembly"),
        ("kg show Црна", "Црна Гора"),
        ("kg query members --without first-2017,s", "first-2017,second-2018"),
        ("kg query members --lang=sr-C", "--lang=sr-Cyrl"),
    ],
)
@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed (apt-get install fish)")
def test_fish_completes(small: Graph, shell_env: dict[str, str], typed: str, offered: str) -> None:
    """Fish, which drops what does not look like what was typed, offers the name."""
    program = 'kg completion fish | source; complete -C "$argv"'
    done = subprocess.run(
        ["fish", "--no-config", "-c", program, typed],
        capture_output=True, text=True, env=shell_env, cwd=small.project.root, timeout=60,
    )  # fmt: skip
    assert [line.partition("\t")[0] for line in done.stdout.splitlines()] == [offered], done.stderr
