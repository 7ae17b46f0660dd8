"""Parsing RDF files, each quad with the line it ends on, literals as the store will keep them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError, Place, Problem
from kg.files import read
from kg.model import Term, Triple, term_of

if TYPE_CHECKING:
    pass

__all__ = ["ParsedFile", "parse_file"]


@dataclass(slots=True)
class ParsedFile:
    """What a file says: quads as ``(triple, graph or None, line)``, its prefixes, and why it stopped short."""

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
        place = Place(name, error.lineno, error.offset)
        parsed.problem = Problem(
            "KG101",
            _first_words(error.msg),
            place,
            "Mend the syntax; see the Turtle and TriG specifications.",
        )
    except UnicodeDecodeError as error:
        parsed.problem = Problem("KG101", f"is not UTF-8: {error.reason}", Place(name, reader.line))
    except MemoryError:  # the engine's bound on one token
        remedy = "Break it into several statements."
        parsed.problem = Problem("KG101", "one value is longer than 16 MB", Place(name, reader.line), remedy)
    return parsed


def _first_words(message: str) -> str:
    # The parser's message repeats the place, which the problem carries apart.
    text = message.partition(": ")[2] or message
    return text.partition(" (line")[0]
