"""``kg timeline``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.completing import complete_entity
from kg.cli.drawing import drawing_options, draws, for_programs
from kg.cli.options import OutputOptions, ViewOptions, deliver, open_view, view_options

__all__ = ["command"]


@click.command(name="timeline")
@click.argument("term", required=False, shell_complete=complete_entity)
@click.option("--undated", is_flag=True, help="Also facts of no date but their document's.")
@click.option("--restated", is_flag=True, help="Also facts that only restate another.")
@view_options
@drawing_options
@click.pass_obj
def command(
    folder: Path | None, term: str | None, undated: bool, restated: bool, view: ViewOptions, output: OutputOptions
) -> None:
    """Show what began, ended and happened, in order: of TERM, or of everything.

    Dates are as precise as the sources. Facts are stated or inferred, each with its sources. With -o and the
    ending .svg, .png or .pdf it is drawn: dark what is certain, pale what is possible.
    """
    from kg.queries.entities import find_entity
    from kg.timeline import timeline
    from kg.timeline.answers import timeline_answer

    graph = open_view(folder, view)
    found = timeline(graph, find_entity(graph, term) if term else None, restated=restated, undated=undated)
    if output.output and draws(output):
        from kg.pictures.timeline import draw_timeline

        draw_timeline(found, output.output)
    else:
        deliver(timeline_answer(found, data=for_programs(output)), view, output)
