"""What a row of any query is at the view's date, by the periods of the facts that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kg.dates import MARKS
from kg.evidence.collect import OF_FACTS
from kg.evidence.grounds import Grounds
from kg.evidence.matches import Matcher
from kg.graph.validity import together
from kg.model import Triple
from kg.sparql.analysis import followed_select
from kg.vocab import RDF, iri, kg

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.queries.answer import Answer

__all__ = ["row_marks"]

_FACT_NODE = (iri(RDF + "type"), kg("FactNode"))


def row_marks(graph: Graph, answer: Answer) -> Iterator[list[str]]:
    """One of MARKS for each row of an answer, "" for a row that rests on claims alone: a task of ``bounded``.

    The facts of a row are taken together; what always holds, ontology and descriptions, changes nothing. Raises
    UsageError (KG630) where the query cannot be taken apart.
    """
    select = followed_select(answer.text)
    matcher, grounds = Matcher(graph.store), Grounds.of(graph)
    nodes = [tuple(None if value is None else matcher.term(value) for value in row) for row in answer.rows]
    matches = matcher.evidence(select, matcher.keys_of(select, answer.columns, nodes))
    edges = ([(str(s), str(p), str(o)) for s, p, o in matched.edges] for matched in matches)
    yield [_mark(graph, grounds, each) for each in edges]


def _mark(graph: Graph, grounds: Grounds, edges: list[Triple]) -> str:
    when = graph.view.as_of
    assert when is not None  # noqa: S101 - the caller asks at a date
    facts = list(dict.fromkeys(_facts(grounds, edges)))
    if not facts and any(grounds.index.claim(subject) for subject, _p, _o in edges):
        return ""
    held = together(facts, {fact: graph.facts.periods(fact) for fact in facts})
    return max((period.mark_in(when) for period in held), key=["", *MARKS].index, default="undated") or "undated"


def _facts(grounds: Grounds, edges: list[Triple]) -> Iterable[Triple]:
    """The facts among what made a row match, and those whose nodes it asks of."""
    asked = {s for s, p, o in edges if p in OF_FACTS or (p, o) == _FACT_NODE}
    for triple in edges:
        content = grounds.statement(triple[0]) if triple[0] in asked else None
        fact = content or triple
        if fact in grounds.facts and not grounds.facts.is_given(fact):
            yield fact
