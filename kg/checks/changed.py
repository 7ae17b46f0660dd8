"""Checking the documents that have changed, and the things whose claims have; the others keep their verdicts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from kg.checks.cache import Cache, code_digest, digest_of
from kg.checks.documents import Reading, check_document
from kg.checks.inspection import Inspection
from kg.checks.schema import TYPE
from kg.checks.shapes import Unit, targets, validate
from kg.checks.verdict import Verdict, problem_from, problem_row
from kg.corpus.documents import read_document
from kg.corpus.turtle import parse_file
from kg.errors import InputError, Place, Problem
from kg.model import Term, Triple
from kg.vocab import kg

__all__ = ["Changed"]


#: Problems of reading that shapes find too, with the properties that they are about.
_TELLS: Mapping[str, tuple[Term, ...]] = {
    "KG203": (kg("passage"),),
    "KG204": (kg("gloss"),),
    "KG206": (kg("modality"),),
    "KG209": (kg("polarity"),),
    "KG211": (kg("published"),),
    "KG220": (kg("fromClaim"), kg("toClaim"), kg("relation"), kg("why")),
}


class Changed:
    """Checks the documents, those that have changed, and the things that they speak of, against the shapes."""

    def __init__(self, seen: Inspection, cache: Cache, shapes: bool) -> None:
        self.seen, self.cache = seen, cache
        files = seen.shape_files if shapes else []
        self.shapes: dict[str, list[Triple]] = {f.name: [t for t, _g, _l in f.quads] for f in files}
        self.shaped = targets(triple for triples in self.shapes.values() for triple in triples)
        project = seen.project
        paths = [p for p in project.files("ontology") if p.suffix == ".ttl"]
        self.ground = digest_of(code_digest(), str(shapes), project.base, *(p.read_bytes() for p in paths))
        self.units: list[Unit] = []

    def run(self) -> None:
        """Fill in the verdicts and their problems."""
        project = self.seen.project
        waiting: list[tuple[str, Verdict, Unit]] = []
        for path in project.files("corpus/documents"):
            if path.suffix == ".trig":
                self._document(path, waiting)
        for path in project.files("corpus/documents"):
            if path.suffix == ".passages" and path.stem not in self.seen.verdicts:
                remedy = "Write the document's .trig file, or take this one away."
                place = Place(project.relative(path))
                self.seen.found.append(Problem("KG514", "passages of no document", place, remedy, "warning"))
        things = self._things()
        try:
            validate([unit for _key, _verdict, unit in waiting] + [unit for _key, unit in things], self.shapes)
        except InputError as error:
            self.seen.found += error.problems
        else:
            for key, verdict, unit in waiting:
                verdict.problems += unit.problems
                self.cache.put(key, {"kinds": self._kinds(verdict), "verdict": verdict.as_json()})
            self._keep_things(things)
        for verdict in self.seen.verdicts.values():
            self.seen.found += verdict.problems

    def _document(self, path: Path, waiting: list[tuple[str, Verdict, Unit]]) -> None:
        seen, slug = self.seen, path.stem
        anchors = path.with_suffix(".passages")
        content = anchors.read_bytes() if anchors.is_file() else b""
        name = seen.project.relative(path)
        key = digest_of(self.ground, name, path.read_bytes(), content)
        kept = self.cache.get(key)
        if kept is not None:
            verdict = Verdict.from_json(kept["verdict"])
            if self._kinds(verdict) == kept["kinds"]:
                seen.verdicts[slug] = verdict
                return
        parsed = parse_file(path, name)
        document, claims, links, problems = read_document(parsed, slug, seen.project)
        # After a syntax error the rest of the file is missing: what follows from that would only mislead.
        problems = [parsed.problem] if parsed.problem else problems
        passages = seen.passages(slug)
        problems += passages.problems if passages else []
        reading = Reading(parsed, slug, document, claims, links, problems, passages)
        verdict = check_document(reading, seen.uses, seen.project, self.shaped)
        seen.verdicts[slug] = verdict
        rows = {t: Place(name, line) for t, graph, line in reversed(parsed.quads) if graph is None}
        told = {(p.place.line, term) for p in problems if p.place for term in _TELLS.get(p.code, ())}
        waiting.append((key, verdict, Unit(seen.project.iri("document", slug), rows, (), Place(name), told)))

    def _kinds(self, verdict: Verdict) -> str:
        """A digest of the types of every entity that a document names."""
        types = self.seen.entities.types
        return digest_of(json.dumps([[entity, sorted(types.get(entity, ()))] for entity in verdict.uses]))

    def _things(self) -> list[tuple[str, Unit]]:
        """The things whose kinds shapes describe, as units with all that is said of them, where that is new."""
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
        self._verdicts: dict[str, list[object]] = {}
        for entity, types in entities.types.items():
            kinds = schema.all_types(types)
            if not kinds & self.shaped:
                continue
            rows = about.get(entity, {})
            context = [(entity, TYPE, kind) for kind in kinds]
            key = digest_of(
                self.ground, json.dumps([sorted(context), sorted((row, str(place)) for row, place in rows.items())])
            )
            unit = Unit(entity, rows, context, entities.places[entity])
            if key in kept:
                unit.problems = [problem_from(row) for row in kept[key]]
                self._settled(key, unit)
            else:
                units.append((key, unit))
        return units

    def _settled(self, key: str, unit: Unit) -> None:
        self._verdicts[key] = [problem_row(problem) for problem in unit.problems]
        self.seen.found += unit.problems

    def _keep_things(self, units: list[tuple[str, Unit]]) -> None:
        if not self.shaped:
            return
        for key, unit in units:
            self._settled(key, unit)
        if units:
            self.cache.put("things", self._verdicts)
