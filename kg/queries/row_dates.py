"""The rows of a saved question as of a date: kept and marked by the periods that its header names.

Each solution is asked for together with the claims, or the periods of the other nodes, that ``date`` names. A row is
left out where they exclude the day; its mark is that of their intersection (``Period.mark_in``). A row of a question
that counts or groups has no period of its own: such a question is asked of the nodes whose periods allow the day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.dates import DAWN, DUSK, MARKS, DateError, Period, span
from kg.graph.difference import periods_of_claims
from kg.graph.index_schema import term_key
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
from kg.vocab import RDF, iri, kg

if TYPE_CHECKING:
    from kg.corpus.saved_queries import QueryDate
    from kg.graph.store import Graph
    from kg.queries.answer import Answer, Row

#: What stands before the number of a column that is added for a claim or a period.
_COLUMN = "kgPeriod"
_PREDICATE = {"fact": kg("period"), "claim": kg("period"), "document": kg("published")}
#: What has the marks of a kind of node: claims themselves, else periods or dates of publication.
_TERMS = {
    "fact": f"?node {kg('period')} ?term",
    "claim": f"?term {iri(RDF + 'type')} {kg('Claim')}",
    "document": f"?node {kg('published')} ?term",
}


def has_periods(text: str, date: QueryDate) -> bool:
    """Whether each row of a question has periods of its own: not where it groups, or names nodes within a SELECT."""
    select = parse(text).select
    return not select.aggregates and {_asked(select, date, name) for name in date.variables} <= visible(select.where)


def with_periods(text: str, date: QueryDate) -> str:
    """The query with a column for each claim, or the period of each other node, and without a limit."""
    query = parse(text)
    select = query.select
    columns = select.columns or tuple(map(Column, columns_of(select)))
    added, where = [], select.where
    for number, name in enumerate(date.variables):
        if _stands_for_itself(select, date, name):
            added.append(Column(_column(number), f"?{_asked(select, date, name)}"))
        else:
            added.append(Column(_column(number)))
            where = _where_bound(where, name, _pattern(date, name, number))
    select = replace(select, where=where, columns=(*columns, *added), limit=None, offset=0)
    return write(replace(query, select=select))


def among(text: str, date: QueryDate, terms: Iterable[Term]) -> str:
    """The query asked only of some claims, or of nodes with some periods (``Dating.terms``)."""
    query = parse(text)
    where = query.select.where
    rows = tuple((term,) for term in terms)
    for number, name in enumerate(date.variables):
        asked = _asked(query.select, date, name)
        if _stands_for_itself(query.select, date, name):
            where = _where_bound(where, asked, Values((asked,), rows))
        else:
            within = Group((Values((_column(number),), rows), _pattern(date, name, number)))
            where = _where_bound(where, name, Filter(Exists(within, alone=True)))
    return write(replace(query, select=replace(query.select, where=where)))


class Dating:
    """The marks at the date of a graph's view of what a question's ``date`` names."""

    def __init__(self, graph: Graph, date: QueryDate) -> None:
        assert graph.view.as_of is not None  # noqa: S101 - the caller has asked
        self._graph, self._date, self._when = graph, date, graph.view.as_of
        self._known: dict[Term, Period | None] = {}

    def terms(self) -> dict[Term, str]:
        """The claims, or the periods of other nodes, of the view that allow the day, with the mark of each."""
        found = self._graph.rows(f"SELECT DISTINCT ?term {{ {_TERMS[self._date.of]} }}")
        terms = [row[0] for row in found if row[0] is not None]
        self._look_up(terms)
        return {term: mark for term in terms if (mark := self._mark((term,)))}

    def rows(self, answer: Answer, certainly: set[Row]) -> dict[Row, str]:
        """The rows of an answer to ``with_periods`` without its last columns, in their order, with their marks.

        ``certainly`` are the rows, with those columns, that what certainly holds at the date gives: no other is
        certain.
        """
        width = len(answer.columns) - len(self._date.variables)
        self._look_up({term for row in answer.rows for term in row[width:] if term is not None})
        best: dict[Row, str] = {}
        for row in answer.rows:
            mark = self._mark(row[width:])
            if mark == "certain" and row not in certainly:
                mark = "possible"
            if mark:
                best[row[:width]] = max(mark, best.get(row[:width], mark), key=MARKS.index)
        return best

    def _mark(self, terms: Iterable[Term | None]) -> str:
        """The mark of the periods together; a node without one does not bind the row."""
        met: Period | None = Period()
        for term in terms:
            period = self._known.get(term) if term is not None else None
            if met is not None and period is not None:
                met = met.intersect(period)
        return met.mark_in(self._when) if met else ""

    def _look_up(self, terms: Iterable[Term]) -> None:
        wanted = [term for term in terms if term not in self._known]
        if self._date.of == "claim":
            claims = self._graph.index.claims(map(term_key, wanted)).values()
            self._known.update(periods_of_claims(self._graph.facts, claims))
        else:
            self._known.update((term, _period(term, self._date)) for term in wanted)


def _period(term: Term, date: QueryDate) -> Period | None:
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


def _column(number: int) -> str:
    return f"{_COLUMN}{number}"


def _pattern(date: QueryDate, name: str, number: int) -> Triples:
    return Triples((Pattern(f"?{name}", _PREDICATE[date.of], f"?{_column(number)}"),))


def _stands_for_itself(select: Select, date: QueryDate, name: str) -> bool:
    """Whether the values of a variable have marks (``Dating.terms``): claims, periods and dates of publication."""
    return date.of == "claim" or any(_dated_by(select, date, name))


def _asked(select: Select, date: QueryDate, name: str) -> str:
    """The variable that has the mark: of a claim's period, the claim's."""
    nodes = _dated_by(select, date, name) if date.of == "claim" else []
    return nodes[0][1:] if nodes and nodes[0].startswith("?") else name


def _dated_by(select: Select, date: QueryDate, name: str) -> list[str]:
    """The nodes whose period, or date of publication, a variable stands for."""
    patterns = (pattern for group in all_groups(select) for pattern in all_patterns(group))
    return [each.subject for each in patterns if each.object == f"?{name}" and _is(each.path, _PREDICATE[date.of])]


def _is(path: Path | str, predicate: Term) -> bool:
    return (path if isinstance(path, str) else path.term if path.op == "iri" else "") == predicate


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
