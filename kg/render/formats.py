"""Answers as text: for people (table, Markdown, HTML) and for programs (CSV, TSV, SPARQL JSON and XML, XLSX, RDF)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING

from kg.errors import Problem, UsageError
from kg.render.columns import Settings

if TYPE_CHECKING:
    from kg.queries.answer import Answer

Writer = Callable[["Answer", Settings], Iterator[str]]

#: The formats of every answer, each with the function that writes it, imported when it is asked for.
FORMATS = {
    "table": "tables:write",
    "csv": "data_formats:write_csv",
    "tsv": "data_formats:write_tsv",
    "json": "data_formats:write_json",
    "xml": "data_formats:write_xml",
    "md": "markup:write_markdown",
    "html": "markup:write_html",
}
#: The formats of triples, for CONSTRUCT and DESCRIBE only.
RDF_FORMATS = ("turtle", "ntriples", "rdfxml", "jsonld")
#: The format that the ending of a file's name asks for.
SUFFIXES = {
    ".txt": "table", ".csv": "csv", ".tsv": "tsv", ".json": "json", ".srj": "json", ".xml": "xml", ".srx": "xml",
    ".md": "md", ".html": "html", ".htm": "html", ".xlsx": "xlsx", ".ttl": "turtle", ".nt": "ntriples",
    ".rdf": "rdfxml", ".jsonld": "jsonld",
}  # fmt: skip
#: Formats that are bytes, and no text.
BINARY = ("xlsx",)


def write(answer: Answer, form: str, settings: Settings | None = None) -> Iterator[str]:
    """The answer in a format of text, piece by piece.

    Raises UsageError (KG661, KG662) for an unknown format, or one that the answer cannot have.
    """
    if form in BINARY:
        raise UsageError(Problem("KG662", f"{form} is no text", remedy="Write it to a file: -o FILE.xlsx"))
    return _writer(answer, form)(answer, settings or Settings())


def render(answer: Answer, form: str = "table", settings: Settings | None = None) -> str:
    """The answer in a format of text, whole. Raises UsageError as ``write`` does."""
    return "".join(write(answer, form, settings))


def whole(answer: Answer, form: str, settings: Settings | None = None) -> bytes:
    """The answer in any format, as the bytes of a file. Raises UsageError as ``write`` does."""
    if form not in BINARY:
        return render(answer, form, settings).encode("utf-8", "surrogateescape")
    from kg.render.data_formats import workbook

    return workbook(answer, settings or Settings())


def _writer(answer: Answer, form: str) -> Writer:
    if form in RDF_FORMATS:
        if answer.form not in ("CONSTRUCT", "DESCRIBE"):
            remedy = f"Rows come as {', '.join(FORMATS)}; triples come from CONSTRUCT and DESCRIBE."
            raise UsageError(Problem("KG662", f"{form} is for triples, and the query gives rows", remedy=remedy))
        place = f"triples:write_{form}"
    elif form in FORMATS:
        place = FORMATS[form]
    else:
        known = ", ".join((*FORMATS, *BINARY, *RDF_FORMATS))
        raise UsageError(Problem("KG661", f"no such format: {form!r}", remedy=f"One of {known}."))
    module, _colon, function = place.partition(":")
    writer: Writer = getattr(import_module(f"kg.render.{module}"), function)
    return writer


def format_of(path: PurePath | None, form: str | None, default: str = "table", **others: str) -> str:
    """The format that a file's ending has, which ``form`` must agree with; without a file, ``form`` or the default.

    ``.gz`` after the ending says that the file is compressed; ``-`` is no file. ``others`` are formats beside those
    of answers, each with its endings, separated by blanks. Raises UsageError: KG661 for an ending that no format has,
    KG662 for a format against the ending.
    """
    if path is None or str(path) == "-":
        return form or default
    known = SUFFIXES | {ending: name for name, endings in others.items() for ending in endings.split()}
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    ending = name.suffix.lower()
    found = known.get(ending)
    if found is None:
        what = (
            f"no format has the ending {ending!r}" if ending else f"{path.name!r} has no ending that tells a format"
        )
        raise UsageError(
            Problem("KG661", what, remedy=f"Give the file one of {', '.join(known)}; `-o -` needs none.")
        )
    if form not in (None, found):
        better = next(each for each, name in known.items() if name == form)
        remedy = f"Leave out one of the two, or call the file {name.stem}{better}."
        raise UsageError(Problem("KG662", f"--format {form} for a file that ends in {ending}", remedy=remedy))
    return found
