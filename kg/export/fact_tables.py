"""The facts of a view with when they hold and what they rest on: as rows, as a CSV table, as a GraphML network."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO
from xml.sax.saxutils import quoteattr

from kg.graph.store import Graph
from kg.harmless import xml_text
from kg.model import Term, Triple, text_of
from kg.vocab import KG, RDF, iri, local_name

_TYPE = iri(RDF + "type")
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
        certainty = graph.facts.mark((s, p, o)) if graph.view.as_of else ""
        if graph.view.certain and certainty != "certain":
            continue
        found = support.get(fact, [])
        days = [text_of(bound) for bound in bounds]
        sources = tuple(dict.fromkeys(f"{document} {place}".strip() for document, place, _claim in found))
        if not sources and (where := graph.index.place((s, p, o), "ontology", "entities")):
            sources = (str(where),)
        yield FactRow(
            (s, p, o),
            text_of(inferred) == "true",
            (days[0], days[1], days[2], days[3]),
            tuple(dict.fromkeys(document for document, _place, _claim in found)),
            sources,
            tuple(dict.fromkeys(claim for _document, _place, claim in found)),
            certainty,
        )


def _rows(graph: Graph, text: str) -> Iterator[list[str]]:
    return ([cell or "" for cell in row] for row in graph.rows(text))


_BOUNDS = ("earliest_begin", "latest_begin", "earliest_end", "latest_end")
#: The columns, and in a view of a date ``certainty``: then. Several documents, sources or claims in a cell are
#: separated by semicolons.
COLUMNS = (
    *(name for term in ("subject", "predicate", "object") for name in (term, f"{term}_label")),
    *("inferred", *_BOUNDS, "documents", "sources", "claims"),
)


def write_table(graph: Graph, file: BinaryIO) -> int:
    """Write RFC 4180 CSV in UTF-8; gives the number of rows."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    rows = csv.writer(text)
    dated = graph.view.as_of is not None
    rows.writerow([*COLUMNS, *(["certainty"] if dated else [])])
    count = 0
    for fact in facts(graph):
        terms = [cell for term in fact.triple for cell in (_plain(term), graph.label(term))]
        sources = ["; ".join(cells) for cells in (fact.documents, fact.sources, fact.claims)]
        sources += [fact.certainty] if dated else []
        rows.writerow([*terms, str(fact.inferred).lower(), *fact.bounds, *sources])
        count += 1
    text.detach()
    return count


def _plain(term: Term) -> str:
    return term[1:-1] if term.startswith("<") else text_of(term)


_NODE_KEYS = ("label", "types", "values")
_EDGE_KEYS = ("label", "predicate", "inferred", *_BOUNDS, "documents", "sources", "certainty")


def write_graphml(graph: Graph, file: BinaryIO) -> int:
    """Write a directed multigraph for network tools; gives the number of facts that became edges.

    Things are nodes, facts between two of them edges; facts whose object is a literal, and types, are data of nodes.
    The form is http://graphml.graphdrawing.org/specification.html.
    """
    edges: list[FactRow] = []
    nodes: dict[Term, dict[str, list[str]]] = {}
    for fact in facts(graph):
        subject, predicate, value = fact.triple
        about = nodes.setdefault(subject, {"types": [], "values": []})
        if predicate == _TYPE:
            about["types"].append(local_name(value))
        elif value.startswith("<"):
            nodes.setdefault(value, {"types": [], "values": []})
            edges.append(fact)
        else:
            about["values"].append(f"{graph.label(predicate)}: {text_of(value)}")
    _add_types(graph, nodes)
    file.write(_head(graph).encode())
    for term in sorted(nodes):
        data = {"label": graph.label(term)} | {n: "; ".join(dict.fromkeys(v)) for n, v in nodes[term].items()}
        file.write(f"<node id={quoteattr(term[1:-1])}>{_data('n', data)}</node>\n".encode())
    for fact in edges:
        file.write(_edge(graph, fact).encode())
    file.write(b"</graph>\n</graphml>\n")
    return len(edges)


def _add_types(graph: Graph, nodes: Mapping[Term, dict[str, list[str]]]) -> None:
    """What the entity files say things are, beside what claims say."""
    for s, p, o in graph.corpus.entities:
        if p == _TYPE and s in nodes and local_name(o) not in nodes[s]["types"]:
            nodes[s]["types"].append(local_name(o))


def _head(graph: Graph) -> str:
    keys = "".join(
        f'<key id="{mark}-{name}" for="{kind}" attr.name="{name}" '
        f'attr.type="{"boolean" if name == "inferred" else "string"}"/>\n'
        for mark, kind, names in (("n", "node", _NODE_KEYS), ("e", "edge", _EDGE_KEYS))
        for name in names
    )
    view = xml_text(f"{graph.project.base} {graph.snapshot.meta['version']}: {graph.describe_view()}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
        f'<desc>{view}</desc>\n{keys}<graph id="facts" edgedefault="directed">\n'
    )


def _edge(graph: Graph, fact: FactRow) -> str:
    subject, predicate, value = fact.triple
    data = {
        "label": graph.label(predicate),
        "predicate": predicate[1:-1],
        "inferred": str(fact.inferred).lower(),
        **dict(zip(_BOUNDS, fact.bounds, strict=True)),
        "documents": "; ".join(fact.documents),
        "sources": "; ".join(fact.sources),
        "certainty": fact.certainty,
    }
    ends = f"source={quoteattr(subject[1:-1])} target={quoteattr(value[1:-1])}"
    return f"<edge {ends}>{_data('e', data)}</edge>\n"


def _data(mark: str, values: Mapping[str, str]) -> str:
    return "".join(f'<data key="{mark}-{name}">{xml_text(value)}</data>' for name, value in values.items() if value)
