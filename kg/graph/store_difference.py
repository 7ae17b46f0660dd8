"""A store made from another: a copy by hard links, with the triples that differ taken out and put in.

The other is the default view's of the same build, or that of an earlier build.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kg.dates import UNKNOWN
from kg.graph.difference import Published
from kg.graph.facts import GIVEN, Facts, ViewFact, in_pieces
from kg.graph.index_rows import periods_of
from kg.graph.index_schema import term_key, triple_key
from kg.graph.unit_triples import (
    PERIOD,
    claim_triples,
    document_triples,
    fact_node,
    node_details,
    node_texts,
    period_triples,
    statements,
)
from kg.graph.units import TripleLoader
from kg.graph.views import claim_periods
from kg.limits import check_room
from kg.model import Term, Triple
from kg.vocab import kg

if TYPE_CHECKING:
    import pyoxigraph

    from kg.corpus.read import Corpus
    from kg.dates import Period

#: What the nodes of facts say beside their statements.
Nodes = Mapping[Triple, Mapping[str, None]]
_CONTESTED = kg("contestedBy")
#: Facts that are compared, and bytes that are loaded, at once: what holds memory small.
_AT_ONCE, _PIECE = 2000, 8 << 20


def write_store(facts: Facts, folder: Path, base: tuple[Facts, Path] | None) -> None:
    """Write the store of a view from that of another view, or that of the view that believes nothing."""
    check_room()
    if base is None:
        _write_foundation(facts, folder)
        return
    before, source = base
    difference = StoreDifference(before, facts)
    difference.view()
    difference.write(source, folder)


def _write_foundation(facts: Facts, folder: Path) -> None:
    """Write what ontology and entities say, and what follows from them alone."""
    import pyoxigraph

    store = pyoxigraph.Store(str(folder))
    pieces = TripleLoader(store, _PIECE)
    details = [node_details(facts.project, {}, (UNKNOWN,), inferred=inferred) for inferred in (False, True)]
    for fact in facts.foundation():
        if fact.given or fact.told:
            pieces.add([fact.triple])
        if fact.node:
            pieces.add_texts(fact_node(facts.project, fact.triple, details[not fact.asserted]))
            pieces.add(period_triples(facts.project, UNKNOWN))
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


def _nodes(facts: Facts, some: Iterable[ViewFact]) -> Nodes:
    """What the node of each of some facts that has one says (``node_details``)."""
    noded = [(fact, fact.row or GIVEN) for fact in some if fact.node]
    sources = facts.index.sources(key for _fact, row in noded for key in row.support or ())
    return {
        fact.triple: node_details(
            facts.project, dict(sources[key] for key in row.support or ()), row.periods, inferred=not fact.asserted
        )
        for fact, row in noded
    }


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
    names = index.terms({key for others in contesting.values() for key in others})
    opposed = {keys[key]: [names[other] for other in others] for key, others in contesting.items()}
    return part, opposed, claim_periods(part.claims.values(), index.kinds, Published(index))


class StoreDifference:
    """What is taken out of a store and put into it so that it holds other facts, perhaps of another index."""

    def __init__(self, before: Facts, after: Facts) -> None:
        self.before, self.after = before, after
        self._added: dict[Triple, None] = {}
        self._removed: dict[Triple, None] = {}
        self._facts: set[int] = set()
        #: What the documents that were compared said: of themselves, nobody else does.
        self._own: set[Triple] = set()
        self._numbers = {after.index.documents[slug] for slug in after.believed}
        self._period = after.project.iri("period", "")[:-1]
        self._statement = after.project.iri("statement", "")[:-1]
        self._document = after.project.iri("document", "")[:-1]

    def view(self) -> None:
        """Compare two views of the same index."""
        index = self.after.index
        lost = self.before.believed - self.after.believed
        self.documents(lost | (self.after.believed - self.before.believed))
        self.facts({*self.after.rows, *self._dated_otherwise()})
        # Who contests whom, where one of the two is not believed.
        text = """SELECT a.text, b.text FROM opposed o JOIN claim c ON c.id = o.other
            JOIN term a ON a.id = o.claim JOIN term b ON b.id = o.other WHERE c.document IN"""
        for claim, other in index.many(text, (index.documents[slug] for slug in lost)):
            self._removed[claim, _CONTESTED, other] = None

    def documents(self, slugs: Iterable[str]) -> None:
        """Compare what some documents say."""
        for slug in slugs:
            for facts, triples in ((self.before, self._removed), (self.after, self._added)):
                if slug in facts.believed:
                    triples |= dict.fromkeys(document_in(facts, slug))
        self._own = {*self._removed}

    def given(self) -> None:
        """Compare what ontology and entities say."""
        for facts, triples in ((self.before, self._removed), (self.after, self._added)):
            triples |= dict.fromkeys(triple for triple, _place in facts.index.given("ontology", "entities"))

    def facts(self, keys: Iterable[int]) -> None:
        """Compare the statements about some facts, when all is written."""
        self._facts.update(keys)

    def write(self, base: Path, folder: Path) -> None:
        """Write the store from the one that is compared with. Nothing writes to that meanwhile."""
        import pyoxigraph

        _link(base, folder)
        store = pyoxigraph.Store(str(folder))
        pieces = TripleLoader(store, _PIECE)
        periods = {triple[2] for triple in self._removed if triple[1] == PERIOD}
        _remove(store, map(" ".join, self._left(self._removed.keys() - self._added.keys())))
        pieces.add(self._added.keys() - self._removed.keys())
        for keys in in_pieces(sorted(self._facts), _AT_ONCE):
            periods |= self._write_facts(keys, store, pieces)
        pieces.flush()
        _remove_unused(store, periods)
        store.flush()

    def _write_facts(self, keys: list[int], store: pyoxigraph.Store, pieces: TripleLoader) -> set[Term]:
        """Change what is said of some facts; gives the periods that may have no use any more."""
        was, now = ({fact.triple: fact for fact in facts.each(keys)} for facts in (self.before, self.after))
        told = [{triple for triple, fact in facts.items() if fact.told} for facts in (was, now)]
        _remove(store, map(" ".join, self._left_untold(told[0] - told[1], now)))
        pieces.add(told[1] - told[0])
        nodes = (_nodes(self.before, was.values()), _nodes(self.after, now.values()))
        periods = self._write_nodes(*nodes, store, pieces)
        for period in {period for fact in now.values() if fact.node for period in (fact.row or GIVEN).periods}:
            pieces.add(period_triples(self.after.project, period))
        return periods

    def _left_untold(self, triples: set[Triple], now: Mapping[Triple, ViewFact]) -> Iterator[Triple]:
        """Those of some triples, which are no facts any more, that nothing else says either."""
        claims = self.after.index.sources(term_key(subject) for subject, _p, _o in triples)
        for triple in triples:
            given = triple in now and now[triple].given
            if not (given or self._in_document(triple, is_claim=term_key(triple[0]) in claims)):
                yield triple

    def _write_nodes(self, was: Nodes, now: Nodes, store: pyoxigraph.Store, pieces: TripleLoader) -> set[Term]:
        """Change the nodes of facts; gives the periods that may have no use any more."""
        project, none = self.after.project, dict[str, None]()
        lost = {triple_key(triple): triple for triple in was if triple not in now}
        kept = self._stated_in_documents(lost)
        gone = [*map(" ".join, statements((each for key, each in lost.items() if key not in kept), project))]
        pieces.add(statements((triple for triple in now if triple not in was), project))
        for triple in was.keys() | now.keys():
            old, new = was.get(triple, none), now.get(triple, none)
            gone += node_texts(project, triple, (each for each in old if each not in new))
            pieces.add_texts(node_texts(project, triple, (each for each in new if each not in old)))
        _remove(store, gone)
        return {text.rpartition(" ")[2] for text in gone if f" {PERIOD} " in text}

    def _stated_in_documents(self, keys: Iterable[int]) -> set[int]:
        """Those of some triples that documents which are believed have in their claims."""
        text = """SELECT s.triple, c.document FROM states s JOIN claim c ON c.id = s.claim
            WHERE s.content = 1 AND s.triple IN"""
        return {key for key, document in self.after.index.many(text, keys) if document in self._numbers}

    def _left(self, triples: Collection[Triple]) -> Iterator[Triple]:
        """Those of some triples that nothing says any more; what describes a period goes when nothing has it."""
        facts = self.after
        facts.look_up(map(triple_key, triples))
        claims = facts.index.sources(term_key(subject) for subject, _p, _o in triples)
        for triple in triples:
            subject = triple[0]
            if subject.startswith(self._statement):
                said = self._in_statement(triple)
            else:
                said = facts.is_given(triple) or facts.tells(triple)
                if triple not in self._own:
                    said = said or self._in_document(triple, is_claim=term_key(subject) in claims)
            if not said and not subject.startswith(self._period):
                yield triple

    def _in_document(self, triple: Triple, *, is_claim: bool) -> bool:
        """Whether a document that is believed says a triple of one of its claims, or of itself."""
        facts, subject = self.after, triple[0]
        claim = facts.index.claim(subject) if is_claim else None
        if claim is not None and claim.document in facts.believed:
            contesting = facts.contested([term_key(subject)]).get(term_key(subject), ())
            return triple in {*claim_triples(claim, facts.project, facts.index.terms(contesting).values())}
        slug = subject[len(self._document) : -1] if subject.startswith(self._document) else ""
        return slug in facts.believed and triple in facts.index.document(slug).description

    def _in_statement(self, triple: Triple) -> bool:
        """Whether a triple tells of a statement that is a fact with a node, or that a believed document has."""
        stated = self.before.index.triple_of(triple[0][len(self._statement) : -1])
        if stated is None or triple not in {*statements([stated], self.after.project)}:
            return False
        return self.after.has_node(stated) or bool(self._stated_in_documents([triple_key(stated)]))

    def _dated_otherwise(self) -> Iterator[int]:
        """The facts that hold at the date of one view and not at that of the other."""
        views = (self.before.view, self.after.view)
        if views[1].as_of is None or self.after.from_nothing:
            return
        otherwise: dict[str, bool] = {}
        for key, row in self.after.index.rows("SELECT triple, periods FROM fact WHERE periods IS NOT NULL"):
            if row not in otherwise:
                otherwise[row] = len({any(map(view.takes, periods_of(row))) for view in views}) == 2
            if otherwise[row]:
                yield key


def _remove(store: pyoxigraph.Store, texts: Iterable[str]) -> None:
    """Take triples out, given as N-Triples without the full stop."""
    import pyoxigraph

    lines = "".join(f"{text} .\n" for text in texts)
    for quad in pyoxigraph.parse(lines.encode(), format=pyoxigraph.RdfFormat.N_TRIPLES):
        store.remove(quad)


def _remove_unused(store: pyoxigraph.Store, periods: Iterable[Term]) -> None:
    """Take out what describes the periods that nothing has any more."""
    import pyoxigraph

    graph, has = pyoxigraph.DefaultGraph(), pyoxigraph.NamedNode(PERIOD[1:-1])
    for node in periods:
        period = pyoxigraph.NamedNode(node[1:-1])
        if next(store.quads_for_pattern(None, has, period, graph), None) is None:
            for quad in list(store.quads_for_pattern(period, None, None, graph)):
                store.remove(quad)
