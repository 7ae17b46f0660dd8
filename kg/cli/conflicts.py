"""``kg conflicts``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.completing import complete_entity
from kg.cli.options import ViewOptions, open_view, time_limit, view_options
from kg.cli.streams import show_lines, show_text
from kg.evidence.conflicts import Conflicts, conflicts
from kg.evidence.triple_support import SupportFinder
from kg.harmless import json_text
from kg.queries.entities import find_partly

if TYPE_CHECKING:
    from kg.evidence.conflicts import Conflict


@click.command(name="conflicts", epilog="Example: kg conflicts Kosovo --open")
@click.argument("term", required=False, shell_complete=complete_entity)
@click.option("--all", "every", is_flag=True, help="Include conflicts within one document.")
@click.option("--open", "unsolved", is_flag=True, help="Show only unresolved conflicts.")
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@time_limit()
@view_options
@click.pass_obj
def command(folder: Path | None, term: str | None, every: bool, unsolved: bool, form: str, view: ViewOptions) -> None:
    """Show the conflicts about TERM, or all: both sides with their passages, and the resolution if there is one.

    With --as-of, shows conflicts between claims that may both hold at that date.
    """
    graph = open_view(folder, view)
    about = find_partly(graph, term)[0] if term else None
    every_one = conflicts(graph, about, between=not every)
    found = Conflicts(graph, (c for c in every_one if not (unsolved and c.dissolved)))
    grounds = SupportFinder.of(graph)
    if form == "json":
        told = [_as_json(conflict, grounds) for conflict in found]
        whole = {"view": graph.describe_view(), "conflicts": told}
        show_text(json_text(whole, indent=2) + "\n")
        return
    show_lines(str(found))


def _as_json(conflict: Conflict, grounds: SupportFinder) -> dict[str, Any]:
    return {
        "kind": conflict.kind,
        "why": conflict.why,
        "dissolved": conflict.dissolved or None,
        "note": conflict.note or None,
        "sides": [
            {
                "text": side.text,
                "claims": [
                    {"claim": c.iri[1:-1], "document": c.document, "passages": list(c.passages), "gloss": c.gloss}
                    for c in side.claims
                ],
                "steps": [grounds.rule_reference(p).line for p in side.proof.ordered() if p.rule]
                if side.proof
                else [],
            }
            for side in conflict.sides
        ],
    }
