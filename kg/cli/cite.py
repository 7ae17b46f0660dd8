"""``kg cite``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kg.cli.completing import complete_query
from kg.cli.options import ViewOptions, open_view, timeout_option, view_options
from kg.cli.questions import QuestionCommand, opened_graph, values_of
from kg.queries import run
from kg.render.citations import cite


@click.command(name="cite", cls=QuestionCommand, options_metavar="", epilog="Example: kg cite members NATO")
@click.argument("name", required=False, metavar="[QUESTION [VALUE] [OPTIONS]]", shell_complete=complete_query)
@click.option(
    "-f", "--format", "form", type=click.Choice(["text", "bibtex", "csl"]), default="text", show_default=True
)
@timeout_option
@view_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    name: str | None,
    form: str,
    timeout: float,
    view: ViewOptions,
    **given: Any,  # noqa: ANN401 - the values of the question's parameters
) -> None:
    """Cite the answer to a saved QUESTION, or the graph: its view, version and documents."""
    folder: Path | None = ctx.obj
    graph = open_view(folder, view, timeout, opened_graph(ctx))
    answer = run(graph, name, values_of(ctx, given), timeout=timeout) if name else None
    click.echo(cite(graph, answer).render(form), nl=False)
