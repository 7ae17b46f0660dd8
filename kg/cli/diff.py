"""``kg diff``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import Command, opened, time_limit
from kg.compare.diff import accept, changed_answers, diff
from kg.compare.report import LIMIT, markdown, text
from kg.errors import counted
from kg.harmless import harmless
from kg.limits import LONG_TIMEOUT
from kg.project import Project

#: The status of a comparison that found a difference.
DIFFERS = 4


def report_options(command: Command) -> Command:
    """Add the options of a command that reports differences: ``form`` and ``everything``."""
    form = click.option(
        "-f",
        "--format",
        "form",
        type=click.Choice(["text", "md"]),
        default="text",
        help="Write text, or Markdown for a pull request.",
    )
    return form(click.option("--all", "everything", is_flag=True, help="Show every entry.")(command))


@click.command(name="diff", epilog="Example: kg diff HEAD~1 -f md")
@click.argument("against", metavar="[REV|DIR]", default="HEAD")
@report_options
@click.option("--accept", "accepting", is_flag=True, help="Rewrite the expected answers that changed.")
@time_limit(LONG_TIMEOUT, at_once=True)
@click.pass_obj
def command(folder: Path | None, against: str, form: str, everything: bool, accepting: bool) -> int:
    """Show what the files change: terms, claims, inferred facts with their proofs, and answers.

    Compares the files with a revision of git (by default HEAD) or with another folder. With --accept, compares the
    answers in queries/*.csv with today's instead, and rewrites those that changed.

    Exit status 4: something differs.
    """
    if accepting:
        changed = list(changed_answers(opened(folder)))
        for answer in changed:
            click.echo(harmless(str(answer)))
        accept(changed)
        click.echo(f"{counted(len(changed), 'expected answer')} rewritten")
        return 0
    found = diff(Project.find(folder), against)
    render = markdown if form == "md" else text
    click.echo(render(found, 0 if everything else LIMIT), nl=False)
    return DIFFERS if found else 0
