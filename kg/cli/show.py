"""``kg show``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.completing import complete_entity
from kg.cli.options import ViewOptions, open_view, time_limit, view_options
from kg.cli.streams import show_lines, show_text
from kg.harmless import json_text
from kg.queries.entities import described, find_partly
from kg.queries.show import show


@click.command(name="show", epilog="Example: kg show ipap")
@click.argument("term", shell_complete=complete_entity)
@click.option("--all", "everything", is_flag=True, help="Show every fact and claim.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@time_limit()
@view_options
@click.pass_obj
def command(folder: Path | None, term: str, everything: bool, as_json: bool, view: ViewOptions) -> None:
    """Show everything about TERM: what it is, its facts with times and sources, and claims that are not facts."""
    graph = open_view(folder, view)
    found = show(graph, term)
    if find_partly(graph, term)[1]:
        click.echo(f"note: {term!r} is taken for {described(graph, found.term)}, the only name that has it", err=True)
    if as_json:
        show_text(json_text(found.as_json(), indent=1) + "\n")
    else:
        show_lines(found.text(everything=everything))
