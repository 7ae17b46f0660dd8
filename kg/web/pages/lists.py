"""The first page, those that list or find something, and names that a field may go on to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from kg.corpus.query_files import without_header
from kg.errors import KgError, Problem, UsageError
from kg.evidence.conflicts import conflicts
from kg.evidence.statements import at_date, parse_terms, verify_table
from kg.evidence.verify import Verification, verify
from kg.labels import fold
from kg.model import Term
from kg.queries.catalogue import by_theme
from kg.queries.finding import find_questions, search
from kg.queries.name_completion import entities, names_begun, properties
from kg.queries.parameters import fitting
from kg.timeline.dates_in_words import periods_in_words
from kg.timeline.poll_results import poll_results
from kg.timeline.timeline import timeline
from kg.vocab import RDF, iri
from kg.web.pages.ontology import ontology_page
from kg.web.pages.page import PageWriter, WrittenPage
from kg.web.pages.pictures import bars

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.queries.bounded import Task
    from kg.web.pages.links import Links

_TYPE = iri(RDF + "type")
#: Names that a field may go on to, at most.
_MOST = 12


def front_page(graph: Graph, links: Links) -> Iterator[WrittenPage]:
    """What the graph is, a field to ask, the questions by theme, the documents."""
    yield PageWriter(graph, links).write("front.html", themes=by_theme(graph.queries.values()))


def questions_page(graph: Graph, links: Links) -> Iterator[WrittenPage]:
    """Every question with its parameters and its SPARQL."""
    themes = by_theme(graph.queries.values())
    yield PageWriter(graph, links).write("questions.html", themes=themes, sparql=without_header)


def ask_page(graph: Graph, links: Links, text: str) -> Iterator[WrittenPage]:
    """What words find; a question or a thing that is so called answers itself."""
    page = PageWriter(graph, links)
    wanted = fold(text)
    exact = next((q for q in graph.queries.values() if wanted and wanted in (fold(q.summary), fold(q.name))), None)
    named = graph.index.named([wanted]) if wanted else []
    entities = [term for term in named if term.startswith(graph.project.iri("id", "")[:-1])]
    if exact or len(entities) == 1:
        where = links.question(exact.name) if exact else page.href(entities[0])
        yield WrittenPage(b"", 303, where)
        return
    found = find_questions(graph, text.split(), 12) if wanted else None
    yield page.write("ask.html", text=text, found=found)


def search_page(graph: Graph, links: Links, text: str) -> Iterator[WrittenPage]:
    """Names, definitions and glosses that have every word."""
    hits = search(graph, text.split()) if fold(text) else []
    yield PageWriter(graph, links).write("search.html", text=text, hits=hits)


def entities_page(graph: Graph, links: Links) -> Iterator[WrittenPage]:
    """Every thing by its kind."""
    kinds: dict[Term, list[Term]] = {}
    for subject, _p, kind in graph.index.given_with([_TYPE], "entities"):
        kinds.setdefault(kind, []).append(subject)
    label = graph.label
    ordered = [
        (kind, sorted(set(kinds[kind]), key=lambda t: (label(t).casefold(), t)))
        for kind in sorted(kinds, key=lambda t: (label(t).casefold(), t))
    ]
    yield PageWriter(graph, links).write("entities.html", kinds=ordered)


def documents_page(graph: Graph, links: Links) -> Iterator[WrittenPage]:
    """Every document, with how many claims it makes."""
    counts = {slug: len(graph.index.claims_of(slug)) for slug in graph.index.documents}
    yield PageWriter(graph, links).write("documents.html", counts=counts)


def conflicts_page(graph: Graph, links: Links) -> Iterator[WrittenPage]:
    """Who disagrees with whom: both sides with their claims."""
    yield PageWriter(graph, links).write("conflicts.html", conflicts=conflicts(graph))


def timeline_page(graph: Graph, links: Links) -> Iterator[WrittenPage]:
    """What began, ended and happened."""
    page = PageWriter(graph, links)
    found = timeline(graph)
    drawn = bars(found, lambda period, kind: periods_in_words([period], kind, graph.language))
    yield page.write("timeline.html", timeline=found, bars=drawn)


def polls_page(graph: Graph, links: Links) -> Iterator[WrittenPage]:
    """Every figure of a poll, with what was asked of whom."""
    yield PageWriter(graph, links).write("polls.html", results=poll_results(graph))


#: The pages that take nothing but a view, by their paths.
LISTS: dict[str, Task] = {
    "": front_page,
    "questions": questions_page,
    "entities": entities_page,
    "documents": documents_page,
    "conflicts": conflicts_page,
    "timeline": timeline_page,
    "polls": polls_page,
    "ontology": ontology_page,
}


def check_page(graph: Graph, links: Links, given: Mapping[str, str], table: str) -> Iterator[WrittenPage]:
    """The verdict on a statement in three fields, or on each of a pasted table.

    ``given`` has ``subject``, ``predicate``, ``object`` and ``on``.
    """
    page, found, problems = PageWriter(graph, links), list[Verification](), tuple[Problem, ...]()
    try:
        if table.strip():
            found = verify_table(graph, table, "the table")
        elif any(given.get(name) for name in ("subject", "predicate", "object")):
            dated = at_date(graph, given["on"]) if given.get("on") else graph
            triple = parse_terms(dated, *(given.get(name, "") for name in ("subject", "predicate", "object")))
            found = [verify(dated, triple)]
    except KgError as error:
        problems = error.problems
    status = 400 if problems else 200
    yield page.write("check.html", status, given=given, table=table, found=found, problems=problems)


def suggestions(graph: Graph, field: str, typed: str) -> Iterator[list[str]]:
    """Names that begin as ``typed`` for a field: ``ask``, ``entity``, ``property``, or ``QUESTION.PARAMETER``."""
    if not fold(typed):
        yield []
    elif field == "ask":
        words = fold(typed).split()
        questions = [query.summary for query in graph.queries.values() if _has(fold(query.summary), words)]
        names = names_begun(graph, typed, frozenset(entities(graph)), _MOST // 2)
        yield [*names, *questions][:_MOST]
    else:
        yield names_begun(graph, typed, _within(graph, field), _MOST)


def _within(graph: Graph, field: str) -> Collection[Term] | None:
    """What fits a field; anything with a name where that is not known."""
    if field == "property":
        return frozenset(properties(graph))
    name, _dot, parameter = field.partition(".")
    query = graph.queries.get(name)
    for each in query.parameters if query else ():
        if each.name == parameter:
            try:
                return fitting(graph, each) or frozenset(entities(graph))
            except UsageError:
                break
    return frozenset(entities(graph))


def _has(text: str, words: list[str]) -> bool:
    """Whether a text has words that begin with all of some."""
    return all(any(each.startswith(word) for each in text.split()) for word in words)
