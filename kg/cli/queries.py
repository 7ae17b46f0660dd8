"""``kg queries``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.completing import complete_query
from kg.cli.options import ViewOptions, open_view, show_lines, show_text
from kg.harmless import json_text
from kg.queries.catalogue import describe, find, listing

__all__ = ["command"]


@click.command(name="queries")
@click.argument("words", nargs=-1, shell_complete=complete_query)
@click.option("--json", "as_json", is_flag=True, help="Give them as JSON.")
@click.pass_obj
def command(folder: Path | None, words: tuple[str, ...], as_json: bool) -> None:
    """List the saved queries by theme, those that WORDS find, or one by its name, in full."""
    graph = open_view(folder, ViewOptions(None, (), "facts", None, certain=False, lang=None))
    found = find(graph, words)
    if as_json:
        show_text(json_text([query.as_json() for query in found], indent=1) + "\n")
    elif len(found) == 1 and words == (found[0].name,):
        show_text(describe(graph, found[0]))
    else:
        show_lines(listing(found))
