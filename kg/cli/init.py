"""``kg init``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.scaffold.init import init

__all__ = ["command"]


@click.command(name="init", epilog="Example: kg init footpaths --base https://example.org/footpaths/")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--base", default="", metavar="IRI", help="Start of every IRI, with its closing slash.")
@click.option("--title", default="", help="Title of the graph.")
@click.option("--prefix", default="own", show_default=True, help="Prefix of the project's own terms.")
def command(directory: Path, base: str, title: str, prefix: str) -> None:
    """Start a graph of your own: a small example project with its own base IRI, which builds and passes its tests."""
    project = init(directory, base, title, prefix)
    click.echo(f"made {directory}: every IRI begins with {project.base}")
    click.echo("    Its example is an invented town; README.md says how to replace it.")
    click.echo(f"Then `cd {directory}`, `kg check` and `kg query reached`.")
