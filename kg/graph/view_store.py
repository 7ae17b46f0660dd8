"""The store of a view other than the default one, kept beside the build that it belongs to.

It is a copy of the build's store by hard links, whose large files never change, with the triples that differ taken
out and put in; a view that is built on nothing is written from nothing. The rows of facts that differ
(:class:`kg.graph.facts.Facts`) are kept with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from kg.files import Unwritable, keeping, temporary_place
from kg.graph.compose import claim_triples, document_triples, fact_nodes, statements
from kg.graph.difference import Published, facts_of
from kg.graph.facts import Facts, Row
from kg.graph.index import reading
from kg.graph.materialise import claim_periods
from kg.graph.rows import periods_of, periods_row
from kg.graph.schema import FILE, VIEW_SCHEMA, check_schema, packed, set_up, term_key, triple_key, unpacked
from kg.graph.snapshot import Snapshot, made_by
from kg.graph.units import Pieces
from kg.graph.views import View
from kg.limits import check_room
from kg.model import Term, Triple
from kg.owned import has_mark, make_folder, only_files, place_folder, remove_folder
from kg.project import Project
from kg.vocab import kg

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["kept_facts", "view_folder"]

#: The kind of folder that a kept view is (see ``kg.owned``).
KIND = "view"
#: So many views are kept; those not used for longest go.
_KEPT = 16
_PERIOD, _CONTESTED = kg("period"), kg("contestedBy")


def kept_facts(project: Project, snapshot: Snapshot, view: View) -> Facts:
    """The facts of a view: its kept rows where they are, else worked out."""
    folder = _place(project, snapshot, view)
    if _is_whole(folder):
        with suppress(ValueError, sqlite3.Error):
            rows = _KeptRows(folder / FILE)
            return Facts(snapshot.index, project, view, rows, from_nothing=(folder / "from-nothing").exists())
    return facts_of(snapshot.index, project, view)


def view_folder(project: Project, snapshot: Snapshot, facts: Facts) -> Path:
    """The folder that has the store of a view, made if need be; it goes with the process where none can be kept."""
    place = _place(project, snapshot, facts.view)
    if _is_whole(place):
        with suppress(OSError):
            os.utime(place)
        return place
    try:
        with keeping(place.parent):
            return _made(snapshot, facts, place)
    except Unwritable:
        return _made(snapshot, facts, temporary_place() / place.name)


def _place(project: Project, snapshot: Snapshot, view: View) -> Path:
    what = [made_by(), sorted(view.only) if view.only is not None else None, sorted(view.without), view.accept]
    when = [view.as_of and astuple(view.as_of), view.certain]
    digest = hashlib.sha256(json.dumps([*what, *when]).encode()).hexdigest()[:16]
    return project.state_folder("views") / f"{snapshot.folder.name}{digest}"


def _is_whole(folder: Path) -> bool:
    """Whether a view is kept in a folder, and nothing in it leads elsewhere."""
    return has_mark(folder, KIND) and only_files(folder) and (folder / FILE).is_file()


def _made(snapshot: Snapshot, facts: Facts, place: Path) -> Path:
    made = make_folder(place.parent, "making-", KIND)
    try:
        _write_store(snapshot, facts, made / "store")
        if facts.from_nothing:
            (made / "from-nothing").touch()
        _keep_rows(facts.rows, made / FILE)
        if not place_folder(made, place):
            remove_folder(made, KIND)
    except BaseException:
        remove_folder(made, KIND)
        raise
    _sweep(place)
    return place


def _sweep(used: Path) -> None:
    """Remove all but the views used last."""
    with suppress(OSError):
        folders = sorted(used.parent.iterdir(), key=lambda folder: folder.lstat().st_mtime, reverse=True)
        for folder in [each for each in folders if each != used][_KEPT - 1 :]:
            remove_folder(folder, KIND)


# -- rows


class _KeptRows(Mapping[int, Row | None]):
    """The rows that differ, in a file that nothing changes any more."""

    def __init__(self, path: Path) -> None:
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._folder = path.parent
        self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        check_schema(self._connection, VIEW_SCHEMA)

    def __getitem__(self, key: int) -> Row | None:
        with reading(self._folder):
            row = self._connection.execute("SELECT * FROM fact WHERE triple = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        _key, gone, periods, support, stated = row
        with reading(self._folder):
            claims = None if support is None else frozenset(unpacked(support))
            return None if gone else Row(periods_of(periods), claims, bool(stated))

    def __iter__(self) -> Iterator[int]:
        return (key for (key,) in self._connection.execute("SELECT triple FROM fact"))

    def __len__(self) -> int:
        (count,) = self._connection.execute("SELECT count(*) FROM fact").fetchone()
        return int(count)


def _keep_rows(rows: Mapping[int, Row | None], path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        set_up(connection, VIEW_SCHEMA)
        kept = (_kept(key, rows[key]) for key in sorted(rows))
        connection.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?)", kept)


def _kept(key: int, row: Row | None) -> tuple[object, ...]:
    if row is None:
        return key, 1, None, None, 0
    support = None if row.support is None else packed(sorted(row.support))
    return key, 0, periods_row(row.periods), support, int(row.stated)


# -- the store


def _write_store(snapshot: Snapshot, facts: Facts, folder: Path) -> None:
    import pyoxigraph

    check_room()
    if facts.from_nothing:
        store = pyoxigraph.Store(str(folder))
        load(store, whole_graph(facts))
    else:
        _link(snapshot.store_path, folder)
        store = pyoxigraph.Store(str(folder))
        difference = StoreDifference(snapshot, facts)
        for quad in difference.removals():
            store.remove(quad)
        load(store, difference.added)
        for node in difference.periods:
            _drop_unused_period(store, node)
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


def load(store: pyoxigraph.Store, triples: Iterable[Triple]) -> None:
    """Put triples into the default graph."""
    pieces = Pieces(store)
    pieces.add(f"{s} {p} {o}" for s, p, o in triples)
    pieces.flush()


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
        yield from _document(facts, slug)
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


def _document(facts: Facts, slug: str) -> Iterator[Triple]:
    """The graph of a document in a view."""
    index = facts.index
    part = index.part(facts.project, [slug])
    keys = {term_key(claim): claim for claim in part.claims}
    contesting = facts.contested(keys)
    names = {key: index.term(key) for others in contesting.values() for key in others}
    opposed = {keys[key]: [names[other] for other in others] for key, others in contesting.items()}
    periods = claim_periods(part.claims.values(), index.kinds, Published(index))
    yield from document_triples(part, slug, opposed, periods)


class StoreDifference:
    """What is taken out of the default view's store and put into it for another view.

    ``periods`` are the nodes of periods that may have no use any more: that is seen when all is done.
    """

    def __init__(self, snapshot: Snapshot, facts: Facts) -> None:
        self.facts, self.index = facts, facts.index
        self.before = Facts(snapshot.index, facts.project, View(), {}, from_nothing=False)
        self.added: dict[Triple, None] = {}
        self.removed: dict[Triple, None] = {}
        self.periods: dict[Term, None] = {}
        self._numbers = {facts.index.documents[slug] for slug in facts.believed}
        self._start = facts.project.iri("period", "")[:-1]
        self._documents()
        self._facts()
        self._contests()
        for triple in self.added:
            self.removed.pop(triple, None)

    def removals(self) -> Iterator[pyoxigraph.Quad]:
        """The triples to take out."""
        import pyoxigraph

        lines = "".join(f"{s} {p} {o} .\n" for s, p, o in self.removed)
        return iter(list(pyoxigraph.parse(lines.encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)))

    def _facts(self) -> None:
        triples = self.index.triples({*self.facts.rows, *self._out_of_date()})
        for facts in (self.before, self.facts):
            facts.look_up(triples)
        for triple in triples.values():
            self._fact(triple)

    def _out_of_date(self) -> Iterator[int]:
        """The facts that do not hold at the view's date."""
        takes: dict[str, bool] = {}
        if self.facts.view.as_of is None:
            return
        for key, periods in self.index.rows("SELECT triple, periods FROM fact WHERE periods IS NOT NULL"):
            if periods not in takes:
                takes[periods] = any(map(self.facts.view.takes, periods_of(periods)))
            if not takes[periods]:
                yield key

    def _fact(self, triple: Triple) -> None:
        old, new = ({*self._said(facts, triple)} for facts in (self.before, self.facts))
        gone = old - new
        if triple in gone and self._said_elsewhere(triple):
            gone.discard(triple)
        if not self.facts.has_node(triple) and self._has_statement(triple):
            gone -= {*statements([triple], self.facts.project)}
        self._remove(gone)
        self.added |= dict.fromkeys(new - old)

    @staticmethod
    def _said(facts: Facts, triple: Triple) -> Iterator[Triple]:
        if facts.tells(triple):
            yield triple
        yield from node_triples(facts, triple)

    def _remove(self, triples: Iterable[Triple]) -> None:
        for triple in triples:
            if triple[1] == _PERIOD:
                self.periods[triple[2]] = None
            # What describes a period goes where nothing has it any more.
            if not triple[0].startswith(self._start):
                self.removed[triple] = None

    def _said_elsewhere(self, triple: Triple) -> bool:
        """Whether files say a triple without a claim, or a document that is believed says it of itself or a claim."""
        if self.facts.is_given(triple):
            return True
        claim = self.index.claim(triple[0])
        if claim is not None and claim.document in self.facts.believed:
            return triple in {*claim_triples(claim, self.facts.project, ())}
        start = self.facts.project.iri("document", "")[:-1]
        slug = triple[0][len(start) : -1] if triple[0].startswith(start) else ""
        return slug in self.facts.believed and triple in self.index.document(slug).description

    def _has_statement(self, triple: Triple) -> bool:
        """Whether a claim of a document that is believed has a triple in its content, and so a node for it."""
        text = """SELECT c.document FROM states s JOIN claim c ON c.id = s.claim
            WHERE s.triple = ? AND s.content = 1"""
        return any(number in self._numbers for (number,) in self.index.rows(text, triple_key(triple)))

    def _documents(self) -> None:
        """What documents say that are not believed."""
        for slug in self.index.documents.keys() - self.facts.believed:
            content = {t for claim in self.index.claims_of(slug) for t in claim.content}
            kept = {t for t in content if self.facts.has_node(t) or self._has_statement(t)}
            keep = {*statements(kept, self.facts.project)}
            said = {*_document(self.before, slug)} - keep
            self._remove(t for t in said if not self.facts.tells(t) and not self.facts.is_given(t))

    def _contests(self) -> None:
        """Who contests whom, where one of the two is not believed."""
        lost = self.index.documents.keys() - self.facts.believed
        numbers = [self.index.documents[slug] for slug in lost]
        text = """SELECT a.text, b.text FROM opposed o JOIN claim c ON c.id = o.other
            JOIN term a ON a.id = o.claim JOIN term b ON b.id = o.other WHERE c.document IN"""
        for claim, other in self.index.many(text, numbers):
            self.removed[claim, _CONTESTED, other] = None
