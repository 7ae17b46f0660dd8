"""Rows of an answer that can be told apart, and a query that is asked of some of them only.

A column tells rows apart when every solution gives it a value: the rows with certain values there rest on the
solutions with these values alone. So a query that is asked of these values only gives just these rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from kg.model import Term
from kg.sparql import Element, Group, Select, parse_select, sure
from kg.sparql.tokens import tokens, variables

__all__ = [
    "ALL",
    "MANY",
    "NONE",
    "Affected",
    "given_first",
    "given_out",
    "restricted",
    "telling_columns",
]

#: More rows than this are not told apart: all of the answer may be another.
MANY = 5_000


@dataclass(frozen=True, slots=True)
class Affected:
    """The rows of an answer that may be others: those with one of ``rows`` in the columns ``names``, or ``all``."""

    names: tuple[str, ...] = ()
    rows: frozenset[tuple[Term, ...]] = frozenset()
    all: bool = False

    def __bool__(self) -> bool:
        return self.all or bool(self.rows)

    def __or__(self, other: Affected) -> Affected:
        if not self or other.all:
            return other
        if not other or self.all:
            return self
        names = tuple(name for name in self.names if name in other.names)
        rows = self.of(names) | other.of(names)
        return Affected(names, rows) if names and len(rows) <= MANY else ALL

    def of(self, names: Iterable[str]) -> frozenset[tuple[Term, ...]]:
        """The rows in some of the columns."""
        places = [self.names.index(name) for name in names]
        return frozenset(tuple(row[place] for place in places) for row in self.rows)


NONE = Affected()
ALL = Affected(all=True)


def restricted(text: str, only: Affected) -> str:
    """A query that is asked only of the rows that ``affected`` told; these are as in the whole answer."""
    where = parse_select(text).where
    at = text.index(where.text) + 1
    parts = [text[:at], _values(only, only.names)]
    # Also at the head of each branch of a UNION, whose matches would else be found before they are compared.
    for union in where.unions:
        for branch in union:
            names = [name for name in only.names if name in given_first(branch)]
            if names:
                opening = text.index(branch.text, at) + 1
                parts += [text[at:opening], _values(only, names)]
                at = opening
    return "".join((*parts, text[at:]))


def _values(only: Affected, names: Iterable[str]) -> str:
    names = list(names)
    rows = " ".join(f"({' '.join(row)})" for row in sorted(only.of(names)))
    return f" VALUES ({' '.join(f'?{name}' for name in names)}) {{ {rows} }} "


def telling_columns(select: Select) -> list[str]:
    """The columns by which rows can be told apart: plain, bound in every solution, and keys where it is grouped.

    None where rows depend on others: in a part of an answer, or one row over everything.
    """
    if select.sliced:
        return []
    bound = given_first(select.where)
    if select.aggregates:
        given = [name for name, text in select.keys if name is not None and text == f"?{name}"]
        if select.distinct:
            # Groups whose columns are the same are one row: a key that is no column does not tell it.
            shown = {name for name, expression in select.columns if expression is None}
            given = [name for name in given if name in shown]
    else:
        given = [name for name, expression in select.columns if expression is None] or sorted(bound)
    return list(dict.fromkeys(name for name in given if name in bound))


def given_first(group: Group) -> frozenset[str]:
    """The variables that can as well be given values at the head of a group, before all else.

    Every solution binds them, and nothing that depends on whether they are bound yet (an OPTIONAL, a MINUS, an
    expression of a BIND) stands before what binds them; no expression is assigned to them.
    """
    if group.selects:
        # Nothing can stand before a SELECT without braces of its own.
        return frozenset()
    bound: set[str] = set()
    asked: set[str] = set()
    for element in group.elements:
        if element.kind in ("OPTIONAL", "MINUS", "BIND"):
            asked |= variables(element.text) - bound
        else:
            bound |= _binds(element)
    return (sure(group) & bound) - asked - _assigned(group)


def _binds(element: Element) -> frozenset[str]:
    """The variables that a part of a group surely gives values."""
    if element.kind == "group":
        return frozenset.intersection(*map(sure, element.groups))
    if element.kind == "FILTER" or (element.kind == "VALUES" and "UNDEF" in element.text.upper()):
        return frozenset()
    return variables(element.text)


def _assigned(where: Group) -> set[str]:
    """The variables that an expression within a group is assigned to."""
    significant = [token for token in tokens(where.text) if token.kind not in ("space", "comment")]
    return {after.text[1:] for before, after in pairwise(significant) if before.text.upper() == "AS"}


def given_out(select: Select) -> set[str]:
    """The variables that a SELECT within gives out as they are; all, when it says ``*``."""
    if not select.columns:
        return {f"?{name}" for name in variables(select.where.text)}
    return {f"?{name}" for name, expression in select.columns if expression is None}
