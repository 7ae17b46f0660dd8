"""Writing the SQLite file of a build, in one transaction, into a folder that nobody reads yet."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any

from kg.corpus.read import Corpus
from kg.corpus.saved_queries import SavedQuery
from kg.dates import Period
from kg.errors import Place
from kg.graph.clashes import Clash, clashes
from kg.graph.ground import GroundProgram
from kg.graph.index_rows import claim_row, dated_row, document_row, dumps, link_row, passages_row, periods_row
from kg.graph.index_schema import ALWAYS, IN_FILES, PUBLISHABLE, SCHEMA, packed, set_up, term_key, triple_key
from kg.graph.materialise import Materialised
from kg.graph.time_bounds import Roles
from kg.graph.unit_triples import published, temporal_kinds
from kg.graph.validity import unconditional
from kg.graph.views import NEVER, contested, dated, level
from kg.labels import Names, fold, name_rows, people
from kg.model import Claim, Term, Triple, is_literal, text_of
from kg.vocab import SKOS, iri

Row = tuple[Any, ...]
#: A text that can be searched, in order of rank: its kind, how many words, its term, as written, folded, document.
Text = tuple[int, int, Term, str, str, str]

_DEFINITION = iri(SKOS + "definition")
#: The distance of two texts' numbers: others find room between them.
_APART = 1 << 20


def write_index(target: Path | None, view: Materialised, queries: Mapping[str, SavedQuery]) -> sqlite3.Connection:
    """Write everything that is looked up of a corpus in its default view into a new file, or into memory.

    The caller closes what is given back, after what it adds with ``write_meta``.
    """
    connection, corpus = empty_index(target), view.corpus
    files, ground = FileRows(corpus), GroundRows(view.ground, view.given)
    for table, rows in (*files.tables(), *ground.tables()):
        put(connection, table, rows)
    put(connection, "query", query_rows(queries))
    claims = [claim for slug in sorted(corpus.documents) for claim in corpus.claims.of(slug).values()]
    put(connection, "opposed", opposed_rows(contested(claims, corpus.links)))
    kinds, dates = temporal_kinds(corpus), published(corpus)
    put(connection, "clash", {*clash_rows(clashes(claims, corpus.links, corpus.claims, kinds, dates))})
    spread(connection, sorted(files.texts()), 0, None)
    put(connection, "fact", sorted(_facts(view)))
    triples = files.triples | ground.triples
    put(connection, "triple", ground.triple_rows(triples))
    put(connection, "term", sorted((files.terms | _terms(triples)).items()))
    write_meta(connection, {"temporal_kinds": kinds, "time_roles": asdict(Roles.of(corpus.ontology))})
    return connection


def empty_index(target: Path | None) -> sqlite3.Connection:
    """An index with nothing in its tables."""
    # SQLite refuses a path whose ".." would lead above the root.
    connection = sqlite3.connect(target.resolve() if target else ":memory:")
    set_up(connection, SCHEMA)
    return connection


def write_meta(connection: sqlite3.Connection, meta: Mapping[str, Any]) -> None:
    """Add facts about the whole build, each as JSON under its name."""
    rows = ((name, dumps(value)) for name, value in meta.items())
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def put(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Add rows to a table."""
    marks = ", ".join("?" for _ in connection.execute(f"PRAGMA table_info({table})"))
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - names of our own


class FileRows:
    """What files say, as rows: documents and claims; with ``foundation`` also ontology, alignments and entities.

    ``terms`` and ``triples`` are those of the rows that have been given.
    """

    def __init__(self, corpus: Corpus, *, foundation: bool = True) -> None:
        self.corpus, self.foundation = corpus, foundation
        self.terms: dict[int, Term] = {}
        self.triples: dict[int, Triple] = {}
        self._kinds = temporal_kinds(corpus)

    def tables(self) -> Iterator[tuple[str, Iterable[Row]]]:
        """The rows of each table."""
        if self.foundation:
            yield "given", self._given()
        yield "document", self._documents()
        yield "claim", self._claims()
        claims = self.corpus.claims.values()
        yield "states", sorted({row for claim in claims for row in self._states(claim)}, key=itemgetter(0, 1))
        yield "mention", sorted({row for claim in claims for row in self._mentions(claim)})
        yield "link", self._links()
        yield "label", ((self._term(term), dumps(found)) for term, found in self._names.items())
        named = name_rows(self._names, people(self.corpus))
        yield "named", sorted((name, term_key(term), int(surname)) for name, term, surname in named)

    def texts(self) -> Iterator[Text]:
        """Names, definitions and glosses that can be searched."""
        for kind, term, text, slug in {*self._searched()}:
            if folded := fold(text):
                self._term(term)
                yield kind, len(folded.split()), term, text, folded, slug

    def _term(self, term: Term) -> int:
        key = term_key(term)
        self.terms[key] = term
        return key

    def _triple(self, triple: Triple) -> int:
        key = triple_key(triple)
        self.triples[key] = triple
        return key

    def _given(self) -> Iterator[Row]:
        kinds: dict[str, dict[Triple, Place]] = {
            kind: getattr(self.corpus, kind) for kind in ("ontology", "alignments", "entities")
        }
        rows = ((kind, triple, place) for kind, table in kinds.items() for triple, place in table.items())
        for number, (kind, triple, place) in enumerate(rows, start=1):
            yield number, self._triple(triple), kind, place.file, place.line

    def _documents(self) -> Iterator[Row]:
        for slug, document in self.corpus.documents.items():
            passages = self.corpus.passages.get(slug)
            yield term_key(slug), slug, document_row(document), passages_row(passages) if passages else None

    def _claims(self) -> Iterator[Row]:
        for slug in self.corpus.documents:
            for number, claim in enumerate(self.corpus.claims.of(slug).values()):
                yield self._term(claim.iri), term_key(slug), number, level(claim), claim_row(claim)

    def _links(self) -> Iterator[Row]:
        counts: dict[str, int] = defaultdict(int)
        for link in self.corpus.links:
            ends = (term_key(link.source), term_key(link.target))
            yield term_key(link.document), counts[link.document], self._term(link.iri), *ends, link_row(link)
            counts[link.document] += 1

    def _states(self, claim: Claim) -> Iterator[Row]:
        content, taken = set(claim.content), level(claim) < NEVER
        when = self.corpus.documents[claim.document].published
        for triple in claim.states:
            by = dated_row(dated(claim, self._kinds.get(triple[1], "BoundedState"), when)) if taken else None
            yield self._triple(triple), term_key(claim.iri), int(triple in content), by

    def _mentions(self, claim: Claim) -> Iterator[tuple[int, int]]:
        """What a claim names beyond its content: in the statements about it, of itself."""
        for _s, _p, value in claim.metadata:
            if not is_literal(value):
                yield self._term(value), term_key(claim.iri)

    @cached_property
    def _names(self) -> Mapping[Term, Mapping[str, list[str]]]:
        names = Names(self.corpus)
        if self.foundation:
            return dict(names.items())
        documents = {document.iri for document in self.corpus.documents.values()}
        return {term: names[term] for term in documents & names.keys()}

    def _searched(self) -> Iterator[tuple[int, Term, str, str]]:
        for term, names in self._names.items():
            yield from ((0, term, text, "") for found in names.values() for text in found)
        for s, p, o in (*self.corpus.ontology, *self.corpus.entities) if self.foundation else ():
            if p == _DEFINITION:
                yield 1, s, text_of(o), ""
        for document in self.corpus.documents.values():
            yield from ((1, s, text_of(o), document.slug) for s, p, o in document.description if p == _DEFINITION)
        for claim in self.corpus.claims.values():
            yield 2, claim.iri, claim.gloss, claim.document


class GroundRows:
    """The ground program as rows: instances, what each conclusion depends on, contradictions.

    ``given`` are the triples of ontology and entities.
    """

    def __init__(self, ground: GroundProgram, given: Iterable[Triple]) -> None:
        self.ground, self._given = ground, {*given}
        self.keys = [triple_key(triple) for triple in ground.instances.triples]
        #: What follows from ontology and entities alone.
        self.always = unconditional(self._given, ground.instances)
        self.keys += [triple_key(triple) for triple in ground.instances.triples[len(self.keys) :]]
        self.triples = dict(zip(self.keys, ground.instances.triples, strict=True))
        self.triples |= {triple_key(t): t for found in ground.refutations for t in found.premises}

    def tables(self) -> Iterator[tuple[str, Iterable[Row]]]:
        """The rows of each table."""
        yield "instance", self._instances()
        yield "premise", sorted(self._dependencies())
        yield "refutation", {(f.rule, packed(map(triple_key, f.premises))) for f in self.ground.refutations}

    def triple_rows(self, triples: Mapping[int, Triple]) -> Iterator[Row]:
        """The rows of triples, with their flags (see ``kg.graph.index_schema``)."""
        numbers = self.ground.instances.ids
        for key, triple in sorted(triples.items()):
            flags = ALWAYS * (triple in self.always) | IN_FILES * (triple in self._given)
            flags |= PUBLISHABLE * (numbers.get(triple) in self.ground.publishable)
            yield key, *map(term_key, triple), flags

    def _instances(self) -> Iterator[Row]:
        instances, keys = self.ground.instances, self.keys
        for number, head in enumerate(instances.heads):
            groups = [[keys[n] for n in group] for group in instances.absent.get(number, ())]
            body = packed(keys[premise] for premise in instances.bodies[number])
            yield keys[head], self.ground.rules[number], body, dumps(groups) if groups else None

    def _dependencies(self) -> set[tuple[int, int]]:
        """What each conclusion depends on directly, both by key: premises, and what must be absent.

        What holds in every view is left out on both sides.
        """
        instances, keys = self.ground.instances, self.keys
        always = {instances.ids[triple] for triple in self.always}
        found: set[tuple[int, int]] = set()
        for number, head in enumerate(instances.heads):
            if head not in always:
                asked = (*instances.bodies[number], *(t for g in instances.absent.get(number, ()) for t in g))
                found.update((keys[triple], keys[head]) for triple in asked if triple not in always)
        return found


def query_rows(queries: Mapping[str, SavedQuery]) -> Iterator[Row]:
    """The rows of saved queries."""
    return ((query.name, dumps(query.as_json())) for query in queries.values())


def opposed_rows(opposed: Mapping[Term, Iterable[Term]]) -> list[Row]:
    """The rows of claims that others contest (``kg.graph.views.contested``)."""
    return sorted((term_key(claim), term_key(other)) for claim, others in opposed.items() for other in others)


def clash_rows(found: Iterable[Clash]) -> Iterator[Row]:
    """The rows of pairs of claims that may not both be right."""
    return ((c.kind, term_key(c.one.iri), term_key(c.other.iri), dumps(c.about)) for c in found)


def spread(connection: sqlite3.Connection, texts: list[Text], after: int, before: int | None) -> None:
    """Add texts, in order of rank, between two numbers, or after the last."""
    step = _APART if before is None else (before - after) // (len(texts) + 1)
    numbered = [(after + step * place, text) for place, text in enumerate(texts, start=1)]
    put(connection, "search_text", (text_row(number, text) for number, text in numbered))
    words = ((number, folded) for number, (_kind, _count, _term, _text, folded, _slug) in numbered)
    connection.executemany("INSERT INTO word (rowid, text) VALUES (?, ?)", words)


def text_row(number: int, text: Text) -> Row:
    """The row of a text that can be searched."""
    kind, words, term, written, folded, slug = text
    return number, kind, words, term_key(folded), term_key(term), term_key(slug) if slug else None, written


def fact_row(key: int, periods: tuple[Period, ...], support: Iterable[int] | None, stated: bool) -> Row:
    """The row of a fact: when it holds, the keys of the claims that support it, whether claims state it."""
    return key, periods_row(periods), None if support is None else packed(sorted(support)), int(stated)


def _facts(view: Materialised) -> Iterator[Row]:
    stated, support = view.stated, view.support
    for triple in view.periods:
        claims = map(term_key, support[triple]) if triple in support else None
        periods = view.dated(triple) if triple in stated else view.periods[triple]
        yield fact_row(triple_key(triple), periods, claims, triple in stated)


def _terms(triples: Mapping[int, Triple]) -> dict[int, Term]:
    return {term_key(term): term for triple in triples.values() for term in triple}
