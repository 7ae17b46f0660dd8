"""The tasks behind the tools of agents: answers as plain data, each with identifiers of what it rests on.

A task gives one ``Told``. Its ``data`` names every reference by an identifier, resolved once in ``references``; a
page of it holds as many rows and characters as a model can take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kg.errors import Problem, UsageError
from kg.evidence.conflicts import Conflict, conflicts
from kg.evidence.explain import explain
from kg.evidence.statements import cited, parse_terms
from kg.evidence.triple_support import Reference, SupportFinder
from kg.evidence.verify import Verification, verify
from kg.evidence.why_not import why_not
from kg.harmless import harmless, json_text
from kg.labels import shorten
from kg.model import Claim, Term, is_literal, text_of
from kg.queries import ask, run
from kg.queries.answer import Answer
from kg.queries.catalogue import parameter_help
from kg.queries.entities import find_partly
from kg.queries.finding import find_questions, search
from kg.queries.show import Mention, show
from kg.render.columns import columns_and_rows
from kg.timeline.dates_in_words import periods_in_words
from kg.vocab import PREFIXES
from kg.web.agent_data import (
    Disagreement,
    FoundItem,
    NamedThing,
    QuestionData,
    RowData,
    Said,
    SideData,
    SourceData,
    StepData,
)

if TYPE_CHECKING:
    from kg.corpus.saved_queries import SavedQuery
    from kg.evidence import RowEvidence
    from kg.graph.store import Graph
    from kg.timeline.dated_facts import Fact

#: Rows of a page at most, and characters of its rows and references as JSON.
MOST_ROWS, MOST_CHARACTERS = 100, 24_000
#: Characters of one cell at most.
_LONGEST_CELL = 2_000
#: Links to passages and entities beside a page at most.
_MOST_LINKS = 30


class LinkedResource(NamedTuple):
    """A resource that a client may read: its IRI and its name."""

    iri: str
    name: str


class Told(NamedTuple):
    """What a tool answers, and the resources it names."""

    data: Any
    links: tuple[LinkedResource, ...]


class _Sources:
    """Collects the references of an answer under identifiers, and the things that it names."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.grounds = graph, SupportFinder.of(graph)
        self.found: dict[str, SourceData] = {}
        self._ids: dict[str, str] = {}
        self._links: dict[str, str] = {}

    def add(self, references: Iterable[Reference]) -> list[str]:
        """The identifiers of some references: a claim's IRI; else the file and line, or the rule, told apart."""
        return list(dict.fromkeys(map(self._add, references)))

    def claims(self, claims: Iterable[Claim]) -> list[str]:
        """The identifiers of some claims."""
        return self.add(map(self.grounds.claim_reference, claims))

    def name(self, term: Term) -> str:
        """The IRI of a term, offered as a resource where it is an entity of the project."""
        if term.startswith(self.graph.project.iri("id", "")[:-1]):
            self._links[term[1:-1]] = self.graph.label(term)
        return term.strip("<>")

    @property
    def links(self) -> tuple[LinkedResource, ...]:
        """The resources named so far: entities and passages."""
        return tuple(LinkedResource(iri, harmless(name)) for iri, name in islice(self._links.items(), _MOST_LINKS))

    def _add(self, reference: Reference) -> str:
        known = self._ids.get(reference.key)
        if known is None:
            known = source = reference.source.strip("<>")
            number = 2
            while known in self.found:
                known, number = f"{source} ({number})", number + 1
            self._ids[reference.key] = known
            self.found[known] = self._source(known, reference)
        return known

    def _source(self, name: str, reference: Reference) -> SourceData:
        source = SourceData(id=name, kind=reference.kind, text=reference.line)
        claim = self.graph.index.claim(reference.source) if reference.kind == "claim" else None
        if claim is not None:
            document = self.graph.project.iri("document", claim.document)[1:-1]
            passages = {f"{document}#{place}": f"{claim.document} {place}" for place in claim.passages}
            self._links |= passages
            source["document"], source["passages"] = document, list(passages)
            source["url"] = self.graph.snapshot.meta["documents"][claim.document]["url"]
        return source

    def told(self, data: Mapping[str, Any]) -> Told:
        """The data with the references, the view and the version."""
        graph = self.graph
        beside = {"references": list(self.found.values()), "view": graph.describe_view(), "graph": graph.version}
        return Told(_harmless({**data, **beside}), self.links)


def _harmless(data: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(data, str):
        return harmless(data)
    if isinstance(data, dict):
        return {name: _harmless(value) for name, value in data.items()}
    return [_harmless(value) for value in data] if isinstance(data, list) else data


def _page(made: Iterator[Any], sources: _Sources, offset: int, total: int, most: int) -> tuple[list[Any], int | None]:
    """The items of a page from an offset: at least one, as many as fit; and where the next page begins."""
    items: list[Any] = []
    size = 0
    known = len(sources.found)
    for item in islice(made, most):
        new = list(islice(sources.found.values(), known, None))
        known = len(sources.found)
        size += len(json_text(item)) + len(json_text(new))
        if items and size > MOST_CHARACTERS:
            # What only this item rests on stays among the references of a page that ends before it.
            for source in new:
                del sources.found[source["id"]]
            break
        items.append(item)
    end = offset + len(items)
    return items, end if end < total else None


# -- answers


def tell_question(
    graph: Graph, name: str, values: Mapping[str, str], undated: bool, offset: int, most: int
) -> Iterator[Told]:
    """A page of the answer to a saved question."""
    yield _answer(run(graph, name, values, timeout=None, undated=undated), offset, most)


def tell_sparql(graph: Graph, text: str, offset: int, most: int) -> Iterator[Told]:
    """A page of the answer to SPARQL."""
    yield _answer(ask(graph, text, timeout=None), offset, most)


def _answer(answer: Answer, offset: int, most: int) -> Told:
    sources = _Sources(answer.graph)
    columns, rows = columns_and_rows(answer)
    part = answer.part(offset, offset + min(most, MOST_ROWS))
    evidence, notes = _row_evidence(part)
    marks = part.certainty or [""] * len(rows)
    shown = columns_and_rows(part)[1]
    made = (_row(columns, row, evidence.get(n), marks[n], sources) for n, row in enumerate(shown))
    page, following = _page(made, sources, offset, len(rows), most)
    data = {
        "question": answer.question,
        "sparql": answer.text if answer.query is None else "",
        "columns": list(columns),
        "rows": page,
        "total": len(rows),
        "next_offset": following,
        "notes": [*answer.notes, *notes],
    }
    return sources.told(data)


def _row_evidence(part: Answer) -> tuple[dict[int, RowEvidence], list[str]]:
    """The evidence of rows by their number; and why there is none, where there is none."""
    if part.form != "SELECT" or not part.rows:
        return {}, []
    from kg.evidence import collect

    try:
        return dict(enumerate(collect(part).rows)), []
    except UsageError as error:
        return {}, [f"without evidence: {problem.message}" for problem in error.problems]


def _row(
    columns: tuple[str, ...], row: tuple[Term | None, ...], rests: RowEvidence | None, mark: str, sources: _Sources
) -> RowData:
    label = sources.graph.label
    bound = [(name, term) for name, term in zip(columns, row, strict=True) if term is not None]
    made = RowData(
        cells={name: _cell(text_of(term) if is_literal(term) else label(term)) for name, term in bound},
        ids={name: sources.name(term) for name, term in bound if term.startswith("<") and not term.startswith("<<(")},
        status="",
        rests_on=[],
    )
    if rests is not None:
        statuses = {ground.status for ground in rests.grounds}
        made["status"] = next((each for each in ("inferred", "stated") if each in statuses), "recorded")
        made["rests_on"] = sources.add(rests.references)
        if rests.absent:
            made["absent"] = [_cell(text) for text in rests.absent]
    if mark:
        made["at_date"] = mark
    return made


def _cell(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else f"{text[:_LONGEST_CELL]}…"


# -- finding


def tell_questions(graph: Graph, words: str, most: int) -> Iterator[Told]:
    """The questions, entities and claims that some words find."""
    found = find_questions(graph, words.split(), most)
    sources = _Sources(graph)
    claims = [claim for hit in found.hits if (claim := graph.index.claim(hit.term))]
    yield sources.told(
        {
            "questions": [_question(graph, query, values) for query, values in found.questions],
            "entities": [NamedThing(id=sources.name(term), label=graph.label(term)) for term in found.entities],
            "claims": sources.claims(claims),
        }
    )


def _question(graph: Graph, query: SavedQuery, values: dict[str, str]) -> QuestionData:
    about = {p.name: f"{p.type}: {parameter_help(graph, p)}" for p in query.parameters}
    return QuestionData(name=query.name, question=query.summary, theme=query.theme, parameters=about, values=values)


def tell_search(graph: Graph, words: str, most: int) -> Iterator[Told]:
    """What has some words in its name, its definition or its gloss."""
    sources = _Sources(graph)
    hits = []
    for hit in search(graph, words.split(), min(most, MOST_ROWS)):
        claim = graph.index.claim(hit.term)
        rests = sources.claims([claim] if claim else [])
        label, text = graph.label(hit.term), "" if claim else _cell(hit.text)
        hits.append(FoundItem(id=sources.name(hit.term), kind=hit.kind, label=label, text=text, rests_on=rests))
    yield sources.told({"hits": hits})


# -- statements


def tell_verdict(graph: Graph, subject: str, predicate: str, value: str, document: str, place: str) -> Iterator[Told]:
    """How a statement stands."""
    found = verify(graph, parse_terms(graph, subject, predicate, value), cited(graph, document, place))
    sources = _Sources(graph)
    yield sources.told(
        {
            **_stands(found, sources),
            "supported": found.supported,
            "by": [graph.label(term) for term in found.by],
            "reasons": list(found.reasons),
            "near": list(found.near),
            "citation": None if found.citation is None else str(found.citation),
        }
    )


def tell_proof(graph: Graph, subject: str, predicate: str, value: str) -> Iterator[Told]:
    """Why a statement holds, step by step."""
    found = explain(graph, parse_terms(graph, subject, predicate, value))[0]
    sources = _Sources(graph)
    steps = [
        StepData(
            number=step.number,
            text=step.text,
            status=step.status.lower(),
            rule=step.words,
            premises=list(step.premises),
            rests_on=sources.add((*step.references, *step.axioms)),
        )
        for step in found.steps
    ]
    yield sources.told({"statement": found.conclusion.text, "verdict": found.verdict, "steps": steps})


def tell_absence(graph: Graph, subject: str, predicate: str, value: str) -> Iterator[Told]:
    """Why a statement does not hold."""
    found = why_not(graph, parse_terms(graph, subject, predicate, value))
    sources = _Sources(graph)
    stands = _stands(found.verdict, sources)
    yield sources.told({**stands, "reasons": found.lines()[2:]})


def _stands(found: Verification, sources: _Sources) -> dict[str, Any]:
    claims = {claim.iri: claim for claim in (*found.claims, *found.graph.index.claims_stating(found.triple))}
    return {"statement": found.words, "verdict": str(found.verdict), "rests_on": sources.claims(claims.values())}


def tell_conflicts(graph: Graph, about: str, within: bool, offset: int, most: int) -> Iterator[Told]:
    """A page of the conflicts between documents, or also within them; those about a thing if it is named."""
    sources = _Sources(graph)
    found = conflicts(graph, find_partly(graph, about)[0] if about else None, between=not within)
    made = (_disagreement(conflict, sources) for conflict in found[offset:])
    page, following = _page(made, sources, offset, len(found), most)
    yield sources.told({"conflicts": page, "total": len(found), "next_offset": following})


def _disagreement(conflict: Conflict, sources: _Sources) -> Disagreement:
    sides = [SideData(text=side.text, rests_on=sources.claims(side.claims)) for side in conflict.sides]
    return Disagreement(
        kind=conflict.kind, why=conflict.why, sides=sides, dissolved=conflict.dissolved, note=conflict.note
    )


# -- things


def tell_thing(graph: Graph, term: str, offset: int, most: int) -> Iterator[Told]:
    """A page of what the graph says about a thing."""
    found = show(graph, term)
    sources = _Sources(graph)
    things: list[Callable[[], Said]] = [lambda fact=fact: _fact(fact, sources) for fact in found.facts]  # type: ignore[misc]  # a default binds each
    things += [lambda mention=mention: _mention(mention, sources) for mention in (*found.mentions, *found.near)]  # type: ignore[misc]  # as above
    page, following = _page((make() for make in things[offset:]), sources, offset, len(things), most)
    yield sources.told(
        {
            "id": found.term.strip("<>"),
            "label": graph.label(found.term),
            "kinds": [graph.label(kind) for kind in found.types],
            "definition": found.definition,
            "names": found.names,
            "said": page,
            "total": len(things),
            "next_offset": following,
        }
    )


def _fact(fact: Fact, sources: _Sources) -> Said:
    when = periods_in_words(fact.periods, fact.kind, sources.graph.language)
    sources.name(fact.triple[0])
    sources.name(fact.triple[2])
    text = sources.graph.label.sentence(fact.triple)
    return Said(text=text, status=fact.how, when=when, rests_on=sources.claims(fact.claims))


def _mention(mention: Mention, sources: _Sources) -> Said:
    why = mention.why or "fact"
    return Said(text=mention.claim.gloss, status=why, when="", rests_on=sources.claims([mention.claim]))


def tell_resource(graph: Graph, iri: str) -> Iterator[str]:
    """A resource as text: a sentence by its claims, or all about an entity, term, claim or document.

    Raises UsageError (KG655) for an IRI that is not in the graph.
    """
    start = graph.project.iri("document", "")[1:-1]
    slug, _hash, place = iri.removeprefix(start).partition("#")
    if iri.startswith(start) and place:
        yield _passage(graph, slug, place)
    else:
        yield harmless(str(show(graph, iri)))


def _passage(graph: Graph, slug: str, place: str) -> str:
    claims = graph.index.claims_of(slug) if slug in graph.index.documents else []
    here = [claim for claim in claims if place in claim.passages]
    if not here:
        short = shorten(f"<{slug}#{place}>", PREFIXES)
        raise UsageError(Problem("KG655", f"no claim rests on {short}", remedy="Take a passage of a reference."))
    grounds = SupportFinder.of(graph)
    about = graph.snapshot.meta["documents"][slug]
    lines = [f"{about['title']}, {place}  {about['url']}", "", "claims that rest on this sentence:"]
    return harmless("\n".join([*lines, *(f"  {grounds.claim_reference(claim).line}" for claim in here)]) + "\n")
