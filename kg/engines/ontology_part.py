"""The part of a graph that the embedded reasoner closes: the ontology, and the equalities that concern it.

The ontology is what the rules are evaluated against (:mod:`kg.reasoner.partial_evaluation`). Its closure is small,
goes to the engine as facts, and gives the clauses that run there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kg.model import Term, Triple
from kg.reasoner import Clause, Closure, Program
from kg.reasoner.clauses import Clauses
from kg.reasoner.datatypes import DATATYPES
from kg.reasoner.owl_terms import DIFFERENT, SAME, THING, TYPE
from kg.reasoner.partial_evaluation import schema_clauses
from kg.reasoner.program import close_ontology, program_of
from kg.reasoner.seminaive import strata


class Vocabulary:
    """Which triples are the ontology's: those whose property, or class with rdf:type, a rule reads there."""

    def __init__(self) -> None:
        facts = Clauses()
        read = [(facts.terms[p], None if c is None else facts.terms[c]) for p, c in facts.schema_ids]
        self.properties = frozenset(p for p, c in read if c is None)
        self.classes = frozenset(c for _, c in read if c is not None)

    def has(self, triple: Triple) -> bool:
        """Whether a triple is the ontology's."""
        _, p, o = triple
        return p in self.properties or (p == TYPE and o in self.classes)


class OntologyPart(NamedTuple):
    """What the embedded reasoner makes of the ontology.

    ``clauses`` are for the engine, those without NOT EXISTS; ``strata``, those with it, in the order in which they
    run.
    """

    program: Program
    closure: Closure
    clauses: tuple[Clause, ...]
    strata: tuple[tuple[Clause, ...], ...]


def compile_part(triples: Iterable[Triple], rules: Sequence[Clause]) -> OntologyPart:
    """Close the ontology and compile its program.

    Raises InputError when the rules cannot be stratified.
    """
    engine = close_ontology(triples, rules)
    program = program_of(engine, frozenset(rules))
    running = [clause for place, clause in enumerate(program.clauses) if place not in program.idle]
    if _asks_for_things([*running, *schema_clauses()]):
        running += [c for place, c in enumerate(program.clauses) if place in program.idle and _gives_thing(c)]
    fixed = [clause for clause in schema_clauses() if clause.body and not clause.name.startswith("eq-")]
    positive = tuple(clause for clause in (*running, *fixed) if clause.body and not clause.negative)
    return OntologyPart(program, Closure(engine), positive, tuple(map(tuple, strata(engine))))


def _asks_for_things(clauses: Iterable[Clause]) -> bool:
    asked = (pattern for clause in clauses for pattern in (*clause.body, *clause.absent))
    return any(p == TYPE and (o == THING or o.startswith("?")) for _, p, o in asked)


def _gives_thing(clause: Clause) -> bool:
    return clause.head is not None and clause.head[1:] == (TYPE, THING) and clause.name == "cax-sco"


def asked_datatypes(clauses: Iterable[Clause]) -> tuple[Term, ...]:
    """The datatypes whose members some clause asks for."""
    asked = {o for clause in clauses for _, p, o in (*clause.body, *clause.absent) if p == TYPE}
    every = any(o.startswith("?") for o in asked)
    return tuple(sorted(name for name in DATATYPES if every or name in asked))


def uses_same(clause: Clause) -> bool:
    """Whether a rule of the project reads owl:sameAs or owl:differentFrom."""
    return any(p in (SAME, DIFFERENT) for _, p, _ in (*clause.body, *clause.absent))
