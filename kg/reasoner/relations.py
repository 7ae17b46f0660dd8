"""Terms and facts as integers: relations with their deltas, records and indexes.

A fact of a property is the integer ``subject << 32 | object``; a member of a class is its own integer. Each maps to
its record: 0 when asserted, else the number of the clause that first gave it, with the integers of the clause's
variables that are not in its head above it (``clause | first << 24 | second << 56 …``). A proof needs no more, and in
most cases that is one machine integer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kg.model import Term, Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.rule_table import Pattern

MASK = 0xFFFFFFFF
CLAUSE_BITS = 24
CLAUSE_MASK = (1 << CLAUSE_BITS) - 1

Index = dict[int, list[int]]


class Relation:
    """The facts of property ``predicate``, or the members of class ``cls`` when that is not None.

    ``delta`` has the facts that no rule has seen yet; an index holds the others. It is built when a join first
    asks for it, so a property that no rule joins on has none. In a transitive relation, ``transitive`` is the
    number of the clause that says so, and ``base`` indexes the facts that it did not give: the closure is
    right-linear, fact with base fact.
    """

    __slots__ = (
        "backward_index",
        "base",
        "cls",
        "delta",
        "facts",
        "forward_index",
        "open",
        "predicate",
        "queued",
        "schema",
        "transitive",
        "triggers",
    )

    def __init__(self, predicate: int, cls: int | None, schema: bool) -> None:
        self.predicate = predicate
        self.cls = cls
        self.schema = schema
        self.facts: dict[int, int] = {}
        self.delta: list[int] = []
        self.open: list[int] = []  # base facts that the transitive closure has not seen yet
        self.base: Index = {}
        self.forward_index: Index | None = None
        self.backward_index: Index | None = None
        self.transitive = 0
        self.queued = False
        self.triggers: list[Any] = []

    def forward(self) -> Index:
        """Subject to objects."""
        if self.forward_index is None:
            self.forward_index = {}
            enter(self.forward_index, self._seen())
        return self.forward_index

    def backward(self) -> Index:
        """Object to subjects."""
        if self.backward_index is None:
            self.backward_index = {}
            enter_backward(self.backward_index, self._seen())
        return self.backward_index

    def seen(self) -> int:
        """How many facts the rules have seen."""
        return len(self.facts) - len(self.delta)

    def fresh(self, delta: list[int]) -> list[int]:
        """Those of the facts that are not from the relation's own transitivity."""
        if not self.transitive:
            return delta
        facts, own = self.facts, self.transitive
        return [fact for fact in delta if facts[fact] & CLAUSE_MASK != own]

    def index(self, delta: list[int]) -> None:
        """Put facts into the indexes that there are."""
        if self.forward_index is not None:
            enter(self.forward_index, delta)
        if self.backward_index is not None:
            enter_backward(self.backward_index, delta)

    def _seen(self) -> list[int]:
        waiting = set(self.fresh(self.delta))
        return [fact for fact in self.facts if fact not in waiting] if waiting else list(self.facts)


def enter(index: Index, facts: list[int]) -> None:
    """Enter facts into an index by subject."""
    get = index.get
    for fact in facts:
        s = fact >> 32
        known = get(s)
        if known is None:
            index[s] = [fact & MASK]
        else:
            known.append(fact & MASK)


def enter_backward(index: Index, facts: list[int]) -> None:
    """Enter facts into an index by object."""
    get = index.get
    for fact in facts:
        o = fact & MASK
        known = get(o)
        if known is None:
            index[o] = [fact >> 32]
        else:
            known.append(fact >> 32)


class Relations:
    """Terms, relations, and queues of those relations that have facts no rule has seen."""

    def __init__(self) -> None:
        self.ids: dict[Term, int] = {}
        self.terms: list[Term] = [""]  # integers start at 1
        self.classes: dict[int, Relation] = {}
        self.properties: dict[int, Relation] = {}
        self.queue: deque[Relation] = deque()
        self.schema_queue: deque[Relation] = deque()
        self.transitive_queue: deque[Relation] = deque()
        self.type_view: Relation | None = None
        self.type_id = self.intern(n.TYPE)
        self.schema_ids: set[tuple[int, int | None]] = set()

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
        ids = self.ids.get
        s, p, o = ids(triple[0]), ids(triple[1]), ids(triple[2])
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

    def triple(self, relation: Relation, fact: int) -> Triple:
        """A fact as terms."""
        terms = self.terms
        if relation.cls is not None:
            return terms[fact], n.TYPE, terms[relation.cls]
        return terms[fact >> 32], terms[relation.predicate], terms[fact & MASK]

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

    def queue_facts(self, relation: Relation, facts: list[int]) -> None:
        """Queue facts that are stored already, for the clauses to see."""
        relation.delta += facts
        if facts and not relation.queued:
            self.enqueue(relation)

    def enqueue(self, relation: Relation) -> None:
        """Put a relation with new facts into its queue."""
        relation.queued = True
        (self.schema_queue if relation.schema else self.queue).append(relation)

    def load(self, triples: Iterable[Triple]) -> None:
        """Assert many triples, also those that were derived."""
        ids, terms = self.ids, self.terms
        known, new_term = ids.get, terms.append
        properties: dict[Term, _Slot] = {}
        classes: dict[Term, _Slot] = {}
        for subject, predicate, value in triples:
            s = known(subject)
            if s is None:
                s = ids[subject] = len(terms)
                new_term(subject)
            if predicate == n.TYPE:
                slot = classes.get(value)
                if slot is None:
                    slot = classes[value] = _slot(self.relation(self.type_id, self.intern(value)))
                fact = s
            else:
                slot = properties.get(predicate)
                if slot is None:
                    slot = properties[predicate] = _slot(self.relation(self.intern(predicate), None))
                o = known(value)
                if o is None:
                    o = ids[value] = len(terms)
                    new_term(value)
                fact = s << 32 | o
            facts, add, relation = slot
            if fact not in facts:
                facts[fact] = 0
                add(fact)
            elif facts[fact]:
                self.promote(relation, fact)
        waiting = [slot[2] for slot in (*classes.values(), *properties.values())]
        for relation in sorted(waiting, key=lambda r: len(r.delta)):
            if relation.delta and not relation.queued:
                self.enqueue(relation)

    def promote(self, relation: Relation, fact: int) -> None:
        """A derived fact is asserted as well: that is now its record, and it is a base fact."""
        if relation.transitive and relation.facts[fact] & CLAUSE_MASK == relation.transitive:
            enter(relation.base, [fact])
        relation.facts[fact] = 0

    def put(self, triples: Iterable[Triple], records: Iterable[int]) -> None:
        """Place facts of a closed ontology with their records: no rule need see them."""
        intern, relation, type_id = self.intern, self.relation, self.type_id
        for (s, p, o), record in zip(triples, records, strict=False):
            predicate, value = intern(p), intern(o)
            if predicate == type_id:
                relation(predicate, value).facts[intern(s)] = record
            else:
                relation(predicate, None).facts[intern(s) << 32 | value] = record

    def _open_type_view(self, view: Relation) -> None:
        """rdf:type as a property like others, for the rare clause that needs it: a mirror of the classes."""
        self.type_view = view
        for cls, members in self.classes.items():
            for member in members.facts:
                view.facts[member << 32 | cls] = members.facts[member]
                view.delta.append(member << 32 | cls)
        if view.delta:
            self.enqueue(view)


#: A relation's facts, how to add to its delta, and the relation.
_Slot = tuple[dict[int, int], Callable[[int], None], Relation]


def _slot(relation: Relation) -> _Slot:
    return relation.facts, relation.delta.append, relation
