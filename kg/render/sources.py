"""What stands below an answer: that it was cut, its notes, what its status words mean, the view, and its sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from kg.dates import span
from kg.errors import UsageError
from kg.model import Term, text_of
from kg.phrases import phrase
from kg.render.columns import Settings
from kg.timeline.dates_in_words import in_words

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.model import Claim
    from kg.queries.answer import Answer

_NO_WORDS: Mapping[str, str] = {}
_UNKNOWN = "sources: any of the documents of this view; --evidence finds those that the rows rest on"


def footing(answer: Answer, settings: Settings, legend: Mapping[str, str] = _NO_WORDS) -> Iterator[str]:
    """The lines by which an answer is read and cited: notes, legend, view and version, sources with addresses."""
    if settings.quiet:
        yield from missing_rows(answer)
        return
    if cut_line := cut(answer):
        yield cut_line
    yield from answer.notes
    if legend:
        yield "; ".join(f"{word}: {meaning}" for word, meaning in legend.items())
    yield phrase("view: {}; graph {}", answer.graph.language, answer.view, answer.version)
    if answer.form == "SELECT" and not _known(answer, settings):
        yield from [_UNKNOWN] if answer.rows else []
        return
    for slug, document in cited(answer, settings).items():
        yield f"{slug}: {source_line(document, answer.graph.language)}"


def cited(answer: Answer, settings: Settings) -> dict[str, dict[str, str]]:
    """The documents that an answer rests on: those of its rows, where these or the evidence name them, else all."""
    used = _known(answer, settings)
    return (
        {slug: document for slug, document in answer.documents.items() if slug in used} if used else answer.documents
    )


def _known(answer: Answer, settings: Settings) -> set[str]:
    """The slugs of the documents that rows rest on, by their evidence or their terms; empty where nothing tells."""
    known: set[str] | None = answer.memo.get("sources")
    if settings.evidence is not None and settings.evidence.references:
        sources = (answer.graph.index.claim(r.source) for r in settings.evidence.references.values())
        return {claim.document for claim in sources if claim}
    if known is None:
        query, known = answer.query, _named(answer)
        if settings.look_up and query is not None and (query.beyond or not known):
            known |= _looked_up(answer)
        answer.memo["sources"] = known
    return known


def _named(answer: Answer) -> set[str]:
    """The documents that stand in rows, as such, as those of claims and passages, or as sources in words."""
    name, known = answer.graph.project.iri, set(answer.documents)
    starts = (name("document", "")[:-1], name("claim", "")[:-1])
    terms: set[Term] = {term for row in answer.rows for term in row if term}
    tails = (term[len(start) : -1] for term in terms for start in starts if term.startswith(start))
    found = {tail.partition("/")[0].partition("#")[0] for tail in tails}
    if "sources" in answer.columns:
        place = answer.columns.index("sources")
        said = (text_of(cell).removeprefix("inferred from ") for row in answer.rows if (cell := row[place]))
        found |= {part.split()[0] for text in said for part in text.split(",") if part.strip()}
    return found & known


def _looked_up(answer: Answer) -> set[str]:
    """The documents of the claims in the evidence of a saved question; empty where there is none in time."""
    if answer.form != "SELECT" or not answer.rows:
        return set()
    from kg.evidence import evidence_of

    try:
        references = evidence_of(answer).references.values()
    except UsageError:
        return set()
    claims = (answer.graph.index.claim(reference.source) for reference in references)
    return {claim.document for claim in claims if claim}


def cut(answer: Answer) -> str:
    """That there was more than the limit; empty when there was not."""
    what = "triples" if answer.triples else "rows"
    return f"cut after {answer.limit} {what}: there are more (--limit)" if answer.truncated else ""


def missing_rows(answer: Answer) -> Iterator[str]:
    """The lines that say that rows are missing, which nothing in the rows tells."""
    yield from filter(None, [cut(answer)])
    yield from answer.left_out()


def source_line(document: Mapping[str, str], language: str = "en") -> str:
    """A document as it is cited in a line: author, title, publisher, date, address."""
    published = in_words(span(document["published"]), language)
    parts = [document["creator"], document["title"], document["publisher"], published, document["url"]]
    return ". ".join(part.rstrip(".") for part in parts if part)


# -- below and in pictures


def places_in_words(graph: Graph, claims: Iterable[Claim]) -> tuple[str, ...]:
    """Where each claim stands, by authors and year: ``Nagy, Cingeľ 2017, 24.3``; sorted, none twice."""
    from kg.timeline.dated_facts import sources

    documents = graph.snapshot.meta["documents"]
    found = (place.partition(" ") for place in sources(claims))
    return tuple(
        f"{_authors_and_year(documents[slug])}{f', {place}' if place else ''}" for slug, _blank, place in found
    )


def picture_foot(graph: Graph, claims: Iterable[Claim], more: str = "") -> str:
    """What cites a picture: the view, the version, and author, title and year of the documents that it rests on."""
    documents, language = graph.snapshot.meta["documents"], graph.language
    used = sorted({claim.document for claim in claims})
    named = (f"{_authors_and_year(documents[slug], documents[slug]['title'].partition(':')[0])}" for slug in used)
    view = phrase("view: {}; graph {}", language, graph.describe_view(language), graph.snapshot.meta["version"])
    told = f". {phrase('Sources: {}', language, '; '.join(named))}" if used else ""
    return f"{view}{f'; {more}' if more else ''}{told}"


def _authors_and_year(document: Mapping[str, str], title: str = "") -> str:
    names = [name.strip().rpartition(" ")[2] for name in document["creator"].split(",") if name.strip()]
    by = ", ".join(names) or document["publisher"] or document["title"]
    return f"{by}{f': {title}' if title and title != by else ''} {document['published'][:4]}".strip()
