"""The rows of an answer that a change can touch: asked of these alone, a query tells exactly what differs."""

from collections import Counter

import pyoxigraph
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.compare.relevance import Changed, affected
from kg.compare.rows import ALL, NONE, Affected, restricted, telling_columns
from kg.sparql import parse_select

EX = "http://example.org/"
NAMES = [f"ex:n{number}" for number in range(4)]
PREDICATES = [f"ex:p{number}" for number in range(3)]
VARIABLES = ["?a", "?b", "?c"]

term = st.sampled_from([*VARIABLES, *VARIABLES, *NAMES])
predicate = st.sampled_from(
    [*PREDICATES, *PREDICATES, *PREDICATES, "?p", "ex:p0/ex:p1", "^ex:p1", "ex:p0|ex:p2", "ex:p2+", "ex:p1*"]
)
pattern = st.tuples(term, predicate, term).map(lambda parts: f"{' '.join(parts)} .")
condition = st.sampled_from(
    [
        "FILTER(?a != ex:n0)",
        "FILTER(!BOUND(?c))",
        "FILTER(?b = ?c)",
        "VALUES ?b { ex:n1 ex:n2 }",
        "BIND(?a AS ?d)",
        "",
    ]
)


def groups(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What may stand in a group beside its patterns."""
    two = st.tuples(inner, inner)
    return st.one_of(
        inner.map(lambda text: f"OPTIONAL {{ {text} }}"),
        inner.map(lambda text: f"MINUS {{ {text} }}"),
        inner.map(lambda text: f"FILTER NOT EXISTS {{ {text} }}"),
        inner.map(lambda text: f"FILTER EXISTS {{ {text} }}"),
        inner.map(lambda text: f"{{ {text} }}"),
        two.map(lambda texts: f"{{ {texts[0]} }} UNION {{ {texts[1]} }}"),
        inner.map(lambda text: f"{{ SELECT ?a ?b WHERE {{ {text} }} }}"),
        inner.map(lambda text: f"{{ SELECT ?a (COUNT(?b) AS ?n) WHERE {{ {text} }} GROUP BY ?a }}"),
        inner.map(lambda text: f"{{ SELECT (COUNT(?b) AS ?n) WHERE {{ {text} }} }}"),
    )


body = st.lists(pattern, min_size=1, max_size=3).map(" ".join)
parts = st.lists(groups(st.one_of(body, groups(body))), max_size=2).map(" ".join)
where = st.tuples(body, parts, condition, st.booleans()).map(
    lambda drawn: f"{drawn[0]} {drawn[1]} {drawn[2]}" if drawn[3] else f"{drawn[1]} {drawn[0]} {drawn[2]}"
)
question = st.tuples(
    st.sampled_from(
        [
            "SELECT * WHERE {{ {} }}",
            "SELECT ?a ?b WHERE {{ {} }}",
            "SELECT DISTINCT ?b ?c WHERE {{ {} }}",
            "SELECT ?a (COUNT(?b) AS ?many) WHERE {{ {} }} GROUP BY ?a",
            "SELECT DISTINCT (COUNT(?b) AS ?many) WHERE {{ {} }} GROUP BY ?a",
            "SELECT DISTINCT ?a (MIN(?b) AS ?least) WHERE {{ {} }} GROUP BY ?a ?c HAVING (COUNT(?b) > 0)",
            "SELECT (COUNT(*) AS ?many) WHERE {{ {} }}",
            "SELECT ?a WHERE {{ {} }} ORDER BY ?a LIMIT 2",
        ]
    ),
    where,
).map(lambda drawn: f"PREFIX ex: <{EX}> {drawn[0].format(drawn[1])}")
triple = st.tuples(st.sampled_from(NAMES), st.sampled_from(PREDICATES), st.sampled_from(NAMES)).map(
    lambda parts: tuple(f"<{EX}{part[3:]}>" for part in parts)
)
graph = st.frozensets(triple, max_size=12)


def store_of(triples):
    store = pyoxigraph.Store()
    for each in triples:
        store.load(f"{' '.join(each)} .".encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    return store


def rows_of(store, text):
    answer = store.query(text)
    names = [variable.value for variable in answer.variables]
    return Counter(frozenset((name, str(value)) for name, value in zip(names, row, strict=True)) for row in answer)


def part_of(store, text, rows):
    if not rows:
        return Counter()
    return rows_of(store, text if rows.all else restricted(text, rows))


def valid(text):
    try:
        pyoxigraph.Store().query(text)
    except SyntaxError:
        return False
    return True


@given(question.filter(valid), graph, graph)
@settings(max_examples=300, deadline=None)
@example(
    f"PREFIX ex: <{EX}> SELECT ?a ?b WHERE {{ ?a ex:p0 ?b . MINUS {{ ?a ex:p1 ?c }} }}",
    frozenset({(f"<{EX}n0>", f"<{EX}p0>", f"<{EX}n1>")}),
    frozenset({(f"<{EX}n0>", f"<{EX}p0>", f"<{EX}n1>"), (f"<{EX}n0>", f"<{EX}p1>", f"<{EX}n1>")}),
)
@example(
    f"PREFIX ex: <{EX}> SELECT DISTINCT (COUNT(?b) AS ?many) WHERE {{ ?a ex:p0 ?b }} GROUP BY ?a",
    frozenset({(f"<{EX}n2>", f"<{EX}p0>", f"<{EX}n2>")}),
    frozenset({(f"<{EX}n2>", f"<{EX}p0>", f"<{EX}n2>"), (f"<{EX}n0>", f"<{EX}p0>", f"<{EX}n3>")}),
)
def test_what_is_asked_in_part_tells_all_that_differs(text, before, after):
    """If two graphs differ, then the rows asked for differ exactly as the whole answers do, and are rows of them."""
    old, new = store_of(before), store_of(after)
    rows = affected(text, Changed(before - after), old) | affected(text, Changed(after - before), new)
    whole = [rows_of(store, text) for store in (old, new)]
    part = [part_of(store, text, rows) for store in (old, new)]
    assert part[1] - part[0] == whole[1] - whole[0]
    assert part[0] - part[1] == whole[0] - whole[1]
    for some, every in zip(part, whole, strict=True):
        assert not some - every


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("SELECT ?a ?b { ?a ex:p ?b }", ["a", "b"]),
        ("SELECT ?a ?c { ?a ex:p ?b OPTIONAL { ?a ex:q ?c } }", ["a"]),
        ("SELECT ?a { { ?a ex:p ?b } UNION { ?a ex:q ?c } }", ["a"]),
        ("SELECT ?a { { ?a ex:p ?b } UNION { ?b ex:q ?c } }", []),
        ("SELECT ?a (COUNT(?b) AS ?n) { ?a ex:p ?b } GROUP BY ?a", ["a"]),
        ("SELECT ?a (COUNT(?b) AS ?n) { ?a ex:p ?b } GROUP BY (STR(?a) AS ?a)", []),
        ("SELECT (COUNT(?b) AS ?n) { ?a ex:p ?b } GROUP BY ?a", ["a"]),
        ("SELECT DISTINCT (COUNT(?b) AS ?n) { ?a ex:p ?b } GROUP BY ?a", []),
        ("SELECT DISTINCT ?a (COUNT(?b) AS ?n) { ?a ex:p ?b . ?a ex:q ?c } GROUP BY ?a ?c", ["a"]),
        ("SELECT (COUNT(?b) AS ?n) { ?a ex:p ?b }", []),
        ("SELECT ?a { ?a ex:p ?b } LIMIT 3", []),
        ("SELECT ?a { { SELECT ?a { ?a ex:p ?b } } }", ["a"]),
        ("SELECT ?a { SELECT ?a { ?a ex:p ?b } }", []),
        ("SELECT ?d { ?a ex:p ?b BIND(?a AS ?d) }", []),
    ],
)
def test_which_columns_tell_rows_apart(text, columns):
    """A column tells rows apart when every solution binds it, and no row depends on others."""
    assert telling_columns(parse_select(f"PREFIX ex: <{EX}> {text}")) == columns


def test_rows_in_different_columns_are_told_by_those_in_common():
    """If two changes touch rows known by different columns, then they are told apart by what both know."""
    one, other = Affected(("a", "b"), frozenset({("1", "2")})), Affected(("b", "c"), frozenset({("3", "4")}))
    assert one | other == Affected(("b",), frozenset({("2",), ("3",)}))
    assert one | NONE == NONE | one == one
    assert one | ALL == ALL
    assert one | Affected(("d",), frozenset({("1",)})) == ALL
