"""CSV and TSV as SPARQL 1.1 Query Results CSV and TSV Formats have them, but for line feeds alone as line ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.model import Term, text_of
from kg.render.formats.grid import extended
from kg.render.formats.settings import Settings

if TYPE_CHECKING:
    from kg.queries.answer import Answer

__all__ = ["write_csv", "write_tsv"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(answer: Answer, settings: Settings) -> Iterator[str]:
    """Values without types: IRIs without brackets, literals as their text, unbound cells empty."""
    columns, rows = extended(answer, settings)
    yield ",".join(map(_quoted, columns)) + "\n"
    for row in rows:
        line = ",".join(_quoted(_harmless(value, settings)) for value in map(_plain, row))
        # An empty line would be passed over by who reads it.
        yield (line or '""') + "\n"


def _plain(term: Term | None) -> str:
    """A term without its type; a triple term has no form but its own."""
    if term is None:
        return ""
    return text_of(term) if term.startswith(('"', "<<(")) else term.strip("<>")


def write_tsv(answer: Answer, settings: Settings) -> Iterator[str]:
    """Terms as SPARQL writes them; tabs and line feeds are escaped in them."""
    columns, rows = extended(answer, settings)
    yield "\t".join(f"?{column}" for column in columns) + "\n"
    for row in rows:
        yield "\t".join(_harmless(_tabless(term), settings) for term in row) + "\n"


def _tabless(term: Term | None) -> str:
    # N-Triples escapes line feeds, but may leave a tab as it is.
    return "" if term is None else term.replace("\t", "\\t")


def _quoted(value: str) -> str:
    if any(character in value for character in ',"\n\r'):
        return '"' + value.replace('"', '""') + '"'
    return value


def _harmless(value: str, settings: Settings) -> str:
    """For spreadsheets, which run what begins like a formula; else unchanged, so that programs get the value."""
    return f"'{value}" if settings.spreadsheet and value.startswith(_FORMULA) else value
