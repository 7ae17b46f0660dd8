"""``kg load``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.completing import complete_profile
from kg.cli.endpoint_options import refuse_certain, with_credentials
from kg.cli.options import Seconds, ViewOptions, Whole, open_view, view_options
from kg.cli.streams import clear_progress, show_progress
from kg.errors import counted
from kg.harmless import json_text
from kg.load import DiffersError, load
from kg.load.credentials import netrc_credentials
from kg.load.profiles import PROFILES
from kg.load.transport import check_address, origin

if TYPE_CHECKING:
    from kg.load import Report
    from kg.load.credentials import Credentials
    from kg.load.remote_queries import AnswerCheck

_UNION = "a query that names no graph asks all at once, denied claims too: name the view's graph, as --endpoint does"


def _list(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return

    for profile in PROFILES.values():
        click.echo(f"{profile.name:<10} {profile.title}; {profile.tested}")
        told = [] if profile.signs else ["its answers do not tell its kind: give --profile"]
        union = [_UNION] if profile.union_default_graph else []
        for line in (f"address: {profile.address}", *told, *union, *profile.limits):
            click.echo(f"{'':<10}   {line}")
    ctx.exit()


@click.command(name="load", epilog="Example: kg load http://localhost:7878")
@click.argument("url")
@click.option(
    "--profile",
    help="The kind of store; by default recognised from its answers. `--profiles` lists the kinds.",
    shell_complete=complete_profile,
)
@click.option(
    "--update-url", metavar="URL", help="The address for updates, if not the profile's; see docs/loading.md."
)
@click.option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@click.option(
    "--verify",
    type=click.Choice(["sent", "all", "none"]),
    default="sent",
    show_default=True,
    help="Units to read back and compare.",
)
@click.option("--adopt", is_flag=True, help="Replace graphs of the same names that something else wrote.")
@click.option("--batch", type=Whole(1), metavar="NUMBER", help="Largest number of quads in one request.")
@click.option(
    "--timeout",
    type=Seconds(0.1),
    metavar="SECONDS",
    default=600.0,
    show_default=True,
    help="Time limit of a request; large requests get more.",
)
@click.option("--only-default", is_flag=True, help="Drop views that earlier loads added.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--profiles", is_flag=True, is_eager=True, expose_value=False, callback=_list, help="List the profiles."
)
@view_options
@click.pass_obj
def command(
    folder: Path | None,
    url: str,
    profile: str | None,
    update_url: str | None,
    dry_run: bool,
    verify: str,
    adopt: bool,
    batch: int | None,
    timeout: float,
    only_default: bool,
    as_json: bool,
    view: ViewOptions,
) -> None:
    """Load the graph into the triple store at URL and verify it.

    Units that the store already holds are not sent again. With --only, --without, --accept or --as-of, that view is
    loaded beside the default one. Credentials come from KG_LOAD_USER and KG_LOAD_PASSWORD (or KG_LOAD_TOKEN), a netrc
    file, or a prompt.
    """
    refuse_certain(view)
    there = origin(check_address(url))
    writes = origin(check_address(update_url, "--update-url")) if update_url else there
    graph = open_view(folder, view)

    def run(credentials: Credentials | None) -> Report:
        return load(
            graph,
            url,
            profile=profile,
            credentials=credentials,
            update_url=update_url,
            update_credentials=netrc_credentials(writes[1]) if writes != there else None,
            batch=batch,
            timeout=timeout,
            verify=verify,
            dry_run=dry_run,
            adopt=adopt,
            only_default=only_default,
            progress=show_progress,
        )

    try:
        # A prompt is for one server only: it cannot say which of two servers refused.
        report = with_credentials(url, run, prompt=writes == there)
    except DiffersError as error:
        clear_progress()
        if as_json:
            click.echo(json_text(error.report.as_json(), indent=2))
        raise
    clear_progress()
    click.echo(json_text(report.as_json(), indent=2) if as_json else _words(report, dry_run))


def _words(report: Report, dry_run: bool) -> str:
    plan = report.plan
    lines = []
    for step in plan.steps:
        if step.action != "skip":
            size = f"{step.quads:>9,} quads {step.size / 1e6:>8.2f} MB" if step.action == "put" else " " * 27
            lines.append(f"{step.action:<4} {size}  {step.unit} ({step.why})")
    put, dropped, skipped = (len(plan.of(action)) for action in ("put", "drop", "skip"))
    verb = "would be " if dry_run else ""
    lines.append(f"{report.profile}: {put} {verb}put, {dropped} {verb}dropped, {skipped} {verb}skipped as unchanged")
    if report.checks:
        quads = sum(check.found for check in report.checks)
        lines.append(f"verified: {quads:,} quads in {counted(len(report.checks), 'unit')}")
        lines += [f"  {words}" for words in _rewritten(report)]
    if report.answers:
        asked = [answer for answer in report.answers if answer.against]
        by_csv = sum(answer.against == "expected" for answer in asked)
        lines.append(
            f"verified: the answers to {counted(len(asked), 'saved query', 'saved queries')} ({by_csv} by CSV)"
        )
        lines += [f"  {_asked(answer)} {answer.message}" for answer in report.answers if answer.message]
    if report.seconds:
        took = ", ".join(f"{name} {value:.2f} s" for name, value in report.seconds.items())
        lines.append(f"{report.sent / 1e6:.2f} MB sent; {took}")
    return "\n".join(lines)


def _asked(answer: AnswerCheck) -> str:
    return answer.query if answer.view == "default" else f"{answer.query} in view {answer.view}"


def _rewritten(report: Report) -> list[str]:
    totals: dict[str, int] = {}
    for check in report.checks:
        for words, count in check.as_json()["rewritten"].items():
            totals[words] = totals.get(words, 0) + count
    return [f"allowed by the profile: {words}, {count} times" for words, count in totals.items()]
