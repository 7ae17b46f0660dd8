"""Checking what saved queries and rules name: terms, entities, and whether a variable can be what they ask of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kg.checks.schema import CLASS, TYPE, Schema, name_of
from kg.checks.terms import Uses, close_to, deprecation, unknown_term
from kg.corpus.saved import SavedQuery
from kg.errors import Place, Problem, UsageError
from kg.model import Term
from kg.patterns import Group, Path, Pattern, Select, parse_select
from kg.sparql import tokens
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
    """Unknown and deprecated terms, unknown entities, and variables that nothing can be (KG401, 402, 408, 461)."""
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
        select = parse_select(text)
    except UsageError:
        return  # no SELECT, or no SPARQL: the reading says so
    for message in dict.fromkeys(_Kinds(uses.schema).select(select, {})):
        remedy = "Nothing can be both: mend the pattern, or the domain or range of the property."
        yield Problem("KG461", message, Place(file, 1), remedy, "warning")


def class_problems(query: SavedQuery, schema: Schema) -> Iterator[Problem]:
    """Parameters whose class the ontology does not have as one (KG623)."""
    classes = schema.of_kind(CLASS)
    for parameter in query.parameters:
        if parameter.kind and parameter.kind not in classes:
            close = close_to(local_name(parameter.kind), map(local_name, classes))
            remedy = f"Did you mean {close}?" if close else "Name a class of the ontology."
            message = f"parameter {parameter.name!r}: {name_of(parameter.kind)} is no class of the ontology"
            yield Problem("KG623", message, Place(query.file, 1), remedy)


@dataclass(slots=True)
class _Kinds:
    """Which classes each variable must be of, group by group: branches of a UNION do not bind one another."""

    schema: Schema
    below: dict[Term, set[Term]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for term in self.schema.of_kind(CLASS):
            for above in self.schema.up(term):
                self.below[above].add(term)

    def select(self, select: Select, outer: Mapping[str, frozenset[tuple[Term, str]]]) -> Iterator[str]:
        yield from self.group(select.where, outer)

    def group(self, group: Group, outer: Mapping[str, frozenset[tuple[Term, str]]]) -> Iterator[str]:
        known = dict(outer)
        for pattern in group.patterns:
            for variable, kind, reason in self._asked(pattern):
                for other, why in known.get(variable, frozenset()):
                    if not self.below[kind] & self.below[other]:
                        yield f"{variable} is a {name_of(other)} ({why}) and a {name_of(kind)} ({reason})"
                known[variable] = known.get(variable, frozenset()) | {(kind, reason)}
        inner = [*group.groups, *group.optionals, *group.minus, *group.exists, *group.not_exists]
        for part in (*inner, *(branch for union in group.unions for branch in union)):
            yield from self.group(part, known)
        for select in group.selects:
            yield from self.select(select, known)

    def _asked(self, pattern: Pattern) -> Iterator[tuple[str, Term, str]]:
        if not isinstance(pattern.path, Path):
            return
        for variable, (predicate, side) in (
            (pattern.subject, _end(pattern.path, first=True)),
            (pattern.object, _end(pattern.path, first=False)),
        ):
            if not variable.startswith("?") or not predicate:
                continue
            if predicate == TYPE:
                if side == "domain" and pattern.object in self.below:
                    yield variable, pattern.object, "rdf:type"
                continue
            kinds = self.schema.domains if side == "domain" else self.schema.ranges
            for kind in kinds.get(predicate, frozenset()):
                if kind in self.below:
                    yield variable, kind, f"the {side} of {name_of(predicate)}"


def _end(path: Path, *, first: bool) -> tuple[Term, str]:
    """The property at one end of a path, and which side of it stands there; nothing where several could."""
    if path.op == "iri":
        return path.term, "domain" if first else "range"
    if path.op == "^":
        return _end(path.parts[0], first=not first)
    if path.op == "/":
        return _end(path.parts[0 if first else -1], first=first)
    return "", ""
