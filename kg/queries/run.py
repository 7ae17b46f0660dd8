"""Asking: a saved query by name with values, or SPARQL of one's own, within limits of rows and time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.errors import Problem, UsageError
from kg.limits import LIMIT, TIMEOUT, check_limits
from kg.queries.answer import Answer
from kg.queries.bounded import bounded
from kg.queries.execution import answered
from kg.queries.parameters import Value, asked_text, resolve
from kg.sparql.tokens import form, refuse_unsafe
from kg.vocab import RDF, iri

if TYPE_CHECKING:
    from kg.corpus.saved_queries import SavedQuery
    from kg.graph.store import Dataset, Graph
    from kg.model import Term


def run(
    graph: Graph,
    name: str,
    values: Mapping[str, Value] | None = None,
    limit: int = LIMIT,
    timeout: float | None = TIMEOUT,
    *,
    undated: bool = False,
) -> Answer:
    """The answer to a saved query, within limits as ``ask`` has them.

    ``values`` are its parameters as people write them; what is not given has its default. With ``undated``, an answer
    as of a date also has the rows that nothing dates on that side. Raises UsageError
    (KG651 to KG659) for an unknown query, parameter or value, and as ``ask`` does.
    """
    check_limits(limit, timeout)
    query = named(graph, name)
    (terms,) = bounded(graph, _resolved, query, dict(values or {}), timeout=timeout)
    answer = Answer(graph, query, asked_text(query, terms), query.form, values=terms, limit=limit, undated=undated)
    answer.timeout, answer.find_notes = timeout, found_notes
    return answered(answer)


def _resolved(graph: Graph, query: SavedQuery, values: Mapping[str, Value]) -> Iterator[dict[str, Term]]:
    """The values of a query's parameters as terms: a task for ``bounded``."""
    yield resolve(graph, query, values)


def ask(
    graph: Graph,
    text: str,
    limit: int = LIMIT,
    timeout: float | None = TIMEOUT,
    *,
    dataset: Dataset | None = None,
    base: str = "",
    undated: bool = False,
) -> Answer:
    """The answer to SPARQL of one's own, asked in a process that is ended when its time is over.

    The prefixes of the project and the usual vocabularies need no declaration. ``timeout`` is in seconds; with
    None it is asked in this process, without one. ``dataset`` are the graphs that a request of the SPARQL Protocol
    chooses, which count in place of FROM; ``base`` is what relative IRIs are resolved against.
    With ``undated``, an answer as of a date also has the rows that nothing dates on that side.
    Raises UsageError: KG601 to KG604 for what is no safe query, KG607 and KG608 for one that is too deep or too long,
    KG605, KG606 and KG631 as ``bounded`` does, KG667 for a limit or a time that is none.
    """
    check_limits(limit, timeout)
    refuse_unsafe(text, chosen=dataset is not None)
    declared = (f"BASE <{base}> " if base else "") + with_prefixes(graph, text)
    shift = len(declared) - len(text)
    answer = Answer(graph, None, declared, form(text), limit=limit, undated=undated, shift=shift, timeout=timeout)
    answer.find_notes, answer.dataset = found_notes, dataset
    return answered(answer)


def found_notes(graph: Graph, answer: Answer) -> Iterator[str]:
    """What an answer leaves out since documents contest it, and why it is empty if it is: a task for ``bounded``."""
    from kg.evidence.notes import contested_notes, why_empty

    here = replace(answer, graph=graph, timeout=None)
    yield from contested_notes(here)
    yield from (() if here.rows else _other_kinds(here)) or why_empty(here)


def _other_kinds(answer: Answer) -> list[str]:
    """The values that are of another class than their parameter takes, and the parameters that would take them."""
    graph, label, found = answer.graph, answer.graph.label, []
    kinds = {p.name: p.kind for p in answer.query.parameters if p.kind} if answer.query else {}
    for name, kind in kinds.items():
        term = answer.values.get(name)
        if term is None or _is_a(graph, term, kind):
            continue
        own = [label(o) for _s, p, o in graph.index.given_about(term, "entities") if p == iri(RDF + "type")]
        other = next((f": use --{each}" for each in kinds if each != name and _is_a(graph, term, kinds[each])), "")
        kind_of = " and ".join(own) or "none"
        found.append(f"{label(term)} is of the kind {kind_of}; --{name} takes the kind {label(kind)}{other}.")
    return found


def _is_a(graph: Graph, term: Term, kind: Term) -> bool:
    return bool(graph.query(f"ASK {{ {term} a {kind} }}"))


def named(graph: Graph, name: str) -> SavedQuery:
    """The saved query of a name. Raises UsageError (KG651) with the nearest names."""
    query = graph.queries.get(name)
    if query is None:
        from difflib import get_close_matches

        close = get_close_matches(name, graph.queries, 3, 0.5)
        hint = f"Did you mean {' or '.join(close)}? " if close else ""
        raise UsageError(Problem("KG651", f"no such query: {name!r}", remedy=f"{hint}`kg queries` lists them."))
    return query


def with_prefixes(graph: Graph, text: str) -> str:
    """The text with declarations of the prefixes that it uses and does not declare.

    On one line with its beginning, so that the places which errors name are the text's own, but for the column
    of the first line.
    """
    from kg.sparql.tokens import undeclared

    known = graph.project.prefixes
    missing = dict.fromkeys(token.text.partition(":")[0] for token in undeclared(text))
    return "".join(f"PREFIX {name}: <{known[name]}> " for name in missing if name in known) + text
