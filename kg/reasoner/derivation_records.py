"""Read derivation records: which rule gave a fact, from which premises; and which rules found an inconsistency.

AllDifferent, AllDisjointClasses and AllDisjointProperties speak of any two members of a list. Nothing follows from an
inconsistency, so they are evaluated once, on the finished closure: for each equality clique, for the types of each
instance, for the properties of each pair. Of n members that meet, each is reported with the first in the list:
``n - 1`` inconsistencies.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from kg.model import Term, Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.equality import EQ_REP_O, EQ_REP_S
from kg.reasoner.joins import Compiled, witnesses
from kg.reasoner.literals import DIFF, EQ_REF, ILL_TYPED, SAME_VALUE, VALUE_TYPE
from kg.reasoner.partial_evaluation import PairList
from kg.reasoner.proof import Derivation, Inconsistency
from kg.reasoner.relations import CLAUSE_BITS, CLAUSE_MASK, MASK, Relation
from kg.reasoner.seminaive import Engine
from kg.reasoner.wide_joins import witness_values

if TYPE_CHECKING:
    from kg.reasoner.clauses import Clauses


def pair_inconsistencies(engine: Clauses) -> Iterator[Inconsistency]:
    """Every inconsistency by these rules over an engine's facts."""
    for each in engine.pair_lists.values():
        for one, other, binding in _shared(engine, each) if len(each.rule.when) == 2 else _equal(engine, each):
            yield Inconsistency(each.rule.name, each.premises(one, other, binding))


def _equal(engine: Clauses, each: PairList) -> Iterator[tuple[int, int, dict[str, Term]]]:
    """Two places in the list whose members are equal, the first of each clique with the others."""
    first: dict[int, int] = {}
    for place, member in enumerate(engine.intern(term) for term in each.members):
        if member in first:
            yield first[member], place, {}
        else:
            first |= dict.fromkeys((member, *engine.same.forward().get(member, ())), place)


def _shared(engine: Clauses, each: PairList) -> Iterator[tuple[int, int, dict[str, Term]]]:
    """Two places in the list whose class, or property, has the same fact, with the terms of that fact."""
    first: dict[int, int] = {}
    for place in range(len(each.members)):
        s, p, o = each.pattern(place) or ("", "", "")
        typed = p == n.TYPE and not o.startswith("?")
        relation = engine.relation(engine.intern(p), engine.intern(o) if typed else None)
        for fact in relation.facts:
            if first.setdefault(fact, place) != place:
                parts = {s: fact} if typed else {s: fact >> 32, o: fact & MASK}
                yield first[fact], place, {name: engine.terms[part] for name, part in parts.items()}


_LITERAL_RULES = {SAME_VALUE: "dt-eq", DIFF: "dt-diff", VALUE_TYPE: "dt-type2"}


def recorded(engine: Engine, relation: Relation, fact: int) -> Derivation | None:
    """The step that first gave a fact; None when it is asserted."""
    record = relation.facts[fact]
    number = record & CLAUSE_MASK
    if number == 0:
        return None
    conclusion = engine.triple(relation, fact)
    if number in (EQ_REP_S, EQ_REP_O):
        return replacement(engine, conclusion, number, engine.terms[record >> CLAUSE_BITS])
    if number in _LITERAL_RULES:
        return Derivation(_LITERAL_RULES[number], conclusion, ())
    if number == EQ_REF:
        return _recorded_eq_ref(engine, conclusion, record)
    compiled = engine.compiled[number]
    assert compiled is not None  # noqa: S101 - the numbers below are all handled above
    return derivation_of(engine, compiled, _values(engine, compiled, relation, fact, record))


def replacement(engine: Engine, conclusion: Triple, number: int, former: Term) -> Derivation:
    """A step of eq-rep-s or eq-rep-o that put the conclusion's subject or object in place of ``former``."""
    s, p, o = conclusion
    if number == EQ_REP_S:
        return Derivation("eq-rep-s", conclusion, ((former, n.SAME, s), (former, p, o)))
    return Derivation("eq-rep-o", conclusion, ((former, n.SAME, o), (s, p, former)))


def eq_ref(engine: Engine, conclusion: Triple) -> Iterator[Derivation]:
    """Rule eq-ref, from the first asserted triple that has the term; where none has, from each of the others.

    A derived one may rest on the conclusion itself; a search for a proof leaves such a step out.
    """
    if conclusion[0] == n.DIFFERENT and (pair := engine.literals.apart()):
        yield Derivation("eq-ref", conclusion, ((pair[0], n.DIFFERENT, pair[1]),))
        return
    term = engine.ids.get(conclusion[0])
    if term is None:
        return
    found = [(relation, fact) for relation in list(engine.relations()) for fact in _mentions(relation, term)]
    asserted = [engine.triple(relation, fact) for relation, fact in found if not relation.facts[fact]]
    least = min((triple for triple in asserted if triple != conclusion), default=None)
    if least is not None:
        yield Derivation("eq-ref", conclusion, (least,))
        return
    for triple in sorted(engine.triple(relation, fact) for relation, fact in found):
        if triple != conclusion:
            yield Derivation("eq-ref", conclusion, (triple,))


def _recorded_eq_ref(engine: Engine, conclusion: Triple, record: int) -> Derivation:
    """The step from the first asserted triple that has the term; else from the one that was there before."""
    s, p, o = (engine.terms[record >> shift & MASK] for shift in range(CLAUSE_BITS, CLAUSE_BITS + 96, 32))
    steps = list(islice(eq_ref(engine, conclusion), 2))
    return steps[0] if len(steps) == 1 else Derivation("eq-ref", conclusion, ((s, p, o),))


def _mentions(relation: Relation, term: int) -> list[int]:
    """The facts of a relation that have the term."""
    if term in (relation.predicate, relation.cls):
        return list(relation.facts)
    if relation.cls is not None:
        return [term] if term in relation.facts else []
    found = [term << 32 | o for o in relation.forward().get(term, ())]
    return found + [s << 32 | term for s in relation.backward().get(term, ())]


def _values(engine: Engine, compiled: Compiled, relation: Relation, fact: int, record: int) -> list[int]:
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
    kept = witnesses(compiled.shape.atoms, compiled.shape.head)
    for variable, value in zip(kept, witness_values(record, len(kept)), strict=True):
        values[variable] = value
    return values


def derivation_of(engine: Engine, compiled: Compiled, values: list[int] | tuple[int, ...]) -> Derivation:
    """A clause under a binding, as a step."""
    terms = engine.terms
    binding = {name: terms[value] for name, value in zip(compiled.variables, values, strict=True)}
    clause = compiled.clause
    head = clause.head or ("", "", "")
    s, p, o = head
    conclusion = (binding.get(s, s), binding.get(p, p), binding.get(o, o))
    return Derivation(clause.name, conclusion, clause.premises(binding))


def inconsistencies(engine: Engine) -> Iterator[Inconsistency]:
    """Every inconsistency, each with its premises."""
    yield from (inconsistency(engine, key) for key in engine.false)
    yield from pair_inconsistencies(engine)


def inconsistency(engine: Engine, key: tuple[int, tuple[int, ...]]) -> Inconsistency:
    """One inconsistency, from the clause and the binding that the engine noted."""
    number, values = key
    if number == ILL_TYPED:
        member, cls = (engine.terms[value] for value in values)
        return Inconsistency("dt-not-type", ((member, n.TYPE, cls),))
    compiled = engine.compiled[number]
    assert compiled is not None  # noqa: S101 - only clauses are noted as false
    step = derivation_of(engine, compiled, values)
    return Inconsistency(step.rule, step.premises)
