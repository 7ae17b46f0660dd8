"""A store made from another: a copy by hard links, with the triples that differ taken out and put in.

The other is the default view's of the same build, or that of an earlier build.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kg.graph.compose import claim_triples, document_triples, fact_nodes, statements
from kg.graph.difference import Published
from kg.graph.facts import Facts
from kg.graph.index_schema import term_key, triple_key
from kg.graph.materialise import claim_periods
from kg.graph.rows import periods_of
from kg.graph.units import TripleLoader
from kg.graph.views import View
from kg.limits import check_room
from kg.model import Term, Triple
from kg.vocab import kg

if TYPE_CHECKING:
    import pyoxigraph

    from kg.corpus.read import Corpus
    from kg.dates import Period

__all__ = ["StoreDifference", "document_part", "whole_graph", "write_store"]

_PERIOD, _CONTESTED = kg("period"), kg("contestedBy")


def write_store(base: Path, facts: Facts, folder: Path) -> None:
    """Write the store of a view from the default view's, ``base``, or from nothing where the facts say so."""
    import pyoxigraph

    check_room()
    if not facts.from_nothing:
        before = Facts(facts.index, facts.project, View(), {}, from_nothing=False)
        difference = StoreDifference(before, facts)
        difference.view()
        difference.write(base, folder)
        return
    store = pyoxigraph.Store(str(folder))
    pieces = TripleLoader(store)
    pieces.add(f"{s} {p} {o}" for s, p, o in whole_graph(facts))
    pieces.flush()
    store.flush()


def _link(source: Path, target: Path) -> None:
    """Copy a store: its tables never change once written, so they are linked; where that cannot be, copied."""
    target.mkdir()
    for path in source.iterdir():
        if path.suffix == ".sst":
            try:
                os.link(path, target / path.name, follow_symlinks=False)
                continue
            except OSError:
                pass
        if path.name != "LOCK":
            shutil.copyfile(path, target / path.name, follow_symlinks=False)


def _drop_unused_period(store: pyoxigraph.Store, node: Term) -> None:
    """Take out what describes a period that nothing has any more."""
    import pyoxigraph

    graph, period = pyoxigraph.DefaultGraph(), pyoxigraph.NamedNode(node[1:-1])
    has = pyoxigraph.NamedNode(_PERIOD[1:-1])
    if next(store.quads_for_pattern(None, has, period, graph), None) is None:
        for quad in list(store.quads_for_pattern(period, None, None, graph)):
            store.remove(quad)


def whole_graph(facts: Facts) -> Iterator[Triple]:
    """Every triple of the query graph of a view; some come twice."""
    index = facts.index
    yield from (triple for triple, _place in index.given("ontology", "entities"))
    for slug in sorted(facts.believed):
        yield from document_in(facts, slug)
    nodes = [*facts.background]
    for triple in facts.all():
        yield triple
        nodes.append(triple)
    for triple in dict.fromkeys(nodes):
        yield from node_triples(facts, triple)


def node_triples(facts: Facts, triple: Triple) -> Iterator[Triple]:
    """The node of a fact with when it holds and what supports it; nothing where it has none."""
    if not facts.has_node(triple):
        return
    support = facts.support(triple) or ()
    documents = {claim.iri: claim.document for claim in support}
    asserted = [triple] if facts.is_stated(triple) or facts.is_background(triple) else []
    yield from fact_nodes(
        {triple: facts.periods(triple)},
        {triple: frozenset(documents)},
        asserted,
        documents.__getitem__,
        facts.project,
    )


def document_in(facts: Facts, slug: str) -> Iterator[Triple]:
    """The graph of a document in a view."""
    part, opposed, periods = document_part(facts, slug)
    yield from document_triples(part, slug, opposed, periods)


def document_part(facts: Facts, slug: str) -> tuple[Corpus, dict[Term, list[Term]], dict[Term, Period]]:
    """A document of a view, the claims that are contested in it with those that do so, and the claims' periods."""
    index = facts.index
    part = index.part(facts.project, [slug])
    keys = {term_key(claim): claim for claim in part.claims}
    contesting = facts.contested(keys)
    names = {key: index.term(key) for others in contesting.values() for key in others}
    opposed = {keys[key]: [names[other] for other in others] for key, others in contesting.items()}
    return part, opposed, claim_periods(part.claims.values(), index.kinds, Published(index))


class StoreDifference:
    """What is taken out of a store and put into it so that it holds other facts, perhaps of another index.

    ``periods`` are the nodes of periods that may have no use any more: that is seen when all is done.
    """

    def __init__(self, before: Facts, after: Facts) -> None:
        self.before, self.after = before, after
        self.added: dict[Triple, None] = {}
        self.removed: dict[Triple, None] = {}
        self.periods: dict[Term, None] = {}
        #: What the documents that were compared said: of themselves, nobody else does.
        self._own: set[Triple] = set()
        self._numbers = {after.index.documents[slug] for slug in after.believed}
        self._start = after.project.iri("period", "")[:-1]
        self._statement = after.project.iri("statement", "")[:-1]

    def view(self) -> None:
        """Compare the default view with another of the same index."""
        index = self.after.index
        lost = index.documents.keys() - self.after.believed
        self.documents(lost)
        self.facts({*self.after.rows, *self._out_of_date()})
        # Who contests whom, where one of the two is not believed.
        text = """SELECT a.text, b.text FROM opposed o JOIN claim c ON c.id = o.other
            JOIN term a ON a.id = o.claim JOIN term b ON b.id = o.other WHERE c.document IN"""
        for claim, other in index.many(text, (index.documents[slug] for slug in lost)):
            self.removed[claim, _CONTESTED, other] = None

    def documents(self, slugs: Iterable[str]) -> None:
        """Compare what some documents say."""
        for slug in slugs:
            for facts, triples in ((self.before, self.removed), (self.after, self.added)):
                if slug in facts.believed:
                    triples |= dict.fromkeys(document_in(facts, slug))
        self._own = {*self.removed}

    def given(self) -> None:
        """Compare what ontology and entities say."""
        for facts, triples in ((self.before, self.removed), (self.after, self.added)):
            triples |= dict.fromkeys(triple for triple, _place in facts.index.given("ontology", "entities"))

    def facts(self, keys: Iterable[int]) -> None:
        """Compare the statements about some facts."""
        keys = {*keys}
        triples = self.before.index.triples(keys) | self.after.index.triples(keys)
        for facts, said in ((self.before, self.removed), (self.after, self.added)):
            facts.look_up(triples)
            for triple in triples.values():
                if facts.tells(triple):
                    said[triple] = None
                said |= dict.fromkeys(node_triples(facts, triple))

    def write(self, base: Path, folder: Path) -> None:
        """Write the store from the one that is compared with. Nothing writes to that meanwhile."""
        import pyoxigraph

        _link(base, folder)
        store = pyoxigraph.Store(str(folder))
        lines = "".join(f"{s} {p} {o} .\n" for s, p, o in self._removals())
        for quad in pyoxigraph.parse(lines.encode(), format=pyoxigraph.RdfFormat.N_TRIPLES):
            store.remove(quad)
        pieces = TripleLoader(store)
        pieces.add(f"{s} {p} {o}" for s, p, o in self.added.keys() - self.removed.keys())
        pieces.flush()
        for node in self.periods:
            _drop_unused_period(store, node)
        store.flush()

    def _removals(self) -> Iterator[Triple]:
        """The triples that nothing says any more, but for the descriptions of periods."""
        gone = self.removed.keys() - self.added.keys()
        self.after.look_up(map(triple_key, gone))
        for triple in gone:
            if triple[1] == _PERIOD:
                self.periods[triple[2]] = None
            # What describes a period goes where nothing has it any more.
            if not triple[0].startswith(self._start) and not self._said_elsewhere(triple):
                yield triple

    def _out_of_date(self) -> Iterator[int]:
        """The facts that do not hold at the view's date."""
        takes: dict[str, bool] = {}
        view = self.after.view
        if view.as_of is None:
            return
        for key, periods in self.after.index.rows("SELECT triple, periods FROM fact WHERE periods IS NOT NULL"):
            if periods not in takes:
                takes[periods] = any(map(view.takes, periods_of(periods)))
            if not takes[periods]:
                yield key

    def _said_elsewhere(self, triple: Triple) -> bool:
        """Whether files say a triple, or a fact is it, or a document that is believed says it."""
        facts, subject = self.after, triple[0]
        if subject.startswith(self._statement):
            return self._in_statement(triple)
        said = facts.is_given(triple) or facts.tells(triple)
        if said or triple in self._own:
            return said
        claim = facts.index.claim(subject)
        if claim is not None and claim.document in facts.believed:
            contesting = facts.contested([term_key(subject)]).get(term_key(subject), ())
            return triple in {*claim_triples(claim, facts.project, map(facts.index.term, contesting))}
        start = facts.project.iri("document", "")[:-1]
        slug = subject[len(start) : -1] if subject.startswith(start) else ""
        return slug in facts.believed and triple in facts.index.document(slug).description

    def _in_statement(self, triple: Triple) -> bool:
        """Whether a triple tells of a statement that is a fact with a node, or that a believed document has."""
        stated = self.before.index.triple_of(triple[0][len(self._statement) : -1])
        if stated is None or triple not in {*statements([stated], self.after.project)}:
            return False
        if self.after.has_node(stated):
            return True
        text = """SELECT c.document FROM states s JOIN claim c ON c.id = s.claim
            WHERE s.triple = ? AND s.content = 1"""
        return any(number in self._numbers for (number,) in self.after.index.rows(text, triple_key(stated)))
