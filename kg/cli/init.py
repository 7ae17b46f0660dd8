"""``kg init``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.scaffold.init import init

__all__ = ["command"]


@click.command(name="init")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--base", default="", metavar="IRI", help="What every IRI begins with, with its closing slash.")
@click.option("--title", default="", help="What the graph is about.")
@click.option("--prefix", default="own", show_default=True, help="The prefix of the project's own terms.")
def command(directory: Path, base: str, title: str, prefix: str) -> None:
    """Start a graph of your own: a small project, with another subject and base, that builds and tests at once."""
    project = init(directory, base, title, prefix)
    click.echo(f"made {directory}: every IRI begins with {project.base}")
    click.echo("    Its example is an invented town; README.md says how to replace it.")
    click.echo(f"Then `cd {directory}`, `kg check` and `kg query reached`.")
