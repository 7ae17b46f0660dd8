"""A store made from another: a copy by hard links, with the triples that differ taken out and put in.

The other is the default view's of the same build, or that of an earlier build.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kg.graph.difference import Published
from kg.graph.facts import GIVEN, Facts, ViewFact, in_pieces
from kg.graph.index_rows import periods_of
from kg.graph.index_schema import term_key, triple_key
from kg.graph.unit_triples import PERIOD, claim_triples, document_triples, fact_node, period_triples, statements
from kg.graph.units import TripleLoader
from kg.graph.views import claim_periods
from kg.limits import check_room
from kg.model import Term, Triple
from kg.vocab import kg

if TYPE_CHECKING:
    import pyoxigraph

    from kg.corpus.read import Corpus
    from kg.dates import Period

_CONTESTED = kg("contestedBy")
#: Facts that are compared, and bytes that are loaded, at once: what holds memory small.
_AT_ONCE, _PIECE = 2000, 8 << 20


def write_store(facts: Facts, folder: Path, before: Facts, base: Path) -> None:
    """Write the store of a view from that of another view, or from nothing where its facts say so."""
    import pyoxigraph

    check_room()
    if not facts.from_nothing or before.from_nothing:
        difference = StoreDifference(before, facts)
        difference.view()
        difference.write(base, folder)
        return
    store = pyoxigraph.Store(str(folder))
    pieces = TripleLoader(store, _PIECE)
    pieces.add(whole_graph(facts))
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


def whole_graph(facts: Facts) -> Iterator[Triple]:
    """Every triple of the query graph of a view; some come twice."""
    index = facts.index
    yield from (triple for triple, _place in index.given("ontology", "entities"))
    for slug in sorted(facts.believed):
        yield from document_in(facts, slug)
    described: set[Period] = set()
    for some in in_pieces(facts.each(facts.keys()), _AT_ONCE):
        found = fact_triples(facts, some)
        yield from found.told
        yield from found.nodes
        for period in found.periods - described:
            yield from period_triples(facts.project, period)
        described |= found.periods


class FactTriples(NamedTuple):
    """What a view's graph has of some facts: themselves, their nodes, the periods that these name."""

    told: set[Triple]
    nodes: dict[Triple, None]
    periods: set[Period]


def fact_triples(facts: Facts, some: Iterable[ViewFact]) -> FactTriples:
    """What a view's graph has of some facts. The periods are not described."""
    found, noded = FactTriples(set(), {}, set()), list[ViewFact]()
    for fact in some:
        if fact.told:
            found.told.add(fact.triple)
        if fact.node:
            noded.append(fact)
    sources = facts.index.sources(key for fact in noded if fact.row for key in fact.row.support or ())
    for triple, row, _told, asserted, _node in noded:
        periods, supporting, _stated = row or GIVEN
        support = dict(sources[key] for key in supporting or ())
        found.nodes.update(dict.fromkeys(fact_node(facts.project, triple, support, periods, inferred=not asserted)))
        found.periods.update(periods)
    return found


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

    def view(self) -> None:
        """Compare two views of the same index."""
        index = self.after.index
        lost = self.before.believed - self.after.believed
        self.documents(lost)
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
        _remove(store, self._left(self._removed.keys() - self._added.keys()))
        pieces.add(self._added.keys() - self._removed.keys())
        for keys in in_pieces(sorted(self._facts), _AT_ONCE):
            periods |= self._write_facts(keys, store, pieces)
        pieces.flush()
        _remove_unused(store, periods)
        store.flush()

    def _write_facts(self, keys: list[int], store: pyoxigraph.Store, pieces: TripleLoader) -> set[Term]:
        """Change what is said of some facts; gives the periods that may have no use any more."""
        was, now = (fact_triples(facts, facts.each(keys)) for facts in (self.before, self.after))
        gone = was.nodes.keys() - now.nodes.keys()
        _remove(store, gone - self._statements_in_documents(keys) if gone else ())
        _remove(store, self._left(was.told - now.told))
        for period in now.periods - was.periods:
            pieces.add(period_triples(self.after.project, period))
        pieces.add(now.told - was.told)
        pieces.add(now.nodes.keys() - was.nodes.keys())
        return {triple[2] for triple in gone if triple[1] == PERIOD}

    def _statements_in_documents(self, keys: Iterable[int]) -> set[Triple]:
        """The statement nodes of those of some triples that documents which are believed have in their claims."""
        text = """SELECT s.triple, c.document FROM states s JOIN claim c ON c.id = s.claim
            WHERE s.content = 1 AND s.triple IN"""
        index = self.after.index
        found = {key for key, document in index.many(text, keys) if document in self._numbers}
        return {*statements(index.triples(found).values(), self.after.project)}

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
        start = facts.project.iri("document", "")[:-1]
        slug = subject[len(start) : -1] if subject.startswith(start) else ""
        return slug in facts.believed and triple in facts.index.document(slug).description

    def _in_statement(self, triple: Triple) -> bool:
        """Whether a triple tells of a statement that is a fact with a node, or that a believed document has."""
        stated = self.before.index.triple_of(triple[0][len(self._statement) : -1])
        if stated is None or triple not in {*statements([stated], self.after.project)}:
            return False
        return self.after.has_node(stated) or triple in self._statements_in_documents([triple_key(stated)])

    def _dated_otherwise(self) -> Iterator[int]:
        """The facts that hold at the date of one view and not at that of the other."""
        views, rows = (self.before.view, self.after.view), "fact WHERE periods IS NOT NULL"
        if views[1].as_of is None:
            return
        index = self.after.index
        periods = (row for (row,) in index.rows(f"SELECT DISTINCT periods FROM {rows}"))  # noqa: S608 - ours
        otherwise = {row for row in periods if len({any(map(v.takes, periods_of(row))) for v in views}) == 2}
        for key, row in index.rows(f"SELECT triple, periods FROM {rows}"):  # noqa: S608 - ours
            if row in otherwise:
                yield key


def _remove(store: pyoxigraph.Store, triples: Iterable[Triple]) -> None:
    import pyoxigraph

    lines = "".join(f"{s} {p} {o} .\n" for s, p, o in triples)
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
