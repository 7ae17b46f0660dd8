"""What a query matches, from its text alone: the structure of a SELECT, and the predicates that it can see."""

from __future__ import annotations

import pyoxigraph
import pytest
from hypothesis import given, settings

from kg.errors import UsageError
from kg.graph.store import in_memory, open_graph
from kg.graph.views import View
from kg.sparql import Group, all_patterns, changing, inner_groups, parse_select, predicates_of, visible
from kg.vocab import kg
from tests.random_queries import TRIPLES, groups


def rows(store: pyoxigraph.Store, text: str) -> list[str]:
    return sorted(str(row) for row in store.query(text))


@settings(max_examples=200, deadline=None)
@given(triples=TRIPLES, where=groups(absence=True))
def test_the_triples_that_a_query_names_are_all_that_it_needs(triples, where) -> None:
    """If only the triples with a query's predicates are loaded, then it gives the rows of the whole store."""
    text = f"SELECT ?a ?b ?c ?m WHERE {where}"
    predicates = predicates_of(text)
    if predicates is not None:
        part = in_memory(triple for triple in triples if triple[1] in predicates)
        assert rows(part, text) == rows(in_memory(triples), text)


@settings(max_examples=200, deadline=None)
@given(where=groups(absence=True))
def test_every_group_says_where_it_stands(where) -> None:
    """If a query is taken apart, then each group's text stands in the query's where the group says that it starts."""
    text = f"PREFIX x: <x:> SELECT ?a {where} VALUES ?a {{ <x:n0> }}"

    def check(group: Group) -> None:
        assert text[group.start :].startswith(group.text)
        assert (group.text[0], group.text[-1]) == ("{", "}")
        for inner in inner_groups(group):
            check(inner)

    check(parse_select(text).where)


OBSERVERS = [
    "{ SELECT ?o { ?x kg:memberOf ?o } VALUES ?o { id:csto } } ?a kg:observerWithin ?o",
    "{ select ?o (count(?x) as ?n) { ?x kg:memberOf ?o } group by ?o having (count(?x) > 1) order by ?o limit 5 } "
    "?a kg:observerWithin ?o",
    r"?a <https://w3id.org/serbia-kg/ontology#observ\u0065rOf> ?o",
    "?a kg:memberOf id:csto ; OPTIONAL { ?a kg:observerOf ?o }",
    "?a kg:observerOf ?o ;; FILTER(true)",
]


@pytest.mark.parametrize("where", OBSERVERS)
@pytest.mark.parametrize("view", [View(accept="attributed"), View(without=frozenset(["ecfr-2022"]))])
def test_a_view_loaded_in_part_gives_the_rows_of_the_whole(where: str, view: View) -> None:
    """If a view is not the default one, then the part of it that a query needs gives what all of it would give."""
    text = (
        f"PREFIX kg: <https://w3id.org/serbia-kg/ontology#> PREFIX id: <https://w3id.org/serbia-kg/id/> "
        f"SELECT ?a ?o {{ {where} }}"
    )
    graph = open_graph().in_view(view)
    found = sorted(map(str, graph.rows(text)))
    assert found
    assert "store" not in vars(graph)
    assert found == sorted(str(tuple(None if v is None else str(v) for v in row)) for row in graph.store.query(text))


def test_bases_are_relative_to_the_base_before_them() -> None:
    """If a BASE is relative, then it is read against the one before, as are the IRIs and prefixes after it."""
    text = (
        "BASE <https://w3id.org/x/> BASE <serbia-kg/> PREFIX k: <ontology#> SELECT * { ?a <../p> ?b ; k:memberOf ?o }"
    )
    assert predicates_of(text) == {"<https://w3id.org/x/p>", "<https://w3id.org/x/serbia-kg/ontology#memberOf>"}
    assert predicates_of("BASE <https://w3id.org/serbia-kg/ontology> SELECT * { ?a <#memberOf> ?o }") == {
        kg("memberOf")
    }


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?a <x:p> ?b } }",
        "SELECT * { ?a <x:p> ?b } LIMIT 5 { ?c <x:q> ?d }",
        "SELECT * { { SELECT ?a { ?a <x:p> ?b } ?c <x:q> ?d } }",
        "SELECT * { ?a <x:p> ?b } GROUP BY ?a VALUES ?a { <x:n> } ?c",
        "SELECT * { ?a <x:p> ?b ",
        "SELECT * { ?a undeclared:p ?b }",
        r"SELECT * { ?a <x:\UFFFFFFFF> ?b }",
        r'SELECT * { ?a <x:p> "\uD800" }',
        "SELECT * { GRAPH ?g { ?a <x:p> ?b } }",
        "ASK { ?a <x:p> ?b }",
        "BASE x: SELECT * { ?a <p> ?b }",
    ],
)
def test_what_is_not_understood_to_its_end_is_refused(text: str) -> None:
    """If anything of a query is left over or unknown, then it is no SELECT for us, and may see any predicate."""
    with pytest.raises(UsageError) as caught:
        parse_select(text)
    assert caught.value.problems[0].code == "KG630"
    assert predicates_of(text) is None


@pytest.mark.parametrize("path", ["?p", "!<x:p>", "<x:p>*", "<x:p>/<x:q>?"])
def test_some_patterns_see_any_predicate(path: str) -> None:
    """If a pattern can match any predicate or node, then nothing is said of the predicates that a query sees."""
    assert predicates_of(f"SELECT * {{ ?a {path} ?b }}") is None


def test_the_clauses_after_a_where_are_told_apart() -> None:
    """If a SELECT has all clauses, then each is found, in whatever case, with brackets and braces within it."""
    select = parse_select(
        "select distinct ?a (count(?b) as ?n) where { ?a <x:p> ?b } group by ?a str(?a) (?a as ?k) "
        "having (count(?b) > 1) (exists { ?a <x:q> ?c }) "
        "order by desc(?a) ?n offset 2 limit 3 values (?a) { (<x:b>) }"
    )
    assert (select.distinct, select.aggregates, select.limit, select.offset) == (True, True, 3, 2)
    assert select.columns == [("a", None), ("n", "count(?b)")]
    assert select.keys == [("a", "?a"), (None, "str(?a)"), ("k", "?a")]
    assert select.grouping == "group by ?a str(?a) (?a as ?k)"
    assert select.having == "having (count(?b) > 1) (exists { ?a <x:q> ?c })"
    assert select.order == "order by desc(?a) ?n"
    assert select.values == "values (?a) { (<x:b>) }"
    assert [inner.asked for inner in select.where.exists] == [True]
    assert len(list(all_patterns(select.where))) == 2


def test_a_group_shows_the_variables_that_it_gives_values() -> None:
    """If a variable is only asked for, or stays within a SELECT or MINUS, then a group does not give it a value."""
    where = parse_select(
        "SELECT * { ?a <x:p> [ <x:q> ?b ] . BIND(?b AS ?c) VALUES ?d { 1 } OPTIONAL { ?a <x:r> ?e } "
        "{ SELECT ?f (COUNT(?g) AS ?n) { ?f <x:s> ?g } GROUP BY ?f } "
        "MINUS { ?a <x:t> ?h } FILTER NOT EXISTS { ?a <x:u> ?i } FILTER(BOUND(?j)) }"
    ).where
    assert visible(where) == set("abcdefn")


def test_what_changes_at_every_asking_is_known_through_expressions() -> None:
    """If a value comes of RAND, NOW or UUID, then it changes, also through BIND and a SELECT within."""
    text = "SELECT ?a (?r + 1 AS ?s) (STR(?a) AS ?t) { ?a <x:p> ?b { SELECT ?a (rand() AS ?r) { ?a <x:p> ?c } } }"
    assert changing(parse_select(text)) == {"r", "s"}
