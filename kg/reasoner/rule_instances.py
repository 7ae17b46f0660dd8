"""One-step rule instances, read off a finished closure: for one conclusion, or all of them.

Unlike the records, they do not depend on the order in which the closure was worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator

from kg.model import Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.compiled import is_symmetric
from kg.reasoner.datatypes import in_space, is_literal, value_key
from kg.reasoner.derivation import Step
from kg.reasoner.derivation_records import eq_ref, replacement, step_of
from kg.reasoner.implied_axioms import LONG_WAY, clauses, clauses_from, clauses_to, long_numbers
from kg.reasoner.joins import join
from kg.reasoner.relation import CLAUSE_MASK, MASK, Relation
from kg.reasoner.seminaive import EQ_REP_O, EQ_REP_S, Compiled, Machine, is_transitive
from kg.reasoner.solve import Spend, solve

__all__ = ["Links", "OutOfBudget", "derivations", "instances", "instances_of", "thing", "virtual"]


class OutOfBudget(Exception):
    """A search for a proof has tried as many facts as it may."""


class Links:
    """What many calls of :func:`derivations` on one closure share, and how much work they may do together.

    ``only``: leave out what follows by eq-trans where that is an equality for another reason, too (a link), and by
    eq-sym where it is not. ``budget``: how many facts may be tried before OutOfBudget is raised; None for any number.
    """

    def __init__(self, budget: int | None = None, *, only: bool = True) -> None:
        self.only = only
        self.left = budget
        self.subjects: dict[tuple[Relation, int], dict[int, None]] = {}  # of basic facts with an object
        self.givers: dict[Relation, _Givers] = {}
        self.axioms: dict[Triple, bool] = {}  # whether a clause's axiom is basic

    def spend(self, facts: int = 1) -> None:
        """Count some facts that are tried. Raises OutOfBudget."""
        if self.left is not None:
            self.left -= facts
            if self.left < 0:
                raise OutOfBudget


def derivations(machine: Machine, triple: Triple, links: Links | None = None) -> Iterator[Step]:
    """Every one-step rule instance over the closure that has the triple as its conclusion.

    With ``links``, transitive rules and equalities are followed link by link: the second premise of the former, the
    equality of eq-rep, and the axiom of subclasses, subproperties, domains and ranges must be basic, that is, hold
    for another reason than that others of their kind follow on one another. Every proof can be brought into that form
    with the same leaves, and with as many steps unless links are turned round.
    """
    s, p, o = triple
    if is_literal(s) or (p == n.SAME and s == o):
        yield from virtual(machine, triple)
    basic = None if links is None else lambda relation, z, name: _basic_into(machine, relation, z, links, name)
    for compiled in (*machine.by_head(triple), *clauses_to(machine, triple, basic)):
        if links is None:
            yield from _solved(machine, compiled, triple, None)
            continue
        links.spend()
        if compiled.head is machine.same and _by_the_way(machine, compiled, triple, links):
            continue
        if is_transitive(compiled):
            yield from _by_links(machine, compiled, triple, links)
        elif compiled.clause.name not in LONG_WAY or _is_basic(machine, compiled, links):
            yield from _solved(machine, compiled, triple, links.spend)
    yield from _replacements(machine, triple, links)


def _solved(machine: Machine, compiled: Compiled, triple: Triple, spend: Spend | None) -> Iterator[Step]:
    """The instances of a clause that conclude a triple and do not rest on it."""
    for values in solve(machine, compiled, triple, spend):
        step = step_of(machine, compiled, values)
        if triple not in step.premises:
            yield step


def _by_links(machine: Machine, compiled: Compiled, triple: Triple, links: Links) -> Iterator[Step]:
    """The instances of a transitive clause whose second premise is basic."""
    located = machine.locate(triple)
    if located is None or not located[0].facts or triple in compiled.clause.axioms:
        return
    relation, fact = located
    facts, terms = relation.facts, machine.terms
    x, z = fact >> 32, fact & MASK
    (name, axioms, *_), (s, p, o) = compiled.clause, triple
    for y in _basic_into(machine, relation, z, links):
        if y not in (x, z) and x << 32 | y in facts:
            links.spend()
            middle = terms[y]
            yield Step(name, triple, (*axioms, (s, p, middle), (middle, p, o)))


def _by_the_way(machine: Machine, compiled: Compiled, triple: Triple, links: Links) -> bool:
    """Whether a clause gives an equality as a link by way of others, or turns round one that is no link."""
    turning = is_symmetric(compiled)
    if not links.only or not machine.same.facts or not (turning or is_transitive(compiled)):
        return False
    s, o = machine.ids.get(triple[0], 0), machine.ids.get(triple[2], 0)
    return (s in _basic_into(machine, machine.same, o, links)) != turning


def _is_basic(machine: Machine, compiled: Compiled, links: Links) -> bool:
    """Whether the axiom of a clause is asserted or follows by more than what the clauses of others make up for."""
    axiom, name = compiled.clause.axioms[0], compiled.clause.name
    found = links.axioms.get(axiom)
    if found is None:
        located = machine.locate(axiom)
        found = links.axioms[axiom] = located is not None and located[1] >> 32 in _basic_into(
            machine, located[0], located[1] & MASK, links, name
        )
    return found


def _basic_into(machine: Machine, relation: Relation, z: int, links: Links, name: str = "") -> dict[int, None]:
    """The subjects of a relation's facts with that object that are asserted or follow by more than transitivity.

    Of a symmetric relation, also those that are so the other way round. With the ``name`` of a rule: that follow by
    more than the rules that make an axiom superfluous for it.
    """
    basic = links.subjects.get((relation, z))
    if basic is None:
        if relation not in links.givers:
            links.givers[relation] = _Givers(machine, relation, name, links)
        basic = links.subjects[relation, z] = links.givers[relation].into(z, links)
    return basic


class _Givers:
    """What can give the facts of a relation, beside its transitivity and symmetry."""

    #: The instances of a clause are found all at once when there are no more than that.
    FEW = 10_000

    def __init__(self, machine: Machine, relation: Relation, name: str, links: Links) -> None:
        self.machine, self.relation = machine, relation
        found = machine.by_head(machine.triple(relation, next(iter(relation.facts))))
        turning = {each.number for each in found if is_symmetric(each)}
        self.symmetric = bool(turning)
        left_out = (turning | {relation.transitive} | (long_numbers(name) if name else frozenset())) - {0}
        self.known: dict[int, dict[int, None]] = {}  # basic facts, from object to subjects
        self.many: list[Compiled] = []
        base = (s << 32 | o for s, objects in relation.base.items() for o in objects)
        for fact in base if relation.transitive else relation.facts:
            if relation.facts[fact] & CLAUSE_MASK not in left_out:
                self._know(fact)
        for each in found:
            if each.number not in left_out and not is_transitive(each):
                self._enumerate(each, links)

    def _enumerate(self, compiled: Compiled, links: Links) -> None:
        few = self.FEW if links.left is None else min(self.FEW, links.left)
        try:
            rows = _rows(compiled, few)
        except OutOfBudget:
            links.spend(few // 8)  # generated code is quick
            self.many.append(compiled)
            return
        links.spend(len(rows) // 8)
        for row in rows:
            step = step_of(self.machine, compiled, row)
            of, fact = self.machine.locate(step.conclusion) or (None, 0)
            if of is self.relation and step.conclusion not in step.premises:
                self._know(fact)

    def _know(self, fact: int) -> None:
        s, o = fact >> 32, fact & MASK
        self.known.setdefault(o, {})[s] = None
        if self.symmetric:
            self.known.setdefault(s, {})[o] = None

    def into(self, z: int, links: Links) -> dict[int, None]:
        """The subjects of the facts with that object that are asserted or given by one of these."""
        basic = self.known.get(z, {})
        if not self.many and (self.relation is self.machine.same or not self.machine.same.facts):
            return basic
        more = (y for y in self.relation.backward().get(z, ()) if y not in basic)
        either = (y for y in more if self._gives(y, z, links) or (self.symmetric and self._gives(z, y, links)))
        return basic | dict.fromkeys(either)

    def _gives(self, y: int, z: int, links: Links) -> bool:
        triple = self.machine.triple(self.relation, y << 32 | z)
        found = (step for each in self.many for step in _solved(self.machine, each, triple, links.spend))
        return next(found, None) is not None or next(_replacements(self.machine, triple, links), None) is not None


def _replacements(machine: Machine, triple: Triple, links: Links | None = None) -> Iterator[Step]:
    """Instances of eq-rep-s and eq-rep-o with that conclusion; with ``links``, over basic equalities."""
    s, p, o = triple
    same = machine.same
    if p == n.SAME or not same.facts:
        return
    for number, term in ((EQ_REP_S, s), (EQ_REP_O, o)):
        known = machine.ids.get(term, 0)
        every = same.backward().get(known, ())
        for former in every if links is None or not every else _basic_into(machine, same, known, links):
            if links is not None:
                links.spend()
            name = machine.terms[former]
            source = (name, p, o) if number == EQ_REP_S else (s, p, name)
            if source != triple and machine.holds(source):
                yield replacement(machine, triple, number, name)


def instances(machine: Machine) -> Iterator[Step]:
    """Every one-step rule instance over the closure whose conclusion the closure holds as a fact.

    Left out: instances whose conclusion is one of their premises.
    """
    made = [compiled for compiled in machine.compiled if compiled is not None and compiled.clause.head]
    fixed = [compiled for compiled in made if not compiled.clause.axioms]
    # A rule with two conclusions is two clauses, which may say the same.
    yield from dict.fromkeys(step for compiled in fixed for step in _of_clause(machine, compiled))
    for compiled in made:
        if compiled.clause.axioms:
            yield from _of_clause(machine, compiled)
    for compiled in clauses(machine):
        yield from _of_clause(machine, compiled)
    if machine.same.facts:
        for relation in list(machine.relations()):
            for fact in list(relation.facts) if relation is not machine.same else ():
                yield from _replacements(machine, machine.triple(relation, fact))
    yield from _axiomatic(machine)


def instances_of(machine: Machine, new: Iterable[Triple], names: Container[str]) -> Iterator[Step]:
    """Every one-step rule instance with one of the triples as a premise, and all those of some rules; some twice.

    Of the others, those that need no premise may be left out. The closure must have no equalities but of literals
    (eq-rep is not looked for).
    """
    fresh: dict[Relation, list[int]] = {}
    for triple in new:
        located = machine.locate(triple)
        if located is not None:
            fresh.setdefault(located[0], []).append(located[1])
    for compiled in machine.compiled:
        if compiled is None or not compiled.clause.head:
            continue
        if compiled.clause.name in names:
            yield from _of_clause(machine, compiled)
        elif all(relation.facts for relation in compiled.relations):
            for place, relation in enumerate(compiled.relations):
                if relation in fresh:
                    yield from _started(machine, compiled, place, fresh[relation])
    for relation, facts in fresh.items():
        for compiled in clauses_from(machine, relation):
            yield from _started(machine, compiled, 0, facts)
    yield from _axiomatic(machine)


def _of_clause(machine: Machine, compiled: Compiled) -> Iterator[Step]:
    if not compiled.relations:
        yield step_of(machine, compiled, ())
        return
    if not all(relation.facts for relation in compiled.relations):
        return
    first = _smallest(compiled)
    yield from _started(machine, compiled, first, list(compiled.relations[first].facts))


def _started(machine: Machine, compiled: Compiled, first: int, facts: list[int]) -> Iterator[Step]:
    """The instances of a clause in which one of its atoms matches one of some facts."""
    rows: list[tuple[int, ...]] = []
    _join(compiled, first, facts, lambda _, row: rows.append(row))
    for step in (step_of(machine, compiled, row) for row in rows):
        if step.conclusion not in step.premises and machine.holds(step.conclusion):
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
        first = _smallest(compiled)
        _join(compiled, first, list(compiled.relations[first].facts), out)
    return rows


def _smallest(compiled: Compiled) -> int:
    return min(range(len(compiled.relations)), key=lambda k: len(compiled.relations[k].facts))


def _join(compiled: Compiled, first: int, facts: list[int], out: Callable[[int, tuple[int, ...]], None]) -> None:
    """Call ``out`` with every binding in which one of the atoms matches one of some facts."""
    join(compiled.shape, first, "each")(
        facts, 0, None, compiled.relations, compiled.constants, compiled.conditions, out
    )


def _axiomatic(machine: Machine) -> Iterator[Step]:
    """The instances that rest on no premise, or on any: dt-eq, dt-diff, dt-type2, eq-ref."""
    relations: list[Relation | None] = [machine.same, machine.properties.get(machine.values.different)]
    relations += [machine.classes.get(datatype) for datatype in machine.values.datatypes]
    for relation in relations:
        if relation is not None:
            for fact in list(relation.facts):
                yield from virtual(machine, machine.triple(relation, fact))


def virtual(machine: Machine, triple: Triple) -> Iterator[Step]:
    """The steps of rules that hold in every graph with these terms (eq-ref, Table 8)."""
    s, p, o = triple
    if p == n.SAME and s == o:
        yield from eq_ref(machine, triple)
    elif not is_literal(s):
        return
    elif p == n.TYPE:
        if in_space(s, o):
            yield Step("dt-type2", triple, ())
    elif p in (n.SAME, n.DIFFERENT) and is_literal(o):
        a, b = value_key(s), value_key(o)
        if a is not None and b is not None and (a == b) == (p == n.SAME):
            yield Step("dt-eq" if p == n.SAME else "dt-diff", triple, ())


def thing(machine: Machine, triple: Triple) -> Step | None:
    """Why something is an owl:Thing, when the closure does not keep that as a fact."""
    return next(derivations(machine, triple), None) if triple[1:] == (n.TYPE, n.THING) else None
