"""Parsing RDF files: each quad with its line, literals as the store keeps them; and the descriptions of nodes.

A node without a name is written out in the description of the node that uses it, so that two versions compare.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.errors import InputError, Place, Problem
from kg.files import read
from kg.model import Term, Triple, term_of
from kg.vocab import OWL, RDF, RDFS, SKOS, iri


@dataclass(slots=True)
class ParsedFile:
    """A parsed file: quads as ``(triple, graph or None, line)``, its prefixes, and the problem that ended it."""

    name: str
    quads: list[tuple[Triple, Term | None, int]] = field(default_factory=list)
    prefixes: dict[str, str] = field(default_factory=dict)
    problem: Problem | None = None

    def place(self, line: int) -> Place:
        """A line of this file."""
        return Place(self.name, line)


class _LineReader:
    """Gives a parser at most one line per read, so that the line of a quad is known when the quad comes out.

    A longer line comes in pieces: the engine ends the whole process when a read gives more than it asked for.
    """

    def __init__(self, content: bytes) -> None:
        self._lines = content.splitlines(keepends=True)
        self._read = 0
        self.line = 0

    def read(self, size: int) -> bytes:
        if self.line == 0 or self._read >= len(self._lines[self.line - 1]):
            if self.line >= len(self._lines):
                return b""
            self.line, self._read = self.line + 1, 0
        start, self._read = self._read, self._read + size
        return self._lines[self.line - 1][start : self._read]


def parse_file(path: Path, name: str) -> ParsedFile:
    """Read a Turtle or TriG file; a syntax error becomes the file's problem (KG101), what came before it is kept.

    ``name`` is how messages call the file. Blank nodes keep the labels that the parser gives.
    """
    import pyoxigraph

    parsed = ParsedFile(name)
    form = pyoxigraph.RdfFormat.TRIG if path.suffix == ".trig" else pyoxigraph.RdfFormat.TURTLE
    try:
        reader = _LineReader(read(path, name))
    except InputError as error:
        (parsed.problem,) = error.problems
        return parsed
    try:
        # Skips no check: a relative IRI or a malformed tag is an error, not a guess.
        parser = pyoxigraph.parse(reader, format=form)  # type: ignore[arg-type]  # any object with read() serves
        for quad in parser:
            triple = (term_of(quad.subject), term_of(quad.predicate), term_of(quad.object))
            graph = quad.graph_name
            in_default = isinstance(graph, pyoxigraph.DefaultGraph)
            parsed.quads.append((triple, None if in_default else term_of(graph), reader.line))
        parsed.prefixes = dict(parser.prefixes)
    except SyntaxError as error:
        remedy = "Fix the syntax; see the Turtle and TriG specifications."
        # The parser's message repeats the place, which the problem carries apart.
        words = (error.msg.partition(": ")[2] or error.msg).partition(" (line")[0]
        parsed.problem = Problem("KG101", words, Place(name, error.lineno, error.offset), remedy)
    except UnicodeDecodeError as error:
        parsed.problem = Problem("KG101", f"the file is not UTF-8: {error.reason}", Place(name, reader.line))
    except MemoryError:  # the engine's bound on one token
        remedy = "Break it into several statements."
        parsed.problem = Problem("KG101", "one value is longer than 16 MB", Place(name, reader.line), remedy)
    return parsed


#: Statements about one term: predicate and object, in the form that ``descriptions`` writes.
Description = frozenset[tuple[Term, str]]
_Pairs = Mapping[Term, list[tuple[Term, Term]]]
#: Characters of the text of a node without a name.
_LONGEST_TEXT = 100_000

TYPE, LABEL = iri(RDF + "type"), iri(RDFS + "label")
DEFINITION = iri(SKOS + "definition")
_FIRST, _REST, _NIL = (iri(RDF + name) for name in ("first", "rest", "nil"))
#: What marks a name that was given to a node without one.
SKOLEM = "/.well-known/genid/"
_KINDS = {
    iri(OWL + "Class"): "class",
    iri(OWL + "ObjectProperty"): "property",
    iri(OWL + "DatatypeProperty"): "property",
    iri(OWL + "AnnotationProperty"): "property",
    iri(OWL + "Ontology"): "ontology",
}


def descriptions(triples: Iterable[Triple]) -> dict[Term, Description]:
    """Statements about each named subject.

    A node without a name is written out where it is used; one that nothing uses (an ``owl:AllDisjointClasses``)
    stands under what it says.
    """
    by_subject: dict[Term, list[tuple[Term, Term]]] = defaultdict(list)
    used: set[Term] = set()
    for s, p, o in triples:
        by_subject[s].append((p, o))
        if SKOLEM in o:
            used.add(o)
    found = {}
    known: dict[tuple[Term, int], str] = {}
    for subject, pairs in by_subject.items():
        if SKOLEM in subject:
            if subject not in used:
                text = _describe(subject, by_subject, known)
                found[text] = frozenset([("", text)])
            continue
        found[subject] = frozenset((p, _describe(o, by_subject, known)) for p, o in pairs)
    return found


def _describe(term: Term, by_subject: _Pairs, known: dict[tuple[Term, int], str], depth: int = 0) -> str:
    """A term as it is; a node without a name as ``( a b )`` or ``[ predicate object … ]``, sorted.

    ``known`` is what was written of nodes at each depth. Nodes that share nodes could double a text at every step:
    what gets longer than a page or two stands there by its digest.
    """
    if SKOLEM not in term or depth > 20:
        return term
    if (term, depth) not in known:
        pairs = by_subject.get(term, [])
        if any(p == _FIRST for p, _o in pairs):
            text = f"( {' '.join(_members(term, by_subject, known, depth))} )"
        else:
            parts = sorted(f"{p} {_describe(o, by_subject, known, depth + 1)}" for p, o in pairs)
            text = f"[ {' ; '.join(parts)} ]"
        digest = f"[ … {hashlib.sha256(text.encode()).hexdigest()} ]"
        known[term, depth] = text if len(text) <= _LONGEST_TEXT else digest
    return known[term, depth]


def kind_of(description: Description) -> str:
    """``class``, ``property``, ``ontology``, ``axiom`` or ``individual``."""
    for predicate, value in description:
        if predicate == TYPE and value in _KINDS:
            return _KINDS[value]
    return "axiom" if any(not predicate for predicate, _value in description) else "individual"


def _members(head: Term, by_subject: _Pairs, known: dict[tuple[Term, int], str], depth: int) -> list[str]:
    found: list[str] = []
    while head != _NIL and len(found) < len(by_subject):
        pairs = dict(by_subject.get(head, ()))
        if _FIRST not in pairs:
            break
        found.append(_describe(pairs[_FIRST], by_subject, known, depth + 1))
        head = pairs.get(_REST, _NIL)
    return found
