"""Equality on an engine: cliques of owl:sameAs, and the values of literals (Table 8).

Each clique has a representative, the term with the least number, and facts are kept between these. It is found by
rounds in which every term takes the least label of its neighbours, and of its label (pointer jumping), until nothing
changes. Facts with other terms are copied to the representatives; the original stays, and a proof starts from it.

Literals come to this process one at a time, since only it knows their values: see :mod:`kg.reasoner.literals`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from kg.engines.run_tables import MOVED, VALUE, Tables
from kg.model import Term
from kg.reasoner.datatypes import in_space, spaces, value_key
from kg.reasoner.literals import UNKNOWN_ENDINGS, plain_term

_EDGES = "SELECT s AS a, o AS b FROM same_now UNION SELECT o, s FROM same_now"


def relabel(tables: Tables) -> None:
    """Find the cliques of all equalities, those of the round that is being made among them."""
    engine = tables.engine
    engine.define("same_now", tables.known(tables.same))
    edges, labels, following = (tables.scratch / f"{name}-{tables.state.round}" for name in ("edges", "even", "odd"))
    engine.write(_EDGES, edges)
    engine.view("edges", [edges])
    engine.write("SELECT a AS term, least(a, min(b)) AS rep FROM edges GROUP BY a", labels)
    while _spread(tables, labels, following):
        labels, following = following, labels
    made = tables.file("cliques")
    engine.view("labels", [labels])
    engine.write("SELECT term, rep FROM labels", made)
    tables.state.cliques = made.name
    tables.view_cliques([made])


def _spread(tables: Tables, labels: Path, following: Path) -> bool:
    """One round; whether any label changed."""
    engine = tables.engine
    engine.view("labels", [labels])
    engine.write(
        "SELECT term, min(rep) AS rep FROM ("
        "SELECT term, rep FROM labels"
        " UNION ALL SELECT e.a, l.rep FROM edges e JOIN labels l ON l.term = e.b"
        " UNION ALL SELECT l.term, r.rep FROM labels l JOIN labels r ON r.term = l.rep"
        ") GROUP BY term",
        following,
    )
    engine.view("next_labels", [following])
    changed = "SELECT count(*) FROM labels l JOIN next_labels n ON n.term = l.term WHERE n.rep <> l.rep"
    return bool(next(engine.rows(changed))[0])


def move_facts(tables: Tables, order: int) -> None:
    """Copy every fact that has a term which is no representative, unless its copy is there."""
    for predicate in sorted({*tables.state.facts, *tables.new} - {tables.same}):
        known = tables.known(predicate)
        tables.engine.define("known_now", known)
        moved = (
            "SELECT DISTINCT coalesce(a.rep, k.s) AS s, coalesce(b.rep, k.o) AS o FROM known_now k "
            "LEFT JOIN stale a ON a.term = k.s LEFT JOIN stale b ON b.term = k.o "
            "WHERE a.term IS NOT NULL OR b.term IS NOT NULL"
        )
        tables.write(
            predicate,
            f"SELECT m.s, m.o, '{MOVED}' AS record, {order} AS round FROM ({moved}) m "
            "WHERE NOT EXISTS (SELECT 1 FROM known_now x WHERE x.s = m.s AND x.o = m.o)",
        )


def members_of(tables: Tables, terms: set[int]) -> list[tuple[int, int]]:
    """Each member, with its representative, of the cliques that have one of the terms."""
    if not tables.state.cliques or not terms:
        return []
    tables.upload("touched", ((term,) for term in sorted(terms)), {"term": "BIGINT"})
    sql = (
        "SELECT DISTINCT c.rep, c.term FROM cliques c JOIN cliques d ON d.rep = c.rep "
        "JOIN touched t ON t.term = d.term WHERE c.term <> c.rep"
    )
    return [(rep, term) for rep, term in tables.engine.rows(sql)]


Fact = tuple[int, int, str]


def _literals(tables: Tables, like: str = '"%') -> Iterator[tuple[int, Term]]:
    """The literals that facts have."""
    where = f"term LIKE '{like}' AND id <= {tables.state.given_terms}"
    return ((number, term) for number, term in tables.engine.rows(f"SELECT id, term FROM terms WHERE {where}"))


def equal_literals(tables: Tables) -> Iterator[Fact]:
    """Rule dt-eq: literals of one value in several forms."""
    by_value: dict[object, int] = {}
    texts: list[tuple[int, Term]] = []
    for number, term in _literals(tables, '"%>'):
        yield from _equal(by_value, texts, number, term)
    for number, term in _literals(tables, '"%@%'):
        tag = term[term.rindex("@") :] if term[-1] not in '">' else ""
        if tag != tag.lower():
            yield from _equal(by_value, texts, number, term)
    if texts:
        plain = dict(zip((term for _, term in texts), (number for number, _ in texts), strict=True))
        tables.upload("plain", ((term,) for term in plain), {"term": "STRING"})
        for other, term in tables.engine.rows("SELECT t.id, t.term FROM terms t JOIN plain p ON p.term = t.term"):
            yield from _both(plain[term], other)


def _equal(by_value: dict[object, int], texts: list[tuple[int, Term]], number: int, term: Term) -> Iterator[Fact]:
    key = None if term.endswith(UNKNOWN_ENDINGS) else value_key(term)
    if key is None:
        return
    if key[0] == "text":
        texts.append((number, plain_term(*key[1])))
    first = by_value.setdefault(key, number)
    if first != number:
        yield from _both(first, number)


def _both(one: int, other: int) -> Iterator[Fact]:
    if one != other:
        yield one, other, VALUE
        yield other, one, VALUE


def data_types(tables: Tables, asked: Collection[Term]) -> Iterator[Fact]:
    """Rule dt-type2: the literals of the datatypes that a clause asks for."""
    numbers = dict(zip(asked, tables.numbers(asked), strict=True))
    for number, term in _literals(tables) if asked else ():
        yield from ((number, numbers[datatype], VALUE) for datatype in asked if in_space(term, datatype))


def differences(tables: Tables, equated: Iterable[tuple[int, Term]]) -> tuple[list[Fact], list[Fact]]:
    """The datatypes of literals that are equated with something else, and dt-diff between them and all others."""
    types, apart = [], []
    for number, term in equated:
        found = tables.numbers(spaces(term))
        types += [(number, datatype, VALUE) for datatype in found]
        key = value_key(term)
        for other, text in _literals(tables) if key is not None else ():
            value = value_key(text)
            if value is not None and value != key:
                apart += [(number, other, VALUE), (other, number, VALUE)]
    return types, apart
