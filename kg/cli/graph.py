"""``kg graph``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.completing import complete_entity
from kg.cli.drawing import drawing_options, say_when_tall
from kg.cli.options import (
    OutputOptions,
    ViewOptions,
    Whole,
    deliver,
    open_view,
    time_limit,
    view_options,
)
from kg.errors import counted
from kg.files import write_file
from kg.queries.entities import find_entity
from kg.render.formats import format_of
from kg.render.pictures.canvas import PICTURES
from kg.render.pictures.neighbourhood_picture import dot, draw_neighbourhood, height_of
from kg.timeline.neighbourhood import neighbourhood
from kg.timeline.timeline_answers import neighbourhood_answer


@click.command(name="graph", epilog="Example: kg graph csto --depth 2 -o csto.svg")
@click.argument("term", shell_complete=complete_entity)
@click.option("--depth", type=Whole(1, 3), metavar="NUMBER", default=1, show_default=True, help="Number of steps.")
@click.option(
    "--most",
    type=Whole(1),
    metavar="NUMBER",
    default=8,
    show_default=True,
    help="Maximum number of facts for each property of a thing.",
)
@click.option("--restated", is_flag=True, help="Include facts that only restate another.")
@time_limit()
@view_options
@drawing_options
@click.pass_obj
def command(
    folder: Path | None, term: str, depth: int, most: int, restated: bool, view: ViewOptions, output: OutputOptions
) -> None:
    """Show the facts around TERM: as a table, in another format, or as a picture.

    With -o and the ending .svg, .png or .pdf, draws stated facts in blue, inferred facts in orange and dashed, and
    background facts in green. With .dot or .gv, writes a graph for Graphviz.
    """
    graph = open_view(folder, view)
    found = neighbourhood(graph, find_entity(graph, term), depth=depth, most=most, restated=restated)
    form = format_of(output.file, output.form, picture=" ".join(PICTURES), dot=".dot .gv")
    if output.file and form == "picture":
        say_when_tall(height_of(found), counted(len(found.facts), "fact"), "fewer with --most or --depth")
        draw_neighbourhood(found, output.file)
    elif output.file and form == "dot":
        write_file(output.file, dot(found).encode())
    else:
        deliver(neighbourhood_answer(found), view, output)
