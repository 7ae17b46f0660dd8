"""``kg query``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.completing import complete_parameter, complete_query
from kg.cli.endpoint_options import asked_remotely, endpoint_options, refuse_certain, refuse_profile_alone
from kg.cli.options import OutputOptions, ViewOptions, deliver, open_view, output_options, view_options

__all__ = ["command", "values_of"]


def values_of(pairs: tuple[str, ...]) -> dict[str, str]:
    """What ``-p name=value`` gives, by name. Raises UsageError (KG660) for what has no ``=`` or comes twice."""
    from kg.errors import Problem, UsageError

    values: dict[str, str] = {}
    problems = []
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            problems.append(Problem("KG660", f"-p {pair!r} gives no value", remedy="Write -p name=value."))
        elif name.strip() in values:
            problems.append(Problem("KG660", f"-p {name.strip()} is given twice", remedy="Give one value."))
        values[name.strip()] = value
    if problems:
        raise UsageError(problems)
    return values


@click.command(name="query")
@click.argument("name", shell_complete=complete_query)
@click.option(
    "-p",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter, as you would write it: Serbia, Србија, RS, id:serbia, 2016.",
    shell_complete=complete_parameter,
)
@click.option("--undated", is_flag=True, help="With --as-of: also rows that nothing dates on that side.")
@endpoint_options
@view_options
@output_options
@click.pass_obj
def command(
    folder: Path | None,
    name: str,
    parameters: tuple[str, ...],
    undated: bool,
    endpoint: str | None,
    profile: str | None,
    view: ViewOptions,
    output: OutputOptions,
) -> None:
    """Answer the saved query NAME; `kg queries` lists them."""
    from kg.queries import run

    values = values_of(parameters)
    refuse_profile_alone(endpoint, profile)
    if endpoint is not None:
        refuse_certain(view)
    graph = open_view(folder, view, None if endpoint else output.timeout)
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
