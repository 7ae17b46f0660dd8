"""A project as the checks see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from kg.checks.coverage import TermCoverage, term_coverage
from kg.checks.entities import Entities
from kg.checks.schema import Schema
from kg.checks.terms import Uses
from kg.checks.verdict import Verdict
from kg.corpus.anchors import Texts
from kg.corpus.passages import Passages, read_passages
from kg.corpus.read import Corpus
from kg.corpus.turtle import ParsedFile
from kg.errors import Problem
from kg.model import Term
from kg.project import Project
from kg.sparql.analysis import named_terms

__all__ = ["Inspection"]


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
            "queries": Counter(self._named(queries=True)),
            "rules": Counter(self._named(queries=False)),
            "shapes": Counter(t for parsed in self.shape_files for triple, _g, _l in parsed.quads for t in triple),
        }
        for verdict in self.verdicts.values():
            uses["claims"].update(verdict.terms)
        return term_coverage(self.schema, uses)

    def _named(self, *, queries: bool) -> Iterator[Term]:
        for file, text in self.queries.items():
            if file.startswith("queries/") == queries:
                yield from named_terms(text)
