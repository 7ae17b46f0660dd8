"""Pairs of claims that may not both be right, found once over all claims; a view then shows those of its documents.

``polarity`` (one affirms what the other denies), ``figure`` (one quantity, two numbers), ``date`` (one proposition,
times that do not meet) and ``linked`` (the mapping says so).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from kg.dates import Period, Span, period_of
from kg.model import AFFIRMED, DENIED, FACT, Claim, Link, Term, Triple
from kg.vocab import kg

#: The kinds of pairs, in the order in which they are found and shown.
KINDS = ("polarity", "figure", "date", "linked")

_OPPOSED = (kg("Contradicts"), kg("Disputes"))
_SHARE, _QUANTITY, _QUESTION = kg("share"), kg("quantity"), kg("question")
_COMPARED = tuple(map(kg, ("question", "stance", "population")))


class Clash(NamedTuple):
    """Two claims, and about what: two numbers, a triple, the relation of a link; nothing for polarity."""

    kind: str
    one: Claim
    other: Claim
    about: tuple[Term, ...] = ()


def clashes(
    claims: Iterable[Claim],
    links: Iterable[Link],
    by_name: Mapping[Term, Claim],
    kinds: Mapping[Term, str],
    published: Mapping[str, Span],
) -> Iterator[Clash]:
    """All pairs among some claims; ``kinds`` and ``published`` are as for ``kg.graph.views.fact_periods``."""
    said = [claim for claim in claims if claim.modality == FACT and not claim.retracted]
    yield from _by_polarity(said)
    yield from _by_figure(said)
    yield from _by_date(said, kinds, published)
    for link in links:
        if link.relation in _OPPOSED and link.source in by_name and link.target in by_name:
            yield Clash("linked", by_name[link.source], by_name[link.target], (link.relation,))


def _by_polarity(claims: Iterable[Claim]) -> Iterator[Clash]:
    by_content: dict[tuple[Triple, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        by_content[claim.content].append(claim)
    for same in by_content.values():
        for yes in (claim for claim in same if claim.polarity == AFFIRMED):
            yield from (Clash("polarity", yes, no) for no in same if no.polarity == DENIED)


def _by_figure(claims: Iterable[Claim]) -> Iterator[Clash]:
    """Numbers of one property and subject; and shares of one question, option and population in two polls."""
    by_figure: dict[tuple[Term, ...], list[tuple[Term, Claim]]] = defaultdict(list)
    for claim in claims:
        if claim.polarity == DENIED:
            continue
        results: dict[Term, dict[Term, Term]] = defaultdict(dict)
        for s, p, o in claim.content:
            results[s][p] = o
            if o.endswith(("#integer>", "#decimal>")) and p not in (_SHARE, _QUANTITY):
                by_figure[s, p].append((o, claim))
        for row in results.values():
            if _SHARE in row and _QUESTION in row:
                by_figure[tuple(row.get(name, "") for name in _COMPARED)].append((row[_SHARE], claim))
    for figures in by_figure.values():
        for (one, first), (other, second) in combinations(figures, 2):
            if one != other and first.document != second.document:
                yield Clash("figure", first, second, (one, other))


def _by_date(claims: Iterable[Claim], kinds: Mapping[Term, str], published: Mapping[str, Span]) -> Iterator[Clash]:
    by_triple: dict[Triple, list[tuple[Period, Claim]]] = defaultdict(list)
    for claim in claims:
        if claim.polarity == DENIED or not (claim.times.on or claim.times.begins):
            continue
        for triple in claim.content:
            kind = kinds.get(triple[1], "Timeless")
            if kind in ("EventKind", "PersistentState"):
                by_triple[triple].append((period_of(claim.times, kind, published[claim.document]), claim))
    for triple, dated in by_triple.items():
        for (one, first), (other, second) in combinations(dated, 2):
            if first.document != second.document and _apart(one, other):
                yield Clash("date", first, second, triple)


def _apart(one: Period, other: Period) -> bool:
    """Whether two beginnings cannot be the same day."""
    first, last = sorted((one, other), key=lambda period: period.earliest_begin or "")
    return bool(first.latest_begin and last.earliest_begin and first.latest_begin < last.earliest_begin)
