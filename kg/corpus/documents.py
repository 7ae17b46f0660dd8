"""Reading one document: its description, claims and links, with places; and the claims of a corpus by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, MutableMapping
from itertools import chain

from kg.corpus.turtle import ParsedFile
from kg.dates import DateError, Span, Times, span
from kg.errors import Place, Problem
from kg.harmless import harmless_line, web_address
from kg.model import AFFIRMED, DENIED, Claim, Document, Link, Term, Triple, text_of
from kg.project import Project
from kg.vocab import PREFIXES, RDF, XSD, iri, kg, local_name

__all__ = ["MODALITIES", "Claims", "read_document"]

TYPE = iri(RDF + "type")
_URL, _ANY_URI = iri(PREFIXES["schema"] + "url"), f"^^{iri(XSD + 'anyURI')}"
MODALITIES = frozenset(
    kg(name) for name in ("Fact", "Plan", "Allegation", "Prediction", "Recommendation", "Evaluation", "Refusal")
)
_TIMES = {"on": "on", "begins": "begins", "ends": "ends", "throughout": "throughout", "holdsAt": "holds_at"}


class _Subjects:
    """The default graph of a file, by subject and predicate, with the line on which each subject first appears."""

    def __init__(self, parsed: ParsedFile) -> None:
        self.triples: dict[Term, list[Triple]] = defaultdict(list)
        self.line: dict[Term, int] = {}
        for triple, graph, line in parsed.quads:
            if graph is None:
                self.triples[triple[0]].append(triple)
                self.line.setdefault(triple[0], line)

    def values(self, subject: Term, name: str) -> list[Term]:
        predicate = kg(name)
        return [o for _, p, o in self.triples[subject] if p == predicate]

    def text(self, subject: Term, name: str) -> str:
        return next((text_of(value) for value in self.values(subject, name)), "")

    def of_type(self, name: str) -> list[Term]:
        wanted = kg(name)
        return [s for s, rows in self.triples.items() if any(p == TYPE and o == wanted for _, p, o in rows)]


def read_document(
    parsed: ParsedFile, slug: str, project: Project
) -> tuple[Document | None, list[Claim], list[Link], list[Problem]]:
    """A document's description, claims and links, and everything that is wrong with them (KG2xx), all together."""
    problems: list[Problem] = []
    subjects = _Subjects(parsed)
    content: dict[Term, list[Triple]] = defaultdict(list)
    graph_line: dict[Term, int] = {}
    for triple, graph, line in parsed.quads:
        if graph is not None:
            content[graph].append(triple)
            graph_line.setdefault(graph, line)
        if any(term.startswith("_:") for term in (*triple, graph or "")):
            problems.append(
                Problem(
                    "KG205",
                    "a blank node",
                    parsed.place(line),
                    "Give it an IRI: loading twice must give the same graph.",
                )
            )
    document = _document(parsed, subjects, slug, project, problems)
    claims = _claims(parsed, subjects, content, graph_line, slug, project, problems)
    return document, claims, _links(parsed, subjects, slug, problems), problems


def _document(
    parsed: ParsedFile, subjects: _Subjects, slug: str, project: Project, problems: list[Problem]
) -> Document | None:
    node = project.iri("document", slug)
    if node not in subjects.triples:
        remedy = f"Describe {node} as a kg:Document: kg:slug, dcterms:title, kg:published."
        problems.append(Problem("KG210", "the file does not describe its document", Place(parsed.name), remedy))
        return None
    place = parsed.place(subjects.line[node])
    published = Span(None, None)
    if not subjects.text(node, "published"):
        problems.append(Problem("KG211", "the document has no kg:published", place, "As precise as it is known."))
    else:
        published = _span(subjects.text(node, "published"), "kg:published", place, problems)
    for value in subjects.triples[node]:
        address = text_of(value[2]).strip("<>")
        if (value[1] == _URL or value[2].endswith(_ANY_URI)) and not web_address(address):
            message = f"the address {address!r} is not one of http or https"
            problems.append(Problem("KG214", message, place, 'schema:url "https://…"^^xsd:anyURI'))
    return Document(node, slug, published, tuple(subjects.triples[node]), place)


def _span(text: str, what: str, place: Place, problems: list[Problem]) -> Span:
    try:
        return span(text)
    except DateError as error:
        problems.append(Problem("KG207", f"{what}: {error}", place, "docs/mapping.md lists the notation of time."))
        return Span(None, None)


def _claims(
    parsed: ParsedFile,
    subjects: _Subjects,
    content: dict[Term, list[Triple]],
    graph_line: dict[Term, int],
    slug: str,
    project: Project,
    problems: list[Problem],
) -> list[Claim]:
    described = subjects.of_type("Claim")
    for node in described:
        if node not in content:
            place = parsed.place(subjects.line[node])
            remedy = f"Write the content: {_short(node)} {{ … }} ."
            problems.append(Problem("KG202", f"{_short(node)} is described and has no graph", place, remedy))
    claims = []
    for graph, triples in content.items():
        place = parsed.place(graph_line[graph])
        if graph not in subjects.triples:
            remedy = f"Describe it: {_short(graph)} a kg:Claim ; kg:passage … ; kg:modality … ; kg:gloss … ."
            problems.append(Problem("KG201", f"the graph {_short(graph)} has no description", place, remedy))
            continue
        if not graph.startswith(project.iri("claim", slug)[:-1] + "/"):
            remedy = f"Name it {project.iri('claim', slug, '…')}."
            problems.append(Problem("KG208", f"{graph} is not named after its document", place, remedy))
        claims.append(_claim(graph, triples, subjects, slug, parsed.place(subjects.line[graph]), problems))
    return claims


def _claim(
    node: Term,
    triples: Iterable[Triple],
    subjects: _Subjects,
    slug: str,
    place: Place,
    problems: list[Problem],
) -> Claim:
    def complain(code: str, message: str, remedy: str) -> None:
        problems.append(Problem(code, f"{_short(node)} {message}", place, remedy))

    passages = tuple(text_of(value) for value in subjects.values(node, "passage"))
    modalities = subjects.values(node, "modality")
    polarities = subjects.values(node, "polarity")
    glosses = subjects.values(node, "gloss")
    for value in subjects.values(node, "passage"):
        if not value.endswith('"'):
            message = f"names the passage {value}, which is no text"
            complain("KG215", message, 'Write it in quotation marks: kg:passage "1.10", for 1.10 is the number 1.1.')
    if not passages:
        complain("KG203", "names no passage", 'kg:passage "line.sentence"')
    if not glosses:
        complain("KG204", "has no gloss", "Say in your own words what it claims: kg:gloss.")
    if len(modalities) != 1 or modalities[0] not in MODALITIES:
        names = ", ".join(sorted("kg:" + local_name(term) for term in MODALITIES))
        complain("KG206", "must have one kg:modality", f"One of {names}.")
    if len(polarities) > 1 or not set(polarities) <= {AFFIRMED, DENIED}:
        complain("KG209", "has a wrong kg:polarity", "kg:Affirmed (the default) or kg:Denied.")
    times = {}
    for name, attribute in _TIMES.items():
        values = subjects.values(node, name)
        if len(values) > 1:
            complain("KG212", f"has kg:{name} twice", "One expression of time; an interrupted state is two claims.")
        if values:
            times[attribute] = text_of(values[0])
            _span(times[attribute], f"{_short(node)} kg:{name}", place, problems)
    return Claim(
        node,
        slug,
        tuple(sorted(triples)),
        tuple(sorted(passages)),
        modalities[0] if modalities else "",
        polarities[0] if polarities else AFFIRMED,
        tuple(sorted(subjects.values(node, "holder"))),
        tuple(sorted(subjects.values(node, "reporter"))),
        Times(**times),
        harmless_line(text_of(glosses[0])) if glosses else "",
        bool(subjects.values(node, "retracted")),
        tuple(subjects.triples[node]),
        place,
    )


def _links(parsed: ParsedFile, subjects: _Subjects, slug: str, problems: list[Problem]) -> list[Link]:
    links = []
    for node in subjects.of_type("Link"):
        place = parsed.place(subjects.line[node])
        parts = {name: subjects.values(node, name) for name in ("fromClaim", "toClaim", "relation", "why")}
        missing = [f"kg:{name}" for name, values in parts.items() if len(values) != 1]
        if missing:
            remedy = "A link has one kg:fromClaim, kg:toClaim, kg:relation and kg:why."
            problems.append(
                Problem("KG220", f"{_short(node)}: {', '.join(missing)} missing or given twice", place, remedy)
            )
            continue
        dissolved = subjects.values(node, "dissolvedBy")
        links.append(
            Link(
                node,
                slug,
                parts["fromClaim"][0],
                parts["toClaim"][0],
                parts["relation"][0],
                dissolved[0] if dissolved else None,
                harmless_line(text_of(parts["why"][0])),
                tuple(subjects.triples[node]),
                place,
            )
        )
    return links


def _short(node: Term) -> str:
    return local_name(node)


class Claims(MutableMapping[Term, Claim]):
    """Claims by name. Corpora that share a document share its claims."""

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        self._by_document: dict[str, dict[Term, Claim]] = {}
        self._document: dict[Term, str] = {}
        for claim in claims:
            self[claim.iri] = claim

    def of(self, slug: str) -> dict[Term, Claim]:
        """The claims of a document."""
        return self._by_document.get(slug, {})

    def document_of(self, name: Term) -> str:
        """The document of a claim. Raises KeyError for an unknown claim."""
        return self._document[name]

    def share(self, other: Claims, slug: str) -> None:
        """Take a document's claims from another corpus."""
        if slug in other._by_document:
            self._by_document[slug] = other._by_document[slug]
            self._document.update(dict.fromkeys(self._by_document[slug], slug))

    def without(self, names: set[Term]) -> Claims:
        """The claims less some; documents that lose none are shared."""
        left = Claims()
        for slug, claims in self._by_document.items():
            if names.isdisjoint(claims):
                left.share(self, slug)
            else:
                left.update((name, claim) for name, claim in claims.items() if name not in names)
        return left

    def __getitem__(self, name: Term) -> Claim:
        return self._by_document[self._document[name]][name]

    def __setitem__(self, name: Term, claim: Claim) -> None:
        former = self._document.get(name)
        if former is not None and former != claim.document:
            del self[name]
        self._by_document.setdefault(claim.document, {})[name] = claim
        self._document[name] = claim.document

    def __delitem__(self, name: Term) -> None:
        # The document's claims may be another corpus' too: they stay as they are.
        slug = self._document.pop(name)
        self._by_document[slug] = {each: claim for each, claim in self.of(slug).items() if each != name}

    def __contains__(self, name: object) -> bool:
        return name in self._document

    def __iter__(self) -> Iterator[Term]:
        return chain.from_iterable(self._by_document.values())

    def __len__(self) -> int:
        return len(self._document)

    def values(self) -> list[Claim]:  # type: ignore[override]  # a list serves as well as a view, and is quicker
        """All claims."""
        return [claim for claims in self._by_document.values() for claim in claims.values()]

    def items(self) -> list[tuple[Term, Claim]]:  # type: ignore[override]  # as above
        """All claims with their names."""
        return [(claim.iri, claim) for claim in self.values()]
