"""Equality: rules eq-rep-s and eq-rep-o, and large cliques of owl:sameAs.

The rules follow only the base facts of owl:sameAs, those that its transitivity did not give, so that a clique costs
as much as its output.

A clique of k names has k * (k - 1) pairs that follow by eq-trans. Above a size only its base facts are materialised;
the other pairs are answered from the list of members, and their records are worked out on demand: x equals z because
x equals the predecessor of z on a shortest path from x over base facts. So each record rests on nearer pairs, and in
the end on base facts.

That holds only while no clause asks for each new pair (eq-diff1 apart, which starts from what is different);
otherwise all pairs are materialised. So are those of a clique with a literal, since what equals it depends on its
value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kg.reasoner.relations import CLAUSE_BITS, MASK, Index, Relation, enter, enter_backward

if TYPE_CHECKING:
    from kg.model import Term
    from kg.reasoner.seminaive import Engine

#: The clause numbers of the two rules.
EQ_REP_S, EQ_REP_O = 1, 2


def replace(engine: Engine, relation: Relation, delta: list[int], fresh: list[int]) -> None:
    """Rules eq-rep-s and eq-rep-o for a relation's new facts, over the base facts of owl:sameAs."""
    if relation is engine.type_view:
        return
    if relation is engine.same:
        for fact in fresh:
            _replace_everywhere(engine, fact >> 32, fact & MASK)
        return
    equals = engine.same.base
    if relation.cls is not None:
        for cls in equals.get(relation.cls, ()):
            for member in delta:
                engine.add_member(member, cls, EQ_REP_O | relation.cls << CLAUSE_BITS)
        for member in delta:
            for other in equals.get(member, ()):
                engine.add(relation, other, EQ_REP_S | member << CLAUSE_BITS)
        return
    for fact in delta:
        s, o = fact >> 32, fact & MASK
        for other in equals.get(s, ()):
            engine.add(relation, other << 32 | o, EQ_REP_S | s << CLAUSE_BITS)
        for other in equals.get(o, ()):
            engine.add(relation, s << 32 | other, EQ_REP_O | o << CLAUSE_BITS)


def _replace_everywhere(engine: Engine, one: int, other: int) -> None:
    """Rules eq-rep-s and eq-rep-o for one new equality: each fact about the first term holds of the second."""
    cls = engine.classes.get(one)
    if cls is not None:
        for member in list(cls.facts):
            engine.add_member(member, other, EQ_REP_O | one << CLAUSE_BITS)
    for relation in list(engine.relations()):
        if relation is engine.same or not relation.facts:
            continue
        if relation.cls is not None:
            if one in relation.facts:
                engine.add(relation, other, EQ_REP_S | one << CLAUSE_BITS)
            continue
        if relation.seen() > 0:
            for o in tuple(relation.forward().get(one, ())):
                engine.add(relation, other << 32 | o, EQ_REP_S | one << CLAUSE_BITS)
            for s in tuple(relation.backward().get(one, ())):
                engine.add(relation, s << 32 | other, EQ_REP_O | one << CLAUSE_BITS)


#: In a clique of more members than this only base facts are materialised.
LARGE = 64


class Members(dict[int, None]):
    """The terms of one clique."""

    literal = False  # whether one is a literal
    held = False  # whether some pairs are not materialised


class Cliques:
    """The equality cliques of the base facts that have been seen."""

    def __init__(self, relation: Relation, terms: list[Term]) -> None:
        self.relation = relation
        self.terms = terms
        self.of: dict[int, Members] = {}
        self.held = False  # whether some clique has pairs that are not materialised
        self.last: tuple[int, dict[int, int]] = (0, {})  # the records of the term that was asked for last
        self.merge([s << 32 | o for s, values in relation.base.items() for o in values])

    def merge(self, facts: list[int]) -> None:
        """Take in equalities."""
        of, self.last = self.of, (0, {})
        for fact in facts:
            one, other = (of.get(k) or self._alone(k) for k in (fact >> 32, fact & MASK))
            if one is other:
                continue
            small, large = (one, other) if len(one) < len(other) else (other, one)
            large.update(small)
            large.literal, large.held = large.literal or small.literal, large.held or small.held
            for member in small:
                of[member] = large

    def _alone(self, term: int) -> Members:
        found = self.of[term] = Members({term: None})
        found.literal = self.terms[term][0] == '"'
        return found

    def large(self, term: int) -> Members | None:
        """The members of a term's clique if it is large and its pairs need not be materialised."""
        found = self.of.get(term)
        return found if found is not None and len(found) > LARGE and not found.literal else None

    def equal(self, fact: int) -> bool:
        """Whether a pair of different terms is in one large clique."""
        members = self.large(fact >> 32)
        return members is not None and fact & MASK in members and fact >> 32 != fact & MASK

    def all_large(self) -> Iterator[Members]:
        """Each large clique once."""
        seen = {id(members): members for members in self.of.values()}
        yield from (members for members in seen.values() if len(members) > LARGE and not members.literal)

    def records(self, start: int) -> dict[int, int]:
        """The record of each pair of a term with one that no base fact gives."""
        if self.last[0] != start:
            self.last = start, dict(self._farther(start))
        return self.last[1]

    def _farther(self, start: int) -> Iterator[tuple[int, int]]:
        base, clause = self.relation.base, self.relation.transitive
        seen, near = {start}, [start]
        while near:
            following = []
            for middle in near:
                for other in base.get(middle, ()):
                    if other not in seen:
                        seen.add(other)
                        following.append(other)
                        if middle != start:
                            yield start << 32 | other, clause | middle << CLAUSE_BITS
            near = following


class Pairs(dict[int, int]):
    """The facts of owl:sameAs: materialised ones, and the pairs of large cliques."""

    def __init__(self, cliques: Cliques, facts: dict[int, int]) -> None:
        super().__init__(facts)
        self.cliques = cliques

    def __contains__(self, fact: object) -> bool:
        return dict.__contains__(self, fact) or (isinstance(fact, int) and self.cliques.equal(fact))

    def __missing__(self, fact: int) -> int:
        if self.cliques.equal(fact):
            return self.cliques.records(fact >> 32)[fact]
        raise KeyError(fact)

    def get(self, fact: int, default: Any = None) -> Any:  # noqa: ANN401 - as a dictionary's
        """The record of a pair."""
        return self[fact] if fact in self else default  # noqa: SIM401 - this is what get() is

    def _others(self) -> Iterator[tuple[int, int]]:
        for members in self.cliques.all_large():
            for member in members:
                for pair, record in self.cliques.records(member).items():
                    if not dict.__contains__(self, pair):
                        yield pair, record

    def __iter__(self) -> Iterator[int]:
        yield from dict.__iter__(self)
        yield from (pair for pair, _ in self._others())

    def __len__(self) -> int:
        pairs = sum(len(members) * (len(members) - 1) for members in self.cliques.all_large())
        return pairs + sum(not self.cliques.equal(fact) for fact in dict.__iter__(self))

    def __bool__(self) -> bool:
        return dict.__len__(self) > 0

    def keys(self) -> Any:  # noqa: ANN401 - as a dictionary's
        """Every pair."""
        return iter(self)

    def items(self) -> Any:  # noqa: ANN401 - as a dictionary's
        """Every pair with its record."""
        yield from dict.items(self)
        yield from self._others()

    def values(self) -> Any:  # noqa: ANN401 - as a dictionary's
        """Every record."""
        return (record for _, record in self.items())


class Neighbours(dict[int, list[int]]):
    """An index of owl:sameAs: a term's equals."""

    def __init__(self, cliques: Cliques, index: Index) -> None:
        super().__init__(index)
        self.cliques = cliques

    def get(self, term: int, default: Any = None) -> Any:  # noqa: ANN401 - as a dictionary's
        """The equals of a term."""
        own = dict.get(self, term)
        members = self.cliques.large(term)
        if members is None:
            return default if own is None else own
        return [m for m in members if m != term] + [m for m in own or () if m == term or m not in members]


def equate(engine: Engine, opened: list[int]) -> list[int]:
    """Add base facts to the cliques; return those whose consequences are to be materialised."""
    same = engine.same
    if engine.cliques is None:
        engine.cliques = Cliques(same, engine.terms)
    cliques = engine.cliques
    cliques.merge(opened)
    touched = {id(members): members for members in (cliques.of[fact >> 32] for fact in opened)}
    if not any(len(members) > LARGE for members in touched.values()):
        return opened
    if not _unasked(engine):
        _materialise_all(engine)
        return opened
    for members in touched.values():
        if members.literal and members.held:
            _materialise_clique(engine, cliques, members)
    large = [members for members in touched.values() if cliques.large(next(iter(members)))]
    if not large:
        return opened
    for members in large:
        members.held = True
    if not cliques.held:
        _hold(engine, cliques)
    engine.stale = True
    different = engine.properties.get(engine.literals.different)
    for trigger in different.triggers if different is not None else ():
        if trigger.compiled.clause.name == "eq-diff1" and different is not None:
            engine.fire(trigger, list(different.facts))
    return [fact for fact in opened if not cliques.large(fact >> 32)]


def _unasked(engine: Engine) -> bool:
    """Whether no clause asks for each new pair."""
    return not engine.reflexive and all(
        trigger.compiled.clause.name in ("eq-sym", "eq-diff1") for trigger in engine.same.triggers
    )


def _hold(engine: Engine, cliques: Cliques) -> None:
    same = engine.same
    forward, backward = same.forward(), same.backward()
    cliques.held = True
    same.facts = Pairs(cliques, same.facts)
    same.forward_index, same.backward_index = Neighbours(cliques, forward), Neighbours(cliques, backward)


def _materialise_all(engine: Engine) -> None:
    """A clause asks for each pair: materialise all of them as new facts."""
    same, cliques = engine.same, engine.cliques
    if cliques is None or not cliques.held:
        return
    new = [fact for fact in same.facts if not dict.__contains__(same.facts, fact)]
    same.facts = dict(same.facts.items())
    same.forward_index = same.backward_index = None
    cliques.held = False
    for members in cliques.of.values():
        members.held = False
    engine.queue_facts(same, new)


def _materialise_clique(engine: Engine, cliques: Cliques, members: Members) -> None:
    """A literal joined a clique that was not materialised: materialise its pairs as new facts."""
    same = engine.same
    records = [(pair, record) for member in members for pair, record in cliques.records(member).items()]
    new = [(pair, record) for pair, record in records if not dict.__contains__(same.facts, pair)]
    same.facts.update(new)
    members.held = False
    _index_anew(same, members, [fact for fact in dict.keys(same.facts) if fact >> 32 in members])
    engine.queue_facts(same, [pair for pair, _ in new])


def _index_anew(same: Relation, members: Iterable[int], facts: list[int]) -> None:
    """Replace what the indexes have for the members by these facts."""
    for index, put in ((same.forward_index, enter), (same.backward_index, enter_backward)):
        if index is not None:
            for member in members:
                index[member] = []
            put(index, facts)
