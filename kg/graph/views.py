"""Views: which claims are taken as facts, by document, by holder, by modality, by date.

The default view takes what an author affirms as fact and nobody in the corpus contests.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from kg.dates import DUSK, MARKS, DateError, Period, Span, period_of, span, without_season
from kg.errors import Problem, UsageError
from kg.model import AFFIRMED, DENIED, FACT, RETRACTED, Claim, Link, Term, Triple
from kg.phrases import phrase
from kg.typed_dates import typed_date
from kg.vocab import kg

#: What may be accepted beyond documents and dates: what it means, in the words that answers use.
ACCEPT = {
    "facts": "uncontested facts",
    "contested": "facts, also contested ones",
    "attributed": "facts, also what named holders say",
    "affirmed": "anything affirmed",
}

#: The highest level of claims (``level``) that each acceptance takes.
_LEVELS = {"facts": 0, "contested": 0, "attributed": 1, "affirmed": 2}
#: The level of what no view takes.
NEVER = 3

#: Modalities of what has not happened when it is said.
AHEAD = frozenset(kg(name) for name in ("Plan", "Prediction", "Recommendation", "Refusal"))


@dataclass(frozen=True, slots=True)
class View:
    """Which claims are taken as facts.

    ``only`` (when not None) are the documents to believe, ``without`` those not to, by slug; ``accept`` is a key
    of ACCEPT; ``as_of`` is a span of days (from a date as EDTF) or None for all dates; with ``dated``, what is
    undated then is left out, with ``certain`` also what only possibly holds (``Period.mark_in``).
    """

    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    accept: str = "facts"
    as_of: Span | None = None
    as_of_text: str = ""
    certain: bool = False
    dated: bool = False

    def __post_init__(self) -> None:
        if self.accept not in ACCEPT:
            known = ", ".join(ACCEPT)
            raise UsageError(Problem("KG301", f"no such acceptance: {self.accept!r}", remedy=f"One of {known}."))
        if self.certain and self.as_of is None:
            remedy = "Add --as-of DATE."
            raise UsageError(Problem("KG304", "--certain needs a date", remedy=remedy))

    @property
    def default(self) -> bool:
        """Whether this is the view that is built ahead."""
        return self == View()

    @property
    def level(self) -> int:
        """The highest level of claims that it takes as facts (``level``)."""
        return _LEVELS[self.accept]

    def documents(self, slugs: Iterable[str]) -> list[str]:
        """Those of the documents that the view believes, sorted."""
        return sorted(s for s in slugs if (self.only is None or s in self.only) and s not in self.without)

    def describe(self, published: Mapping[str, Span], language: str = "en") -> str:
        """The view in words, as every answer states it: ``uncontested facts, 5 documents, all dates``.

        ``published`` are the documents that there are, by slug, with the days on which each may have appeared.
        """
        believed = self.documents(published)
        count = phrase("{} document" if len(believed) == 1 else "{} documents", language, len(believed))
        if len(believed) < len(published):
            count += f" ({', '.join(believed) or phrase('none', language)})"
        when = (
            phrase("as of {}", language, without_season(self.as_of_text))
            if self.as_of
            else phrase("all dates", language)
        )
        certain = [phrase("only what is certain", language)] if self.certain else []
        return ", ".join([phrase(ACCEPT[self.accept], language), count, when, *certain]) + self._beyond(
            published, language
        )

    def _beyond(self, published: Mapping[str, Span], language: str) -> str:
        """That the view's date is later, or perhaps later, than its newest document; empty if it is not.

        A state lasts until something ends it, so it still holds then; whether anything has ended it meanwhile,
        nobody can tell from the documents.
        """
        spans = [published[slug] for slug in self.documents(published)]
        newest = max((span.last or span.first or DUSK for span in spans), default=DUSK)
        if self.as_of is None or (self.as_of.first or "") <= newest:
            return ""
        told = "later than the newest document believed ({}): what had no end then is taken to last"
        if any(span.last is None for span in spans):
            told = (
                "perhaps later than the newest document believed ({} or later): what had no end then is taken to last"
            )
        return f"; {phrase(told, language, newest)}"

    @property
    def wider(self) -> dict[str, View]:
        """The views that accept more, by what they accept, the nearest first."""
        more = list(ACCEPT)[list(ACCEPT).index(self.accept) + 1 :]
        return {accept: replace(self, accept=accept) for accept in more}

    @property
    def undivided(self) -> View:
        """The same view of all documents."""
        return replace(self, only=None, without=frozenset())

    def timeless(self) -> View:
        """The same view at all dates."""
        return replace(self, as_of=None, as_of_text="", certain=False, dated=False)

    def takes(self, period: Period) -> bool:
        """Whether what holds in a period may hold at the view's date, so far as the view keeps to its marks."""
        if self.as_of is None:
            return True
        if self.certain:
            return period.certain_in(self.as_of)
        return period.mark_in(self.as_of) in MARKS[1:] if self.dated else period.possible_in(self.as_of)

    def check(self, slugs: Iterable[str]) -> None:
        """Raises UsageError (KG302) when the view names an unknown document."""
        known = set(slugs)
        unknown = sorted(((self.only or frozenset()) | self.without) - known)
        if unknown:
            from difflib import get_close_matches

            problems = []
            for name in unknown:
                close = get_close_matches(name, known, 1, 0.4)
                hint = f"Did you mean {close[0]}? " if close else ""
                remedy = f"{hint}The documents are {', '.join(sorted(known))}."
                problems.append(Problem("KG302", f"no such document: {name!r}", remedy=remedy))
            raise UsageError(problems)


def contested(claims: Iterable[Claim], links: Iterable[Link]) -> dict[Term, set[Term]]:
    """Each contested claim with the claims that contest it.

    A claim is contested when a claim of another document denies what it affirms (or the other way round), both
    as fact, or when the mapping links the two as contradicting or disputing and nothing dissolves that.
    """
    document: dict[Term, str] = {}
    by_stance: dict[str, list[Term]] = defaultdict(list)
    for claim in claims:
        if (stance := claim.stance) != RETRACTED:
            document[claim.iri] = claim.document
            if stance:
                by_stance[stance].append(claim.iri)
    found: dict[Term, set[Term]] = defaultdict(set)
    for stance in [stance for stance in by_stance if stance.startswith("-")]:
        for one in by_stance[stance]:
            for other in by_stance.get(f"+{stance[1:]}", ()):
                if document[one] != document[other]:
                    found[one].add(other)
                    found[other].add(one)
    for link in links:
        ends = (link.source, link.target)
        opposed = link.relation in (kg("Contradicts"), kg("Disputes")) and link.dissolved_by is None
        if opposed and all(end in document for end in ends) and document[ends[0]] != document[ends[1]]:
            found[link.source].add(link.target)
            found[link.target].add(link.source)
    return dict(found)


def taken(claims: Iterable[Claim], links: Iterable[Link], view: View) -> list[Claim]:
    """The claims that a view takes as facts, its date apart, in order of their names."""
    claims = list(claims)
    believed = set(view.documents({claim.document for claim in claims}))
    mine = [claim for claim in claims if claim.document in believed]
    disputed = contested(mine, links) if view.accept == "facts" else {}
    return sorted((c for c in mine if accepts(view, c) and c.iri not in disputed), key=lambda claim: claim.iri)


def accepts(view: View, claim: Claim) -> bool:
    """Whether a view takes a claim for a fact, if its document is believed and nobody contests it."""
    return level(claim) <= view.level


def level(claim: Claim) -> int:
    """0 for an author's fact, 1 for one of named holders, 2 for anything else affirmed, 3 for what no view takes."""
    if claim.retracted or claim.polarity == DENIED:
        return NEVER
    if claim.modality == FACT:
        return 1 if claim.holders else 0
    return 2 if claim.polarity == AFFIRMED and claim.modality != kg("Refusal") else NEVER


def facts(claims: Iterable[Claim]) -> dict[Triple, list[Claim]]:
    """The triples that claims state, each with those claims."""
    stated: dict[Triple, list[Claim]] = defaultdict(list)
    for claim in claims:
        for triple in claim.states:
            stated[triple].append(claim)
    return dict(stated)


def fact_periods(
    stated: Mapping[Triple, list[Claim]], kinds: Mapping[Term, str], published: Mapping[str, Span]
) -> dict[Triple, tuple[Period, ...]]:
    """When each stated fact holds, from the times of its claims.

    ``kinds`` gives the temporal kind of each property (``BoundedState`` where it is not said), ``published`` the
    publication of each document. A claim that only says when a persistent state ended caps the open end of
    those that say when it began. No period is left out, also where another covers it.
    """
    return {
        triple: together_dated(
            (claim.iri, dated(claim, kinds.get(triple[1], "BoundedState"), published[claim.document]))
            for claim in claims
        )
        for triple, claims in stated.items()
    }


def claim_periods(
    claims: Iterable[Claim], kinds: Mapping[Term, str], published: Mapping[str, Span]
) -> dict[Term, Period]:
    """The time of each claim, whatever its modality: by the kind of its first property that is bound in time.

    A claim of what is not bound in time was made at a time all the same: without a date it is known when its document
    appeared, and not before or after.
    """
    return {
        claim.iri: period_of(
            claim.times, claim_kind(claim, kinds), published[claim.document], ahead=claim.modality in AHEAD
        )
        for claim in claims
    }


def claim_kind(claim: Claim, kinds: Mapping[Term, str]) -> str:
    """The temporal kind of what a claim says."""
    found = (kinds.get(predicate, "BoundedState") for _s, predicate, _o in claim.content)
    return next((kind for kind in found if kind != "Timeless"), "BoundedState")


class Dated(NamedTuple):
    """When a fact holds by one claim, and whether that says when a persistent state began, or only when it ended."""

    period: Period
    begun: bool = False
    ended: bool = False


def dated(claim: Claim, kind: str, published: Span) -> Dated:
    """When what a claim states holds, by the temporal kind of its property and the publication of its document."""
    times = claim.times
    period = period_of(times, kind, published, ahead=claim.modality in AHEAD)
    begins = bool(times.begins or times.on)
    return Dated(period, kind == "PersistentState" and begins and not times.ends, bool(times.ends) and not begins)


def together_dated(own: Iterable[tuple[Term, Dated]]) -> tuple[Period, ...]:
    """When a fact holds by all claims that state it, given with their names."""
    own = list(own)
    ends = sorted((by.period for _claim, by in own if by.ended and by.period.latest_end), key=_latest_end)
    days = list(map(_latest_end, ends))
    found: dict[Period, None] = {}
    for claim, (period, begun, _ended) in own:
        first = bisect_left(days, period.latest_begin or "") if begun else len(ends)
        if first < len(ends):
            period = replace(period, earliest_end=ends[first].earliest_end, latest_end=ends[first].latest_end)
        # What one claim says of one occasion holds together, though the days are not known.
        found[replace(period, moment=claim) if period.loose else period] = None
    return tuple(found)


def _latest_end(period: Period) -> str:
    return period.latest_end or ""


def view_of(
    only: Iterable[str] | None = None,
    without: Iterable[str] = (),
    accept: str = "facts",
    as_of: str | int | date | None = None,
    certain: bool = False,
) -> View:
    """A view from what people write: one document may be named without a list, a year as a number.

    Raises UsageError (KG301, KG303, KG304).
    """
    # What the view and its graph in a store are called, too.
    written = typed_date(str(as_of)) if as_of is not None else ""
    try:
        when = span(written) if as_of is not None else None
    except DateError as error:
        raise UsageError(Problem("KG303", str(error), remedy="A year, a month or a day.")) from None
    believed, disbelieved = ([one] if isinstance(one, str) else one for one in (only, without))
    return View(
        None if believed is None else frozenset(believed),
        frozenset(disbelieved or ()),
        accept,
        when,
        written,
        certain,
    )
