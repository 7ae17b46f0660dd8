"""What can be told of a query from its tree alone: variables in scope, monotone parts, what it names and sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import lru_cache

from kg.errors import Problem, UsageError
from kg.model import Term
from kg.sparql.parser import parse, parse_select
from kg.sparql.syntax_tree import (
    Bind,
    Call,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Nested,
    Pattern,
    Select,
    Triples,
    Unsupported,
    Values,
    asked_in,
)
from kg.vocab import RDF, iri

#: Functions whose value is another one whenever a query is asked.
_CHANGING = {"RAND", "NOW", "UUID", "STRUUID", "BNODE"}


# -- groups


def inner_groups(group: Group) -> list[Group]:
    """The groups that stand directly in a group, whatever for; of a SELECT, its WHERE."""
    nested = [inner for each in group.elements if isinstance(each, Nested) for inner in each.groups]
    asked = [each.group for each in group.asked]
    return [*nested, *asked, *(select.where for select in group.selects)]


def all_groups(select: Select) -> Iterator[Group]:
    """Every group of a SELECT, those within others included."""
    pending = [select.where]
    while pending:
        yield (group := pending.pop())
        pending += inner_groups(group)


def all_patterns(group: Group) -> Iterator[Pattern]:
    """Every triple pattern in a group and in the groups within it."""
    yield from group.patterns
    for inner in inner_groups(group):
        yield from all_patterns(inner)


def joined(group: Group) -> Iterator[Group]:
    """The groups within a group that give it values: all but those of MINUS and EXISTS."""
    for each in group.elements:
        if isinstance(each, Nested) and each.kind != "MINUS":
            yield from each.groups


def followed_select(text: str) -> Select:
    """The tree of a SELECT that has only what evidence can follow.

    Raises UsageError (KG630) for other forms of query, and for GRAPH, SERVICE, LATERAL and triple terms.
    """
    select = parse_select(text)
    for group in all_groups(select):
        for each in group.elements:
            what = each.kind if isinstance(each, Nested) and each.kind in ("GRAPH", "SERVICE", "LATERAL") else ""
            if what or isinstance(each, Unsupported):
                message = f"what {what or 'a form of SPARQL 1.2'} matches is not followed"
                raise UsageError(Problem("KG630", message, remedy="Ask without --evidence."))
    return select


# -- variables


def bound_by(pattern: Pattern) -> list[str]:
    """The variables of a triple pattern, without their mark; blank nodes are none."""
    ends = (pattern.subject, pattern.object, *((pattern.path,) if isinstance(pattern.path, str) else ()))
    return [end[1:] for end in ends if end[0] == "?" and not end.startswith("?_:")]


@lru_cache(maxsize=1024)
def occurrences(node: Group | Select) -> Counter[str]:
    """How often each variable stands in a group or SELECT, in whatever place."""
    found: Counter[str] = Counter()
    if isinstance(node, Group):
        for element in node.elements:
            found.update(_standing(element))
        return found
    found.update(occurrences(node.where))
    for name, expression in (*node.columns, *node.keys):
        found.update((*((name,) if name else ()), *(in_expression(expression) if expression is not None else ())))
    for expression in (*node.having, *(each.expression for each in node.order)):
        found.update(in_expression(expression))
    found.update(node.values.variables if node.values else ())
    return found


def _standing(element: Element) -> Iterator[str]:
    if isinstance(element, Triples):
        for pattern in element.patterns:
            yield from bound_by(pattern)
    elif isinstance(element, Nested):
        yield from in_expression(element.target or "<>")
        for group in element.groups:
            yield from occurrences(group).elements()
    elif isinstance(element, Select):
        yield from occurrences(element).elements()
    elif isinstance(element, Filter | Bind):
        yield from in_expression(element.expression)
        yield from (element.variable,) if isinstance(element, Bind) else ()
    else:
        yield from element.variables if isinstance(element, Values) else _in_tokens(element)


def in_expression(expression: Expression) -> Iterator[str]:
    """The variables of an expression, each as often as it stands there."""
    if isinstance(expression, str):
        if expression[0] == "?":
            yield expression[1:]
    elif isinstance(expression, Call):
        for part in expression.arguments:
            yield from in_expression(part)
    elif isinstance(expression, Exists):
        yield from occurrences(expression.group).elements()
    else:
        yield from _in_tokens(expression)


def _in_tokens(node: Unsupported) -> Iterator[str]:
    return (token[1:] for token in node.tokens if token[0] in "?$" and len(token) > 1)


@lru_cache(maxsize=1024)
def visible(group: Group) -> frozenset[str]:
    """The variables to which a group can give a value (in scope, as SPARQL 1.1, section 18.2.1, has it)."""
    return frozenset(name for element in group.elements for name in _given(element))


def own_variables(group: Group) -> set[str]:
    """The variables to which a group gives a value itself, and not a group within it."""
    return {name for element in group.elements if not isinstance(element, Nested) for name in _given(element)}


def _given(element: Element) -> Iterable[str]:
    """The variables to which an element of a group can give a value."""
    if isinstance(element, Nested):
        return (
            ()
            if element.kind == "MINUS"
            else {*in_expression(element.target or "<>")}.union(*map(visible, element.groups))
        )
    if isinstance(element, Select):
        return columns_of(element)
    if isinstance(element, Filter):
        return ()
    return (element.variable,) if isinstance(element, Bind) else _standing(element)


def columns_of(select: Select) -> list[str]:
    """The columns of a SELECT; those of ``*`` by name."""
    values = select.values.variables if select.values else ()
    return [column.name for column in select.columns] or sorted(visible(select.where).union(values))


@lru_cache(maxsize=1024)
def sure(group: Group) -> frozenset[str]:
    """The variables that every solution of a group binds, of those that patterns bind."""
    found = {name for pattern in group.patterns for name in bound_by(pattern)}
    for each in group.elements:
        if isinstance(each, Nested) and each.kind in ("UNION", "GRAPH", "LATERAL"):
            found |= frozenset.intersection(*map(sure, each.groups))
        elif isinstance(each, Select):
            plain = {column.name for column in each.columns if column.expression is None}
            found |= sure(each.where) & plain if each.columns else sure(each.where)
    return frozenset(found)


@lru_cache(maxsize=256)
def before(select: Select) -> Mapping[Group, frozenset[str]]:
    """The variables that may have values where an OPTIONAL or a MINUS begins, or a BIND asks for a group."""
    found: dict[Group, frozenset[str]] = {}
    for group in all_groups(select):
        bound: set[str] = set()
        for each in group.elements:
            asking: Iterable[Group] = ()
            if isinstance(each, Nested) and each.kind in ("OPTIONAL", "MINUS"):
                asking = each.groups
            elif isinstance(each, Bind):
                asking = (asked.group for asked in asked_in(each.expression))
            found |= dict.fromkeys(asking, frozenset(bound))
            bound.update(_given(each))
    return found


@lru_cache(maxsize=256)
def changing(select: Select) -> frozenset[str]:
    """The variables of a SELECT with another value at every asking: by RAND, NOW, UUID, or what comes of them."""
    computed = [(name, frozenset(in_expression(e)), calls(e)) for name, e in _computed(select)]
    found = {name for name, _names, called in computed if called & _CHANGING}
    while more := {name for name, names, _called in computed if name not in found and found & names}:
        found |= more
    return frozenset(found)


def _computed(select: Select) -> Iterator[tuple[str, Expression]]:
    """Every variable that an expression gives a value, with that expression."""
    for column in (*select.columns, *select.keys):
        if column.name and column.expression is not None:
            yield column.name, column.expression
    yield from _bound(select.where)


def _bound(group: Group) -> Iterator[tuple[str, Expression]]:
    yield from ((each.variable, each.expression) for each in group.binds)
    for inner in joined(group):
        yield from _bound(inner)
    for select in group.selects:
        yield from _computed(select)


def calls(expression: Expression) -> frozenset[str]:
    """The names of the operators, functions and aggregates in an expression, those in its groups apart."""
    if not isinstance(expression, Call):
        return frozenset()
    return frozenset((expression.name,)).union(*map(calls, expression.arguments))


# -- monotone


def monotone(group: Group) -> bool:
    """Whether more triples only ever give a group more solutions."""
    if group.optionals or group.minus or any(each.negated or not each.alone for each in group.asked):
        return False
    if any(select.aggregates or select.sliced for select in group.selects):
        return False
    return all(map(monotone, inner_groups(group)))


# -- what a query names


def named_terms(text: str) -> Mapping[Term, int]:
    """Every IRI that a query names, with the offset of its first use; none for what is no query."""
    try:
        return parse(text).named
    except UsageError:
        return {}


@lru_cache(maxsize=256)
def asks_graphs(text: str) -> bool:
    """Whether a query has GRAPH."""
    try:
        select = parse(text).select
    except UsageError:
        return False
    return any(
        isinstance(each, Nested) and each.kind == "GRAPH" for group in all_groups(select) for each in group.elements
    )


def sees(text: str, terms: Container[Term]) -> bool:
    """Whether a SELECT names one of these predicates or classes, or has a pattern that can see any of them."""
    try:
        query = parse(text)
    except UsageError:
        return False
    if query.form != "SELECT":
        return False
    elements = (each for group in all_groups(query.select) for each in group.elements)
    # What a form of SPARQL 1.2 sees is not known.
    if any(term in terms for term in query.named) or any(isinstance(each, Unsupported) for each in elements):
        return True
    return any(
        isinstance(pattern.path, str) or (pattern.path.term == _TYPE and pattern.object.startswith("?"))
        for pattern in all_patterns(query.select.where)
    )


_TYPE = iri(RDF + "type")
