"""What was worked out for a revision, kept: a revision never changes, so the next comparison starts from here.

A folder ``.kg/sides/<digest>/`` holds the corpus, the ground program, periods and support as JSON, the answers that
were asked for, and the query graph as an Oxigraph store. The digest is one of the revision's files and of this
package's; a folder is written apart and named in one step, and never changes, but for answers that are added. To lose
it costs time only.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple
from functools import cache
from pathlib import Path
from typing import Any

from kg.checks.cache import digest_of
from kg.compare.archive import keep_corpus, kept_corpus
from kg.compare.disk import DiskStore, sweep_copies, sweep_unfinished
from kg.compare.onward import Settled, Stated
from kg.compare.state import State
from kg.corpus.saved import SavedQuery
from kg.dates import Period
from kg.graph.ground import Ground
from kg.graph.materialise import materialise, project_rules
from kg.graph.snapshot import Snapshot, made_by
from kg.model import Triple
from kg.project import Project
from kg.queries.answer import Answer

__all__ = ["keep_answers", "keeping", "kept", "key_of"]

_UNFINISHED = "making-"
#: So many revisions are kept; those not used for longest go.
_SIDES = 2


def key_of(listing: bytes) -> str:
    """The name of what is kept of the files that a listing of git names with their contents' hashes."""
    return digest_of(listing, made_by(), _code())[:32]


@cache
def _code() -> str:
    package = Path(__file__).parent.parent
    return digest_of(*(path.read_bytes() for path in sorted(package.rglob("*.py"))))


def kept(project: Project, key: str, name: str) -> State | None:
    """The state that was kept, where the ontology and the rules are those of the project; None when there is none."""
    folder = project.state / "sides" / key
    try:
        digests = _load(folder, "digests")
        if any(digests.get(file) != digest for file, digest in _terms_of(project).items()):
            return None
        if {file for file in digests if file.startswith("ontology/")} != _terms_of(project).keys():
            return None
        state = _state(project, folder, name)
        os.utime(folder)
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        # Not there, not whole, or of another form: it is worked out again.
        return None
    return state


@contextmanager
def keeping(state: State, key: str, project: Project) -> Iterator[None]:
    """Keep a state that is compared inside, where the comparison needs its store; a read-only place keeps nothing."""
    folder = project.state / "sides" / key
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder.parent))
    except OSError:
        yield
        return
    state.disk = DiskStore(made / "store", project.state)
    try:
        yield
        if state.disk.folder.exists():
            with suppress(OSError):
                _write(state, made)
                made.rename(folder)
                _sweep(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def keep_answers(state: State, key: str, project: Project) -> None:
    """Keep the answers that were asked of a state that was kept before."""
    folder = project.state / "sides" / key
    with suppress(OSError):
        _dump_whole(folder, "answers", {name: _answer_row(given) for name, given in state.given.items()})
        _sweep(folder)


def _terms_of(project: Project) -> dict[str, str]:
    from hashlib import sha256

    return {project.relative(path): sha256(path.read_bytes()).hexdigest() for path in project.files("ontology")}


# -- reading


def _state(project: Project, folder: Path, name: str) -> State:
    from kg.reasoner import Program

    corpus = kept_corpus(folder, project)
    corpus.digests = _load(folder, "digests")
    saved = {row["name"]: SavedQuery.from_json(row) for row in _load(folder, "queries")}
    state = State(project, Snapshot(project.state), name=name, read=corpus, saved=saved, sound=saved)
    state.rule_texts = {path.name: path.read_text(encoding="utf-8") for path in project.files("ontology/rules")}
    state.load_rules = lambda: project_rules(project)
    state.rule_summaries = _load(folder, "rules")
    state.program = program = Program.loads((folder / "program.json").read_text(encoding="utf-8"))
    state.ground = known = Ground.from_json(_load(folder, "ground"))
    rows = _load(folder, "settled")
    state.settled = settled = _settled(state, rows)
    state.affirmed = set(map(_numbered(state, rows), rows["affirmed"]))
    state.materialised = view = materialise(corpus, state.view, known, lambda: program)
    view.periods, view.support = settled.periods, settled.support
    view.__dict__["stated"] = Stated(settled.said_by, corpus.claims)
    state.inconsistencies = [(rule, _triples(premises)) for rule, premises in _load(folder, "conflicts")]
    state.given = {q: _answer(state, q, row) for q, row in _load(folder, "answers").items() if q in saved}
    state.questions = _load(folder, "questions")
    state.disk = DiskStore(folder / "store", project.state)
    state.disk.folder.stat()
    return state


def _settled(state: State, data: dict[str, Any]) -> Settled:
    triple = _numbered(state, data)
    periods = [tuple(Period(*row) for row in rows) for rows in data["times"]]
    groups = [frozenset(rows) for rows in data["groups"]]

    timeless = frozenset((*state.read.ontology, *state.read.entities))
    return Settled(
        {triple(n): periods[k] for n, k in data["stated"]},
        {triple(n): groups[k] for n, k in data["said_by"]},
        timeless,
        {triple(n) for n in data["always"]},
        {triple(n): periods[k] for n, k in data["periods"]},
        {triple(n): groups[k] for n, k in data["support"]},
    )


def _numbered(state: State, data: dict[str, Any]) -> Callable[[int], Triple]:
    """What a number stands for: a triple of the rule instances, or one that is in none of them."""
    triples = state.ground.instances.triples
    more = _triples(data["more"])
    return lambda number: triples[number] if number >= 0 else more[-number - 1]


# -- writing


def _write(state: State, folder: Path) -> None:
    """Write all of a state but its store, which is waited for."""
    keep_corpus(state.read, folder)
    _dump(folder, "digests", state.read.digests)
    _dump(folder, "queries", [query.as_json() for query in state.saved.values()])
    (folder / "program.json").write_text(state.program.dumps(), encoding="utf-8")
    _dump(folder, "ground", state.ground.as_json())
    _dump(folder, "settled", _settled_rows(state))
    _dump(folder, "conflicts", state.inconsistencies)
    _dump(folder, "rules", state.rule_summaries)
    _dump(folder, "questions", state.questions)
    _dump(folder, "answers", {name: _answer_row(given) for name, given in state.given.items()})
    if state.disk is not None:
        state.disk.wait()


def _settled_rows(state: State) -> dict[str, Any]:
    settled, ids = state.settled, state.ground.instances.ids
    count = len(state.ground.instances.triples)
    more: dict[Triple, int] = {}
    times: dict[tuple[Period, ...], int] = {}
    groups: dict[frozenset[str], int] = {}

    def number(triple: Triple) -> int:
        found = ids.get(triple, count)
        return found if found < count else more.setdefault(triple, -len(more) - 1)

    def at(known: dict[Any, int], value: object) -> int:
        return known.setdefault(value, len(known))

    return {
        "stated": [(number(t), at(times, when)) for t, when in settled.stated.items()],
        "said_by": [(number(t), at(groups, who)) for t, who in settled.said_by.items()],
        "always": [number(t) for t in settled.always],
        "periods": [(number(t), at(times, when)) for t, when in settled.periods.items()],
        "support": [(number(t), at(groups, who)) for t, who in settled.support.items()],
        "affirmed": [number(t) for t in state.affirmed],
        "more": list(more),
        "times": [[astuple(period) for period in when] for when in times],
        "groups": [sorted(who) for who in groups],
    }


def _answer_row(given: Answer) -> list[Any]:
    return [given.text, given.form, given.columns, given.rows, given.triples, given.boolean, given.truncated]


def _answer(state: State, name: str, row: list[Any]) -> Answer:
    text, form, columns, rows, triples, boolean, truncated = row
    plain = [tuple(each) for each in rows]
    query = state.saved[name]
    return Answer(state, query, text, form, tuple(columns), plain, truncated, list(_triples(triples)), boolean)


def _sweep(used: Path) -> None:
    """Remove all but the folders used last, and what killed runs left."""
    whole = [path for path in used.parent.iterdir() if not path.name.startswith(_UNFINISHED)]
    folders = sorted(whole, key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in [each for each in folders if each != used][_SIDES - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)
    sweep_unfinished(used.parent, _UNFINISHED)
    sweep_copies(used.parent.parent)


def _triples(rows: Iterable[list[str]]) -> tuple[Triple, ...]:
    return tuple((s, p, o) for s, p, o in rows)


def _load(folder: Path, name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((folder / f"{name}.json").read_bytes())


def _dump(folder: Path, name: str, data: object) -> None:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


def _dump_whole(folder: Path, name: str, data: object) -> None:
    """Write a file of a folder that others may be reading."""
    mine = f"{name}.{os.getpid()}"
    _dump(folder, mine, data)
    (folder / f"{mine}.json").replace(folder / f"{name}.json")
