"""``kg impact``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.diff import DIFFERS, report_options
from kg.cli.options import time_limit
from kg.compare.impact import impact
from kg.compare.report import LIMIT, markdown, text
from kg.limits import LONG_TIMEOUT
from kg.project import Project


@click.command(name="impact", epilog="Example: kg impact sputnik-2017")
@click.argument("what", nargs=-1, required=True, metavar="AXIOM|TERM|CLAIM")
@report_options
@time_limit(LONG_TIMEOUT, at_once=True)
@click.pass_obj
def command(folder: Path | None, what: tuple[str, ...], form: str, everything: bool) -> int:
    """Show which facts and answers you would lose by removing something, before you edit.

    Name an axiom (kg:Country rdfs:subClassOf kg:Polity, or file:line), a term or entity (with everything that
    mentions it), a claim (slug/name), a document (its slug), or a rule (its name).

    Exit status 4: something would be lost.
    """
    found = impact(Project.find(folder), " ".join(what))
    render = markdown if form == "md" else text
    click.echo(render(found, 0 if everything else LIMIT), nl=False)
    return DIFFERS if found.facts or found.answers else 0
