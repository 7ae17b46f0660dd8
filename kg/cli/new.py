"""``kg new``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.project import Project
from kg.scaffold.new import new

__all__ = ["command"]


@click.command(name="new", epilog="Example: kg new entity Ruritania --type kg:Country")
@click.argument("kind", type=click.Choice(["document", "entity", "class", "property", "rule", "query"]))
@click.argument("name")
@click.option(
    "--text",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A document's text, to number its sentences; no word of it is written.",
)
@click.option("--domain", default="", metavar="CLASS", help="Property: its domain, such as kg:Country.")
@click.option("--range", "values", default="", metavar="CLASS", help="Property: its range.")
@click.option("--type", "kind_of", default="", metavar="CLASS", help="Entity: its class.")
@click.option(
    "--label", "labels", multiple=True, metavar="TAG=TEXT", help="Label in a language, such as sr-Latn=Beograd."
)
@click.pass_obj
def command(
    folder: Path | None,
    kind: str,
    name: str,
    text: Path | None,
    domain: str,
    values: str,
    kind_of: str,
    labels: tuple[str, ...],
) -> None:
    """Create a well-formed file of some kind in its place, with comments on what to fill in."""
    project = Project.find(folder)
    called = {tag: label for tag, _, label in (given.partition("=") for given in labels)}
    for made in new(project, kind, name, text=text, domain=domain, values=values, type=kind_of, labels=called):
        click.echo(f"{'added to' if made.added else 'made'} {project.relative(made.path)}")
        click.echo(f"    {made.next}")
    click.echo("Then `kg check`, and `kg diff` to see what it changes.")
