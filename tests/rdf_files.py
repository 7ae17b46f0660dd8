"""Read small RDF files of the test cases as triples of N-Triples terms."""

from __future__ import annotations

from pathlib import Path

from kg.model import Triple


def triples(path: Path) -> list[Triple]:
    """The triples of a Turtle file."""
    import pyoxigraph

    parsed = pyoxigraph.parse(path=str(path), format=pyoxigraph.RdfFormat.TURTLE)
    return [(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in parsed]
