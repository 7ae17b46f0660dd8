"""One-step rule instances, read off a finished closure: for one conclusion, or all of them.

Unlike the records, they do not depend on the order in which the closure was worked out.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from kg.model import Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.compiled import is_symmetric
from kg.reasoner.datatypes import in_space, is_literal, value_key
from kg.reasoner.derivation import Step
from kg.reasoner.derivation_records import eq_ref, replacement, step_of
from kg.reasoner.implied_axioms import LONG_WAY, clauses, clauses_from, clauses_to, long_numbers
from kg.reasoner.joins import join
from kg.reasoner.relation import CLAUSE_MASK, MASK, Relation
from kg.reasoner.seminaive import EQ_REP_O, EQ_REP_S, Compiled, Machine, is_transitive
from kg.reasoner.solve import solve

__all__ = ["derivations", "instances", "instances_of", "thing", "virtual"]


#: What many calls of :func:`derivations` on one closure share. Of "into", a relation and an object: the subjects of
#: its basic facts; of "others" and a relation: what can give such facts; of a clause: whether its axiom is basic.
#: That it has "links" leaves out what follows by eq-trans where that is an equality for another reason, too (a link),
#: and by eq-sym where it is not.
Memo = dict[tuple[object, ...], Any]


def derivations(machine: Machine, triple: Triple, linear: Memo | None = None) -> Iterator[Step]:
    """Every one-step rule instance over the closure that has the triple as its conclusion.

    With ``linear`` (a memo for many calls), transitive rules and equalities are followed link by link: the second
    premise of the former, the equality of eq-rep, and the axiom of subclasses, subproperties, domains and ranges must
    hold for another reason than that others of their kind follow on one another. Every proof can be brought into that
    form with the same leaves, and with as many steps unless links are turned round.
    """
    s, p, o = triple
    if is_literal(s) or (p == n.SAME and s == o):
        yield from virtual(machine, triple)
    basic = None if linear is None else lambda relation, z, name: _basic_into(machine, relation, z, linear, name)
    for compiled in (*machine.by_head(triple), *clauses_to(machine, triple, basic)):
        if linear is not None and compiled.head is machine.same and _by_the_way(machine, compiled, triple, linear):
            continue
        if linear is not None and is_transitive(compiled):
            yield from _linear(machine, compiled, triple, linear)
            continue
        if linear is not None and compiled.clause.name in LONG_WAY and not _is_basic(machine, compiled, linear):
            continue
        for values in solve(machine, compiled, triple):
            step = step_of(machine, compiled, values)
            if triple not in step.premises:
                yield step
    yield from _replacements(machine, triple, linear)


def _linear(machine: Machine, compiled: Compiled, triple: Triple, memo: Memo) -> Iterator[Step]:
    """The instances of a transitive clause whose second premise is basic."""
    located = machine.locate(triple)
    if located is None or not located[0].facts or triple in compiled.clause.axioms:
        return
    relation, fact = located
    facts, terms = relation.facts, machine.terms
    x, z = fact >> 32, fact & MASK
    into = _basic_into(machine, relation, z, memo)
    (name, axioms, *_), (s, p, o) = compiled.clause, triple
    for y in into:
        if y not in (x, z) and x << 32 | y in facts:
            middle = terms[y]
            yield Step(name, triple, (*axioms, (s, p, middle), (middle, p, o)))


def _by_the_way(machine: Machine, compiled: Compiled, triple: Triple, memo: Memo) -> bool:
    """Whether a clause gives an equality as a link by way of others, or turns round one that is no link."""
    turning = is_symmetric(compiled)
    if ("links",) not in memo or not machine.same.facts or not (turning or is_transitive(compiled)):
        return False
    s, o = machine.ids.get(triple[0], 0), machine.ids.get(triple[2], 0)
    return (s in _basic_into(machine, machine.same, o, memo)) != turning


def _is_basic(machine: Machine, compiled: Compiled, memo: Memo) -> bool:
    """Whether the axiom of a clause is asserted or follows by more than what the clauses of others make up for."""
    found: bool | None = memo.get((compiled.clause,))
    if found is None:
        located = machine.locate(compiled.clause.axioms[0])
        found = located is not None and located[1] >> 32 in _basic_into(
            machine, located[0], located[1] & MASK, memo, compiled.clause.name
        )
        memo[compiled.clause,] = found
    return found


def _basic_into(machine: Machine, relation: Relation, z: int, memo: Memo, name: str = "") -> dict[int, None]:
    """The subjects of a relation's facts with that object that are asserted or follow by more than transitivity.

    Of a symmetric relation, also those that are so the other way round. With the ``name`` of a rule: that follow by
    more than the rules that make an axiom superfluous for it.
    """
    basic: dict[int, None] | None = memo.get(("into", relation, z))
    if basic is None:
        if ("others", relation) not in memo:
            memo["others", relation] = _Others(machine, relation, name)
        others: _Others = memo["others", relation]
        basic = memo["into", relation, z] = others.into(z, memo)
    return basic


class _Others:
    """What can give the facts of a relation, beside its transitivity and symmetry."""

    #: The instances of a clause over no more facts than that are found all at once.
    FEW = 10_000

    def __init__(self, machine: Machine, relation: Relation, name: str) -> None:
        self.machine, self.relation = machine, relation
        found = machine.by_head(machine.triple(relation, next(iter(relation.facts))))
        turning = {each.number for each in found if is_symmetric(each)}
        self.symmetric = bool(turning)
        self.left_out = (turning | {relation.transitive} | (long_numbers(name) if name else frozenset())) - {0}
        self.known: dict[int, dict[int, None]] = {}  # basic facts, from object to subjects
        self.many: list[Compiled] = []
        base = (s << 32 | o for s, objects in relation.base.items() for o in objects)
        for fact in base if relation.transitive else relation.facts:
            if relation.facts[fact] & CLAUSE_MASK not in self.left_out:
                self._know(fact)
        for each in found:
            if each.number in self.left_out or is_transitive(each):
                continue
            if min((len(r.facts) for r in each.relations), default=0) > self.FEW:
                self.many.append(each)
                continue
            for step in _of_clause(machine, each):
                of, fact = machine.locate(step.conclusion) or (None, 0)
                if of is relation:
                    self._know(fact)

    def _know(self, fact: int) -> None:
        s, o = fact >> 32, fact & MASK
        self.known.setdefault(o, {})[s] = None
        if self.symmetric:
            self.known.setdefault(s, {})[o] = None

    def into(self, z: int, memo: Memo) -> dict[int, None]:
        """The subjects of the facts with that object that are asserted or given by one of these."""
        basic = self.known.get(z, {})
        if not self.many and (self.relation is self.machine.same or not self.machine.same.facts):
            return basic
        more = (y for y in self.relation.backward().get(z, ()) if y not in basic)
        either = (y for y in more if self._gives(y, z, memo) or (self.symmetric and self._gives(z, y, memo)))
        return basic | dict.fromkeys(either)

    def _gives(self, y: int, z: int, memo: Memo) -> bool:
        machine = self.machine
        triple = machine.triple(self.relation, y << 32 | z)
        return (
            any(triple not in step_of(machine, c, v).premises for c in self.many for v in solve(machine, c, triple))
            or next(_replacements(machine, triple, memo), None) is not None
        )


def _replacements(machine: Machine, triple: Triple, linear: Memo | None = None) -> Iterator[Step]:
    """Instances of eq-rep-s and eq-rep-o with that conclusion; with ``linear``, over basic equalities."""
    s, p, o = triple
    same = machine.same
    if p == n.SAME or not same.facts:
        return
    for number, term in ((EQ_REP_S, s), (EQ_REP_O, o)):
        known = machine.ids.get(term, 0)
        every = same.backward().get(known, ())
        for former in every if linear is None or not every else _basic_into(machine, same, known, linear):
            name = machine.terms[former]
            source = (name, p, o) if number == EQ_REP_S else (s, p, name)
            if source != triple and machine.holds(source):
                yield replacement(machine, triple, number, name)


def instances(machine: Machine) -> Iterator[Step]:
    """Every one-step rule instance over the closure whose conclusion the closure holds as a fact.

    Left out: instances whose conclusion is one of their premises.
    """
    made = [compiled for compiled in machine.compiled if compiled is not None and compiled.clause.head]
    fixed = [compiled for compiled in made if not compiled.clause.axioms]
    # A rule with two conclusions is two clauses, which may say the same.
    yield from dict.fromkeys(step for compiled in fixed for step in _of_clause(machine, compiled))
    for compiled in made:
        if compiled.clause.axioms:
            yield from _of_clause(machine, compiled)
    for compiled in clauses(machine):
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
    for relation, facts in fresh.items():
        for compiled in clauses_from(machine, relation):
            yield from _started(machine, compiled, 0, facts)
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
        if relation is not None:
            for fact in list(relation.facts):
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
