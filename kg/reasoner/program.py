"""A program: the rules evaluated against one ontology, as plain data that can be kept and carried elsewhere."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator
from itertools import repeat
from typing import Any, NamedTuple

from kg.model import Term, Triple
from kg.reasoner.joins import witnesses
from kg.reasoner.partial_evaluation import FIRST_CLAUSE, schema_clauses, watch_lists
from kg.reasoner.relations import CLAUSE_BITS, CLAUSE_MASK, MASK
from kg.reasoner.rule_table import Clause, Condition, CustomRule, clauses_of, places
from kg.reasoner.seminaive import Engine, strata

_FORMAT = 4


class DerivedTriple(NamedTuple):
    """A triple that follows from the ontology alone: its clause's number, and the terms its record keeps."""

    triple: Triple
    clause: int
    kept: tuple[Term, ...]


class Program(NamedTuple):
    """The ontology's triples, what follows from them, and the clauses that are left for data.

    ``clauses`` excludes those of the table that need no ontology
    (:func:`kg.reasoner.partial_evaluation.schema_clauses`); ``idle`` has the positions in it that others make
    superfluous when running forward. ``false`` has the ontology's own inconsistencies: a clause's number, and the
    terms of its variables; ``own``, the positions of the clauses of the project's own rules.
    """

    triples: tuple[Triple, ...]
    derived: tuple[DerivedTriple, ...]
    clauses: tuple[Clause, ...]
    idle: frozenset[int]
    false: tuple[tuple[int, tuple[Term, ...]], ...] = ()
    own: frozenset[int] = frozenset()

    def dumps(self) -> str:
        """As JSON: each term once, in a list; a triple is three places in it, triples follow on one another."""
        places: dict[Term, int] = {}
        axioms = {id(each.axioms): each.axioms for each in self.clauses}  # clauses of one list share theirs
        numbers = {key: number for number, key in enumerate(axioms)}

        def flat(parts: Iterable[tuple[Term, ...]]) -> list[int]:
            return [places.setdefault(term, len(places)) for part in parts for term in part]

        data = {
            "format": _FORMAT,
            "triples": flat(self.triples),
            "derived": [(c, *flat([triple]), *flat([kept])) for triple, c, kept in self.derived],
            "clauses": [
                (
                    each.name,
                    numbers[id(each.axioms)],
                    flat(each.body),
                    flat([each.head] if each.head else ()),
                    each.conditions,
                )
                for each in self.clauses
            ],
            "idle": sorted(self.idle),
            "false": [(clause, *flat([terms])) for clause, terms in self.false],
            "own": sorted(self.own),
            "axioms": [flat(each) for each in axioms.values()],
        }
        return json.dumps({**data, "terms": list(places)}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> Program:
        """From JSON. Raises ValueError when it is of another format."""
        data = json.loads(text)
        if data.get("format") != _FORMAT:
            raise ValueError(f"a program of format {data.get('format')}; this is format {_FORMAT}")
        term = data["terms"].__getitem__

        def triples(flat: list[int]) -> tuple[Triple, ...]:
            found = map(term, flat)
            return tuple(zip(found, found, found, strict=True))

        axioms = [triples(flat) for flat in data["axioms"]]
        return cls(
            triples(data["triples"]),
            tuple(
                DerivedTriple((term(s), term(p), term(o)), clause, tuple(map(term, kept)))
                for clause, s, p, o, *kept in data["derived"]
            ),
            tuple(
                Clause(name, axioms[place], triples(body), triples(head)[0] if head else None, _conditions(found))
                for name, place, body, head, found in data["clauses"]
            ),
            frozenset(data["idle"]),
            tuple((clause, tuple(map(term, terms))) for clause, *terms in data["false"]),
            frozenset(data["own"]),
        )


def _tuples(value: Any) -> Any:  # noqa: ANN401 - JSON arrays of arrays
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _conditions(found: list[Any]) -> tuple[Condition, ...]:
    return tuple(Condition(kind, _tuples(detail)) for kind, detail in found)


def compile_program(ontology_triples: Iterable[Triple], custom_rules: Iterable[CustomRule | Clause] = ()) -> Program:
    """Evaluate the rule table against an ontology.

    ``custom_rules`` are the project's own (:func:`kg.corpus.rules.read_rules`). Raises InputError when they cannot be
    stratified.
    """
    rules = list(custom_rules)
    return program_of(close_ontology(ontology_triples, rules), frozenset(clauses_of(rules)))


def close_ontology(triples: Iterable[Triple], custom_rules: Iterable[CustomRule | Clause] = ()) -> Engine:
    """An engine that has closed an ontology without its data, so that nothing counts as absent.

    Raises InputError when the custom rules cannot be stratified.
    """
    engine = Engine()
    engine.held = True
    rules = list(custom_rules)
    engine.places = places(rules)
    for clause in (*schema_clauses(), *clauses_of(rules)):
        engine.add_clause(clause)
    engine.load(triples)
    engine.run()
    if engine.waiting:
        strata(engine)
    return engine


def program_of(engine: Engine, own: Container[Clause]) -> Program:
    """The program of an engine that has closed an ontology, with the project's own rules."""
    skip = FIRST_CLAUSE + len(schema_clauses())
    numbered = [compiled for compiled in engine.compiled[skip:] if compiled is not None]
    triples, derived = [], []
    for relation in engine.relations():
        for fact, record in relation.facts.items():
            if record == 0:
                triples.append(engine.triple(relation, fact))
                continue
            kept, rest = [], record >> CLAUSE_BITS
            while rest:
                kept.append(engine.terms[rest & MASK])
                rest >>= 32
            derived.append(DerivedTriple(engine.triple(relation, fact), record & CLAUSE_MASK, tuple(kept)))
    idle = {compiled.number - skip for compiled in engine.idle}
    return Program(
        tuple(sorted(triples)),
        tuple(derived),
        tuple(compiled.clause for compiled in numbered),
        frozenset(number for number in idle if number >= 0),
        tuple((number, tuple(engine.terms[v] for v in values)) for number, values in engine.false),
        frozenset(
            place for place, compiled in enumerate(numbered) if not compiled.clause.axioms and compiled.clause in own
        ),
    )


def _records(engine: Engine, derived: Iterable[DerivedTriple]) -> Iterator[int]:
    """The records of triples that follow from the ontology alone."""
    for _, record, kept in derived:
        for place, term in enumerate(kept):
            record |= engine.intern(term) << (CLAUSE_BITS + 32 * place)
        yield record


def restore(
    program: Program, asserted: Iterable[Triple], steps: Iterable[tuple[Triple, Clause, tuple[Term, ...]]]
) -> Engine:
    """An engine with a closure that another has computed with the program's clauses.

    ``steps`` are the derived triples, each with its clause and the terms of the clause's variables.
    """
    engine = start(program)
    engine.put(asserted, repeat(0))
    numbered = {compiled.clause: compiled for compiled in engine.compiled if compiled is not None}
    for triple, clause, values in steps:
        if not engine.holds(triple):
            compiled = numbered[clause]
            record = compiled.number
            for place, variable in enumerate(witnesses(compiled.shape.atoms, compiled.shape.head)):
                record |= engine.intern(values[variable]) << (CLAUSE_BITS + 32 * place)
            engine.put([triple], [record])
    engine.settle_resumed()
    return engine


def start(program: Program | None, custom_rules: Iterable[CustomRule | Clause] = ()) -> Engine:
    """A engine at the point where the program's ontology is closed and no data has come."""
    engine = Engine()
    for clause in schema_clauses():
        engine.add_clause(clause)
    if program is not None:
        engine.resume(program.clauses, program.idle)
        engine.put(program.triples, repeat(0))
        engine.put((derived.triple for derived in program.derived), _records(engine, program.derived))
        engine.settle_resumed()
        watch_lists(engine)
        for number, terms in program.false:
            engine.contradict(number, tuple(engine.intern(term) for term in terms))
    rules = list(custom_rules)
    engine.places = places(rules)
    for clause in clauses_of(rules):
        engine.add_clause(clause)
    return engine
