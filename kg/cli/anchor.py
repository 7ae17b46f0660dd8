"""``kg anchor``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.corpus.anchors import anchor
from kg.errors import counted
from kg.files import whole_file
from kg.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.corpus.anchors import AnchorPlan


@click.command(name="anchor", epilog="Example: kg anchor cepi-2017 --texts ../texts")
@click.argument("slugs", metavar="[DOCUMENT]...", nargs=-1)
@click.option(
    "--texts",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder with the documents' texts. Name the text of a new document <document>.txt.",
)
@click.option(
    "--yes", "-y", is_flag=True, help="Write without asking, unless a passage that a claim names has moved."
)
@click.option("--moved", is_flag=True, help="With --yes: write even if passages have moved. Read them first.")
@click.pass_obj
def command(folder: Path | None, slugs: tuple[str, ...], texts: Path, yes: bool, moved: bool) -> int:
    """Write the passages file of each document from its text: every sentence with its place and hash.

    Shows the changes and asks before it writes. The reasons for setting sentences aside move with their sentences.
    If a passage has moved or is gone, edit the claims that name it yourself: the command never changes a claim.
    Exit status 1: a file was not written.
    """
    project = Project.find(folder)
    project.check_writable()
    plans = anchor(project, texts, slugs)
    left = 0
    for plan in plans:
        for line in _describe(plan):
            click.echo(line)
        if not plan.changed:
            continue
        if yes and plan.findings and not moved:
            click.echo("    not written: read the moved passages, then add --moved")
            left += 1
        elif yes or click.confirm(f"    write {plan.path.name}?"):
            with whole_file(plan.path) as file:
                file.write(plan.content.encode())
        else:
            left += 1
    return 1 if left else 0


def _describe(plan: AnchorPlan) -> Iterable[str]:
    """What would change, in words."""
    count = counted(len(plan.text.sentences), "sentence")
    if not plan.changed:
        yield f"{plan.slug}: {count}, unchanged"
        return
    yield f"{plan.slug}: {count}, from {plan.text.path.name}"
    for finding in plan.findings:
        place, claims = finding.anchor.place, plan.claims.get(finding.anchor.place)
        now = f", now {' or '.join(finding.now)}" if finding.now else ""
        named = f"; named by {', '.join(claims)}: fix it there" if claims else ""
        yield f"    {place} {finding.state}{now}{named}"
    if plan.added:
        shown = ", ".join(plan.added[:20]) + (" …" if len(plan.added) > 20 else "")
        yield f"    {len(plan.added)} without an anchor until now: {shown}"
    for place, reason in plan.lost:
        yield f"    {place} was set aside as {reason}: no sentence keeps that"
