"""Check one document: its terms, times and claims, and that every sentence is mapped or set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from kg.checks.terms import TYPE, Schema, Uses, name_of
from kg.checks.texts import character_problems
from kg.corpus.passages import Passages
from kg.corpus.turtle import ParsedFile
from kg.dates import DateError, Span, ignored, span
from kg.errors import Place, Problem
from kg.model import DENIED, FACT, Claim, Document, Link, Term, Triple
from kg.project import Project
from kg.vocab import PREFIXES, kg, local_name

# In a file, a passage is named by its place; the build makes it an IRI.
_PLACES = kg("passage")
_ABOUT = kg("about")


@dataclass(slots=True)
class Verdict:
    """One document as the other files need to know it, and what is wrong with it.

    ``claims`` maps each claim to its line; ``links`` are ``[from, to, line]``; ``uses`` are the entities that
    stand in it, ``terms`` its ``kg:`` terms with their number; ``mapped`` the places that have a claim; ``typed``
    are ``[entity, class, polarity, modality, line]`` for every claim about a kind; ``about`` the content triples,
    with their lines, on the kinds of things that shapes describe; ``glosses`` are ``[claim, line, gloss, terms,
    places]`` with the terms of content and ``kg:about``; ``edges`` what claims put as fact say of two entities.
    """

    file: str
    problems: list[Problem] = field(default_factory=list)
    claims: dict[Term, int] = field(default_factory=dict)
    links: list[list[Any]] = field(default_factory=list)
    uses: list[Term] = field(default_factory=list)
    terms: dict[Term, int] = field(default_factory=dict)
    mapped: list[str] = field(default_factory=list)
    typed: list[list[Any]] = field(default_factory=list)
    about: list[tuple[Triple, int]] = field(default_factory=list)
    glosses: list[list[Any]] = field(default_factory=list)
    edges: list[list[Term]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        """The inverse of ``as_json``."""
        about = [((s, p, o), line) for (s, p, o), line in data["about"]]
        return cls(**{**data, "problems": [problem_from(row) for row in data["problems"]], "about": about})


def problem_from(row: list[Any]) -> Problem:
    """A problem from the row that JSON makes of it."""
    code, message, where, remedy, severity = row
    return Problem(code, message, Place(*where) if where else None, remedy, severity)


@dataclass(slots=True)
class Reading:
    """A document as it was read: its parsed file, what it says, and its passages if it has them."""

    parsed: ParsedFile
    slug: str
    document: Document | None
    claims: list[Claim]
    links: list[Link]
    problems: list[Problem]
    passages: Passages | None
    lines: dict[tuple[Triple, Term | None], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for triple, graph, line in self.parsed.quads:
            self.lines.setdefault((triple, graph), line)

    def place(self, triple: Triple, graph: Term | None) -> Place:
        """The place of a triple of a graph."""
        return Place(self.parsed.name, self.lines.get((triple, graph)))


def check_document(reading: Reading, uses: Uses, project: Project, shaped: frozenset[Term]) -> Verdict:
    """Everything that is wrong with one document by itself. ``shaped`` are the classes that shapes describe."""
    verdict = Verdict(reading.parsed.name, [*reading.problems])
    if reading.parsed.problem is None:
        verdict.problems += _all_problems(reading, uses, project)
    _summarise(reading, verdict, uses, shaped)
    return verdict


def _all_problems(reading: Reading, uses: Uses, project: Project) -> Iterator[Problem]:
    yield from prefix_problems(reading.parsed, project, reading.slug)
    for claim in reading.claims:
        yield from uses.problems((t, reading.place(t, claim.iri)) for t in claim.content)
        yield from _times(claim, reading.document)
        yield from _ignored_times(claim, uses.schema)
        yield from _shape_of_claim(claim)
    described = [(t, Place(reading.parsed.name, line)) for t, graph, line in reading.parsed.quads if graph is None]
    yield from uses.problems(row for row in described if row[0][1] != _PLACES)
    yield from character_problems((t, Place(reading.parsed.name, line)) for t, _graph, line in reading.parsed.quads)
    yield from _duplicates(reading.claims)
    yield from _links(reading.links)
    yield from _passages(reading)


def prefix_problems(parsed: ParsedFile, project: Project, slug: str = "") -> Iterator[Problem]:
    """Prefixes that do not stand for what they stand for everywhere (KG420): the base is stated in one place."""
    expected = {**PREFIXES, "": f"{project.base}id/"}
    if slug:
        expected |= {
            "d": f"{project.base}document/",
            "c": f"{project.base}claim/{slug}/",
            "l": f"{project.base}link/{slug}/",
        }
    for prefix, namespace in parsed.prefixes.items():
        wanted = expected.get(prefix, namespace)
        if namespace != wanted:
            message = f"the prefix {prefix}: has the namespace {namespace}"
            yield Problem("KG420", message, Place(parsed.name, 1), f"Use {wanted}, as the other files do.")


def _times(claim: Claim, document: Document | None) -> Iterator[Problem]:
    times = claim.times
    spans = {
        name: found
        for name in ("on", "begins", "ends", "throughout", "holds_at")
        if (text := getattr(times, name)) and (found := _span(text))
    }
    begin, end = spans.get("begins"), spans.get("ends")
    if begin and end and begin.first and end.last and begin.first > end.last:
        message = f"{local_name(claim.iri)} ends ({times.ends}) before it begins ({times.begins})"
        yield Problem("KG411", message, claim.place, "Correct one of the two dates.")
    known_by = document.published.last if document else None
    if claim.modality != FACT or known_by is None:
        return
    for name, when in spans.items():
        if name != "ends" and when.first and when.first > known_by:
            message = f"{local_name(claim.iri)} is a fact of {when.first}, but its document appeared by {known_by}"
            remedy = "Make it a kg:Plan or a kg:Prediction, or correct the date."
            yield Problem("KG412", message, claim.place, remedy, "warning")


def _ignored_times(claim: Claim, schema: Schema) -> Iterator[Problem]:
    """Times that the temporal kinds of all properties of a claim do not read."""
    kinds = {schema.temporal_kinds.get(predicate, "") for _s, predicate, _o in claim.content} - {"Timeless", ""}
    unread = [set(ignored(claim.times, kind)) for kind in kinds]
    for name in sorted(set.intersection(*unread)) if unread else ():
        said = f"kg:{'holdsAt' if name == 'holds_at' else name}"
        message = f"{local_name(claim.iri)} gives {said}, which {' and '.join(sorted(kinds))} does not read here"
        remedy = "Use kg:on for events and kg:holdsAt for states: see docs/time.md."
        yield Problem("KG409", message, claim.place, remedy, "warning")


def _span(text: str) -> Span | None:
    try:
        return span(text)
    except DateError:
        return None  # said when the file was read (KG207)


def _shape_of_claim(claim: Claim) -> Iterator[Problem]:
    if claim.polarity == DENIED and len(claim.content) > 1:
        message = f"{local_name(claim.iri)} denies {len(claim.content)} triples at once"
        remedy = "Keep the triple that is denied, and state the others in claims of their own."
        yield Problem("KG414", message, claim.place, remedy)


def _duplicates(claims: list[Claim]) -> Iterator[Problem]:
    seen: dict[object, Claim] = {}
    for claim in claims:
        if claim.retracted:
            continue
        key = (claim.content, claim.holders, claim.reporters, claim.polarity, claim.modality, claim.times)
        first = seen.setdefault(key, claim)
        if first is not claim:
            message = f"{local_name(claim.iri)} repeats {local_name(first.iri)} (line {first.place.line})"
            remedy = "Add the passage to the first claim, or set the sentence aside as repetition."
            yield Problem("KG413", message, claim.place, remedy, "warning")


def _links(links: list[Link]) -> Iterator[Problem]:
    seen = set()
    for link in links:
        name = local_name(link.iri)
        if link.source == link.target:
            yield Problem("KG415", f"{name} links a claim to itself", link.place, "Name two different claims.")
        key = (link.source, link.target, link.relation)
        if key in seen:
            remedy = "Keep one of them."
            yield Problem("KG416", f"{name} repeats another link", link.place, remedy, "warning")
        seen.add(key)
        if link.dissolved_by and link.relation not in (kg("Contradicts"), kg("Disputes")):
            message = f"{name} has kg:dissolvedBy, but its relation is {name_of(link.relation)}"
            remedy = "Remove kg:dissolvedBy, or make the relation kg:Contradicts."
            yield Problem("KG417", message, link.place, remedy, "warning")


def _passages(reading: Reading) -> Iterator[Problem]:
    if reading.passages is None:
        remedy = "Run `kg anchor --texts DIR` to make it."
        message = "the document has no passages file"
        yield Problem("KG513", message, Place(reading.parsed.name), remedy, "warning")
        return
    anchors = reading.passages.anchors
    mapped: dict[str, Claim] = {}
    for claim in reading.claims:
        for passage in claim.passages:
            if passage not in anchors:
                message = f"{local_name(claim.iri)} names the passage {passage}, which the document lacks"
                yield Problem("KG510", message, claim.place, f"Name a place that {reading.passages.name} lists.")
            elif not claim.retracted:
                mapped.setdefault(passage, claim)
    for anchor in anchors.values():
        place = Place(reading.passages.name, anchor.line)
        if anchor.reason and anchor.place in mapped:
            claim = mapped[anchor.place]
            message = f"sentence {anchor.place} is set aside as {anchor.reason}, but {local_name(claim.iri)} maps it"
            yield Problem("KG512", message, place, "Remove the reason, or the passage from the claim.", "warning")
        if not anchor.reason and anchor.place not in mapped:
            remedy = "Map the sentence, or give the reason to set it aside in the last column."
            yield Problem(
                "KG511", f"sentence {anchor.place} is neither mapped nor set aside", place, remedy, "warning"
            )


def _summarise(reading: Reading, verdict: Verdict, uses: Uses, shaped: frozenset[Term]) -> None:
    named: set[Term] = set()
    terms: Counter[Term] = Counter()
    for triple, _graph, _line in reading.parsed.quads:
        named.update(term for term in triple if term.startswith(uses.entities))
        terms.update(term for term in triple if uses.schema.ours(term))
    verdict.uses, verdict.terms = sorted(named), dict(sorted(terms.items()))
    interesting = {e for e in named if uses.schema.all_types(uses.types(e)) & shaped}
    for claim in reading.claims:
        verdict.claims[claim.iri] = claim.place.line or 0
        if claim.retracted:
            continue
        about = (value for _s, predicate, value in claim.metadata if predicate == _ABOUT)
        ends = {end for triple in claim.content for end in (triple[0], triple[2])}
        named_here = sorted(term for term in ends.union(about) if term.startswith(uses.entities))
        verdict.glosses.append([claim.iri, claim.place.line or 0, claim.gloss, named_here, list(claim.passages)])
        for triple in claim.content:
            line = reading.lines.get((triple, claim.iri), 0)
            if claim.polarity != DENIED and claim.modality == FACT and triple[2].startswith(uses.entities):
                verdict.edges.append(list(triple))
            if triple[1] == TYPE:
                verdict.typed.append([triple[0], triple[2], claim.polarity, claim.modality, line])
            if (triple[0] in interesting or triple[2] in interesting) and claim.polarity != DENIED:
                verdict.about.append((triple, line))
    anchors = reading.passages.anchors if reading.passages else {}
    places = {p for claim in reading.claims if not claim.retracted for p in claim.passages}
    verdict.mapped = sorted(places & set(anchors) if anchors else places)
    verdict.links = [[link.source, link.target, link.place.line or 0] for link in reading.links]
