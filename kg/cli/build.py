"""``kg build``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.streams import clear_progress, show_progress
from kg.errors import counted
from kg.graph.build import build
from kg.project import Project


@click.command(name="build", epilog="Example: kg build --verify")
@click.option("--reasoner", type=click.Choice(["native", "owlrl"]), default="native", show_default=True)
@click.option("--alignments", is_flag=True, help="Also reason over the alignments with other vocabularies.")
@click.option("--named-graphs", is_flag=True, help="Also put the documents' named graphs into the local store.")
@click.option(
    "--verify", is_flag=True, help="Compare the files of the build with their digests; rebuild if one differs."
)
@click.option("--engine", type=click.Choice(["duckdb"]), help="Compute the closure on this SQL engine.")
@click.option("--force", is_flag=True, help="Build even if nothing has changed.")
@click.pass_obj
def command(
    folder: Path | None,
    reasoner: str,
    alignments: bool,
    named_graphs: bool,
    verify: bool,
    engine: str | None,
    force: bool,
) -> None:
    """Check the files, reason over them, and store the graph in .kg/.

    --alignments and --named-graphs stay in force until you run `kg build` without them. Queries need no named graphs;
    `kg load` and `kg export` always include them.
    """
    snapshot = build(
        Project.find(folder),
        reasoner,
        show_progress,
        force=force,
        verify=verify,
        alignments=alignments,
        named_graphs=named_graphs,
        engine=engine or "",
    )
    clear_progress()
    meta = snapshot.meta
    click.echo(
        f"{counted(len(meta['documents']), 'document')}, {counted(meta['claims'], 'claim')}: "
        f"{counted(meta['facts'], 'fact')} stated, {meta['inferred']} inferred; version {meta['version']}"
    )
