"""Checking what saved queries and rules name: terms, entities, and whether anything can be what they ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.checks.possible import Possible
from kg.checks.schema import CLASS, Schema, name_of
from kg.checks.terms import Uses, close_to, deprecation, unknown_term
from kg.corpus.saved import SavedQuery
from kg.errors import Place, Problem, UsageError
from kg.model import Term
from kg.sparql import parse_query
from kg.sparql.tokens import tokens
from kg.vocab import local_name

__all__ = ["QueryTerms", "class_problems", "query_problems", "query_terms"]


@dataclass(slots=True)
class QueryTerms:
    """The IRIs that a SPARQL text names, each with the line it is first named on."""

    lines: dict[Term, int] = field(default_factory=dict)


def query_terms(text: str) -> QueryTerms:
    """Every IRI of a text, prefixed names written out; header comments are no part of it."""
    prefixes: dict[str, str] = {}
    found = QueryTerms()
    declaring = ""
    for token in tokens(text):
        if token.kind in ("space", "comment"):
            continue
        if token.kind == "name" and token.text.upper() == "PREFIX":
            declaring = "?"
        elif declaring == "?" and token.kind == "prefixed":
            declaring = token.text
        elif declaring and token.kind == "iri":
            prefixes[declaring.rstrip(":")] = token.text[1:-1]
            declaring = ""
        elif token.kind in ("iri", "prefixed"):
            prefix, _colon, local = token.text.partition(":")
            term = token.text if token.kind == "iri" else f"<{prefixes.get(prefix, prefix)}{local}>"
            found.lines.setdefault(term, text.count("\n", 0, token.start) + 1)
    return found


def query_problems(text: str, file: str, uses: Uses) -> Iterator[Problem]:
    """Unknown and deprecated terms, unknown entities, and what nothing can match (KG401 to 403, 405 to 408, 461)."""
    for term, line in query_terms(text).lines.items():
        place = Place(file, line)
        if uses.schema.ours(term):
            if not uses.schema.defined(term):
                yield unknown_term(term, uses.schema, place)
            elif term in uses.schema.deprecated:
                yield deprecation(term, uses.schema, place)
        elif term.startswith(uses.entities) and term[len(uses.entities) :] != ">" and not uses.types(term):
            close = uses.suggest(term)
            remedy = f"Did you mean {close}?" if close else "Name an entity that is described."
            yield Problem("KG402", f"{local_name(term)} is not described as an entity", place, remedy)
    try:
        template, where = parse_query(text)
    except UsageError:
        return  # no query, or no SPARQL: the reading says so
    yield from dict.fromkeys(Possible(uses, text, file).query(template, where))


def class_problems(query: SavedQuery, schema: Schema) -> Iterator[Problem]:
    """Parameters whose class the ontology does not have as one (KG625)."""
    classes = schema.of_kind(CLASS)
    for parameter in query.parameters:
        if parameter.kind and parameter.kind not in classes:
            close = close_to(local_name(parameter.kind), map(local_name, classes))
            remedy = f"Did you mean {close}?" if close else "Name a class of the ontology."
            message = f"parameter {parameter.name!r}: {name_of(parameter.kind)} is no class of the ontology"
            yield Problem("KG625", message, Place(query.file, 1), remedy)
