"""Keeping expected answers: `kg diff --accept` shows those that changed and rewrites them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from kg.project import Project

Kg = Callable[..., subprocess.CompletedProcess[str]]


def test_a_changed_answer_is_shown_and_then_expected(small_project: Project, kg_process: Kg, tmp_path: Path) -> None:
    """If an expected answer lacks a row, then --accept shows the row and writes it; a second call changes nothing."""
    root = shutil.copytree(small_project.root, tmp_path / "project", ignore=shutil.ignore_patterns(".kg"))
    expected = root / "queries" / "members.csv"
    whole = kg_process("--project", str(root), "query", "members", "-f", "csv", "--iris", "-q").stdout
    expected.write_text("".join(whole.splitlines(keepends=True)[:-1]))
    done = kg_process("--project", str(root), "diff", "--accept")
    assert done.returncode == 0, done.stderr
    assert f"+{whole.splitlines()[-1]}\n" in done.stdout
    assert done.stdout.endswith("1 expected answer rewritten\n")
    assert expected.read_text() == whole
    assert kg_process("--project", str(root), "diff", "--accept").stdout == "0 expected answers rewritten\n"
    assert [path.name for path in (root / "queries").glob("*.csv")] == ["members.csv"]
