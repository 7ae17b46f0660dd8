"""``kg build``: read, check, take the default view, reason, store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from kg.checks import check
from kg.corpus.alignments import take_up_alignments
from kg.corpus.read import Corpus, read_corpus
from kg.corpus.saved import SavedQuery, read_saved_queries
from kg.errors import InputError, Problem
from kg.files import keeping
from kg.graph.difference import facts_of
from kg.graph.ground import ground
from kg.graph.index import Index
from kg.graph.index_writer import write_index, write_meta
from kg.graph.materialise import Materialised, compiled, materialise, project_rules
from kg.graph.schema import FILE
from kg.graph.seal import seal
from kg.graph.snapshot import (
    KIND,
    Progress,
    Snapshot,
    finished,
    made_by,
    point_to,
    publish,
    remember_listing,
    sweep_builds,
)
from kg.graph.units import Unit, citation, ontology_version, write_units
from kg.graph.views import View
from kg.limits import check_room
from kg.model import Term
from kg.owned import make_folder, remove_folder
from kg.project import Project
from kg.vocab import RDF, iri

__all__ = ["build"]


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
    inputs = {"digest": digest, **chosen}
    with keeping(project.state):
        made = make_folder(project.state, "build-", KIND)
        try:
            corpus, queries = _checked(project, progress)
            if alignments:
                take_up_alignments(corpus)
            _write(corpus, queries, made, reasoner, progress, inputs, engine)
            seal(made)
            remember_listing(project, listing, digest)
            snapshot = publish(project, made, key)
        except BaseException:
            remove_folder(made, KIND)
            raise
    for path in sweep_builds(project):
        progress(f"note: {path} is left alone: no build of this version and this user is in it")
    return snapshot


def _checked(project: Project, progress: Progress) -> tuple[Corpus, dict[str, SavedQuery]]:
    """What the files say, where nothing is wrong with them. Raises InputError with every error."""
    progress("checking")
    _refuse_errors(check(project))
    progress("reading")
    corpus = read_corpus(project)
    queries, problems = read_saved_queries(project)
    # A file may have changed since it was checked.
    _refuse_errors(corpus.problems + problems)
    return corpus, queries


def _key(*parts: str) -> str:
    """What stands for an input and the way in which it is built, at the head of a folder's name."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _refuse_errors(problems: Iterable[Problem]) -> None:
    if errors := [problem for problem in problems if problem.severity == "error"]:
        raise InputError(errors)


def _write(
    corpus: Corpus,
    queries: Mapping[str, SavedQuery],
    folder: Path,
    reasoner: str,
    progress: Progress,
    inputs: dict[str, Any],
    engine: str,
) -> None:
    """Write everything of a snapshot into a folder that nobody reads yet; the index comes last."""
    import pyoxigraph

    progress("reasoning")
    program = compiled(corpus)
    known = ground(corpus, program, engine)
    view = materialise(corpus, View(), known, lambda: program, reasoner)
    progress("indexing")
    check_room()
    summaries = {rule.name: rule.summary or rule.name for rule in project_rules(corpus.project)}
    about = {"program": program.dumps(), "rule_summaries": summaries}
    with closing(write_index(folder / FILE, view, queries)) as connection, connection:
        index = Index(connection)
        found = {"inconsistencies": _contradictions(index), "contested_terms": contested_terms(index, corpus.project)}
        progress("storing")
        store = pyoxigraph.Store(str(folder / "store"))
        (folder / "units").mkdir()
        made = write_units(view, queries, folder / "units", store, index.facts_digest())
        for unit in made if inputs["named_graphs"] else ():
            if unit.file:
                store.bulk_load(path=str(folder / "units" / unit.file), format=pyoxigraph.RdfFormat.N_QUADS)
        store.optimize()
        store.flush()
        del store
        write_meta(connection, {**inputs, **_meta(view, made, reasoner), **about, **found})


def _meta(view: Materialised, made: list[Unit], reasoner: str) -> dict[str, Any]:
    corpus = view.corpus
    total = hashlib.sha256("".join(f"{unit.name} {unit.sha256}\n" for unit in made).encode()).hexdigest()
    return {
        "made_by": made_by(),
        "version": total[:12],
        "ontology_version": ontology_version(corpus),
        "reasoner": reasoner,
        "units": {unit.name: {"file": unit.file, "quads": unit.quads, "sha256": unit.sha256} for unit in made},
        "documents": {slug: citation(document) for slug, document in corpus.documents.items()},
        "claims": len(corpus.claims),
        "facts": len(view.stated),
        "inferred": sum(1 for _ in view.inferred()),
    }


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
