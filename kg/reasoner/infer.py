"""Infer from RDF files: whoever's ontology it is, what follows from it and the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kg.errors import InputError, Place, Problem
from kg.model import Term, Triple
from kg.reasoner.closure import Closure, close
from kg.reasoner.owl_terms import TYPE, iri
from kg.reasoner.reasoners import get_reasoner

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["Inferred", "as_text", "format_of", "infer", "read_files", "steps_as_json"]

_ONTOLOGY, _IMPORTS = iri("owl:Ontology"), iri("owl:imports")
#: The form of the labels that the parser makes for ``[]`` and lists.
_MADE_UP = re.compile(r"_:[0-9a-f]{20,32}\Z")


class Inferred(NamedTuple):
    """What follows: sorted triples without trivial ones, and one line for each inconsistency.

    ``closure`` is None when the reasoner gives none. ``imports`` names the ontologies that are imported and are
    not those of the files: what follows from them is not here.
    """

    triples: list[Triple]
    inconsistent: tuple[str, ...]
    closure: Closure | None
    imports: tuple[Term, ...]


def infer(files: Sequence[Path], reasoner: str = "native") -> Inferred:
    """Read RDF files in any syntax and infer all that follows under OWL 2 RL/RDF.

    Named graphs are read as one; blank nodes of several files are kept apart; ``owl:imports`` is not followed.
    Raises InputError when a file cannot be read and UsageError when there is no such reasoner.
    """
    chosen = get_reasoner(reasoner)
    given = read_files(files)
    here = {s for s, p, o in given if (p, o) == (TYPE, _ONTOLOGY)}
    imports = tuple(sorted({o for _, p, o in given if p == _IMPORTS} - here))
    if chosen.name != "native":
        outcome = chosen.reason(given)
        return Inferred(sorted(outcome.inferred), outcome.inconsistent, None, imports)
    closure = close(dict.fromkeys(given))
    lines = tuple(each.rule for each in closure.inconsistencies)
    return Inferred(sorted(closure.inferred()), lines, closure, imports)


def read_files(files: Sequence[Path]) -> list[Triple]:
    """The triples of RDF files, by the ending of their names.

    Raises InputError with a problem for each file: KG100, KG102 or KG101.
    """
    problems: list[Problem] = []
    triples: list[Triple] = []
    for number, file in enumerate(files, 1):
        try:
            triples += _named(_read(file), number if len(files) > 1 else 0)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return triples


def _read(file: Path) -> Iterator[Triple]:
    import pyoxigraph

    form = format_of(file)
    try:
        for quad in pyoxigraph.parse(path=str(file), format=form):
            if isinstance(quad.object, pyoxigraph.Triple):
                message = "a triple term (RDF 1.2) cannot be reasoned with"
                raise InputError(Problem("KG102", message, Place(str(file)), "leave it out"))
            yield str(quad.subject), str(quad.predicate), str(quad.object)
    except OSError as error:
        message = error.strerror or str(error)
        raise InputError(Problem("KG100", message, Place(str(file)), "check the path")) from error
    except SyntaxError as error:
        place = Place(str(file), error.lineno, error.offset)
        raise InputError(Problem("KG101", error.msg, place, "correct the file")) from error


def format_of(file: Path) -> pyoxigraph.RdfFormat:
    """The format that the ending of a file's name says. Raises InputError for an ending that is unknown."""
    import pyoxigraph

    form = pyoxigraph.RdfFormat.from_extension(file.suffix.removeprefix("."))
    if form is None:
        remedy = "name it .ttl, .nt, .nq, .trig, .rdf, .jsonld or .n3"
        raise InputError(Problem("KG102", f"unknown ending {file.suffix!r}", Place(str(file)), remedy))
    return form


def _named(triples: Iterable[Triple], number: int) -> Iterator[Triple]:
    """The triples with blank nodes labelled by file and, where they have no label, by order of appearance."""
    given = list(triples)
    blank = dict.fromkeys(term for s, _, o in given for term in (s, o) if term.startswith("_:"))
    own = {term for term in blank if not _MADE_UP.match(term)}
    free = (term for term in (f"_:anon{k}" for k in count()) if term not in own)
    part = f"_:f{number}_" if number else "_:"
    labels = {term: part + (term if term in own else next(free))[2:] for term in blank}
    return ((labels.get(s, s), p, labels.get(o, o)) for s, p, o in given)


def as_text(triples: Iterable[Triple], form: pyoxigraph.RdfFormat | None = None) -> str:
    """The triples in a format of RDF, N-Triples by default."""
    import pyoxigraph

    text = "".join(f"{s} {p} {o} .\n" for s, p, o in triples)
    if form in (None, pyoxigraph.RdfFormat.N_TRIPLES):
        return text
    parsed = pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_TRIPLES)
    written = pyoxigraph.serialize((quad.triple for quad in parsed), format=form)
    assert written is not None  # noqa: S101 - it is None only when a file was given
    return written.decode()


def steps_as_json(closure: Closure) -> Iterator[str]:
    """The step of each derived triple as a line of JSON, trivial ones included: others may rest on them.

    Keys: ``triple``, ``rule``, ``premises``; triples are arrays of three N-Triples terms.
    """
    import json

    for triple in sorted(closure):
        step = closure.derivation(triple)
        if step is not None:
            yield json.dumps({"triple": triple, "rule": step.rule, "premises": step.premises}, ensure_ascii=False)
