"""Completion as people meet it: names in any case and script, in bash, zsh and fish themselves."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import run_kg
from timing import takes_at_most

from kg.graph.store import Graph
from kg.project import Project
from kg.queries.name_completion import beginnings, entities

#: As the installed script runs: the name of the program decides on the variable for completion.
CALL = 'import sys; sys.argv[0] = "kg"; from kg.cli import main; main()'
Kg = Callable[..., subprocess.CompletedProcess[str]]


def completed(words: list[str], project: Project) -> list[str]:
    """What bash would offer for the last word."""
    asked = {"_KG_COMPLETE": "bash_complete", "COMP_WORDS": shlex.join(words), "COMP_CWORD": str(len(words) - 1)}
    done = run_kg(env={**os.environ, **asked}, cwd=project.root)
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["kg", "que"], {"query", "queries"}),
        (["kg", "query", "mem"], {"members"}),
        (["kg", "query", "MEM"], {"members"}),
        (["kg", "query", "echo", "--wh"], {"--whole"}),
        (["kg", "query", "members", ""], {"alliance", "id:assembly"}),
        (["kg", "query", "members", "--organisation", "all"], {"alliance"}),
        (["kg", "query", "members", "--organisation", "Ass"], {"Assembly of the Alliance"}),
        (["kg", "query", "members", "--organisation", "САВ"], {"Савез"}),
        (["kg", "query", "members", "--organisation", "id:a"], {"id:alliance", "id:assembly"}),
        (["kg", "query", "members", "--organisation", "id:As"], {"id:assembly"}),
        (["kg", "query", "echo", "--colour", "r"], {"red"}),
        (["kg", "query", "echo", "--entity", "mont"], {"montenegro"}),
        (["kg", "query", "echo", "--entity", "Црна"], {"Црна Гора"}),
        (["kg", "query", "echo", "--entity", "Crna G"], {"Crna Gora"}),
        (["kg", "query", "members", "--without", "fi"], {"first-2017"}),
        (["kg", "query", "members", "--without", "first-2017,"], {"first-2017,second-2018"}),
        (["kg", "query", "members", "--lang", "SR"], {"sr-Latn", "sr-Cyrl"}),
        (["kg", "query", "members", "--lang=sr-c"], {"sr-Cyrl"}),
        (["kg", "query", "members", "--profile", "ox"], {"oxigraph"}),
        (["kg", "check", "--explain", "kg601"], {"KG601"}),
        (["kg", "show", "mont"], {"montenegro"}),
        (["kg", "show", "Đin"], {"Đinđić"}),
        (["kg", "show", "djin"], {"Đinđić"}),
        (["kg", "show", "id:MONT"], {"id:montenegro"}),
        (["kg", "show", "kg:observ"], {"kg:observerOf", "kg:observerWithin"}),
        (["kg", "show", "claim:first-2017/croatia-j"], {"claim:first-2017/croatia-joined"}),
        (["kg", "explain", "serbia", "observ"], {"observerOf", "observerWithin"}),
        (["kg", "why-not", "serbia", "kg:observerW"], {"kg:observerWithin"}),
        (["kg", "cite", "out"], {"outsiders"}),
    ],
)  # fmt: skip
def test_completion(small: Graph, words: list[str], offered: set[str]) -> None:
    """Commands, queries, parameters, values, documents, terms, languages and codes, however they are begun."""
    assert set(completed(words, small.project)) == offered


@pytest.mark.parametrize("typed", ["", "s", "S", "Ц", "ср", "id:", "mont", "alt", "=", "Зоран Ђ", "Đinđi"])
def test_what_is_offered_names_what_is_meant(small: Graph, typed: str) -> None:
    """Whatever is offered begins as typed, letter by letter or folded, and is understood as what it stands for."""
    from kg.labels import fold
    from kg.queries.entities import find_entity

    within = frozenset(entities(small))
    for written, term in beginnings(small, typed, within).items():
        assert find_entity(small, written, within) == term
        assert fold(written).startswith(fold(typed))


def test_completing_takes_no_longer_than_a_blink(small: Graph) -> None:
    """What fits is found in a few hundredths of a second, of all that the graph has: the rest is Python's start."""
    with takes_at_most(0.15):
        assert beginnings(small, "")


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
