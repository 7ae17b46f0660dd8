"""``kg explain``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.completing import complete_entity, complete_property
from kg.cli.options import ViewOptions, open_view, timeout_option, view_options
from kg.cli.streams import show_lines, show_text
from kg.evidence.explain import explain, render, render_all
from kg.evidence.statements import parse_terms


@click.command(name="explain", epilog="Example: kg explain serbia observerWithin csto")
@click.argument("subject", shell_complete=complete_entity)
@click.argument("predicate", shell_complete=complete_property)
@click.argument("object_", metavar="OBJECT", shell_complete=complete_entity)
@click.option("--all", "every", is_flag=True, help="Show every minimal proof, up to twenty.")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["text", "md", "json", "dot", "ttl"]),
    default="text",
    show_default=True,
    help="Output format.",
)
@click.option(
    "--texts", type=click.Path(path_type=Path), metavar="DIR", help="The documents' texts, to show sentences."
)
@timeout_option
@view_options
@click.pass_obj
def command(
    folder: Path | None,
    subject: str,
    predicate: str,
    object_: str,
    every: bool,
    form: str,
    texts: Path | None,
    timeout: float,
    view: ViewOptions,
) -> None:
    """Show why SUBJECT PREDICATE OBJECT holds: a tree whose leaves are claims, axioms and entities.

    Write the three names in any form that you know: label, abbreviation, ISO code or IRI.
    """
    graph = open_view(folder, view, timeout)
    triple = parse_terms(graph, subject, predicate, object_)
    explanations = explain(graph, triple, every=every, texts=texts)
    shown = render_all(explanations, form) if every else render(explanations[0], form)
    if form == "text":
        show_lines(f"{shown}\nverdict: {explanations[0].verdict}\nview: {explanations[0].view}\n")
    else:
        show_text(f"{shown}\n")
