"""What a row or a fact rests on, as pages show it: premises in words, claims as cards, proofs as nested lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.evidence.explain import explained
from kg.graph.store import Graph
from kg.queries.show import why_no_fact
from kg.render.markup import Premise, premises
from kg.timeline.dates_in_words import periods_in_words

if TYPE_CHECKING:
    from kg.evidence import Evidence, RowEvidence
    from kg.evidence.explain import Explanation, Step
    from kg.render.columns import Cell
    from kg.web.pages.page import ClaimCard, PageWriter

#: Proofs that are shown for one row; more would say the same of the next fact.
_PROOFS = 3


@dataclass(frozen=True)
class ProofNode:
    """A step of a proof with what it rests on; ``again`` for one that was shown before."""

    step: Step
    cards: tuple[ClaimCard, ...]
    again: bool
    below: list[ProofNode] = field(default_factory=list)


@dataclass(frozen=True)
class RowSupport:
    """What a row rests on. ``status`` is one word for how it stands."""

    status: str
    premises: tuple[Premise, ...]
    cards: tuple[ClaimCard, ...]
    proofs: tuple[ProofNode, ...]


@dataclass(frozen=True)
class FallenRow:
    """A row that the view lost: its cells, and why."""

    cells: Sequence[Cell]
    reasons: tuple[str, ...]


def support_of(page: PageWriter, evidence: Evidence, rows: list[RowEvidence]) -> RowSupport:
    """What a row rests on, as its page shows it; for a reader's row, the rows of the answer that it folds."""
    grounds = [ground for row in rows for ground in row.grounds]
    claims = {
        claim.iri: claim
        for ground in grounds
        for reference in ground.references
        if (claim := page.graph.index.claim(reference.source))
    }
    proved = [ground for ground in grounds if ground.proof is not None]
    trees = {ground.proof.conclusion: ground.proof for ground in proved if ground.proof is not None}
    proofs = [proof_tree(page, explained(page.graph, proof)) for proof in list(trees.values())[:_PROOFS]]
    rests_on = tuple(premises(evidence, rows))
    return RowSupport(
        "inferred" if proved else _status(rests_on),
        rests_on,
        tuple(map(page.card, claims.values())),
        tuple(proofs),
    )


def _status(rests_on: Iterable[Premise]) -> str:
    found = {premise.status for premise in rests_on}
    return next((word for word in ("stated", "claimed", "axiom", "entity") if word in found), "recorded")


def proof_tree(page: PageWriter, explanation: Explanation) -> ProofNode:
    """A proof as a tree of steps, each sub-proof once."""
    path: list[ProofNode] = []
    for step, visit in explanation.walk():
        claims = [page.graph.index.claim(reference.source) for reference in step.references]
        node = ProofNode(step, tuple(page.card(claim) for claim in claims if claim), visit.again)
        del path[visit.depth :]
        if path:
            path[-1].below.append(node)
        path.append(node)
    return path[0]


def why_fallen(graph: Graph, row: RowEvidence) -> tuple[str, ...]:
    """Why a row that another view has is not in a graph's: the claims that it does not take, the facts it lacks."""
    reasons: dict[str, None] = {}
    for ground in row.grounds:
        for reference in ground.references:
            claim = graph.index.claim(reference.source)
            if claim and (why := why_no_fact(graph, claim)):
                reasons[f"{_because(why)}: {claim.gloss} ({claim.document} {', '.join(claim.passages)})"] = None
    if reasons:
        return tuple(reasons)
    for ground in row.grounds:
        if ground.status in ("stated", "inferred") and not graph.facts.holds(ground.triple):
            kind = graph.index.kinds.get(ground.triple[1], "")
            periods = graph.in_view(graph.view.timeless()).facts.periods(ground.triple)
            told = periods_in_words(periods, kind, graph.language)
            reasons[f"{graph.label.sentence(ground.triple)}: {told or 'does not hold in this view'}"] = None
    return tuple(reasons) or ("What the row counts or compares has changed.",)


def _because(why: str) -> str:
    return "Left out with its document" if why == "not believed" else f"No fact of this view, {why}"
