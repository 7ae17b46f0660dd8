"""Where documents cannot both hold: by the ``false`` rules, and by what the project itself knows of claims.

Five kinds: ``rule`` (an OWL 2 RL/RDF rule gives false, status against status among them), ``polarity`` (affirmed
against denied), ``figure`` (one quantity, two numbers), ``date`` (one proposition, times that do not meet), and
``linked`` (the mapping says so). Each has both sides down to their claims, and the mapping's note where what
looks like a conflict is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from kg.dates import DUSK, Period, period_of
from kg.evidence.grounds import Grounds
from kg.graph.compose import published, temporal_kinds
from kg.graph.materialise import Materialised, claim_periods
from kg.graph.store import Graph
from kg.graph.views import View
from kg.model import AFFIRMED, DENIED, FACT, Claim, Link, Term, Triple
from kg.vocab import kg, local_name

if TYPE_CHECKING:
    from kg.reasoner import Proof

__all__ = ["KINDS", "Conflict", "Side", "conflicts"]

KINDS = ("rule", "polarity", "figure", "date", "linked")
_OPPOSED = (kg("Contradicts"), kg("Disputes"))


@dataclass(frozen=True, slots=True, repr=False)
class Side:
    """One side of a conflict: what it says, in labels; the claims that say it; the proof where a rule gave it."""

    text: str
    claims: tuple[Claim, ...]
    proof: Proof | None = None

    def __repr__(self) -> str:
        return f"<{self.text} ({', '.join(self.documents)})>"

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents of its claims, sorted."""
        return tuple(sorted({claim.document for claim in self.claims}))


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sides that cannot both hold, why, and what dissolves it (empty when nothing does)."""

    kind: str
    why: str
    sides: tuple[Side, ...]
    dissolved: str = ""
    note: str = ""

    @property
    def key(self) -> frozenset[Term]:
        """The claims of all sides."""
        return frozenset(claim.iri for side in self.sides for claim in side.claims)


def conflicts(graph: Graph, *, between: bool = True) -> list[Conflict]:
    """The conflicts among what a view's documents say, whoever holds it, in order of kind and claims.

    With ``between``, only those between documents; else also those within one. As of a date, only those whose sides
    both speak of it (one of them, where the date is what they disagree about): certainly so in a view of the certain.
    """
    claims = _facts_said(graph)
    # What is contested must be in for the rules to see both sides of it.
    both = graph.in_view(
        replace(graph.view, accept="attributed" if graph.view.accept == "facts" else graph.view.accept)
    )
    view = both.materialised
    found = [
        *_by_rules(both, view),
        *_by_polarity(claims, both),
        *_by_figure(claims, both),
        *_by_date(claims, both),
        *_by_link(graph, both),
    ]
    links, times = (
        _links(graph),
        claim_periods(graph.corpus.claims.values(), temporal_kinds(graph.corpus), published(graph.corpus)),
    )
    kept: dict[tuple[str, frozenset[Term]], Conflict] = {}
    said: set[frozenset[Term]] = set()
    for conflict in found:
        if between and len({claim.document for side in conflict.sides for claim in side.claims}) < 2:
            continue
        if not _concerns(conflict, graph.view, times) or (conflict.kind == "linked" and conflict.key in said):
            continue
        said.add(conflict.key)
        kept.setdefault((conflict.kind, conflict.key), _noted(conflict, links))
    return sorted(kept.values(), key=lambda c: (KINDS.index(c.kind), sorted(c.key)))


def _concerns(conflict: Conflict, view: View, times: Mapping[Term, Period]) -> bool:
    """Whether the sides of a conflict speak of the view's date; those of a rule have been held against it."""
    if conflict.kind == "rule":
        return True
    sides = [any(view.takes(times[claim.iri]) for claim in side.claims) for side in conflict.sides]
    return any(sides) if conflict.kind == "date" else all(sides)


def _facts_said(graph: Graph) -> list[Claim]:
    believed = set(graph.view.documents(graph.corpus.documents))
    return [
        claim
        for claim in graph.corpus.claims.values()
        if claim.document in believed and claim.modality == FACT and not claim.retracted
    ]


def _side(grounds: Grounds, triple: Triple, proof: Proof | None = None) -> Side:
    leaves = proof.leaves() if proof else frozenset([triple])
    claims = {claim.iri: claim for leaf in leaves for claim in grounds.view.stated.get(leaf, ())}
    return Side(grounds.words(triple), tuple(claims[iri] for iri in sorted(claims)), proof)


# -- by the false rules


def _by_rules(graph: Graph, view: Materialised) -> Iterator[Conflict]:
    from kg.reasoner import refutations

    grounds = Grounds.of(graph)
    for found, proofs in refutations(view.closure):
        data = [proof for proof in proofs if not grounds.is_schema(proof.conclusion)]
        if not all(view.holds(proof.conclusion) for proof in data):
            continue
        if len(data) == 2 and not _meet(view, *(proof.conclusion for proof in data)):
            continue
        axioms = [proof.conclusion for proof in proofs if grounds.is_schema(proof.conclusion)]
        why = " and ".join(grounds.words(axiom) for axiom in axioms) or found.rule
        yield Conflict("rule", f"{why} ({found.rule})", tuple(_side(grounds, p.conclusion, p) for p in data))


def _meet(view: Materialised, one: Triple, other: Triple) -> bool:
    """Whether two triples ever certainly hold at one time, at the view's date if it has one.

    Statuses that follow one another do not conflict.
    """
    for first in view.periods.get(one, ()):
        for second in view.periods.get(other, ()):
            both = first.intersect(second)
            if both and view.view.takes(both) and (both.latest_begin or "") <= (both.earliest_end or DUSK):
                return True
    return False


# -- by what the project knows of claims


def _by_polarity(claims: Iterable[Claim], graph: Graph) -> Iterator[Conflict]:
    by_content: dict[tuple[Triple, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        by_content[claim.content].append(claim)
    for content, same in by_content.items():
        for one, other in combinations(same, 2):
            if {one.polarity, other.polarity} == {AFFIRMED, DENIED}:
                yes, no = (one, other) if one.polarity == AFFIRMED else (other, one)
                text = " and ".join(" ".join(graph.label(term) for term in triple) for triple in content)
                yield Conflict(
                    "polarity", "affirmed against denied", (Side(text, (yes,)), Side(f"not: {text}", (no,)))
                )


def _by_figure(claims: Iterable[Claim], graph: Graph) -> Iterator[Conflict]:
    """Numbers of one property and subject; and shares of one question, option and population in two polls."""
    by_figure: dict[tuple[Term, ...], list[tuple[Term, Claim]]] = defaultdict(list)
    compared = [kg(name) for name in ("question", "stance", "population")]
    for claim in claims:
        if claim.polarity == DENIED:
            continue
        results: dict[Term, dict[Term, Term]] = defaultdict(dict)
        for s, p, o in claim.content:
            results[s][p] = o
            if o.endswith(("#integer>", "#decimal>")) and p not in (kg("share"), kg("quantity")):
                by_figure[s, p].append((o, claim))
        for row in results.values():
            if kg("share") in row and kg("question") in row:
                by_figure[tuple(row.get(name, "") for name in compared)].append((row[kg("share")], claim))
    for figures in by_figure.values():
        for (one, first), (other, second) in combinations(figures, 2):
            if one != other and first.document != second.document:
                sides = tuple(
                    Side(f"{graph.label(number)}", (claim,)) for number, claim in ((one, first), (other, second))
                )
                yield Conflict("figure", "one quantity, two numbers", sides)


def _by_date(claims: Iterable[Claim], graph: Graph) -> Iterator[Conflict]:
    kinds, dates = temporal_kinds(graph.corpus), published(graph.corpus)
    by_triple: dict[Triple, list[tuple[Period, Claim]]] = defaultdict(list)
    for claim in claims:
        if claim.polarity == DENIED or not (claim.times.on or claim.times.begins):
            continue
        for triple in claim.content:
            kind = kinds.get(triple[1], "Timeless")
            if kind in ("EventKind", "PersistentState"):
                by_triple[triple].append((period_of(claim.times, kind, dates[claim.document]), claim))
    for triple, dated in by_triple.items():
        for (one, first), (other, second) in combinations(dated, 2):
            if first.document != second.document and _apart(one, other):
                text = " ".join(graph.label(term) for term in triple)
                yield Conflict("date", f"one proposition, two times: {text}", (_dated(first), _dated(second)))


def _apart(one: Period, other: Period) -> bool:
    """Whether two beginnings cannot be the same day."""
    first, last = sorted((one, other), key=lambda period: period.earliest_begin or "")
    return bool(first.latest_begin and last.earliest_begin and first.latest_begin < last.earliest_begin)


def _dated(claim: Claim) -> Side:
    return Side(f"{claim.times.on or claim.times.begins}", (claim,))


# -- by the mapping's links


def _links(graph: Graph) -> dict[frozenset[Term], Link]:
    return {frozenset((link.source, link.target)): link for link in graph.corpus.links}


def _by_link(graph: Graph, both: Graph) -> Iterator[Conflict]:
    believed = set(graph.view.documents(graph.corpus.documents))
    for link in graph.corpus.links:
        sides = [graph.corpus.claims[end] for end in (link.source, link.target)]
        if link.relation in _OPPOSED and all(claim.document in believed for claim in sides):
            why = f"the mapping: {local_name(link.relation).lower()}"
            yield Conflict("linked", why, tuple(Side(claim.gloss, (claim,)) for claim in sides))


def _noted(conflict: Conflict, links: dict[frozenset[Term], Link]) -> Conflict:
    """The conflict with what a link between its sides says of it."""
    pairs = combinations([side.claims for side in conflict.sides], 2)
    for one, other in pairs:
        for first in one:
            for second in other:
                link = links.get(frozenset((first.iri, second.iri)))
                if link:
                    dissolved = local_name(link.dissolved_by) if link.dissolved_by else ""
                    return replace(conflict, dissolved=dissolved, note=link.why)
    return conflict
