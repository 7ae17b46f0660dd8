"""The pages of things and documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kg.corpus.anchors import texts as read_texts
from kg.corpus.passages import REASONS
from kg.errors import Problem, UsageError
from kg.evidence.conflicts import conflicts
from kg.model import Claim, Term, is_literal
from kg.queries.finding import questions_taking
from kg.queries.show import show
from kg.timeline.dated_facts import background_facts
from kg.timeline.dates_in_words import periods_in_words
from kg.timeline.timeline import timeline
from kg.vocab import DCTERMS, RDF, iri, kg
from kg.web.pages.links import file_name
from kg.web.pages.page import PageWriter, WrittenPage
from kg.web.pages.pictures import bars

if TYPE_CHECKING:
    from kg.corpus.saved_queries import SavedQuery
    from kg.evidence.conflicts import Conflict
    from kg.graph.store import Graph
    from kg.timeline.dated_facts import Fact
    from kg.web.pages.links import Links

_HIDDEN = {iri(RDF + "type"), iri(DCTERMS + "title"), kg("slug")}
#: Boxes around a thing at most.
_AROUND = 24


def entity_page(graph: Graph, links: Links, name: str) -> Iterator[WrittenPage]:
    """The page of a thing: names, facts by group, timeline, neighbourhood, who disagrees, questions that take it.

    Raises UsageError (KG655) for an unknown one.
    """
    page = PageWriter(graph, links)
    term = _entity(graph, name)
    described = show(graph, term)
    about = [fact for fact in background_facts(graph) if term in (fact.triple[0], fact.triple[2])]
    groups: dict[Term, list[Fact]] = defaultdict(list)
    for fact in (*described.facts, *about):
        groups[fact.triple[1]].append(fact)
    named = {claim.iri for claim in graph.index.claims_naming(term)}
    found = timeline(graph, term)
    yield page.write(
        "entity.html",
        term_=term,
        described=described,
        # What it does comes before what is done to it; the most telling stays first.
        groups=sorted(groups.items(), key=lambda item: all(fact.triple[0] != term for fact in item[1])),
        periods=lambda fact: periods_in_words(fact.periods, fact.kind, graph.language),
        lines=_around(term, [*described.facts, *about]),
        more_around=max(len(described.facts) + len(about) - _AROUND, 0),
        bars=bars(found, lambda period, kind: periods_in_words([period], kind, graph.language)),
        conflicts=[conflict for conflict in _conflicts(graph) if named & conflict.key],
        questions=[] if links.frozen and not links.live else list(_questions(graph, term)),
    )


def _questions(graph: Graph, term: Term) -> Iterator[tuple[SavedQuery, dict[str, str]]]:
    """The questions that take a thing, each with the value that asks about it; none where it is the default."""
    for query, name in questions_taking(graph, term):
        default = next(parameter.default for parameter in query.parameters if parameter.name == name)
        yield query, {} if default == term[1:-1] else {name: term[1:-1]}


def _conflicts(graph: Graph) -> list[Conflict]:
    """The conflicts of a view, found once while its graph is open."""
    if "conflicts" not in graph.memo:
        graph.memo["conflicts"] = conflicts(graph)
    found: list[Conflict] = graph.memo["conflicts"]
    return found


def _entity(graph: Graph, name: str) -> Term:
    """The entity whose page has a name. Raises UsageError (KG655)."""
    known = graph.project.iri("id", name)
    if known in graph.label.names:
        return known
    start = graph.project.iri("id", "")[:-1]
    for term in graph.label.names:
        if term.startswith(start) and file_name(term[len(start) : -1]) == name:
            return term
    raise UsageError(Problem("KG655", f"nothing is named {name!r}", remedy="Search for it by its name."))


def _around(term: Term, facts: list[Fact]) -> list[tuple[Term, Term, bool]]:
    """The lines of a picture: the property, what is at its other end, and whether it leads there."""
    found = [(f, f.triple[2], True) if f.triple[0] == term else (f, f.triple[0], False) for f in facts]
    lines = [(fact.triple[1], other, out) for fact, other, out in found if not is_literal(other) and other != term]
    return lines[:_AROUND]


def document_page(graph: Graph, links: Links, slug: str, texts: Path | None = None) -> Iterator[WrittenPage]:
    """The page of a document: each sentence by its place, with its claims or why it is set aside.

    With ``texts``, a folder with the documents' texts, the sentences themselves. Raises UsageError (KG302).
    """
    page = PageWriter(graph, links)
    slug = next((each for each in graph.index.documents if file_name(each) == slug), slug)
    graph.view.__class__(only=frozenset([slug])).check(graph.index.documents)
    document = graph.index.document(slug)
    known = read_texts(graph.project, texts) if texts else None
    passages = graph.index.passages(slug)
    by_place: dict[str, list[Claim]] = defaultdict(list)
    for claim in graph.index.claims_of(slug):
        for place in claim.passages or ("",):
            by_place[place].append(claim)
    anchors = passages.anchors if passages else {}
    aside = {place: kg(REASONS[anchor.reason]) for place, anchor in anchors.items() if anchor.reason}
    yield page.write(
        "document.html",
        document=document,
        slug=slug,
        described=[(p, o) for s, p, o in document.description if s == document.iri and p not in _HIDDEN],
        places=[*anchors, *sorted(set(by_place) - set(anchors))],
        claims=by_place,
        aside=aside,
        sentence=lambda place: (known.sentence(slug, place) if known else "") or "",
        texts=bool(known),
    )
