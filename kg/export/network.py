"""The facts of a view as GraphML: things are nodes, facts between two things are edges, for network tools.

http://graphml.graphdrawing.org/specification.html; a directed multigraph. Facts whose object is a literal, and
types, are data of nodes, not edges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO
from xml.sax.saxutils import quoteattr

from kg.export.facts import FactRow, facts
from kg.graph.store import Graph
from kg.harmless import xml_text
from kg.model import Term, text_of
from kg.vocab import RDF, iri, local_name

__all__ = ["write_graphml"]

_TYPE = iri(RDF + "type")
_NODE_KEYS = ("label", "types", "values")
_BOUNDS = ("earliest_begin", "latest_begin", "earliest_end", "latest_end")
_EDGE_KEYS = ("label", "predicate", "inferred", *_BOUNDS, "documents", "sources", "certainty")


def write_graphml(graph: Graph, file: BinaryIO) -> int:
    """Write GraphML; gives the number of facts that became edges."""
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
