"""One-step rule instances, read off a finished closure: for one conclusion, or all of them.

Unlike the records, they do not depend on the order in which the closure was worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kg.model import Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.datatypes import in_space, is_literal, value_key
from kg.reasoner.derivation_records import derivation_of, eq_ref, replacement
from kg.reasoner.equality import EQ_REP_O, EQ_REP_S
from kg.reasoner.joins import WIDE, Compiled, is_symmetric, is_transitive, join
from kg.reasoner.matching import Spend, solve
from kg.reasoner.partial_evaluation import IMPLIED_BY, implied_clauses, implied_clauses_to, implying_clauses
from kg.reasoner.proof import Derivation
from kg.reasoner.proof_search import OutOfBudget, SearchState
from kg.reasoner.relations import CLAUSE_MASK, MASK, Relation
from kg.reasoner.seminaive import Engine
from kg.reasoner.wide_joins import bindings, smallest


def derivations(engine: Engine, triple: Triple, links: SearchState | None = None) -> Iterator[Derivation]:
    """Every one-step rule instance over the closure that has the triple as its conclusion.

    With ``links``, transitive rules and equalities are followed link by link: the second premise of the former, the
    equality of eq-rep, and the axiom of subclasses, subproperties, domains and ranges must be basic, that is, hold
    for another reason than that others of their kind follow on one another. Every proof can be brought into that form
    with the same leaves, and with as many steps unless links are turned round.
    """
    s, p, o = triple
    if is_literal(s) or (p == n.SAME and s == o):
        yield from axiomatic(engine, triple)
    basic = None if links is None else lambda relation, z, name: _basic_into(engine, relation, z, links, name)
    for compiled in (*engine.by_head(triple), *implied_clauses_to(engine, triple, basic)):
        if links is None:
            yield from _solved(engine, compiled, triple, None)
            continue
        links.spend()
        if compiled.head is engine.same and _by_the_way(engine, compiled, triple, links):
            continue
        if is_transitive(compiled):
            yield from _by_links(engine, compiled, triple, links)
        elif compiled.clause.name not in IMPLIED_BY or _is_basic(engine, compiled, links):
            yield from _solved(engine, compiled, triple, links.spend)
    yield from _replacements(engine, triple, links)


def _solved(engine: Engine, compiled: Compiled, triple: Triple, spend: Spend | None) -> Iterator[Derivation]:
    """The instances of a clause that conclude a triple and do not rest on it."""
    for values in solve(engine, compiled, triple, spend):
        step = derivation_of(engine, compiled, values)
        if triple not in step.premises:
            yield step


def _by_links(engine: Engine, compiled: Compiled, triple: Triple, links: SearchState) -> Iterator[Derivation]:
    """The instances of a transitive clause whose second premise is basic."""
    located = engine.locate(triple)
    if located is None or not located[0].facts or triple in compiled.clause.axioms:
        return
    relation, fact = located
    facts, terms = relation.facts, engine.terms
    x, z = fact >> 32, fact & MASK
    (name, axioms, *_), (s, p, o) = compiled.clause, triple
    for y in _basic_into(engine, relation, z, links):
        if y not in (x, z) and x << 32 | y in facts:
            links.spend()
            middle = terms[y]
            yield Derivation(name, triple, (*axioms, (s, p, middle), (middle, p, o)))


def _by_the_way(engine: Engine, compiled: Compiled, triple: Triple, links: SearchState) -> bool:
    """Whether a clause gives an equality as a link by way of others, or turns round one that is no link."""
    turning = is_symmetric(compiled)
    if not links.only or not engine.same.facts or not (turning or is_transitive(compiled)):
        return False
    s, o = engine.ids.get(triple[0], 0), engine.ids.get(triple[2], 0)
    return (s in _basic_into(engine, engine.same, o, links)) != turning


def _is_basic(engine: Engine, compiled: Compiled, links: SearchState) -> bool:
    """Whether the axiom of a clause is asserted or follows by more than what the clauses of others make up for."""
    axiom, name = compiled.clause.axioms[0], compiled.clause.name
    found = links.axioms.get(axiom)
    if found is None:
        located = engine.locate(axiom)
        found = links.axioms[axiom] = located is not None and located[1] >> 32 in _basic_into(
            engine, located[0], located[1] & MASK, links, name
        )
    return found


def _basic_into(engine: Engine, relation: Relation, z: int, links: SearchState, name: str = "") -> dict[int, None]:
    """The subjects of a relation's facts with that object that are asserted or follow by more than transitivity.

    Of a symmetric relation, also those that are so the other way round. With the ``name`` of a rule: that follow by
    more than the rules that make an axiom superfluous for it.
    """
    basic = links.subjects.get((relation, z))
    if basic is None:
        if relation not in links.givers:
            links.givers[relation] = Givers(engine, relation, name, links)
        basic = links.subjects[relation, z] = links.givers[relation].into(z, links)
    return basic


class Givers:
    """What can give the facts of a relation, beside its transitivity and symmetry."""

    #: The instances of a clause are found all at once when there are no more than that.
    FEW = 10_000

    def __init__(self, engine: Engine, relation: Relation, name: str, links: SearchState) -> None:
        self.engine, self.relation = engine, relation
        found = engine.by_head(engine.triple(relation, next(iter(relation.facts))))
        turning = {each.number for each in found if is_symmetric(each)}
        self.symmetric = bool(turning)
        left_out = (turning | {relation.transitive} | (implying_clauses(name) if name else frozenset())) - {0}
        self.known: dict[int, dict[int, None]] = {}  # basic facts, from object to subjects
        self.many: list[Compiled] = []
        base = (s << 32 | o for s, objects in relation.base.items() for o in objects)
        for fact in base if relation.transitive else relation.facts:
            if relation.facts[fact] & CLAUSE_MASK not in left_out:
                self._know(fact)
        for each in found:
            if each.number not in left_out and not is_transitive(each):
                self._enumerate(each, links)

    def _enumerate(self, compiled: Compiled, links: SearchState) -> None:
        few = self.FEW if links.left is None else min(self.FEW, links.left)
        try:
            rows = _rows(compiled, few)
        except OutOfBudget:
            links.spend(few // 8)  # generated code is quick
            self.many.append(compiled)
            return
        links.spend(len(rows) // 4)
        for fact in self._conclusions(compiled, rows):
            self._know(fact)

    def _conclusions(self, compiled: Compiled, rows: list[tuple[int, ...]]) -> Iterator[int]:
        """The facts that a clause gives under some bindings, without those that rest on themselves."""
        atoms = zip(compiled.relations, compiled.shape.atoms, strict=True)
        same = [args for relation, args in atoms if relation is self.relation]
        axioms = {self.engine.locate(axiom) for axiom in compiled.clause.axioms}
        for row in rows:
            # Constants are numbered from the end: -1, -2, …
            values = (*row, *reversed(compiled.constants))
            one, other = (values[arg] for arg in compiled.shape.head[1])
            premises = [(values[s], values[o]) for s, o in same]
            fact = one << 32 | other
            if (one, other) not in premises and (self.relation, fact) not in axioms:
                yield fact

    def _know(self, fact: int) -> None:
        s, o = fact >> 32, fact & MASK
        self.known.setdefault(o, {})[s] = None
        if self.symmetric:
            self.known.setdefault(s, {})[o] = None

    def into(self, z: int, links: SearchState) -> dict[int, None]:
        """The subjects of the facts with that object that are asserted or given by one of these."""
        basic = self.known.get(z, {})
        if not self.many and (self.relation is self.engine.same or not self.engine.same.facts):
            return basic
        more = (y for y in self.relation.backward().get(z, ()) if y not in basic)
        either = (y for y in more if self._gives(y, z, links) or (self.symmetric and self._gives(z, y, links)))
        return basic | dict.fromkeys(either)

    def _gives(self, y: int, z: int, links: SearchState) -> bool:
        triple = self.engine.triple(self.relation, y << 32 | z)
        found = (step for each in self.many for step in _solved(self.engine, each, triple, links.spend))
        return next(found, None) is not None or next(_replacements(self.engine, triple, links), None) is not None


def _replacements(engine: Engine, triple: Triple, links: SearchState | None = None) -> Iterator[Derivation]:
    """Instances of eq-rep-s and eq-rep-o with that conclusion; with ``links``, over basic equalities."""
    s, p, o = triple
    same = engine.same
    if p == n.SAME or not same.facts:
        return
    for number, term in ((EQ_REP_S, s), (EQ_REP_O, o)):
        known = engine.ids.get(term, 0)
        every = same.backward().get(known, ())
        for former in every if links is None or not every else _basic_into(engine, same, known, links):
            if links is not None:
                links.spend()
            name = engine.terms[former]
            source = (name, p, o) if number == EQ_REP_S else (s, p, name)
            if source != triple and engine.holds(source):
                yield replacement(engine, triple, number, name)


def instances(engine: Engine) -> Iterator[Derivation]:
    """Every one-step rule instance over the closure whose conclusion the closure holds as a fact.

    Left out: instances whose conclusion is one of their premises.
    """
    made = [compiled for compiled in engine.compiled if compiled is not None and compiled.clause.head]
    fixed = [compiled for compiled in made if not compiled.clause.axioms]
    # A rule with two conclusions is two clauses, which may say the same.
    yield from dict.fromkeys(step for compiled in fixed for step in _of_clause(engine, compiled))
    for compiled in made:
        if compiled.clause.axioms:
            yield from _of_clause(engine, compiled)
    for compiled in implied_clauses(engine):
        yield from _of_clause(engine, compiled)
    if engine.same.facts:
        for relation in list(engine.relations()):
            for fact in list(relation.facts) if relation is not engine.same else ():
                yield from _replacements(engine, engine.triple(relation, fact))
    yield from _axiomatic(engine)


def _of_clause(engine: Engine, compiled: Compiled) -> Iterator[Derivation]:
    if not compiled.relations:
        yield derivation_of(engine, compiled, ())
        return
    if not all(relation.facts for relation in compiled.relations):
        return
    first = smallest(compiled)
    yield from _started(engine, compiled, first, list(compiled.relations[first].facts))


def _started(engine: Engine, compiled: Compiled, first: int, facts: list[int]) -> Iterator[Derivation]:
    """The instances of a clause in which one of its atoms matches one of some facts."""
    rows: list[tuple[int, ...]] = []
    _join(compiled, first, facts, lambda _, row: rows.append(row))
    for step in (derivation_of(engine, compiled, row) for row in rows):
        if step.conclusion not in step.premises and engine.holds(step.conclusion):
            yield step


def _rows(compiled: Compiled, most: int) -> list[tuple[int, ...]]:
    """Every binding of a clause. Raises OutOfBudget when there are more than that."""
    rows: list[tuple[int, ...]] = []

    def out(_: int, row: tuple[int, ...]) -> None:
        if len(rows) >= most:
            raise OutOfBudget
        rows.append(row)

    if not compiled.relations:
        return [()]
    if all(relation.facts for relation in compiled.relations):
        first = smallest(compiled)
        _join(compiled, first, list(compiled.relations[first].facts), out)
    return rows


def _join(compiled: Compiled, first: int, facts: list[int], out: Callable[[int, tuple[int, ...]], None]) -> None:
    """Call ``out`` with every binding in which one of the atoms matches one of some facts."""
    if len(compiled.relations) > WIDE:
        bindings(compiled, first, facts, out)
        return
    join(compiled.shape, first, "each")(
        facts, 0, None, compiled.relations, compiled.constants, compiled.conditions, out
    )


def _axiomatic(engine: Engine) -> Iterator[Derivation]:
    """The instances that rest on no premise, or on any: dt-eq, dt-diff, dt-type2, eq-ref."""
    relations: list[Relation | None] = [engine.same, engine.properties.get(engine.literals.different)]
    relations += [engine.classes.get(datatype) for datatype in engine.literals.datatypes]
    for relation in relations:
        if relation is not None:
            for fact in list(relation.facts):
                yield from axiomatic(engine, engine.triple(relation, fact))


def axiomatic(engine: Engine, triple: Triple) -> Iterator[Derivation]:
    """The steps of rules that hold in every graph with these terms (eq-ref, Table 8)."""
    s, p, o = triple
    if p == n.SAME and s == o:
        yield from eq_ref(engine, triple)
    elif not is_literal(s):
        return
    elif p == n.TYPE:
        if in_space(s, o):
            yield Derivation("dt-type2", triple, ())
    elif p in (n.SAME, n.DIFFERENT) and is_literal(o):
        a, b = value_key(s), value_key(o)
        if a is not None and b is not None and (a == b) == (p == n.SAME):
            yield Derivation("dt-eq" if p == n.SAME else "dt-diff", triple, ())


def as_thing(engine: Engine, triple: Triple) -> Derivation | None:
    """Why something is an owl:Thing, when the closure does not keep that as a fact."""
    return next(derivations(engine, triple), None) if triple[1:] == (n.TYPE, n.THING) else None
