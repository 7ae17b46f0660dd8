"""The same questions asked of a loaded store: ``kg query --endpoint`` and ``kg sparql --endpoint``."""

from __future__ import annotations

from collections.abc import Mapping

from kg.errors import Problem, UsageError
from kg.graph.store import Graph
from kg.graph.units import VIEW
from kg.load.content import unit_files, view_graph
from kg.load.credentials import Credentials
from kg.load.detect import profile_for
from kg.load.endpoint import Endpoint
from kg.load.readback import canonical_lines
from kg.load.remote_manifest import RemoteManifest
from kg.load.views import unit_name, view_name
from kg.queries.answer import Answer
from kg.queries.parameters import Value, asked_text, resolve
from kg.queries.run import LIMIT, named, with_prefixes
from kg.sparql.tokens import form, refuse_unsafe

__all__ = ["ask_there", "endpoint_at", "fill_there", "question", "run_there", "same_version"]


def endpoint_at(
    address: str, profile: str | None = None, credentials: Credentials | None = None, timeout: float = 30.0
) -> Endpoint:
    """The store at an address, its own or that of its queries.

    Raises UsageError (KG713) when its kind is neither given nor told by it.
    """
    kind = profile_for(address, profile, credentials, timeout)
    return Endpoint(address, kind, credentials, timeout=timeout)


def run_there(
    graph: Graph, endpoint: Endpoint, name: str, values: Mapping[str, Value] | None = None, limit: int = LIMIT
) -> Answer:
    """The answer of a store to a saved query in the graph's view, values resolved here.

    Raises UsageError as ``kg.queries.run`` does, and KG714 for a view that the store does not hold; RemoteError.
    """
    _check_held(graph, endpoint)
    return fill_there(endpoint, question(graph, name, values, limit))


def ask_there(graph: Graph, endpoint: Endpoint, text: str, limit: int = LIMIT) -> Answer:
    """The answer of a store to SPARQL of one's own; what would write or fetch is refused here, before it is sent."""
    refuse_unsafe(text)
    _check_held(graph, endpoint)
    return fill_there(endpoint, Answer(graph, None, with_prefixes(graph, text), form(text), limit=limit))


def question(graph: Graph, name: str, values: Mapping[str, Value] | None = None, limit: int = LIMIT) -> Answer:
    """A saved query with its values, to be asked. Raises UsageError as ``kg.queries.run`` does."""
    query = named(graph, name)
    terms = resolve(graph, query, values or {})
    return Answer(graph, query, asked_text(query, terms), query.form, values=terms, limit=limit)


def same_version(graph: Graph, endpoint: Endpoint) -> bool:
    """Whether the store records the view as complete and as it is here."""
    known = RemoteManifest(endpoint, graph.project.base).entries().get(VIEW)
    return known is not None and known.sha256 == unit_files(graph.snapshot, graph.project.base)[VIEW].sha256


def _check_held(graph: Graph, endpoint: Endpoint) -> None:
    """Raises UsageError (KG714) for a view other than the default that the store does not record as complete."""
    if graph.view.default:
        return
    known = RemoteManifest(endpoint, graph.project.base).entries().get(unit_name(graph.view))
    if known is None or known.sha256 is None:
        remedy = "Load it with `kg load` and the same options, or ask here."
        raise UsageError(Problem("KG714", f"{endpoint.where} does not hold this view", remedy=remedy))


def fill_there(endpoint: Endpoint, answer: Answer) -> Answer:
    """Ask a store what an answer's text asks, of the graph of its view."""
    where = view_graph(answer.graph.project.base, view_name(answer.graph.view))
    if answer.form in ("CONSTRUCT", "DESCRIBE"):
        for line in canonical_lines(endpoint.construct(answer.text, where)):
            if answer.limit and len(answer.triples) == answer.limit:
                answer.truncated = True
                endpoint.close()
                break
            subject, predicate, rest = line.decode().split(" ", 2)
            answer.triples.append((subject, predicate, rest.removesuffix(" .\n")))
        return answer
    result = endpoint.query(answer.text, where)
    answer.boolean, answer.columns = result.boolean, result.columns
    answer.truncated = bool(answer.limit) and len(result.rows) > answer.limit
    answer.rows = result.rows[: answer.limit or None]
    return answer
