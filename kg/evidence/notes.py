"""What an answer should say beside its rows: what documents contest and the view therefore leaves out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.evidence.empty import rows_of, why_empty
from kg.evidence.grounds import Grounds
from kg.sparql.analysis import named_terms, sees
from kg.sparql.parser import parse_select
from kg.sparql.tokens import form

if TYPE_CHECKING:
    from kg.evidence.collect import Answered

__all__ = ["contested_notes", "why_empty"]


def contested_notes(answer: Answered) -> list[str]:
    """What the answer leaves out since documents contest it, where it would have changed a row; else nothing.

    Only a view of uncontested facts leaves anything out for that reason.
    """
    graph = answer.graph
    if (
        graph.view.accept != "facts"
        or form(answer.text) != "SELECT"
        or _any_rows_do(answer.text)
        or not sees(answer.text, graph.snapshot.meta["contested_terms"])
    ):
        return []
    other = graph.in_view(replace(graph.view, accept="contested"))
    rows = rows_of(other, answer.text)
    # A claim's own record is there whatever the view: rows that differ, differ by facts.
    here, there = Counter(answer.rows), Counter(rows)
    changed = [*(there - here).elements(), *(here - there).elements()]
    if not changed:
        return []
    grounds = Grounds.of(other)
    named = _mentioned(answer.text, changed)
    # What the other view takes and this one does not, it takes although it is contested.
    disputed = graph.index.contested_claims()
    left_out = [
        grounds.claim_reference(claim).line
        for claim in disputed
        if other.facts.takes(claim.iri) and not graph.facts.takes(claim.iri) and _about(claim.content, named)
    ]
    head = f"contested: {len(changed)} row{'s' if len(changed) != 1 else ''} would differ with --accept contested"
    return [head, *(f"    left out: {line}" for line in left_out)]


# -- contested


def _any_rows_do(text: str) -> bool:
    """Whether a query has a LIMIT without an order: then two views have different ones for no reason."""
    select = parse_select(text)
    return select.limit is not None and not select.order


def _mentioned(text: str, rows: list[tuple[str | None, ...]]) -> set[str]:
    return {value for row in rows for value in row if value} | set(named_terms(text))


def _about(content: tuple[tuple[str, str, str], ...], named: set[str]) -> bool:
    return any(s in named or o in named for s, _p, o in content)
