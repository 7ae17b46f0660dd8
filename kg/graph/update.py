"""A build made from an earlier one, where few files differ: the documents that differ are read alone.

The earlier build is not touched: the new one has hard links to its files, or copies, less and plus what differs. It
is the same as one made from nothing, and a test holds it to that.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.corpus.read import Corpus
from kg.corpus.saved_queries import SavedQuery
from kg.graph.facts import Facts
from kg.graph.index import Index
from kg.graph.index_schema import FILE, triple_key
from kg.graph.index_update import IndexUpdate
from kg.graph.snapshot import Snapshot
from kg.graph.store_difference import StoreDifference, document_part
from kg.graph.units import Unit, document_graphs, file_of, foundation_graphs, write_lines, written
from kg.graph.views import View
from kg.model import Term, Triple
from kg.reasoner import Program

#: Documents that differ, of all, from which on a build from nothing is as quick.
_MOST = 0.25


@dataclass(frozen=True, slots=True)
class Changes:
    """The documents whose files differ, by slug, and whether those of entities do."""

    slugs: frozenset[str]
    foundation: bool


def changes_since(before: Snapshot, now: Mapping[str, str], options: Mapping[str, object]) -> Changes | None:
    """What differs from the files that a build was made from; None where too much does to start from it.

    ``now`` are the digests of the files, ``options`` those of the build to be made. A store with named graphs is
    always made from nothing.
    """
    if options["named_graphs"] or any(before.meta.get(name) != value for name, value in options.items()):
        return None
    was = before.meta["files"]
    differing = [name for name in was.keys() | now.keys() if was.get(name) != now.get(name)]
    folders = ("corpus/documents/", "corpus/entities/", "queries/")
    if not all(name.startswith(folders) for name in differing):
        return None
    slugs = frozenset(Path(name).stem for name in differing if name.startswith(folders[0]))
    if len(slugs) > max(1, len(before.meta["documents"]) * _MOST):
        return None
    return Changes(slugs, any(name.startswith(folders[1]) for name in differing))


def update(
    before: Snapshot, corpus: Corpus, queries: Mapping[str, SavedQuery], changes: Changes, folder: Path
) -> tuple[sqlite3.Connection, list[Unit]]:
    """Write index, store and units into a new folder; ``corpus`` has the documents that differ, and all else.

    Gives the index, to be added to and closed, and the units but those that describe the others.
    """
    old = before.index.part(corpus.project, changes.slugs & before.index.documents.keys())
    for kind in ("ontology", "alignments", "entities"):
        setattr(old, kind, dict(before.index.given(kind)) if changes.foundation else getattr(corpus, kind))
    shutil.copyfile(before.folder / FILE, folder / FILE, follow_symlinks=False)
    connection = sqlite3.connect((folder / FILE).resolve())
    try:
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        difference = IndexUpdate(connection, old, corpus, changes.foundation)
        difference.run(queries, Program.loads(before.meta["program"]))
        both = [
            Facts(index, corpus.project, View(), {}, from_nothing=False)
            for index in (before.index, Index(connection, folder))
        ]
        store = StoreDifference(*both)
        store.documents(difference.documents)
        if changes.foundation:
            store.given()
        store.facts(difference.triples)
        store.write(before.store_path, folder / "store")
        units = _Units(before, folder, *both)
        units.foundation(corpus, changed=changes.foundation)
        units.documents(difference.documents)
        units.facts(difference.triples)
    except BaseException:
        connection.close()
        raise
    return connection, units.made


class _Units:
    """The units of the new build: those that differ are written, the others linked."""

    def __init__(self, snapshot: Snapshot, folder: Path, before: Facts, after: Facts) -> None:
        self.source, self.target = snapshot.folder / "units", folder / "units"
        self.target.mkdir()
        self.before, self.after = before, after
        self._known = {name: Unit.from_json(name, about) for name, about in snapshot.meta["units"].items()}
        self.made: list[Unit] = []

    def _take_over(self, name: str) -> None:
        unit = self._known[name]
        try:
            os.link(self.source / unit.file, self.target / unit.file, follow_symlinks=False)
        except OSError:
            shutil.copyfile(self.source / unit.file, self.target / unit.file, follow_symlinks=False)
        self.made.append(unit)

    def foundation(self, corpus: Corpus, *, changed: bool) -> None:
        """The units of ontology and entities."""
        self._take_over("ontology")
        if changed:
            graphs = foundation_graphs(corpus)["entities"]
            self.made.append(written(self.target, "entities", graphs, corpus.project))
        else:
            self._take_over("entities")

    def documents(self, differing: Iterable[str]) -> None:
        """The units of documents."""
        for slug in self.after.index.documents:
            name = f"document/{slug}"
            if slug in differing or name not in self._known:
                part, opposed, periods = document_part(self.after, slug)
                graphs = document_graphs(part, slug, opposed, periods)
                self.made.append(written(self.target, name, graphs, self.after.project))
            else:
                self._take_over(name)

    def facts(self, keys: Iterable[int]) -> None:
        """The unit of facts: the lines of the earlier one, less and plus those of facts that differ."""
        keys, project = {*keys}, self.after.project
        triples = [*(self.before.index.triples(keys) | self.after.index.triples(keys)).values()]
        graphs = [project.iri("graph", name) for name in ("asserted", "inferred")]
        old, new = (set(_fact_lines(facts, triples, *graphs)) for facts in (self.before, self.after))
        lines = set((self.source / file_of("facts")).read_text(encoding="utf-8").splitlines(keepends=True))
        lines = (lines - old) | new
        main = [graph for graph in graphs if any(line.endswith(f" {graph} .\n") for line in lines)]
        self.made.append(write_lines(self.target, "facts", sorted(lines), main))


def _fact_lines(facts: Facts, triples: Iterable[Triple], asserted: Term, inferred: Term) -> Iterator[str]:
    facts.look_up(map(triple_key, triples))
    for triple in triples:
        if facts.tells(triple):
            yield f"{' '.join(triple)} {asserted if facts.is_stated(triple) else inferred} .\n"
