"""The tables of a run: terms and facts as Parquet files, and the views that clauses read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kg.engines.run_folder import RunFolder, RunState
from kg.engines.sql_engines import SqlEngine
from kg.model import Term, Triple
from kg.reasoner.owl_terms import SAME

#: Records of facts that no clause gave: asserted; by the program numbered after it; by Table 8; and the copy of
#: another fact with the representatives of its terms.
ASSERTED, SCHEMA, VALUE, MOVED = "a", "s", "v", "m"
_PAIRS = {"s": "BIGINT", "o": "BIGINT"}
_FACTS = {**_PAIRS, "record": "STRING"}


class Tables:
    """Terms, facts and views of one run. Between ``begin`` and ``finish``, a round is being made."""

    def __init__(self, engine: SqlEngine, folder: RunFolder, state: RunState, scratch: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.scratch = scratch
        self.state = state
        self.made = Path()
        self.new: dict[int, list[str]] = {}
        self._files = 0
        self._numbers: dict[Term, int] = {}
        self.same = 0

    def open(self) -> None:
        """Define the views of a state."""
        self.engine.view("terms", self.folder.paths(self.state.terms))
        (self.same,) = self.numbers([SAME])
        self.view_cliques(self.folder.paths([self.state.cliques]) if self.state.cliques else [])
        for predicate in self.state.facts:
            self.view_facts(predicate)
        self.view_delta()

    def begin(self) -> None:
        """Begin a round."""
        self.made, self.new = self.folder.begin(), {}

    def finish(self) -> None:
        """Complete the round: its new facts are the delta of the next."""
        state = self.state
        state.round += 1
        named = {name: self.folder.name(state.round, name) for name in (f.name for f in self.made.iterdir())}
        state.delta = {p: [named[name] for name in names] for p, names in self.new.items()}
        for predicate, names in state.delta.items():
            state.facts[predicate] = [*state.facts.get(predicate, ()), *names]
        state.terms = [named.get(name, name) for name in state.terms]
        state.programs = [named.get(name, name) for name in state.programs]
        state.cliques = named.get(state.cliques, state.cliques)
        self.folder.finish(self.made, state)
        self.made, self.new = Path(), {}
        self.open()

    def file(self, stem: str) -> Path:
        """A new file of the round that is being made."""
        self._files += 1
        return self.made / f"{stem}-{self._files}.parquet"

    # Terms

    def numbers(self, terms: Iterable[Term]) -> list[int]:
        """The numbers of terms. One that has none gets it while a round is made, else it is -1, which no fact has."""
        asked = list(terms)
        if unknown := list(dict.fromkeys(term for term in asked if term not in self._numbers)):
            self._look_up(unknown)
        return [self._numbers.get(term, -1) for term in asked]

    def _look_up(self, unknown: list[Term]) -> None:
        self.upload("asked", ((term,) for term in unknown), {"term": "STRING"})
        found = self.engine.rows("SELECT t.term, t.id FROM asked a JOIN terms t ON a.term = t.term")
        self._numbers.update(found)
        missing = [term for term in unknown if term not in self._numbers]
        if missing and self.made.name:
            self.add_terms(missing)

    def add_terms(self, terms: list[Term]) -> None:
        """Give new terms their numbers."""
        state = self.state
        first = state.last_term + 1
        state.last_term += len(terms)
        self._numbers.update(zip(terms, range(first, state.last_term + 1), strict=True))
        self.upload("added", enumerate(terms, first), {"id": "BIGINT", "term": "STRING"})
        written = self.file("terms")
        self.engine.write("SELECT id, term FROM added", written)
        state.terms = [*state.terms, written.name]
        self.engine.view("terms", self._paths(state.terms))

    def terms(self, numbers: Iterable[int]) -> dict[int, Term]:
        """The terms with these numbers."""
        listed = ", ".join(map(str, sorted(set(numbers)))) or "0"
        return dict(self.engine.rows(f"SELECT id, term FROM terms WHERE id IN ({listed})"))

    def upload(self, name: str, rows: Iterable[tuple[Any, ...]], columns: dict[str, str]) -> None:
        """A view of a few rows of this process."""
        self._files += 1
        path = self.scratch / f"upload-{self._files}.txt"
        path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
        self.engine.read_text(name, path, columns)

    # Facts

    def write(self, predicate: int, sql: str) -> int:
        """Write new facts of a predicate, from a SELECT of subject, object and record; gives how many."""
        path = self.file(f"p{predicate}")
        count = self.engine.write(sql, path)
        if count:
            self.new.setdefault(predicate, []).append(path.name)
        return count

    def insert(self, predicate: int, facts: Iterable[tuple[int, int, str]], order: int) -> int:
        """Write facts of this process that are not there yet."""
        listed = list(dict.fromkeys(facts))
        if not listed:
            return 0
        self.upload("given", listed, _FACTS)
        known = self.known(predicate)
        absent = f"WHERE NOT EXISTS (SELECT 1 FROM ({known}) k WHERE k.s = g.s AND k.o = g.o)" if known else ""
        return self.write(predicate, f"SELECT g.s, g.o, g.record, {order} AS round FROM given g {absent}")

    def known(self, predicate: int) -> str:
        """SELECT of every fact of a predicate, those of the round that is being made among them; may be empty."""
        parts = [f"SELECT s, o, record, round FROM r_{predicate}"] if predicate in self.state.facts else []
        if predicate in self.new:
            self.engine.view(f"n_{predicate}", self._paths(self.new[predicate]))
            parts.append(f"SELECT s, o, record, round FROM n_{predicate}")
        return " UNION ALL ".join(parts)

    def predicates(self) -> dict[int, Term]:
        """The predicates in use."""
        return self.terms({*self.state.facts, *self.new})

    def triples(self, predicate: int, sql: str) -> Iterator[Triple]:
        """The facts that a SELECT gives of a predicate, as triples."""
        term = self.terms([predicate])[predicate]
        joined = f"SELECT a.term, b.term FROM ({sql}) f JOIN terms a ON a.id = f.s JOIN terms b ON b.id = f.o"
        yield from ((s, term, o) for s, o in self.engine.rows(joined))

    # Views

    def view_cliques(self, files: list[Path]) -> None:
        """Define ``cliques`` (each term with the least of its clique) and ``stale`` (without the least)."""
        if files:
            self.engine.view("cliques", files)
            self.engine.define("stale", "SELECT term, rep FROM cliques WHERE term <> rep")

    def view_facts(self, predicate: int) -> None:
        """Define ``r_7``, every fact of predicate 7, and ``p_7``, those between representatives."""
        self.engine.view(f"r_{predicate}", self.folder.paths(self.state.facts[predicate]))
        self.engine.define(f"p_{predicate}", self.canonical(f"r_{predicate}", predicate))

    def view_delta(self) -> None:
        """Define ``d_7``: the facts of the last round."""
        for predicate, names in self.state.delta.items():
            self.engine.view(f"e_{predicate}", self.folder.paths(names))
            self.engine.define(f"d_{predicate}", self.canonical(f"e_{predicate}", predicate))

    def canonical(self, table: str, predicate: int) -> str:
        """SELECT of the facts whose terms are the least of their cliques."""
        sql = f"SELECT s, o, record, round FROM {table} x"
        if not self.state.cliques or predicate == self.same:
            return sql
        return (
            f"{sql} WHERE NOT EXISTS (SELECT 1 FROM stale c WHERE c.term = x.s) "
            "AND NOT EXISTS (SELECT 1 FROM stale c WHERE c.term = x.o)"
        )

    def _paths(self, names: list[str]) -> list[Path]:
        return [self.folder.path / name if "/" in name else self.made / name for name in names]
