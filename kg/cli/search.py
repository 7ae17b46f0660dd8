"""``kg search``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import ViewOptions, Whole, open_view, time_limit
from kg.cli.streams import show_lines, show_text
from kg.errors import counted
from kg.harmless import json_text
from kg.queries.finding import search


@click.command(name="search", epilog="Example: kg search vojna saradnja")
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--limit",
    type=Whole(0),
    metavar="NUMBER",
    default=50,
    show_default=True,
    help="Maximum number of hits; 0 for all.",
)
@click.option("--lang", metavar="TAG", help="Language of labels: en, sr-Latn, sr-Cyrl.")
@click.option("--iris", is_flag=True, help="Show the names of claims.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@time_limit()
@click.pass_obj
def command(
    folder: Path | None, words: tuple[str, ...], limit: int, lang: str | None, iris: bool, as_json: bool
) -> None:
    """Find WORDS in names, definitions and glosses; case, diacritics and script do not matter."""
    graph = open_view(folder, ViewOptions(None, (), "facts", None, certain=False, lang=lang))
    hits = search(graph, words, limit)
    if as_json:
        rows = [{"term": h.term.strip("<>"), "kind": h.kind, "text": h.text, "place": h.place} for h in hits]
        show_text(json_text(rows, indent=1) + "\n")
    else:
        text = "".join(f"{line}\n" for line in hits.lines(iris=iris)) or "nothing found\n"
        if limit and len(hits) == limit:
            text += f"cut after {counted(limit, 'hit')}: there may be more (--limit)\n"
        show_lines(text)
