"""``kg coverage``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.checks import inspect
from kg.checks.inspection import AIM, COLUMNS, document_coverage, reach, sentence_gaps
from kg.cli.options import time_limit
from kg.corpus.passages import REASONS
from kg.harmless import json_text
from kg.limits import LONG_TIMEOUT
from kg.project import Project
from kg.vocab import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.checks.inspection import DocumentCoverage, Gap, Reach, TermCoverage


@click.command(name="coverage", epilog="Example: kg coverage --terms")
@click.option(
    "--texts",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also list sentences that name a main actor, but have no claim that reaches it.",
)
@click.option("--terms", is_flag=True, help="Show the uses of each term of the ontology instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@time_limit(LONG_TIMEOUT, at_once=True)
@click.pass_obj
def command(folder: Path | None, texts: Path | None, terms: bool, as_json: bool) -> int:
    """Report how much of the documents is mapped and linked.

    Per document: how many sentences are mapped, set aside (and why), or neither. Per main actor: the share of
    glosses naming it whose claim reaches it in one step.

    Exit status 1: a sentence is neither mapped nor set aside, or less than 95 % of the glosses reach their actor.
    """
    seen = inspect(Project.find(folder), texts, shapes=False, keep=False)
    if terms:
        told = [{"term": row.name, "kind": row.kind, **row.counts} for row in seen.terms]
        click.echo(json_text(told, indent=2) if as_json else "\n".join(_terms(seen.terms)))
        return 0
    rows = [document_coverage(verdict, seen.passages(slug), slug) for slug, verdict in seen.verdicts.items()]
    actors = reach(seen)
    gaps = sentence_gaps(seen, seen.texts) if seen.texts else []
    click.echo(_json(rows, actors, gaps) if as_json else "\n".join([*_table(rows), *_reach(actors), *_gaps(gaps)]))
    return 1 if any(row.neither for row in rows) or any(row.share < AIM for row in actors) else 0


def _reach(actors: list[Reach]) -> Iterable[str]:
    if actors:
        width = max(len(local_name(row.actor)) for row in actors)
        yield f"\n{'main actor':{width}}  named  reached  share"
        for row in actors:
            reached = row.naming - len(row.unreached)
            yield f"{local_name(row.actor):{width}}  {row.naming:5}  {reached:7}  {row.share:5.1%}"
    for row in actors:
        for claim in row.unreached:
            yield f"{local_name(row.actor)}: not reached by {claim[1:-1]}"


def _gaps(gaps: list[Gap]) -> Iterable[str]:
    for gap in gaps:
        yield f"{gap.document} {gap.place}: {local_name(gap.actor)} is named and no claim reaches it"


def _table(rows: list[DocumentCoverage]) -> Iterable[str]:
    width = max([len("document"), *(len(row.slug) for row in rows)])
    heads = ("claims", "sentences", "mapped", *REASONS, "neither")
    yield f"{'document':{width}}  " + "  ".join(heads)
    total = [0] * len(heads)
    for row in rows:
        numbers = (row.claims, row.sentences, row.mapped, *row.set_aside.values(), len(row.neither))
        total = [before + number for before, number in zip(total, numbers, strict=True)]
        yield f"{row.slug:{width}}  " + "  ".join(f"{n:>{len(h)}}" for n, h in zip(numbers, heads, strict=True))
    yield f"{'all':{width}}  " + "  ".join(f"{n:>{len(h)}}" for n, h in zip(total, heads, strict=True))
    for row in rows:
        if row.neither:
            yield f"{row.slug}: neither mapped nor set aside: {', '.join(row.neither)}"


def _json(rows: list[DocumentCoverage], actors: list[Reach], gaps: list[Gap]) -> str:
    from dataclasses import asdict

    parts = {
        "documents": [asdict(row) for row in rows],
        "actors": [asdict(row) for row in actors],
        "sentences": [asdict(gap) for gap in gaps],
    }
    return json_text(parts, indent=2)


def _terms(rows: list[TermCoverage]) -> Iterable[str]:
    width = max(len(row.name) for row in rows)
    yield f"{'term':{width}}  {'kind':10}  " + "  ".join(COLUMNS)
    for row in rows:
        numbers = "  ".join(f"{row.counts[column] or '·':>{len(column)}}" for column in COLUMNS)
        yield f"{row.name:{width}}  {row.kind:10}  {numbers}"
