"""A small project for tests of questions and answers: hard names, dates, a denial, a prediction."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kg.graph.store import Graph, open_graph
from kg.project import Project

HERE = Path(__file__).parent
ID = "https://w3id.org/serbia-kg/id/"


def make_small(folder: Path) -> Project:
    """The small project in a folder, with this repository's ontology, but for what it says of this corpus."""
    shutil.copytree(HERE / "cases" / "queries" / "small", folder, dirs_exist_ok=True)
    shutil.copytree(
        HERE.parent / "ontology", folder / "ontology", ignore=shutil.ignore_patterns("background.ttl", "released")
    )
    return Project(folder)


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_small(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def small(small_project: Project) -> Graph:
    return open_graph(small_project)
