"""Joins with a UNION, distributed over its branches: the same rows, and found from what a branch binds."""

from __future__ import annotations

from collections import Counter

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.sparql.unions import distributed
from tests.random_queries import ENDS, TRIPLES, groups, paths

BRANCH = "{ ?a <x:p0> ?b BIND(<x:n1> AS ?c) FILTER(?b != ?a) }"
BRANCHES = st.one_of(
    groups(1, absence=True),
    st.sampled_from(
        [
            BRANCH,
            "{ ?a <x:p0> ?b BIND(?b AS ?c) }",
            "{ VALUES ?c { <x:n0> <x:n2> } ?a <x:p1> ?c }",
            "{ ?a <x:p0> [] FILTER(!BOUND(?c)) }",
            "{ ?b <x:p2> ?a FILTER NOT EXISTS { ?a <x:p0> ?c } }",
            "{ BIND(<x:n0> AS ?a) }",
        ]
    ),
)


@st.composite
def unions(draw: st.DrawFn) -> str:
    """A SELECT of a UNION with triple patterns after it, and what can stand beside them."""
    after = [f"{draw(ENDS)} {draw(paths(1))} {draw(ENDS)} ." for _ in range(draw(st.integers(1, 2)))]
    others = ["", "FILTER(?a != ?c)", "OPTIONAL { ?b <x:p1> ?d }", "BIND(STR(?a) AS ?s)", "VALUES ?a { <x:n0> }"]
    parts = [draw(BRANCHES), "UNION", draw(BRANCHES), draw(st.sampled_from(others[:2])), *after]
    return f"SELECT * {{ {' '.join(parts)} {draw(st.sampled_from(others))} }}"


def rows(store: pyoxigraph.Store, text: str) -> Counter[tuple[tuple[str, str], ...]]:
    """The rows of a SELECT by column, each with how often it comes."""
    found = store.query(text)
    assert isinstance(found, pyoxigraph.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return Counter(
        tuple(sorted((name, str(value)) for name, value in zip(names, row, strict=True) if value)) for row in found
    )


@settings(max_examples=150)
@given(TRIPLES, unions())
def test_a_distributed_query_has_the_same_rows(triples: list[tuple[str, str, str]], text: str) -> None:
    """If triple patterns are moved into the branches of a UNION, then the same rows come, each as often."""
    store = pyoxigraph.Store()
    store.load("".join(f"{' '.join(t)} .\n" for t in triples).encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    assert rows(store, distributed(text)) == rows(store, text)


MOVED = "?c <x:p2> ?d"


@pytest.mark.parametrize(
    ("where", "moved"),
    [
        (f"{BRANCH} UNION {{ ?b <x:p1> ?c }} {MOVED}", True),
        (f"{BRANCH} UNION {{ ?b <x:p1> ?c }} FILTER(?d != ?c) {MOVED} OPTIONAL {{ ?d ?e ?f }}", True),
        (f"{{ SELECT * {{ {BRANCH} UNION {{ ?b <x:p1> ?c }} {MOVED} }} }}", True),
        ("{ ?a <x:p0> ?c } UNION { ?b <x:p1> ?c } ?c <x:p2> []", False),
        (f"{{ ?a <x:p0> ?c FILTER(!BOUND(?d)) }} UNION {{ ?b <x:p1> ?c }} {MOVED}", False),
        (f"{{ ?a <x:p0> ?b }} UNION {{ ?b <x:p1> ?c }} {MOVED}", False),
        (f"{{ ?a <x:p0> ?c OPTIONAL {{ ?a ?b ?c }} }} UNION {{ ?b <x:p1> ?c }} {MOVED}", False),
        (f"{MOVED} {{ ?a <x:p0> ?c }} UNION {{ ?b <x:p1> ?c }}", False),
        (f"{{ ?a <x:p0> ?c }} UNION {{ ?b <x:p1> ?c }} {MOVED} VALUES ?d {{ 1 }}", False),
        ("{ ?a <x:p0> ?c } UNION {", False),
    ],
)
def test_triples_are_moved_where_each_branch_leads_to_them(where: str, moved: bool) -> None:
    """If each branch binds what the patterns after a UNION go on from, and means the same, then they move."""
    text = f"SELECT * {{ {where} }}"
    assert (distributed(text) != text) is moved
