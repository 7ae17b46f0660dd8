"""Queries to a loaded store: ``kg query --endpoint`` and ``kg sparql --endpoint``, and the check of every answer."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import islice
from threading import local
from typing import Any

from kg.errors import Problem, UsageError
from kg.graph.store import Graph
from kg.graph.unit_files import unit_files, unit_name, view_graph, view_name
from kg.graph.units import VIEW
from kg.limits import LIMIT
from kg.load.credentials import Credentials
from kg.load.endpoint import PAGE, Endpoint, profile_for
from kg.load.failures import RemoteError, failure
from kg.load.remote_manifest import RemoteManifest
from kg.load.verification import plain_number, shared_form
from kg.model import Term, text_of
from kg.queries.answer import Answer
from kg.queries.parameters import Value, asked_text, resolve
from kg.queries.run import found_notes, named, with_prefixes
from kg.sparql.analysis import columns_of
from kg.sparql.parser import parse_select
from kg.sparql.tokens import form, refuse_unsafe
from kg.vocab import XSD

_SHOWN = 5
#: Questions asked at the same time: a store answers them side by side, and is not flooded.
_AT_ONCE = 3
_NUMBERS = {f"<{XSD}{name}>" for name in ("integer", "decimal", "double", "float", "int", "long")}
Row = tuple[str, ...]


def endpoint_at(
    address: str, profile: str | None = None, credentials: Credentials | None = None, timeout: float = 30.0
) -> Endpoint:
    """The store at an address, its own or that of its queries.

    Raises UsageError (KG713) when its kind is neither given nor told by its answers.
    """
    kind = profile_for(address, profile, credentials, timeout)
    return Endpoint(address, kind, credentials, timeout=timeout)


def run_remote(
    graph: Graph, endpoint: Endpoint, name: str, values: Mapping[str, Value] | None = None, limit: int = LIMIT
) -> Answer:
    """The answer of a store to a saved query in the graph's view; values are resolved here.

    Raises UsageError as ``kg.queries.run`` does, and KG714 for a view that the store does not hold; RemoteError.
    """
    _check_held(graph, endpoint)
    return _filled(endpoint, _question(graph, name, values, limit))


def ask_remote(graph: Graph, endpoint: Endpoint, text: str, limit: int = LIMIT) -> Answer:
    """The answer of a store to your own SPARQL; a query that would write or fetch is refused before it is sent."""
    refuse_unsafe(text)
    _check_held(graph, endpoint)
    return _filled(
        endpoint, Answer(graph, None, with_prefixes(graph, text), form(text), limit=limit, find_notes=found_notes)
    )


def same_version(graph: Graph, endpoint: Endpoint) -> bool:
    """Whether the store records the view as complete and as it is here."""
    known = RemoteManifest(endpoint, graph.project.base).entries().get(VIEW)
    return known is not None and known.sha256 == unit_files(graph.snapshot, graph.project.base)[VIEW].sha256


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """One saved query: its number of rows in the store, and whether they are those expected.

    ``against`` names the other side of the comparison: ``expected`` (the CSV beside the query) or ``local`` (the same
    query asked here, where there is no CSV or the CSV differs); it is empty where the query was not asked.
    ``message`` gives the rows that differ, says that the CSV is out of date, or why the query was not asked. ``view``
    is the name of the view in which it was asked.
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
    """Ask a store every saved query of the graph's view, with its defaults, and compare as sets of rows.

    Order is not compared: stores differ in how they sort rows that ORDER BY leaves equal.
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


def content_of(answer: Answer, rewrites: tuple[str, ...] = ()) -> Counter[Row]:
    """The content of an answer in a form that stores share: columns by name, numbers by value."""
    if answer.boolean is not None:
        return Counter([(str(answer.boolean).lower(),)])
    if answer.form != "SELECT":
        return Counter((" ".join(triple),) for triple in set(answer.triples))
    changed: Counter[str] = Counter()

    def plain(term: Term | None) -> str:
        return "" if term is None else _plain(shared_form(term, rewrites, changed))

    places = [answer.columns.index(name) for name in sorted(answer.columns)]
    return Counter(tuple(plain(row[place]) for place in places) for row in answer.rows)


def _question(graph: Graph, name: str, values: Mapping[str, Value] | None = None, limit: int = LIMIT) -> Answer:
    """A saved query with its values, not asked yet. Raises UsageError as ``kg.queries.run`` does."""
    query = named(graph, name)
    terms = resolve(graph, query, values or {})
    return Answer(
        graph, query, asked_text(query, terms), query.form, values=terms, limit=limit, find_notes=found_notes
    )


def _check_held(graph: Graph, endpoint: Endpoint) -> None:
    """Raises UsageError (KG714) for a view other than the default that the store does not record as complete."""
    if graph.view.default:
        return
    known = RemoteManifest(endpoint, graph.project.base).entries().get(unit_name(graph.view))
    if known is None or known.sha256 is None:
        remedy = "Load it with `kg load` and the same options, or ask without --endpoint."
        raise UsageError(Problem("KG714", f"{endpoint.where} does not hold this view", remedy=remedy))


def _filled(endpoint: Endpoint, answer: Answer) -> Answer:
    """Ask a store the text of an answer, of the graph of its view."""
    where = view_graph(answer.graph.project.base, view_name(answer.graph.view))
    if answer.form in ("CONSTRUCT", "DESCRIBE"):
        lines = endpoint.construct(answer.text, where)
        for line in islice(lines, answer.limit or None):
            subject, predicate, rest = line.decode().split(" ", 2)
            answer.triples.append((subject, predicate, rest.removesuffix(" .\n")))
        # Virtuoso cuts triples off without a word at the number of rows that it answers at most.
        silent = endpoint.profile.sorts_few and len(answer.triples) >= PAGE
        answer.truncated = next(lines, None) is not None or silent
        endpoint.close()
        return answer
    result = endpoint.query(answer.text, where, _columns(answer))
    if (result.boolean is None) != (answer.form == "SELECT"):
        message = f"{endpoint.where} answered {'rows' if result.boolean is None else 'yes or no'} to another form"
        raise failure("KG705", message, "Is the address that of the store's queries?")
    answer.boolean, answer.columns = result.boolean, result.columns
    answer.rows = result.rows[: answer.limit or None]
    answer.truncated = len(result.rows) > len(answer.rows) or 0 < result.cut <= len(result.rows)
    return answer


def _columns(answer: Answer) -> list[str]:
    """The columns that an answer must have; none where our parser does not understand the query."""
    if answer.form != "SELECT":
        return []
    try:
        return columns_of(parse_select(answer.text))
    except UsageError:
        return []


def _check(endpoint: Endpoint, graph: Graph, name: str) -> AnswerCheck:
    try:
        there = _filled(endpoint, _question(graph, name, limit=0))
    except UsageError as error:
        return AnswerCheck(name, 0, True, "", f"not asked: {error.problems[0].message}")
    except RemoteError as error:
        if error.code == "KG701":
            raise
        return AnswerCheck(name, 0, False, "", f"{name}: {error.problems[0].message}")
    found = content_of(there, endpoint.profile.rewrites)
    wanted = _from_csv(graph, there)
    if wanted is not None and found == wanted:
        return AnswerCheck(name, found.total(), True, "expected")
    here = replace(there, graph=graph, rows=[], triples=[], boolean=None)
    # As it was asked there: what is certain as of a date is told apart afterwards, and only here.
    here.fill()
    expected = content_of(here)
    if found == expected:
        note = "" if wanted is None else "has the same answer there as here; the CSV beside the query is out of date"
        return AnswerCheck(name, found.total(), True, "local", note)
    lines = [f"{name}: {expected.total()} rows expected, {found.total()} found there"]
    lines += [f"    - {', '.join(row)}" for row in sorted((expected - found).elements())[:_SHOWN]]
    lines += [f"    + {', '.join(row)}" for row in sorted((found - expected).elements())[:_SHOWN]]
    return AnswerCheck(name, found.total(), False, "local", "\n".join(lines))


def _from_csv(graph: Graph, there: Answer) -> Counter[Row] | None:
    """The expected answer beside the query; its columns stand in any order. None where there is none."""
    file = graph.project.root / "queries" / f"{there.query.name}.csv" if there.query else None
    if there.form != "SELECT" or not graph.view.default or file is None or not file.is_file():
        return None
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            # A blank line is the empty cell of a single column.
            head, *rows = [row or [""] for row in csv.reader(lines)] or [[]]
    except (OSError, csv.Error):
        return None  # `kg check` says what is wrong with it
    if sorted(head) != sorted(there.columns) or any(len(row) != len(head) for row in rows):
        return Counter([(f"columns {', '.join(head)}",)])
    places = [head.index(name) for name in sorted(head)]
    return Counter(tuple(plain_number(row[place]) for place in places) for row in rows)


def _plain(term: Term) -> str:
    """A term as the CSV of SPARQL 1.1 has it, numbers by their value: stores write 5 and 5.0 for the same."""
    if term.startswith("<") and not term.startswith("<<("):
        return term[1:-1]
    if not term.startswith('"'):
        return term
    text = text_of(term)
    return plain_number(text) if term.rpartition("^^")[2] in _NUMBERS else text
