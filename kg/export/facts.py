"""The facts of a view with when they hold and what they rest on, as the query graph has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from kg.errors import Problem, UsageError
from kg.graph.store import Graph
from kg.model import Term, Triple, text_of
from kg.vocab import KG, RDF

__all__ = ["FactRow", "facts"]

_PREFIXES = f"PREFIX kg: <{KG}> PREFIX rdf: <{RDF}> "
_FACTS = (
    _PREFIXES
    + """
SELECT ?fact ?s ?p ?o ?inferred ?eb ?lb ?ee ?le WHERE {
  ?fact a kg:FactNode ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; kg:inferred ?inferred .
  OPTIONAL { ?fact kg:period ?when
    OPTIONAL { ?when kg:earliestBegin ?eb } OPTIONAL { ?when kg:latestBegin ?lb }
    OPTIONAL { ?when kg:earliestEnd ?ee } OPTIONAL { ?when kg:latestEnd ?le } }
} ORDER BY ?s ?p ?o ?eb ?lb ?ee ?le"""
)
_CLAIMS = (
    _PREFIXES
    + """
SELECT ?fact ?claim ?document ?place WHERE {
  ?fact kg:supportedBy ?claim . ?claim kg:inDocument ?document .
  OPTIONAL { ?claim kg:passage ?passage . ?passage kg:place ?place }
} ORDER BY ?fact ?document ?place ?claim"""
)


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact in one period of the view: whether it is inferred, its four bounds as days (empty: open), its sources.

    ``certainty`` says, in a view of a date, whether it is ``certain`` or ``possible`` then; it is empty in others.
    ``sources`` are document and place of each passage, as ``sputnik-2017 11.1`` (of a background fact, its file and
    line); ``claims`` are their IRIs.
    """

    triple: Triple
    inferred: bool
    bounds: tuple[str, str, str, str]
    documents: tuple[str, ...]
    sources: tuple[str, ...]
    claims: tuple[str, ...]
    certainty: str = ""


def facts(graph: Graph) -> Iterator[FactRow]:
    """Every fact of the view, once a period, in order."""
    support: dict[Term, list[tuple[str, str, str]]] = defaultdict(list)
    for fact, claim, document, place in _rows(graph, _CLAIMS):
        support[fact].append((document[1:-1].rpartition("/")[2], text_of(place), claim[1:-1]))
    for fact, s, p, o, inferred, *bounds in _rows(graph, _FACTS):
        found = support.get(fact, [])
        days = [text_of(bound) for bound in bounds]
        yield FactRow(
            (s, p, o),
            text_of(inferred) == "true",
            (days[0], days[1], days[2], days[3]),
            tuple(dict.fromkeys(document for document, _place, _claim in found)),
            tuple(dict.fromkeys(f"{document} {place}".strip() for document, place, _claim in found))
            or _background(graph, (s, p, o)),
            tuple(dict.fromkeys(claim for _document, _place, claim in found)),
            _certainty(graph, (s, p, o)),
        )


def _background(graph: Graph, triple: Triple) -> tuple[str, ...]:
    """Where the ontology or an entity says what no claim does: the place in its file."""
    place = graph.index.place(triple, "ontology", "entities")
    return (str(place),) if place else ()


def _certainty(graph: Graph, triple: Triple) -> str:
    if graph.view.as_of is None:
        return ""
    return "certain" if graph.facts.certain(triple) else "possible"


def _rows(graph: Graph, text: str) -> Iterator[list[str]]:
    import pyoxigraph

    result = graph.query(text)
    if not isinstance(result, pyoxigraph.QuerySolutions):
        raise UsageError(Problem("KG602", "not a SELECT"))
    for row in result:
        yield ["" if value is None else str(value) for value in row]
