"""How the rows of a SELECT and the solutions of its WHERE belong together, and the queries that ask for either."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kg.evidence.parts import mark, marked, parts
from kg.sparql import Select, changing, columns_of, visible
from kg.sparql.tokens import variables

if TYPE_CHECKING:
    from kg.evidence.matched import Node

__all__ = ["keyed_text", "row_keys", "solutions_text", "values_clause"]

#: A grouping key that the query gives no name.
_UNNAMED = "key__"


def row_keys(select: Select) -> list[str]:
    """The variables by which solutions belong to rows: the grouping keys, or all columns.

    Columns computed from a solution (no aggregate) count as well, since the solutions compute them too; those that
    have another value at every asking do not.
    """
    other = changing(select)
    names = [name for name, _expression in _keys(select)] if select.aggregates else columns_of(select)
    return [name for name in names if name not in other]


def solutions_text(select: Select) -> str:
    """A SELECT of all that evidence needs of another's WHERE, one row a solution: variables, marks, computed keys."""
    wanted = set(row_keys(select))
    computed = [(name, text) for name, text in (_keys(select) if select.aggregates else select.columns) if text]
    computed = [(name, text) for name, text in computed if name in wanted and text != f"?{name}"]
    # What VALUES gives at the end is joined with the rows of an aggregate, and else with the solutions.
    values = "" if select.aggregates else select.values
    names = (visible(select.where) | variables(values)) - {name for name, _text in computed}
    heads = [f"?{name}" for name in (*sorted(names), *map(mark, parts(select.where)))]
    heads += [f"({text} AS ?{name})" for name, text in computed]
    return f"SELECT {' '.join(heads) or '*'} WHERE {marked(select.where)} {values}"


def keyed_text(select: Select) -> str:
    """An aggregate with its grouping keys in front of its columns, every row of it."""
    hidden = [f"?{name}" for name in row_keys(select) if name not in columns_of(select)]
    keys = (text if text == f"?{name}" else f"({text} AS ?{name})" for name, text in _keys(select))
    clauses = (f"GROUP BY {' '.join(keys)}", select.having, select.order, select.values)
    return f"SELECT {' '.join(hidden)} {select.heading} WHERE {select.where.text} {' '.join(clauses)}"


def values_clause(names: Sequence[str], rows: Iterable[tuple[Node | None, ...]]) -> str:
    """A VALUES block; None leaves a variable open. Nothing at all without variables."""
    if not names:
        return ""
    heads = " ".join(f"?{name}" for name in names)
    filled = (" ".join("UNDEF" if value is None else str(value) for value in row) for row in rows)
    return f"VALUES ({heads}) {{ {' '.join(f'({row})' for row in filled)} }}"


def _keys(select: Select) -> list[tuple[str, str]]:
    return [(name or f"{_UNNAMED}{number}", text) for number, (name, text) in enumerate(select.keys)]
