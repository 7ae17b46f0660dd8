"""``kg verify``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.completing import complete_entity
from kg.cli.options import OutputOptions, ViewOptions, deliver, open_view, output_options, view_options
from kg.cli.streams import show_lines
from kg.evidence.statements import cited as citation
from kg.evidence.statements import other_columns, parse_terms, verdicts_answer, verify_table
from kg.evidence.verify import verify
from kg.files import read_text


@click.command(name="verify", epilog="Example: kg verify serbia 'member of' csto --on 2017")
@click.argument(
    "statement",
    nargs=-1,
    required=True,
    metavar="SUBJECT PREDICATE OBJECT | FILE.csv",
    shell_complete=complete_entity,
)
@click.option("--on", metavar="DATE", help="Verify the statement as of this date: a year, a month or a day.")
@click.option("--cited", metavar="DOCUMENT:PLACE", help="Check this citation: sputnik-2017:11.1.")
@view_options
@output_options
@click.pass_obj
def command(
    folder: Path | None,
    statement: tuple[str, ...],
    on: str | None,
    cited: str | None,
    view: ViewOptions,
    output: OutputOptions,
) -> int:
    """Show the status of a statement (stated, inferred, denied, contested, not stated and so on) with its evidence.

    Give one statement, or a CSV file with the columns subject, predicate, object and optionally on, document, place.

    Exit status 4: a statement is neither stated nor inferred, or its citation fails.
    """
    if len(statement) not in (1, 3):
        raise click.UsageError("Give SUBJECT PREDICATE OBJECT, or one CSV file.")
    if len(statement) == 1 and not Path(statement[0]).exists():
        raise click.UsageError(f"There is no file {statement[0]!r}. Give SUBJECT PREDICATE OBJECT, or one CSV file.")
    graph = open_view(folder, view._replace(as_of=on or view.as_of), output.timeout)
    if len(statement) == 1:
        text = read_text(Path(statement[0]), statement[0])
        found = verify_table(graph, text, statement[0])
        if (others := other_columns(text)) and not output.quiet:
            click.echo(f"note: columns that verify does not read: {', '.join(others)}", err=True)
    else:
        found = [verify(graph, parse_terms(graph, *statement), citation(graph, *(cited or ":").split(":", 1)))]
    if len(statement) == 3 and output.form is None and output.output is None:
        show_lines(f"{found[0]}\nview: {graph.describe_view()}\n")
    else:
        deliver(verdicts_answer(graph, found), view, output)
    return 0 if all(one.supported for one in found) else 4
