"""Proofs from an engine's records.

A record has the clause that gave a fact and the values of its variables, so its premises are known, and each is
older than the fact. A premise may be there under other names of the same things only: then rules eq-rep-s and
eq-rep-o lead from the fact that is there, over equalities that are older too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kg.engines.clause_sql import body_variables
from kg.engines.ontology_part import compile_part
from kg.engines.run_tables import ASSERTED, MOVED, SCHEMA, VALUE
from kg.model import Term, Triple
from kg.reasoner import Closure, Program, Proof, prove
from kg.reasoner.datatypes import is_literal, value_key
from kg.reasoner.owl_terms import DIFFERENT, SAME

if TYPE_CHECKING:
    from kg.engines.rounds import Rounds

#: A triple, and the round that its proof must be older than.
Goal = tuple[Triple, int]
#: How a proof is made of those of its premises, and these.
Step = tuple[Callable[[Sequence[Proof]], Proof], list[Goal]]


class Proofs:
    """Proofs over a run that is done."""

    def __init__(self, rounds: Rounds) -> None:
        self._rounds = rounds
        self._tables = rounds.tables
        self._made: dict[Goal, Proof | None] = {}
        self._closures: dict[int, Closure] = {}
        self._edges: dict[int, list[tuple[Term, Term, int]]] = {}

    def proof(self, triple: Triple) -> Proof | None:
        """The proof of a triple; None when it does not follow."""
        goal = triple, 2 * self._tables.state.round + 2
        todo = [goal]  # a list, so that depth costs no recursion
        while todo:
            step = None if todo[-1] in self._made else self._step(*todo[-1])
            if step is None:
                self._made.setdefault(todo.pop(), None)
                continue
            build, premises = step
            missing = [each for each in premises if each not in self._made]
            todo += missing
            if not missing:
                parts = [part for each in premises if (part := self._made[each]) is not None]
                self._made[todo.pop()] = build(parts) if len(parts) == len(premises) else None
        return self._made[goal]

    def _step(self, triple: Triple, before: int) -> Step | None:
        s, p, o = self._tables.numbers(triple)
        if triple[1] == SAME and s == o:
            return self._itself(triple, s, before)
        if triple[1] == DIFFERENT and _values_differ(triple[0], triple[2]):
            return lambda _: Proof(triple, "dt-diff"), []
        if p not in self._tables.state.facts:
            return None
        where = f"s = {s} AND o = {o} AND round < {before} AND record <> '{MOVED}'"
        sql = f"SELECT record, round FROM r_{p} WHERE {where} ORDER BY round, record LIMIT 1"
        for record, made in self._tables.engine.rows(sql):
            return self._recorded(triple, record, made)
        if triple[1] == SAME:
            return self._equality(triple, s, before)
        return self._renamed(triple, (s, p, o), before)

    def _recorded(self, triple: Triple, record: str, made: int) -> Step | None:
        """The step that a record tells of."""
        if record == ASSERTED:
            return lambda _: Proof(triple), []
        if record == VALUE:
            name = {SAME: "dt-eq", DIFFERENT: "dt-diff"}.get(triple[1], "dt-type2")
            return lambda _: Proof(triple, name), []
        if record.startswith(SCHEMA):
            found = prove(self._closure(int(record[1:])), triple)
            leaves = sorted(found.leaves()) if found is not None else []
            if found is None:
                return None
            return lambda parts: _grafted(found, dict(zip(leaves, parts, strict=True))), [
                (leaf, made) for leaf in leaves
            ]
        number, *values = map(int, record.split(":"))
        clause = self._rounds.clauses[number]
        terms = self._tables.terms(values)
        binding = dict(zip(body_variables(clause), (terms[value] for value in values), strict=True))
        return _applied(clause.name, triple, [(premise, made) for premise in clause.premises(binding)])

    def _closure(self, number: int) -> Closure:
        """The closure of the ontology as it was when it was compiled for the n-th time."""
        if number not in self._closures:
            (path,) = self._tables.folder.paths([self._tables.state.programs[number]])
            program = Program.loads(path.read_text(encoding="utf-8"))
            self._closures[number] = compile_part(program.triples, self._rounds.rules).closure
        return self._closures[number]

    def _equality(self, triple: Triple, start: int, before: int) -> Step | None:
        """One step back on a shortest way of equalities."""
        first, _, last = triple
        way = self._equals(first, start, before)
        if last not in way:
            return None
        middle, turned = way[last]
        if middle != first:
            return _applied("eq-trans", triple, [((first, SAME, middle), before), ((middle, SAME, last), before)])
        return _applied("eq-sym", triple, [((last, SAME, first), before)]) if turned else None

    def _itself(self, triple: Triple, number: int, before: int) -> Step | None:
        """Rule eq-ref, from a stored fact that has the term."""
        tables, where = self._tables, f"round < {before} AND record <> '{MOVED}'"
        for predicate in sorted(tables.state.facts):
            own = "" if predicate == number else f" AND (s = {number} OR o = {number})"
            sql = f"SELECT s, o FROM r_{predicate} WHERE {where}{own} ORDER BY round, s, o LIMIT 1"
            for found in tables.triples(predicate, sql):
                return _applied("eq-ref", triple, [(found, before)])
        return None

    def _equals(self, term: Term, number: int, before: int) -> dict[Term, tuple[Term, bool]]:
        """What equals a term by equalities older than ``before``: the term next to it, and whether turned round."""
        found: dict[Term, tuple[Term, bool]] = {term: (term, False)}
        beside: dict[Term, list[tuple[Term, bool]]] = {}
        for s, o, made in self._clique(number):
            if made < before:
                beside.setdefault(s, []).append((o, False))
                beside.setdefault(o, []).append((s, True))
        frontier = [term]
        while frontier:
            following = []
            for each in frontier:
                for other, turned in sorted(beside.get(each, ()), key=lambda pair: (pair[1], pair[0])):
                    if other not in found:
                        found[other] = each, turned
                        following.append(other)
            frontier = following
        return found

    def _clique(self, number: int) -> list[tuple[Term, Term, int]]:
        """The stored equalities of a term's clique."""
        tables = self._tables
        rep = self._rounds.representative(number)
        if rep not in self._edges and tables.state.cliques:
            sql = (
                f"SELECT a.term, b.term, r.round FROM r_{tables.same} r JOIN cliques c ON c.term = r.s "
                f"JOIN terms a ON a.id = r.s JOIN terms b ON b.id = r.o WHERE c.rep = {rep}"
            )
            self._edges[rep] = list(tables.engine.rows(sql))
        return self._edges.get(rep, [])

    def _renamed(self, triple: Triple, numbers: tuple[int, int, int], before: int) -> Step | None:
        """The step from a stored fact that has other names of the same things."""
        tables, (s, p, o) = self._tables, triple
        subjects, values = (self._equals(t, n, before) for t, n in ((s, numbers[0]), (o, numbers[2])))
        if len(subjects) == len(values) == 1:
            return None
        listed = (", ".join(map(str, tables.numbers(group))) for group in (subjects, values))
        where = "s IN ({}) AND o IN ({})".format(*listed) + f" AND round < {before} AND record <> '{MOVED}'"
        order = (
            f"(CASE WHEN s = {numbers[0]} THEN 0 ELSE 1 END) + (CASE WHEN o = {numbers[2]} THEN 0 ELSE 1 END), round"
        )
        sql = f"SELECT s, o FROM r_{numbers[1]} WHERE {where} ORDER BY {order}, s, o LIMIT 1"
        for subject, value in tables.engine.rows(sql):
            terms = tables.terms((subject, value))
            if subject != numbers[0]:
                other = terms[subject]
                return _applied("eq-rep-s", triple, [((other, SAME, s), before), ((other, p, o), before)])
            other = terms[value]
            return _applied("eq-rep-o", triple, [((other, SAME, o), before), ((s, p, other), before)])
        return None


def _values_differ(one: Term, other: Term) -> bool:
    """Whether two literals have different values."""
    if not (is_literal(one) and is_literal(other)):
        return False
    first, second = value_key(one), value_key(other)
    return first is not None and second is not None and first != second


def _applied(rule: str, triple: Triple, premises: list[Goal]) -> Step:
    return lambda parts: Proof(triple, rule, tuple(parts)), premises


def _grafted(proof: Proof, leaves: dict[Triple, Proof]) -> Proof:
    """A proof whose leaves are replaced by proofs of them."""
    made: dict[int, Proof] = {}
    for part in proof.ordered():
        premises = tuple(made[id(premise)] for premise in part.premises)
        made[id(part)] = leaves[part.conclusion] if part.rule is None else Proof(part.conclusion, part.rule, premises)
    return made[id(proof)]
