"""``kg check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.checks import inspect
from kg.checks.fair import MISSING, assess
from kg.checks.problem_codes import explain
from kg.cli.completing import complete_code
from kg.cli.options import time_limit
from kg.cli.streams import show_coloured
from kg.errors import InputError, counted
from kg.harmless import json_text
from kg.limits import LONG_TIMEOUT
from kg.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.checks import Inspection
    from kg.errors import Problem

_COLOURS = {"error": "red", "warning": "yellow"}


@click.command(name="check", epilog="Example: kg check --explain KG401")
@click.option(
    "--texts",
    type=click.Path(path_type=Path),
    help="Folder with the documents' texts: check every passage against them.",
)
@click.option(
    "--explain", "code", metavar="CODE", help="Print what a code means and exit.", shell_complete=complete_code
)
@click.option("--fair", is_flag=True, help="Report the 24 FAIR checks of FOOPS! instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@click.option("--quiet", "-q", is_flag=True, help="Show errors only.")
@time_limit(LONG_TIMEOUT, at_once=True)
@click.pass_obj
def command(
    folder: Path | None, texts: Path | None, code: str | None, fair: bool, as_json: bool, strict: bool, quiet: bool
) -> int:
    """Check every file and report all problems together, each with its code, place and remedy.

    Expected answers beside saved queries are checked for columns and for names that the graph lacks. `make test`
    and `kg load` compare them with the answers.

    Exit status 1: there is an error.
    """
    if code:
        click.echo(str(explain(code)))
        return 0
    if fair:
        return _fair(folder, as_json, strict)

    try:
        seen = inspect(Project.find(folder), texts)
    except InputError as error:
        if not as_json:
            raise
        # Where a file cannot be read, nothing is known of the others.
        click.echo(_json(error.problems, quiet, {"documents": None}))
        return error.exit_code
    errors = sum(1 for problem in seen.problems if problem.severity == "error")
    warnings = len(seen.problems) - errors
    if as_json:
        counts: dict[str, object] = {"documents": len(seen.verdicts)}
        click.echo(_json(seen.problems, quiet, counts | ({"passages": _states(seen)} if seen.texts else {})))
    else:
        for problem in seen.problems:
            if problem.severity == "error" or not quiet:
                head, _newline, remedy = str(problem).partition("\n")
                show_coloured(head, _COLOURS[problem.severity])
                if remedy:
                    click.echo(remedy)
        if seen.texts:
            click.echo(_texts(seen))
        claims = sum(len(verdict.claims) for verdict in seen.verdicts.values())
        sentence = f"{counted(len(seen.verdicts), 'document')}, {counted(claims, 'claim')}"
        click.echo(f"{sentence}: {counted(errors, 'error')}, {counted(warnings, 'warning')}")
    return 1 if errors or (strict and warnings) else 0


def _fair(folder: Path | None, as_json: bool, strict: bool) -> int:
    """Show the FAIR checks; with ``strict``, what the files could fix ends with 1."""
    from dataclasses import asdict

    found = assess(Project.find(folder))
    if as_json:
        click.echo(json_text([asdict(finding) for finding in found], indent=2))
    else:
        for finding in found:
            note = f": {finding.note}" if finding.note else ""
            colour = "red" if finding.outcome == MISSING else None
            show_coloured(f"{finding.check:<10}  {finding.outcome:<18}  {finding.title}{note}", colour)
    return 1 if strict and any(finding.outcome == MISSING for finding in found) else 0


def _states(seen: Inspection) -> dict[str, dict[str, int]]:
    """How many passages of each document are in each state, for those whose text was found."""
    from collections import Counter

    texts = seen.texts
    if texts is None:
        return {}
    slugs = sorted(set(texts.passages) & set(texts.found))
    return {slug: dict(Counter(finding.state for finding in texts.findings(slug))) for slug in slugs}


def _texts(seen: Inspection) -> str:
    rows = []
    for slug, states in _states(seen).items():
        order = [state for state in ("FOUND", "MOVED", "AMBIGUOUS", "MISSING") if state in states]
        rows.append(f"{slug}: {', '.join(f'{states[state]} {state}' for state in order)}")
    return "\n".join(rows)


def _json(problems: Iterable[Problem], quiet: bool, rest: dict[str, object]) -> str:

    rows = [
        {
            "code": p.code,
            "severity": p.severity,
            "message": p.message,
            "file": p.place.file if p.place else None,
            "line": p.place.line if p.place else None,
            "column": p.place.column if p.place else None,
            "remedy": p.remedy,
        }
        for p in problems
        if p.severity == "error" or not quiet
    ]
    return json_text({"problems": rows, **rest}, indent=2)
