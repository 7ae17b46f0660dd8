"""Checking what saved queries and rules name: terms, entities, and whether anything can be what they ask."""

from __future__ import annotations

from collections.abc import Iterator

from kg.checks.query_types import QueryTypes
from kg.checks.schema import CLASS, Schema, name_of
from kg.checks.terms import Uses, close_to, deprecation, unknown_term
from kg.corpus.saved import SavedQuery
from kg.errors import Place, Problem, UsageError
from kg.sparql.analysis import all_groups, sure
from kg.sparql.parser import parse
from kg.vocab import local_name

__all__ = ["class_problems", "date_problems", "query_problems"]


def query_problems(text: str, file: str, uses: Uses) -> Iterator[Problem]:
    """Unknown and deprecated terms, unknown entities, and what nothing can match (KG401 to 403, 405 to 408, 461)."""
    try:
        query = parse(text)
    except UsageError:
        return  # no query, or no SPARQL: the reading says so
    for term, start in query.named.items():
        place = Place(file, text.count("\n", 0, start) + 1)
        if uses.schema.ours(term):
            if not uses.schema.defined(term):
                yield unknown_term(term, uses.schema, place)
            elif term in uses.schema.deprecated:
                yield deprecation(term, uses.schema, place)
        elif term.startswith(uses.entities) and term[len(uses.entities) :] != ">" and not uses.types(term):
            close = uses.suggest(term)
            remedy = f"Did you mean {close}?" if close else "Name an entity that is described."
            yield Problem("KG402", f"{local_name(term)} is not described as an entity", place, remedy)
    yield from dict.fromkeys(QueryTypes(uses, text, file).query(query))


def class_problems(query: SavedQuery, schema: Schema) -> Iterator[Problem]:
    """Parameters whose class the ontology does not have as one (KG625)."""
    classes = schema.of_kind(CLASS)
    for parameter in query.parameters:
        if parameter.kind and parameter.kind not in classes:
            close = close_to(local_name(parameter.kind), map(local_name, classes))
            remedy = f"Did you mean {close}?" if close else "Name a class of the ontology."
            message = f"parameter {parameter.name!r}: {name_of(parameter.kind)} is no class of the ontology"
            yield Problem("KG625", message, Place(query.file, 1), remedy)


def date_problems(query: SavedQuery) -> Iterator[Problem]:
    """A question that does not say which period ``--as-of`` asks about, or names a variable that it lacks (KG628)."""
    place = Place(query.file, 1)
    if query.form != "SELECT":
        return
    if query.date is None:
        remedy = "`#+ date: {of: fact, by: variable}`, or `none`: see docs/time.md."
        yield Problem("KG628", "the header does not say which date --as-of asks about", place, remedy, "warning")
        return
    try:
        groups = all_groups(parse(query.text).select)
    except UsageError:
        return  # no SPARQL: the reading says so
    bound = frozenset[str]().union(*map(sure, groups))
    for name in set(query.date.variables) - bound:
        yield Problem("KG628", f"`date` names ?{name}, which nothing binds", place, "Name a variable of the query.")
