"""The saved queries, asked of a loaded store and held against their expected answers."""

from __future__ import annotations

import csv
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from threading import local
from typing import Any

from kg.errors import UsageError
from kg.graph.store import Graph
from kg.load.asking import fill_there, question
from kg.load.endpoint import Endpoint
from kg.load.failures import RemoteError
from kg.load.rewrites import shared_form
from kg.load.views import view_name
from kg.model import Term, text_of
from kg.queries.answer import Answer
from kg.queries.run import fill
from kg.vocab import XSD

__all__ = ["AnswerCheck", "content_of", "verify_answers"]

_ROWS = 5
#: Questions asked at the same time: a store answers them side by side, and is not flooded.
_AT_ONCE = 3
_NUMBERS = {f"<{XSD}{name}>" for name in ("integer", "decimal", "double", "float", "int", "long")}
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """One saved query: how many rows there, whether they are those expected, and if not which differ.

    ``against`` is what it was held against: ``expected`` (the CSV beside the query) or ``local`` (the same
    question asked here, where there is no CSV or the CSV differs). ``message`` says what differs, that the CSV is
    out of date, or why the question was not asked. ``view`` is the name of the view in which it was asked.
    """

    query: str
    rows: int
    same: bool
    against: str
    message: str = ""
    view: str = "default"

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def verify_answers(endpoint: Endpoint, graph: Graph) -> list[AnswerCheck]:
    """Ask every saved query of the graph's view in a store, with its defaults, and compare as sets of rows.

    Order is not compared: stores differ in how they sort what ORDER BY leaves equal.
    """
    names = sorted(graph.queries)
    if not names:
        return []
    # What the threads share is made before they start; each speaks to the store over a connection of its own.
    _made = graph.store, graph.label
    kept = local()

    def check(name: str) -> AnswerCheck:
        if not hasattr(kept, "endpoint"):
            kept.endpoint = endpoint.another()
        return replace(_check(kept.endpoint, graph, name), view=view_name(graph.view))

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(check, names))


def _check(endpoint: Endpoint, graph: Graph, name: str) -> AnswerCheck:
    try:
        there = fill_there(endpoint, question(graph, name, limit=0))
    except UsageError as error:
        return AnswerCheck(name, 0, True, "", f"not asked: {error.problems[0].message}")
    except RemoteError as error:
        if error.problems[0].code == "KG701":
            raise
        return AnswerCheck(name, 0, False, "", f"{name}: {error.problems[0].message}")
    found = content_of(there, endpoint.profile.rewrites)
    wanted = _from_csv(graph, there)
    if wanted is not None and found == wanted:
        return AnswerCheck(name, found.total(), True, "expected")
    here = replace(there, graph=graph, rows=[], triples=[], boolean=None)
    # As it was asked there: what is certain as of a date is told apart afterwards, and only here.
    fill(here, graph.query(here.text))
    expected = content_of(here)
    if found == expected:
        note = "" if wanted is None else "is answered there as here; the CSV beside the query is out of date"
        return AnswerCheck(name, found.total(), True, "local", note)
    lines = [f"{name}: {expected.total()} rows expected, {found.total()} found there"]
    lines += [f"    - {', '.join(row)}" for row in sorted((expected - found).elements())[:_ROWS]]
    lines += [f"    + {', '.join(row)}" for row in sorted((found - expected).elements())[:_ROWS]]
    return AnswerCheck(name, found.total(), False, "local", "\n".join(lines))


def _from_csv(graph: Graph, there: Answer) -> Counter[Row] | None:
    """The expected answer beside the query; its columns stand in any order. None where there is none."""
    file = graph.project.root / "queries" / f"{there.query.name}.csv" if there.query else None
    if there.form != "SELECT" or not graph.view.default or file is None or not file.is_file():
        return None
    with file.open(encoding="utf-8", newline="") as lines:
        head, *rows = list(csv.reader(lines)) or [[]]
    if sorted(head) != sorted(there.columns):
        return Counter([(f"columns {', '.join(head)}",)])
    places = [head.index(name) for name in sorted(head)]
    return Counter(tuple(_plain_text(row[place]) for place in places) for row in rows)


def content_of(answer: Answer, rewrites: tuple[str, ...] = ()) -> Counter[Row]:
    """What an answer says, in a form that stores share: columns by name, numbers by value."""
    if answer.boolean is not None:
        return Counter([(str(answer.boolean).lower(),)])
    if answer.form != "SELECT":
        return Counter((" ".join(triple),) for triple in set(answer.triples))
    touched: Counter[str] = Counter()

    def plain(term: Term | None) -> str:
        return "" if term is None else _plain(shared_form(term, rewrites, touched))

    places = [answer.columns.index(name) for name in sorted(answer.columns)]
    return Counter(tuple(plain(row[place]) for place in places) for row in answer.rows)


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
