"""The gate before every query of one's own, and values put in as terms."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from listener import Listener

from kg.errors import UsageError
from kg.sparql.parser import parse
from kg.sparql.printer import write
from kg.sparql.tokens import form, refuse_unsafe, tokens, variables

CASES = Path(__file__).parent / "cases" / "sparql"


def blocks(name: str) -> list[tuple[str, str]]:
    """The cases of a file: what is expected or shown, and the query."""
    text = (CASES / name).read_text(encoding="utf-8").partition("\n")[2]
    return [tuple(block.split("\n", 1)) for block in text.split("\n----\n")]


REFUSED, ALLOWED = blocks("refused.txt"), blocks("allowed.txt")


def test_all_cases_are_read() -> None:
    """Every block of the files is a case, none is swallowed by its neighbour."""
    assert len(REFUSED) == 30
    assert len(ALLOWED) == 9


@pytest.mark.parametrize(("expected", "query"), REFUSED, ids=[title for title, _ in REFUSED])
def test_what_writes_or_reaches_out_is_refused(expected: str, query: str) -> None:
    """An update, SERVICE, LOAD or FROM is refused with its code, however it is written."""
    with pytest.raises(UsageError) as caught:
        refuse_unsafe(query)
    assert expected.split()[0] in {problem.code for problem in caught.value.problems}
    assert all(problem.remedy for problem in caught.value.problems)


@pytest.mark.parametrize(("title", "query"), ALLOWED, ids=[title for title, _ in ALLOWED])
def test_what_only_reads_passes(title: str, query: str) -> None:
    """Words of the network in strings, comments, names and addresses refuse nothing that the engine accepts."""
    refuse_unsafe(query)
    pyoxigraph.Store().query(query)


# What parsers trip over.
FRAGMENTS = st.sampled_from(
    [
        "?s", "?p ?o", "e:x", "e:a\\#", "e:a\\'", "_:b", "<x:y>", "true", "1", "1.", "1e5",
        "'", "'''", '"', '"""', "@en",
        "#", "#>", "<", ">", "<<", ">>", "&&", "^^", "\\", "\\u0022", "\\u000A", "\n", " ", "{", "}",
        "(", ")", ".", ";",
        ",", "a", "AS", "FILTER", "BIND", "OPTIONAL", "FILTER(?s<?p", "FROM", "SILENT",
    ]
)  # fmt: skip
SERVICES = st.sampled_from(["SERVICE", "service", "SERVICE SILENT", "SERVICESILENT", "SERV\\u0049CE", "SERVICE#>\n"])
TARGETS = st.sampled_from(["<{}>", " <{}>", "e:x", " e:x", ":x", "?s", "#'\n<{}>"])


@settings(max_examples=400)
@given(st.lists(FRAGMENTS, max_size=5), SERVICES, TARGETS, st.lists(FRAGMENTS, max_size=4))
@example(["?p ?o", "."], "SERVICE", "<{}>", [])
@example(["?p ", "true"], "SERVICE", "<{}>", [])
@example(["?p ?o ", "FILTER(?s<?p", ")"], "SERVICE#>\n", "e:x", [])
def test_whatever_passes_the_gate_sends_nothing(
    listener: Listener, before: list[str], service: str, target: str, after: list[str]
) -> None:
    """However SERVICE is wrapped in what parsers trip over, what passes the gate opens no connection."""
    address = f"http://127.0.0.1:{listener.port}/"
    call = f"{service}{target.replace('{}', address)}{{ ?s ?p ?o }}"
    text = f"PREFIX e: <{address}> PREFIX : <{address}> SELECT * {{ ?s {''.join(before)}{call}{''.join(after)} }}"
    try:
        refuse_unsafe(text)
    except UsageError:
        return
    store = pyoxigraph.Store()
    store.add(pyoxigraph.Quad(*[pyoxigraph.NamedNode("x:x")] * 3))
    with suppress(SyntaxError, RuntimeError, OSError):
        list(store.query(text, default_graph=pyoxigraph.DefaultGraph(), named_graphs=[]))
    assert not listener.calls, text


@pytest.fixture
def called() -> Listener:
    listener = Listener()
    listener.start()
    return listener


@pytest.fixture(scope="module")
def listener() -> Listener:
    listener = Listener()
    listener.start()
    return listener


def test_the_listener_notices(called: Listener) -> None:
    """The test of the network can fail: the engine does connect when SERVICE reaches it."""
    text = f"SELECT * {{ SERVICE SILENT <http://127.0.0.1:{called.port}/> {{ ?s ?p ?o }} }}"
    list(pyoxigraph.Store().query(text))
    assert called.calls


@given(st.text())
def test_tokens_lose_nothing(text: str) -> None:
    """The tokens of any text, joined, are the text."""
    assert "".join(token.text for token in tokens(text)) == text


def bind(text: str, values: dict[str, str]) -> str:
    """A query with values in the place of variables."""
    return write(parse(text), values)


def echoed(term: str) -> str:
    """A term that was put into a query, as the engine gives it back."""
    text = bind("SELECT (?_x AS ?y) { BIND('?_x' AS ?z) } # ?_x", {"_x": term})
    (row,) = pyoxigraph.Store().query(text)
    return str(row[0])


@given(st.text(st.characters(exclude_categories=("Cs",))))
@example('" . } SERVICE <http://127.0.0.1:1/> {} #')
@example("\\u0022 } #")
@example("\\\\u0022")
@example("\\U00000022")
@example("a\r\nb\x00\x1b")
@example("''' \"\"\"")
def test_a_text_value_stays_a_value(text: str) -> None:
    """Any text put in as a literal comes back as itself, and changes nothing else of the query."""
    term = str(pyoxigraph.Literal(text))
    assert echoed(term) == term


@given(st.text(st.characters(exclude_categories=("Cs",))))
@example("\\u0022 } # \\u000A")
@example("\\\\u0022")
def test_a_value_stays_one_where_escapes_are_decoded_first(text: str) -> None:
    """An engine that decodes code points before it parses sees one literal too, with the same value."""
    from kg.sparql.tokens import _decoded

    bound = bind("SELECT (?_x AS ?y) {}", {"_x": str(pyoxigraph.Literal(text))})
    decoded = _decoded(bound)
    if any(ord(c) < 32 or c == "\x7f" for c in text):
        return  # written as escapes by N-Triples itself: decoded first, they are raw control characters
    (row,) = pyoxigraph.Store().query(decoded)
    assert row[0].value == text


def test_values_go_where_variables_stand() -> None:
    """Only the variable itself is replaced: not its name in strings, IRIs, comments or longer names."""
    text = "SELECT * { ?_x <x:?_x> '?_x' ; ?_xy ?o } # ?_x"
    assert bind(text, {"_x": "<x:1>"}) == 'SELECT * WHERE { <x:1> <x:?_x> "?_x" . <x:1> ?_xy ?o . }'


def test_dollar_and_question_mark_are_one_variable() -> None:
    """SPARQL's two marks name the same variable."""
    assert bind("ASK { $_x ?p ?_x }", {"_x": "<x:1>"}).count("<x:1>") == 2


def test_bound_of_a_value_is_true() -> None:
    """BOUND of a parameter that has a value is true; of one without, it is asked."""
    text = "SELECT * { FILTER(BOUND( ?__a ) || !bound(?__b)) }"
    assert bind(text, {"__a": "<x:1>"}) == "SELECT * WHERE { FILTER ((true || (! BOUND(?__b)))) }"
    pyoxigraph.Store().query(bind(text, {"__a": "<x:1>", "__b": "<x:2>"}))


def test_form_and_variables() -> None:
    """The form is the first keyword that is one; variables are named without their mark."""
    assert form("PREFIX ask: <x:> # SELECT\nconstruct { ?s ?p $o } {}") == "CONSTRUCT"
    assert form("INSERT DATA {}") == ""
    assert variables("SELECT ?a { ?a ?b '?c' } # ?d") == {"a", "b"}
