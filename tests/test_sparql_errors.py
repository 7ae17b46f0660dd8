"""What is wrong with a query is said in words that its writer can use."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import UsageError
from kg.graph.store import Graph
from kg.queries import ask
from kg.sparql.syntax_errors import syntax_problem
from kg.sparql.tokens import DEEPEST, refuse_unsafe


@pytest.mark.parametrize(
    ("query", "place", "said"),
    [
        ("SELECT * { ?s foo:bar ?o }", "1:15", "the prefix foo: is not declared"),
        ("SELECT * { ?s kg:a ?o .\n ?o sko:b 1 }", "2:5", "the prefix sko: is not declared"),
        ("SELECT * {\n ?s kg:a", "2:9", "the query ends before the { at 1:10 is closed; expected a variable, a name"),
        ("SELECT * { ?s kg:a ?o FILTER(?o = ", "1:35", "before the ( at 1:29 is closed"),
        ("SELECT ?s WHERE { ?s kg:a }", "1:27", "} cannot stand here; expected a variable"),
        ("SELECT ?s {\n ?s ?p }\n", "2:8", "} cannot stand here"),
        ("SELECT ?s { ?s ?p ?o FILTER(?o ?p) }", "1:32", "?p cannot stand here"),
        ('SELECT * { ?s kg:a "x }', "1:20", "a text begins here that has no end"),
        ("SELECT * { ?s kg:a ?o }}", "1:24", "this } closes nothing"),
        ("SELECT * { ?s kg:a ?o } LIMIT x", "1:31", "x cannot stand here; expected a number"),
        ("SELECT ?s WHERE ?s kg:a ?o", "1:17", "?s cannot stand here; expected {"),
        ("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o }", "1:40", "The SELECT contains a variable that is unbound"),
        ("SELECT ?x { BIND(1 AS ?x) BIND(2 AS ?x) }", "1:42", "this is no query as a whole"),
    ],
)
def test_what_is_wrong_is_said(small: Graph, query: str, place: str, said: str) -> None:
    """The place is the writer's, though declarations were put before the text, and no character ranges are shown."""
    with pytest.raises(UsageError) as caught:
        ask(small, query)
    (problem,) = caught.value.problems
    assert (problem.code, str(problem.place)) == ("KG604", f"query:{place}")
    assert said in problem.message
    assert len(problem.message) < 150


def test_an_unknown_prefix_has_its_remedy(small: Graph) -> None:
    """What it may have been meant for, how it is declared, and those that need no declaration."""
    with pytest.raises(UsageError) as caught:
        ask(small, "SELECT * { ?s sko:bar ?o }")
    remedy = caught.value.problems[0].remedy
    assert remedy.startswith("Did you mean skos:? Declare it: PREFIX sko: <…>. Known without that are claim:,")
    assert " kg:," in remedy
    with pytest.raises(UsageError, match="the prefix sko: is not declared"):
        ask(small, "SELECT * { ?s sko:bar ?o }", timeout=None)


@given(st.lists(st.sampled_from([*'{}()[].;#<\n"1', "?s", "?p", "kg:a", "a:b", "'x'", "SELECT", "WHERE", "FILTER"])))
def test_every_refusal_is_said(words: list[str]) -> None:
    """Whatever is refused has a message without the parser's own notation, and a place within the text."""
    text = "SELECT * { " + " ".join(words)
    try:
        pyoxigraph.Store().query(text)
    except SyntaxError as error:
        problem = syntax_problem("KG604", str(error.msg), text)
        assert "..=" not in problem.message
        assert "[_]" not in problem.message
        if problem.place is not None:
            assert problem.place.line is not None
            assert 1 <= problem.place.line <= text.count("\n") + 1


@pytest.mark.parametrize("opening", ["{", "(", "["])
def test_what_is_nested_too_deep_is_refused(opening: str) -> None:
    """Brackets are counted before any engine reads the text; in texts and comments they are none."""
    closing = {"{": "}", "(": ")", "[": "]"}[opening]

    def nested(depth: int) -> str:
        return f"SELECT * # {opening * 200}\n{{ ?s ?p '{opening * 200}' {opening * depth}{closing * depth} }}"

    refuse_unsafe(nested(DEEPEST - 1))
    with pytest.raises(UsageError, match=r"KG607.*nested too deep"):
        refuse_unsafe(nested(DEEPEST))


def test_mistyped_terms_are_named(small: Graph) -> None:
    """Where nothing is found, terms and entities that the graph lacks are named with what is near."""
    notes = ask(small, "SELECT * { ?s kg:memberof id:aliance . ?s kg:observerOf ?o }").notes
    told = [note for note in notes if note.startswith("Nothing in the graph is called")]
    assert [note.partition(";")[0] for note in told] == [
        "Nothing in the graph is called kg:memberof",
        "Nothing in the graph is called id:aliance",
    ]
    assert "kg:memberOf" in told[0]
    assert "id:alliance" in told[1]


@pytest.mark.parametrize("query", ["", "  \n"])
def test_no_query_is_no_file(kg_process: Callable[..., CompletedProcess[str]], query: str) -> None:
    """An empty argument is no folder to be read."""
    done = kg_process("sparql", query)
    assert done.returncode == 2
    assert "KG602: there is no query" in done.stderr
