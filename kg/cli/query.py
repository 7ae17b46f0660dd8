"""``kg query``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kg.cli.completing import complete_query
from kg.cli.endpoint_options import asked_remotely, endpoint_options, refuse_certain, refuse_profile_alone
from kg.cli.options import OutputOptions, ViewOptions, deliver, open_view, output_options, view_options
from kg.cli.questions import QuestionCommand, opened_graph, values_of
from kg.cli.streams import show_lines
from kg.queries import run


@click.command(name="query", cls=QuestionCommand, options_metavar="", epilog="Example: kg query members NATO")
@click.argument("name", required=False, metavar="[QUESTION [VALUE] [OPTIONS]]", shell_complete=complete_query)
@click.option("--undated", is_flag=True, help="With --as-of: include undated rows.")
@endpoint_options
@view_options
@output_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    name: str | None,
    undated: bool,
    endpoint: str | None,
    profile: str | None,
    view: ViewOptions,
    output: OutputOptions,
    **given: Any,  # noqa: ANN401 - the values of the question's parameters
) -> None:
    """Answer the saved question QUESTION; without a question, show how to choose one.

    VALUE is the question's first parameter. Every parameter is also an option. Write values as you know them:
    Serbia, Србија, RS, id:serbia, 2016. `kg query QUESTION --help` describes one question.
    """
    folder: Path | None = ctx.obj
    if name is None:
        from kg.queries.catalogue import choosing

        show_lines(choosing(opened_graph(ctx)))
        return
    values = values_of(ctx, given)
    refuse_profile_alone(endpoint, profile)
    if endpoint is not None:
        refuse_certain(view)
    graph = open_view(folder, view, None if endpoint else output.timeout, opened_graph(ctx))
    if endpoint is not None:
        from kg.load.remote_queries import run_remote

        answer = asked_remotely(
            graph,
            endpoint,
            profile,
            output.timeout,
            lambda store: run_remote(graph, store, name, values, output.limit),
        )
    else:
        answer = run(graph, name, values, output.limit, output.timeout, undated=undated)
    deliver(answer, view, output)
