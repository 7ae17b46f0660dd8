"""The closure that an engine has computed: its triples, its inconsistencies, and proofs of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from kg.engines.clause_sql import bindings, body_variables
from kg.engines.engine_proofs import Proofs
from kg.engines.rounds import Rounds
from kg.engines.run_tables import ASSERTED, MOVED
from kg.errors import Problem, UsageError
from kg.model import Term, Triple
from kg.reasoner import Clause, Closure, Inconsistency, Program, Proof, trivial
from kg.reasoner.datatypes import DATATYPES, in_space, value_key
from kg.reasoner.owl_terms import DIFFERENT, SAME, TYPE
from kg.reasoner.partial_evaluation import PairList
from kg.reasoner.program import restore


class EngineClosure:
    """A run that is done."""

    def __init__(self, rounds: Rounds) -> None:
        self._rounds = rounds
        self._tables = rounds.tables
        self._proofs = Proofs(rounds)

    def inferred(self) -> Iterator[Triple]:
        """The triples that were not given and are not trivial, predicate by predicate."""
        for predicate in sorted(self._tables.state.facts):
            for triple in self._tables.triples(predicate, self._expanded(predicate, given=False)):
                if triple[1].startswith("<") and not trivial(triple):
                    yield triple

    def derived(self) -> int:
        """How many facts the rules gave, trivial ones and those about literals among them."""
        counts = (
            f"SELECT count(*) FROM r_{p} WHERE record NOT IN ('{ASSERTED}', '{MOVED}')"
            for p in self._tables.state.facts
        )
        return sum(next(self._tables.engine.rows(sql))[0] for sql in counts)

    def triples(self) -> Iterator[Triple]:
        """The triples that were given, and those that follow."""
        for predicate in sorted(self._tables.state.facts):
            yield from self._tables.triples(predicate, self._given(predicate))
        yield from self.inferred()

    def _given(self, predicate: int) -> str:
        return f"SELECT s, o FROM r_{predicate} WHERE record = '{ASSERTED}'"

    def _expanded(self, predicate: int, *, given: bool = True) -> str:
        """SELECT of every fact of a predicate, with each member of a clique in the place of another."""
        tables = self._tables
        if not tables.state.cliques:
            where = "" if given else f" WHERE record <> '{ASSERTED}'"
            return f"SELECT s, o FROM r_{predicate}{where}"
        if predicate == tables.same:
            found = "SELECT a.term AS s, b.term AS o FROM cliques a JOIN cliques b ON b.rep = a.rep"
        else:
            found = (
                f"SELECT coalesce(a.term, p.s) AS s, coalesce(b.term, p.o) AS o FROM p_{predicate} p "
                "LEFT JOIN cliques a ON a.rep = p.s LEFT JOIN cliques b ON b.rep = p.o"
            )
        if given:
            return found
        asserted = f"SELECT 1 FROM r_{predicate} r WHERE r.record = '{ASSERTED}' AND r.s = x.s AND r.o = x.o"
        return f"SELECT x.s, x.o FROM ({found}) x WHERE NOT EXISTS ({asserted})"

    def restored(self, program: Program, written: Mapping[Clause, Clause]) -> Closure:
        """The closure in this process, as the embedded reasoner would have it.

        ``program`` is that of the graph's ontology and rules; ``written`` has the clauses of rules that ran here in
        another form than they are written. Raises UsageError (KG486) for a graph that equates terms.
        """
        if self._tables.state.cliques:
            remedy = "Build with the embedded reasoner."
            raise UsageError(
                Problem("KG486", "the build takes no closure with owl:sameAs from an engine", remedy=remedy)
            )
        given = (t for p in self._tables.state.facts for t in self._tables.triples(p, self._given(p)))
        steps = ((triple, written.get(clause, clause), values) for triple, clause, values in self._steps())
        return Closure(restore(program, given, steps))

    def _steps(self) -> Iterator[tuple[Triple, Clause, tuple[Term, ...]]]:
        """Every derived triple with its clause and the values of its variables."""
        tables = self._tables
        for predicate, term in tables.predicates().items():
            derived = f"SELECT s, o, record FROM r_{predicate} WHERE record LIKE '%:%'"
            rows = list(tables.engine.rows(derived))
            values = [tuple(map(int, record.split(":"))) for _, _, record in rows]
            named = tables.terms({n for s, o, _ in rows for n in (s, o)} | {n for each in values for n in each[1:]})
            for (s, o, _), (number, *numbers) in zip(rows, values, strict=True):
                clause = self._rounds.clauses[number]
                yield (named[s], term, named[o]), clause, tuple(named[n] for n in numbers)

    def proof(self, triple: Triple) -> Proof | None:
        """The proof of a triple; None when it does not follow."""
        return self._proofs.proof(triple)

    def inconsistencies(self) -> list[Inconsistency]:
        """Applications of ``false`` rules between representatives of cliques, in the order of rule and premises."""
        part = self._rounds.part
        found = set(part.closure.inconsistencies) if part is not None else set()
        found.update(self._by_clauses())
        found.update(self._by_values())
        for each in part.closure.engine.pair_lists.values() if part is not None else ():
            found.update(self._by_list(each))
        return sorted(found)

    def _by_clauses(self) -> Iterator[Inconsistency]:
        rounds, tables = self._rounds, self._tables
        for clause in rounds.clauses:
            predicates = tables.numbers(p for _, p, _ in clause.body) if clause.head is None else []
            if not predicates or any(p not in tables.state.facts for p in predicates):
                continue
            rows = rounds.conditional(clause, bindings(clause, [f"p_{p}" for p in predicates], rounds.names))
            names = body_variables(clause)
            for row in self._named(rounds.engine.rows(rows), len(names)):
                yield Inconsistency(clause.name, clause.premises(dict(zip(names, row, strict=False))))

    def _named(self, rows: Iterable[tuple[int, ...]], width: int) -> Iterator[tuple[Term, ...]]:
        found = list(rows)
        terms = self._tables.terms(value for row in found for value in row[:width])
        yield from (tuple(terms[value] for value in row[:width]) for row in found)

    def _by_values(self) -> Iterator[Inconsistency]:
        """eq-diff1, and dt-not-type."""
        tables = self._tables
        different, kind = tables.numbers([DIFFERENT, TYPE])
        if different in tables.state.facts:
            equal = "x.s = x.o"
            if tables.state.cliques:
                equal = "coalesce(a.rep, x.s) = coalesce(b.rep, x.o)"
            sql = (
                f"SELECT x.s, x.o FROM r_{different} x "
                + (
                    "LEFT JOIN stale a ON a.term = x.s LEFT JOIN stale b ON b.term = x.o "
                    if tables.state.cliques
                    else ""
                )
                + f"WHERE x.record <> '{MOVED}' AND {equal}"
            )
            for s, p, o in tables.triples(different, sql):
                yield Inconsistency("eq-diff1", ((s, SAME, o), (s, p, o)))
        if tables.state.cliques:
            literals: dict[int, list[Term]] = {}
            sql = "SELECT c.rep, t.term FROM cliques c JOIN terms t ON t.id = c.term WHERE t.term LIKE '\"%'"
            for rep, term in tables.engine.rows(sql):
                literals.setdefault(rep, []).append(term)
            for group in literals.values():
                for a, b in combinations(sorted(group), 2):
                    one, other = value_key(a), value_key(b)
                    if one is not None and other is not None and one != other:
                        yield Inconsistency("eq-diff1", ((a, SAME, b), (a, DIFFERENT, b)))
        if kind in tables.state.facts:
            listed = ", ".join(map(str, tables.numbers(DATATYPES)))
            sql = f"SELECT s, o FROM ({self._expanded(kind)}) f WHERE o IN ({listed})"
            for s, p, o in tables.triples(kind, sql):
                if s.startswith('"') and in_space(s, o) is False:
                    yield Inconsistency("dt-not-type", ((s, p, o),))

    def _by_list(self, each: PairList) -> Iterator[Inconsistency]:
        """The rules about any two members of a list."""
        if len(each.rule.when) == 2:
            yield from self._shared(each)
            return
        first: dict[int, int] = {}
        for place, number in enumerate(self._tables.numbers(each.members)):
            rep = self._rounds.representative(number)
            if first.setdefault(rep, place) != place:
                yield Inconsistency(each.rule.name, each.premises(first[rep], place, {}))

    def _shared(self, each: PairList) -> Iterator[Inconsistency]:
        tables, rounds = self._tables, self._rounds
        selects = []
        for place in range(len(each.members)):
            s, p, o = each.pattern(place) or ("", "", "")
            (predicate,) = tables.numbers([p])
            if predicate in tables.state.facts:
                where = "" if o.startswith("?") else f" WHERE o = {rounds.names(o)}"
                value = "o" if o.startswith("?") else "0"
                selects.append(f"SELECT s, {value} AS o, {place} AS place FROM p_{predicate}{where}")
        if not selects:
            return
        union = " UNION ALL ".join(selects)
        sql = f"SELECT s, o, min(place) AS place FROM ({union}) u GROUP BY s, o HAVING count(DISTINCT place) > 1"
        joined = f"({union}) u JOIN ({sql}) m ON m.s = u.s AND m.o = u.o"
        met = f"SELECT u.s, u.o, m.place AS one, u.place AS other FROM {joined} WHERE u.place > m.place"
        rows = list(rounds.engine.rows(met))
        terms = tables.terms(value for row in rows for value in row[:2] if value)
        s, _, o = each.pattern(0) or ("", "", "")
        for subject, value, one, other in rows:
            known = {s: terms[subject], **({o: terms[value]} if value else {})}
            yield Inconsistency(each.rule.name, each.premises(one, other, known))
