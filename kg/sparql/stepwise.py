"""Joins with a UNION or a SELECT that the engine shall evaluate step by step.

Oxigraph evaluates both sides of such a join whole. ``LATERAL`` before a group of triple patterns means the same, and
evaluates them for each solution of what stands before it: SPARQL-dev, SEP 0006, which Oxigraph has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile
from operator import is_

from kg.errors import UsageError
from kg.sparql.analysis import visible
from kg.sparql.parser import parse
from kg.sparql.printer import write
from kg.sparql.syntax_tree import Element, Filter, Group, Nested, Select, Triples


def stepwise(text: str) -> str:
    """A query in which the patterns after a UNION or SELECT are found from its solutions: the same rows.

    The text is given back as it is where it has no such patterns, or where it is no query.
    """
    if "union" not in (lower := text.lower()) and lower.count("select") < 2:
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
    # A filter holds for the whole group, wherever it stands.
    others = [each for each in elements if not isinstance(each, Filter)]
    head = [*takewhile(lambda each: isinstance(each, Nested) and each.kind == "UNION", others)]
    moved = [*takewhile(_is_step, others[len(head) :])]
    if head and moved and isinstance(moved[0], Triples) and _lead_to(head, Group((moved[0],))):
        kept = [each for each in elements if each not in moved]
        place = kept.index(head[-1]) + 1
        elements = (*kept[:place], Nested("LATERAL", (Group(tuple(moved)),)), *kept[place:])
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


def _is_step(element: Element) -> bool:
    """Whether an element can be found from each solution: triple patterns, or an OPTIONAL of nothing else."""
    if isinstance(element, Nested):
        return element.kind == "OPTIONAL" and all(isinstance(each, Triples) for each in element.groups[0].elements)
    return isinstance(element, Triples)


def _lead_to(head: Iterable[Element], patterns: Group) -> bool:
    """Whether each branch leads to patterns after it: by a variable of theirs; a SELECT, by their subject."""
    branches = [group for each in head if isinstance(each, Nested) for group in each.groups]
    subject, names = patterns.patterns[0].subject[1:], visible(patterns)
    return all(subject in visible(branch) if branch.selects else visible(branch) & names for branch in branches)
