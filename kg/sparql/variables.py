"""Which variables a group gives to what is around it, and which of them are another value at every asking."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from kg.sparql.structure import Group, Pattern, Select
from kg.sparql.tokens import tokens, variables

__all__ = ["bound_by", "changing", "columns_of", "joined", "own_variables", "sure", "visible"]

#: Functions whose value is another one whenever a query is asked.
_CHANGING = {"RAND", "NOW", "UUID", "STRUUID", "BNODE"}


def bound_by(pattern: Pattern) -> list[str]:
    """The variables of a triple pattern, without their mark; blank nodes are none."""
    ends = [pattern.subject, pattern.object, *([pattern.path] if isinstance(pattern.path, str) else [])]
    return [end[1:] for end in ends if end.startswith("?") and not end.startswith("?_:")]


@lru_cache(maxsize=1024)
def visible(group: Group) -> frozenset[str]:
    """The variables to which a group can give a value (in scope, as SPARQL 1.1, section 18.2.1, has it)."""
    return frozenset(own_variables(group).union(*map(visible, joined(group))))


def own_variables(group: Group) -> set[str]:
    """The variables to which a group gives a value itself, and not a group within it."""
    names = {name for pattern in group.patterns for name in bound_by(pattern)}
    names.update(name for name, _expression in group.binds)
    return names.union(*map(variables, group.values), *map(columns_of, group.selects))


def columns_of(select: Select) -> list[str]:
    """The columns of a SELECT; those of ``*`` by name."""
    return [name for name, _expression in select.columns] or sorted(visible(select.where) | variables(select.values))


@lru_cache(maxsize=1024)
def sure(group: Group) -> frozenset[str]:
    """The variables that every solution of a group binds, of those that patterns bind."""
    found = {name for pattern in group.patterns for name in bound_by(pattern)}
    found.update(*map(sure, group.groups))
    for union in group.unions:
        found |= frozenset.intersection(*map(sure, union))
    for select in group.selects:
        plain = {name for name, expression in select.columns if expression is None}
        found |= sure(select.where) & plain if select.columns else sure(select.where)
    return frozenset(found)


@lru_cache(maxsize=256)
def changing(select: Select) -> frozenset[str]:
    """The variables of a SELECT with another value at every asking: by RAND, NOW, UUID, or what comes of them."""
    computed = list(_computed(select))
    found = {name for name, text in computed if _calls_changing(text)}
    while more := {name for name, text in computed if name not in found and found & variables(text)}:
        found |= more
    return frozenset(found)


def joined(group: Group) -> Iterator[Group]:
    """The groups within a group that give it values: groups, OPTIONALs and the branches of UNIONs."""
    yield from group.groups
    yield from group.optionals
    for branches in group.unions:
        yield from branches


def _computed(select: Select) -> Iterator[tuple[str, str]]:
    """Every variable that an expression gives a value, with that expression."""
    yield from ((name, text) for name, text in (*select.columns, *select.keys) if name and text)
    yield from _bound(select.where)


def _bound(group: Group) -> Iterator[tuple[str, str]]:
    yield from group.binds
    for inner in joined(group):
        yield from _bound(inner)
    for select in group.selects:
        yield from _computed(select)


def _calls_changing(text: str) -> bool:
    return any(token.kind == "name" and token.text.upper() in _CHANGING for token in tokens(text))
