"""The rows of a saved question as of a date: kept and marked by the periods that its header names.

Each solution is asked for together with the periods of the nodes that ``date`` names. A row is left out where they
exclude the day; its mark is that of their intersection (``Period.mark_in``). A row of a question that counts or
groups has no period of its own: such a question is asked of the nodes whose periods allow the day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.dates import DAWN, DUSK, MARKS, DateError, Period, Span, span
from kg.model import Term, text_of
from kg.sparql.analysis import all_groups, all_patterns, columns_of, sure, visible
from kg.sparql.parser import parse
from kg.sparql.printer import write
from kg.sparql.syntax_tree import (
    Column,
    Element,
    Exists,
    Filter,
    Group,
    Nested,
    Path,
    Pattern,
    Select,
    Triples,
    Values,
)
from kg.vocab import kg

if TYPE_CHECKING:
    from kg.corpus.saved import QueryDate
    from kg.graph.store import Graph
    from kg.queries.answer import Answer, Row

__all__ = [
    "DatedRows",
    "among_periods",
    "dated_rows",
    "has_periods",
    "known_periods",
    "periods_that",
    "with_periods",
]

#: What stands before the number of a column that is added for a period.
_COLUMN = "kgPeriod"
_OF_PERIODS = {kg("period"), kg("published")}
_PREDICATE = {"fact": kg("period"), "claim": kg("period"), "document": kg("published")}


@dataclass(frozen=True, slots=True)
class DatedRows:
    """Rows with their marks (one of MARKS), and how many rows are undated."""

    rows: list[Row]
    marks: list[str]
    undated: int


def has_periods(text: str, date: QueryDate) -> bool:
    """Whether each row of a question has periods of its own: not where it groups, or names nodes within a SELECT."""
    select = parse(text).select
    return not select.aggregates and set(date.variables) <= visible(select.where)


def with_periods(text: str, date: QueryDate) -> str:
    """The query with a column for the period of each node, and without a limit."""
    query = parse(text)
    select = query.select
    columns = select.columns or tuple(map(Column, columns_of(select)))
    added, where = [], select.where
    for number, name in enumerate(date.variables):
        if _is_period(select, name):
            added.append(Column(_column(number), f"?{name}"))
        else:
            added.append(Column(_column(number)))
            where = _where_bound(where, name, _pattern(date, name, number))
    select = replace(select, where=where, columns=(*columns, *added), limit=None, offset=0)
    return write(replace(query, select=select))


def among_periods(text: str, date: QueryDate, periods: Iterable[Term]) -> str:
    """The query asked only of nodes with one of the periods."""
    query = parse(text)
    where = query.select.where
    rows = tuple((period,) for period in periods)
    for number, name in enumerate(date.variables):
        if _is_period(query.select, name):
            asked: Element = Values((name,), rows)
        else:
            within = Group((Values((_column(number),), rows), _pattern(date, name, number)))
            asked = Filter(Exists(within, alone=True))
        where = _where_bound(where, name, asked)
    return write(replace(query, select=replace(query.select, where=where)))


def known_periods(graph: Graph, date: QueryDate) -> list[Term]:
    """All periods, or dates of publication, in a graph's view."""
    found = graph.rows(f"SELECT DISTINCT ?period {{ ?node {_PREDICATE[date.of]} ?period }}")
    return [row[0] for row in found if row[0] is not None]


def periods_that(mark: Iterable[str], known: Iterable[Term], when: Span, date: QueryDate) -> list[Term]:
    """Of the periods, or dates of publication, of a graph those with one of some marks at a date."""
    marks = set(mark)
    return [term for term in known if _mark((term,), when, date) in marks]


def dated_rows(answer: Answer, when: Span, date: QueryDate, certainly: set[Row] | None = None) -> DatedRows:
    """The rows of an answer to ``with_periods`` without the columns for periods, each once, in their order.

    ``certainly`` are the rows, with those columns, that what certainly holds at the date gives: no other is certain.
    """
    width = len(answer.columns) - len(date.variables)
    best: dict[Row, int] = {}
    for row in answer.rows:
        mark = _mark(row[width:], when, date)
        if mark == "certain" and certainly is not None and row not in certainly:
            mark = "possible"
        if mark:
            own = row[:width]
            best[own] = max(best.get(own, 0), MARKS.index(mark))
    undated = sum(rank == 0 for rank in best.values())
    return DatedRows(list(best), [MARKS[rank] for rank in best.values()], undated)


def period_of_term(term: Term, date: QueryDate) -> Period | None:
    """The period that a node's name gives by its bounds, or that a document's publication is; None for neither."""
    if date.of == "document":
        try:
            published = span(text_of(term))
        except DateError:
            return None
        return Period(published.first, published.last)
    *bounds, doubtful = [*term.rstrip(">").rpartition("/period/")[2].split("_"), ""][:5]
    if len(bounds) != 4:
        return None
    first, begun, lasted, last = (None if bound == "open" else bound for bound in bounds)
    begun, lasted = (DUSK if begun == "unknown" else begun), (DAWN if lasted == "unknown" else lasted)
    return Period(first, begun, lasted, last, doubtful == "doubtful")


def _mark(terms: Iterable[Term | None], when: Span, date: QueryDate) -> str:
    """The mark of the periods together; a node without one does not bind the row."""
    periods = [period for term in terms if term is not None and (period := period_of_term(term, date)) is not None]
    met: Period | None = Period()
    for period in periods:
        met = met.intersect(period) if met else None
    return met.mark_in(when) if met else ""


def _column(number: int) -> str:
    return f"{_COLUMN}{number}"


def _pattern(date: QueryDate, name: str, number: int) -> Triples:
    return Triples((Pattern(f"?{name}", _PREDICATE[date.of], f"?{_column(number)}"),))


def _is_period(select: Select, name: str) -> bool:
    """Whether a variable stands for a period, or a date of publication, itself."""
    patterns = (pattern for group in all_groups(select) for pattern in all_patterns(group))
    return any(each.object == f"?{name}" and _names(each.path) & _OF_PERIODS for each in patterns)


def _names(path: Path | str) -> set[Term]:
    """The property of a pattern, where it is one."""
    if isinstance(path, str):
        return {path}
    return {path.term} if path.op == "iri" else set()


def _where_bound(group: Group, name: str, element: Element) -> Group:
    """The group with an element added wherever a variable is surely bound: in it, or in the groups within it."""
    if name in sure(group):
        return replace(group, elements=(*group.elements, element))
    return replace(group, elements=tuple(_within(each, name, element) for each in group.elements))


def _within(each: Element, name: str, element: Element) -> Element:
    if isinstance(each, Nested) and each.kind != "MINUS":
        return each._replace(groups=tuple(_where_bound(group, name, element) for group in each.groups))
    if isinstance(each, Select):
        return replace(each, where=_where_bound(each.where, name, element))
    return each
