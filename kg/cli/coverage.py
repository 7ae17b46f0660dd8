"""``kg coverage``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.checks.coverage import DocumentCoverage, TermCoverage

__all__ = ["command"]


@click.command(name="coverage")
@click.option("--terms", is_flag=True, help="The terms of the ontology, and where each is used, instead.")
@click.option("--json", "as_json", is_flag=True, help="Give it as JSON.")
@click.pass_obj
def command(folder: Path | None, terms: bool, as_json: bool) -> int:
    """Say what is mapped: per document its sentences, those mapped, set aside and why, and those that are neither.

    Ends with 1 when a sentence is neither mapped nor set aside.
    """
    from kg.checks import inspect
    from kg.checks.coverage import document_coverage
    from kg.project import Project

    seen = inspect(Project.find(folder), shapes=False, keep=False)
    if terms:
        click.echo(_terms_json(seen.terms) if as_json else "\n".join(_terms(seen.terms)))
        return 0
    rows = [document_coverage(verdict, seen.passages(slug), slug) for slug, verdict in seen.verdicts.items()]
    click.echo(_json(rows) if as_json else "\n".join(_table(rows)))
    return 1 if any(row.neither for row in rows) else 0


def _table(rows: list[DocumentCoverage]) -> Iterable[str]:
    from kg.corpus.passages import REASONS

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


def _json(rows: list[DocumentCoverage]) -> str:
    import json
    from dataclasses import asdict

    return json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2)


def _terms(rows: list[TermCoverage]) -> Iterable[str]:
    from kg.checks.coverage import COLUMNS

    width = max(len(row.name) for row in rows)
    yield f"{'term':{width}}  {'kind':10}  " + "  ".join(COLUMNS)
    for row in rows:
        numbers = "  ".join(f"{row.counts[column] or '·':>{len(column)}}" for column in COLUMNS)
        yield f"{row.name:{width}}  {row.kind:10}  {numbers}"


def _terms_json(rows: list[TermCoverage]) -> str:
    import json

    return json.dumps([{"term": row.name, "kind": row.kind, **row.counts} for row in rows], indent=2)
