"""One-step rule instances, read off a finished closure: for one conclusion, or all of them.

Unlike the records, they do not depend on the order in which the closure was worked out.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from kg.closure.step import Step
from kg.closure.steps import eq_ref, replacement, step_of
from kg.model import Triple
from kg.rules import names as n
from kg.rules.datatypes import in_space, is_literal, value_key
from kg.rules.machine import EQ_REP_O, EQ_REP_S, Compiled, Machine, is_transitive
from kg.rules.relation import CLAUSE_MASK, MASK, Relation
from kg.rules.shapes import join
from kg.rules.solve import solve

__all__ = ["derivations", "instances", "instances_of", "thing", "virtual"]


#: What many calls of :func:`derivations` on one closure share. Of "into", a transitive relation and an object: the
#: subjects of its basic facts; of "others" and a relation: the clauses that can give its facts, transitivity apart.
Memo = dict[tuple[object, ...], Any]


def derivations(machine: Machine, triple: Triple, linear: Memo | None = None) -> Iterator[Step]:
    """Every one-step rule instance over the closure that has the triple as its conclusion.

    With ``linear`` (a memo for many calls), of a transitive rule only the instances whose second premise also
    holds for another reason. Every proof can be brought into that form with the same leaves and as many steps.
    """
    s, p, o = triple
    if is_literal(s) or (p == n.SAME and s == o):
        yield from virtual(machine, triple)
    for compiled in machine.by_head(triple):
        if linear is not None and is_transitive(compiled):
            yield from _linear(machine, compiled, triple, linear)
            continue
        for values in solve(machine, compiled, triple):
            step = step_of(machine, compiled, values)
            if triple not in step.premises:
                yield step
    yield from _replacements(machine, triple)


def _linear(machine: Machine, compiled: Compiled, triple: Triple, memo: Memo) -> Iterator[Step]:
    """The instances of a transitive clause whose second premise is basic."""
    located = machine.locate(triple)
    if located is None or not located[0].facts or triple in compiled.clause.axioms:
        return
    relation, fact = located
    facts, terms = relation.facts, machine.terms
    x, z = fact >> 32, fact & MASK
    into: list[int] | None = memo.get(("into", relation, z))
    if into is None:
        into = memo["into", relation, z] = _basic_into(machine, relation, z, memo)
    (name, axioms, *_), (s, p, o) = compiled.clause, triple
    for y in into:
        if y not in (x, z) and x << 32 | y in facts:
            middle = terms[y]
            yield Step(name, triple, (*axioms, (s, p, middle), (middle, p, o)))


def _basic_into(machine: Machine, relation: Relation, z: int, memo: Memo) -> list[int]:
    """The subjects of a relation's facts with that object that are asserted or follow by more than transitivity."""
    facts, own = relation.facts, relation.transitive
    candidates = relation.backward().get(z, ())
    others: list[Compiled] | None = memo.get(("others", relation))
    if others is None:
        found = machine.by_head(machine.triple(relation, next(iter(facts))))
        others = memo["others", relation] = [compiled for compiled in found if not is_transitive(compiled)]
    sure = [y for y in candidates if not (record := facts[y << 32 | z]) or record & CLAUSE_MASK != own]
    if not others and not machine.same.facts:
        return sure
    known = set(sure)
    return [y for y in candidates if y in known or _otherwise(machine, machine.triple(relation, y << 32 | z), others)]


def _otherwise(machine: Machine, triple: Triple, others: list[Compiled]) -> bool:
    """Whether some of the clauses, or an equality, give a triple."""
    return (
        any(triple not in step_of(machine, c, v).premises for c in others for v in solve(machine, c, triple))
        or next(_replacements(machine, triple), None) is not None
    )


def _replacements(machine: Machine, triple: Triple) -> Iterator[Step]:
    """Instances of eq-rep-s and eq-rep-o with that conclusion."""
    s, p, o = triple
    if p == n.SAME or not machine.same.facts:
        return
    backward = machine.same.backward()
    for number, term in ((EQ_REP_S, s), (EQ_REP_O, o)):
        for former in backward.get(machine.ids.get(term, -1), ()):
            name = machine.terms[former]
            source = (name, p, o) if number == EQ_REP_S else (s, p, name)
            if source != triple and machine.holds(source):
                yield replacement(machine, triple, number, name)


def instances(machine: Machine) -> Iterator[Step]:
    """Every one-step rule instance over the closure whose conclusion the closure holds as a fact.

    Left out: instances whose conclusion is one of their premises.
    """
    clauses = [compiled for compiled in machine.compiled if compiled is not None and compiled.clause.head]
    fixed = [compiled for compiled in clauses if not compiled.clause.axioms]
    # A rule with two conclusions is two clauses, which may say the same.
    yield from dict.fromkeys(step for compiled in fixed for step in _of_clause(machine, compiled))
    for compiled in clauses:
        if compiled.clause.axioms:
            yield from _of_clause(machine, compiled)
    if machine.same.facts:
        for relation in list(machine.relations()):
            for fact in list(relation.facts) if relation is not machine.same else ():
                yield from _replacements(machine, machine.triple(relation, fact))
    yield from _axiomatic(machine)


def instances_of(machine: Machine, new: Iterable[Triple], names: Container[str]) -> Iterator[Step]:
    """Every one-step rule instance with one of the triples as a premise, and all those of some rules; some twice.

    Of the others, those that need no premise may be left out. The closure must have no equalities but of literals
    (eq-rep is not looked for).
    """
    fresh: dict[Relation, list[int]] = {}
    for triple in new:
        located = machine.locate(triple)
        if located is not None:
            fresh.setdefault(located[0], []).append(located[1])
    for compiled in machine.compiled:
        if compiled is None or not compiled.clause.head:
            continue
        if compiled.clause.name in names:
            yield from _of_clause(machine, compiled)
        elif all(relation.facts for relation in compiled.relations):
            for place, relation in enumerate(compiled.relations):
                if relation in fresh:
                    yield from _started(machine, compiled, place, fresh[relation])
    yield from _axiomatic(machine)


def _of_clause(machine: Machine, compiled: Compiled) -> Iterator[Step]:
    if not compiled.relations:
        yield step_of(machine, compiled, ())
        return
    if not all(relation.facts for relation in compiled.relations):
        return
    first = min(range(len(compiled.relations)), key=lambda k: len(compiled.relations[k].facts))
    yield from _started(machine, compiled, first, list(compiled.relations[first].facts))


def _started(machine: Machine, compiled: Compiled, first: int, facts: list[int]) -> Iterator[Step]:
    """The instances of a clause in which one of its atoms matches one of some facts."""
    rows: list[tuple[int, ...]] = []
    join(compiled.shape, first, "each")(
        facts,
        0,
        None,
        compiled.relations,
        compiled.constants,
        compiled.conditions,
        lambda _, row: rows.append(row),
    )
    for step in (step_of(machine, compiled, row) for row in rows):
        if step.conclusion not in step.premises and machine.holds(step.conclusion):
            yield step


def _axiomatic(machine: Machine) -> Iterator[Step]:
    """The instances that rest on no premise, or on any: dt-eq, dt-diff, dt-type2, eq-ref."""
    relations: list[Relation | None] = [machine.same, machine.properties.get(machine.values.different)]
    relations += [machine.classes.get(datatype) for datatype in machine.values.datatypes]
    for relation in relations:
        for fact in list(relation.facts) if relation else ():
            if relation:
                yield from virtual(machine, machine.triple(relation, fact))


def virtual(machine: Machine, triple: Triple) -> Iterator[Step]:
    """The steps of rules that hold in every graph with these terms (eq-ref, Table 8)."""
    s, p, o = triple
    if p == n.SAME and s == o:
        yield from eq_ref(machine, triple)
    elif not is_literal(s):
        return
    elif p == n.TYPE:
        if in_space(s, o):
            yield Step("dt-type2", triple, ())
    elif p in (n.SAME, n.DIFFERENT) and is_literal(o):
        a, b = value_key(s), value_key(o)
        if a is not None and b is not None and (a == b) == (p == n.SAME):
            yield Step("dt-eq" if p == n.SAME else "dt-diff", triple, ())


def thing(machine: Machine, triple: Triple) -> Step | None:
    """Why something is an owl:Thing, when the closure does not keep that as a fact."""
    return next(derivations(machine, triple), None) if triple[1:] == (n.TYPE, n.THING) else None
