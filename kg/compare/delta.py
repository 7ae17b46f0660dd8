"""The triples by which the query graphs of two states differ, without making both graphs.

What a query graph is made of (``Materialised.query_graph``) is compared part by part: ontology, entities, facts,
the documents that changed, the fact nodes of facts that changed. Nodes that parts share (a statement, a period) stay
while anything refers to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.compare.onward import changed_documents
from kg.compare.state import State
from kg.graph.compose import document_triples, temporal_kinds
from kg.graph.materialise import claim_periods
from kg.model import Term, Triple
from kg.vocab import kg

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["Delta", "applied", "view_delta"]

_SHARED = ("statement/", "period/")
#: What only a fact node has of all that a statement's node may have.
_OF_FACTS = frozenset(kg(name) for name in ("inferred", "supportedBy", "supportedByDocument", "period"))
_FACT_NODE = kg("FactNode")


@dataclass(slots=True)
class Delta:
    """Triples that one query graph has and another lacks, and the other way round.

    ``shared`` are those of nodes that may be needed still: whether they go is known when the others have gone.
    """

    gone: set[Triple] = field(default_factory=set)
    come: set[Triple] = field(default_factory=set)
    shared: set[Triple] = field(default_factory=set)

    def part(self, before: Iterable[Triple], after: Iterable[Triple]) -> None:
        """Compare one part of the two graphs."""
        was, now = set(before), set(after)
        self.gone |= was - now
        self.come |= now - was


def view_delta(old: State, new: State) -> Delta:
    """What the query graph of ``new`` has more and less than that of ``old``."""
    delta = Delta()
    delta.part(old.read.ontology, new.read.ontology)
    delta.part(old.read.entities, new.read.entities)
    differing = new.in_question(old)
    delta.part(filter(old.materialised.tells, differing), filter(new.materialised.tells, differing))
    slugs = _changed_documents(old, new)
    delta.part(_documents(old, slugs), _documents(new, slugs))
    facts = _changed_facts(old, new, differing)
    delta.part(old.materialised.fact_node_triples(facts), new.materialised.fact_node_triples(facts))
    # What one part no longer says, another may still say.
    said, tells = (delta.come, new.read.ontology, new.read.entities), new.materialised.tells
    delta.gone = {t for t in delta.gone if not any(t in part for part in said) and not tells(t)}
    nodes = tuple(f"<{old.project.base}{kind}" for kind in _SHARED)
    delta.shared = {t for t in delta.gone if t[0].startswith(nodes) and t[1] not in _OF_FACTS and t[2] != _FACT_NODE}
    delta.gone -= delta.shared
    return delta


@contextmanager
def applied(delta: Delta, store: pyoxigraph.Store) -> Iterator[tuple[list[Triple], list[Triple]]]:
    """A store of the old query graph as one of the new, and afterwards as it was.

    Gives the triples that really came and went.
    """
    come = [triple for triple in delta.come if _quad(triple) not in store]
    gone = [triple for triple in delta.gone if _quad(triple) in store]
    for triple in gone:
        store.remove(_quad(triple))
    _extend(store, come)
    loose = [triple for triple in delta.shared if _quad(triple) in store and not _needed(triple[0], store)]
    for triple in loose:
        store.remove(_quad(triple))
    try:
        yield come, [*gone, *loose]
    finally:
        for triple in come:
            store.remove(_quad(triple))
        _extend(store, [*gone, *loose])


def _changed_documents(old: State, new: State) -> set[str]:
    """The documents of which the two graphs say different things."""
    before, after = old.read, new.read
    slugs = {*before.documents, *after.documents}
    if temporal_kinds(before) != temporal_kinds(after):
        # When a claim holds depends on the kind of its property.
        return slugs
    changed = {slug for slug in slugs if before.passages.get(slug) != after.passages.get(slug)}
    changed.update(changed_documents(before, after))
    # The links may be fewer while the claims are the same.
    changed |= {link.document for link in {*before.links} ^ {*after.links}}
    opposed, opposed_now = old.opposed, new.opposed
    for term in opposed.keys() | opposed_now.keys():
        if opposed.get(term) != opposed_now.get(term):
            changed |= {claims.document_of(term) for claims in (before.claims, after.claims) if term in claims}
    return changed


def _documents(state: State, slugs: set[str]) -> Iterator[Triple]:
    corpus = state.read
    mine = sorted(slugs & corpus.documents.keys())
    if mine:
        for slug in mine:
            periods = claim_periods(corpus, corpus.claims.of(slug).values())
            yield from document_triples(corpus, slug, state.opposed, periods)


def _changed_facts(old: State, new: State, differing: Iterable[Triple]) -> set[Triple]:
    """The facts whose nodes differ: in being there or stated, in time, or in support."""

    def node(state: State, triple: Triple) -> object:
        view = state.materialised
        return view.has_node(triple) and (view.periods.get(triple), view.support.get(triple), triple in view.stated)

    changed = {triple for triple in differing if node(old, triple) != node(new, triple)}
    return changed | (old.materialised.background ^ new.materialised.background)


def _needed(node: Term, store: pyoxigraph.Store) -> bool:
    """Whether a statement's or a period's node is spoken of, or is a fact's."""
    import pyoxigraph

    named = pyoxigraph.NamedNode(node[1:-1])
    spoken_of = next(store.quads_for_pattern(None, None, named, pyoxigraph.DefaultGraph()), None)
    fact = (node, "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", _FACT_NODE)
    return spoken_of is not None or _quad(fact) in store


def _quad(triple: Triple) -> pyoxigraph.Quad:
    import pyoxigraph

    text = f"{' '.join(triple)} ."
    quad: pyoxigraph.Quad = next(iter(pyoxigraph.parse(text.encode(), format=pyoxigraph.RdfFormat.N_QUADS)))
    return quad


def _extend(store: pyoxigraph.Store, triples: Iterable[Triple]) -> None:
    store.extend([_quad(triple) for triple in triples])
