"""``kg explain``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.completing import complete_entity, complete_property
from kg.cli.options import ViewOptions, open_view, show_lines, show_text, view_options

__all__ = ["command"]


@click.command(name="explain")
@click.argument("subject", shell_complete=complete_entity)
@click.argument("predicate", shell_complete=complete_property)
@click.argument("object_", metavar="OBJECT", shell_complete=complete_entity)
@click.option("--all", "every", is_flag=True, help="Every minimal proof, up to twenty.")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["text", "md", "json", "dot", "ttl"]),
    default="text",
    show_default=True,
    help="How to show it.",
)
@click.option(
    "--texts", type=click.Path(path_type=Path), metavar="DIR", help="The documents' texts, to show sentences."
)
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
    view: ViewOptions,
) -> None:
    """Show why SUBJECT PREDICATE OBJECT holds: a tree whose leaves are claims, axioms and entities.

    The three are written as people write them: serbia observerWithin csto.
    """
    from kg.evidence.explain import explain, parse_terms
    from kg.evidence.render import render

    graph = open_view(folder, view)
    triple = parse_terms(graph, subject, predicate, object_)
    explanations = explain(graph, triple, every=every, texts=texts)
    shown = [render(explanation, form) for explanation in explanations]
    if form != "text":
        show_text("".join(f"{text}\n" for text in shown))
        return
    if len(shown) > 1:
        shown = [f"proof {number} of {len(shown)}\n{text}" for number, text in enumerate(shown, start=1)]
    show_lines("\n\n".join(shown) + f"\nview: {explanations[0].view}\n")
