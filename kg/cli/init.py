"""``kg init``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kg.errors import counted
from kg.project import Project
from kg.scaffold.init import init, remove_example


@click.command(name="init", epilog="Example: kg init footpaths --base https://example.org/footpaths/")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--base", default="", metavar="IRI", help="Start of every IRI, with its closing slash.")
@click.option("--title", default="", help="Title of the graph.")
@click.option("--author", default="", help="Author that citations of the graph name.")
@click.option("--prefix", default="own", show_default=True, help="Prefix of the project's own terms.")
@click.option("--remove-example", "removing", is_flag=True, help="Remove the example from a project.")
def command(directory: Path, base: str, title: str, author: str, prefix: str, removing: bool) -> None:
    """Start your own graph: create a small example project with its own base IRI, which builds and passes its tests.

    On a terminal, the command asks for title, author and base. With --remove-example, it removes the example's files
    that you have not changed.
    """
    if removing:
        _remove(directory)
        return
    if sys.stdin.isatty():
        name = directory.resolve().name
        title = title or click.prompt("Title", default=name.replace("-", " ").capitalize())
        author = author or click.prompt("Author", default=f"The makers of {title}")
        base = base or click.prompt("Base of every IRI", default=f"https://example.org/{name.lower()}/")
    project = init(directory, base, title, prefix, author)
    click.echo(f"made {directory}: every IRI begins with {project.base}")
    click.echo(f"    Its example is an invented town; `kg init {directory} --remove-example` removes it.")
    click.echo(f"Then `cd {directory}`, `kg check` and `kg query reached`.")


def _remove(directory: Path) -> None:
    removed, changed = remove_example(Project(directory.resolve()))
    click.echo(f"removed {counted(len(removed), 'file')} of the example")
    for name in changed:
        click.echo(f"    {name} has changed and stays")
