"""Joins with a UNION, distributed over its branches: Join(Union(A, B), T) = Union(Join(A, T), Join(B, T)).

Oxigraph evaluates both sides of such a join whole, and a branch with triple patterns step by step.
SPARQL 1.1 (section 18.5) gives both the same solutions, as often.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from operator import is_

from kg.errors import UsageError
from kg.sparql.analysis import in_expression, sure, visible
from kg.sparql.parser import parse
from kg.sparql.printer import write
from kg.sparql.syntax_tree import (
    Bind,
    Element,
    Filter,
    Group,
    Nested,
    Select,
    Triples,
    Unsupported,
    Values,
)

__all__ = ["distributed"]

#: Branches of a UNION over which triple patterns are distributed at most.
_BRANCHES = 12


def distributed(text: str) -> str:
    """A query in which the triple patterns beside a UNION stand in its branches, where the solutions are the same.

    The text is given back as it is where there is nothing to distribute, or where it is no query.
    """
    if "union" not in text.lower():
        return text
    try:
        query = parse(text)
    except UsageError:
        return text
    where = _group(query.select.where)
    return text if where is query.select.where else write(replace(query, select=replace(query.select, where=where)))


def _group(group: Group) -> Group:
    """The same for a group and the groups within it; itself where nothing changes."""
    elements = tuple(map(_within, group.elements))
    union, moved = _joined(elements)
    if union and moved:
        branches = (replace(branch, elements=(*map(_plain, branch.elements), *moved)) for branch in union.groups)
        spread = union._replace(groups=tuple(branches))
        elements = tuple(spread if each is union else each for each in elements if each not in moved)
    same = len(elements) == len(group.elements) and all(map(is_, elements, group.elements))
    return group if same else replace(group, elements=elements)


def _within(element: Element) -> Element:
    if isinstance(element, Select):
        where = _group(element.where)
        return element if where is element.where else replace(element, where=where)
    if isinstance(element, Nested):
        groups = tuple(map(_group, element.groups))
        return element if all(map(is_, groups, element.groups)) else element._replace(groups=groups)
    return element


def _joined(elements: Iterable[Element]) -> tuple[Nested | None, list[Triples]]:
    """A UNION at the head of a group, and the triple patterns after it, where they may go into its branches.

    Beside VALUES or a SELECT they stay: with these, they may have few solutions. What follows an OPTIONAL or a BIND
    is joined with that. A filter holds for the whole group, wherever it stands.
    """
    first, *others = [each for each in elements if not isinstance(each, Filter)] or [Values((), ())]
    if not (isinstance(first, Nested) and first.kind == "UNION" and 1 < len(first.groups) <= _BRANCHES):
        return None, []
    if any(isinstance(each, Values | Select | Unsupported) for each in others):
        return None, []
    moved = []
    for each in others:
        if not isinstance(each, Triples) or any("?_:" in (p.subject[:3], p.object[:3]) for p in each.patterns):
            break  # a blank node stands in one group only
        moved.append(each)
    bound = visible(Group(tuple(moved)))
    return (first, moved) if all(_may_take(branch, bound) for branch in first.groups) else (None, [])


def _may_take(branch: Group, bound: frozenset[str]) -> bool:
    """Whether triples that bind some variables mean the same in a branch, and are found from what it binds."""
    asked = {name for each in branch.filters for name in in_expression(each.expression)}
    simple = all(isinstance(_plain(each), Triples | Values | Filter) for each in branch.elements)
    return simple and bool(bound & visible(branch)) and not (asked & bound) - sure(branch)


def _plain(element: Element) -> Element:
    """A BIND of a term as VALUES: the engine goes on from these step by step."""
    if isinstance(element, Bind) and isinstance(term := element.expression, str) and not term.startswith("?"):
        return Values((element.variable,), ((term,),))
    return element
