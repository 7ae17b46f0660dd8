"""Semi-naive evaluation on an engine of SQL, driven from here.

Each round shows the facts of the last one (the delta) to every clause that reads their predicate, and writes what is
new as Parquet, a file for each predicate. Nothing is left lazy from round to round, and no recursion of the engine's
is used. When new facts belong to the ontology, it is compiled again, and clauses that are new run over all facts.

A fact's ``round`` orders derivations: a clause in round n gives 2n, the ontology's closure after it 2n + 1, and the
premises of a fact are older. So no proof runs in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from kg.engines.clause_sql import bindings, body_variables, derive, source_of
from kg.engines.equal_terms import data_types, differences, equal_literals, members_of, move_facts, relabel
from kg.engines.ontology_part import OntologyPart, Vocabulary, asked_datatypes, compile_part, uses_same
from kg.engines.run_folder import RunFolder, RunState
from kg.engines.run_tables import ASSERTED, SCHEMA, Tables
from kg.engines.sql_engines import SqlEngine
from kg.errors import Problem, UsageError
from kg.model import Term, Triple
from kg.reasoner import Clause, Program
from kg.reasoner.matching import passes, variables
from kg.reasoner.owl_terms import DIFFERENT, SAME, TYPE


class Rounds:
    """One run: load, run, and then read :class:`kg.engines.engine_closure.EngineClosure`."""

    def __init__(self, engine: SqlEngine, folder: RunFolder, scratch: Path, rules: Sequence[Clause] = ()) -> None:
        """``rules`` are the project's own; to run one that an engine cannot raises UsageError (KG486)."""
        self.rules = list(rules)
        self.engine = engine
        self.folder = folder
        self.scratch = scratch
        self.vocabulary = Vocabulary()
        self.clauses: list[Clause] = []
        self.places: dict[Clause, int] = {}
        self.ontology: set[Triple] = set()
        self.part: OntologyPart | None = None
        self._representatives: dict[int, int] = {}
        self._saved, self._compiled = 0, False
        self._views = 0

    def load(self, triples: Iterable[Triple], source: str) -> None:
        """Take in a graph, or take up the run over it that the folder has. ``source`` is the digest of the input."""
        state = self.folder.resume(source)
        if state is not None:
            self.tables = Tables(self.engine, self.folder, state, self.scratch)
            self.tables.open()
            self._take_up()
            return
        self.tables = Tables(self.engine, self.folder, RunState(source, -1), self.scratch)
        self.tables.begin()
        self._encode(triples)
        tables = self.tables
        tables.insert(tables.same, equal_literals(tables), 0)
        self._settle(0)
        self._finish()

    def run(self) -> None:
        """Run rounds until nothing new follows."""
        state = self.tables.state
        while not state.done:
            self.step()

    def step(self) -> None:
        """One round. Where it gives nothing, the next stratum begins; after the last, the run is done."""
        tables, state = self.tables, self.tables.state
        fresh, order = set(state.fresh), 2 * (state.round + 1)
        tables.begin()
        self._read_representatives()
        found: dict[int, list[str]] = {}
        for number, clause in enumerate(self.clauses):
            if clause.head is not None and (number in fresh or self._touched(clause)):
                rows = self._derived(number, clause, whole=number in fresh)
                found.setdefault(self._predicate(clause.head[1]), []).extend(rows)
        state.fresh = []
        for predicate, selects in found.items():
            if selects:
                self._write(predicate, selects, order)
        if not tables.new:
            self._next_stratum()
        else:
            self._settle(order)
        self._finish()

    def _finish(self) -> None:
        """Save the clauses that are new, and complete the round."""
        tables = self.tables
        if self._compiled or len(self.clauses) > self._saved:
            path = tables.made / f"program-{len(tables.state.programs)}.json"
            program = Program(tuple(sorted(self.ontology)), (), tuple(self.clauses[self._saved :]), frozenset())
            path.write_text(program.dumps(), encoding="utf-8")
            tables.state.programs = [*tables.state.programs, path.name]
            self._saved, self._compiled = len(self.clauses), False
        tables.finish()

    def _write(self, predicate: int, selects: list[str], order: int) -> None:
        known = (
            f" WHERE NOT EXISTS (SELECT 1 FROM r_{predicate} k WHERE k.s = f.s AND k.o = f.o)"
            if predicate in self.tables.state.facts
            else ""
        )
        union = " UNION ALL ".join(selects)
        sql = f"SELECT f.s, f.o, min(f.record) AS record, {order} AS round FROM ({union}) f{known} GROUP BY f.s, f.o"
        self.tables.write(predicate, sql)

    # Clauses

    def _predicate(self, term: Term) -> int:
        return self.tables.numbers([term])[0]

    def _touched(self, clause: Clause) -> bool:
        delta = self.tables.state.delta
        return any(self._predicate(p) in delta for _, p, _ in clause.body)

    def names(self, term: Term) -> int:
        """The number of a term that a clause names, or of the representative of its clique."""
        return self.representative(self.tables.numbers([term])[0])

    def representative(self, number: int) -> int:
        """The representative of a term that a clause names or that was asked for before."""
        if self.tables.state.cliques and number not in self._representatives:
            sql = f"SELECT rep FROM stale WHERE term = {number}"
            self._representatives[number] = next((rep for (rep,) in self.engine.rows(sql)), number)
        return self._representatives.get(number, number)

    def _derived(self, number: int, clause: Clause, *, whole: bool) -> list[str]:
        """SELECT of what a clause gives: over all facts, or with each of its patterns over the delta in turn."""
        state = self.tables.state
        predicates = [self._predicate(p) for _, p, _ in clause.body]
        if any(p not in state.facts for p in predicates):
            return []
        full = [f"p_{p}" for p in predicates]
        if whole:
            choices = [full]
        else:
            choices = [[*full[:k], f"d_{p}", *full[k + 1 :]] for k, p in enumerate(predicates) if p in state.delta]
        rows = (self.conditional(clause, bindings(clause, views, self.names)) for views in choices)
        return [derive(clause, number, each, self._predicate) for each in rows]

    def conditional(self, clause: Clause, rows: str) -> str:
        """The bindings that the conditions of a project's own rule let pass."""
        columns = {name: f"v{k}" for k, name in enumerate(body_variables(clause))}
        for condition in clause.conditions:
            if self.tables.state.cliques:
                raise _cannot(clause.name, "has a condition, and the graph equates terms by owl:sameAs")
            if condition.kind == "filter":
                rows = self._filtered(condition.detail, rows, columns)
            else:
                rows = self._absent(condition.detail, rows, columns)
        return rows

    def _filtered(self, expression: object, rows: str, columns: dict[str, str]) -> str:
        """The rows that pass a FILTER. Terms are compared in this process, each combination of values once."""
        needed = sorted(variables(expression))
        if not needed:
            return rows if passes(expression, {}) else f"SELECT * FROM ({rows}) WHERE 1 = 0"
        listed = ", ".join(columns[name] for name in needed)
        found = list(self.engine.rows(f"SELECT DISTINCT {listed} FROM ({rows}) q"))
        terms = self.tables.terms({value for row in found for value in row})
        passing = [
            row for row in found if passes(expression, dict(zip(needed, (terms[v] for v in row), strict=True)))
        ]
        view = self._upload(passing, len(needed))
        match = " AND ".join(f"f.c{k} = q.{columns[name]}" for k, name in enumerate(needed))
        return f"SELECT * FROM ({rows}) q WHERE EXISTS (SELECT 1 FROM {view} f WHERE {match})"

    def _upload(self, rows: Sequence[tuple[int, ...]], width: int) -> str:
        self._views += 1
        name = f"passing_{self._views}"
        self.tables.upload(name, rows, {f"c{k}": "BIGINT" for k in range(width)})
        return name

    def _absent(
        self,
        detail: tuple[tuple[Triple, ...], tuple[object, ...], tuple[str, ...]],
        rows: str,
        columns: dict[str, str],
    ) -> str:
        """The rows for which the patterns of a NOT EXISTS match nothing."""
        patterns, filters, outer = detail
        predicates = [self._predicate(p) for _, p, _ in patterns]
        if any(p not in self.tables.state.facts for p in predicates):
            return rows
        bound = {name: f"q.{columns[name]}" for name in outer}
        inner = source_of(patterns, [f"p_{p}" for p in predicates], self.names, bound, "n")
        if not filters:
            return f"SELECT * FROM ({rows}) q WHERE NOT EXISTS ({inner.sql('1')})"
        names = [*outer, *(name for name in inner.columns if name not in bound)]
        selected = ", ".join(f"{inner.columns[name]} AS v{k}" for k, name in enumerate(names))
        found = inner._replace(tables=(f"({rows}) q", *inner.tables)).sql(selected)
        inside = {name: f"v{k}" for k, name in enumerate(names)}
        for expression in filters:
            found = self._filtered(expression, found, inside)
        match = " AND ".join(f"x.{inside[name]} = q.{columns[name]}" for name in outer) or "1 = 1"
        return f"SELECT * FROM ({rows}) q WHERE NOT EXISTS (SELECT 1 FROM ({found}) x WHERE {match})"

    def _next_stratum(self) -> None:
        state, part = self.tables.state, self.part
        if part is None or state.stratum == len(part.strata):
            state.done = True
            return
        self._add(part.strata[state.stratum])
        state.stratum += 1

    def _add(self, clauses: Iterable[Clause]) -> None:
        for clause in clauses:
            if clause not in self.places:
                self.places[clause] = len(self.clauses)
                self.tables.state.fresh.append(len(self.clauses))
                self.clauses.append(clause)

    # The ontology

    def _settle(self, order: int) -> None:
        """After new facts: cliques, values and the ontology, which all may add to the round that is being made."""
        tables, added = self.tables, set[Triple]()
        if order:
            added |= self._new_ontology()
        if related := tables.same in tables.new:
            relabel(tables)
            self._equate_literals(order)
        if related or (added and tables.state.cliques):
            self.ontology |= added
            added |= self._equalities()
        if added or self.part is None:
            self.ontology |= added
            self._compile(order + 1)
        if tables.state.cliques:
            self._add(self._equal_properties())
            move_facts(tables, order + 1)

    def _compile(self, order: int) -> None:
        """Compile the ontology, and hand what follows from it to the engine."""
        tables = self.tables
        self.part, self._compiled = compile_part(self.ontology, self.rules), True
        part = self.part
        for clause in (*part.clauses, *self.rules):
            if uses_same(clause):
                raise _cannot(clause.name, "reads owl:sameAs or owl:differentFrom")
        self._add(part.clauses)
        by_predicate: dict[Term, list[Triple]] = {}
        for triple in part.closure:
            if triple[1] != SAME:  # the engine's own cliques have these
                by_predicate.setdefault(triple[1], []).append(triple)
        record = f"{SCHEMA}{len(tables.state.programs)}"
        for predicate, triples in sorted(by_predicate.items()):
            numbers = iter(tables.numbers(term for s, _, o in triples for term in (s, o)))
            facts = ((s, o, record) for s, o in zip(numbers, numbers, strict=True))
            tables.insert(self._predicate(predicate), facts, order)
        asked = asked_datatypes((*self.clauses, *self.rules))
        tables.insert(self._predicate(TYPE), data_types(tables, asked), order)

    def _new_ontology(self) -> set[Triple]:
        """The new facts that are the ontology's."""
        tables, found = self.tables, set[Triple]()
        for predicate, term in tables.predicates().items():
            if predicate in tables.new and (term in self.vocabulary.properties or term == TYPE):
                tables.known(predicate)  # defines the view of the new ones
                where = "" if term != TYPE else f" WHERE o IN ({', '.join(map(str, self._classes()))})"
                found.update(tables.triples(predicate, f"SELECT s, o FROM n_{predicate}{where}"))
        return found - self.ontology

    def _classes(self) -> list[int]:
        return sorted(self.tables.numbers(self.vocabulary.classes))

    def _equalities(self) -> set[Triple]:
        """The equalities of what the ontology speaks about."""
        tables = self.tables
        terms = {term for triple in self.ontology for term in triple}
        pairs = members_of(tables, set(tables.numbers(sorted(terms | self.vocabulary.classes))))
        named = tables.terms(number for pair in pairs for number in pair)
        return {(named[rep], SAME, named[term]) for rep, term in pairs} - self.ontology

    def _equal_properties(self) -> list[Clause]:
        """Rule eq-rep-p, for the properties in use."""
        tables = self.tables
        used = {*tables.state.facts, *tables.new}
        groups: dict[int, set[int]] = {}
        for rep, term in members_of(tables, used):
            groups.setdefault(rep, {rep}).add(term)
        terms = tables.terms(number for group in groups.values() for number in group)
        return [
            Clause("eq-rep-p", ((terms[p], SAME, terms[q]),), (("?s", terms[p], "?o"),), ("?s", terms[q], "?o"))
            for group in groups.values()
            for p in sorted(group & used)
            for q in sorted(group - {p})
        ]

    def _equate_literals(self, order: int) -> None:
        """Table 8 for literals that equal something else than a literal."""
        tables = self.tables
        sql = (
            "SELECT DISTINCT c.term, a.term FROM cliques c JOIN cliques d ON d.rep = c.rep "
            "JOIN terms a ON a.id = c.term JOIN terms b ON b.id = d.term "
            "WHERE a.term LIKE '\"%' AND b.term NOT LIKE '\"%'"
        )
        types, apart = differences(tables, list(self.engine.rows(sql)))
        tables.insert(self._predicate(TYPE), types, order)
        tables.insert(self._predicate(DIFFERENT), apart, order)

    def _read_representatives(self) -> None:
        """The representatives of the terms that clauses name."""
        self._representatives = {}
        if self.tables.state.cliques:
            patterns = [p for c in self.clauses for p in (*c.body, *c.absent, *([c.head] if c.head else []))]
            constants = {term for pattern in patterns for term in pattern if not term.startswith("?")}
            listed = ", ".join(map(str, sorted(set(self.tables.numbers(sorted(constants))))))
            found = self.engine.rows(f"SELECT term, rep FROM stale WHERE term IN ({listed})")
            self._representatives = {number: number for number in map(int, listed.split(", "))} | dict(found)

    # Input

    def _encode(self, triples: Iterable[Triple]) -> None:
        """Write the graph as numbers, a file for each predicate; keep the ontology here."""
        tables, staged = self.tables, self.scratch / "input.txt"
        with staged.open("w", encoding="utf-8") as file:
            for triple in triples:
                file.write("\t".join(triple) + "\n")
                if self.vocabulary.has(triple):
                    self.ontology.add(triple)
        self.engine.read_text("input", staged, {"s": "STRING", "p": "STRING", "o": "STRING"})
        # Of no rows, Spark writes no file.
        each = " UNION ALL ".join([f"SELECT '{SAME}' AS term", *(f"SELECT {c} AS term FROM input" for c in "spo")])
        dictionary = tables.file("terms")
        count = self.engine.write(
            "SELECT CAST(row_number() OVER (ORDER BY term) AS BIGINT) AS id, term "
            f"FROM (SELECT DISTINCT term FROM ({each}) e) t",
            dictionary,
        )
        state = tables.state
        state.terms, state.last_term, state.given_terms = [dictionary.name], count, count
        self.engine.view("terms", [dictionary])
        tables.same = self._predicate(SAME)
        facts = tables.file("facts")
        found = self.engine.write(
            "SELECT DISTINCT a.id AS s, b.id AS p, c.id AS o FROM input i "
            "JOIN terms a ON a.term = i.s JOIN terms b ON b.term = i.p JOIN terms c ON c.term = i.o",
            facts,
        )
        if not found:
            return
        self.engine.view("facts", [facts])
        for (predicate,) in list(self.engine.rows("SELECT DISTINCT p FROM facts ORDER BY p")):
            tables.write(
                predicate,
                f"SELECT s, o, '{ASSERTED}' AS record, 0 AS round FROM facts WHERE p = {predicate}",
            )

    def _take_up(self) -> None:
        """The clauses and the ontology of a run that goes on."""
        for path in self.folder.paths(self.tables.state.programs):
            program = Program.loads(path.read_text(encoding="utf-8"))
            self.clauses += program.clauses
            self.ontology = set(program.triples)
        self.places = {clause: number for number, clause in enumerate(self.clauses)}
        self._saved = len(self.clauses)
        self.part = compile_part(self.ontology, self.rules)


def _cannot(rule: str, why: str) -> UsageError:
    remedy = "Use the embedded reasoner, or write the rule in another way."
    return UsageError(Problem("KG486", f"rule {rule} {why}, which no engine runs", remedy=remedy))
