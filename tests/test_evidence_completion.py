"""Evidence that stands alone: what is matched gives its row again where fewer triples would give other solutions."""

from __future__ import annotations

import pytest
from examples import examples
from hypothesis import example
from hypothesis import strategies as st

from kg.evidence import collect
from kg.evidence.completion import required_keys, self_contained
from kg.graph.store import open_graph
from kg.queries import run
from kg.sparql.parser import parse_select
from tests.random_queries import TRIPLES, groups
from tests.test_evidence_matches import alone, matched_rows, rows_of, store_of


def triples_of(text: str) -> list[tuple[str, str, str]]:
    """Triples written as ``n0 p1 n2, n1 p0 n0``."""
    return [tuple(f"<x:{name}>" for name in triple.split()) for triple in text.split(", ")]


def query_of(text: str) -> str:
    return f"PREFIX : <x:> {text}"


# Each was found at random: what has to be there besides what the solutions of the row match.
CASES = [
    # A path of four steps passes who is kept out of the group by an OPTIONAL that finds something.
    ("SELECT ?a (COUNT(DISTINCT ?b) AS ?n) { ?b (:p0/:p0)/(:p0/:p0) ?c OPTIONAL { ?a :p1 ?c } } GROUP BY ?a",
     "n0 p0 n1, n1 p0 n2, n2 p0 n0, n3 p1 n1"),
    ("SELECT (COUNT(DISTINCT *) AS ?n) { ?d :p2? ?d OPTIONAL { ?a :p1 ?d } } GROUP BY (STR(?a))",
     "n0 p1 n0, n2 p2 n3, n3 p1 n2"),
    ("SELECT (COUNT(?b) AS ?n) { VALUES ?b { :n0 :n1 } OPTIONAL { ?b :p0 :n0 . ?a ?p :n1 } } GROUP BY (STR(?a))",
     "n0 p0 n1, n0 p2 n0, n1 p0 n0"),
    # Who is counted stands on the way to who is not.
    ("SELECT ?a (COUNT(?b) AS ?n) { ?a :p0+ ?b FILTER NOT EXISTS { ?b :p1 ?c } } GROUP BY ?a",
     "n0 p0 n1, n1 p0 n2, n1 p1 n3"),
    ("SELECT ?a (COUNT(?b) AS ?n) { ?a :p0+ ?b MINUS { ?b :p1 ?c } } GROUP BY ?a",
     "n0 p0 n1, n1 p0 n2, n1 p1 n3"),
    ("SELECT (COUNT(?b) AS ?n) { ?a :p0 ?b { :n0 :p2*|:p0+ ?c OPTIONAL { ?c :p1 ?b } } }",
     "n0 p0 n1, n0 p1 n3, n1 p0 n0"),
    # There is none for which there is none; an OPTIONAL finds nothing, since something is there.
    ("SELECT ?b { ?a :p0 ?b FILTER NOT EXISTS { ?c :p1 ?b FILTER NOT EXISTS { ?c :p2 ?d } } }",
     "n0 p0 n1, n2 p1 n1, n2 p2 n3"),
    ("SELECT ?b { FILTER NOT EXISTS { FILTER NOT EXISTS { ?d :p1 ?b } } }", "n3 p0 n1, n3 p1 n3"),
    ("SELECT ?a ?c { ?d !(^:p1)|:p1 ?c OPTIONAL { [ :p1 ?a ] FILTER NOT EXISTS { :n1 :p2* ?d } } }",
     "n0 p0 n0, n0 p1 n0, n1 p2 n0"),
    ("SELECT ?a { ?c ^!:p1 ?d . ?a (!(^:p2|:p1))? :n0 MINUS { [] :p0 ?c OPTIONAL { ?b :p1 ?a } } }",
     "n0 p2 n3, n1 p1 n2, n2 p1 n3, n3 p0 n3"),
    ("SELECT ?b { ?d :p2+|:p0 ?a MINUS { _:x (:p1/:p2)* ?a OPTIONAL { :n0 ?p ?d } } }", "n0 p2 n0, n3 p0 n1"),
    # What a SELECT within gives out, though in the evidence it would be another row.
    ("SELECT ?c { ?b !(^:p1|:p1)/:p2 ?b { SELECT (MIN(?a) AS ?c) { :n1 :p0 ?a FILTER NOT EXISTS { ?a :p1 ?b } } } }",
     "n0 p0 n0, n0 p1 n1, n1 p0 n3, n1 p2 n3, n3 p1 n2"),
    # Values at the end are not seen by an EXISTS in the WHERE.
    ("SELECT ?a { FILTER NOT EXISTS { ?a (:p1|:p1)* ?c FILTER NOT EXISTS { ?d :p2 ?b } } :n0 :p0? ?c } "
     "VALUES ?a { :n1 }",
     "n0 p1 n0, n0 p2 n0, n0 p2 n3, n3 p0 n0"),
    # An EXISTS with a SELECT in it, whose variable has its value from outside.
    ("SELECT ?a { ?a (!(^:p1))* :n1 FILTER EXISTS { OPTIONAL { ?c :p0 ?a } { SELECT * { } } ?b ?p :n0 } }",
     "n0 p2 n0, n1 p2 n3, n2 p2 n2, n3 p0 n2, n3 p1 n0"),
    ("SELECT (MIN(?b) AS ?n) { ?d !(^:p0)/(:p2|:p0) ?a "
     "FILTER EXISTS { ?b :p1?/:p1 :n1 OPTIONAL { SELECT ?a { ?a ?p ?b } } } } GROUP BY STR(?a)",
     "n0 p0 n0, n0 p1 n1, n3 p1 n3, n3 p2 n2"),
    ("SELECT ?a ?b { ?a :p0 ?b FILTER EXISTS { SELECT ?a ?b { ?a :p1 ?a OPTIONAL { ?b (:p0/:p0)* :n1 } } } }",
     "n0 p0 n0, n0 p1 n0, n1 p0 n0"),
    ("SELECT ?a { ?a :p0 ?a FILTER(!EXISTS { ?a :p0 ?a FILTER EXISTS { SELECT ?a ?b { ?a :p1 ?a } } } || ?a = ?b) }",
     "n0 p0 n0"),
    # Within an EXISTS, a MINUS sees the values from outside.
    ("SELECT ?a { ?b :p1 ?a FILTER NOT EXISTS { MINUS { ?b :p2+ ?b } } }", "n1 p2 n3, n3 p1 n0, n3 p2 n1"),
    # An OPTIONAL at the beginning knows nothing of what comes after it.
    ("SELECT * { ?b :p1 ?a MINUS { OPTIONAL { ?b :p0 ?a } ?b :p1 _:x } }", "n0 p0 n0, n1 p1 n2"),
    # The value of ?a is from elsewhere: the OPTIONAL finds nothing, and the EXISTS looks at its group.
    ("SELECT ?a { FILTER EXISTS { :n1 :p0 ?a } OPTIONAL { ?c ^:p2 ?a } } VALUES ?a { :n1 }", "n1 p0 n3"),
    # A path of length zero from or to a blank node needs its node to be there.
    ("SELECT ?b { _:x :p2?|:p2 ?b }", "n1 p2 n3"),
    ("SELECT ?a { [] :p2* :n0 }", "n2 p1 n0, n2 p1 n3"),
    ("SELECT ?b { [] ^:p1 ?b }", "n1 p1 n2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "data"), CASES)
def test_what_keeps_others_out_is_part_of_the_evidence(text: str, data: str) -> None:
    """If fewer triples would give other solutions, then what prevents this in the whole graph is in the evidence."""
    text = query_of(text)
    found = matched_rows(store_of(triples_of(data)), text)
    assert found
    for row, matched in found:
        assert row in rows_of(alone(matched), text), matched.edges


@examples(
    15,
    150,
    triples=TRIPLES,
    where=groups(absence=True),
    key=st.sampled_from(["?a", "(STR(?a))", "(STR(?a) AS ?s)", "?a ?c"]),
    what=st.sampled_from(["COUNT(DISTINCT ?b)", "COUNT(*)", "MIN(?b)"]),
)
@example(
    triples=triples_of("n0 p0 n1, n1 p0 n2, n1 p1 n3"),
    where="{ ?a (<x:p0>)+ ?b . FILTER NOT EXISTS { ?b <x:p1> ?c . } }",
    key="?a",
    what="COUNT(DISTINCT ?b)",
)
def test_a_group_rests_on_what_keeps_others_out_of_it(triples, where, key, what) -> None:
    """If solutions are grouped, then the evidence of a group alone gives its row, also where something is absent."""
    text = f"SELECT ({what} AS ?n) WHERE {where} GROUP BY {key}"
    for row, matched in matched_rows(store_of(triples), text):
        assert row in rows_of(alone(matched), text), (row, matched.edges)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("{ ?a :p0 ?b }", True),
        ("{ ?a :p0 ?b OPTIONAL { ?b :p1 ?c } }", True),
        ("{ ?a :p0 ?b FILTER NOT EXISTS { ?a :p1 :n0 } }", True),
        ("{ { ?a :p0 ?b } UNION { ?a :p1 ?b } }", True),
        ("{ ?a :p0 ?b OPTIONAL { ?b :p1 ?c } FILTER(!BOUND(?c)) }", False),
        ("{ ?b :p0 ?c OPTIONAL { ?a :p1 ?c } }", False),
        ("{ ?a :p0 ?b FILTER NOT EXISTS { ?b :p1 ?c } }", False),
        ("{ ?a :p0 ?b MINUS { ?b :p1 ?c } }", False),
        ("{ ?a :p0 ?b BIND(EXISTS { ?b :p1 ?c } AS ?m) }", False),
        ("{ ?a :p0 ?b { SELECT ?b (COUNT(?c) AS ?k) { ?b :p1 ?c } GROUP BY ?b } }", False),
        ("{ ?a :p0 ?b { SELECT ?b { ?b :p1 ?c } LIMIT 1 } }", False),
    ],
)
def test_what_need_not_be_asked_again(where: str, expected: bool) -> None:
    """If nothing but the keys decides what is held back, then the evidence of a count is not asked again."""
    assert self_contained(parse_select(query_of(f"SELECT ?a (COUNT(?b) AS ?n) {where} GROUP BY ?a"))) is expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("{ ?b :p0 ?c OPTIONAL { ?a :p1 ?c } FILTER NOT EXISTS { ?b :p1 ?c } MINUS { ?c :p2 ?b } }", True),
        ("{ ?a :p0 ?b FILTER NOT EXISTS { ?b :p1 ?c FILTER NOT EXISTS { ?c :p1 ?b } } }", False),
        ("{ ?a :p0 ?b OPTIONAL { ?b :p1 ?c OPTIONAL { ?c :p1 ?b } } }", False),
    ],
)
def test_rows_that_are_solutions_rarely_need_more(where: str, expected: bool) -> None:
    """If a row is a solution, then only what is absent within what is absent, or may be, can take it away."""
    assert self_contained(parse_select(query_of(f"SELECT ?a ?b {where}"))) is expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("{ ?b :p0 ?c OPTIONAL { ?b :p1 ?a } }", {"a"}),
        ("{ ?b :p0 ?c OPTIONAL { ?b :p1 ?a } OPTIONAL { ?c :p1 ?d } }", {"a"}),
        ("{ ?b :p0 ?c OPTIONAL { ?b :p1 ?a } OPTIONAL { ?c :p1 ?a } }", None),
        ("{ ?b :p0 ?c OPTIONAL { ?b :p1 ?a } FILTER NOT EXISTS { ?a :p0 ?c } }", None),
        ("{ ?b :p0 ?c OPTIONAL { ?b :p1 ?d } BIND(?d AS ?a) }", None),
        ("{ ?b :p0 ?c OPTIONAL { ?b :p1 ?a FILTER NOT EXISTS { ?a :p0 ?c } } }", None),
    ],
)
def test_a_key_that_may_be_unbound_must_be_bound(where: str, expected: set[str] | None) -> None:
    """If only an OPTIONAL binds a key, then rows that have a value for it need not be asked again, others do."""
    assert required_keys(parse_select(query_of(f"SELECT ?a (COUNT(?b) AS ?n) {where} GROUP BY ?a"))) == expected


def test_a_count_of_claims_rests_on_the_holders_of_those_that_do_not_count() -> None:
    """If a saved query counts the author's own claims, then that others have a holder is in the evidence."""
    answer = run(open_graph(), "claims-by-document")
    place = answer.columns.index("byTheAuthor")
    rows = zip(answer.rows, collect(answer).rows, strict=True)
    for row, rests in rows:
        claims = {s for s, p, _o in rests.triples if p.endswith("#inDocument>")}
        others = {s for s, p, _o in rests.triples if p.endswith("#holder>")}
        assert str(len(claims - others)) == str(row[place]).split('"')[1]
