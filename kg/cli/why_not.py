"""``kg why-not``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.completing import complete_entity, complete_property
from kg.cli.options import ViewOptions, open_view, timeout_option, view_options
from kg.cli.streams import show_lines
from kg.evidence.statements import parse_terms
from kg.evidence.why_not import why_not
from kg.harmless import json_text


@click.command(name="why-not", epilog="Example: kg why-not serbia memberOf csto")
@click.argument("subject", shell_complete=complete_entity)
@click.argument("predicate", shell_complete=complete_property)
@click.argument("object_", metavar="OBJECT", shell_complete=complete_entity)
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@timeout_option
@view_options
@click.pass_obj
def command(
    folder: Path | None, subject: str, predicate: str, object_: str, form: str, timeout: float, view: ViewOptions
) -> None:
    """Show why SUBJECT PREDICATE OBJECT does not hold: what is missing, and who denies or contests it."""
    graph = open_view(folder, view, timeout)
    found = why_not(graph, parse_terms(graph, subject, predicate, object_))
    if form == "json":
        show_lines(json_text({**found.as_json(), "view": graph.describe_view()}, indent=2) + "\n")
        return
    show_lines("\n".join([*found.lines(), f"view: {graph.describe_view()}\n"]))
