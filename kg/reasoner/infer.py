"""Infer from RDF files: whoever's ontology it is, what follows from it and the data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from kg.model import Term, Triple
from kg.reasoner.closure import Closure, close
from kg.reasoner.owl_terms import TYPE, iri
from kg.reasoner.rdf_files import Given, read_rdf
from kg.reasoner.reasoners import get_reasoner

__all__ = ["Inferred", "infer", "steps_as_json"]

_ONTOLOGY, _IMPORTS = iri("owl:Ontology"), iri("owl:imports")


class Inferred(NamedTuple):
    """What follows: sorted triples, trivial ones only where asked for, and one line for each inconsistency.

    ``closure`` is None when the reasoner gives none. ``imports`` names the ontologies that are imported and are
    not those of the files: what follows from them is not here. ``given`` is what the files say.
    """

    triples: list[Triple]
    inconsistent: tuple[str, ...]
    closure: Closure | None
    imports: tuple[Term, ...]
    given: Given


def infer(
    files: Sequence[Path], reasoner: str = "native", *, form: str = "", base: str = "", trivial: bool = False
) -> Inferred:
    """Read RDF files in any syntax and infer all that follows under OWL 2 RL/RDF.

    Named graphs are read as one; blank nodes of several files are kept apart; ``owl:imports`` is not followed.
    ``form`` and ``base`` are as ``read_rdf`` has them; with ``trivial``, triples that hold of everything are there
    too, where something follows from them. Raises InputError when a file cannot be read and UsageError when there is
    no such reasoner.
    """
    chosen = get_reasoner(reasoner)
    given = read_rdf(files, form, base)
    triples = given.triples
    here = {s for s, p, o in triples if (p, o) == (TYPE, _ONTOLOGY)}
    imports = tuple(sorted({o for _, p, o in triples if p == _IMPORTS} - here))
    if chosen.name != "native":
        outcome = chosen.reason(triples)
        return Inferred(sorted(outcome.inferred), outcome.inconsistent, None, imports, given)
    closure = close(dict.fromkeys(triples))
    lines = tuple(each.rule for each in closure.inconsistencies)
    return Inferred(sorted(closure.inferred(trivial=trivial)), lines, closure, imports, given)


def steps_as_json(closure: Closure) -> Iterator[str]:
    """The step of each derived triple as a line of JSON, trivial ones included: others may rest on them.

    Keys: ``triple``, ``rule``, ``premises``; triples are arrays of three N-Triples terms.
    """
    import json

    for triple in sorted(closure):
        step = closure.derivation(triple)
        if step is not None:
            yield json.dumps({"triple": triple, "rule": step.rule, "premises": step.premises}, ensure_ascii=False)
