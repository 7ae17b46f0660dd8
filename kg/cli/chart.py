"""``kg chart``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.drawing import drawing_options, draws, for_programs
from kg.cli.options import OutputOptions, ViewOptions, deliver, open_view, time_limit, view_options
from kg.render.pictures.polls_picture import draw_polls
from kg.timeline.poll_results import poll_results
from kg.timeline.timeline_answers import polls_answer


@click.command(name="chart", epilog="Example: kg chart polls -o polls.svg")
@click.argument("what", type=click.Choice(["polls"]))
@time_limit()
@view_options
@drawing_options
@click.pass_obj
def command(folder: Path | None, what: str, view: ViewOptions, output: OutputOptions) -> None:
    """Show figures side by side: `polls` lists each share with its hedge, population, question and pollster.

    Different questions and populations stay apart; overlapping options are not added. With -o and the ending .svg,
    .png or .pdf, the command draws a picture.
    """
    graph = open_view(folder, view)
    results = poll_results(graph)
    if output.file and draws(output):
        draw_polls(graph, results, output.file)
    else:
        deliver(polls_answer(graph, results, data=for_programs(output)), view, output)
