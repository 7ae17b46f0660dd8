"""Bringing a copy of an index up to date with files that have changed: row by row, where a row differs.

What files say is compared document by document, the ground program as a whole where they affirm something else; facts
follow through the cone of what depends on either (:mod:`kg.graph.difference`). The rows are those that
:mod:`kg.graph.index_writer` writes anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kg.corpus.read import Corpus
from kg.corpus.saved_queries import SavedQuery
from kg.graph.clashes import clashes
from kg.graph.difference import Published, bounded_by, differing
from kg.graph.facts import Facts
from kg.graph.ground import affirmed, ground_over
from kg.graph.index import Index
from kg.graph.index_schema import term_key, triple_key
from kg.graph.index_writer import (
    FileRows,
    GroundRows,
    Row,
    Text,
    clash_rows,
    fact_row,
    opposed_rows,
    put,
    query_rows,
    spread,
    text_row,
)
from kg.graph.views import NEVER, View, contested
from kg.labels import fold
from kg.model import Claim, Link, Term, Triple, is_literal
from kg.reasoner import Program
from kg.vocab import kg

_QUESTION = kg("question")
#: Where a term may stand; what stands nowhere has no row.
_USES = (
    ("triple", "subject"),
    ("triple", "predicate"),
    ("triple", "object"),
    ("claim", "id"),
    ("link", "id"),
    ("mention", "term"),
    ("label", "term"),
    ("search_text", "term"),
)
#: Texts that can be searched, with their numbers.
_RANKED = """SELECT s.number, s.kind, s.words, t.text, s.text, d.slug FROM search_text s
    JOIN term t ON t.id = s.term LEFT JOIN document d ON d.id = s.document"""


@dataclass
class IndexUpdate:
    """The change of an index, of which ``connection`` has a copy, from what some documents said to what they say.

    ``old`` and ``new`` have the documents that differ, and ontology and entities whole; ``foundation`` says that
    these differ too. Afterwards ``triples`` are those whose facts or flags may differ, ``documents`` the slugs of
    those in which something may be said otherwise.
    """

    connection: sqlite3.Connection
    old: Corpus
    new: Corpus
    foundation: bool
    triples: set[int] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.documents |= self.old.documents.keys() | self.new.documents.keys()
        self._files = [FileRows(corpus, foundation=self.foundation) for corpus in (self.old, self.new)]
        self._seeds: set[int] = set()
        self._fallen: set[int] = set()

    def run(self, queries: Mapping[str, SavedQuery], program: Program) -> None:
        """Change the tables."""
        self._sync("query", self._select("query"), query_rows(queries))
        for (table, old), (_table, new) in zip(*(files.tables() for files in self._files), strict=True):
            self._sync(table, old, new)
        self._texts()
        new_files = self._files[1]
        self._add_terms(new_files.terms)
        self._add_triples(new_files.triples)
        index = Index(self.connection)
        self._between_claims(index)
        if not self._affirms_the_same():
            self._ground(index, program)
        self._facts(Index(self.connection))
        self._remove_terms()

    def _select(self, table: str) -> set[Row]:
        return set(self.connection.execute(f"SELECT * FROM {table}"))  # noqa: S608 - a name of ours

    def _sync(self, table: str, old: Iterable[Row], new: Iterable[Row]) -> tuple[set[Row], set[Row]]:
        """Change the rows of a table that differ; gives those that went and those that came."""
        before, after = set(old), set(new)
        gone, come = before - after, after - before
        columns = list(self.connection.execute(f"PRAGMA table_info({table})"))
        key = [(number, name) for number, name, _type, _null, _default, place in columns if place]
        where = " AND ".join(f"{name} = ?" for _number, name in key)
        values = ([row[number] for number, _name in key] for row in gone)
        self.connection.executemany(f"DELETE FROM {table} WHERE {where}", values)  # noqa: S608 - names of ours
        put(self.connection, table, come)
        return gone, come

    # -- terms and triples

    def _add_terms(self, terms: Mapping[int, Term]) -> None:
        self.connection.executemany("INSERT OR IGNORE INTO term VALUES (?, ?)", terms.items())

    def _add_triples(self, triples: Mapping[int, Triple]) -> None:
        rows = ((key, *map(term_key, triple)) for key, triple in triples.items())
        self.connection.executemany("INSERT OR IGNORE INTO triple VALUES (?, ?, ?, ?, 0)", rows)
        self._add_terms({term_key(term): term for triple in triples.values() for term in triple})

    def _remove_terms(self) -> None:
        """Remove the terms that nothing names any more, of those that old rows named."""
        files, asked = self._files[0], Index(self.connection)
        left = files.terms.keys() | {term_key(term) for triple in files.triples.values() for term in triple}
        left |= self._fallen
        for table, column in _USES:
            left -= {key for (key,) in asked.many(f"SELECT {column} FROM {table} WHERE {column} IN", left)}  # noqa: S608
        self.connection.executemany("DELETE FROM term WHERE id = ?", ((key,) for key in left))

    # -- words

    def _texts(self) -> None:
        """Change what can be searched; each new text gets a number between those of its neighbours in rank."""
        old, new = (set(files.texts()) for files in self._files)
        find = (
            "SELECT number FROM search_text WHERE whole = ? AND kind = ? AND term = ? AND text = ? AND document IS ?"
        )
        for text in old - new:
            number, kind, _words, whole, term, document, written = text_row(0, text)
            (number,) = self.connection.execute(find, (whole, kind, term, written, document)).fetchone()
            self.connection.execute("DELETE FROM search_text WHERE number = ?", (number,))
            forget = "INSERT INTO word (word, rowid, text) VALUES ('delete', ?, ?)"
            self.connection.execute(forget, (number, fold(str(written))))
        groups: dict[tuple[int, int | None], list[Text]] = {}
        for text in sorted(new - old):
            groups.setdefault(self._neighbours(text), []).append(text)
        for (after, before), texts in groups.items():
            if before is not None and before - after <= len(texts):
                self._number_again(new - old)
                return
        for (after, before), texts in groups.items():
            spread(self.connection, texts, after, before)

    def _number_again(self, more: set[Text]) -> None:
        """Give every text a new number, where there is no room left between two."""
        rows = self.connection.execute(f"{_RANKED} ORDER BY s.number").fetchall()
        self.connection.execute("DELETE FROM search_text")
        self.connection.execute("INSERT INTO word (word) VALUES ('delete-all')")
        spread(self.connection, sorted({*map(_text_of, rows), *more}), 0, None)

    def _neighbours(self, text: Text) -> tuple[int, int | None]:
        """The numbers of the texts between which one belongs."""
        (last,) = self.connection.execute("SELECT ifnull(max(number), 0) FROM search_text").fetchone()
        low, high = 0, last + 1  # every text up to low comes before this one, none from high on
        following = f"{_RANKED} WHERE s.number > ? ORDER BY s.number LIMIT 1"
        before = None
        while low + 1 < high:
            middle = (low + high) // 2
            row = self.connection.execute(following, (middle - 1,)).fetchone()
            if row is None or row[0] >= high:
                high = middle
                continue
            if _text_of(row) < text:
                low = row[0]
            else:
                high, before = middle, row[0]
        return low, before

    # -- claims that contest others

    def _between_claims(self, index: Index) -> None:
        """Change the pairs of claims that contest each other, or may not both be right."""
        links = [*self.old.links, *self.new.links]
        touched = {term_key(claim.iri) for corpus in (self.old, self.new) for claim in corpus.claims.values()}
        touched |= {term_key(end) for link in links for end in (link.source, link.target)}
        claims = index.claims(touched | self._comparable(index, index.claims(touched).values()))
        about = self._links(index, touched)
        ends = [term_key(end) for link in about for end in (link.source, link.target)]
        claims = index.claims({*claims, *ends})

        def mine(rows: Iterable[Row], one: int) -> set[Row]:
            return {row for row in rows if row[one] in touched or row[one + 1] in touched}

        opposed = contested(claims.values(), about)
        pairs = self._sync("opposed", mine(self._select("opposed"), 0), mine(opposed_rows(opposed), 0))
        others = {key for row in (*pairs[0], *pairs[1]) for key in row}
        self._seeds |= {key for (key,) in index.many("SELECT triple FROM states WHERE claim IN", others)}
        self.documents |= {claim.document for claim in index.claims(others).values()}
        named = {claim.iri: claim for claim in claims.values()}
        found = clashes(claims.values(), about, named, index.kinds, Published(index))
        self._sync("clash", mine(self._select("clash"), 1), mine(clash_rows(found), 1))

    @staticmethod
    def _links(index: Index, claims: Iterable[int]) -> list[Link]:
        """The links from or to some claims, sorted by document, in the order of its file."""
        text = "SELECT t.text FROM link k JOIN term t ON t.id = k.id WHERE k."
        rows = (index.many(f"{text}{column} IN", claims) for column in ("source", "target"))
        found = (index.link(name) for name in sorted({name for some in rows for (name,) in some}))
        return [link for link in found if link]

    @staticmethod
    def _comparable(index: Index, claims: Iterable[Claim]) -> set[int]:
        """The claims that say the same as some, or give another number or another answer to the same question."""
        triples: set[int] = set()
        for s, p, o in {triple for claim in claims for triple in claim.content}:
            triples.add(triple_key((s, p, o)))
            if is_literal(o):
                text, ends = "SELECT id FROM triple WHERE subject = ? AND predicate = ?", (s, p)
            elif p == _QUESTION:
                text, ends = "SELECT id FROM triple WHERE object = ? AND predicate = ?", (o, p)
            else:
                continue
            triples.update(key for (key,) in index.rows(text, *map(term_key, ends)))
        return {key for (key,) in index.many("SELECT claim FROM states WHERE content = 1 AND triple IN", triples)}

    # -- what follows

    def _affirms_the_same(self) -> bool:
        """Whether the rule instances and the triples stay: only words, dates, places or links differ."""
        old, new = (affirmed(corpus.claims.values()) for corpus in (self.old, self.new))
        before, after = (files.triples.keys() for files in self._files)
        return not self.foundation and old == new and before == after

    def _ground(self, index: Index, program: Program) -> None:
        """Change the rule instances, and with them which triples there are."""
        given = (*self.new.ontology, *self.new.entities)
        text = f"SELECT DISTINCT s.triple FROM states s JOIN claim c ON c.id = s.claim WHERE c.level < {NEVER}"  # noqa: S608
        affirmed = index.triples(key for (key,) in index.rows(text)).values()
        ground = GroundRows(ground_over([*self.new.entities, *sorted(affirmed)], program), given)
        for table, new in ground.tables():
            gone, come = self._sync(table, self._select(table), new)
            place = {"instance": 0, "premise": 1}.get(table)
            if place is not None:
                self._seeds |= {row[place] for row in (*gone, *come)}
        self._sync_triples(ground)

    def _sync_triples(self, ground: GroundRows) -> None:
        execute = self.connection.execute
        before = dict(execute("SELECT id, flags FROM triple"))
        after = dict.fromkeys(
            (key for (key,) in execute("SELECT triple FROM states UNION SELECT triple FROM given")), 0
        )
        self._add_triples({key: triple for key, triple in ground.triples.items() if key not in before})
        after |= {row[0]: row[-1] for row in ground.triple_rows(ground.triples)}
        changed = {key: flags for key, flags in after.items() if before.get(key) != flags}
        self.connection.executemany(
            "UPDATE triple SET flags = ? WHERE id = ?", ((f, key) for key, f in changed.items())
        )
        gone = before.keys() - after.keys()
        fallen = Index(self.connection).many("SELECT subject, predicate, object FROM triple WHERE id IN", gone)
        self._fallen = {term for row in fallen for term in row}
        self.connection.executemany("DELETE FROM triple WHERE id = ?", ((key,) for key in gone))
        self._seeds |= changed.keys() | gone

    def _facts(self, index: Index) -> None:
        """Change the facts that depend on what has changed."""
        self._seeds |= {key for files in self._files for key in files.triples}
        self._seeds |= bounded_by(index, self._files[0].triples.values())
        facts = Facts(index, self.new.project, View(), {}, from_nothing=False)
        rows = dict(differing(facts, self._seeds))
        self.connection.executemany("DELETE FROM fact WHERE triple = ?", ((key,) for key in rows))
        put(self.connection, "fact", (fact_row(key, *row) for key, row in rows.items() if row))
        self.triples = self._seeds | rows.keys()


def _text_of(row: tuple[Any, ...]) -> Text:
    _number, kind, words, term, written, slug = row
    return kind, words, term, written, fold(written), slug or ""
