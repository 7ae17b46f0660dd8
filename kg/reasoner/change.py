"""Add triples to a closure, and take them back, without starting over.

Adding goes on where the work stopped. Taking back follows the records (:mod:`kg.reasoner.overdeletion`): what was
recorded
to rest on what is gone goes, an axiom with its clauses; then comes back what holds for another reason, and what
follows from it. This is delete and rederive (Gupta, Mumick, Subrahmanian: Maintaining Views Incrementally, 1993)
with recorded proofs. Of equalities, the cliques that lost some are put together again from the others.

Only where every term or the values of literals count, or most would go, does such a change start over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kg.model import Triple
from kg.reasoner.cliques import part
from kg.reasoner.compiled import Trigger
from kg.reasoner.joins import witnesses
from kg.reasoner.overdeletion import Doomed, Fact
from kg.reasoner.relation import CLAUSE_BITS, CLAUSE_MASK, MASK, Index, Relation, enter_backward
from kg.reasoner.seminaive import EQ_REP_O, EQ_REP_S, Compiled, Machine
from kg.reasoner.solve import solve
from kg.reasoner.values import eq_ref_record

if TYPE_CHECKING:
    from kg.reasoner.closure import Closure

__all__ = ["add", "remove"]


def add(closure: Closure, triples: Iterable[Triple]) -> None:
    """See :meth:`kg.reasoner.Closure.add`."""
    from kg.reasoner.closure import collector_off, load

    machine = closure.machine
    withdrawn = _withdraw_negative(machine)
    with collector_off():
        if withdrawn:
            doomed = Doomed(machine, withdrawn)
            if not doomed.separable():
                start_over(closure, (), triples)
                return
            _retract(machine, doomed)
        load(machine, triples)
        machine.run()
        if withdrawn:
            _forget_contradictions(machine)


def remove(closure: Closure, triples: Iterable[Triple]) -> None:
    """See :meth:`kg.reasoner.Closure.remove`."""
    from kg.reasoner.closure import collector_off

    machine = closure.machine
    gone: dict[Fact, None] = {}
    for triple in triples:
        found = machine.locate(triple)
        if found is None or dict.get(found[0].facts, found[1]) != 0:
            continue
        times = machine.extra.pop(found, 0)
        if times > 1:
            machine.extra[found] = times - 1
        elif times == 0:
            gone[found] = None
    if not gone:
        return
    with collector_off():
        doomed = Doomed(machine, [*gone, *_withdraw_negative(machine)])
        if doomed.separable():
            _retract(machine, doomed)
            machine.run()
            _forget_contradictions(machine)
        else:
            start_over(closure, [machine.triple(*fact) for fact in gone], ())


def start_over(closure: Closure, without: Iterable[Triple], more: Iterable[Triple]) -> None:
    """Close again what is asserted, less some triples, plus others.

    A program that states what was taken back, now or before, is no use any more, but its own rules are.
    """
    from kg.reasoner.closure import load
    from kg.reasoner.program import start

    machine = closure.machine
    left_out = set(without)
    program, rules = closure.program, closure.custom_rules
    own = set(program.triples) if program is not None else set()
    if program is not None and (left_out & own or not all(triple in closure.asserted for triple in own)):
        rules = (*(program.clauses[place] for place in sorted(program.own)), *rules)
        program, own = None, set()
    given: list[Triple] = []
    for relation in machine.relations():
        for fact, record in relation.facts.items():
            if record == 0 and (triple := machine.triple(relation, fact)) not in left_out:
                times = 1 + machine.extra.get((relation, fact), 0) - (triple in own)
                given += [triple] * times
    fresh = start(program, rules)
    fresh.negative = machine.negative
    load(fresh, [*given, *more])
    fresh.run()
    closure.replace(fresh, program, rules)


def _retract(machine: Machine, doomed: Doomed) -> None:
    """Take facts and clauses out, and put back at once the facts that others give."""
    same = machine.same
    equal = [fact for relation, fact in doomed.facts if relation is same]
    leaving: dict[Relation, list[int]] = {}
    for relation, fact in doomed.facts:
        leaving.setdefault(relation, []).append(fact)
        machine.extra.pop((relation, fact), None)
    for relation, facts in leaving.items():
        relation.leave(facts)
    machine.values.doubt(fact & MASK for relation, fact in doomed.facts if relation.cls is None)
    if doomed.clauses:
        machine.withdraw(doomed.clauses)
    links = _say_equal_again(machine, equal) if equal else {}
    machine.stale = machine.stale or bool(equal) or any(relation.schema for relation, _ in doomed.facts)
    idle = {compiled.number for compiled in machine.idle} | {compiled.number for compiled in machine.waiting}
    givers: dict[Relation, list[Compiled]] = {}
    lost: dict[Relation, set[int]] = {}
    for relation, fact in doomed.facts:
        if relation is same:
            continue
        if relation not in givers:
            found = machine.by_head(machine.triple(relation, fact))
            working = (each for each in found if each.number not in idle and each.number != relation.transitive)
            givers[relation] = [each for each in working if all(body.facts for body in each.relations)]
        record = _record(machine, relation, fact, givers[relation], links)
        if record:
            machine.add(relation, fact, record)
        elif relation.transitive:
            lost.setdefault(relation, set()).add(fact & MASK)
    for relation, objects in lost.items():
        _close_again(machine, relation, objects)


def _record(machine: Machine, relation: Relation, fact: int, givers: list[Compiled], links: Index) -> int:
    """The record of some way in which the present facts give this one; 0 when there is none.

    ``links`` has, of the terms whose cliques lost equalities, those that are linked to each: an equality that is left
    may be there one way only, until eq-sym turns it round.
    """
    triple = machine.triple(relation, fact)
    parts = (fact, relation.cls or 0) if relation.cls is not None else (fact >> 32, fact & MASK)
    for compiled in givers:
        args = compiled.shape.head[1]
        fixed = zip(args, parts, strict=False)
        if args == (0, 0) and parts[0] != parts[1]:
            continue
        if any(arg < 0 and compiled.constants[-1 - arg] != part for arg, part in fixed):
            continue
        for values in solve(machine, compiled, triple):
            record = compiled.number
            for place, variable in enumerate(witnesses(compiled.shape.atoms, compiled.shape.head)):
                record |= values[variable] << (CLAUSE_BITS + 32 * place)
            return record
    for number, term in ((EQ_REP_S, triple[0]), (EQ_REP_O, triple[2])) if machine.same.base else ():
        known = machine.ids[term]
        for former in links[known] if known in links else machine.same.base.get(known, ()):
            name = machine.terms[former]
            source = (name, *triple[1:]) if number == EQ_REP_S else (*triple[:2], name)
            if source != triple and machine.holds(source) and known in machine.same.base.get(former, ()):
                return number | former << CLAUSE_BITS
    return 0


def _close_again(machine: Machine, relation: Relation, objects: set[int]) -> None:
    """Let a transitive relation be closed again over the base facts that could have given what it lost."""
    facts, backward = relation.facts, relation.backward()
    opened = [y << 32 | z for z in objects for y in backward.get(z, ())]
    opened = [fact for fact in opened if facts[fact] & CLAUSE_MASK != relation.transitive]
    machine.reopen(relation, opened)


def _say_equal_again(machine: Machine, equal: list[int]) -> Index:
    """Equalities are gone: put their cliques together again from the others, and from what else equates members.

    Gives, for each term to which a base fact still leads, the terms that it leads from.
    """
    members = part(machine, {term for fact in equal for term in (fact >> 32, fact & MASK)})
    same = machine.same
    itself = [fact for fact in equal if fact >> 32 == fact & MASK]
    for compiled in machine.compiled:
        if compiled is None:
            continue
        if compiled.head is same and compiled.number != same.transitive:
            if not compiled.clause.body and compiled.clause.head is not None:
                machine.add_triple(compiled.clause.head, compiled.number)
            trigger, delta = next(_about(compiled, members), (None, []))
            if trigger is not None:
                machine.fire(
                    trigger, trigger.compiled.relations[trigger.first].fresh(delta) if trigger.fresh_only else delta
                )
        if itself:
            machine.say_equal_to_itself(compiled.clause)
    different = machine.properties.get(machine.values.different)
    for fact in itself:
        if different is not None and fact in different.facts:
            machine.add(same, fact, eq_ref_record(fact >> 32, different.predicate, fact & MASK))
    links: Index = {}
    enter_backward(links, [s << 32 | o for s in members for o in same.base.get(s, ())])
    return links


def _about(compiled: Compiled, members: set[int]) -> Iterator[tuple[Trigger, list[int]]]:
    """What sets off a clause that equates two terms, with the facts in which one of them is among the members."""
    triggers = {id(t): t for relation in compiled.relations for t in relation.triggers if t.compiled is compiled}
    for head in compiled.shape.head[1]:
        for trigger in triggers.values():
            relation, args = compiled.relations[trigger.first], compiled.shape.atoms[trigger.first][1]
            if trigger.mirror:
                continue
            if head < 0:
                yield trigger, list(relation.facts)
            elif head in args:
                yield trigger, list(_with(relation, args.index(head), members))


def _with(relation: Relation, place: int, members: set[int]) -> Iterator[int]:
    """The facts of a relation that have one of some terms in a place."""
    if relation.cls is not None:
        yield from (member for member in members if member in relation.facts)
    elif place == 0:
        yield from (s << 32 | o for s in members for o in tuple(relation.forward().get(s, ())))
    else:
        yield from (s << 32 | o for o in members for s in tuple(relation.backward().get(o, ())))


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
    from kg.reasoner.derivation_records import inconsistency

    for key in list(machine.false):
        if not all(machine.holds(premise) for premise in inconsistency(machine, key).premises):
            del machine.false[key]
