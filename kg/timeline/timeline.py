"""``kg timeline``: what began, ended and happened, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

from kg.dates import DAWN, DUSK, Period, Span, period_of
from kg.errors import Problem, UsageError
from kg.evidence.notes import other_views
from kg.graph.store import Graph
from kg.graph.views import AHEAD
from kg.harmless import html_table
from kg.model import FACT, Claim, Term
from kg.phrases import phrase
from kg.timeline.dated_facts import Fact, facts_about, sources
from kg.timeline.dates_in_words import in_words, shortened

#: The first and last year to tell of; None is open.
Years = tuple[int | None, int | None]
#: The columns of a timeline as a table.
COLUMNS = ("when", "what", "fact", "how", "sources")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to tell: that a fact began, ended, happened or held (``what``), within a span of days.

    ``mark`` is what its period is at the view's date (``Period.mark_in``); without one, ``possible`` where it may
    never have been, else ``certain``. ``claims`` are those that give the date, or all of the fact's when it is
    inferred.
    """

    when: Span
    what: str
    fact: Fact
    period: Period
    mark: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, repr=False)
class Timeline:
    """The entries in order, and how much was left out: restatements, and undated facts."""

    graph: Graph
    term: Term | None
    facts: tuple[Fact, ...]
    entries: tuple[Entry, ...]
    restatements: int
    undated: int
    years: Years | None = None

    @property
    def about(self) -> str:
        """What it is of, in the graph's language: ``NATO, from 2014 to 2016``."""
        language = self.graph.language
        what = self.graph.label(self.term) if self.term else phrase("all facts", language)
        bounds = zip(("from {}", "to {}"), self.years or (), strict=False)
        told = " ".join(phrase(bound, language, year) for bound, year in bounds if year)
        return f"{what}, {told}" if told else what

    def __repr__(self) -> str:
        of = f" of {self.graph.label(self.term)}" if self.term else ""
        return f"<kg timeline{of}: {len(self.entries)} entries>"

    def _repr_html_(self) -> str:
        """The timeline as notebooks show it."""
        return html_table(COLUMNS, self.rows(), self.left_out())

    def left_out(self) -> list[str]:
        """How many facts were left out and which option shows them, as lines."""
        counts = (
            (self.undated, "facts that nothing but their document dates", "--undated"),
            (self.restatements, "facts that only restate another", "--restated"),
        )
        return [f"{count} {what} left out ({option})" for count, what, option in counts if count]

    def sentence(self, fact: Fact) -> str:
        """A fact in the graph's language: its three labels."""
        return self.graph.label.sentence(fact.triple)

    def how(self, fact: Fact) -> str:
        """Whether a fact is stated or inferred, as what where no claim puts it as a fact, and how it is hedged."""
        modality = "" if fact.modality == FACT else f", {self.graph.label(fact.modality)}"
        return f"{fact.how}{modality}{fact.hedged}"

    def rows(self) -> list[tuple[str, ...]]:
        """The entries as the cells of a table with COLUMNS.

        At all dates, what may never have been has a question mark.
        """
        mark = " ?" if self.graph.view.as_of is None else ""
        return [
            (
                in_words(entry.when, self.graph.language) + ("" if entry.mark == "certain" else mark),
                phrase(entry.what, self.graph.language),
                self.sentence(entry.fact),
                self.how(entry.fact),
                shortened(sources(entry.claims)),
            )
            for entry in self.entries
        ]

    def as_json(self) -> list[dict[str, object]]:
        """The entries with their bounds as ISO days (null is open), terms and claims."""
        names = ("earliest_begin", "latest_begin", "earliest_end", "latest_end")
        return [
            {
                "first": entry.when.first,
                "last": entry.when.last,
                "what": entry.what,
                "certainty": entry.mark,
                "subject": entry.fact.triple[0],
                "predicate": entry.fact.triple[1],
                "object": entry.fact.triple[2],
                "text": self.sentence(entry.fact),
                "inferred": entry.fact.inferred,
                "period": dict(zip(names, entry.period.known_bounds, strict=True)),
                "claims": [claim.iri for claim in entry.claims],
                "sources": list(sources(entry.claims)),
            }
            for entry in self.entries
        ]


def timeline(
    graph: Graph,
    term: Term | None = None,
    *,
    restated: bool = False,
    undated: bool = False,
    years: Years | None = None,
) -> Timeline:
    """What began, ended and happened among a view's facts, or among those that speak of one term.

    ``restated`` adds facts that only restate another one; ``undated`` adds those of which no date is known but
    that of the document. ``years`` are the first and last year to tell of, either open: what is dated to them, by its
    one known end where the other is open.
    Raises UsageError (KG814) when the last lies before the first.
    """
    within = _span_of(years)
    facts, restatements = facts_about(graph, term, restated=restated)
    entries, shown, left_out = [], [], 0
    for fact in facts:
        mine = [e for e in _entries(graph, fact) if undated or not (e.mark == "undated" or _document_dates(graph, e))]
        left_out += not (mine or undated)
        mine = [entry for entry in mine if _meets(entry.when, within)]
        if mine or (undated and years is None):
            shown.append(fact)
        entries += mine
    entries.sort(key=lambda entry: (*_order(entry.when), entry.what, entry.fact.triple))
    return Timeline(graph, term, tuple(shown), tuple(entries), restatements, left_out, years)


def _meets(when: Span, within: Span) -> bool:
    first, last = when.first or when.last, when.last or when.first
    return Period(first, None, None, last).possible_in(within)


def _span_of(years: Years | None) -> Span:
    first, last = years or (None, None)
    if first and last and first > last:
        remedy = "Give the earlier year with --from, the later one with --to."
        raise UsageError(Problem("KG814", f"there are no years from {first} to {last}", remedy=remedy))
    return Span(f"{first:04d}-01-01" if first else None, f"{last:04d}-12-31" if last else None)


def _entries(graph: Graph, fact: Fact) -> list[Entry]:
    at = graph.view.as_of
    found: dict[tuple[Span, str], Entry] = {}
    for period in fact.periods:
        if not graph.view.takes(period):
            continue
        mark = period.mark_in(at) if at else "possible" if period.doubtful else "certain"
        for what, when in _told(period, fact.kind):
            if (when, what) not in found or mark == "certain":
                claims = fact.claims if fact.inferred else _dating(graph, fact, period, what)
                found[when, what] = Entry(when, what, fact, period, mark, claims)
    return list(found.values())


def _dating(graph: Graph, fact: Fact, period: Period, what: str) -> tuple[Claim, ...]:
    """The claims of a stated fact that give a period's beginning or end; all of them if none does alone."""
    part = {"began": slice(2), "ended": slice(2, 4)}.get(what, slice(4))
    dates = {c.document: graph.index.document(c.document).published for c in fact.claims}
    own = {c.iri: period_of(c.times, fact.kind, dates[c.document], ahead=c.modality in AHEAD) for c in fact.claims}
    return tuple(c for c in fact.claims if own[c.iri].bounds[part] == period.bounds[part]) or fact.claims


def _document_dates(graph: Graph, entry: Entry) -> bool:
    """Whether the document's own date is all that bounds an entry, but for the time of what it speaks of."""
    if entry.what == "held" and not entry.period.latest_end:
        return True
    documents = {claim.document for claim in entry.fact.claims}
    appeared = {day for name in documents for day in astuple(graph.index.document(name).published)}
    given = any(claim.times for claim in entry.fact.claims)
    return entry.when.last in appeared and (entry.when.first is None or not given)


def _told(period: Period, kind: str) -> Iterator[tuple[str, Span]]:
    """What there is to tell of a period: that it happened, or that it began and ended, as far as that is known."""
    if kind == "Timeless":
        return
    begin = _known(period.earliest_begin, period.latest_begin)
    end = _known(period.earliest_end, period.latest_end)
    if kind == "EventKind":
        # What may still go on is told by its beginning.
        goes_on = end.last is None and begin.last is not None
        yield ("began", begin) if goes_on else ("happened", Span(begin.first, end.last))
        return
    if begin == end and begin != Span(None, None):
        yield "held", begin
        return
    begun = begin.first is not None or (begin.last is not None and (end.first is None or begin.last < end.first))
    if begun:
        yield "began", begin
    if end.last is not None:
        yield "ended", end
    if not begun and end.last is None:
        days = [day for day in (begin.last, end.first) if day]
        yield "held", Span(min(days, default=None), max(days, default=None))


def _known(first: str | None, last: str | None) -> Span:
    return Span(None if first == DAWN else first, None if last == DUSK else last)


def _order(when: Span) -> tuple[str, str]:
    """By the first day; what has none stands at its last, after what is known better."""
    return (when.first or when.last or DUSK, when.last or DUSK)


def nothing_dated(found: Timeline) -> list[str]:
    """Why a timeline has no entries; nothing when it has some."""
    if found.entries:
        return []
    there = other_views(found.graph, lambda graph: len(timeline(graph, found.term, years=found.years).facts), "fact")
    told = "no fact in this view begins, ends or happens at a time that is known: {}"
    return [phrase(told, found.graph.language, found.about), *there]
