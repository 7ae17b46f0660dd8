"""A project as the checks see it, and what it covers: the sentences of each document, and the uses of each term."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kg.checks.document_checks import Verdict
from kg.checks.entity_checks import Entities
from kg.checks.schema import TYPE, Schema, ancestors, kind_of, name_of
from kg.checks.terms import Uses
from kg.corpus.anchors import Texts
from kg.corpus.passages import REASONS, Passages, read_passages
from kg.corpus.read import Corpus
from kg.corpus.turtle import ParsedFile
from kg.errors import Problem
from kg.model import Term
from kg.project import Project
from kg.sparql.analysis import named_terms
from kg.vocab import OWL, RDF, iri

__all__ = [
    "COLUMNS",
    "DocumentCoverage",
    "Inspection",
    "TermCoverage",
    "document_coverage",
    "term_coverage",
    "used_terms",
]

_CHAIN, _INVERSE, _FIRST = iri(OWL + "propertyChainAxiom"), iri(OWL + "inverseOf"), iri(RDF + "first")
#: Where a term can be used, in the order of the matrix.
COLUMNS = ("axioms", "entities", "claims", "queries", "rules", "shapes")


@dataclass(frozen=True, slots=True)
class DocumentCoverage:
    """How many sentences a document has, how many are mapped, how many set aside and why, and which are neither."""

    slug: str
    sentences: int
    claims: int
    mapped: int
    set_aside: dict[str, int]
    neither: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermCoverage:
    """How often a term is used in each of COLUMNS; ``kind`` is class, property or individual."""

    term: Term
    kind: str
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The term as people write it."""
        return name_of(self.term)


def document_coverage(verdict: Verdict, passages: Passages | None, slug: str) -> DocumentCoverage:
    """The coverage of one document; without a passages file it has no known sentence."""
    anchors = passages.anchors if passages else {}
    mapped = set(verdict.mapped)
    reasons = Counter(a.reason for a in anchors.values() if a.reason and a.place not in mapped)
    return DocumentCoverage(
        slug,
        len(anchors),
        len(verdict.claims),
        len(mapped & set(anchors)),
        {reason: reasons.get(reason, 0) for reason in REASONS},
        tuple(a.place for a in anchors.values() if not a.reason and a.place not in mapped),
    )


def used_terms(schema: Schema, coverage: list[TermCoverage]) -> set[Term]:
    """The terms that something uses, and those that reasoning will then use.

    That is: what stands above them, their inverses, what a chain of them concludes; of the ontology's own
    sentences, the individuals and properties that they are made with, and the classes of those individuals.
    """
    leads: dict[Term, set[Term]] = defaultdict(set)
    used = {row.term for row in coverage if any(row.counts[c] for c in COLUMNS if c != "axioms")}
    chains = {}
    for subject, predicate, value in schema.triples:
        used.add(predicate)
        if predicate == _INVERSE:
            leads[subject].add(value)
            leads[value].add(subject)
        elif predicate == _CHAIN:
            chains[value] = subject
        elif predicate == TYPE and kind_of(schema, subject) == "individual":
            leads[subject].add(value)
        elif kind_of(schema, value) == "individual":
            used.add(value)
    for subject, predicate, value in schema.triples:
        if predicate == _FIRST and subject in chains:
            leads[value].add(chains[subject])
    for term in [*schema.above]:
        leads[term] |= schema.up(term)
    return {reached for term in used for reached in ancestors(term, leads)}


def term_coverage(schema: Schema, uses: Mapping[str, Counter[Term]]) -> list[TermCoverage]:
    """Every term of the ontology with its uses; ``uses`` counts them by column."""
    rows = []
    for term in schema.of_kind(*{t for types in schema.types.values() for t in types}):
        rows.append(TermCoverage(term, kind_of(schema, term), {column: uses[column][term] for column in COLUMNS}))
    return rows


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
