"""``kg build``: read, check, take the default view, reason, store."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.build.archive import keep_corpus
from kg.build.ground import ground
from kg.build.materialise import Materialised, compiled, materialise, project_rules
from kg.build.snapshot import Progress, Snapshot, made_by, publish, sweep
from kg.build.units import Unit, citation, ontology_version, units
from kg.corpus.alignments import take_up_alignments
from kg.corpus.read import Corpus, read_corpus
from kg.corpus.saved import SavedQuery, read_saved_queries
from kg.errors import InputError
from kg.labels import collect_names, people
from kg.lookup import name_index
from kg.model import Term
from kg.project import Project
from kg.views import View
from kg.vocab import RDF, iri

__all__ = ["build"]


def build(
    project: Project,
    reasoner: str = "native",
    progress: Progress = lambda _step: None,
    *,
    force: bool = False,
    alignments: bool = False,
) -> Snapshot:
    """Build the store of a project and make it current.

    With ``alignments``, what the mappings to other vocabularies entail is inferred too.

    ``progress`` is told each step in words. Raises InputError with every problem of every file; the store that
    was current stays so.
    """
    listing = project.listing()
    digest = project.digest()
    name = hashlib.sha256(
        json.dumps([digest, made_by(), reasoner, *["alignments"][: int(alignments)]]).encode()
    ).hexdigest()[:16]
    known = project.state / "builds" / name
    if not force and (known / "meta.json").is_file():
        progress("unchanged")
        _remember_listing(known, listing)
        return publish(project, known, name)
    progress("reading")
    corpus = read_corpus(project)
    queries, problems = read_saved_queries(project)
    problems = corpus.problems + problems
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InputError(errors)
    if alignments:
        take_up_alignments(corpus)
    project.state.mkdir(parents=True, exist_ok=True)
    inputs = {"digest": digest, "listing": listing, "alignments": alignments}
    made = Path(tempfile.mkdtemp(prefix="build-", dir=project.state))
    try:
        _write(corpus, queries, made, reasoner, progress, inputs)
        if force:
            shutil.rmtree(known, ignore_errors=True)
        snapshot = publish(project, made, name)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    sweep(project)
    return snapshot


def _write(
    corpus: Corpus,
    queries: Mapping[str, SavedQuery],
    folder: Path,
    reasoner: str,
    progress: Progress,
    inputs: dict[str, Any],
) -> None:
    """Write everything of a snapshot into a folder that nobody reads yet; ``meta.json`` comes last."""
    import pyoxigraph

    progress("reasoning")
    program = compiled(corpus)
    known = ground(corpus, program)
    view = materialise(corpus, View(), known, lambda: program, reasoner)
    progress("storing")
    store = pyoxigraph.Store(str(folder / "store"))
    (folder / "units").mkdir()
    made: list[Unit] = []
    for unit in units(view, queries):
        path = folder / "units" / unit.file
        path.write_text("".join(unit.lines), encoding="utf-8")
        store.bulk_load(path=str(path), format=pyoxigraph.RdfFormat.N_QUADS)
        made.append(unit)
    store.optimize()
    store.flush()
    del store
    keep_corpus(corpus, folder)
    _dump(folder / "queries.json", [query.as_json() for query in queries.values()])
    names = collect_names(corpus)
    _dump(folder / "labels.json", names)
    _dump(folder / "index.json", name_index(names, people(corpus)))
    _dump(folder / "rules.json", {rule.name: rule.summary or rule.name for rule in project_rules(corpus.project)})
    _dump(folder / "ground.json", known.as_json())
    (folder / "program.json").write_text(program.dumps(), encoding="utf-8")
    _dump(folder / "meta.json", {**inputs, **_meta(view, made, reasoner)})


def _meta(view: Materialised, made: list[Unit], reasoner: str) -> dict[str, Any]:
    corpus = view.corpus
    total = hashlib.sha256("".join(f"{unit.name} {unit.sha256}\n" for unit in made).encode()).hexdigest()
    return {
        "made_by": made_by(),
        "version": total[:12],
        "ontology_version": ontology_version(corpus),
        "reasoner": reasoner,
        "units": {unit.name: {"file": unit.file, "quads": len(unit.lines), "sha256": unit.sha256} for unit in made},
        "documents": {slug: citation(document) for slug, document in corpus.documents.items()},
        "claims": len(corpus.claims),
        "facts": len(view.stated),
        "inferred": sum(1 for _ in view.inferred()),
        "inconsistencies": len(view.closure.inconsistencies),
        "contested_terms": contested_terms(view),
    }


def contested_terms(view: Materialised) -> list[Term]:
    """The predicates (of types, the classes) of what would hold if contested claims were taken as facts."""
    wider = materialise(view.corpus, View(accept="contested"), view.ground, view.load_program)
    more = {*wider.stated, *wider.inferred()} - {*view.stated, *view.inferred()}
    return sorted({o if p == iri(RDF + "type") else p for _s, p, o in more})


def _dump(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _remember_listing(folder: Path, listing: dict[str, tuple[int, int]]) -> None:
    """Keep the new times of change, so that the next look needs no hashing."""
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    made = folder / f"meta.{os.getpid()}"
    _dump(made, {**meta, "listing": listing})
    made.replace(folder / "meta.json")
