"""The triples of every unit of the graph: ontology, entities, each document, the view's query graph.

A unit is what is loaded, hashed and replaced as one. Names of graphs are IRIs below the project's ``graph/``;
a claim's graph is the claim itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.corpus.passages import REASONS
from kg.corpus.read import Corpus
from kg.dates import DAWN, DUSK, Period, Span
from kg.model import Claim, Term, Triple, statement_id
from kg.project import Project
from kg.vocab import RDF, XSD, iri, kg

TYPE = iri(RDF + "type")
_DATE = iri(XSD + "date")
_TRUE, _FALSE = f'"true"^^{iri(XSD + "boolean")}', f'"false"^^{iri(XSD + "boolean")}'
_BOUNDS = tuple(kg(name) for name in ("earliestBegin", "latestBegin", "earliestEnd", "latestEnd"))
_STATEMENT, _INFERRED, PERIOD = (kg(name) for name in ("Statement", "inferred", "period"))
_IS_FACT_NODE = f"{TYPE} {kg('FactNode')}"
_SUPPORTED_BY, _SUPPORTED_BY_DOCUMENT = kg("supportedBy"), kg("supportedByDocument")
_SUBJECT, _PREDICATE, _OBJECT = (iri(RDF + name) for name in ("subject", "predicate", "object"))
#: Statements about a claim in other words than its file has.
_WRITTEN_OUT = frozenset((kg("passage"), kg("polarity")))
_REASONS = {word: kg(term) for word, term in REASONS.items()}


def passage_iri(project: Project, slug: str, place: str) -> Term:
    """The IRI of a passage: ``<base>document/<slug>#11.1``."""
    return f"{project.iri('document', slug)[:-1]}#{place}>"


def period_iri(project: Project, period: Period) -> Term:
    """The IRI of a period, which names its bounds: periods with the same bounds share it."""
    names = ("unknown" if bound in (DAWN, DUSK) else bound or "open" for bound in period.bounds)
    return project.iri("period", "_".join(names) + ("_doubtful" if period.doubtful else ""))


def period_triples(project: Project, period: Period) -> Iterator[Triple]:
    """The triples that describe a period."""
    node = period_iri(project, period)
    yield (node, TYPE, kg("Period"))
    if period.doubtful:
        yield (node, kg("doubtful"), _TRUE)
    if period.loose or period.latest_begin == DUSK:
        yield (node, kg("noCertainDay"), _TRUE)
    for predicate, bound in zip(_BOUNDS, period.known_bounds, strict=True):
        if bound is not None:
            yield (node, predicate, f'"{bound}"^^{_DATE}')


def claim_triples(claim: Claim, project: Project, contesting: Iterable[Term]) -> Iterable[Triple]:
    """Statements about a claim, its defaults written out, passages as IRIs, its statements and who contests it."""
    yield (claim.iri, TYPE, kg("Claim"))
    yield (claim.iri, kg("inDocument"), project.iri("document", claim.document))
    yield (claim.iri, kg("polarity"), claim.put)
    for triple in claim.metadata:
        if triple[1] not in _WRITTEN_OUT:
            yield triple
    for place in claim.passages:
        yield (claim.iri, kg("passage"), passage_iri(project, claim.document, place))
    for triple in claim.content:
        yield (claim.iri, kg("states"), project.iri("statement", statement_id(triple)))
    for other in contesting:
        yield (claim.iri, kg("contestedBy"), other)


def statements(triples: Iterable[Triple], project: Project) -> Iterable[Triple]:
    """A statement node for each triple: its subject, predicate and object."""
    for triple in triples:
        yield from _statement(project.iri("statement", statement_id(triple)), triple)


def _statement(node: Term, triple: Triple) -> Iterable[Triple]:
    yield (node, TYPE, _STATEMENT)
    yield (node, _SUBJECT, triple[0])
    yield (node, _PREDICATE, triple[1])
    yield (node, _OBJECT, triple[2])


def fact_node(project: Project, triple: Triple, details: Iterable[str]) -> Iterator[str]:
    """The node of a fact as N-Triples without the full stop: its statement, and what ``node_details`` gives."""
    yield from map(" ".join, statements([triple], project))
    yield from node_texts(project, triple, details)


def node_texts(project: Project, triple: Triple, details: Iterable[str]) -> Iterator[str]:
    """What the node of a fact says beside its statement, as N-Triples without the full stop."""
    node = project.iri("statement", statement_id(triple))
    return (f"{node} {detail}" for detail in details)


def node_details(
    project: Project, support: Mapping[Term, str], periods: Iterable[Period], *, inferred: bool
) -> dict[str, None]:
    """What the node of a fact says beside its statement, each without the node.

    These are the claims that support it with their documents, and when it holds. What describes the periods is not
    given (``period_triples``). Background rests on no claim and holds at all times.
    """
    found = dict.fromkeys((_IS_FACT_NODE, f"{_INFERRED} {_TRUE if inferred else _FALSE}"))
    found |= dict.fromkeys(f"{_SUPPORTED_BY} {claim}" for claim in support)
    found |= dict.fromkeys(f"{_SUPPORTED_BY_DOCUMENT} {project.iri('document', slug)}" for slug in support.values())
    return found | dict.fromkeys(f"{PERIOD} {period_iri(project, period)}" for period in periods)


def document_triples(
    corpus: Corpus, slug: str, contesting: Mapping[Term, Iterable[Term]], periods: Mapping[Term, Period]
) -> Iterable[Triple]:
    """The graph of a document: its description, passages, its claims' metadata and statements, its links.

    ``periods`` gives the time of each claim, whatever its modality.
    """
    project = corpus.project
    document = corpus.documents[slug]
    yield from document.description
    yield from _passages(corpus, slug)
    for claim in corpus.claims.of(slug).values():
        yield from claim_triples(claim, project, contesting.get(claim.iri, ()))
        yield from statements(claim.content, project)
        yield (claim.iri, PERIOD, period_iri(project, periods[claim.iri]))
        yield from period_triples(project, periods[claim.iri])
    for link in corpus.links:
        if link.document == slug:
            yield from link.description


def _passages(corpus: Corpus, slug: str) -> Iterable[Triple]:
    project = corpus.project
    anchors = corpus.passages[slug].anchors if slug in corpus.passages else {}
    for anchor in anchors.values():
        node = passage_iri(project, slug, anchor.place)
        yield (node, TYPE, kg("Passage"))
        yield (node, kg("passageOf"), project.iri("document", slug))
        yield (node, kg("place"), f'"{anchor.place}"')
        yield (node, kg("sha256"), f'"{anchor.sha256}"')
        if anchor.reason:
            yield (node, kg("setAside"), _REASONS[anchor.reason])


def temporal_kinds(corpus: Corpus) -> dict[Term, str]:
    """The temporal kind of each property of the ontology, by its local name."""
    predicate = kg("temporalKind")
    return {s: o.rpartition("#")[2].rstrip(">") for (s, p, o) in corpus.ontology if p == predicate}


def published(corpus: Corpus) -> dict[str, Span]:
    """When each document was published."""
    return {slug: document.published for slug, document in corpus.documents.items()}
