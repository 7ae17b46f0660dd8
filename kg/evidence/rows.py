"""How the rows of a SELECT and the solutions of its WHERE belong together, and the queries that ask for either."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.evidence.markers import mark, marked, parts
from kg.sparql.analysis import bound_by, changing, columns_of, visible
from kg.sparql.syntax_tree import Column, Nested, Select, Triples, Values

if TYPE_CHECKING:
    from kg.evidence.matched import Key

__all__ = ["keyed", "row_keys", "solutions_of"]

#: A grouping key that the query gives no name.
_UNNAMED = "key__"
#: Of more rows than these, the whole WHERE is asked.
_AT_MOST = 1000


def row_keys(select: Select) -> list[str]:
    """The variables by which solutions belong to rows: the grouping keys, or all columns.

    Columns computed from a solution (no aggregate) count as well, since the solutions compute them too; those that
    have another value at every asking do not.
    """
    other = changing(select)
    names = [key.name for key in _keys(select)] if select.aggregates else columns_of(select)
    return [name for name in names if name not in other]


def solutions_of(select: Select, keys: Iterable[Key] = ()) -> Select:
    """A SELECT of all that evidence needs of another's WHERE, one row a solution: variables, marks, computed keys.

    Where ``keys`` are given, of rows, the WHERE begins with them, so that the engine starts from these rows.
    """
    wanted = set(row_keys(select))
    columns = _keys(select) if select.aggregates else select.columns
    computed = [each for each in columns if each.name in wanted and each.expression is not None]
    # What VALUES gives at the end is joined with the rows of an aggregate, and else with the solutions.
    values = None if select.aggregates else select.values
    names = visible(select.where).union(values.variables if values else ()) - {each.name for each in computed}
    plain = map(Column, (*sorted(names), *map(mark, parts(select.where))))
    where = marked(select.where)
    if known := _known_first(select, keys):
        where = replace(where, elements=(known, *where.elements))
    return Select(where, (*plain, *computed), values=values)


def _known_first(select: Select, keys: Iterable[Key]) -> Values | None:
    """The values of rows' keys as the beginning of the WHERE; None where that could change its solutions.

    They are joined with it. So they change nothing where triples come first that give the same variables values in
    every solution, nothing assigns to these, and no MINUS would see them too early.
    """
    elements = select.where.elements
    first = elements[0] if elements else None
    if select.aggregates or not isinstance(first, Triples):
        return None
    if any(isinstance(each, Nested) and each.kind == "MINUS" for each in elements):
        return None
    bound = {name for pattern in first.patterns for name in bound_by(pattern)}
    places = {name: place for place, name in enumerate(row_keys(select)) if name in bound}
    rows = dict.fromkeys(tuple(key[place] for place in places.values()) for key in keys)
    if not places or not rows or len(rows) > _AT_MOST or any(None in row for row in rows):
        return None
    return Values(tuple(places), tuple(tuple(map(str, row)) for row in rows))


def keyed(select: Select) -> Select:
    """An aggregate with its grouping keys in front of its columns, every row of it."""
    hidden = (Column(name) for name in row_keys(select) if name not in columns_of(select))
    return replace(
        select, columns=(*hidden, *select.columns), distinct="", keys=tuple(_keys(select)), limit=None, offset=0
    )


def _keys(select: Select) -> list[Column]:
    return [key._replace(name=key.name or f"{_UNNAMED}{number}") for number, key in enumerate(select.keys)]
