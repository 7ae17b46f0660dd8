"""Reading one document: its description, claims and links, with places; and the claims of a corpus by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from kg.corpus.turtle import ParsedFile
from kg.dates import DateError, Span, Times, span
from kg.errors import Place, Problem
from kg.harmless import harmless_line, web_address
from kg.model import AFFIRMED, DENIED, Claim, Document, Link, Term, Triple, text_of
from kg.project import Project
from kg.vocab import PREFIXES, RDF, XSD, iri, kg, local_name

TYPE = iri(RDF + "type")
_URL, _ANY_URI = iri(PREFIXES["schema"] + "url"), f"^^{iri(XSD + 'anyURI')}"
MODALITIES = frozenset(
    kg(name) for name in ("Fact", "Plan", "Allegation", "Prediction", "Recommendation", "Evaluation", "Refusal")
)
_TIMES = {"on": "on", "begins": "begins", "ends": "ends", "throughout": "throughout", "holdsAt": "holds_at"}


def read_document(
    parsed: ParsedFile, slug: str, project: Project
) -> tuple[Document | None, list[Claim], list[Link], list[Problem]]:
    """A document's description, claims and links, and everything that is wrong with them (KG2xx), all together."""
    reader = _Reader(parsed, slug, project)
    return reader.document(), list(reader.claims()), list(reader.links()), reader.problems


class _Reader:
    """One file on its way to a document: its default graph by subject, its claim graphs, and what is wrong."""

    def __init__(self, parsed: ParsedFile, slug: str, project: Project) -> None:
        self.parsed, self.slug, self.project = parsed, slug, project
        self.problems: list[Problem] = []
        self.about: dict[Term, list[Triple]] = defaultdict(list)
        self.content: dict[Term, list[Triple]] = defaultdict(list)
        #: The line on which each subject, and each claim graph, first appears.
        self.line: dict[Term, int] = {}
        self.graph_line: dict[Term, int] = {}
        for triple, graph, line in parsed.quads:
            if graph is None:
                self.about[triple[0]].append(triple)
                self.line.setdefault(triple[0], line)
            else:
                self.content[graph].append(triple)
                self.graph_line.setdefault(graph, line)
            if any(term.startswith("_:") for term in (*triple, graph or "")):
                self.problems.append(blank_node(parsed.place(line)))

    def complain(self, code: str, message: str, place: Place, remedy: str) -> None:
        """Note what is wrong."""
        self.problems.append(Problem(code, message, place, remedy))

    def values(self, subject: Term, name: str) -> list[Term]:
        """The values of a property of the vocabulary."""
        predicate = kg(name)
        return [o for _, p, o in self.about[subject] if p == predicate]

    def of_type(self, name: str) -> Iterator[tuple[Term, Place]]:
        """The subjects of a class of the vocabulary, each with its place."""
        wanted = kg(name)
        for subject, rows in list(self.about.items()):
            if any(p == TYPE and o == wanted for _, p, o in rows):
                yield subject, self.parsed.place(self.line[subject])

    def span(self, text: str, what: str, place: Place) -> Span:
        """An expression of time as days; open where it cannot be read (KG207)."""
        try:
            return span(text)
        except DateError as error:
            self.complain("KG207", f"{what}: {error}", place, "Use a notation that docs/mapping.md lists.")
            return Span(None, None)

    def document(self) -> Document | None:
        """The description of the document."""
        node = self.project.iri("document", self.slug)
        if node not in self.about:
            remedy = f"Describe {node} as a kg:Document: kg:slug, dcterms:title, kg:published."
            self.complain("KG210", "the file does not describe its document", Place(self.parsed.name), remedy)
            return None
        place = self.parsed.place(self.line[node])
        published = Span(None, None)
        if dates := [text for value in self.values(node, "published")[:1] if (text := text_of(value))]:
            published = self.span(dates[0], "kg:published", place)
        else:
            self.complain("KG211", "the document has no kg:published", place, "Add it, as precise as it is known.")
        for _node, predicate, value in self.about[node]:
            address = text_of(value).strip("<>")
            if (predicate == _URL or value.endswith(_ANY_URI)) and not web_address(address):
                message = f"the address {address!r} is neither http nor https"
                self.complain("KG214", message, place, 'Write schema:url "https://…"^^xsd:anyURI.')
        return Document(node, self.slug, published, tuple(self.about[node]), place)

    def claims(self) -> Iterator[Claim]:
        """The claims: graphs that are described."""
        for node, place in self.of_type("Claim"):
            if node not in self.content:
                remedy = f"Write the content: {local_name(node)} {{ … }} ."
                self.complain("KG202", f"{local_name(node)} is described but has no graph", place, remedy)
        for graph, triples in self.content.items():
            place, name = self.parsed.place(self.graph_line[graph]), local_name(graph)
            if graph not in self.about:
                remedy = f"Describe it: {name} a kg:Claim ; kg:passage … ; kg:modality … ; kg:gloss … ."
                self.complain("KG201", f"the graph {name} has no description", place, remedy)
                continue
            if not graph.startswith(self.project.iri("claim", self.slug)[:-1] + "/"):
                remedy = f"Name it {self.project.iri('claim', self.slug, '…')}."
                self.complain("KG208", f"{graph} is not named after its document", place, remedy)
            yield self._claim(graph, triples)

    def _claim(self, node: Term, triples: Iterable[Triple]) -> Claim:
        place = self.parsed.place(self.line[node])

        def complain(code: str, message: str, remedy: str) -> None:
            self.complain(code, f"{local_name(node)} {message}", place, remedy)

        names = ("passage", "modality", "polarity", "gloss")
        passages, modalities, polarities, glosses = (self.values(node, name) for name in names)
        for value in passages:
            if not value.endswith('"'):
                remedy = 'Write it in quotation marks: kg:passage "1.10", for 1.10 is the number 1.1.'
                complain("KG215", f"names the passage {value}, which is not a string", remedy)
        if not passages:
            complain("KG203", "names no passage", 'Add kg:passage "line.sentence".')
        if not glosses:
            complain("KG204", "has no gloss", "Add a kg:gloss in your own words.")
        if len(modalities) != 1 or modalities[0] not in MODALITIES:
            known = ", ".join(sorted("kg:" + local_name(term) for term in MODALITIES))
            complain("KG206", "must have exactly one kg:modality", f"Use one of {known}.")
        if len(polarities) > 1 or not set(polarities) <= {AFFIRMED, DENIED}:
            complain("KG209", "has a wrong kg:polarity", "Use kg:Affirmed (the default) or kg:Denied.")
        return Claim(
            node,
            self.slug,
            tuple(sorted(triples)),
            tuple(sorted(map(text_of, passages))),
            modalities[0] if modalities else "",
            polarities[0] if polarities else AFFIRMED,
            tuple(sorted(self.values(node, "holder"))),
            tuple(sorted(self.values(node, "reporter"))),
            self._times(node, place),
            harmless_line(text_of(glosses[0])) if glosses else "",
            bool(self.values(node, "retracted")),
            tuple(self.about[node]),
            place,
        )

    def _times(self, node: Term, place: Place) -> Times:
        times = {}
        for name, attribute in _TIMES.items():
            values = self.values(node, name)
            if len(values) > 1:
                message = f"{local_name(node)} has kg:{name} twice"
                self.complain("KG212", message, place, "Give one time; an interrupted state is two claims.")
            if values:
                times[attribute] = text_of(values[0])
                self.span(times[attribute], f"{local_name(node)} kg:{name}", place)
        return Times(**times)

    def links(self) -> Iterator[Link]:
        """The links between claims."""
        for node, place in self.of_type("Link"):
            parts = {name: self.values(node, name) for name in ("fromClaim", "toClaim", "relation", "why")}
            if missing := [f"kg:{name}" for name, values in parts.items() if len(values) != 1]:
                message = f"{local_name(node)}: {', '.join(missing)} missing or given twice"
                remedy = "Give the link one kg:fromClaim, kg:toClaim, kg:relation and kg:why."
                self.complain("KG220", message, place, remedy)
                continue
            source, target, relation, why = (values[0] for values in parts.values())
            dissolved = next(iter(self.values(node, "dissolvedBy")), None)
            said = harmless_line(text_of(why))
            yield Link(node, self.slug, source, target, relation, dissolved, said, tuple(self.about[node]), place)


def blank_node(place: Place) -> Problem:
    """The problem of a node without a name (KG205)."""
    return Problem("KG205", "there is a blank node", place, "Give it an IRI: loading twice must give the same graph.")


def repeated_claim(claim: Term, place: Place, first: Place) -> Problem:
    """The problem of a claim in two files (KG213)."""
    remedy = "A claim stands in one file: rename one of them."
    return Problem("KG213", f"{claim} is already described in {first}", place, remedy)


def loose_end(end: Term, place: Place) -> Problem:
    """The problem of a link to a claim that there is not (KG221)."""
    message = f"the link names {end}, which is no claim"
    return Problem("KG221", message, place, "Name a claim of the corpus.")


class Claims(dict[Term, Claim]):
    """Claims by name, and by document."""

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        super().__init__()
        self._by_document: dict[str, dict[Term, Claim]] = defaultdict(dict)
        for claim in claims:
            self[claim.iri] = claim

    def of(self, slug: str) -> dict[Term, Claim]:
        """The claims of a document."""
        return self._by_document.get(slug, {})

    def __setitem__(self, name: Term, claim: Claim) -> None:
        if former := self.get(name):
            del self._by_document[former.document][name]
        super().__setitem__(name, claim)
        self._by_document[claim.document][name] = claim
