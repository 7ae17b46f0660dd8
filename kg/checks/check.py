"""``kg check``: every problem of every file, together.

What depends on one document alone is kept until the document, the ontology, the shapes or the kinds of the
entities in it change; what depends on all of them is worked out each time from what is kept.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kg.checks.cache import Cache, code_digest, digest_of
from kg.checks.coverage import TermCoverage, term_coverage, used_terms
from kg.checks.documents import Reading, check_document
from kg.checks.entities import Entities, check_entities, contested_kinds, languages, read_entities, unused
from kg.checks.exceptions import Exemption, apply, read_exemptions
from kg.checks.ontology import ontology_problems
from kg.checks.profile import profile_problems
from kg.checks.queries import query_problems, query_terms
from kg.checks.satisfiable import unsatisfiable
from kg.checks.schema import TYPE, Schema, schema_of
from kg.checks.shapes import Unit, targets, validate
from kg.checks.terms import Uses
from kg.checks.texts import text_problems
from kg.checks.verdict import Verdict, problem_from, problem_row
from kg.corpus.anchors import Texts
from kg.corpus.documents import read_document
from kg.corpus.passages import Passages, read_passages
from kg.corpus.read import Corpus, read_foundation
from kg.corpus.saved import read_saved_queries
from kg.corpus.turtle import ParsedFile, parse_file
from kg.errors import Place, Problem
from kg.model import Term, Triple
from kg.project import Project
from kg.vocab import RDFS, SKOS, iri, kg

__all__ = ["Inspection", "check", "inspect"]


def check(project: Project, texts: Path | None = None, *, shapes: bool = True, keep: bool = True) -> list[Problem]:
    """Every problem of every file of a project, sorted by file and line; warnings among them.

    With ``texts``, a folder of text files, also whether the passages are where they were and whether our words
    are ours. ``shapes`` runs the SHACL shapes; ``keep`` lets verdicts be kept for the next time. Nothing is raised
    for what is wrong with the project's files; UsageError when ``texts`` is no folder.
    """
    return inspect(project, texts, shapes=shapes, keep=keep).problems


@dataclass
class Inspection:
    """A project as the checks saw it: its schema, entities, a verdict a document, and all problems, sorted."""

    project: Project
    foundation: Corpus
    schema: Schema
    entities: Entities
    uses: Uses
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    found: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    texts: Texts | None = None
    shape_files: list[ParsedFile] = field(default_factory=list)
    queries: dict[str, str] = field(default_factory=dict)

    def passages(self, slug: str) -> Passages | None:
        """The passages of a document, where it has a file of them."""
        path = self.project.root / "corpus" / "documents" / f"{slug}.passages"
        return read_passages(path, self.project.relative(path)) if path.is_file() else None

    @cached_property
    def terms(self) -> list[TermCoverage]:
        """Every term of the ontology, and how often each kind of file uses it."""
        uses: dict[str, Counter[Term]] = {
            "axioms": Counter(t for triple in self.schema.triples for t in triple[1:]),
            "entities": Counter(t for triple in self.entities.triples for t in triple),
            "claims": Counter(),
            "queries": Counter(t for n, text in self.queries.items() if _is_query(n) for t in query_terms(text).lines),
            "rules": Counter(t for n, text in self.queries.items() if not _is_query(n) for t in query_terms(text).lines),
            "shapes": Counter(t for parsed in self.shape_files for triple, _g, _l in parsed.quads for t in triple),
        }
        for verdict in self.verdicts.values():
            uses["claims"].update(verdict.terms)
        return term_coverage(self.schema, uses)


def _is_query(file: str) -> bool:
    return file.startswith("queries/")


def inspect(project: Project, texts: Path | None = None, *, shapes: bool = True, keep: bool = True) -> Inspection:
    """Check a project; see ``check``."""
    foundation = read_foundation(project)
    schema = schema_of(foundation.ontology)
    entities = read_entities(foundation.entities)

    def types(term: Term) -> set[Term]:
        return entities.types.get(term) or schema.types.get(term, set())

    uses = Uses(schema, types, project.iri("id", "")[:-1], entities.suggest)
    seen = Inspection(project, foundation, schema, entities, uses)
    seen.found += foundation.problems
    seen.shape_files = [parse_file(p, project.relative(p)) for p in project.files("ontology/shapes")]
    seen.queries = {
        project.relative(p): p.read_text(encoding="utf-8", errors="replace")
        for p in project.files("ontology/rules", "queries")
        if p.suffix == ".rq"
    }
    work = _Documents(seen, Cache(project.state / "checks" if keep else None), shapes)
    work.run()
    seen.found += _whole(seen)
    if texts is not None:
        seen.texts, problems = text_problems(project, texts, _literals(seen), _names(seen))
        seen.found += problems
    seen.problems = sorted(set(apply(seen.found, _exemptions(project))), key=_order)
    return seen


def _order(problem: Problem) -> tuple[str, int, str, str]:
    place = problem.place or Place("")
    return place.file, place.line or 0, problem.code, problem.message


def _whole(seen: Inspection) -> Iterator[Problem]:
    """The checks of ontology, entities and queries, and those of all documents together."""
    project, schema = seen.project, seen.schema
    wanted = languages(schema)
    yield from ontology_problems(schema, seen.uses, wanted)
    yield from profile_problems(schema)
    yield from unsatisfiable(schema)
    entity_files = [f for f in seen.foundation.files if f.name.startswith("corpus/entities/")]
    yield from check_entities(seen.entities, entity_files, seen.uses, project, wanted)
    yield from contested_kinds(seen.entities, schema, seen.verdicts.values())
    for parsed in seen.shape_files:
        if parsed.problem:
            yield parsed.problem
        triples = ((triple, parsed.place(line)) for triple, _graph, line in parsed.quads)
        yield from (p for p in seen.uses.problems(triples) if p.code in ("KG401", "KG408"))
    yield from read_saved_queries(project)[1]
    for file, text in seen.queries.items():
        yield from query_problems(text, file, seen.uses)
    yield from unused(seen.entities, _spoken_of(seen))
    yield from _between(seen)
    used = used_terms(schema, seen.terms)
    for row in seen.terms:
        if row.term not in used:
            remedy = "Use it, deprecate it, or say why it stays: `#: KG439 why` above it."
            message = f"no claim, entity, query, rule or shape uses {row.name}, nor a term below it"
            yield Problem("KG439", message, schema.places[row.term], remedy, "warning")


def _spoken_of(seen: Inspection) -> Iterator[Term]:
    for verdict in seen.verdicts.values():
        yield from verdict.uses
    for triple in seen.schema.triples:
        yield from triple
    for text in seen.queries.values():
        yield from query_terms(text).lines


def _between(seen: Inspection) -> Iterator[Problem]:
    """Claims in two files, and links to claims that there are not."""
    owner: dict[Term, Place] = {}
    for verdict in seen.verdicts.values():
        for claim, line in verdict.claims.items():
            here = Place(verdict.file, line)
            first = owner.setdefault(claim, here)
            if first is not here:
                remedy = "A claim stands in one file: rename one of them."
                yield Problem("KG213", f"{claim} is already described in {first}", here, remedy)
    for verdict in seen.verdicts.values():
        for source, target, line in verdict.links:
            for end in (source, target):
                if end not in owner:
                    remedy = "A link joins two claims of the corpus."
                    message = f"the link names {end}, which is no claim"
                    yield Problem("KG221", message, Place(verdict.file, line), remedy)


def _exemptions(project: Project) -> dict[str, list[Exemption]]:
    found = {}
    for path in project.files():
        content = path.read_bytes()
        if b"#:" in content:
            file = project.relative(path)
            if rows := read_exemptions(content.decode("utf-8", "replace"), file):
                found[file] = rows
    return found


def _literals(seen: Inspection) -> Iterator[tuple[Triple, Place]]:
    """Every literal of ours: of the ontology, the entities, and what documents' files say of claims."""
    yield from seen.schema.triples.items()
    yield from ((t, p) for t, p in seen.entities.triples.items() if t[1] not in _NAMING)
    for path in seen.project.files("corpus/documents"):
        if path.suffix == ".trig":
            parsed = parse_file(path, seen.project.relative(path))
            yield from ((triple, parsed.place(line)) for triple, _graph, line in parsed.quads)


_NAMING = {iri(RDFS + "label"), iri(SKOS + "altLabel"), kg("iso3166")}


def _names(seen: Inspection) -> Iterator[str]:
    from kg.corpus.documents import text_of

    for _subject, predicate, value in seen.entities.triples:
        if predicate in _NAMING:
            yield text_of(value)


class _Documents:
    """Checks the documents, those that have changed, and the things that they speak of, against the shapes."""

    def __init__(self, seen: Inspection, cache: Cache, shapes: bool) -> None:
        self.seen, self.cache = seen, cache
        self.shapes: list[Triple] = [t for f in seen.shape_files for t, _g, _l in f.quads] if shapes else []
        self.shaped = targets(self.shapes)
        project = seen.project
        files = [p for p in project.files("ontology") if p.suffix == ".ttl"]
        self.ground = digest_of(code_digest(), str(shapes), project.base, *(p.read_bytes() for p in files))
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
        validate([unit for _key, _verdict, unit in waiting] + [unit for _key, unit in things], self.shapes)
        for key, verdict, unit in waiting:
            said = {(p.place.line) for p in verdict.problems if p.place and p.code.startswith("KG2")}
            verdict.problems += [p for p in unit.problems if not p.place or p.place.line not in said]
            self.cache.put(key, {"kinds": self._kinds(verdict), "verdict": verdict.as_json()})
        for verdict in self.seen.verdicts.values():
            self.seen.found += verdict.problems
        self._keep_things(things)
        self.cache.sweep()

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
        waiting.append((key, verdict, Unit(seen.project.iri("document", slug), rows, (), Place(name))))

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
            key = digest_of(self.ground, json.dumps([sorted(context), sorted((row, str(place)) for row, place in rows.items())]))
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
