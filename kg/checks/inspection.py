"""A project as the checks see it, and its coverage: sentences of documents, uses of terms, and the main actors.

A claim reaches the things in its content and in ``kg:about``, and the things to which these pertain in one step, by
``kg:pertainsTo`` or a narrower property, if an entity file, the background or a claim of a fact says so. Coverage is
measured for the actors that an entity file marks with ``kg:mainActor true``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise

from kg.checks.document_checks import Verdict
from kg.checks.entity_checks import PERTAINS, Entities, english_names
from kg.checks.terms import TYPE, Schema, Uses, ancestors, kind_of, name_of
from kg.corpus.anchors import Texts
from kg.corpus.passages import REASONS, Passages, read_passages
from kg.corpus.read import Corpus
from kg.corpus.turtle import ParsedFile
from kg.errors import Place, Problem
from kg.model import Term, text_of
from kg.project import Project
from kg.sparql.analysis import named_terms
from kg.vocab import OWL, RDF, iri, kg, local_name

_CHAIN, _INVERSE, _FIRST = iri(OWL + "propertyChainAxiom"), iri(OWL + "inverseOf"), iri(RDF + "first")
#: Where a term can be used, in the order of the matrix.
COLUMNS = ("axioms", "entities", "claims", "queries", "rules", "shapes")


@dataclass(frozen=True, slots=True)
class DocumentCoverage:
    """Counts of a document's sentences: all, mapped, set aside by reason; and the places of the others."""

    slug: str
    sentences: int
    claims: int
    mapped: int
    set_aside: dict[str, int]
    neither: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermCoverage:
    """Counts of the uses of a term in each of COLUMNS; ``kind`` is class, property or individual."""

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


#: The share of the glosses naming a main actor that must reach it.
AIM = 0.95
_MAIN = (kg("mainActor"), "true")
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_PRONOUNS = frozenset(["it", "its", "they", "them", "their", "he", "him", "his", "she", "her", "such"])
_POINTING = frozenset(["this", "these", "those"])
#: After these, a pointing word says itself what it means: those of, those who.
_DEFINING = frozenset(["of", "that", "which", "who", "whom", "with", "without"])


@dataclass(frozen=True, slots=True)
class Reach:
    """The number of glosses that name an actor, and the claims among them that do not reach it."""

    actor: Term
    naming: int
    unreached: tuple[Term, ...]

    @property
    def share(self) -> float:
        """The share of the naming claims that reach the actor; 1 when there are none."""
        return 1 - len(self.unreached) / self.naming if self.naming else 1.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A sentence that names an actor which no claim of it reaches."""

    document: str
    place: str
    actor: Term


class _Linking:
    """The main actors of a project, how they are called, and what pertains to them."""

    def __init__(self, seen: Inspection) -> None:
        self.actors = [
            subject for subject, predicate, value in seen.entities.triples if (predicate, text_of(value)) == _MAIN
        ]
        called = english_names(seen.entities)
        self._patterns = {actor: _pattern(called[actor]) for actor in self.actors if called[actor]}
        self._pertains: dict[Term, set[Term]] = defaultdict(set)
        claimed = (edge for verdict in seen.verdicts.values() for edge in verdict.edges)
        for subject, predicate, value in chain(seen.entities.triples, seen.schema.triples, claimed):
            if PERTAINS in seen.schema.up(predicate):
                self._pertains[subject].add(value)

    def named(self, text: str) -> list[Term]:
        """The main actors that a text names, by whole words."""
        return [actor for actor, pattern in self._patterns.items() if pattern.search(text)]

    def reached(self, terms: Iterable[Term]) -> set[Term]:
        """The terms and everything that they pertain to."""
        return {end for term in terms for end in (term, *self._pertains.get(term, ()))}


def reach(seen: Inspection) -> list[Reach]:
    """For each main actor, how many glosses name it and which claims do not reach it. Empty without main actors."""
    linking = _Linking(seen)
    naming: dict[Term, int] = dict.fromkeys(linking.actors, 0)
    missing: dict[Term, list[Term]] = defaultdict(list)
    for verdict in seen.verdicts.values():
        for claim, _line, gloss, terms, _places in verdict.glosses:
            reached = linking.reached(terms)
            for actor in linking.named(gloss):
                naming[actor] += 1
                if actor not in reached:
                    missing[actor].append(claim)
    return [Reach(actor, naming[actor], tuple(missing[actor])) for actor in linking.actors]


def linking_problems(seen: Inspection) -> Iterator[Problem]:
    """Claims that do not reach a main actor that their gloss names (KG418), and glosses that lean (KG419)."""
    linking = _Linking(seen)
    for verdict in seen.verdicts.values():
        for claim, line, gloss, terms, _places in verdict.glosses:
            place, name = Place(verdict.file, line), local_name(claim)
            for actor in set(linking.named(gloss)) - linking.reached(terms):
                remedy = "Link the claim to the actor, or write why not above it: `#: KG418 why`."
                message = f"the gloss of {name} names {local_name(actor)}, which the claim does not reach"
                yield Problem("KG418", message, place, remedy, "warning")
            if word := _leans_on(gloss):
                remedy = "Name the thing that the word stands for."
                yield Problem("KG419", f"the gloss of {name} depends on {word!r} elsewhere", place, remedy, "warning")


def sentence_gaps(seen: Inspection, texts: Texts) -> list[Gap]:
    """The mapped sentences that name a main actor which no claim of theirs reaches, in the documents' texts."""
    linking = _Linking(seen)
    gaps = []
    for slug, verdict in seen.verdicts.items():
        terms: dict[str, set[Term]] = defaultdict(set)
        for _claim, _line, _gloss, near, places in verdict.glosses:
            for place in places:
                terms[place].update(near)
        for place, near in terms.items():
            named = linking.named(texts.sentence(slug, place) or "")
            reached = linking.reached(near)
            gaps += [Gap(slug, place, actor) for actor in named if actor not in reached]
    return gaps


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in sorted(names, key=len, reverse=True))})(?!\w)"
    )


def _leans_on(gloss: str) -> str:
    """The word by which a gloss leans on what stands before it: a pronoun that opens it, or one that points."""
    words = [word.lower() for word in _WORD.findall(gloss)]
    opening = (word for word in words[:2] if word in _PRONOUNS)
    pointing = (word for word, after in pairwise([*words, ""]) if word in _POINTING and after not in _DEFINING)
    return next(chain(opening, pointing), "")
