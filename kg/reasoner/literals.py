"""Table 8 for the literals of a graph, as far as something can follow from it.

Every literal has its datatypes (dt-type2), equals those of the same value (dt-eq) and differs from all others
(dt-diff). Most of that is never asked for. It becomes a fact when it can matter: equal literals of different form
always; datatypes when a clause asks for members of a datatype, or when the literal is equated with something else;
differences from a literal that is equated with something, or all differences when a clause asks for them. eq-ref
likewise: for what is said to differ from itself, or when a clause asks for owl:sameAs.

The literals are those that facts have. One that only a clause names is in doubt: nothing is said of it until a fact
brings it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kg.model import Term
from kg.reasoner import owl_terms as n
from kg.reasoner.datatypes import DATATYPES, in_space, spaces, value_key
from kg.reasoner.relations import CLAUSE_BITS, MASK, Relation

if TYPE_CHECKING:
    from kg.reasoner.clauses import Clauses

SAME_VALUE, DIFF, VALUE_TYPE, EQ_REF, ILL_TYPED = 3, 4, 5, 6, 7
UNKNOWN_ENDINGS = ("#date>", "#gYear>", "#gYearMonth>", "#time>")

_CARDINALITIES = (n.iri("owl:maxCardinality"), n.iri("owl:maxQualifiedCardinality"))


class Literals:
    """The literals of an engine's facts."""

    def __init__(self, engine: Clauses) -> None:
        self.engine = engine
        self.next = 1
        self.present: list[int] = []
        self.by_value: dict[object, list[int]] = {}
        self.datatypes = {engine.intern(name): name for name in DATATYPES}
        self.demanded: set[int] = set()
        self.new_demands: list[int] = []
        self.equated: list[int] = []
        self.equated_set: set[int] = set()
        self.new_equated: list[int] = []
        self.texts = False  # whether a text was seen in a form that another literal may equal
        self.doubtful: set[int] = set()
        self.named: set[int] = set()  # constants of the W3C's rules: literals of the same value are equated with them
        self.returned: list[int] = []
        self.different = engine.intern(n.DIFFERENT)
        self.differences = False  # whether a clause asks for owl:differentFrom
        self.differing = 0  # how many literals have all their differences
        self.reflexive_done: set[int] = set()

    def demand(self, relations: Iterable[Relation]) -> None:
        """Note the datatypes among relations that a clause asks for."""
        for relation in relations:
            cls = relation.cls
            if cls in self.datatypes and cls not in self.demanded:
                self.demanded.add(cls)
                self.new_demands.append(cls)
            elif relation is self.engine.type_view:
                self.new_demands += [d for d in self.datatypes if d not in self.demanded]
                self.demanded |= set(self.datatypes)

    def doubt(self, terms: Iterable[int]) -> None:
        """Note the literals among terms that no fact has brought yet."""
        self.doubtful |= {term for term in terms if self.engine.terms[term][0] == '"'}

    def add_constants(self, terms: Iterable[int]) -> None:
        """Note the constants of a rule: a literal of the same value serves as well (``owl:maxCardinality 0``)."""
        for term in terms:
            text = self.engine.terms[term]
            key = value_key(text) if text[0] == '"' and not text.endswith(UNKNOWN_ENDINGS) else None
            if key is not None and term not in self.named:
                self.named.add(term)
                equals = self.by_value.setdefault(key, [])
                for other in equals:
                    self._equate(other, [term])
                if term not in equals:
                    equals.append(term)

    def _is_cardinality(self, literal: int) -> bool:
        """Whether a literal is the cardinality of a restriction."""
        tables = (self.engine.properties.get(self.engine.intern(name)) for name in _CARDINALITIES)
        return any(fact & MASK == literal for relation in tables if relation is not None for fact in relation.facts)

    def settle_doubts(self) -> None:
        """Take from the doubtful literals those that a fact has."""
        for relation in self.engine.properties.values() if self.doubtful else ():
            self._seen(fact & MASK for fact in dict.keys(relation.facts))  # no literal is in a clique held otherwise

    def _seen(self, terms: Iterable[int]) -> None:
        found = self.doubtful.intersection(terms)
        self.doubtful -= found
        self.returned += found

    def shown(self, relation: Relation, delta: list[int]) -> None:
        """New facts: literals in the wrong datatype, literals equated, things different from themselves."""
        engine = self.engine
        terms = engine.terms
        if relation.cls is not None:
            datatype = self.datatypes.get(relation.cls)
            if datatype:
                for member in delta:
                    if terms[member][0] == '"' and in_space(terms[member], datatype) is False:
                        engine.contradict(ILL_TYPED, (member, relation.cls))
            return
        if self.doubtful:
            self._seen([fact & MASK for fact in delta])
        if relation is engine.same:
            for fact in delta:
                self._equated(fact >> 32, fact & MASK)
        elif relation.predicate == self.different:
            for fact in delta:
                if fact >> 32 == fact & MASK:
                    engine.add(engine.same, fact, eq_ref_record(fact >> 32, relation.predicate, fact & MASK))

    def _equated(self, one: int, other: int) -> None:
        terms = self.engine.terms
        literals = [term for term in (one, other) if terms[term][0] == '"']
        if len(literals) == 2:
            self._differ(one, other)
        elif literals and literals[0] not in self.equated_set:
            self.equated_set.add(literals[0])
            self.new_equated.append(literals[0])

    def _differ(self, one: int, other: int) -> None:
        """Rule dt-diff, for one pair of literals."""
        engine = self.engine
        a, b = value_key(engine.terms[one]), value_key(engine.terms[other])
        if a is not None and b is not None and a != b:
            engine.add(engine.relation(self.different, None), one << 32 | other, DIFF)

    def _differ_all(self, these: list[int], others: list[int]) -> None:
        for one in these:
            for other in others:
                self._differ(one, other)
                self._differ(other, one)

    def settle(self) -> bool:
        """Add what Table 8 has to say now; return whether that was anything."""
        engine = self.engine
        new_literals = self._arrived()
        terms = engine.terms
        for literal in new_literals:
            last = terms[literal][-8:]
            if last[-1] != '"' and (last[-1] == ">" or last != last.lower()):
                self._group(literal)
            elif self.texts:
                self._equate(literal, self.by_value.get(value_key(terms[literal]), ()))
        for datatype in self.demanded:
            scope = self._present() if datatype in self.new_demands else new_literals
            for literal in scope:
                if in_space(terms[literal], self.datatypes[datatype]):
                    engine.add_member(literal, datatype, VALUE_TYPE)
        self.new_demands = []
        self._settle_equated(new_literals)
        if self.differences:
            self._differ_new(new_literals)
        if engine.reflexive:
            self._reflexive()
        return bool(engine.queue or engine.schema_queue)

    def _arrived(self) -> list[int]:
        """The literals of facts that are new since the last call."""
        terms = self.engine.terms
        found, self.returned = self.returned, []
        if self.next < len(terms):
            new = [k for k, term in enumerate(terms[self.next :], self.next) if term[0] == '"']
            self.present += new
            self.next = len(terms)
            known = set(found)
            found += [k for k in new if k not in self.doubtful and k not in known] if self.doubtful or found else new
        return found

    def _present(self) -> list[int]:
        return [literal for literal in self.present if literal not in self.doubtful]

    def _settle_equated(self, new_literals: list[int]) -> None:
        """Datatypes of the literals that are newly equated with something, and what differs from any of those."""
        new, self.new_equated = self.new_equated, []
        for literal in new:
            for datatype in spaces(self.engine.terms[literal]):
                self.engine.add_member(literal, self.engine.intern(datatype), VALUE_TYPE)
        for these, others in ((self.equated, new_literals), (new, self._present() if new else [])):
            self._differ_all(these, others)
        self.equated += new

    def _differ_new(self, new_literals: list[int]) -> None:
        """Rule dt-diff between new literals and all; the first time, between all."""
        present = self._present()
        self._differ_all(new_literals if self.differing else present, present)
        self.differing = len(present)

    def apart(self) -> tuple[Term, Term] | None:
        """Two literals of different values, the least in the order of their terms; None where there are none."""
        least: tuple[Term, object] | None = None
        for term in sorted(self.engine.terms[literal] for literal in self._present()):
            key = value_key(term)
            if key is not None and least is None:
                least = term, key
            elif key is not None and least is not None and key != least[1]:
                return least[0], term
        return None

    def _group(self, literal: int) -> None:
        """Rule dt-eq: find the literals of the same value in another form."""
        engine = self.engine
        term = engine.terms[literal]
        if term.endswith(UNKNOWN_ENDINGS):
            return
        if term[-1] != ">" and (tag := term[term.rindex("@") :]) == tag.lower():
            return  # in lower case, as tags are written, a term is the only one of its value
        key = value_key(term)
        if key is None:
            return
        equals = self.by_value.setdefault(key, [])
        self._equate(literal, equals)
        if literal not in equals:
            equals.append(literal)
        if key[0] == "text":
            self.texts = True
            plain = engine.ids.get(plain_term(*key[1]))
            if plain is not None:
                self._equate(literal, [plain])

    def _equate(self, literal: int, others: Iterable[int]) -> None:
        """Rule dt-eq, for one literal and those of its value."""
        engine = self.engine
        for other in others:
            if other != literal and (
                other not in self.doubtful or (other in self.named and self._is_cardinality(literal))
            ):
                engine.add(engine.same, literal << 32 | other, SAME_VALUE)
                engine.add(engine.same, other << 32 | literal, SAME_VALUE)

    def _reflexive(self) -> None:
        """Rule eq-ref in full; where two literals differ, owl:differentFrom counts as a term, by dt-diff."""
        engine, done = self.engine, self.reflexive_done
        if self.different not in done and (pair := self.apart()):
            one, other = (engine.ids[term] for term in pair)
            engine.add(engine.same, self.different << 32 | self.different, eq_ref_record(one, self.different, other))
            done.add(self.different)
        for relation in list(engine.relations()):
            predicate, cls = relation.predicate, relation.cls
            for fact in list(relation.facts):
                s, o = (fact >> 32, fact & MASK) if cls is None else (fact, cls)
                for term in (s, predicate, o):
                    if term not in done:
                        done.add(term)
                        engine.add(engine.same, term << 32 | term, eq_ref_record(s, predicate, o))


def eq_ref_record(s: int, p: int, o: int) -> int:
    """The record of a fact by eq-ref: an earlier triple with the term."""
    return EQ_REF | s << CLAUSE_BITS | p << (CLAUSE_BITS + 32) | o << (CLAUSE_BITS + 64)


def plain_term(text: str, tag: str) -> Term:
    """The canonical term for a text."""
    import pyoxigraph

    return str(pyoxigraph.Literal(text)) + (f"@{tag}" if tag else "")
