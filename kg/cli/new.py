"""``kg new``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kg.project import Project
from kg.scaffold.new import TEMPORAL_KINDS, new


@click.command(name="new", epilog="Example: kg new entity Ruritania --type kg:Country")
@click.argument("kind", type=click.Choice(["document", "entity", "class", "property", "rule", "query"]))
@click.argument("name")
@click.option(
    "--text",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A document's text, to number its sentences; the command copies no word of it.",
)
@click.option("--domain", default="", metavar="CLASS", help="Property: its domain, such as kg:Country.")
@click.option("--range", "values", default="", metavar="CLASS", help="Property: its range.")
@click.option("--type", "kind_of", default="", metavar="CLASS", help="Entity: its class.")
@click.option(
    "--label", "labels", multiple=True, metavar="TAG=TEXT", help="Label in a language, such as sr-Latn=Beograd."
)
@click.option("--kind", "temporal", type=click.Choice([*TEMPORAL_KINDS]), help="Property: its temporal kind.")
@click.pass_obj
def command(
    folder: Path | None,
    kind: str,
    name: str,
    text: Path | None,
    domain: str,
    values: str,
    kind_of: str,
    temporal: str | None,
    labels: tuple[str, ...],
) -> None:
    """Create a well-formed file of KIND in its folder, with comments that say what to fill in."""
    project = Project.find(folder)
    if kind == "property" and temporal is None and sys.stdin.isatty():
        for each, meaning in TEMPORAL_KINDS.items():
            click.echo(f"{each:10}  {meaning}")
        temporal = click.prompt("temporal kind", type=click.Choice([*TEMPORAL_KINDS]))
    called = {tag: label for tag, _, label in (given.partition("=") for given in labels)}
    terms = {"domain": domain, "values": values, "type": kind_of, "temporal": temporal or ""}
    for made in new(project, kind, name, text=text, labels=called, **terms):
        click.echo(f"{'added to' if made.added else 'made'} {project.relative(made.path)}")
        click.echo(f"    {made.next}")
    click.echo("Next, run `kg check`, and `kg diff` to see the effects.")
