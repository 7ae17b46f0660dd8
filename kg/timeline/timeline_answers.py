"""Timelines, neighbourhoods and polls as answers, so that every format of answers shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg.errors import counted
from kg.graph.store import Graph
from kg.model import Term, quoted
from kg.queries.answer import Answer
from kg.timeline.dated_facts import sources
from kg.timeline.neighbourhood import Neighbourhood, no_neighbours
from kg.timeline.poll_results import COLUMNS as POLL_COLUMNS
from kg.timeline.poll_results import PollResult, no_polls
from kg.timeline.timeline import COLUMNS, Timeline, nothing_dated
from kg.vocab import XSD, iri

_BOUNDS = ("earliest_begin", "latest_begin", "earliest_end", "latest_end")


def timeline_answer(timeline: Timeline, *, data: bool = False) -> Answer:
    """A timeline as rows: in words, or as ``data``: dates, terms and bounds in columns of their own.

    As of a date, each row has its mark.
    """
    notes = [*nothing_dated(timeline), *timeline.left_out()]
    dated = timeline.graph.view.as_of is not None
    certainty = [entry.mark for entry in timeline.entries] if dated else None
    if not data:
        told = [tuple(quoted(cell) for cell in row) for row in timeline.rows()]
        return _answer(timeline.graph, COLUMNS, told, notes, certainty)
    columns = ("first", "last", "what", "subject", "predicate", "object", "text", "inferred", *_BOUNDS, "sources")
    rows: list[tuple[Term | None, ...]] = [
        (
            _day(entry.when.first),
            _day(entry.when.last),
            quoted(entry.what),
            *entry.fact.triple,
            quoted(timeline.sentence(entry.fact)),
            _boolean(entry.fact.inferred),
            *(_day(bound) for bound in entry.period.known_bounds),
            quoted(", ".join(sources(entry.claims))),
        )
        for entry in timeline.entries
    ]
    return _answer(timeline.graph, columns, rows, notes, certainty)


def neighbourhood_answer(neighbourhood: Neighbourhood) -> Answer:
    """The facts of a neighbourhood as rows."""
    rows = [
        (*fact.triple, quoted(fact.how + fact.hedged), quoted(", ".join(sources(fact.claims))))
        for fact in neighbourhood.facts
    ]
    notes = [f"{counted(neighbourhood.left_out, 'more fact')} not shown (--most)"] if neighbourhood.left_out else []
    notes += no_neighbours(neighbourhood)
    return _answer(neighbourhood.graph, ("subject", "predicate", "object", "how", "sources"), rows, notes)


def polls_answer(graph: Graph, results: Iterable[PollResult], *, data: bool = False) -> Answer:
    """Poll results as rows: in words, or as ``data``: terms, the bare share and its hedge."""
    results = list(results)
    notes = [] if results else no_polls(graph)
    if not data:
        return _answer(graph, POLL_COLUMNS, [tuple(quoted(cell) for cell in r.row(graph)) for r in results], notes)
    columns = ("result", "question", "population", "option", "share", "hedge", "pollster", "published", "sources")
    rows = [
        (
            r.result,
            r.question,
            r.population,
            quoted(r.option),
            f'"{r.share.normalize():f}"^^{iri(XSD + "decimal")}',
            quoted(r.hedge) if r.hedge else None,
            r.pollster,
            quoted(r.dates),
            quoted(", ".join(sources(r.claims))),
        )
        for r in results
    ]
    return _answer(graph, columns, rows, notes)


def _answer(
    graph: Graph,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Term | None, ...]],
    notes: list[str],
    certainty: list[str] | None = None,
) -> Answer:
    answer = Answer(graph, None, "", "SELECT", columns, [*rows], certainty=certainty)
    # No query was asked, so that none need be taken apart to say why nothing is there.
    answer.notes = notes
    return answer


def _day(day: str | None) -> Term | None:
    return None if day is None else f'"{day}"^^{iri(XSD + "date")}'


def _boolean(value: bool) -> Term:
    return f'"{str(value).lower()}"^^{iri(XSD + "boolean")}'
