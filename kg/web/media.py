"""Media types: what each format is called, and which of them a client wants most (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.util import find_spec

from kg.errors import Problem, UsageError
from kg.render.formats import SUFFIXES

#: The formats of rows and booleans by media type, those preferred first.
ROWS = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "text/html": "html",
    "text/markdown": "md",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/plain": "table",
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
}
#: The formats of triples by media type.
TRIPLES = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/rdf+xml": "rdfxml",
    "application/ld+json": "jsonld",
    "text/plain": "ntriples",
    "application/json": "jsonld",
    "application/xml": "rdfxml",
    "text/xml": "rdfxml",
}


def offered(form: str) -> Mapping[str, str]:
    """The formats of a query of that form, by media type; workbooks only where the library that writes them is."""
    return TRIPLES if form in ("CONSTRUCT", "DESCRIBE") else _rows()


@cache
def _rows() -> Mapping[str, str]:
    return ROWS if find_spec("xlsxwriter") else {media: form for media, form in ROWS.items() if form != "xlsx"}


def named_format(path: str, forms: Collection[str]) -> tuple[str, str]:
    """A path without its ending, and the format that it asks for; the whole path where that is none of ``forms``."""
    stem, dot, ending = path.rpartition(".")
    form = SUFFIXES.get(f".{ending}", "") if dot else ""
    return (stem, form) if form in forms else (path, "")


def alternates(path: str, types: Mapping[str, str], query: str, named: str) -> str:
    """The Link header of an answer: its other formats, the IRI that it is cited as, the dataset (RFC 8288)."""
    asked = f"?{query}" if query else ""
    endings = {form: ending for ending, form in reversed(list(SUFFIXES.items()))}
    media = {form: each for each, form in reversed(list(types.items()))}
    links = [f'</{path}{endings[form]}{asked}>; rel="alternate"; type="{each}"' for form, each in media.items()]
    return ", ".join([*links, f'{named}; rel="cite-as"', '</.well-known/void>; rel="describedby"'])


def chosen(accept: str | None, types: Iterable[str]) -> str:
    """The one of the media types, those preferred first, that an Accept header wants most.

    Raises UsageError (KG754) when it wants none.
    """
    types = list(types)
    ranges = [_range(part) for part in (accept or "*/*").split(",")]
    best = max(types, key=lambda each: (_quality(each, ranges), -types.index(each)))
    if not _quality(best, ranges):
        raise UsageError(Problem("KG754", "no format that is accepted", remedy=f"Accept one of {', '.join(types)}."))
    return best


def _range(part: str) -> tuple[str, float]:
    """A media range and its quality, 0 where that is no number from 0 to 1."""
    name, *parameters = (each.strip().lower() for each in part.split(";"))
    quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        number = float(quality)
    except ValueError:
        return name, 0.0
    return name, number if 0 <= number <= 1 else 0.0


def _quality(name: str, ranges: list[tuple[str, float]]) -> float:
    """How much a type is wanted: as the most specific range that it falls into says."""
    for wanted in (name, f"{name.partition('/')[0]}/*", "*/*"):
        found = [quality for each, quality in ranges if each == wanted]
        if found:
            return max(found)
    return 0.0
