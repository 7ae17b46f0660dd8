"""One-step rule instances, read off a finished closure: for one conclusion, or all of them.

Unlike the records, they do not depend on the order in which the closure was worked out.
"""

from __future__ import annotations

from collections.abc import Iterator

from kg.closure.step import Step
from kg.closure.steps import eq_ref, replacement, step_of
from kg.model import Triple
from kg.rules import names as n
from kg.rules.datatypes import in_space, is_literal, value_key
from kg.rules.machine import EQ_REP_O, EQ_REP_S, Compiled, Machine, is_transitive
from kg.rules.relation import CLAUSE_MASK, MASK, Relation
from kg.rules.shapes import join
from kg.rules.solve import solve

__all__ = ["derivations", "instances", "thing", "virtual"]


Memo = dict[tuple[Relation, int], bool]


def derivations(machine: Machine, triple: Triple, linear: Memo | None = None) -> Iterator[Step]:
    """Every one-step rule instance over the closure that has the triple as its conclusion.

    With ``linear`` (a memo for many calls), of a transitive rule only the instances whose second premise also
    holds for another reason. Every proof can be brought into that form with the same leaves and as many steps.
    """
    s, p, o = triple
    if is_literal(s) or (p == n.SAME and s == o):
        found = virtual(machine, triple)
        if found:
            yield found
    for compiled in machine.by_head(triple):
        found_values = (
            solve(machine, compiled, triple)
            if linear is None or not is_transitive(compiled)
            else _linear(machine, compiled, triple, linear)
        )
        for values in found_values:
            step = step_of(machine, compiled, values)
            if triple not in step.premises:
                yield step
    yield from _replacements(machine, triple)


def _linear(machine: Machine, compiled: Compiled, triple: Triple, memo: Memo) -> Iterator[list[int]]:
    """The bindings of a transitive clause whose second premise is basic."""
    located = machine.locate(triple)
    if located is None:
        return
    relation, fact = located
    x, z = fact >> 32, fact & MASK
    for y in relation.backward().get(z, ()):
        if x << 32 | y in relation.facts and _basic(machine, relation, y << 32 | z, memo):
            yield [x, y, z]


def _basic(machine: Machine, relation: Relation, fact: int, memo: Memo) -> bool:
    """Whether a fact is asserted or follows by another rule than transitivity."""
    key = relation, fact
    found = memo.get(key)
    if found is None:
        record = machine.compiled[relation.facts[fact] & CLAUSE_MASK] if relation.facts[fact] else None
        found = record is None or not is_transitive(record)
        if not found:
            triple = machine.triple(relation, fact)
            others = (c for c in machine.by_head(triple) if not is_transitive(c))
            found = any(
                triple not in step_of(machine, c, v).premises for c in others for v in solve(machine, c, triple)
            )
            found = found or next(_replacements(machine, triple), None) is not None
        memo[key] = found
    return found


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


def _of_clause(machine: Machine, compiled: Compiled) -> Iterator[Step]:
    if not compiled.relations:
        yield step_of(machine, compiled, ())
        return
    if not all(relation.facts for relation in compiled.relations):
        return
    rows: list[tuple[int, ...]] = []
    first = min(range(len(compiled.relations)), key=lambda k: len(compiled.relations[k].facts))
    join(compiled.shape, first, "each")(
        list(compiled.relations[first].facts),
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
            found = virtual(machine, machine.triple(relation, fact)) if relation else None
            if found:
                yield found


def virtual(machine: Machine, triple: Triple) -> Step | None:
    """The step of a rule that holds in every graph with these terms (eq-ref, Table 8); else None."""
    s, p, o = triple
    if p == n.SAME and s == o:
        return eq_ref(machine, triple)
    if not is_literal(s):
        return None
    if p == n.TYPE:
        return Step("dt-type2", triple, ()) if in_space(s, o) else None
    if p in (n.SAME, n.DIFFERENT) and is_literal(o):
        a, b = value_key(s), value_key(o)
        if a is not None and b is not None and (a == b) == (p == n.SAME):
            return Step("dt-eq" if p == n.SAME else "dt-diff", triple, ())
    return None


def thing(machine: Machine, triple: Triple) -> Step | None:
    """Why something is an owl:Thing, when the closure does not keep that as a fact."""
    return next(derivations(machine, triple), None) if triple[1:] == (n.TYPE, n.THING) else None
