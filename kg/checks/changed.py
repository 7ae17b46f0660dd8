"""Check only documents that have changed, and things whose claims have changed; reuse the other results.

The results are plain JSON in ``checks/`` beside the project's builds. A hash of all their inputs names each file; if
files are lost, the next check only takes longer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from kg.checks.document_checks import Reading, Verdict, check_document, problem_from
from kg.checks.inspection import Inspection
from kg.checks.shape_checks import ShapeUnit, targets, validate
from kg.checks.terms import TYPE
from kg.corpus.documents import read_document
from kg.corpus.turtle import parse_file
from kg.errors import InputError, Place, Problem
from kg.model import Term, Triple
from kg.owned import mark_folder, read_file, remove_files, replace_file
from kg.parallel import in_parallel
from kg.vocab import kg

#: Problems of reading that shapes find too, with the properties that they are about.
_TELLS: Mapping[str, tuple[Term, ...]] = {
    "KG203": (kg("passage"),),
    "KG204": (kg("gloss"),),
    "KG206": (kg("modality"),),
    "KG209": (kg("polarity"),),
    "KG211": (kg("published"),),
    "KG220": (kg("fromClaim"), kg("toClaim"), kg("relation"), kg("why")),
}


#: So many documents are validated in one graph, and checked by one process at a time.
_TOGETHER = 16


class Changed:
    """Checks the documents, those that have changed, and the things that they speak of, against the shapes."""

    def __init__(self, seen: Inspection, cache: Cache, shapes: bool) -> None:
        self.seen, self.cache = seen, cache
        files = seen.shape_files if shapes else []
        self.shapes: dict[str, list[Triple]] = {f.name: [t for t, _g, _l in f.quads] for f in files}
        self.shaped = targets(triple for triples in self.shapes.values() for triple in triples)
        project = seen.project
        paths = project.files("ontology", suffix=".ttl")
        self.ground = digest_of(code_digest(), str(shapes), project.base, *(p.read_bytes() for p in paths))
        self.units: list[ShapeUnit] = []

    def run(self) -> None:
        """Fill in the verdicts and their problems."""
        project = self.seen.project
        paths = [*project.files("corpus/documents", suffix=".trig")]
        keys = {path: self._key(path) for path in paths}
        found = {path: self._kept(key) for path, key in keys.items()}
        new = [path for path, verdict in found.items() if verdict is None]
        #: What is wrong with the shapes themselves: then nothing is kept.
        faults: dict[Problem, None] = {}
        parts = [new[n : n + _TOGETHER] for n in range(0, len(new), _TOGETHER)]
        for verdicts, wrong in in_parallel(self._checked, parts):
            faults |= dict.fromkeys(wrong)
            for path, row in verdicts:
                found[path] = verdict = Verdict.from_json(row)
                if not wrong:
                    self.cache.put(keys[path], {"kinds": self._kinds(verdict), "verdict": row})
        self.seen.verdicts |= {path.stem: verdict for path, verdict in found.items() if verdict}
        for path in project.files("corpus/documents", suffix=".passages"):
            if path.stem not in self.seen.verdicts:
                remedy = "Write the document's .trig file, or remove this file."
                place = Place(project.relative(path))
                self.seen.found.append(
                    Problem("KG514", "the passages file has no document", place, remedy, "warning")
                )
        things = self._things()
        faults |= dict.fromkeys(self._validated([unit for _key, unit in things]))
        self.seen.found += faults
        if not faults:
            self._keep_things(things)
        for verdict in self.seen.verdicts.values():
            self.seen.found += verdict.problems

    def _key(self, path: Path) -> str:
        """A digest of a document's files and of everything that they are checked against."""
        anchors = path.with_suffix(".passages")
        content = anchors.read_bytes() if anchors.is_file() else b""
        return digest_of(self.ground, self.seen.project.relative(path), path.read_bytes(), content)

    def _kept(self, key: str) -> Verdict | None:
        """The verdict that was kept, unless the kinds of what the document names are others now."""
        kept = self.cache.get(key)
        verdict = Verdict.from_json(kept["verdict"]) if kept is not None else None
        return verdict if verdict and self._kinds(verdict) == kept["kinds"] else None

    def _checked(self, paths: list[Path]) -> tuple[list[tuple[Path, dict[str, Any]]], tuple[Problem, ...]]:
        """The verdicts on some documents, as plain data, and what is wrong with the shapes.

        The documents are validated together; nothing else of them is left in memory.
        """
        waiting = [(path, *self._document(path)) for path in paths]
        wrong = self._validated([unit for _path, _verdict, unit in waiting])
        for _path, verdict, unit in waiting:
            verdict.problems += unit.problems
        return [(path, verdict.as_json()) for path, verdict, _unit in waiting], wrong

    def _validated(self, units: list[ShapeUnit]) -> tuple[Problem, ...]:
        """Validate units against the shapes; gives what is wrong with these."""
        try:
            validate(units, self.shapes)
        except InputError as error:
            return error.problems
        return ()

    def _document(self, path: Path) -> tuple[Verdict, ShapeUnit]:
        seen, slug = self.seen, path.stem
        name = seen.project.relative(path)
        parsed = parse_file(path, name)
        document, claims, links, problems = read_document(parsed, slug, seen.project)
        # After a syntax error the rest of the file is missing: what follows from that would only mislead.
        problems = [parsed.problem] if parsed.problem else problems
        passages = seen.passages(slug)
        problems += passages.problems if passages else []
        reading = Reading(parsed, slug, document, claims, links, problems, passages)
        verdict = check_document(reading, seen.uses, seen.project, self.shaped)
        rows = {t: Place(name, line) for t, graph, line in reversed(parsed.quads) if graph is None}
        told = {(p.place.line, term) for p in problems if p.place for term in _TELLS.get(p.code, ())}
        return verdict, ShapeUnit(seen.project.iri("document", slug), rows, (), Place(name), told)

    def _kinds(self, verdict: Verdict) -> str:
        """A digest of the types of every entity that a document names."""
        types = self.seen.entities.types
        return digest_of(json.dumps([[entity, sorted(types.get(entity, ()))] for entity in verdict.uses]))

    def _things(self) -> list[tuple[str, ShapeUnit]]:
        """The things whose kinds shapes describe, as units with all statements about them, where that is new."""
        schema, entities = self.seen.schema, self.seen.entities
        if not self.shaped:
            return []
        kept = self.cache.get("things") or {}
        about: dict[Term, dict[Triple, Place]] = {}
        for verdict in self.seen.verdicts.values():
            for triple, line in verdict.about:
                for end in {triple[0], triple[2]}:
                    about.setdefault(end, {})[triple] = Place(verdict.file, line)
        units = []
        self._verdicts: dict[str, list[Problem]] = {}
        for entity, types in entities.types.items():
            kinds = schema.all_types(types)
            if not kinds & self.shaped:
                continue
            rows = about.get(entity, {})
            context = [(entity, TYPE, kind) for kind in kinds]
            key = digest_of(
                self.ground, json.dumps([sorted(context), sorted((row, str(place)) for row, place in rows.items())])
            )
            unit = ShapeUnit(entity, rows, context, entities.places[entity])
            if key in kept:
                unit.problems = [problem_from(row) for row in kept[key]]
                self._settled(key, unit)
            else:
                units.append((key, unit))
        return units

    def _settled(self, key: str, unit: ShapeUnit) -> None:
        self._verdicts[key] = unit.problems
        self.seen.found += unit.problems

    def _keep_things(self, units: list[tuple[str, ShapeUnit]]) -> None:
        if not self.shaped:
            return
        for key, unit in units:
            self._settled(key, unit)
        if units:
            self.cache.put("things", self._verdicts)


#: The kind of folder that verdicts are kept in (see ``kg.owned``).
_KIND = "verdicts"


def digest_of(*parts: bytes | str) -> str:
    """SHA-256 over parts, each with its length, so that no two lists of parts agree by chance."""
    total = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        total.update(f"{len(content)}:".encode())
        total.update(content)
    return total.hexdigest()


class Cache:
    """Keeps verdicts in a folder; one that cannot be read or written is passed over.

    ``left_alone`` is the folder, where it is not this tool's own.
    """

    def __init__(self, folder: Path | None) -> None:
        self.left_alone: Path | None = None
        self._folder = folder
        self._used: set[str] = set()
        try:
            if self._folder and not mark_folder(self._folder, _KIND):
                self._folder, self.left_alone = None, self._folder
        except OSError:
            self._folder = None  # a read-only place: the next check takes its time again

    def get(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """The cached value of a name, or None."""
        self._used.add(name)
        if self._folder is None:
            return None
        try:
            digest, _, content = read_file(self._folder / f"{name}.json").partition(b"\n")
        except OSError:
            return None
        return json.loads(content) if digest == _sealed(content) else None

    def put(self, name: str, value: object) -> None:
        """Keep a value; done in one step, so that two checks at once do no harm."""
        self._used.add(name)
        if self._folder is None:
            return
        content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        with suppress(OSError):
            replace_file(self._folder, f"{name}.json", _sealed(content) + b"\n" + content, _KIND)

    def sweep(self) -> None:
        """Remove what this run neither read nor wrote."""
        if self._folder is not None:
            remove_files(self._folder, ".json", self._used, _KIND)


def _sealed(content: bytes) -> bytes:
    """What stands before a kept value, so that a damaged one is not read."""
    return digest_of(content).encode()


@cache
def code_digest() -> str:
    """A hash of the modules that verdicts come from: a change of theirs is a change of the verdicts."""
    package = Path(__file__).parent.parent
    modules = [
        path for name in ("checks", "corpus", "reasoner", "sparql") for path in sorted((package / name).glob("*.py"))
    ]
    return digest_of(*(path.read_bytes() for path in (*modules, package / "dates.py", package / "vocab.py")))
