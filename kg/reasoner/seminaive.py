"""Semi-naive evaluation, stratum by stratum.

A relation's new facts (its delta) are entered into its indexes and then shown to every clause that has the relation
in its body; so each combination of facts meets when the later of them is shown. Relations of the ontology's
vocabulary go first: when they are at rest, the rules are partially evaluated against them, and the data meet clauses
that are already there. When data change the ontology later, the rules are evaluated again, and new clauses run over
the facts that were there before.

Transitive relations are closed right-linearly, a fact with a base fact (one that transitivity did not give), before
any clause sees the result. owl:sameAs is one of them (:mod:`kg.reasoner.equality`).

A clause with NOT EXISTS waits until no clause can still give what it asks to be absent (Apt, Blair, Walker: Towards a
Theory of Declarative Knowledge, 1988). The strata are those of the compiled clauses, relation by relation, so the
ontology's own axioms count: an absent property depends on its subproperties.
"""

from __future__ import annotations

from kg.errors import InputError, Problem
from kg.reasoner import owl_terms as n
from kg.reasoner.clauses import Clauses
from kg.reasoner.equality import Cliques, equate, replace
from kg.reasoner.joins import Compiled
from kg.reasoner.partial_evaluation import specialise
from kg.reasoner.relations import CLAUSE_BITS, MASK, Relation, enter
from kg.reasoner.rule_table import Clause, Pattern
from kg.reasoner.wide_joins import run_wide

#: A property, or a class (rdf:type with its name). ``None`` stands for any.
Key = tuple[str, str | None]
ANY: Key = ("", None)


def next_stratum(engine: Engine) -> list[Compiled]:
    """The waiting clauses that no waiting clause can still take anything away from.

    Raises InputError when there is none: the rules cannot be stratified.
    """
    reach = {c.number: _reached(engine, c) for c in engine.waiting}
    ready = [c for c in engine.waiting if not any(_meets(reach[d.number], _absent(c.clause)) for d in engine.waiting)]
    if not ready:
        raise InputError(
            [
                Problem(
                    "KG475",
                    f"rule {c.clause.name} requires the absence of a fact that may follow from the rule",
                    engine.places.get(c.clause.name),
                    "let the rule conclude another property than those it negates, or what they rest on",
                )
                for c in engine.waiting
            ]
        )
    return ready


def strata(engine: Engine) -> list[list[Clause]]:
    """The waiting clauses, stratum by stratum. Raises InputError when they cannot be stratified."""
    waiting, found = engine.waiting, []
    try:
        while engine.waiting:
            now = next_stratum(engine)
            engine.waiting = [compiled for compiled in engine.waiting if compiled not in now]
            found.append([compiled.clause for compiled in now])
    finally:
        engine.waiting = waiting
    return found


def _key(pattern: Pattern) -> Key:
    _, p, o = pattern
    if p == n.TYPE:
        return (p, None if o.startswith("?") else o)
    return (p, "")


def _absent(clause: Clause) -> set[Key]:
    """What a clause asks to be absent."""
    return {_key(pattern) for pattern in clause.absent}


def _meets(found: set[Key], asked: set[Key]) -> bool:
    for p, o in asked:
        if (p, o) in found or ANY in found:
            return True
        if p == n.TYPE and ((p, None) in found or (o is None and any(key[0] == p for key in found))):
            return True
    return False


def _reached(engine: Engine, start: Compiled) -> set[Key]:
    """Every relation that can grow when the clause gives something, owl:sameAs reaching all."""
    edges: dict[Key, set[Key]] = {}
    for clause in engine.clauses():
        if clause.head is not None:
            head_key = _key(clause.head)
            for key in {_key(p) for p in clause.body} | _absent(clause):
                edges.setdefault(key, set()).add(head_key)
    head = start.clause.head
    todo = [_key(head)] if head is not None else []
    found: set[Key] = set()
    while todo:
        key = todo.pop()
        if key in found:
            continue
        found.add(key)
        if key == (n.SAME, ""):
            found.add(ANY)
        todo += edges.get(key, ())
        if key == (n.TYPE, None):
            todo += [other for other in edges if other[0] == n.TYPE]
        elif key[0] == n.TYPE:
            todo += edges.get((n.TYPE, None), ())
    return found


class Engine(Clauses):
    """Relations, clauses, and the work to be done. Use :class:`kg.reasoner.Closure` instead."""

    def __init__(self) -> None:
        super().__init__()
        self.cliques: Cliques | None = None
        self.held = False  # an ontology is compiled without its data: nothing can be said to be absent

    def run(self) -> None:
        """Work until nothing new follows."""
        while True:
            if self.schema_queue:
                self._show(self.schema_queue.popleft())
            elif self.transitive_queue and self.transitive_queue[0].schema:
                self._close(self.transitive_queue.popleft())
            elif self.stale:
                self.stale = False
                specialise(self)
            elif self.queue:
                self._show(self.queue.popleft())
            elif self.transitive_queue:
                self._close(self.transitive_queue.popleft())
            elif self.wide:
                run_wide(self)
            elif not self.literals.settle() and not self._later_stratum():
                return

    def _later_stratum(self) -> bool:
        """Set the clauses with a NOT EXISTS to work whose turn it is: what they ask for is complete."""
        if not self.waiting or self.held:
            return False
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
        self.literals.shown(relation, delta)
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
        self.queue_facts(relation, found)
