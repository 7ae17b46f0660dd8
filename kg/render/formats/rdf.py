"""Triples of CONSTRUCT and DESCRIBE as Turtle, N-Triples, RDF/XML or JSON-LD, by Oxigraph's serialisers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.render.formats.settings import Settings
from kg.vocab import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph

    from kg.queries.answer import Answer

__all__ = ["write_jsonld", "write_ntriples", "write_rdfxml", "write_turtle"]


def write_turtle(answer: Answer, _settings: Settings) -> Iterator[str]:
    """Turtle, with the prefixes of the project."""
    import pyoxigraph

    yield _serialised(answer, pyoxigraph.RdfFormat.TURTLE)


def write_ntriples(answer: Answer, _settings: Settings) -> Iterator[str]:
    """N-Triples, in the order of the answer."""
    yield from (f"{s} {p} {o} .\n" for s, p, o in answer.triples)


def write_rdfxml(answer: Answer, _settings: Settings) -> Iterator[str]:
    """RDF/XML."""
    import pyoxigraph

    yield _serialised(answer, pyoxigraph.RdfFormat.RDF_XML)


def write_jsonld(answer: Answer, _settings: Settings) -> Iterator[str]:
    """JSON-LD."""
    import pyoxigraph

    yield _serialised(answer, pyoxigraph.RdfFormat.JSON_LD)


def _serialised(answer: Answer, form: pyoxigraph.RdfFormat) -> str:
    import pyoxigraph

    lines = "".join(write_ntriples(answer, Settings()))
    quads = pyoxigraph.parse(lines.encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    prefixes = {**PREFIXES, **answer.graph.project.prefixes}
    used = {name: space for name, space in prefixes.items() if space in lines}
    made = pyoxigraph.serialize((quad.triple for quad in quads), format=form, prefixes=used)
    return (made or b"").decode()
