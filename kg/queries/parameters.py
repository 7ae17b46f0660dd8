"""Values as people write them, made into terms: every value is parsed, typed and checked before a query sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias, Union

from kg.dates import DateError, span
from kg.errors import Problem, UsageError
from kg.labels import LANGUAGES
from kg.limits import LIMIT, TIMEOUT
from kg.model import Term, canonical_literal
from kg.queries.bounded import bounded, solutions
from kg.queries.entities import candidates, described, direct, find_entity, of_class
from kg.sparql.parser import parse
from kg.sparql.printer import write
from kg.sparql.tokens import refuse_unsafe
from kg.typed_dates import typed_date
from kg.vocab import XSD

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from kg.corpus.saved_queries import Parameter, SavedQuery
    from kg.graph.store import Graph

#: What a caller may give for a parameter; the command line gives text.
Value: TypeAlias = Union[str, int, float, "Decimal", "date"]

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{1,40})?|\.[0-9]{1,40})")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})[eE][+-]?[0-9]{1,3}")
_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")


def resolve(graph: Graph, query: SavedQuery, values: Mapping[str, Value]) -> dict[str, Term]:
    """The term of each parameter of a query, from the values given and the defaults.

    Raises UsageError with every problem together: KG652 for an unknown parameter, KG653 for one that is
    missing, KG654 to KG659 for values that cannot be read, are unknown, ambiguous or not allowed.
    """
    problems = _strangers(query, values)
    terms: dict[str, Term] = {}
    for parameter in query.parameters:
        value = values.get(parameter.name, parameter.default)
        if value is None:
            if parameter.required:
                remedy = f"Give it with --{parameter.name}: {parameter.label or parameter.type}."
                problems.append(Problem("KG653", f"{query.name} needs {parameter.name!r}", remedy=remedy))
            continue
        try:
            given = parameter.name in values
            terms[parameter.name] = (term_for if given else _default_for)(graph, parameter, value)
        except UsageError as error:
            problems += [Problem(p.code, f"{parameter.name}: {p.message}", remedy=p.remedy) for p in error.problems]
    if problems:
        raise UsageError(problems)
    return terms


def asked_text(query: SavedQuery, terms: Mapping[str, Term]) -> str:
    """The text of a saved query with its values in the place of variables, as terms.

    Raises UsageError (KG601 to KG603, KG607, KG630) for a text that would write or reach the network: a saved query
    may come from a build that somebody else made, so it is held to the rules for ad hoc queries wherever it is asked.
    """
    refuse_unsafe(query.text)
    values = {p.variable: terms[p.name] for p in query.parameters if p.name in terms}
    if not values:
        return query.text

    return write(parse(query.text), values)


def term_for(graph: Graph, parameter: Parameter, value: Value) -> Term:
    """The term that a value is for one parameter. Raises UsageError."""
    choices = allowed(graph, parameter)
    text = str(value).strip()
    if parameter.type == "entity":
        # What is of a class is looked up only where a name must be understood.
        within = frozenset(choices) if direct(graph, text) else fitting(graph, parameter)
        term = find_entity(graph, text, within)
    elif parameter.type == "date":
        term = _date(text, parameter.edge)
    elif parameter.type in ("integer", "number"):
        term = _number(text, whole=parameter.type == "integer")
    elif parameter.type == "language":
        term = _language(text)
    else:
        term = _literal(str(value))
    if choices and term not in choices:
        raise UsageError(_not_allowed(graph, text, choices))
    return term


def _default_for(graph: Graph, parameter: Parameter, value: Value) -> Term:
    """The term of a default. A view may lack it: then there is nothing to answer, and nothing to refuse."""
    try:
        return term_for(graph, parameter, value)
    except UsageError:
        if graph.view.default:
            raise
        return term_for(graph, parameter._replace(choices=()), value)


def fitting(graph: Graph, parameter: Parameter) -> frozenset[Term]:
    """What fits a parameter for entities: its choices, or what is of its class; empty when anything may."""
    choices = frozenset(allowed(graph, parameter))
    return choices or (of_class(graph, parameter.kind) if parameter.kind else choices)


def allowed(graph: Graph, parameter: Parameter) -> list[Term]:
    """The values that a parameter may have, in order; empty when any may be given."""
    if not parameter.choices:
        return []
    if isinstance(parameter.choices, str):
        lister = graph.queries.get(parameter.choices)
        if lister is None:
            remedy = "Fix `choices` in the query's header; `kg check` finds such."
            raise UsageError(
                Problem("KG658", f"there is no query {parameter.choices!r} to list values", remedy=remedy)
            )
        # Its own values are taken as they are: queries that list each other's would never end.
        plain = lister._replace(parameters=tuple(p._replace(choices=()) for p in lister.parameters))
        text = asked_text(plain, resolve(graph, plain, {}))
        items = bounded(graph, solutions, text, LIMIT, timeout=TIMEOUT)
        rows = (row for item in items if isinstance(item, list) for row in item)
        return list(dict.fromkeys(row[0] for row in rows if row and row[0] is not None))
    free = parameter._replace(choices=())
    return [term_for(graph, free, choice) for choice in parameter.choices]


def _not_allowed(graph: Graph, text: str, choices: list[Term]) -> Problem:
    near = candidates(graph, text, frozenset(choices))
    listed = "; ".join(described(graph, choice) for choice in near or choices[:20])
    remedy = f"Did you mean: {listed}?" if near else f"One of: {listed}."
    return Problem("KG659", f"{text!r} is not among the values allowed", remedy=remedy)


def _strangers(query: SavedQuery, values: Mapping[str, Value]) -> list[Problem]:
    known = [parameter.name for parameter in query.parameters]
    problems = []
    for name in sorted(set(values) - set(known)):
        from difflib import get_close_matches

        close = get_close_matches(name, known, 1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        has = f"{query.name} has {', '.join(known)}." if known else f"{query.name} has no parameters."
        problems.append(Problem("KG652", f"no such parameter: {name!r}", remedy=hint + has))
    return problems


def _date(text: str, edge: str) -> Term:
    try:
        when = span(typed_date(text))
    except DateError as error:
        raise UsageError(Problem("KG654", str(error), remedy="A year, a month or a day.")) from None
    day = when.first if edge == "first" else when.last
    if day is None:
        remedy = "A year, a month or a day."
        raise UsageError(Problem("KG654", f"{text!r} is open where a day is needed", remedy=remedy))
    return f'"{day}"^^<{XSD}date>'


def _number(text: str, *, whole: bool) -> Term:
    if _INTEGER.fullmatch(text):
        return f'"{int(text)}"^^<{XSD}{"integer" if whole else "decimal"}>'
    if not whole and _DECIMAL.fullmatch(text):
        return canonical_literal(f'"{text}"^^<{XSD}decimal>')
    if not whole and _DOUBLE.fullmatch(text):
        return canonical_literal(f'"{text}"^^<{XSD}double>')
    kind, example = ("whole number", "12") if whole else ("number", "12, 12.5 or 1e3")
    raise UsageError(Problem("KG654", f"{text!r} is no {kind}", remedy=f"Write it like {example}."))


def _language(text: str) -> Term:
    if not _TAG.fullmatch(text):
        remedy = f"Write a language tag, such as {', '.join(LANGUAGES)}."
        raise UsageError(Problem("KG654", f"{text!r} is no language tag", remedy=remedy))
    # In lower case, as the store keeps tags.
    return f'"{text.lower()}"'


def _literal(text: str) -> Term:
    import pyoxigraph

    try:
        return str(pyoxigraph.Literal(text))
    except ValueError:
        remedy = "Give text that is valid Unicode."
        raise UsageError(
            Problem("KG654", "the text has half a character (a lone surrogate)", remedy=remedy)
        ) from None
