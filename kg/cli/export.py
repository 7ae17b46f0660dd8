"""``kg export``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import ViewOptions, open_view, time_limit, view_options
from kg.errors import counted
from kg.export import export
from kg.limits import LONG_TIMEOUT


@click.command(name="export", epilog="Example: kg export graph.ttl")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--rdf12", is_flag=True, help="Write RDF 1.2 with claims as reifiers (.ttl .nt .nq .trig).")
@time_limit(LONG_TIMEOUT)
@view_options
@click.pass_obj
def command(folder: Path | None, file: Path, rdf12: bool, view: ViewOptions) -> None:
    """Write the graph to FILE. The ending of its name gives the format.

    \b
    .nq .trig .jsonld   everything, in named graphs
    .ttl .nt .rdf       the view's query graph
    .graphml            the view's facts as a network
    .csv                the view's facts as a table, with times and sources
    .kgz                a bundle that `kg --project FILE` opens read-only

    Add .gz to any ending except .kgz to compress the file.
    """  # noqa: D301 - \b is click's mark for text that it must not wrap
    graph = open_view(folder, view)
    done = export(graph, file, rdf12=rdf12)
    click.echo(f"{done.path}: {counted(done.count, done.counted.removesuffix('s'))}, {done.size:,} bytes")
    click.echo(f"view: {graph.describe_view()}")
