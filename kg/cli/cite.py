"""``kg cite``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.completing import complete_parameter, complete_query
from kg.cli.options import ViewOptions, open_view, timeout_option, view_options
from kg.cli.query import values_of
from kg.errors import Problem, UsageError
from kg.queries import run
from kg.queries.cite import cite

__all__ = ["command"]


@click.command(name="cite")
@click.argument("name", required=False, metavar="[QUERY]", shell_complete=complete_query)
@click.option("-p", "parameters", multiple=True, metavar="NAME=VALUE", shell_complete=complete_parameter)
@click.option(
    "-f", "--format", "form", type=click.Choice(["text", "bibtex", "csl"]), default="text", show_default=True
)
@timeout_option
@view_options
@click.pass_obj
def command(
    folder: Path | None, name: str | None, parameters: tuple[str, ...], form: str, timeout: float, view: ViewOptions
) -> None:
    """Give the citation of the answer to a saved QUERY, or of the graph: view, version, documents."""
    values = values_of(parameters)
    if values and name is None:
        raise UsageError(Problem("KG652", "parameters without a query", remedy="Name the query."))
    graph = open_view(folder, view, timeout)
    answer = run(graph, name, values, timeout=timeout) if name else None
    click.echo(cite(graph, answer).render(form), nl=False)
