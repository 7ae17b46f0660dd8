"""The SQLite file of a build: everything that is looked up by key or by word, read and never written.

What is in it is not trusted: its tables must be ours, and a value that does not fit is damage (KG006).
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import Place
from kg.graph.index_schema import (
    SPELT,
    IndexTable,
    check_schema,
    reading,
    statement_key,
    term_key,
    triple_key,
    unpacked,
)
from kg.model import Term, Triple

if TYPE_CHECKING:
    from kg.corpus.passages import Passages
    from kg.corpus.read import Corpus
    from kg.corpus.saved_queries import SavedQuery
    from kg.graph.clashes import Clash
    from kg.model import Claim, Document, Link
    from kg.project import Project

#: The longest value that is read, in bytes: more than any claim or set of premises has.
_LONGEST = 1 << 26
#: So many keys are asked for in one statement.
_AT_ONCE = 500


class Index:
    """Looks things up in an index. Raises InputError (KG006) where it is damaged."""

    def __init__(self, connection: sqlite3.Connection, folder: Path = Path()) -> None:
        self.folder = folder
        self._connection = connection
        with reading(folder):
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
            connection.execute("PRAGMA trusted_schema = OFF")
            check_schema(connection)
        self._triples: dict[int, Triple] = {}
        self._claims: dict[int, Claim] = {}
        self._documents: dict[int, Document] = {}

    @classmethod
    def open(cls, path: Path) -> Index:
        """The index in a file that nothing changes any more."""
        # Threads may share it: SQLite is built to be called from several at a time, and nothing is ever written.
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with reading(path.parent):
            return cls(sqlite3.connect(address, uri=True, check_same_thread=False), path.parent)

    def rows(self, text: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement."""
        with reading(self.folder):
            yield from self._connection.execute(text, values)

    def _row(self, text: str, *values: object) -> tuple[Any, ...] | None:
        with reading(self.folder):
            row: tuple[Any, ...] | None = self._connection.execute(text, values).fetchone()
        return row

    def many(self, text: str, keys: Iterable[int]) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement that ends in ``IN``, for any number of keys."""
        wanted = list(keys)
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            yield from self.rows(f"{text} ({_marks(part)})", *part)

    @cached_property
    def meta(self) -> Mapping[str, Any]:
        """What the build says of itself: JSON, whose shape its reader knows."""
        return IndexTable(
            self.rows, self.folder, "SELECT value FROM meta WHERE name = ?", "SELECT name FROM meta ORDER BY name"
        )

    @cached_property
    def kinds(self) -> dict[Term, str]:
        """The temporal kind of each property of the ontology, by its local name."""
        kinds: dict[Term, str] = self.meta["temporal_kinds"]
        return kinds

    # -- terms and triples

    def terms(self, keys: Iterable[int]) -> dict[int, Term]:
        """The terms of keys."""
        return dict(self.many("SELECT id, text FROM term WHERE id IN", keys))

    def triple(self, key: int) -> Triple | None:
        """The triple of a key, if there is one."""
        return self.triples([key]).get(key)

    def triples(self, keys: Iterable[int]) -> dict[int, Triple]:
        """The triples of keys."""
        wanted = set(keys)
        known = self._triples
        for key, _flags, s, p, o in self.many(f"{SPELT} WHERE t.id IN", [key for key in wanted if key not in known]):
            known[key] = (s, p, o)
        return {key: known[key] for key in wanted if key in known}

    def triple_of(self, statement: str) -> Triple | None:
        """The triple that a statement is named after (:func:`kg.model.statement_id`), if there is one."""
        try:
            return self.triple(statement_key(statement))
        except ValueError:
            return None

    # -- what the files say

    def place(self, triple: Triple, *kinds: str) -> Place | None:
        """Where the ontology, the alignments or the entities say a triple."""
        text = "SELECT kind, file, line FROM given WHERE triple = ? ORDER BY number"
        found = self.rows(text, triple_key(triple))
        return next((Place(file, line) for kind, file, line in found if kind in kinds), None)

    def given(self, *kinds: str) -> Iterator[tuple[Triple, Place]]:
        """All triples of ``ontology``, ``alignments`` or ``entities``, with their places, in order of the files."""
        places: dict[tuple[str, int | None], Place] = {}
        for file, line, s, p, o in self._given("g.file, g.line", kinds):
            place = places.get((file, line)) or places.setdefault((file, line), Place(file, line))
            yield (s, p, o), place

    def given_about(self, term: Term, *kinds: str) -> list[Triple]:
        """What ``ontology``, ``alignments`` or ``entities`` say of a term, in the order of the files."""
        return [(s, p, o) for _key, s, p, o in self._given("t.id", kinds, "t.subject", [term])]

    def given_with(self, predicates: Iterable[Term], *kinds: str) -> list[Triple]:
        """What ``ontology``, ``alignments`` or ``entities`` say with some predicates, in the order of the files."""
        return [(s, p, o) for _key, s, p, o in self._given("t.id", kinds, "t.predicate", predicates)]

    def _given(
        self, wanted: str, kinds: Iterable[str], column: str = "", terms: Iterable[Term] = ()
    ) -> Iterator[tuple[Any, ...]]:
        text = SPELT.replace("t.id, t.flags", wanted).replace("triple t", "given g JOIN triple t ON t.id = g.triple")
        keys, kinds = [*map(term_key, terms)], [*kinds]
        also = f"{column} IN ({_marks(keys)}) AND" if column else ""
        # Few triples are about a term, and many are of a kind: the sign keeps SQLite from beginning with the kind.
        kind = "+g.kind" if column == "t.subject" else "g.kind"
        return self.rows(f"{text} WHERE {also} {kind} IN ({_marks(kinds)}) ORDER BY g.number", *keys, *kinds)

    @cached_property
    def documents(self) -> dict[str, int]:
        """The documents by slug, sorted, with their keys."""
        return {slug: key for key, slug in self.rows("SELECT id, slug FROM document ORDER BY slug")}

    def document(self, slug: str) -> Document:
        """A document. Raises KeyError."""
        return self._document(self.documents[slug])

    def _document(self, key: int) -> Document:
        found = self._documents.get(key)
        if found is None:
            from kg.graph.index_rows import document_of

            row = self._row("SELECT slug, row FROM document WHERE id = ?", key)
            if row is None:
                raise KeyError(key)
            with reading(self.folder):
                found = self._documents[key] = document_of(*row)
        return found

    def passages(self, slug: str) -> Passages | None:
        """The passages of a document."""
        from kg.graph.index_rows import passages_of

        row = self._row("SELECT passages FROM document WHERE slug = ?", slug)
        with reading(self.folder):
            return passages_of(row[0]) if row and row[0] else None

    # -- claims

    def claim(self, name: Term) -> Claim | None:
        """The claim of a name; None for what names no claim, such as a place in a file."""
        key = term_key(name)
        if key in self._claims or not name.startswith("<"):
            return self._claims.get(key)
        return self.claims([key]).get(key)

    def claims(self, keys: Iterable[int]) -> dict[int, Claim]:
        """The claims of keys, sorted by document, in the order of its file."""
        from kg.graph.index_rows import claim_of

        wanted, known = set(keys), self._claims
        text = "SELECT c.id, t.text, c.document, c.row FROM claim c JOIN term t ON t.id = c.id WHERE c.id IN"
        for key, name, document, row in self.many(text, [key for key in wanted if key not in known]):
            with reading(self.folder):
                known[key] = claim_of(name, self._document(document), row)
        text = "SELECT d.slug, c.number, c.id FROM claim c JOIN document d ON d.id = c.document WHERE c.id IN"
        return {key: known[key] for _slug, _number, key in sorted(self.many(text, wanted))}

    def sources(self, claims: Iterable[int]) -> dict[int, tuple[Term, str]]:
        """The names of claims, by key, each with the slug of its document."""
        text = (
            "SELECT c.id, t.text, d.slug FROM claim c JOIN term t ON t.id = c.id"
            " JOIN document d ON d.id = c.document WHERE c.id IN"
        )
        return {key: (name, slug) for key, name, slug in self.many(text, {*claims})}

    def claims_of(self, slug: str) -> list[Claim]:
        """The claims of a document, in the order of its file."""
        found = self.rows("SELECT id FROM claim WHERE document = ?", self.documents.get(slug, -1))
        return list(self.claims(row[0] for row in found).values())

    def claims_stating(self, triple: Triple) -> list[Claim]:
        """The claims that have a triple in their content, whatever the view, in the order of the files."""
        found = self.rows("SELECT claim FROM states WHERE triple = ? AND content = 1", triple_key(triple))
        return list(self.claims(row[0] for row in found).values())

    def claims_naming(self, *terms: Term) -> list[Claim]:
        """The claims that name one of some terms, in their content or beside it, in the order of the files."""
        text = """SELECT claim FROM mention WHERE term = ? UNION SELECT claim FROM states
            WHERE content = 1
            AND triple IN (SELECT id FROM triple WHERE subject = ? OR predicate = ? OR object = ?)"""
        return list(self.claims(key for term in terms for (key,) in self.rows(text, *[term_key(term)] * 4)).values())

    def contested_claims(self) -> list[Claim]:
        """The claims that claims of other documents contest, in the order of the files."""
        return list(self.claims(key for (key,) in self.rows("SELECT DISTINCT claim FROM opposed")).values())

    def contesting(self, claim: Term) -> list[Term]:
        """The claims of other documents that contest a claim, by name."""
        text = "SELECT t.text FROM opposed o JOIN term t ON t.id = o.other WHERE o.claim = ? ORDER BY t.text"
        return [str(name) for (name,) in self.rows(text, term_key(claim))]

    def clashes(self, slugs: Iterable[str]) -> Iterator[Clash]:
        """The pairs of claims of some documents that may not both be right: by kind, then in the files' order."""
        from kg.graph.clashes import KINDS, Clash

        believed = {self.documents[slug] for slug in slugs}
        rows = [
            (kind, one, other, about)
            for kind, one, other, about, first, second in self.rows(
                "SELECT k.kind, k.one, k.other, k.about, a.document, b.document FROM clash k"
                " JOIN claim a ON a.id = k.one JOIN claim b ON b.id = k.other"
            )
            if first in believed and second in believed
        ]
        claims = self.claims(key for _kind, *both, _about in rows for key in both)
        place = {key: number for number, key in enumerate(claims)}
        with reading(self.folder):
            rows.sort(key=lambda row: (KINDS.index(row[0]), place[row[1]], place[row[2]], row[3]))
            for kind, one, other, about in rows:
                yield Clash(kind, claims[one], claims[other], tuple(json.loads(about)))

    def refutations(self) -> Iterator[tuple[str, array[int]]]:
        """What ``false`` rules find among all that any claim affirms: the rule, and the keys of its premises."""
        found = self.rows("SELECT rule, premises FROM refutation ORDER BY rule, premises")
        return ((rule, unpacked(premises)) for rule, premises in found)

    def facts_digest(self) -> str:
        """The hash of when each fact of the default view holds, and of what supports it."""
        total = sha256()
        for row in self.rows("SELECT * FROM fact ORDER BY triple"):
            total.update(repr(row).encode())
        return total.hexdigest()

    # -- links

    def link(self, name: Term) -> Link | None:
        """The link of a name."""
        return next(self._links("k.id = ?", term_key(name)), None)

    def link_between(self, one: Term, other: Term) -> Link | None:
        """The last link of two claims, whichever it starts from."""
        ends = (term_key(one), term_key(other))
        if frozenset(ends) not in self._linked:
            return None
        text = "(source = ? AND target = ?) OR (target = ? AND source = ?)"
        return next(reversed([*self._links(text, *ends, *ends)]), None)

    @cached_property
    def _linked(self) -> set[frozenset[int]]:
        """The two claims of each link."""
        return set(map(frozenset, self.rows("SELECT source, target FROM link")))

    def _links(self, which: str, *values: object) -> Iterator[Link]:
        from kg.graph.index_rows import link_of

        text = f"SELECT k.row FROM link k JOIN document d ON d.id = k.document WHERE {which}"  # noqa: S608 - ours
        for (row,) in self.rows(f"{text} ORDER BY d.slug, k.number", *values):
            with reading(self.folder):
                link = link_of(row)
            yield link

    # -- names

    @cached_property
    def names(self) -> Mapping[Term, Mapping[str, list[str]]]:
        """What each term is called: labels by language, other names (``alt``) and codes (``code``)."""
        names = "SELECT t.text FROM label l JOIN term t ON t.id = l.term ORDER BY t.text"
        return IndexTable(self.rows, self.folder, "SELECT names FROM label WHERE term = ?", names, key=term_key)

    def named(self, folded: Iterable[str]) -> list[Term]:
        """The terms that bear one of some folded names (:func:`kg.labels.fold`), sorted."""
        wanted = list(folded)
        found = self._named(f"WHERE n.name IN ({_marks(wanted)})", *wanted)
        return sorted({term for _name, terms in found for term in terms})

    def names_beginning(self, folded: str) -> Iterator[tuple[str, Term]]:
        """The folded names that begin so, sorted, each with the terms that bear it."""
        after = folded + chr(0x10FFFF)
        found = self._named("WHERE n.name >= ? AND n.name < ?", folded, after) if folded else self._named("")
        return ((name, term) for name, terms in found for term in terms)

    def _named(self, which: str, *values: str) -> Iterator[tuple[str, list[Term]]]:
        from kg.labels import bearers

        text = f"SELECT n.name, t.text, n.surname FROM named n JOIN term t ON t.id = n.term {which}"  # noqa: S608
        return bearers(self.rows(f"{text} ORDER BY n.name", *values))

    # -- words

    def search(self, words: Sequence[str]) -> Iterator[tuple[int, bool, Term, str, str]]:
        """The texts in which every one of some folded words begins a word, best first.

        Names (0) come first, then definitions (1), then glosses (2); within each, texts that are just these words,
        then those with the fewest. Each is given with its kind, whether it is just the words, the term that it
        belongs to, and the document of a gloss.
        """
        slugs = {key: slug for slug, key in self.documents.items()}
        found = "s.kind, t.text, s.text, s.document FROM"
        whole = term_key(" ".join(words))
        matching = self.rows(
            f"SELECT {found} word CROSS JOIN search_text s ON s.number = word.rowid JOIN term t ON t.id = s.term"
            " WHERE word MATCH ? AND s.whole <> ? ORDER BY word.rowid",
            " AND ".join(f'"{word}" *' for word in words),
            whole,
        )
        following = next(matching, None)
        for kind in range(3):
            just = f"SELECT {found} search_text s JOIN term t ON t.id = s.term WHERE s.whole = ? AND s.kind = ?"
            for _kind, term, text, document in self.rows(f"{just} ORDER BY s.number", whole, kind):
                yield kind, True, term, text, slugs.get(document, "")
            while following and following[0] == kind:
                yield kind, False, following[1], following[2], slugs.get(following[3], "")
                following = next(matching, None)

    # -- saved queries

    @cached_property
    def queries(self) -> Mapping[str, SavedQuery]:
        """The saved queries."""
        from kg.corpus.saved_queries import SavedQuery

        names = "SELECT name FROM query ORDER BY name"
        return IndexTable(
            self.rows, self.folder, "SELECT row FROM query WHERE name = ?", names, made=SavedQuery.from_json
        )

    # -- the whole of it, for what needs everything

    def corpus(self, project: Project) -> Corpus:
        """The whole corpus as it was built, but for files and problems."""
        corpus = self.part(project, self.documents)
        for kind in ("ontology", "alignments", "entities"):
            getattr(corpus, kind).update(self.given(kind))
        return corpus

    def part(self, project: Project, slugs: Iterable[str]) -> Corpus:
        """Some documents of the corpus with their claims, passages and links."""
        from kg.corpus.read import Corpus

        corpus = Corpus(project)
        for slug in slugs:
            corpus.documents[slug] = self.document(slug)
            if passages := self.passages(slug):
                corpus.passages[slug] = passages
            for claim in self.claims_of(slug):
                corpus.claims[claim.iri] = claim
            corpus.links += self._links("k.document = ?", self.documents[slug])
        return corpus


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
