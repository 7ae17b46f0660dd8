"""Statements as people write them: three terms, or a CSV file to verify with a statement a row, and the verdicts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError, Place, Problem, UsageError
from kg.evidence.triple_support import SupportFinder
from kg.evidence.verify import Verification, verify
from kg.files import read_text
from kg.graph.views import view_of
from kg.labels import fold
from kg.model import Term, Triple, canonical_literal, quoted
from kg.queries.answer import Answer
from kg.queries.entities import find_partly, of_class
from kg.vocab import DCTERMS, OWL, PREFIXES, RDF, RDFS, iri

if TYPE_CHECKING:
    from kg.graph.store import Graph

#: The columns of a file of statements; the first three are needed, in any order.
COLUMNS = ("subject", "predicate", "object", "on", "document", "place")
_NEEDED = COLUMNS[:3]
_REMEDY = f"The first line names the columns: {', '.join(_NEEDED)}, and optionally {', '.join(COLUMNS[3:])}."

#: A quoted text, with a language tag or a datatype; what is in it is for the parser to judge.
_LITERAL = re.compile(r'"(?:[^"\\\r\n]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^(?:<[^<>\s]*>|\w+:\w+))?')
#: Words that names of properties have and people leave out.
_LITTLE = frozenset(("is", "are", "was", "were", "a", "an", "the"))
_EXAMPLES = 'Write it like "text", "text"@en or "12"^^xsd:integer, with \\" for a quotation mark inside.'


def parse_terms(graph: Graph, subject: str, predicate: str, value: str) -> Triple:
    """A triple from three terms as people write them: labels, prefixed names, IRIs; the object may be a literal.

    A predicate is also found by its local name or label in the ontology; ``a`` is rdf:type, and what replaces a
    deprecated one stands for it. Raises UsageError
    with the candidates of each term that names nothing, or several things, and for what only begins as a literal.
    """
    properties = frozenset(
        s for s, _p, o in graph.index.given_with([iri(RDF + "type")], "ontology") if o.endswith("Property>")
    )
    problems: list[Problem] = []

    def found(text: str, within: frozenset[Term] = frozenset()) -> Term:
        try:
            return find_partly(graph, text, within)[0]
        except UsageError as error:
            problems.extend(error.problems)
            return ""

    def literal(text: str) -> Term:
        try:
            return parse_literal(text)
        except UsageError as error:
            problems.extend(error.problems)
            return ""

    verb = iri(RDF + "type") if predicate == "a" else _verb(graph, predicate, properties)
    verb = _today(graph, verb or found(predicate, properties))
    subjects, values = (_fitting(graph, verb, end) for end in ("domain", "range"))
    triple = (found(subject, subjects), verb, literal(value) if value.startswith('"') else found(value, values))
    if problems:
        raise UsageError(problems)
    return triple


def _today(graph: Graph, verb: Term) -> Term:
    """A property, or what replaces it where it is deprecated; not its inverse, which takes the ends the other way."""
    said = {(p, o) for _s, p, o in graph.index.given_about(verb, "ontology")}
    replaced = (o for p, o in said if p == iri(DCTERMS + "isReplacedBy") and (iri(OWL + "inverseOf"), o) not in said)
    return next(replaced, verb)


def _fitting(graph: Graph, verb: Term, end: str) -> frozenset[Term]:
    """What is of the class that a property has as its domain or range (classes for a type); empty: anything."""
    given = graph.index.given_with
    if verb == iri(RDF + "type"):
        is_class = ((s, o) for s, _p, o in given([verb], "ontology"))
        return frozenset(s for s, o in is_class if end == "range" and o == iri(OWL + "Class"))
    kinds = [o for s, _p, o in given([iri(RDFS + end)], "ontology") if s == verb]
    return of_class(graph, kinds[0]) if len(kinds) == 1 else frozenset()


def _verb(graph: Graph, text: str, properties: frozenset[Term]) -> Term | None:
    """The one property whose name says the same but for words such as *is a*: "member of" for "is a member of"."""
    meant = _bare(text)
    named = graph.index.names_beginning("")
    found = {term for name, term in named if term in properties and _bare(name) == meant}
    return found.pop() if len(found) == 1 else None


def _bare(text: str) -> list[str]:
    return [word for word in fold(text).split() if word not in _LITTLE]


def parse_literal(text: str) -> Term:
    """A literal as N-Triples or Turtle writes it in one line, as the store keeps it; KG654 when it is none."""
    import pyoxigraph

    match = _LITERAL.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError(text)
        prefixes = "".join(f"@prefix {name}: <{space}> .\n" for name, space in PREFIXES.items())
        turtle = f"{prefixes}<x:x> <x:x> {match[0]} ."
        (quad,) = pyoxigraph.parse(turtle.encode(), format=pyoxigraph.RdfFormat.TURTLE)
    except (SyntaxError, ValueError):
        raise UsageError(Problem("KG654", f"{text!r} is no literal", remedy=_EXAMPLES)) from None
    return canonical_literal(str(quad.object))


def verify_file(graph: Graph, path: Path) -> list[Verification]:
    """The verdict on each statement of a CSV file, as ``verify_table`` gives them. Raises InputError (KG100)."""
    return verify_table(graph, read_text(path, str(path)), str(path))


def verify_table(graph: Graph, text: str, name: str) -> list[Verification]:
    """The verdict on each statement of a table, in a graph's view and as of each statement's own date.

    The table is CSV, or separated by semicolons or tabs as spreadsheets write it; ``name`` is what messages call it.
    ``document`` and ``place`` cite a sentence. Raises InputError with every problem: KG681 for a text that is no such
    table, and with its line what is wrong with a row (KG303, KG302, KG655 and the like).
    """
    problems: list[Problem] = []
    found = []
    at_dates: dict[str, Graph] = {"": graph}
    for line, row in _rows(text, name):
        try:
            on = row["on"]
            if on not in at_dates:
                at_dates[on] = at_date(graph, on)
            triple = parse_terms(graph, row["subject"], row["predicate"], row["object"])
            found.append(verify(at_dates[on], triple, cited(graph, row["document"], row["place"])))
        except UsageError as error:
            place, known = Place(name, line), {problem.message for problem in problems}
            # A name that nothing bears is reported once, where it first stands.
            problems += [
                Problem(p.code, p.message, place, p.remedy) for p in error.problems if p.message not in known
            ]
    if problems:
        raise InputError(problems)
    return found


def at_date(graph: Graph, on: str) -> Graph:
    """The graph in the same view as of a date. Raises UsageError (KG303)."""
    view = graph.view
    return graph.in_view(view_of(view.only, view.without, view.accept, on, view.certain))


def cited(graph: Graph, document: str, place: str) -> tuple[str, str] | None:
    """A citation that is complete; None where there is none. Raises UsageError (KG302, KG682)."""
    if not document and not place:
        return None
    if not document or not place:
        remedy = "Give both the document and the place, or neither."
        raise UsageError(Problem("KG682", f"{document or place!r} is half a citation", remedy=remedy))
    graph.view.check([*graph.index.documents])
    if document not in graph.index.documents:
        remedy = f"One of {', '.join(graph.index.documents)}."
        raise UsageError(Problem("KG682", f"no such document: {document!r}", remedy=remedy))
    if not any(place in claim.passages for claim in graph.index.claims_of(document)):
        remedy = "Give a line and a sentence of the document, such as 11.1."
        raise UsageError(Problem("KG682", f"no claim rests on {document} {place}", remedy=remedy))
    return document, place


def other_columns(text: str) -> list[str]:
    """The columns of a table that are not read."""
    return [field for field in _reader(text).fieldnames or () if field and field not in COLUMNS]


def _reader(text: str) -> csv.DictReader[str]:
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, delimiter=max(",;\t", key=head.count))
    reader.fieldnames = [(field or "").strip().lower() for field in reader.fieldnames or ()]
    return reader


def _rows(text: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each statement with its line. Raises InputError (KG681)."""
    line = 1
    try:
        reader = _reader(text)
        columns = list(reader.fieldnames or ())
        if missing := [column for column in _NEEDED if column not in columns]:
            what = f"the file lacks the column {' and the column '.join(missing)}" if columns else "the file is empty"
            raise InputError(Problem("KG681", what, Place(name, 1), _REMEDY))
        if twice := [column for column in COLUMNS if columns.count(column) > 1]:
            raise InputError(Problem("KG681", f"two columns {twice[0]}", Place(name, 1), "Keep one of them."))
        for row in reader:
            line = reader.line_num
            if any(row.get(None) or ()):
                what, remedy = "more cells than columns", "Put a cell with a separator in it into quotation marks."
                raise InputError(Problem("KG681", what, Place(name, line), remedy))
            cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
            if empty := [column for column in _NEEDED if not cells[column]]:
                if any(cells.values()):
                    raise InputError(Problem("KG681", f"no {empty[0]}", Place(name, line), "Fill the cell."))
                continue
            yield line, cells
    except csv.Error as error:
        raise InputError(Problem("KG681", f"no CSV: {error}", Place(name, line), _REMEDY)) from None


def verdicts_answer(graph: Graph, found: Iterable[Verification]) -> Answer:
    """Verdicts as rows, so that every format of answers shows them."""
    columns = ("subject", "predicate", "object", "on", "verdict", "by", "citation", "evidence", "near")
    rows: list[tuple[Term | None, ...]] = []
    for one in found:
        grounds = SupportFinder.of(one.graph)
        evidence = [*(grounds.claim_reference(claim).line for claim in one.claims), *one.reasons]
        said = (
            one.graph.view.as_of_text,
            str(one.verdict),
            ", ".join(map(graph.label, one.by)),
            str(one.citation or ""),
            "; ".join(evidence),
            "; ".join(one.near),
        )
        rows.append((*one.triple, *(quoted(text) if text else None for text in said)))
    answer = Answer(graph, None, "", "SELECT", columns, rows)
    answer.notes = []
    return answer
