"""What Table 8 says of literals, as far as something can follow from it.

Every literal has its datatypes (dt-type2), equals those of the same value (dt-eq) and differs from all others
(dt-diff). Most of that is never asked for. It is said here when it can matter: equal literals of different
form always; datatypes when a clause asks for members of a datatype, or when the literal is equated with
something else; differences between literals that are equated with something. eq-ref likewise: for what is said
to differ from itself, or when the ontology makes a statement about owl:sameAs itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kg.rules import names as n
from kg.rules.datatypes import DATATYPES, in_space, literal_parts, spaces, value_key
from kg.rules.relation import MASK, Relation

if TYPE_CHECKING:
    from kg.rules.clauses import Clauses

__all__ = ["DIFF", "EQ_REF", "ILL_TYPED", "SAME_VALUE", "VALUE_TYPE", "Values"]

SAME_VALUE, DIFF, VALUE_TYPE, EQ_REF, ILL_TYPED = 3, 4, 5, 6, 7
_UNKNOWN = ("#date>", "#gYear>", "#gYearMonth>", "#time>")


class Values:
    """The literals of a machine."""

    def __init__(self, machine: Clauses) -> None:
        self.machine = machine
        self.next = 1
        self.literals: list[int] = []
        self.by_value: dict[object, list[int]] = {}
        self.datatypes = {machine.intern(name): name for name in DATATYPES}
        self.demanded: set[int] = set()
        self.new_demands: list[int] = []
        self.equated: list[int] = []
        self.equated_set: set[int] = set()
        self.new_equated: list[int] = []
        self.shared: set[int] = set()  # literals that another literal equals
        self.different = machine.intern(n.DIFFERENT)
        self.reflexive_done: set[int] = set()

    def demand(self, relations: Iterable[Relation]) -> None:
        """A clause asks for the members of these; note the datatypes among them."""
        for relation in relations:
            cls = relation.cls
            if cls in self.datatypes and cls not in self.demanded:
                self.demanded.add(cls)
                self.new_demands.append(cls)
            elif relation is self.machine.type_view:
                self.new_demands += [d for d in self.datatypes if d not in self.demanded]
                self.demanded |= set(self.datatypes)

    def shown(self, relation: Relation, delta: list[int]) -> None:
        """New facts: literals in the wrong datatype, literals equated, things different from themselves."""
        machine = self.machine
        terms = machine.terms
        if relation.cls is not None:
            datatype = self.datatypes.get(relation.cls)
            if datatype:
                for member in delta:
                    if terms[member][0] == '"' and in_space(terms[member], datatype) is False:
                        machine.contradict(ILL_TYPED, (member, relation.cls))
        elif relation is machine.same:
            for fact in delta:
                self._equated(fact >> 32, fact & MASK)
        elif relation.predicate == self.different:
            for fact in delta:
                if fact >> 32 == fact & MASK:
                    machine.add(machine.same, fact, EQ_REF)

    def _equated(self, one: int, other: int) -> None:
        terms = self.machine.terms
        literals = [term for term in (one, other) if terms[term][0] == '"']
        if len(literals) == 2:
            self._differ(one, other)
        elif literals and literals[0] not in self.equated_set:
            self.equated_set.add(literals[0])
            self.new_equated.append(literals[0])

    def _differ(self, one: int, other: int) -> None:
        """Rule dt-diff, for one pair of literals."""
        machine = self.machine
        a, b = value_key(machine.terms[one]), value_key(machine.terms[other])
        if a is not None and b is not None and a != b:
            machine.add(machine.relation(self.different, None), one << 32 | other, DIFF)

    def settle(self) -> bool:
        """Say what has become worth saying; whether that was anything."""
        machine = self.machine
        start = len(self.literals)
        if self.next < len(machine.terms):
            new = machine.terms[self.next :]
            self.literals += [k for k, term in enumerate(new, self.next) if term[0] == '"']
            self.next = len(machine.terms)
        new_literals = self.literals[start:]
        terms = machine.terms
        for literal in new_literals:
            last = terms[literal][-8:]
            if last[-1] != '"' and (last[-1] == ">" or last != last.lower()):
                self._group(literal)
        for datatype in self.demanded:
            scope = self.literals if datatype in self.new_demands else new_literals
            for literal in scope:
                if in_space(machine.terms[literal], self.datatypes[datatype]):
                    machine.add_member(literal, datatype, VALUE_TYPE)
        self.new_demands = []
        self._settle_equated()
        if machine.reflexive:
            self._reflexive()
        return bool(machine.queue or machine.schema_queue)

    def _settle_equated(self) -> None:
        new, self.new_equated = self.new_equated, []
        for literal in new:
            for datatype in spaces(self.machine.terms[literal]):
                self.machine.add_member(literal, self.machine.intern(datatype), VALUE_TYPE)
            for other in self.equated:
                self._differ(literal, other)
                self._differ(other, literal)
            self.equated.append(literal)

    def _group(self, literal: int) -> None:
        """Rule dt-eq: find the literals of the same value in another form."""
        machine = self.machine
        term = machine.terms[literal]
        if term.endswith(_UNKNOWN):
            return
        if term[-1] != ">" and (tag := term[term.rindex("@") :]) == tag.lower():
            return  # in lower case, as tags are written, a term is the only one of its value
        key = value_key(term)
        if key is None:
            return
        equals = self.by_value.setdefault(key, [])
        others = list(equals)
        if key[0] == "text":
            text, tag = key[1]
            raw = term[: term.rindex('"') + 1] if literal_parts(term)[2].startswith(f"<{n.XSD}") else None
            plain = machine.ids.get((raw or f'"{text}"') + (f"@{tag}" if tag else ""))
            if plain is not None and plain != literal and plain not in equals:
                others.append(plain)
        equals.append(literal)
        for other in others:
            self.shared |= {literal, other}
            machine.add(machine.same, literal << 32 | other, SAME_VALUE)
            machine.add(machine.same, other << 32 | literal, SAME_VALUE)

    def _reflexive(self) -> None:
        """Rule eq-ref in full."""
        machine = self.machine
        for relation in list(machine.relations()):
            if not relation.facts:
                continue
            found = {relation.predicate}
            for fact in relation.facts:
                found |= {fact} if relation.cls is not None else {fact >> 32, fact & MASK}
            if relation.cls is not None:
                found.add(relation.cls)
            for term in found - self.reflexive_done:
                machine.add(machine.same, term << 32 | term, EQ_REF)
            self.reflexive_done |= found
