"""The SQL of a clause: a SELECT over dictionary-encoded facts, one view for each predicate.

A fact is a row ``(s, o, record, round)`` of integers but for the record, a text that says how the fact came to be.
View ``p_7`` has the facts of the predicate with number 7; ``d_7``, those of the last round (the delta). A clause
becomes a join of the views of its body's patterns. Its rows have the head's subject and object, and the record:
the number of the clause, then the numbers of the body's variables, between colons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from kg.model import Term
from kg.reasoner import Clause, Pattern
from kg.reasoner.owl_terms import SAME

#: The number of a term; the least member of its clique where it is equal to others.
Names = Callable[[Term], int]


class JoinedViews(NamedTuple):
    """The body of a clause as FROM and WHERE, with the column of each variable."""

    tables: tuple[str, ...]
    conditions: tuple[str, ...]
    columns: Mapping[str, str]

    def sql(self, selected: str) -> str:
        """SELECT of what is named, over the source."""
        where = f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        return f"SELECT {selected} FROM {', '.join(self.tables)}{where}"


def body_variables(clause: Clause) -> tuple[str, ...]:
    """The variables of a clause's body, in order of appearance."""
    return tuple(dict.fromkeys(term for pattern in clause.body for term in pattern if term.startswith("?")))


def source_of(
    patterns: tuple[Pattern, ...],
    views: list[str],
    names: Names,
    known: Mapping[str, str] | None = None,
    prefix: str = "a",
) -> JoinedViews:
    """The join of a view for each pattern. ``known`` has columns of variables that are bound outside."""
    columns: dict[str, str] = dict(known or {})
    conditions: list[str] = []
    for number, (s, _, o) in enumerate(patterns):
        for term, column in ((s, f"{prefix}{number}.s"), (o, f"{prefix}{number}.o")):
            if not term.startswith("?"):
                conditions.append(f"{column} = {names(term)}")
            elif term in columns:
                conditions.append(f"{column} = {columns[term]}")
            else:
                columns[term] = column
    tables = tuple(f"{view} AS {prefix}{number}" for number, view in enumerate(views))
    return JoinedViews(tables, tuple(conditions), columns)


def bindings(clause: Clause, views: list[str], names: Names) -> str:
    """SELECT of every binding of a clause's body: a column ``v0``, ``v1`` … for each variable."""
    source = source_of(clause.body, views, names)
    selected = [f"{source.columns[name]} AS v{k}" for k, name in enumerate(body_variables(clause))]
    return source.sql(", ".join(selected) or "1 AS v0")


def derive(clause: Clause, number: int, rows: str, numbers: Names) -> str:
    """SELECT of the head's subject, object and record from ``bindings``. It equates no term with itself.

    Terms of the head keep their own numbers (``numbers``), whatever they equal.
    """
    columns = {name: f"b.v{k}" for k, name in enumerate(body_variables(clause))}
    s, p, o = clause.head or ("", "", "")
    subject, value = (columns[term] if term in columns else f"CAST({numbers(term)} AS BIGINT)" for term in (s, o))
    parts = ", ':', ".join(f"CAST({column} AS STRING)" for column in columns.values())
    record = f"concat('{number}:', {parts})" if parts else f"'{number}'"
    where = f" WHERE {subject} <> {value}" if p == SAME else ""
    return f"SELECT {subject} AS s, {value} AS o, {record} AS record FROM ({rows}) b{where}"
