"""``kg timeline``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.completing import complete_entity
from kg.cli.drawing import drawing_options, draws, for_programs, say_when_tall
from kg.cli.options import OutputOptions, ViewOptions, Whole, deliver, open_view, time_limit, view_options
from kg.errors import counted
from kg.queries.entities import find_entity
from kg.render.pictures.timeline_picture import draw_timeline, height_of
from kg.timeline.timeline import timeline
from kg.timeline.timeline_answers import timeline_answer


@click.command(name="timeline", epilog="Example: kg timeline csto --from 2014 -o csto.pdf")
@click.argument("term", required=False, shell_complete=complete_entity)
@click.option(
    "--from",
    "first",
    type=Whole(1, 9999, "year"),
    metavar="YEAR",
    help="Show only entries dated to this year or later.",
)
@click.option(
    "--to",
    "last",
    type=Whole(1, 9999, "year"),
    metavar="YEAR",
    help="Show only entries dated to this year or earlier.",
)
@click.option("--undated", is_flag=True, help="Include facts dated only by their document.")
@click.option("--restated", is_flag=True, help="Include facts that only restate another.")
@time_limit()
@view_options
@drawing_options
@click.pass_obj
def command(
    folder: Path | None,
    term: str | None,
    first: int | None,
    last: int | None,
    undated: bool,
    restated: bool,
    view: ViewOptions,
    output: OutputOptions,
) -> None:
    """Show in order what began, ended and happened, for TERM or for everything.

    Dates are as precise as the sources. With -o and the ending .svg, .png or .pdf, draws a picture: dark for
    certain, pale for possible. A PDF has as many A4 pages as it needs.
    """
    graph = open_view(folder, view)
    about = find_entity(graph, term) if term else None
    years = (first, last) if first or last else None
    found = timeline(graph, about, restated=restated, undated=undated, years=years)
    if output.file and draws(output):
        if output.file.suffix.lower() != ".pdf":
            remedy = "name a TERM, choose years, or write .pdf"
            say_when_tall(height_of(found), counted(len(found.facts), "fact"), remedy)
        draw_timeline(found, output.file)
    else:
        deliver(timeline_answer(found, data=for_programs(output)), view, output)
