"""The machine that runs clauses over facts to their fixpoint, semi-naively.

A relation's new facts (its delta) are entered into its indexes and then shown to every clause that has the
relation in its body; so each combination of facts meets when the later of them is shown. Relations of the
ontology's vocabulary go first: when they are at rest, the templates are matched against them, and the data
meets clauses that are already there. When data changes the ontology later, the templates are matched again and
new clauses are run over what was there before.

Transitive relations are closed right-linearly, a fact with a base fact (one that is not from transitivity), and
on their own, before anybody else sees the facts so found. owl:sameAs is one of them, and eq-rep-s and eq-rep-o
follow its base facts only: the cost of a clique is that of its output.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from kg.errors import Place
from kg.model import Term, Triple
from kg.rules import names as n
from kg.rules.relation import CLAUSE_BITS, CLAUSE_MASK, MASK, Relation
from kg.rules.rule import Clause, Condition, Pattern, Rule
from kg.rules.shapes import Shape, join
from kg.rules.templates import schema_clauses
from kg.rules.values import EQ_REF, Values

__all__ = ["EQ_REP_O", "EQ_REP_S", "FIRST_CLAUSE", "Compiled", "Machine", "is_transitive"]

#: Numbers of the clauses that are code, below those of the clauses that are data. 0 is "asserted".
EQ_REP_S, EQ_REP_O = 1, 2
FIRST_CLAUSE = 16
_LINKING = frozenset(("prp-fp", "prp-ifp", "prp-key", "cls-maxc2", "cls-maxqc3", "cls-maxqc4"))


class Compiled(NamedTuple):
    """A clause over integers."""

    number: int
    clause: Clause
    shape: Shape
    variables: tuple[str, ...]
    head: Relation | None
    relations: tuple[Relation, ...]
    constants: tuple[int, ...]
    conditions: tuple[Callable[..., bool], ...]


class Trigger:
    """What one new fact of a relation sets off: one clause, started from one of its atoms."""

    __slots__ = ("compiled", "fire", "first", "fresh_only", "others")

    def __init__(self, compiled: Compiled, first: int) -> None:
        self.compiled = compiled
        self.first = first
        self.fire: Callable[..., Any] | None = None
        self.others = tuple(r for k, r in enumerate(compiled.relations) if k != first)
        # In a transitive relation the base is symmetric, so its closure is.
        self.fresh_only = (
            compiled.head is compiled.relations[first] and len(compiled.relations) == 1 and compiled.head is not None
        )


class Machine:
    """Terms, relations, clauses, and the work that is left. Use :class:`kg.closure.Closure` instead."""

    def __init__(self) -> None:
        self.ids: dict[Term, int] = {}
        self.terms: list[Term] = [""]  # integers start at 1
        self.classes: dict[int, Relation] = {}
        self.properties: dict[int, Relation] = {}
        self.compiled: list[Compiled | None] = [None] * FIRST_CLAUSE
        self.known: set[Clause] = set()
        self.idle: list[Compiled] = []  # never run, since others give the same; they are still clauses
        self.waiting: list[Compiled] = []  # of a later stratum
        self.templates: dict[str, Compiled] = {}
        self.false: dict[tuple[int, tuple[int, ...]], None] = {}
        self.extra: dict[tuple[Relation, int], int] = {}  # asserted so many times more than once
        self.queue: deque[Relation] = deque()
        self.schema_queue: deque[Relation] = deque()
        self.transitive_queue: deque[Relation] = deque()
        self.heads: dict[Relation | None, list[Compiled]] = {}
        self.heads_of = 0
        self.places: dict[str, Place] = {}  # of the project's own rules, by name
        self.negative: Machine | None = None
        self.thing_used = False
        self.type_view: Relation | None = None
        self.reflexive = False
        self.held = False  # an ontology is compiled without its data: nothing can be said to be absent
        self.stale = True
        self.type_id = self.intern(n.TYPE)
        self.same_id = self.intern(n.SAME)
        self.thing_id = self.intern(n.THING)
        self.values = Values(self)
        self.schema_ids: set[tuple[int, int | None]] = _schema(self)
        self.same = self.relation(self.same_id, None)

    # Terms and relations

    def intern(self, term: Term) -> int:
        """The integer of a term, made when it is new."""
        found = self.ids.get(term)
        if found is None:
            found = self.ids[term] = len(self.terms)
            self.terms.append(term)
        return found

    def relation(self, predicate: int, cls: int | None) -> Relation:
        """The relation of a property, or of a class when ``cls`` is given; made when it is new."""
        table = self.properties if cls is None else self.classes
        key = predicate if cls is None else cls
        found = table.get(key)
        if found is None:
            found = table[key] = Relation(predicate, cls, (predicate, cls) in self.schema_ids)
            if cls is None and predicate == self.type_id:
                self._open_type_view(found)
        return found

    def relations(self) -> Iterator[Relation]:
        """Every relation that holds facts of its own."""
        yield from self.classes.values()
        yield from (r for r in self.properties.values() if r is not self.type_view)

    def locate(self, triple: Triple) -> tuple[Relation, int] | None:
        """Relation and integer of a triple; None when a term or the relation is unknown."""
        s, p, o = (self.ids.get(term) for term in triple)
        if s is None or p is None or o is None:
            return None
        if p == self.type_id:
            members = self.classes.get(o)
            return (members, s) if members else None
        relation = self.properties.get(p)
        return (relation, s << 32 | o) if relation else None

    def has(self, pattern: Pattern) -> bool:
        """Whether the property or class of a pattern has any facts."""
        ids = self.ids
        if pattern[1] == n.TYPE and not pattern[2].startswith("?"):
            relation = self.classes.get(ids.get(pattern[2], -1))
        else:
            relation = self.properties.get(ids.get(pattern[1], -1))
        return relation is not None and bool(relation.facts)

    def holds(self, triple: Triple) -> bool:
        """Whether the triple is kept as a fact."""
        found = self.locate(triple)
        return found is not None and found[1] in found[0].facts

    def by_head(self, triple: Triple) -> list[Compiled]:
        """The clauses whose head could be the triple."""
        if self.heads_of != len(self.compiled):
            self.heads_of, self.heads = len(self.compiled), {}
            for compiled in self.compiled:
                if compiled is not None and compiled.clause.head is not None:
                    key = compiled.head if compiled.head is not None else None
                    self.heads.setdefault(key, []).append(compiled)
        located = self.locate(triple)
        found = self.heads.get(located[0], []) if located else []
        return found + (self.heads.get(None, []) if triple[1] == n.TYPE else [])

    def triple(self, relation: Relation, fact: int) -> Triple:
        """A fact as terms."""
        terms = self.terms
        if relation.cls is not None:
            return terms[fact], n.TYPE, terms[relation.cls]
        return terms[fact >> 32], terms[relation.predicate], terms[fact & MASK]

    # Facts

    def add(self, relation: Relation, fact: int, record: int) -> bool:
        """Add one fact with its record; False when it was there."""
        if fact in relation.facts:
            return False
        relation.facts[fact] = record
        relation.delta.append(fact)
        if not relation.queued:
            self.enqueue(relation)
        return True

    def add_triple(self, triple: Triple, record: int) -> bool:
        """Add one triple with its record; False when it was there."""
        s, p, o = (self.intern(term) for term in triple)
        if p == self.type_id:
            return self.add(self.relation(p, o), s, record)
        return self.add(self.relation(p, None), s << 32 | o, record)

    def add_member(self, member: int, cls: int, record: int) -> None:
        """Add a member of a class that is known only now."""
        self.add(self.relation(self.type_id, cls), member, record)

    def enqueue(self, relation: Relation) -> None:
        """Put a relation with new facts into its queue."""
        relation.queued = True
        (self.schema_queue if relation.schema else self.queue).append(relation)

    def assert_triple(self, triple: Triple) -> None:
        """Add one triple as asserted: once more when it is already, instead of derived when it was that."""
        s, p, o = (self.intern(term) for term in triple)
        if p == self.type_id:
            relation, fact = self.relation(p, o), s
        else:
            relation, fact = self.relation(p, None), s << 32 | o
        record = relation.facts.get(fact)
        if record is None:
            self.add(relation, fact, 0)
        elif record:
            self.promote(relation, fact)
        else:
            self.extra[relation, fact] = self.extra.get((relation, fact), 0) + 1

    def promote(self, relation: Relation, fact: int) -> None:
        """A derived fact is asserted as well: that is now its record, and it is a base fact."""
        if relation.transitive and relation.facts[fact] & CLAUSE_MASK == relation.transitive:
            _enter_base(relation, [fact])
        relation.facts[fact] = 0

    def put(self, triple: Triple, record: int) -> None:
        """Place a fact of a closed ontology: no rule need see it."""
        s, p, o = (self.intern(term) for term in triple)
        if p == self.type_id:
            self.relation(p, o).facts[s] = record
        else:
            self.relation(p, None).facts[s << 32 | o] = record

    def _open_type_view(self, view: Relation) -> None:
        """rdf:type as a property like others, for the rare clause that needs it: a mirror of the classes."""
        self.type_view = view
        for cls, members in self.classes.items():
            for member in members.facts:
                view.facts[member << 32 | cls] = members.facts[member]
                view.delta.append(member << 32 | cls)
        if view.delta:
            self.enqueue(view)

    # Clauses

    def add_clause(self, clause: Clause) -> Compiled | None:
        """Take in a clause and set it to work; None when it is known already."""
        if clause in self.known:
            return None
        self.known.add(clause)
        compiled = self._compile(clause)
        self.compiled.append(compiled)
        for s, p, o in clause.body:
            if p == n.SAME and s == o and not s.startswith("?"):
                self.add_triple((s, p, o), EQ_REF)
        if not clause.body:
            if clause.head is None:
                self.false[compiled.number, ()] = None
            else:
                self.add_triple(clause.head, compiled.number)
        elif clause.negative:
            self.waiting.append(compiled)
        elif self._superfluous(compiled):
            self.idle.append(compiled)
        else:
            self.activate(compiled)
        return compiled

    def resume(self, clauses: Iterable[Clause], idle: frozenset[int]) -> None:
        """Take in the clauses of a program; their ontology's facts are put after."""
        for place, clause in enumerate(clauses):
            self.known.add(clause)
            compiled = self._compile(clause)
            self.compiled.append(compiled)
            if clause.negative:
                self.waiting.append(compiled)
            elif place in idle:
                self.idle.append(compiled)
            elif clause.body:
                self.activate(compiled)

    def settle_resumed(self) -> None:
        """All facts that are there have been seen: nothing is left to do for them."""
        for queue in (self.queue, self.schema_queue, self.transitive_queue):
            queue.clear()
        for relation in (*self.classes.values(), *self.properties.values()):
            relation.delta, relation.open, relation.queued = [], [], False
            if relation.transitive:
                relation.base = {}
                _enter_base(relation, relation.fresh(list(relation.facts)))
        self.values.shown(self.same, list(self.same.facts))
        self.stale = False

    def activate(self, compiled: Compiled) -> None:
        """Let new facts set the clause off, and run it over those that were seen before it came."""
        if is_transitive(compiled):
            self._make_transitive(compiled)
            return
        triggers = [Trigger(compiled, k) for k in range(len(compiled.relations))]
        for trigger, relation in zip(triggers, compiled.relations, strict=True):
            relation.triggers.append(trigger)
        if not self.thing_used and any(r.cls == self.thing_id for r in compiled.relations):
            self._use_thing()
        self.values.demand(compiled.relations)
        if self.same in compiled.relations and compiled.clause.axioms and compiled.clause.name[:3] != "eq-":
            self.reflexive = True
        smallest = min(range(len(triggers)), key=lambda k: compiled.relations[k].seen())
        if compiled.relations[smallest].seen() > 0:
            self._fire(triggers[smallest], list(compiled.relations[smallest].facts))

    def _use_thing(self) -> None:
        """A clause asks who is an owl:Thing: from now on it is worth saying."""
        self.thing_used = True
        idle, self.idle = self.idle, []
        for compiled in idle:
            if compiled.head and compiled.head.cls == self.thing_id and compiled.head not in compiled.relations:
                self.activate(compiled)
            else:
                self.idle.append(compiled)

    def _superfluous(self, compiled: Compiled) -> bool:
        """Whether other clauses give all that this one does, by a longer way or the same."""
        clause, head = compiled.clause, compiled.head
        if clause.head in clause.body:
            return True
        if head is not None and head.cls == self.thing_id and not self.thing_used and clause.name == "cax-sco":
            return True
        if clause.name in _LONG_WAY and clause.axioms:
            found = self.locate(clause.axioms[0])
            if found:
                record = self.compiled[found[0].facts.get(found[1], 0) & CLAUSE_MASK]
                return record is not None and record.clause.name in _LONG_WAY[clause.name]
        return False

    def template(self, rule: Rule) -> Compiled:
        """The given patterns of a template, as a clause to be matched."""
        found = self.templates.get(rule.name)
        if found is None:
            found = self.templates[rule.name] = self._compile(Clause(rule.name, (), rule.given, None))
        return found

    def _compile(self, clause: Clause) -> Compiled:
        """A clause over integers, with its shape."""
        variables: dict[str, int] = {}
        constants: list[int] = []

        def arg(term: str) -> int:
            if term.startswith("?"):
                return variables.setdefault(term, len(variables))
            constants.append(self.intern(term))
            return -len(constants)

        atoms, relations = [], []
        for pattern in clause.body:
            relation, args = self._atom(pattern, arg)
            relations.append(relation)
            atoms.append((relation.cls is not None, args))
        head, shape_head = self._head(clause.head, arg)
        conditions = [self._condition(c) for c in clause.conditions]
        names = tuple(variables)
        needs = tuple(tuple(variables[v] for v in needed) for needed, _ in conditions)
        shape = Shape(tuple(atoms), shape_head, needs, clause.name in _LINKING)
        return Compiled(
            len(self.compiled),
            clause,
            shape,
            names,
            head,
            tuple(relations),
            tuple(constants),
            tuple(test for _, test in conditions),
        )

    def _atom(self, pattern: Pattern, arg: Callable[[str], int]) -> tuple[Relation, tuple[int, ...]]:
        s, p, o = pattern
        predicate = self.intern(p)
        if predicate == self.type_id and not o.startswith("?"):
            return self.relation(predicate, self.intern(o)), (arg(s),)
        return self.relation(predicate, None), (arg(s), arg(o))

    def _head(
        self, head: Pattern | None, arg: Callable[[str], int]
    ) -> tuple[Relation | None, tuple[str, tuple[int, ...]]]:
        if head is None:
            return None, ("F", ())
        if head[1] == n.TYPE and head[2].startswith("?"):
            return None, ("T", (arg(head[0]), arg(head[2])))
        relation, args = self._atom(head, arg)
        return relation, ("P" if relation.cls is None else "C", args)

    def _condition(self, condition: Condition) -> tuple[tuple[str, ...], Callable[..., bool]]:
        from kg.rules.conditions import test

        return test(self, condition)

    def _make_transitive(self, compiled: Compiled) -> None:
        relation = compiled.relations[0]
        if relation.transitive:
            return  # said twice; once is enough
        relation.transitive = compiled.number
        done = set(relation.delta)
        relation.open = [fact for fact in relation.facts if fact not in done]
        _enter_base(relation, relation.open)
        if relation.open:
            self.transitive_queue.append(relation)

    # Work

    def run(self) -> None:
        """Work until nothing new follows."""
        from kg.rules.extend import extend

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
        from kg.rules.strata import next_stratum

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
        relation.enter(fresh)
        if relation.transitive and fresh:
            _enter_base(relation, fresh)
            if not relation.open:
                self.transitive_queue.append(relation)
            relation.open += fresh
        if relation.schema or relation is self.same or (self.same.facts and relation.seen() == len(delta)):
            self.stale = True
        if relation.cls is not None and self.type_view is not None:
            self._mirror(relation, relation.cls, delta)
        elif relation is self.type_view:
            for fact in delta:
                self.add_member(fact >> 32, fact & MASK, relation.facts[fact])
        for trigger in relation.triggers:
            self._fire(trigger, fresh if trigger.fresh_only else delta)
        self.values.shown(relation, delta)
        if self.same.facts:
            self._replace(relation, delta, fresh)

    def _fire(self, trigger: Trigger, delta: list[int]) -> None:
        for other in trigger.others:
            if not other.facts:
                return
        c = trigger.compiled
        if trigger.fire is None:
            trigger.fire = join(c.shape, trigger.first, "add")
        kind = c.shape.head[0]
        out = self.contradict if kind == "F" else self.add_member if kind == "T" else None
        trigger.fire(delta, c.number, c.head, c.relations, c.constants, c.conditions, out)
        head = c.head
        if head is not None and head.delta and not head.queued:
            self.enqueue(head)

    def contradict(self, clause: int, binding: tuple[int, ...]) -> None:
        """Note an inconsistency."""
        self.false[clause, binding] = None

    def _mirror(self, relation: Relation, cls: int, delta: list[int]) -> None:
        view = self.type_view
        if view is not None:
            for member in delta:
                self.add(view, member << 32 | cls, relation.facts[member])

    def _close(self, relation: Relation) -> None:
        """Close a transitive relation over its open base facts, before anybody else sees the result."""
        opened, relation.open = relation.open, []
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
        relation.enter(found)
        while frontier:
            following: list[int] = []
            for fact in frontier:
                x, y = fact >> 32, fact & MASK
                for z in base.get(y, ()):
                    key = x << 32 | z
                    if key not in facts and (reflexive or x != z):
                        facts[key] = clause | y << CLAUSE_BITS
                        following.append(key)
            relation.enter(following)
            found += following
            frontier = following
        if found:
            relation.delta += found
            if not relation.queued:
                self.enqueue(relation)

    # owl:sameAs: eq-rep-s and eq-rep-o

    def _replace(self, relation: Relation, delta: list[int], fresh: list[int]) -> None:
        """Say of equals what is said of a term, over the base facts of owl:sameAs."""
        if relation is self.type_view:
            return
        if relation is self.same:
            for fact in fresh:
                self._replace_everywhere(fact >> 32, fact & MASK)
            return
        equals = self.same.base
        if relation.cls is not None:
            for cls in equals.get(relation.cls, ()):
                for member in delta:
                    self.add_member(member, cls, EQ_REP_O | relation.cls << CLAUSE_BITS)
            for member in delta:
                for other in equals.get(member, ()):
                    self.add(relation, other, EQ_REP_S | member << CLAUSE_BITS)
            return
        for fact in delta:
            s, o = fact >> 32, fact & MASK
            for other in equals.get(s, ()):
                self.add(relation, other << 32 | o, EQ_REP_S | s << CLAUSE_BITS)
            for other in equals.get(o, ()):
                self.add(relation, s << 32 | other, EQ_REP_O | o << CLAUSE_BITS)

    def _replace_everywhere(self, one: int, other: int) -> None:
        """Two terms are found to be equal: say of the second what has been seen of the first."""
        cls = self.classes.get(one)
        if cls is not None:
            for member in list(cls.facts):
                self.add_member(member, other, EQ_REP_O | one << CLAUSE_BITS)
        for relation in list(self.relations()):
            if relation is self.same or not relation.facts:
                continue
            if relation.cls is not None:
                if one in relation.facts:
                    self.add(relation, other, EQ_REP_S | one << CLAUSE_BITS)
                continue
            if relation.seen() > 0:
                for o in tuple(relation.forward().get(one, ())):
                    self.add(relation, other << 32 | o, EQ_REP_S | one << CLAUSE_BITS)
                for s in tuple(relation.backward().get(one, ())):
                    self.add(relation, s << 32 | other, EQ_REP_O | one << CLAUSE_BITS)


#: Clauses that need not run when their first axiom was itself derived by one of these rules.
_LONG_WAY = {
    "cax-sco": ("scm-sco",),
    "prp-spo1": ("scm-spo",),
    "prp-dom": ("scm-dom1", "scm-dom2"),
    "prp-rng": ("scm-rng1", "scm-rng2"),
}


def _schema(machine: Machine) -> set[tuple[int, int | None]]:
    """The relations that the templates and the schema rules read."""
    from kg.rules.templates import templates

    patterns: Iterable[Pattern] = [p for rule in templates() for p in rule.given]
    patterns = [*patterns, *(p for clause in schema_clauses() for p in clause.body)]
    found = {(machine.intern(p), machine.intern(o) if p == n.TYPE else None) for _, p, o in patterns}
    found |= {(machine.intern(name), None) for name in (n.FIRST, n.REST)}
    return found - {(machine.same_id, None), (machine.intern(n.DIFFERENT), None)}


def is_transitive(compiled: Compiled) -> bool:
    """Whether the clause reads ``x p y, y p z -> x p z``."""
    atoms, head = compiled.shape.atoms, compiled.shape.head
    return (
        len(atoms) == 2
        and compiled.relations[0] is compiled.relations[1] is compiled.head
        and not compiled.conditions
        and (atoms[0][1], atoms[1][1], head[1]) == ((0, 1), (1, 2), (0, 2))
    )


def _enter_base(relation: Relation, facts: list[int]) -> None:
    base = relation.base
    for fact in facts:
        known = base.get(fact >> 32)
        if known is None:
            base[fact >> 32] = [fact & MASK]
        else:
            known.append(fact & MASK)
