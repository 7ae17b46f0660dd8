"""Which parts of a group take part in a solution: each part is given a mark of its own, and the engine says.

A part is a branch of a UNION, or an OPTIONAL. A BIND at its end changes no solution, and is bound in those of the
part alone (SPARQL 1.1, section 18.2.2.5: a group's BIND extends what stands before it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.sparql.analysis import inner_groups, joined, occurrences, own_variables, visible
from kg.sparql.syntax_tree import Bind, Element, Group, Nested, Select, Values
from kg.vocab import XSD, iri

if TYPE_CHECKING:
    from kg.evidence.matched import Node

__all__ = ["TRUE", "assigned", "mark", "marked", "parts", "projected", "telling"]

TRUE = f'"true"^^{iri(XSD + "boolean")}'


def mark(part: Group) -> str:
    """The variable that is bound where a part takes part; no other part of the query has it."""
    return f"part__{part.start}"


def parts(group: Group) -> Iterator[Group]:
    """The parts of a group and of what is joined in it. A SELECT within is asked by itself, and so is an EXISTS."""
    yield from group.optionals
    for branches in group.unions:
        yield from branches
    for inner in joined(group):
        yield from parts(inner)


def marked(group: Group, *, itself: bool = False, given: Mapping[str, Node] | None = None) -> Group:
    """A group with the marks of its parts; with ``itself``, also one of its own.

    Values that are ``given`` stand at its head, and at that of each SELECT within that gives their variables out.
    """
    whole = _with_marks(group)
    whole = _with_values(whole, given) if given else whole
    return _ending_in(whole, mark(group)) if itself else whole


@lru_cache(maxsize=1024)
def _with_marks(group: Group) -> Group:
    return replace(group, elements=tuple(map(_element_with_marks, group.elements)))


def _element_with_marks(element: Element) -> Element:
    if not isinstance(element, Nested) or element.kind == "MINUS":
        return element
    inner = tuple(map(_with_marks, element.groups))
    if element.kind == "OPTIONAL" or len(inner) > 1:
        # A copy starts where its original does.
        inner = tuple(_ending_in(each, mark(each)) for each in inner)
    return element._replace(groups=inner)


def _ending_in(group: Group, name: str) -> Group:
    """A group with a variable that is bound at its end; beside a SELECT nothing can stand, so it gets a group."""
    elements = (Nested("UNION", (group,)),) if group.selects else group.elements
    return replace(group, elements=(*elements, Bind(TRUE, name)))


def _with_values(group: Group, given: Mapping[str, Node]) -> Group:
    """A group in which all that gives some variables values sees those that are given."""
    inside = replace(group, elements=tuple(_element_with_values(each, given) for each in group.elements))
    if group.selects:
        return inside
    heads = (Values((name,), ((str(given[name]),),)) for name in sorted(given))
    return replace(inside, elements=(*heads, *inside.elements))


def _element_with_values(element: Element, given: Mapping[str, Node]) -> Element:
    if isinstance(element, Select):
        names = {column.name for column in element.columns} if element.columns else given.keys()
        known = {name: value for name, value in given.items() if name in names}
        return replace(element, where=_with_values(element.where, known)) if known else element
    if isinstance(element, Nested) and element.kind != "MINUS":
        inner = (
            replace(each, elements=tuple(_element_with_values(e, given) for e in each.elements))
            for each in element.groups
        )
        return element._replace(groups=tuple(inner))
    return element


@lru_cache(maxsize=1024)
def assigned(group: Group) -> frozenset[str]:
    """The variables to which no value can be given in a group: something assigns to them, or they are others there.

    Others are those that a SELECT within does not give out as they are.
    """
    own = {each.variable for each in group.binds}.union(*(each.variables for each in group.values))
    for select in group.selects:
        plain = {column.name for column in select.columns if column.expression is None}
        values = select.values.variables if select.values else ()
        own |= (occurrences(select).keys() - plain) if select.columns else set(values)
    return frozenset(own.union(*map(assigned, inner_groups(group))))


@lru_cache(maxsize=1024)
def projected(group: Group) -> frozenset[str]:
    """The variables that a SELECT within a group gives out as they are, wherever in it that stands."""
    own = {column.name for select in group.selects for column in select.columns if column.expression is None}
    return frozenset(own.union(*map(projected, inner_groups(group))))


def telling(select: Select) -> frozenset[Group]:
    """The OPTIONALs of a SELECT whose finding nothing shows: a variable that only they bind is used elsewhere."""
    everywhere = occurrences(select)
    everything = not select.columns
    return frozenset(_telling(select.where, everywhere, frozenset(), everything=everything))


def _telling(group: Group, everywhere: Counter[str], given: frozenset[str], *, everything: bool) -> Iterator[Group]:
    given |= own_variables(group)
    beside = given.union(*map(visible, group.groups), *(visible(b) for branches in group.unions for b in branches))
    for optional in group.optionals:
        inside = occurrences(optional)
        mine = visible(optional) - beside
        if any(everything or everywhere[name] > inside[name] for name in mine):
            yield optional
    for inner in joined(group):
        yield from _telling(inner, everywhere, given, everything=everything)
