"""``kg release``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.corpus.released_terms import release
from kg.project import Project


@click.command(name="release", epilog="Example: kg release")
@click.pass_obj
def command(folder: Path | None) -> None:
    """Record the meaning of every term in this version of the ontology; `kg check` compares later versions."""
    project = Project.find(folder)
    path = release(project)
    click.echo(f"made {project.relative(path)}")
    click.echo("    From now on, `kg check` requires that each of these terms keeps its meaning or is deprecated.")
