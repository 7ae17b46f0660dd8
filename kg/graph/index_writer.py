"""Writing the SQLite file of a build, in one transaction, into a folder that nobody reads yet."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from kg.corpus.passages import Passages
from kg.corpus.saved import SavedQuery
from kg.errors import Place
from kg.graph.bounds import Roles
from kg.graph.clashes import clashes
from kg.graph.compose import published, temporal_kinds
from kg.graph.ground import GroundProgram
from kg.graph.materialise import Materialised
from kg.graph.rows import claim_row, document_row, dumps, link_row, passages_row, periods_row
from kg.graph.schema import ALWAYS, IN_FILES, PUBLISHABLE, SCHEMA, packed, set_up, term_key, triple_key
from kg.graph.views import contested, level
from kg.labels import collect_names, fold, name_index, people
from kg.model import Claim, Term, Triple, is_literal, text_of
from kg.vocab import SKOS, iri

__all__ = ["empty_index", "write_index", "write_meta"]

_DEFINITION = iri(SKOS + "definition")


def write_index(target: Path | None, view: Materialised, queries: Mapping[str, SavedQuery]) -> sqlite3.Connection:
    """Write everything that is looked up of a corpus in its default view into a new file, or into memory.

    The caller closes what is given back, after what it adds with ``write_meta``.
    """
    connection = empty_index(target)
    _Writer(connection, view).write(queries)
    return connection


def empty_index(target: Path | None) -> sqlite3.Connection:
    """An index with nothing in its tables."""
    connection = sqlite3.connect(target or ":memory:")
    set_up(connection, SCHEMA)
    return connection


def write_meta(connection: sqlite3.Connection, meta: Mapping[str, Any]) -> None:
    """Add facts about the whole build, each as JSON under its name."""
    connection.executemany("INSERT INTO meta VALUES (?, ?)", ((name, dumps(value)) for name, value in meta.items()))


class _Writer:
    """Writes the tables of one corpus in its default view."""

    def __init__(self, connection: sqlite3.Connection, view: Materialised) -> None:
        self.connection, self.view, self.corpus = connection, view, view.corpus
        self.terms: dict[int, Term] = {}
        self.triples: dict[int, Triple] = {}

    def write(self, queries: Mapping[str, SavedQuery]) -> None:
        self._put("query", ((query.name, dumps(query.as_json())) for query in queries.values()))
        self._corpus()
        self._ground(self.view.ground)
        self._facts()
        self._names()
        self._texts()
        flags = self._flags()
        self._put(
            "triple",
            ((key, *map(self.term, triple), flags.get(triple, 0)) for key, triple in sorted(self.triples.items())),
        )
        self._put("term", sorted(self.terms.items()))

    def _put(self, table: str, rows: Iterable[tuple[object, ...]]) -> None:
        marks = ", ".join("?" for _ in self.connection.execute(f"PRAGMA table_info({table})"))
        self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - names of our own

    def term(self, term: Term) -> int:
        """The key of a term, which is written with it."""
        key = term_key(term)
        self.terms[key] = term
        return key

    def triple(self, triple: Triple) -> int:
        """The key of a triple, which is written with it."""
        key = triple_key(triple)
        self.triples[key] = triple
        return key

    # -- what the files say

    def _corpus(self) -> None:
        corpus = self.corpus
        self._put("given", self._given())
        numbers = {slug: number for number, slug in enumerate(corpus.documents)}
        self._put(
            "document",
            (
                (number, slug, document_row(corpus.documents[slug]), _passages(corpus.passages.get(slug)))
                for slug, number in numbers.items()
            ),
        )
        claims = corpus.claims.values()
        self._put(
            "claim",
            (
                (number, self.term(claim.iri), numbers[claim.document], level(claim), claim_row(claim))
                for number, claim in enumerate(claims)
            ),
        )
        self._put("states", sorted({row for claim in claims for row in self._states(claim)}))
        self._put("mention", sorted({row for claim in claims for row in self._mentions(claim)}))
        opposed = contested(claims, corpus.links)
        self._put("opposed", sorted((term_key(c), term_key(o)) for c, others in opposed.items() for o in others))
        self._put(
            "link",
            (
                (n, self.term(k.iri), numbers[k.document], term_key(k.source), term_key(k.target), link_row(k))
                for n, k in enumerate(corpus.links)
            ),
        )

        kinds, dates = temporal_kinds(corpus), published(corpus)
        found = clashes(claims, corpus.links, corpus.claims, kinds, dates)
        pairs = ((c.kind, term_key(c.one.iri), term_key(c.other.iri), dumps(c.about)) for c in found)
        self._put("clash", ((None, *pair) for pair in pairs))

    def _given(self) -> Iterator[tuple[object, ...]]:
        kinds: dict[str, dict[Triple, Place]] = {
            kind: getattr(self.corpus, kind) for kind in ("ontology", "alignments", "entities")
        }
        for kind, table in kinds.items():
            for triple, place in table.items():
                yield (None, self.triple(triple), kind, place.file, place.line)

    def _states(self, claim: Claim) -> Iterator[tuple[int, int, int]]:
        content = set(claim.content)
        for triple in claim.states:
            yield self.triple(triple), term_key(claim.iri), int(triple in content)

    def _mentions(self, claim: Claim) -> Iterator[tuple[int, int]]:
        """What a claim names beyond its content: in what is said of it, of itself."""
        for _s, _p, value in claim.metadata:
            if not is_literal(value):
                yield self.term(value), term_key(claim.iri)

    # -- what follows

    def _ground(self, known: GroundProgram) -> None:
        instances = known.instances
        keys = [self.triple(triple) for triple in instances.triples]
        rules = list(dict.fromkeys(known.rules))
        places = {name: place for place, name in enumerate(rules)}
        kinds = temporal_kinds(self.corpus)
        roles = Roles.of(self.corpus.ontology).as_json()
        write_meta(self.connection, {"rules": rules, "temporal_kinds": kinds, "time_roles": roles})
        self._put(
            "refutation",
            ((None, found.rule, packed(map(self.triple, found.premises))) for found in known.refutations),
        )
        self._put(
            "instance",
            (
                (
                    number,
                    keys[head],
                    places[known.rules[number]],
                    packed(keys[premise] for premise in instances.bodies[number]),
                    dumps([[keys[n] for n in group] for group in absent])
                    if (absent := instances.absent.get(number))
                    else None,
                )
                for number, head in enumerate(instances.heads)
            ),
        )
        always = {instances.ids[triple] for triple in self.view.always if triple in instances.ids}
        self._put("premise", sorted((keys[n], keys[head]) for n, head in _dependencies(known, always)))

    def _flags(self) -> dict[Triple, int]:
        flags: dict[Triple, int] = defaultdict(int)
        for triple in self.view.always:
            flags[triple] |= ALWAYS
        for number in self.view.ground.publishable:
            flags[self.view.instances.triples[number]] |= PUBLISHABLE
        for triple in self.view.given:
            flags[triple] |= IN_FILES
        return flags

    def _facts(self) -> None:
        view = self.view
        support, stated = view.support, view.stated
        self._put(
            "fact",
            sorted(
                (
                    self.triple(triple),
                    periods_row(periods),
                    packed(sorted(map(term_key, support[triple]))) if triple in support else None,
                    int(triple in stated),
                )
                for triple, periods in view.periods.items()
            ),
        )

    # -- names and texts

    def _names(self) -> None:
        names = self._named
        self._put("label", ((n, self.term(term), dumps(found)) for n, (term, found) in enumerate(names.items())))
        index = name_index(names, people(self.corpus))
        self._put("named", ((name, term_key(term)) for name, terms in index.items() for term in terms))

    @cached_property
    def _named(self) -> Mapping[Term, Mapping[str, list[str]]]:
        return collect_names(self.corpus)

    def _texts(self) -> None:
        """Names, definitions and glosses that can be searched, numbered in order of rank."""
        documents = {slug: number for number, slug in enumerate(self.corpus.documents)}
        found = sorted(
            (kind, len(folded.split()), term, text, folded, documents.get(slug, -1))
            for kind, term, text, slug in {*self._searched()}
            if (folded := fold(text))
        )
        self._put(
            "search_text",
            (
                (number, kind, words, term_key(folded), self.term(term), document, text)
                for number, (kind, words, term, text, folded, document) in enumerate(found)
            ),
        )
        self.connection.executemany(
            "INSERT INTO word (rowid, text) VALUES (?, ?)", ((n, row[4]) for n, row in enumerate(found))
        )

    def _searched(self) -> Iterator[tuple[int, Term, str, str]]:
        for term, names in self._named.items():
            yield from ((0, term, text, "") for found in names.values() for text in found)
        for s, p, o in (*self.corpus.ontology, *self.corpus.entities):
            if p == _DEFINITION:
                yield 1, s, text_of(o), ""
        for document in self.corpus.documents.values():
            yield from ((1, s, text_of(o), document.slug) for s, p, o in document.description if p == _DEFINITION)
        for claim in self.corpus.claims.values():
            yield 2, claim.iri, claim.gloss, claim.document


def _passages(passages: Passages | None) -> str | None:
    return passages_row(passages) if passages else None


def _dependencies(known: GroundProgram, always: set[int]) -> set[tuple[int, int]]:
    """What each conclusion depends on directly, both by number: premises, and what must be absent.

    What holds in every view is left out on both sides.
    """
    instances = known.instances
    found: set[tuple[int, int]] = set()
    for number, head in enumerate(instances.heads):
        if head not in always:
            found.update((premise, head) for premise in instances.bodies[number] if premise not in always)
            for group in instances.absent.get(number, ()):
                found.update((triple, head) for triple in group if triple not in always)
    return found
