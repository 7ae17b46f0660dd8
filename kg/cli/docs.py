"""``kg docs``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import ViewOptions, open_view, view_options
from kg.errors import counted
from kg.render.pages import write_site

__all__ = ["command"]


@click.command(name="docs")
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@view_options
@click.pass_obj
def command(folder: Path | None, directory: Path, view: ViewOptions) -> None:
    """Write the reference of the graph into DIR: static pages that need no network.

    Every class and property with its axioms and rules in words, examples and questions; every entity with its
    facts; every document with its claims. DIR must be new, empty, or one that this command wrote.
    """
    site = write_site(open_view(folder, view), directory)
    click.echo(f"{site.folder}: {counted(site.pages, 'page')}; open {site.folder / 'index.html'}")
