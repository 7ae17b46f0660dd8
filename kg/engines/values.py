"""Table 8 on an engine, as far as something can follow from it: see :mod:`kg.reasoner.literals`.

Literals come to this process one at a time, since only it knows their values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from kg.engines.run_tables import VALUE, Tables
from kg.model import Term
from kg.reasoner.datatypes import in_space, spaces, value_key
from kg.reasoner.literals import UNKNOWN_ENDINGS, plain_term

__all__ = ["data_types", "differences", "equal_literals"]

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
