"""Joins with a UNION or a SELECT step by step: the same rows, found from what stands before."""

from __future__ import annotations

from collections import Counter

import pyoxigraph
import pytest
from examples import examples
from hypothesis import strategies as st

from kg.sparql.stepwise import stepwise
from tests.random_queries import ENDS, TRIPLES, groups, paths, selects

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
    others = [
        "",
        "FILTER(?a != ?c)",
        "OPTIONAL { ?b <x:p1> ?d }",
        "OPTIONAL { ?d <x:p1> ?b ; <x:p2> ?c } ?d <x:p0> ?e OPTIONAL { ?c <x:p0> ?f }",
        "OPTIONAL { ?b <x:p1> ?d FILTER(?d != ?a) } ?b <x:p0> ?e",
        "OPTIONAL { ?d <x:p1> ?b OPTIONAL { ?d <x:p2> ?c } FILTER(!BOUND(?a) || BOUND(?c)) }",
        "OPTIONAL { ?b <x:p1> ?d FILTER NOT EXISTS { ?d ?e ?a } }",
        "BIND(STR(?a) AS ?s)",
        "VALUES ?a { <x:n0> }",
    ]
    head = [draw(BRANCHES), "UNION", draw(BRANCHES)] if draw(st.booleans()) else [draw(selects(1))]
    parts = [*head, draw(st.sampled_from(others[:2])), *after]
    return f"SELECT * {{ {' '.join(parts)} {draw(st.sampled_from(others))} }}"


def rows(store: pyoxigraph.Store, text: str) -> Counter[tuple[tuple[str, str], ...]]:
    """The rows of a SELECT by column, each with how often it comes."""
    found = store.query(text)
    assert isinstance(found, pyoxigraph.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return Counter(
        tuple(sorted((name, str(value)) for name, value in zip(names, row, strict=True) if value)) for row in found
    )


@examples(30, 300, TRIPLES, unions())
def test_a_query_asked_step_by_step_has_the_same_rows(triples: list[tuple[str, str, str]], text: str) -> None:
    """If patterns are found from the solutions of a UNION or SELECT, then the same rows come, each as often."""
    store = pyoxigraph.Store()
    store.load("".join(f"{' '.join(t)} .\n" for t in triples).encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    assert rows(store, stepwise(text)) == rows(store, text)


MOVED = "?c <x:p2> ?d"


@pytest.mark.parametrize(
    ("where", "moved"),
    [
        (f"{BRANCH} UNION {{ ?b <x:p1> ?c }} {MOVED}", True),
        (f"{BRANCH} UNION {{ ?b <x:p1> ?c }} FILTER(?d != ?c) {MOVED} OPTIONAL {{ ?d ?e ?f }}", True),
        (f"{{ SELECT * {{ {BRANCH} UNION {{ ?b <x:p1> ?c }} {MOVED} }} }}", True),
        (f"{{ SELECT ?c {{ ?a <x:p0> ?c }} }} {MOVED}", True),
        (f"{{ SELECT (MAX(?a) AS ?d) {{ ?a <x:p0> ?c }} }} {MOVED}", False),
        (f"{{ ?a <x:p0> ?b }} UNION {{ ?b <x:p1> ?c }} {MOVED}", False),
        (f"{MOVED} {{ ?a <x:p0> ?c }} UNION {{ ?b <x:p1> ?c }}", False),
        (f"VALUES ?d {{ 1 }} {{ ?a <x:p0> ?c }} UNION {{ ?b <x:p1> ?c }} {MOVED}", False),
        ("{ ?a <x:p0> ?c } UNION {", False),
    ],
)
def test_triples_are_found_from_what_stands_before_them(where: str, moved: bool) -> None:
    """If each branch binds what the patterns after it go on from, then these are asked for each solution."""
    text = f"SELECT * {{ {where} }}"
    assert ("LATERAL" in stepwise(text)) is moved
