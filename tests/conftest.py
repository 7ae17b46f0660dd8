"""What tests share: a copy of the project to change, and the command line as a process, also with fewer rights."""

from __future__ import annotations

import ctypes
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import run_kg
from hypothesis import HealthCheck, settings
from query_project import small, small_project

from kg.errors import Problem
from kg.graph.store import Graph
from kg.project import Project
from kg.queries.bounded import confined

__all__ = ["small", "small_project"]

CHECKOUT = Path(__file__).parent.parent

# Processes that the tests start keep compiled modules, as users' do: else each compiles the package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says how busy the machine is.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")

# As the command line has it: tests keep many objects, few of them in cycles.
gc.set_threshold(50_000, 20, 50)


@pytest.fixture
def copy(tmp_path: Path) -> Project:
    """A copy of this project's files, to be changed at will."""
    root = tmp_path / "project"
    for folder in ("ontology", "corpus", "queries"):
        shutil.copytree(CHECKOUT / folder, root / folder)
    return Project(root)


@pytest.fixture
def own(small: Graph, tmp_path: Path) -> Project:
    """A copy of the small project with its build, to be changed at will: see ``query_project``."""
    return Project(Path(shutil.copytree(small.project.root, tmp_path / "own")))


@pytest.fixture
def kg_process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``kg`` as a process: arguments, and ``cwd``, ``env`` (added to ours), ``input``: see ``run_kg``."""

    def call(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return run_kg(*arguments, **{**options, "env": {**os.environ, **(options.get("env") or {})}})

    return call


@pytest.fixture(scope="module")
def confined_here() -> Iterator[None]:
    """Queries run in this process, as on the command line, and start no worker; an endless one ends the tests."""

    def stop(problem: Problem) -> None:
        os.write(2, f"{problem}\n".encode())
        os._exit(70)

    with confined(3600, stop, memory=8 << 30):
        yield


@pytest.fixture
def unprivileged(kg_process: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., object]:
    """As ``kg_process``, by somebody whom the permissions of files hold back, also where root runs the tests."""
    return lambda *arguments, **options: kg_process(*arguments, preexec_fn=_give_up_overriding, **options)


def _give_up_overriding() -> None:
    """Drop CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH (1 and 2) for what is executed next: prctl(PR_CAPBSET_DROP)."""
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
