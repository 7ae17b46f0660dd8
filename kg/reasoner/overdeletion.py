"""What goes with facts that are taken back: the facts whose records rest on them, and the clauses they are axioms of.

Each record names one proof, and records are well-founded, so a fact whose record is intact still holds. Nothing is
taken out here (:mod:`kg.reasoner.change` does that, and looks for what holds for another reason).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import SimpleNamespace

from kg.model import Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.cliques import Pairs
from kg.reasoner.joins import join
from kg.reasoner.relation import CLAUSE_BITS, CLAUSE_MASK, MASK, Relation
from kg.reasoner.seminaive import EQ_REP_O, EQ_REP_S, Compiled, Machine
from kg.reasoner.values import EQ_REF, eq_ref_record

__all__ = ["Doomed", "Fact"]

Fact = tuple[Relation, int]
_MANY = 10_000


class Doomed:
    """The facts that go, and the clauses, each in the order in which it was found."""

    def __init__(self, machine: Machine, gone: Iterable[Fact]) -> None:
        self.machine = machine
        self.facts: dict[Fact, None] = {}
        self.clauses: dict[int, Compiled] = {}
        self._todo: dict[Relation, list[int]] = {}
        self._axioms: dict[Triple, list[Compiled]] = {}
        # Of owl:sameAs only what is put down has a record to compare with; the pairs of large cliques have none.
        equal = machine.same.facts
        self._put_down = SimpleNamespace(facts=dict(dict.items(equal)) if isinstance(equal, Pairs) else equal)
        for relation, fact in gone:
            self._mark(relation, fact)
        while self._todo:
            self._follow(*self._todo.popitem())

    def separable(self) -> bool:
        """Whether all of that can go without a change to what is said of literals, or of every term.

        Where a large part of a large closure goes, to start over is quicker.
        """
        machine = self.machine
        if machine.type_view is not None or machine.reflexive:
            return False
        if len(self.facts) > _MANY and 3 * len(self.facts) > sum(len(r.facts) for r in machine.relations()):
            return False
        values, terms = machine.values, machine.terms
        asked = {relation for compiled in self.clauses.values() for relation in compiled.relations}
        if any(
            r.cls == machine.thing_id or r.cls in values.datatypes or r.predicate == values.different for r in asked
        ):
            return False
        for relation, fact in self.facts:
            parts = (fact,) if relation.cls is not None else (fact >> 32, fact & MASK)
            literals = [part for part in parts if terms[part][0] == '"']
            if any(relation is machine.same or values.matter(literal) for literal in literals):
                return False
        return True

    def _mark(self, relation: Relation | SimpleNamespace | None, key: int | tuple[int, int, int]) -> None:
        if isinstance(key, tuple):
            member, cls, record = key
            relation = self.machine.classes.get(cls)
            if relation is None or relation.facts.get(member) != record:
                return
            key = member
        if relation is self._put_down:
            relation = self.machine.same
        if isinstance(relation, Relation) and (relation, key) not in self.facts:
            self.facts[relation, key] = None
            self._todo.setdefault(relation, []).append(key)

    def _follow(self, relation: Relation, facts: list[int]) -> None:
        """Mark what was recorded to follow from some facts of a relation."""
        machine = self.machine
        for trigger in relation.triggers:
            c: Compiled = trigger.compiled
            if c.shape.head[0] != "F" and all(other.facts for other in trigger.others):
                loop = join(c.shape, trigger.first, "mark")
                head = self._put_down if c.head is machine.same else c.head
                loop(facts, c.number, head, c.relations, c.constants, c.conditions, self._mark)
        found = [*self._by_transitivity(relation, facts), *self._by_replacement(relation, facts)]
        if relation is machine.same:
            found += self._by_equality(facts)
        if self._put_down.facts:
            found += self._by_mention(relation, facts)
        for fact in found:
            self._mark(*fact)
        if relation.schema or relation is machine.same:
            self._withdraw(self._clauses_of(relation, facts))

    def _by_transitivity(self, relation: Relation, facts: list[int]) -> Iterator[Fact]:
        """Facts of a transitive relation that follow from these; the second premise is always a base fact."""
        if not relation.transitive:
            return
        same = relation is self.machine.same
        have = self._put_down.facts if same else relation.facts
        base, backward = relation.base, relation.backward()
        for fact in facts:
            s, o = fact >> 32, fact & MASK
            if same and self._in_large(s):
                continue  # its pairs that others give are not kept
            record = relation.transitive | o << CLAUSE_BITS
            yield from ((relation, s << 32 | z) for z in base.get(o, ()) if have.get(s << 32 | z) == record)
            if have[fact] & CLAUSE_MASK != relation.transitive:
                record = relation.transitive | s << CLAUSE_BITS
                yield from ((relation, x << 32 | o) for x in backward.get(s, ()) if have.get(x << 32 | o) == record)

    def _in_large(self, term: int) -> bool:
        cliques = self.machine.cliques
        return cliques is not None and cliques.held and cliques.large(term) is not None

    def _by_replacement(self, relation: Relation, facts: list[int]) -> Iterator[Fact]:
        """Facts that follow from these by eq-rep-s or eq-rep-o."""
        machine = self.machine
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

    def _by_equality(self, facts: list[int]) -> Iterator[Fact]:
        """Facts that were recorded to follow by eq-rep-s or eq-rep-o over some equalities."""
        machine = self.machine
        for fact in facts:
            former, term = fact >> 32, fact & MASK
            if self._put_down.facts[fact] & CLAUSE_MASK == machine.same.transitive:
                continue
            as_subject, as_object = EQ_REP_S | former << CLAUSE_BITS, EQ_REP_O | former << CLAUSE_BITS
            cls = machine.classes.get(term)
            if cls is not None:
                yield from ((cls, member) for member, record in cls.facts.items() if record == as_object)
            for relation in list(machine.relations()):
                if relation.cls is not None:
                    if relation.facts.get(term) == as_subject:
                        yield relation, term
                elif relation is not machine.same and relation.facts:
                    found = [term << 32 | o for o in relation.forward().get(term, ())]
                    yield from ((relation, each) for each in found if relation.facts[each] == as_subject)
                    found = [s << 32 | term for s in relation.backward().get(term, ())]
                    yield from ((relation, each) for each in found if relation.facts[each] == as_object)

    def _by_mention(self, relation: Relation, facts: list[int]) -> Iterator[Fact]:
        """What was said to equal itself since one of these has the term."""
        same, equal = self.machine.same, self._put_down.facts
        for fact in facts:
            s, o = (fact, relation.cls or 0) if relation.cls is not None else (fact >> 32, fact & MASK)
            record = eq_ref_record(s, relation.predicate, o)
            for term in {s, relation.predicate, o}:
                if equal.get(term << 32 | term) == record:
                    yield same, term << 32 | term

    def _clauses_of(self, relation: Relation, facts: list[int]) -> Iterator[Compiled]:
        """The clauses that have some of these for axioms; of a large clique, also those of its other pairs."""
        machine = self.machine
        if not self._axioms:
            for compiled in machine.compiled:
                for axiom in compiled.clause.axioms if compiled is not None else ():
                    self._axioms.setdefault(axiom, []).append(compiled)  # type: ignore[arg-type]
        for fact in facts:
            yield from self._axioms.get(machine.triple(relation, fact), ())
        if relation is machine.same and any(self._in_large(fact >> 32) for fact in facts):
            for (_, predicate, _), found in self._axioms.items():
                if predicate == n.SAME:
                    yield from found

    def _withdraw(self, clauses: Iterable[Compiled]) -> None:
        """Clauses go, and with them what they gave."""
        machine = self.machine
        new = {compiled.number: compiled for compiled in clauses if compiled.number not in self.clauses}
        if not new:
            return
        self.clauses |= new
        heads: set[Relation] = set()
        for compiled in new.values():
            if compiled.shape.head[0] == "T":
                heads |= set(machine.classes.values())
            elif compiled.head is not None:
                heads.add(compiled.head)
            for s, p, o in compiled.clause.body:
                fact = machine.ids.get(s, 0) << 32 | machine.ids.get(o, 0)
                if p == n.SAME and s == o and self._put_down.facts.get(fact, 0) & CLAUSE_MASK == EQ_REF:
                    self._mark(machine.same, fact)
        for head in heads:
            given = self._put_down.facts if head is machine.same else head.facts
            for fact in [fact for fact, record in given.items() if record & CLAUSE_MASK in new]:
                self._mark(head, fact)
