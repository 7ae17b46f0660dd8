"""How the rows of a SELECT and the solutions of its WHERE belong together, and the queries that ask for either."""

from __future__ import annotations

from dataclasses import replace

from kg.evidence.markers import mark, marked, parts
from kg.sparql.analysis import changing, columns_of, visible
from kg.sparql.syntax_tree import Column, Select

__all__ = ["keyed", "row_keys", "solutions_of"]

#: A grouping key that the query gives no name.
_UNNAMED = "key__"


def row_keys(select: Select) -> list[str]:
    """The variables by which solutions belong to rows: the grouping keys, or all columns.

    Columns computed from a solution (no aggregate) count as well, since the solutions compute them too; those that
    have another value at every asking do not.
    """
    other = changing(select)
    names = [key.name for key in _keys(select)] if select.aggregates else columns_of(select)
    return [name for name in names if name not in other]


def solutions_of(select: Select) -> Select:
    """A SELECT of all that evidence needs of another's WHERE, one row a solution: variables, marks, computed keys."""
    wanted = set(row_keys(select))
    columns = _keys(select) if select.aggregates else select.columns
    computed = [each for each in columns if each.name in wanted and each.expression is not None]
    # What VALUES gives at the end is joined with the rows of an aggregate, and else with the solutions.
    values = None if select.aggregates else select.values
    names = visible(select.where).union(values.variables if values else ()) - {each.name for each in computed}
    plain = map(Column, (*sorted(names), *map(mark, parts(select.where))))
    return Select(marked(select.where), (*plain, *computed), values=values)


def keyed(select: Select) -> Select:
    """An aggregate with its grouping keys in front of its columns, every row of it."""
    hidden = (Column(name) for name in row_keys(select) if name not in columns_of(select))
    return replace(
        select, columns=(*hidden, *select.columns), distinct="", keys=tuple(_keys(select)), limit=None, offset=0
    )


def _keys(select: Select) -> list[Column]:
    return [key._replace(name=key.name or f"{_UNNAMED}{number}") for number, key in enumerate(select.keys)]
