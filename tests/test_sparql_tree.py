"""SPARQL as a tree: what the engine reads is read, what is printed reads back, and what can be told from the tree."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pyoxigraph
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from timing import grows_linearly

from kg.errors import UsageError
from kg.graph.store import in_memory
from kg.sparql.analysis import (
    all_groups,
    all_patterns,
    changing,
    followed_select,
    named_terms,
    occurrences,
    sees,
    visible,
)
from kg.sparql.parser import Parser, parse, parse_select
from kg.sparql.printer import write
from kg.sparql.syntax_errors import syntax_error
from kg.sparql.syntax_tree import Call, Column, Filter, Group
from kg.sparql.tokens import DEEPEST
from kg.vocab import kg
from tests.random_queries import TRIPLES, VALUES, groups

CASES = Path(__file__).parent / "cases" / "sparql"
READ = (CASES / "read.txt").read_text(encoding="utf-8").splitlines()
UNREAD = (CASES / "unread.txt").read_text(encoding="utf-8").splitlines()
SAVED = sorted((Path(__file__).parent.parent / "queries").glob("*.rq"))
#: Where a node stands, and what the text around it has: not what it says.
PLACES = {"start", "end", "source", "places", "named"}


def said(node: object) -> object:
    """A tree without its places, to be compared."""
    if is_dataclass(node):
        names = [field.name for field in fields(node)]
    elif isinstance(node, tuple):
        names = getattr(node, "_fields", None)
        if names is None:
            return tuple(map(said, node))
    else:
        return node
    return (type(node).__name__, *((name, said(getattr(node, name))) for name in names if name not in PLACES))


def accepted(text: str) -> bool:
    """Whether a text is read here."""
    try:
        parse(text)
    except UsageError:
        return False
    return True


@pytest.mark.parametrize("text", READ)
def test_what_the_engine_reads_is_read_and_printed(text: str) -> None:
    """If the engine reads a text, then so does the parser; the engine reads the print, which is the same tree."""
    assert syntax_error(text) is None
    printed = write(parse(text))
    assert syntax_error(printed) is None
    assert said(parse(printed)) == said(parse(text))


@pytest.mark.parametrize("text", UNREAD)
def test_what_the_engine_refuses_is_refused(text: str) -> None:
    """If the grammar does not have a text, then neither the engine nor the parser reads it."""
    assert syntax_error(text) is not None
    assert not accepted(text)


@pytest.mark.parametrize("path", SAVED, ids=[path.stem for path in SAVED])
def test_every_saved_query_is_printed_as_it_is(path: Path) -> None:
    """If a saved query is printed, then it is the same tree, and short of no variable."""
    tree = parse(path.read_text(encoding="utf-8"))
    printed = write(tree)
    assert said(parse(printed)) == said(tree)
    assert syntax_error(printed) is None


HEADS = st.sampled_from(
    ["SELECT *", "SELECT DISTINCT ?a ?b", "SELECT (COUNT(*) AS ?n)", "ASK", "CONSTRUCT { ?a ?b ?c }"]
)
TAILS = st.sampled_from(["", "ORDER BY DESC(?a) ?b LIMIT 2", f"OFFSET 1 {VALUES}", "HAVING (COUNT(?a) > 1)"])


@examples(20, 300, head=HEADS, where=groups(absence=True), tail=TAILS)
def test_a_random_query_is_printed_as_it_is(head: str, where: str, tail: str) -> None:
    """If a query is printed and read again, then it is the same tree; the engine agrees on whether it is one."""
    text = f"{head} WHERE {where} {tail}"
    printed = write(parse(text))
    assert said(parse(printed)) == said(parse(text))
    assert (syntax_error(printed) is None) == (syntax_error(text) is None)


@examples(20, 300, triples=TRIPLES, where=groups(absence=True))
def test_a_printed_query_gives_the_same_rows(triples, where: str) -> None:
    """If a query is printed, its filters last or where they stood, then it has the rows of the text that was read."""
    text = f"SELECT ?a ?b ?c WHERE {where}"
    store = in_memory(map(" ".join, triples))
    select = parse_select(text)
    assert rows(store, write(select)) == rows(store, text)
    last = sorted(select.where.elements, key=lambda element: isinstance(element, Filter))
    assert rows(store, write(replace(select, where=Group(tuple(last))))) == rows(store, text)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["?s", "?p", "<x:p>", "1", "'x'", "a", "SELECT", "WHERE", "FILTER", "UNION", *"{}()[].;,*+-!^/|?=<>"]
        ),
        max_size=9,
    )
)
def test_the_parser_reads_no_more_than_the_engine(words: list[str]) -> None:
    """If random words are read as a query, then the engine reads them too, but for what it checks beyond grammar."""
    text = "SELECT * { " + " ".join(words) + " }"
    if accepted(text):
        refused = syntax_error(text)
        assert refused is None or "GROUP BY" in refused or "unbound" in refused or "Duplicated" in refused, refused


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ {'{' * 5_000} }}",
        f"SELECT * {{ FILTER({'!' * 5_000}true) }}",
        f"SELECT * {{ FILTER({'(' * 5_000}true) }}",
        f"SELECT * {{ FILTER({'- ' * 5_000}?x) }}",
        f"SELECT * {{ FILTER(?x = 1{' + 1 - 1' * 5_000}) }}",
        f"SELECT * {{ ?s {'(' * 5_000}<x:p>",
        f"SELECT * {{ ?s ?p {'[ ?p ' * 5_000}",
        f"SELECT * {{ ?s ?p {'( ' * 5_000}",
        f"SELECT * {{ {'FILTER EXISTS { ' * 5_000}",
        f"SELECT * {{ {'{ SELECT * { ' * 5_000}",
        f"SELECT * {{ FILTER({'STR(' * 5_000}?x",
    ],
    ids=range(11),
)
def test_what_is_nested_too_deep_is_refused_with_its_place(text: str) -> None:
    """If brackets or operators nest deeper than engines can read, then there is a problem with a place, no crash."""
    with pytest.raises(UsageError, match="KG607"):
        parse(text)
    with pytest.raises(UsageError) as caught:
        Parser(text).query()
    (problem,) = caught.value.problems
    assert problem.code == "KG607"
    assert problem.place is not None


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ {'{' * (DEEPEST - 2)} ?s ?p ?o {'}' * (DEEPEST - 2)} }}",
        f"SELECT * {{ FILTER({'(' * (DEEPEST - 3)}?x{')' * (DEEPEST - 3)}) }}",
        f"SELECT * {{ FILTER({'STR(' * (DEEPEST - 4)}?x{')' * (DEEPEST - 4)}) }}",
        f"SELECT * {{ {'FILTER EXISTS {' * 45} ?s ?p ?o {'}' * 45} }}",
        f"SELECT * {{ {'FILTER(1 = 2 || EXISTS {' * 24} ?s ?p ?o {'})' * 24} }}",
    ],
    ids=range(5),
)
def test_what_is_nested_less_deep_is_read_and_printed(text: str) -> None:
    """If a query is nested nearly as deep as it may, then all that walks the tree comes to its end."""
    tree = parse(text)
    assert syntax_error(write(tree)) is None
    assert list(all_groups(tree.select))
    assert occurrences(tree.select) is not None
    assert visible(tree.select.where) is not None


@pytest.mark.parametrize(
    ("unit", "head", "tail"),
    [
        (";", "ASK { ?s ?p ?o ", " }"),
        (" || ?x = 1", "ASK { FILTER(?x = 0", ") }"),
        ("/<x:p>", "ASK { ?s <x:p>", " ?o }"),
        (" 'x'", "ASK { VALUES ?x {", " } }"),
        (" ?s ?p ?o .", "ASK {", " }"),
        (" OPTIONAL { ?s ?p ?o }", "ASK {", " }"),
        (" UNION { ?s ?p ?o }", "ASK { { ?s ?p ?o }", " }"),
        (" ?o", "ASK { ?s ?p (", ") }"),
    ],
)
def test_time_grows_with_the_length(unit: str, head: str, tail: str) -> None:
    """If a text is four times as long, then reading it takes at most some eight times as long."""

    def read(text: str) -> None:
        with suppress(UsageError):
            Parser(text).query()

    assert grows_linearly(read, f"{head}{unit * 500}{tail}", f"{head}{unit * 2_000}{tail}")


def test_a_value_takes_the_place_of_its_variable() -> None:
    """If a variable has a value, then it is printed as a term wherever it stands, and is bound."""
    text = "SELECT ?a { ?a <x:p> ?v OPTIONAL { ?a ?v ?b FILTER(BOUND(?v) && !BOUND(?w) && '?v' != STR(?v)) } }"
    assert write(parse(text), {"v": "<x:1>"}) == (
        "SELECT ?a WHERE { ?a <x:p> <x:1> . OPTIONAL { ?a <x:1> ?b . "
        'FILTER ((true && (! BOUND(?w)) && ("?v" != STR(<x:1>)))) } }'
    )


def test_the_places_of_nodes_are_those_of_the_text() -> None:
    """If a node is written in some place, then the tree says which."""
    text = "PREFIX x: <x:>\nSELECT * {\n ?s x:p 1 ; x:q 2 .\n FILTER(?s > 1) }\nHAVING (?s = 2) VALUES ?s { 1 }"
    select = parse_select(text)
    assert [text[p.start :].split()[0] for p in select.where.patterns] == ["x:p", "x:q"]
    (found,) = select.where.filters
    assert text[found.start : found.end] == "FILTER(?s > 1)"
    assert (select.clause("HAVING"), select.clause("VALUES")) == ("HAVING (?s = 2)", "VALUES ?s { 1 }")
    assert named_terms(text) == {"<x:p>": text.index("x:p"), "<x:q>": text.index("x:q")}
    assert select.text == text[len("PREFIX x: <x:>\n") :]


def rows(store: pyoxigraph.Store, text: str) -> list[str]:
    return sorted(str(row) for row in store.query(text))


@examples(20, 300, where=groups(absence=True))
def test_every_group_says_where_it_stands(where) -> None:
    """If a query is taken apart, then each group's text stands in the query's where the group says that it starts."""
    text = f"PREFIX x: <x:> SELECT ?a {where} VALUES ?a {{ <x:n0> }}"

    for group in all_groups(parse_select(text)):
        assert text[group.start :].startswith(group.text)
        assert (group.text[0], group.text[-1]) == ("{", "}")


def test_bases_are_relative_to_the_base_before_them() -> None:
    """If a BASE is relative, then it is read against the one before, as are the IRIs and prefixes after it."""
    text = (
        "BASE <https://w3id.org/x/> BASE <serbia-kg/> PREFIX k: <ontology#> SELECT * { ?a <../p> ?b ; k:memberOf ?o }"
    )
    assert set(named_terms(text)) == {"<https://w3id.org/x/p>", "<https://w3id.org/x/serbia-kg/ontology#memberOf>"}
    assert set(named_terms("BASE <https://w3id.org/serbia-kg/ontology> ASK { ?a <#memberOf> ?o }")) == {
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
        "ASK { ?a <x:p> ?b }",
        "BASE x: SELECT * { ?a <p> ?b }",
    ],
)
def test_what_is_not_understood_to_its_end_is_refused(text: str) -> None:
    """If anything of a query is left over or unknown, then it is no SELECT for us."""
    with pytest.raises(UsageError) as caught:
        parse_select(text)
    assert caught.value.problems[0].code == "KG630"
    assert not sees(text, {"<x:p>"})


@pytest.mark.parametrize(
    "where", ["GRAPH ?g { ?s ?p ?o }", "SERVICE <x:s> {}", "LATERAL { ?s ?p ?o }", "?s ?p <<( ?s ?p ?o )>>"]
)
def test_evidence_follows_no_graph_and_no_triple_term(where: str) -> None:
    """If a query leaves the default graph or has a form of SPARQL 1.2, then it is read, and evidence is refused."""
    with pytest.raises(UsageError) as caught:
        followed_select(f"SELECT * {{ {where} }}")
    assert caught.value.problems[0].code == "KG630"


@pytest.mark.parametrize(
    ("where", "seen"),
    [
        ("?a <x:p> ?b", True),
        ("?a <x:q> ?b", False),
        ("?a <x:q>/^<x:p>* ?b", True),
        ("?a ?q ?b", True),
        ("?a a ?b", True),
        ("?a a <x:q>", False),
        ("?a a <x:p>", True),
        ("?a <x:q> <<( ?a <x:r> ?b )>>", True),
        ("?a <x:q> ?b FILTER NOT EXISTS { ?a <x:p> ?c }", True),
    ],
)
def test_a_query_sees_what_it_names_or_leaves_open(where: str, seen: bool) -> None:
    """If a query names a predicate or a class, or leaves one open, then it may have triples with it."""
    assert sees(f"SELECT * {{ {where} }}", {"<x:p>"}) is seen


def test_the_clauses_after_a_where_are_told_apart() -> None:
    """If a SELECT has all clauses, then each is found, in whatever case, with brackets and braces within it."""
    select = parse_select(
        "select distinct ?a (count(?b) as ?n) where { ?a <x:p> ?b } group by ?a str(?a) (?a as ?k) "
        "having (count(?b) > 1) (exists { ?a <x:q> ?c }) "
        "order by desc(?a) ?n offset 2 limit 3 values (?a) { (<x:b>) }"
    )
    assert (select.distinct, select.aggregates, select.limit, select.offset) == ("DISTINCT", True, 3, 2)
    count = Call("COUNT", ("?b",))
    assert select.columns == (Column("a"), Column("n", count))
    assert select.keys == (Column("a"), Column("", Call("STR", ("?a",))), Column("k", "?a"))
    assert select.having[0] == Call(">", (count, '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'))
    assert [(each.expression, each.descending) for each in select.order] == [("?a", True), ("?n", False)]
    assert select.values is not None
    assert select.values.rows == (("<x:b>",),)
    assert [(asked.negated, asked.alone) for asked in select.where.asked] == [(False, False)]
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
