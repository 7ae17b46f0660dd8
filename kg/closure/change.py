"""Add triples to a closure, and take them back, without starting over.

Adding goes on where the work stopped. Taking back follows the records: a fact goes when its recorded proof rests
on what is gone (each record names one proof, and they are well-founded, so a fact whose record is intact still
holds); then those that hold for another reason come back, and what follows from them with them. This is delete
and rederive (Gupta, Mumick, Subrahmanian: Maintaining Views Incrementally, 1993) with recorded proofs.

A change that takes away an axiom, an equality or a value of a literal starts over: programs depend on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kg.model import Triple
from kg.rules.machine import EQ_REP_O, EQ_REP_S, Compiled, Machine
from kg.rules.relation import CLAUSE_BITS, CLAUSE_MASK, MASK, Relation
from kg.rules.shapes import join, witnesses
from kg.rules.solve import solve

if TYPE_CHECKING:
    from kg.closure.closure import Closure

__all__ = ["add", "remove"]

Fact = tuple[Relation, int]


def add(closure: Closure, triples: Iterable[Triple]) -> None:
    """See :meth:`kg.closure.Closure.add`."""
    from kg.closure.closure import collector_off, load

    machine = closure.machine
    withdrawn = _withdraw_negative(machine)
    with collector_off():
        if withdrawn:
            doomed = _doomed(machine, withdrawn)
            if not _separate(machine, doomed):
                start_over(closure, (), triples)
                return
            _retract(machine, doomed)
        load(machine, triples)
        machine.run()


def remove(closure: Closure, triples: Iterable[Triple]) -> None:
    """See :meth:`kg.closure.Closure.remove`."""
    from kg.closure.closure import collector_off

    machine = closure.machine
    gone: list[Fact] = []
    for triple in triples:
        found = machine.locate(triple)
        if found is None or found[0].facts.get(found[1]) != 0:
            continue
        times = machine.extra.pop(found, 0)
        if times > 1:
            machine.extra[found] = times - 1
        elif times == 0 and found not in gone:
            gone.append(found)
    if not gone:
        return
    with collector_off():
        doomed = _doomed(machine, [*gone, *_withdraw_negative(machine)])
        if _separate(machine, doomed):
            _retract(machine, doomed)
            machine.run()
            _forget_contradictions(machine)
        else:
            start_over(closure, [machine.triple(*fact) for fact in gone], ())


def start_over(closure: Closure, without: Iterable[Triple], more: Iterable[Triple]) -> None:
    """Close again what is asserted, less some triples, plus others."""
    from kg.closure.closure import load
    from kg.rules.program import start

    machine = closure.machine
    left_out = set(without)
    program = closure.program
    own = set(program.triples) if program is not None else set()
    if program is not None and left_out & own:
        program, own = None, set()
    given: list[Triple] = []
    for relation in machine.relations():
        for fact, record in relation.facts.items():
            triple = machine.triple(relation, fact)
            if record == 0 and triple not in left_out:
                times = 1 + machine.extra.get((relation, fact), 0) - (triple in own)
                given += [triple] * times
    fresh = start(program, closure.custom_rules)
    fresh.negative = machine.negative
    load(fresh, [*given, *more])
    fresh.run()
    closure.replace(fresh, program)


def _doomed(machine: Machine, gone: list[Fact]) -> dict[Fact, None]:
    """The facts, and all whose recorded proof rests on them; nothing is taken out yet."""
    doomed = dict.fromkeys(gone)
    todo: dict[Relation, list[int]] = {}
    for relation, fact in gone:
        todo.setdefault(relation, []).append(fact)

    def mark(relation: Relation | None, key: int | tuple[int, int, int]) -> None:
        if relation is None and isinstance(key, tuple):
            member, cls, record = key
            relation = machine.classes.get(cls)
            if relation is None or relation.facts.get(member) != record:
                return
            key = member
        if relation is not None and isinstance(key, int) and (relation, key) not in doomed:
            doomed[relation, key] = None
            todo.setdefault(relation, []).append(key)

    while todo:
        relation, facts = todo.popitem()
        for trigger in relation.triggers:
            c: Compiled = trigger.compiled
            if c.shape.head[0] != "F" and all(other.facts for other in trigger.others):
                loop = join(c.shape, trigger.first, "mark")
                loop(facts, c.number, c.head, c.relations, c.constants, c.conditions, mark)
        for found in (*_by_transitivity(relation, facts), *_by_equality(machine, relation, facts)):
            mark(*found)
    return doomed


def _by_transitivity(relation: Relation, facts: list[int]) -> Iterator[Fact]:
    """Facts of a transitive relation that were recorded to follow from these."""
    if not relation.transitive:
        return
    have, forward, backward = relation.facts, relation.forward(), relation.backward()
    for fact in facts:
        s, o = fact >> 32, fact & MASK
        record = relation.transitive | o << CLAUSE_BITS
        yield from ((relation, s << 32 | z) for z in forward.get(o, ()) if have.get(s << 32 | z) == record)
        record = relation.transitive | s << CLAUSE_BITS
        yield from ((relation, x << 32 | o) for x in backward.get(s, ()) if have.get(x << 32 | o) == record)


def _by_equality(machine: Machine, relation: Relation, facts: list[int]) -> Iterator[Fact]:
    """Facts that were recorded to follow from these by eq-rep-s or eq-rep-o."""
    equals = machine.same.base
    if not equals or relation is machine.same:
        return
    for fact in facts:
        s, o = (fact, relation.cls) if relation.cls is not None else (fact >> 32, fact & MASK)
        for other in equals.get(s, ()):
            found = other if relation.cls is not None else other << 32 | (o or 0)
            if relation.facts.get(found) == EQ_REP_S | s << CLAUSE_BITS:
                yield relation, found
        for other in equals.get(o or 0, ()):
            target = machine.classes.get(other) if relation.cls is not None else relation
            found = s if relation.cls is not None else s << 32 | other
            if target is not None and target.facts.get(found) == EQ_REP_O | (o or 0) << CLAUSE_BITS:
                yield target, found


def _separate(machine: Machine, doomed: dict[Fact, None]) -> bool:
    """Whether the facts can go without a change to the clauses, to what is equal, or to literals' values."""
    if machine.type_view is not None or machine.reflexive:
        return False
    values, terms = machine.values, machine.terms
    for relation, fact in doomed:
        if relation.schema or relation is machine.same or relation.predicate == values.different:
            return False
        value = fact if relation.cls is not None else fact & MASK
        if terms[value][0] == '"' and values.matter(value):
            return False
    return True


def _retract(machine: Machine, doomed: dict[Fact, None]) -> None:
    """Take the facts out, and put back at once those that other facts give."""
    for relation, fact in doomed:
        relation.leave(fact)
        machine.extra.pop((relation, fact), None)
    machine.values.doubt(fact & MASK for relation, fact in doomed if relation.cls is None)
    idle = {compiled.number for compiled in machine.idle} | {compiled.number for compiled in machine.waiting}
    lost: dict[Relation, list[int]] = {}
    for relation, fact in doomed:
        record = _record(machine, relation, fact, idle)
        if record:
            machine.add(relation, fact, record)
        elif relation.transitive:
            lost.setdefault(relation, []).append(fact)
    for relation, facts in lost.items():
        _close_again(machine, relation, facts)


def _record(machine: Machine, relation: Relation, fact: int, idle: set[int]) -> int:
    """The record of some way in which the present facts give this one; 0 when there is none."""
    triple = machine.triple(relation, fact)
    for compiled in machine.by_head(triple):
        if compiled.number in idle or compiled.number == relation.transitive:
            continue
        for values in solve(machine, compiled, triple):
            if triple in compiled.clause.body:
                continue
            record = compiled.number
            for place, variable in enumerate(witnesses(compiled.shape.atoms, compiled.shape.head)):
                record |= values[variable] << (CLAUSE_BITS + 32 * place)
            return record
    for number, term in ((EQ_REP_S, triple[0]), (EQ_REP_O, triple[2])) if machine.same.facts else ():
        for former in machine.same.backward().get(machine.ids[term], ()):
            name = machine.terms[former]
            if machine.holds((name, *triple[1:]) if number == EQ_REP_S else (*triple[:2], name)):
                return number | former << CLAUSE_BITS
    return 0


def _close_again(machine: Machine, relation: Relation, lost: list[int]) -> None:
    """Put back the lost facts of a transitive relation that the others still give."""
    facts, forward = relation.facts, relation.forward()
    changed = True
    while changed and lost:
        changed, still = False, []
        for fact in lost:
            x, z = fact >> 32, fact & MASK
            by = next((y for y in forward.get(x, ()) if y << 32 | z in facts), None)
            if by is None:
                still.append(fact)
                continue
            changed = True
            facts[fact] = relation.transitive | by << CLAUSE_BITS
            relation.index([fact])
            relation.delta.append(fact)
        lost = still
    if relation.delta and not relation.queued:
        machine.enqueue(relation)


def _withdraw_negative(machine: Machine) -> list[Fact]:
    """Put the clauses with NOT EXISTS back to wait, and give the facts that they gave."""
    working = [c for c in machine.numbered if c is not None and c.clause.negative and c not in machine.waiting]
    if not working:
        return []
    numbers = {c.number for c in working}
    for relation in (*machine.classes.values(), *machine.properties.values()):
        relation.triggers = [t for t in relation.triggers if t.compiled.number not in numbers]
    machine.waiting += working
    machine.false = {key: None for key in machine.false if key[0] not in numbers}
    heads = {c.head for c in working if c.head is not None}
    heads |= set(machine.classes.values()) if any(c.shape.head[0] == "T" for c in working) else set()
    return [(r, fact) for r in heads for fact, record in r.facts.items() if record & CLAUSE_MASK in numbers]


def _forget_contradictions(machine: Machine) -> None:
    """Drop the inconsistencies whose premises no longer hold."""
    from kg.closure.steps import inconsistency

    for key in list(machine.false):
        if not all(machine.holds(premise) for premise in inconsistency(machine, key).premises):
            del machine.false[key]
