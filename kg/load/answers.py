"""The saved queries, asked of a loaded store and held against their expected answers."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from kg.errors import UsageError
from kg.load.content import view_graph
from kg.load.endpoint import Endpoint
from kg.load.failures import RemoteError
from kg.load.readback import canonical_lines
from kg.load.rewrites import shared_form
from kg.model import Term, text_of
from kg.queries.answer import Answer
from kg.queries.run import run
from kg.store import Graph
from kg.vocab import XSD

__all__ = ["AnswerCheck", "verify_answers"]

_ROWS = 5
_NUMBERS = {f"<{XSD}{name}>" for name in ("integer", "decimal", "double", "float", "int", "long")}
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """One saved query: how many rows there, whether they are those expected, and if not which differ.

    ``against`` is what it was held against: ``expected`` (the CSV beside the query) or ``local`` (the same
    question asked here, where there is no CSV). ``message`` says what differs, or why it was not asked.
    """

    query: str
    rows: int
    same: bool
    against: str
    message: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def verify_answers(endpoint: Endpoint, graph: Graph) -> list[AnswerCheck]:
    """Ask every saved query of the view's graph in a store, with its defaults, and compare as sets of rows.

    Order is not compared: stores differ in how they sort what ORDER BY leaves equal.
    """
    return [_check(endpoint, graph, name) for name in graph.queries]


def _check(endpoint: Endpoint, graph: Graph, name: str) -> AnswerCheck:
    try:
        here = run(graph, name)
    except UsageError as error:
        return AnswerCheck(name, 0, True, "", f"not asked: {error.problems[0].message}")
    expected, against = _expected(graph, here)
    try:
        there = _ask(endpoint, here)
    except RemoteError as error:
        if error.problems[0].code == "KG701":
            raise
        return AnswerCheck(name, 0, False, against, f"{name}: {error.problems[0].message}")
    if there == expected:
        return AnswerCheck(name, there.total(), True, against)
    lines = [f"{name}: {expected.total()} rows expected, {there.total()} found there"]
    lines += [f"    - {', '.join(row)}" for row in sorted((expected - there).elements())[:_ROWS]]
    lines += [f"    + {', '.join(row)}" for row in sorted((there - expected).elements())[:_ROWS]]
    return AnswerCheck(name, there.total(), False, against, "\n".join(lines))


def _ask(endpoint: Endpoint, here: Answer) -> Counter[Row]:
    where = view_graph(here.graph.project.base)
    if here.form in ("SELECT", "ASK"):
        result = endpoint.query(here.text, where)
        if result.boolean is not None:
            return Counter([(str(result.boolean).lower(),)])
        # By name: a server may give the columns in another order.
        places = [result.columns.index(name) if name in result.columns else -1 for name in here.columns]
        return _rows((tuple(row[i] if i >= 0 else None for i in places) for row in result.rows), endpoint)
    lines = canonical_lines(endpoint.construct(here.text, where))
    return Counter((line.decode().removesuffix(" .\n"),) for line in set(lines))


def _expected(graph: Graph, here: Answer) -> tuple[Counter[Row], str]:
    file = graph.project.root / "queries" / f"{here.query.name}.csv" if here.query else None
    if here.form == "SELECT" and file and file.is_file():
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
        if rows and rows[0] == list(here.columns):
            return Counter(tuple(_plain_text(cell) for cell in row) for row in rows[1:]), "expected"
    if here.form == "ASK":
        return Counter([(str(here.boolean).lower(),)]), "local"
    if here.form == "SELECT":
        return _rows(here.rows, None), "local"
    return Counter((" ".join(triple),) for triple in set(here.triples)), "local"


def _rows(rows: Iterable[tuple[Term | None, ...]], endpoint: Endpoint | None) -> Counter[Row]:
    rewrites = endpoint.profile.rewrites if endpoint else ()
    touched: Counter[str] = Counter()
    return Counter(
        tuple("" if term is None else _plain(shared_form(term, rewrites, touched)) for term in row) for row in rows
    )


def _plain(term: Term) -> str:
    """A term as the CSV of SPARQL 1.1 has it, numbers by their value: stores write 5 and 5.0 for the same."""
    if term.startswith("<"):
        return term[1:-1]
    if not term.startswith('"'):
        return term
    text = text_of(term)
    return _plain_text(text) if term.rpartition("^^")[2] in _NUMBERS else text


def _plain_text(text: str) -> str:
    try:
        return f"{Decimal(text).normalize():f}"
    except ArithmeticError:
        return text
