"""Read records: which rule gave a fact, from which premises."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from kg.model import Term, Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.derivation import Inconsistency, Step
from kg.reasoner.joins import witnesses
from kg.reasoner.pairs import pair_inconsistencies
from kg.reasoner.relation import CLAUSE_BITS, CLAUSE_MASK, MASK, Relation
from kg.reasoner.seminaive import EQ_REP_O, EQ_REP_S, Compiled, Machine
from kg.reasoner.values import DIFF, EQ_REF, ILL_TYPED, SAME_VALUE, VALUE_TYPE

__all__ = ["eq_ref", "inconsistencies", "inconsistency", "recorded", "replacement", "step_of"]

_LITERAL_RULES = {SAME_VALUE: "dt-eq", DIFF: "dt-diff", VALUE_TYPE: "dt-type2"}


def recorded(machine: Machine, relation: Relation, fact: int) -> Step | None:
    """The step that first gave a fact; None when it is asserted."""
    record = relation.facts[fact]
    number = record & CLAUSE_MASK
    if number == 0:
        return None
    conclusion = machine.triple(relation, fact)
    if number in (EQ_REP_S, EQ_REP_O):
        return replacement(machine, conclusion, number, machine.terms[record >> CLAUSE_BITS])
    if number in _LITERAL_RULES:
        return Step(_LITERAL_RULES[number], conclusion, ())
    if number == EQ_REF:
        return _recorded_eq_ref(machine, conclusion, record)
    compiled = machine.compiled[number]
    assert compiled is not None  # noqa: S101 - the numbers below are all handled above
    return step_of(machine, compiled, _values(machine, compiled, relation, fact, record))


def replacement(machine: Machine, conclusion: Triple, number: int, former: Term) -> Step:
    """A step of eq-rep-s or eq-rep-o that put the conclusion's subject or object in place of ``former``."""
    s, p, o = conclusion
    if number == EQ_REP_S:
        return Step("eq-rep-s", conclusion, ((former, n.SAME, s), (former, p, o)))
    return Step("eq-rep-o", conclusion, ((former, n.SAME, o), (s, p, former)))


def eq_ref(machine: Machine, conclusion: Triple) -> Iterator[Step]:
    """Rule eq-ref, from the first asserted triple that has the term; where none has, from each of the others.

    Of what is derived some may rest on the conclusion itself: a search takes what does not.
    """
    if conclusion[0] == n.DIFFERENT and (pair := machine.values.apart()):
        yield Step("eq-ref", conclusion, ((pair[0], n.DIFFERENT, pair[1]),))
        return
    term = machine.ids.get(conclusion[0])
    if term is None:
        return
    found = [(relation, fact) for relation in list(machine.relations()) for fact in _mentions(relation, term)]
    asserted = [machine.triple(relation, fact) for relation, fact in found if not relation.facts[fact]]
    least = min((triple for triple in asserted if triple != conclusion), default=None)
    if least is not None:
        yield Step("eq-ref", conclusion, (least,))
        return
    for triple in sorted(machine.triple(relation, fact) for relation, fact in found):
        if triple != conclusion:
            yield Step("eq-ref", conclusion, (triple,))


def _recorded_eq_ref(machine: Machine, conclusion: Triple, record: int) -> Step:
    """The step from the first asserted triple that has the term; else from the one that was there before."""
    s, p, o = (machine.terms[record >> shift & MASK] for shift in range(CLAUSE_BITS, CLAUSE_BITS + 96, 32))
    steps = list(islice(eq_ref(machine, conclusion), 2))
    return steps[0] if len(steps) == 1 else Step("eq-ref", conclusion, ((s, p, o),))


def _mentions(relation: Relation, term: int) -> list[int]:
    """The facts of a relation that have the term."""
    if term in (relation.predicate, relation.cls):
        return list(relation.facts)
    if relation.cls is not None:
        return [term] if term in relation.facts else []
    found = [term << 32 | o for o in relation.forward().get(term, ())]
    return found + [s << 32 | term for s in relation.backward().get(term, ())]


def _values(machine: Machine, compiled: Compiled, relation: Relation, fact: int, record: int) -> list[int]:
    """The integers of a clause's variables, from the conclusion and what its record keeps."""
    values = [0] * len(compiled.variables)
    kind, args = compiled.shape.head
    if relation.cls is not None:
        parts = (fact, relation.cls) if kind == "T" else (fact,)
    else:
        parts = (fact >> 32, fact & MASK)
    for arg, part in zip(args, parts, strict=True):
        if arg >= 0:
            values[arg] = part
    record >>= CLAUSE_BITS
    for variable in witnesses(compiled.shape.atoms, compiled.shape.head):
        values[variable] = record & MASK
        record >>= 32
    return values


def step_of(machine: Machine, compiled: Compiled, values: list[int] | tuple[int, ...]) -> Step:
    """A clause under a binding, as a step."""
    terms = machine.terms
    binding = {name: terms[value] for name, value in zip(compiled.variables, values, strict=True)}
    clause = compiled.clause
    head = clause.head or ("", "", "")
    s, p, o = head
    conclusion = (binding.get(s, s), binding.get(p, p), binding.get(o, o))
    return Step(clause.name, conclusion, clause.premises(binding))


def inconsistencies(machine: Machine) -> Iterator[Inconsistency]:
    """Every inconsistency, each with its premises."""
    yield from (inconsistency(machine, key) for key in machine.false)
    yield from pair_inconsistencies(machine)


def inconsistency(machine: Machine, key: tuple[int, tuple[int, ...]]) -> Inconsistency:
    """One inconsistency, from the clause and the binding that the machine noted."""
    number, values = key
    if number == ILL_TYPED:
        member, cls = (machine.terms[value] for value in values)
        return Inconsistency("dt-not-type", ((member, n.TYPE, cls),))
    compiled = machine.compiled[number]
    assert compiled is not None  # noqa: S101 - only clauses are noted as false
    step = step_of(machine, compiled, values)
    return Inconsistency(step.rule, step.premises)
