"""``kg build``: read, check, take the default view, reason, store."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.checks.check import inspect
from kg.corpus.query_files import read_saved_queries
from kg.corpus.read import Corpus, read_corpus, take_up_alignments
from kg.corpus.saved_queries import SavedQuery
from kg.errors import InputError, Problem
from kg.files import keeping
from kg.graph.difference import facts_of
from kg.graph.ground import ground
from kg.graph.index import Index
from kg.graph.index_schema import DAMAGED, FILE
from kg.graph.index_writer import write_index, write_meta
from kg.graph.materialise import compiled, materialise, project_rules
from kg.graph.snapshot import (
    KIND,
    Progress,
    Snapshot,
    current,
    finished,
    intact,
    made_by,
    point_to,
    publish,
    remember_listing,
    seal,
    sweep_builds,
)
from kg.graph.units import Unit, citation, described, ontology_version, view_unit, write_units
from kg.graph.update import changes_since, update
from kg.graph.views import View
from kg.limits import check_room
from kg.model import Term
from kg.owned import make_folder, remove_folder
from kg.project import Project
from kg.vocab import RDF, iri


def build(
    project: Project,
    reasoner: str = "native",
    progress: Progress = lambda _step: None,
    *,
    force: bool = False,
    verify: bool = False,
    alignments: bool = False,
    named_graphs: bool = False,
    engine: str = "",
) -> Snapshot:
    """Build the store of a project and make it current.

    With ``alignments``, what the mappings to other vocabularies entail is inferred too. With ``named_graphs``, the
    store also holds what every document says as named graphs; without, they are in the files of the units alone.

    A build of the same files is taken over unless ``force`` is given; with ``verify``, only after each of its files
    was compared with its digest.

    ``engine`` names the engine that computes the closure (:mod:`kg.engines`); the build is the same.

    ``progress`` is told each step in words. Raises InputError with every error of every file, as ``check`` finds
    them, and Unwritable when the store cannot be written; the store that was current stays so.
    """
    chosen = {"alignments": alignments, "named_graphs": named_graphs}
    project.state_folder("builds")
    listing = project.listing()
    digest = project.digest()
    key = _key(digest, made_by(), reasoner, *[name for name, chosen in chosen.items() if chosen])
    if not force and (known := finished(project, key, thorough=verify)):
        progress("unchanged")
        with keeping(project.state):
            remember_listing(project, listing, digest)
            return point_to(project, known)
    before = None if force or engine or reasoner != "native" else _earlier(project, thorough=verify)
    about = {**chosen, "digest": digest, "reasoner": reasoner}
    with keeping(project.state):
        try:
            made = _made(project, reasoner, engine, progress, about, before)
        except InputError as error:
            if before is None or error.problems[0].code != DAMAGED:
                raise
            # The earlier build is not as it was written, though its seal does not show it.
            made = _made(project, reasoner, engine, progress, about, None)
        try:
            remember_listing(project, listing, digest)
            snapshot = publish(project, made, key)
        except BaseException:
            remove_folder(made, KIND)
            raise
    for path in sweep_builds(project):
        progress(f"note: {path} is left alone: no build of this version and this user is in it")
    return snapshot


def _made(
    project: Project, reasoner: str, engine: str, progress: Progress, about: dict[str, Any], before: Snapshot | None
) -> Path:
    """A finished folder that nobody reads yet; nothing is left of one that cannot be finished."""
    made = make_folder(project.state, "build-", KIND)
    try:
        _Build(project, made, reasoner, engine, progress, dict(about)).run(before)
        seal(made, like=before.folder if before else None)
    except BaseException:
        remove_folder(made, KIND)
        raise
    return made


def _earlier(project: Project, *, thorough: bool) -> Snapshot | None:
    """The build that was current, where this version made it with its own reasoner and it is whole.

    That is told by its digests when ``thorough``, else by sizes and times.
    """
    now = current(project)
    with suppress(InputError, KeyError):
        if (
            now
            and now.meta["made_by"] == made_by()
            and now.meta["reasoner"] == "native"
            and intact(now.folder, thorough=thorough)
        ):
            return now
    return None


def _key(*parts: str) -> str:
    """What stands for an input and the way in which it is built, at the head of a folder's name."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _refuse_errors(problems: Iterable[Problem]) -> None:
    if errors := [problem for problem in problems if problem.severity == "error"]:
        raise InputError(errors)


@dataclass
class _Build:
    """The making of one build, in a folder that nobody reads yet. ``about`` is what it says of itself."""

    project: Project
    folder: Path
    reasoner: str
    engine: str
    progress: Progress
    about: dict[str, Any]

    def run(self, before: Snapshot | None) -> None:
        """Check the files, and write everything: from an earlier build where little differs, or else from nothing.

        Raises InputError with every error of every file.
        """
        check_room()
        self.progress("checking")
        seen = inspect(self.project)
        _refuse_errors(seen.problems)
        foundation = seen.foundation
        del seen  # its verdicts take much memory
        self.progress("reading")
        options = {name: self.about[name] for name in ("alignments", "named_graphs")}
        changes = changes_since(before, foundation.digests, options) if before else None
        corpus = read_corpus(self.project, foundation, changes.slugs if changes else None)
        queries, problems = read_saved_queries(self.project)
        # A file may have changed since it was checked.
        _refuse_errors(corpus.problems + problems)
        if self.about["alignments"]:
            take_up_alignments(corpus)
        if before is None or changes is None:
            self._whole(corpus, queries)
            return
        self.progress("updating")
        kept = {slug: said for slug, said in before.meta["documents"].items() if slug not in changes.slugs}
        with before.reading():
            connection, units = update(before, corpus, queries, changes, self.folder)
            with closing(connection), connection:
                self._describe(connection, corpus, queries, units, kept)

    def _whole(self, corpus: Corpus, queries: Mapping[str, SavedQuery]) -> None:
        """Write a build from nothing."""
        import pyoxigraph

        self.progress("reasoning")
        program = compiled(corpus)
        known = ground(corpus, program, self.engine)
        view = materialise(corpus, View(), known, lambda: program, self.reasoner)
        self.progress("indexing")
        with closing(write_index(self.folder / FILE, view, queries)) as connection, connection:
            self.progress("storing")
            store = pyoxigraph.Store(str(self.folder / "store"))
            (self.folder / "units").mkdir()
            units = write_units(view, self.folder / "units", store)
            store.optimize()
            store.flush()
            del store
            summaries = {rule.name: rule.summary or rule.name for rule in project_rules(self.project)}
            write_meta(connection, {"program": program.dumps(), "rule_summaries": summaries})
            self._describe(connection, corpus, queries, units, {})
            if self.about["named_graphs"]:
                self._add_named_graphs(units)

    def _add_named_graphs(self, units: Iterable[Unit]) -> None:
        import pyoxigraph

        store = pyoxigraph.Store(str(self.folder / "store"))
        for unit in units:
            store.bulk_load(path=str(self.folder / "units" / unit.file), format=pyoxigraph.RdfFormat.N_QUADS)
        store.optimize()
        store.flush()

    def _describe(
        self,
        connection: sqlite3.Connection,
        corpus: Corpus,
        queries: Mapping[str, SavedQuery],
        units: list[Unit],
        known: dict[str, dict[str, str]],
    ) -> None:
        """Write what the build says of itself; ``known`` are the citations of documents that ``corpus`` has not."""
        import pyoxigraph

        index = Index(connection)
        cited = known | {slug: citation(document) for slug, document in corpus.documents.items()}
        quads = len(pyoxigraph.Store.read_only(str(self.folder / "store")))
        made = [*units, view_unit(units, index.facts_digest(), quads, self.project)]
        made += described(corpus, queries, made, self.folder / "units", len(cited))
        total = hashlib.sha256("".join(f"{unit.name} {unit.sha256}\n" for unit in made).encode()).hexdigest()
        claims, facts = (_count(index, rows) for rows in ("claim", "fact WHERE stated"))
        meta = {
            "made_by": made_by(),
            "version": total[:12],
            "ontology_version": ontology_version(corpus),
            "files": corpus.digests,
            "units": {unit.name: unit.as_json() for unit in made},
            "documents": {slug: cited[slug] for slug in sorted(cited)},
            "claims": claims,
            "facts": facts,
            "inferred": next(unit.quads for unit in units if unit.name == "facts") - facts,
            "inconsistencies": _contradictions(index),
            "contested_terms": contested_terms(index, self.project),
        }
        write_meta(connection, {**self.about, **meta})


def _count(index: Index, rows: str) -> int:
    (found,) = next(index.rows(f"SELECT count(*) FROM {rows}"))  # noqa: S608 - texts of our own
    return int(found)


def contested_terms(index: Index, project: Project) -> list[Term]:
    """The predicates (of types, the classes) of what would hold if contested claims were taken as facts."""
    here, wider = (facts_of(index, project, view) for view in (View(), View(accept="contested")))
    differing = index.triples(wider.rows).values()
    more = (triple for triple in differing if wider.tells(triple) and not here.tells(triple))
    return sorted({o if p == iri(RDF + "type") else p for _s, p, o in more})


def _contradictions(index: Index) -> int:
    """How often a ``false`` rule applies in the default view."""
    text = "SELECT triple FROM fact WHERE triple IN"
    found = [set(premises) for _rule, premises in index.refutations()]
    held = {key for (key,) in index.many(text, {key for premises in found for key in premises})}
    return sum(premises <= held for premises in found)
