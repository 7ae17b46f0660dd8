"""The matched triples of a row: on random graphs and queries, they alone give the row again."""

from __future__ import annotations

import pyoxigraph
import pytest
from examples import examples
from hypothesis import strategies as st

from kg.evidence.matches import Matcher
from kg.evidence.solutions import row_keys
from kg.sparql.parser import parse_select
from tests.random_queries import TRIPLES, VALUES, groups


def store_of(triples) -> pyoxigraph.Store:
    store = pyoxigraph.Store()
    for triple in triples:
        store.load((" ".join(triple) + " .").encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    return store


def rows_of(store: pyoxigraph.Store, text: str) -> list[dict[str, object]]:
    found = store.query(text)
    names = [variable.value for variable in found.variables]
    return [{n: row[n] for n in names if row[n] is not None} for row in found]


def alone(matched) -> pyoxigraph.Store:
    store = pyoxigraph.Store()
    store.extend(pyoxigraph.Quad(*edge) for edge in matched.edges)
    return store


def matched_rows(store: pyoxigraph.Store, text: str):
    select = parse_select(text)
    return list(Matcher(store).rows(select))


@examples(
    26,
    400,
    triples=TRIPLES,
    where=groups(absence=True),
    head=st.sampled_from(["SELECT", "SELECT DISTINCT", "select reduced"]),
    tail=st.sampled_from(["", VALUES, "ORDER BY ?a LIMIT 2"]),
)
def test_matched_triples_alone_give_the_row_again(triples, where, head, tail) -> None:
    """If a query has a row, then its matched triples alone give it again; that something is not there is said."""
    text = f"{head} ?a ?b ?c ?m WHERE {where} {tail}"
    store = store_of(triples)
    # Which rows a limit leaves out depends on all that there are, and on the engine's mood.
    unlimited = text.removesuffix("LIMIT 2")
    for row, matched in matched_rows(store, text):
        assert row in rows_of(store, unlimited)
        assert all(pyoxigraph.Quad(*edge) in store for edge in matched.edges)
        assert row in rows_of(alone(matched), unlimited), (row, matched.edges)
        assert matched.absent or str(row.get("m")) != str(pyoxigraph.Literal(False))


@examples(
    16,
    250,
    triples=TRIPLES,
    where=groups(depth=1),
    key=st.sampled_from(["?a", "(STR(?a))", "STR(?a)", "(STR(?a) AS ?s)"]),
    distinct=st.sampled_from(["", "DISTINCT "]),
)
def test_a_group_rests_on_its_members(triples, where, key, distinct) -> None:
    """If solutions are grouped and counted, then the triples of a group alone give its row, count included.

    So it is whatever the key: a column, none, or an expression without a name.
    """
    columns = "?a (COUNT(DISTINCT ?b) AS ?n)" if key == "?a" and not distinct else "(COUNT(DISTINCT ?b) AS ?n)"
    text = f"SELECT {distinct}{columns} WHERE {where} GROUP BY {key}"
    store = store_of(triples)
    for row, matched in matched_rows(store, text):
        assert row in rows_of(alone(matched), text), (row, matched.edges)


@examples(8, 125, triples=TRIPLES, where=groups(depth=1))
def test_a_row_rests_on_nothing_of_other_groups(triples, where) -> None:
    """If a key has no name, then a row rests on what the same row has whose key is a column."""
    named = f"SELECT ?s (COUNT(?b) AS ?n) WHERE {where} GROUP BY (STR(?a) AS ?s) ORDER BY ?s"
    unnamed = f"SELECT (COUNT(?b) AS ?n) WHERE {where} GROUP BY STR(?a) ORDER BY STR(?a)"
    store = store_of(triples)

    def told(text: str) -> list[tuple[str, list[str]]]:
        return sorted((str(row["n"]), sorted(map(str, matched.edges))) for row, matched in matched_rows(store, text))

    assert told(unnamed) == told(named)


def edges_of(data: str, text: str) -> list[set[str]]:
    """For each row of a query, its matched triples, ``x:`` left out."""
    store = pyoxigraph.Store()
    store.load(f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> {data}".encode(), format=pyoxigraph.RdfFormat.TURTLE)
    shown = ({" ".join(map(str, edge)) for edge in matched.edges} for _row, matched in matched_rows(store, text))
    return [{line.replace("<x:", "").replace(">", "") for line in lines} for lines in shown]


CHAIN = "<x:a> <x:p> <x:b> . <x:b> <x:q> <x:c> . <x:a> <x:a0> <x:z> ."


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("<x:a> <x:p>/<x:q>? ?o", [{"a p b"}, {"a p b", "b q c"}]),
        ("<x:a> <x:p>/<x:r>* ?o", [{"a p b"}]),
        ("?o <x:r>* <x:b> . <x:a> <x:p> ?o", [{"a p b"}]),
        ("?s <x:p> ?o { SELECT ?o { ?o <x:r>* ?o } }", [{"a p b"}]),
    ],
)
def test_a_path_of_length_zero_adds_nothing_to_a_node_that_is_there(where, expected) -> None:
    """If a node stands in another triple of the row, then that a path goes no step from it needs no other triple."""
    assert sorted(edges_of(CHAIN, f"SELECT ?o {{ {where} }}"), key=len) == expected


def test_a_path_of_length_zero_alone_needs_a_triple_with_the_node() -> None:
    """If nothing else has the node, then the first triple by name that has it shows that it is there."""
    assert edges_of(CHAIN, "SELECT ?o { <x:a> <x:r>* ?o }") == [{"a a0 z"}]


@pytest.mark.parametrize(
    "pattern",
    [
        "?a <x:p> 6. ?a <x:q> ?b",
        "?a <x:p> +6 ; <x:q> ?b",
        "?a <x:p>+6 ; <x:q> ?b",
        '?a <x:p> "6"^^<http://www.w3.org/2001/XMLSchema#int> ; <x:q> ?b',
        '?a <x:p> "06"^^<http://www.w3.org/2001/XMLSchema#integer> ; <x:q> ?b',
        r"?a <x:\u0070> 6 ; <x:q> ?b",
    ],
)
def test_literals_are_those_of_the_store(pattern) -> None:
    """If a literal is written otherwise than the store keeps it, then the triple is found all the same."""
    six = '"6"^^<http://www.w3.org/2001/XMLSchema#integer'
    assert edges_of("<x:a> <x:p> 6 ; <x:q> <x:b> .", f"SELECT ?a {{ {pattern} }}") == [{f"a p {six}", "a q b"}]


def test_a_decimal_is_one_however_it_is_written() -> None:
    """If a decimal has a zero too many, then it is the same value, in the query as in the store."""
    data, five = '<x:a> <x:p> "5.0"^^xsd:decimal .', '"5"^^<http://www.w3.org/2001/XMLSchema#decimal'
    for text in ("5.0", "5.00", '"5.0"^^<http://www.w3.org/2001/XMLSchema#decimal>'):
        assert edges_of(data, f"SELECT ?a {{ ?a <x:p> {text} }}") == [{f"a p {five}"}]


def test_values_at_the_end_count() -> None:
    """If VALUES after the query leaves some solutions, then rows rest on those alone."""
    data = "<x:a> <x:p> <x:b> , <x:c> ."
    assert edges_of(data, "SELECT ?a { ?a <x:p> ?b } VALUES ?b { <x:b> }") == [{"a p b"}]


@pytest.mark.parametrize("column", ["(RAND() AS ?r)", "(NOW() AS ?n)", "(STRUUID() AS ?u) (STRLEN(?u) AS ?l)"])
def test_a_column_that_is_never_the_same_hides_no_evidence(column) -> None:
    """If a column has another value at every asking, then rows are told apart by the others."""
    data = "<x:a> <x:p> <x:b> . <x:c> <x:p> <x:d> ."
    assert sorted(map(str, edges_of(data, f"SELECT ?a {column} {{ ?a <x:p> ?b }}"))) == ["{'a p b'}", "{'c p d'}"]
    within = f"SELECT ?a {{ {{ SELECT ?a {column} {{ ?a <x:p> ?b }} }} }}"
    assert sorted(map(str, edges_of(data, within))) == ["{'a p b'}", "{'c p d'}"]


def test_keys_are_the_columns_or_what_is_grouped_by() -> None:
    """If a query groups, then its keys tell rows apart, named or not; else its columns do."""
    assert row_keys(parse_select("SELECT ?a (COUNT(?b) AS ?n) { ?a ?p ?b } GROUP BY ?a")) == ["a"]
    assert row_keys(parse_select("SELECT * { ?a <x:p> ?b FILTER NOT EXISTS { ?a ?q ?c } }")) == ["a", "b"]
    assert len(row_keys(parse_select("SELECT (COUNT(?b) AS ?n) { ?a ?p ?b } GROUP BY STR(?a)"))) == 1
