"""``kg queries``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.completing import complete_query
from kg.cli.options import ViewOptions, open_view, time_limit
from kg.cli.streams import show_lines, show_text
from kg.harmless import json_text
from kg.queries.catalogue import describe, found_text, listing
from kg.queries.finding import find_questions


@click.command(name="queries", epilog="Example: kg queries drills with Belarus")
@click.argument("words", nargs=-1, shell_complete=complete_query)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@time_limit()
@click.pass_obj
def command(folder: Path | None, words: tuple[str, ...], as_json: bool) -> None:
    """List the saved questions by theme, find those that fit WORDS (best first), or describe one by its name."""
    graph = open_view(folder, ViewOptions(None, (), "facts", None, certain=False, lang=None))
    named = graph.queries.get(words[0]) if len(words) == 1 else None
    found = find_questions(graph, words) if words and named is None else None
    if as_json:
        queries = (
            [query for query, _values in found.questions] if found else [named] if named else graph.queries.values()
        )
        show_text(json_text([query.as_json() for query in queries], indent=1) + "\n")
    elif found:
        show_lines(found_text(graph, found))
    else:
        show_text(describe(graph, named)) if named else show_lines(listing(graph.queries.values()))
