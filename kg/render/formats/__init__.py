"""Answers as text: for people (table, Markdown, HTML) and for programs (CSV, TSV, SPARQL JSON and XML, RDF)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from kg.errors import Problem, UsageError
from kg.render.formats.settings import Settings

if TYPE_CHECKING:
    from kg.queries.answer import Answer

__all__ = ["FORMATS", "RDF_FORMATS", "SUFFIXES", "Settings", "render", "write"]

Writer = Callable[["Answer", Settings], Iterator[str]]

#: The formats of every answer, each with the module that writes it, imported when it is asked for.
FORMATS = {
    "table": "table",
    "csv": "delimited:csv",
    "tsv": "delimited:tsv",
    "json": "sparql_json",
    "xml": "sparql_xml",
    "md": "markdown",
    "html": "html",
}
#: The formats of triples, for CONSTRUCT and DESCRIBE only.
RDF_FORMATS = ("turtle", "ntriples", "rdfxml", "jsonld")
#: The format that the ending of a file's name asks for.
SUFFIXES = {
    ".txt": "table", ".csv": "csv", ".tsv": "tsv", ".json": "json", ".srj": "json", ".xml": "xml", ".srx": "xml",
    ".md": "md", ".html": "html", ".htm": "html", ".ttl": "turtle", ".nt": "ntriples", ".rdf": "rdfxml",
    ".jsonld": "jsonld",
}  # fmt: skip


def write(answer: Answer, form: str, settings: Settings | None = None) -> Iterator[str]:
    """The answer in a format, piece by piece. Raises UsageError (KG661, KG662) for a format it cannot have."""
    if form in RDF_FORMATS:
        if answer.form not in ("CONSTRUCT", "DESCRIBE"):
            remedy = f"Rows come as {', '.join(FORMATS)}; triples come from CONSTRUCT and DESCRIBE."
            raise UsageError(Problem("KG662", f"{form} is for triples, and the query gives rows", remedy=remedy))
        module, _, variant = "rdf", ":", form
    elif form in FORMATS:
        module, _, variant = FORMATS[form].partition(":")
    else:
        known = ", ".join((*FORMATS, *RDF_FORMATS))
        raise UsageError(Problem("KG661", f"no such format: {form!r}", remedy=f"One of {known}."))
    writer: Writer = getattr(import_module(f"kg.render.formats.{module}"), f"write_{variant}" if variant else "write")
    return writer(answer, settings or Settings())


def render(answer: Answer, form: str, settings: Settings | None = None) -> str:
    """The answer in a format, whole. Raises UsageError as ``write`` does."""
    return "".join(write(answer, form, settings))
