"""The machine that runs clauses over facts to their fixpoint, semi-naively.

A relation's new facts (its delta) are entered into its indexes and then shown to every clause that has the
relation in its body; so each combination of facts meets when the later of them is shown. Relations of the
ontology's vocabulary go first: when they are at rest, the templates are matched against them, and the data
meets clauses that are already there. When data changes the ontology later, the templates are matched again and
new clauses are run over what was there before.

Transitive relations are closed right-linearly, a fact with a base fact (one that is not from transitivity), and
on their own, before anybody else sees the facts so found. owl:sameAs is one of them, and eq-rep-s and eq-rep-o
follow its base facts only: the cost of a clique is that of its output, and in large ones less: their pairs are not
put down (:mod:`kg.reasoner.cliques`).
"""

from __future__ import annotations

from kg.reasoner.clauses import FIRST_CLAUSE, Clauses
from kg.reasoner.cliques import Cliques, equate
from kg.reasoner.compiled import Compiled, is_transitive
from kg.reasoner.equality import EQ_REP_O, EQ_REP_S, replace
from kg.reasoner.relation import CLAUSE_BITS, MASK, Relation, enter

__all__ = ["EQ_REP_O", "EQ_REP_S", "FIRST_CLAUSE", "Compiled", "Machine", "is_transitive"]


class Machine(Clauses):
    """Facts, clauses, and the work to be done. Use :class:`kg.reasoner.Closure` instead."""

    def __init__(self) -> None:
        super().__init__()
        self.cliques: Cliques | None = None
        self.held = False  # an ontology is compiled without its data: nothing can be said to be absent

    def run(self) -> None:
        """Work until nothing new follows."""
        from kg.reasoner.extend import extend

        while True:
            if self.schema_queue:
                self._show(self.schema_queue.popleft())
            elif self.transitive_queue and self.transitive_queue[0].schema:
                self._close(self.transitive_queue.popleft())
            elif self.stale:
                self.stale = False
                extend(self)
            elif self.queue:
                self._show(self.queue.popleft())
            elif self.transitive_queue:
                self._close(self.transitive_queue.popleft())
            elif not self.values.settle() and not self._later_stratum():
                return

    def _later_stratum(self) -> bool:
        """Set the clauses with a NOT EXISTS to work whose turn it is: what they ask for is complete."""
        if not self.waiting or self.held:
            return False
        from kg.reasoner.strata import next_stratum

        now = next_stratum(self)
        self.waiting = [compiled for compiled in self.waiting if compiled not in now]
        for compiled in now:
            self.activate(compiled)
        return True

    def _show(self, relation: Relation) -> None:
        """Show a relation's new facts to every clause that has it in its body."""
        relation.queued = False
        delta, relation.delta = relation.delta, []
        fresh = relation.fresh(delta)
        relation.index(fresh)
        if relation.transitive and fresh:
            enter(relation.base, fresh)
            self.reopen(relation, fresh)
        if relation.schema or relation is self.same or self._equal_comes_in_use(relation, delta):
            self.stale = True
        if relation.cls is not None and self.type_view is not None:
            self._mirror(relation, relation.cls, delta)
        elif relation is self.type_view:
            for fact in delta:
                self.add_member(fact >> 32, fact & MASK, relation.facts[fact])
        for trigger in relation.triggers:
            self.fire(trigger, fresh if trigger.fresh_only else delta)
        self.values.shown(relation, delta)
        if self.same.facts:
            replace(self, relation, delta, fresh)

    def _equal_comes_in_use(self, relation: Relation, delta: list[int]) -> bool:
        """Whether these are a property's first facts and it equals another (eq-rep-p); of rdf:type that is known."""
        if relation.cls is not None or not self.same.facts or relation.seen() != len(delta):
            return False
        return bool(self.same.forward().get(relation.predicate))

    def _mirror(self, relation: Relation, cls: int, delta: list[int]) -> None:
        view = self.type_view
        if view is not None:
            for member in delta:
                self.add(view, member << 32 | cls, relation.facts[member])

    def _close(self, relation: Relation) -> None:
        """Close a transitive relation over its open base facts, before anybody else sees the result."""
        opened, relation.open = relation.open, []
        if relation is self.same:
            opened = equate(self, opened)
            if not opened:
                return
        facts, base, backward = relation.facts, relation.base, relation.backward()
        clause, reflexive = relation.transitive, relation is not self.same
        frontier = list(opened)
        if len(facts) > len(opened):
            for fact in opened:
                y, z = fact >> 32, fact & MASK
                for x in backward.get(y, ()):
                    key = x << 32 | z
                    if key not in facts and (reflexive or x != z):
                        facts[key] = clause | y << CLAUSE_BITS
                        frontier.append(key)
        found = frontier[len(opened) :]
        relation.index(found)
        while frontier:
            following: list[int] = []
            for fact in frontier:
                x, y = fact >> 32, fact & MASK
                for z in base.get(y, ()):
                    key = x << 32 | z
                    if key not in facts and (reflexive or x != z):
                        facts[key] = clause | y << CLAUSE_BITS
                        following.append(key)
            relation.index(following)
            found += following
            frontier = following
        self.expect(relation, found)
