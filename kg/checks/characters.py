"""Checking that texts steer nobody's screen, and that names and glosses are not empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.errors import Place, Problem
from kg.harmless import steering
from kg.model import Term, Triple, is_literal, text_of
from kg.vocab import DCTERMS, RDFS, SKOS, iri, kg, local_name

__all__ = ["character_problems", "line_problems"]

#: What is shown on one line, and may not be empty.
_NAMES = {iri(RDFS + "label"), iri(SKOS + "altLabel"), iri(DCTERMS + "title"), kg("gloss")}


def character_problems(triples: Iterable[tuple[Triple, Place]], *, empty: bool = True) -> Iterator[Problem]:
    """Characters that steer what shows them (KG103), and empty names (KG104), in the literals of triples.

    Without ``empty``, empty names are left to other checks.
    """
    for (subject, predicate, value), place in triples:
        if not is_literal(value):
            continue
        text = text_of(value)
        if empty and predicate in _NAMES and not text.strip():
            message = f"{local_name(predicate)} of {_short(subject)} is empty"
            yield Problem("KG104", message, place, "Write the text, or take the statement away.", "warning")
        found = steering(text.replace("\r\n", "\n"))
        if predicate in _NAMES and "\n" in text.strip():
            found.append("a line feed")
        if found:
            message = f"{local_name(predicate)} of {_short(subject)} has {', '.join(found)}"
            yield Problem(
                "KG103", message, place, "Leave it out: it is shown as \N{REPLACEMENT CHARACTER}.", "warning"
            )


def line_problems(text: str, name: str) -> Iterator[Problem]:
    """The same characters (KG103) in a file that is read as plain text."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := steering(line):
            message = f"the line has {', '.join(found)}"
            yield Problem("KG103", message, Place(name, number), "Leave it out, or write it as an escape.", "warning")


def _short(term: Term) -> str:
    return local_name(term) or term
