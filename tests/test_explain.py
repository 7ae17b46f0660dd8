"""``explain`` and ``why_not``: proofs in every format, and what is said of what does not hold."""

from __future__ import annotations

import json
import re
from contextlib import suppress

import pyoxigraph
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kg.checks.axioms_in_words import AxiomWords
from kg.checks.terms import Nodes
from kg.cli import kg as command
from kg.errors import UsageError
from kg.evidence.explain import Explanation, Step, explain, render, render_all
from kg.evidence.statements import parse_literal, parse_terms
from kg.evidence.why_not import why_not
from kg.graph.store import Graph, open_graph
from kg.model import is_literal

PROV = "http://www.w3.org/ns/prov#"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph()


@pytest.fixture(scope="module")
def observer(graph: Graph) -> Explanation:
    """A proof of three steps: a chain over a claim and a background fact."""
    (found,) = explain(graph, parse_terms(graph, "afghanistan", "observerWithin", "csto"))
    return found


@pytest.fixture(scope="module")
def several(graph: Graph) -> list[Explanation]:
    """Many proofs of one triple."""
    found = explain(graph, parse_terms(graph, "serbia", "a", "Agent"), every=True)
    assert len(found) > 2
    return found


def read(turtle: str) -> list[pyoxigraph.Quad]:
    base = "https://example.org/project/proof.ttl"
    return list(pyoxigraph.parse(turtle.encode(), format=pyoxigraph.RdfFormat.TURTLE, base_iri=base))


def test_steps_are_numbered_as_they_are_shown(observer: Explanation, several: list[Explanation]) -> None:
    """If a proof is shown as a tree, then the numbers of its steps read 1, 2, 3 from top to bottom."""
    for each in (observer, *several):
        for form in ("text", "md"):
            shown = [int(number) for number in re.findall(r"^[\s│├└─-]*\((\d+)\) ", render(each, form), re.MULTILINE)]
            assert shown == list(range(1, len(each.steps) + 1))


def test_a_deep_proof_is_shown(graph: Graph) -> None:
    """A proof deeper than Python's recursion goes is shown in every form, each step once and then referred to."""
    triple, depth = ("<a:s>", "<a:p>", "<a:o>"), 1500
    below = [(k + 1,) if k > 1 else (2, depth) for k in range(1, depth)]
    steps = [Step(k, triple, f"s{k}", "rule", "by rule", parts, ()) for k, parts in enumerate(below, start=1)]
    proof = Explanation(graph, triple, (*steps, Step(depth, triple, f"s{depth}", None, "", (), ())))
    for form in ("text", "md"):
        shown = re.findall(r"\((\d+)\) ", render(proof, form))
        assert [int(number) for number in shown] == list(range(1, depth + 1))
        assert render(proof, form).count(f"see step {depth}") == 1
    html = proof._repr_html_()
    assert html.count("<li>") == html.count("</li>") == depth + 1
    assert html.count("<ul>") == html.count("</ul>") == depth + 1
    assert html.endswith(f"<li>s{depth} (see step {depth})</li></ul></li></ul>")


def test_all_proofs_as_json_are_one_array() -> None:
    """If all proofs are asked for as JSON, then what is printed is one array, also of one proof; else an object."""

    def printed(*words: str) -> object:
        return json.loads(CliRunner().invoke(command, ["explain", *words, "-f", "json"]).output)

    found = printed("serbia", "a", "Agent", "--all")
    assert isinstance(found, list)
    assert len(found) > 2
    one = printed("afghanistan", "observerWithin", "csto", "--all")
    assert one == [printed("afghanistan", "observerWithin", "csto")]


def test_all_proofs_as_turtle_share_no_node(several: list[Explanation]) -> None:
    """If several proofs are written as Turtle, then every step is a node of its own, by one rule at most."""
    quads = read(render_all(several, "ttl"))
    statements = {q.subject.value for q in quads}
    assert len(statements) == sum(len(each.steps) for each in several)
    by_rule = [q.subject.value for q in quads if q.predicate.value.endswith("#byRule")]
    assert len(by_rule) == len(set(by_rule))
    assert any("#proof-2-step-1" in name for name in statements)


def test_every_leaf_is_a_source_in_turtle(observer: Explanation) -> None:
    """If a step rests on a claim, an axiom or a background fact, then Turtle and JSON name it as its source."""
    quads = read(render(observer, "ttl"))
    sources = {
        q.subject.value.rpartition("-")[2]: q.object.value
        for q in quads
        if q.predicate.value == f"{PROV}hadPrimarySource"
    }
    assert re.search(r"/ontology/Agent\.ttl#L\d+$", sources["1"])
    assert sources["2"].endswith("/claim/sputnik-2017/afghanistan-observer-csto-pa")
    assert re.search(r"/ontology/background\.ttl#L\d+$", sources["3"])
    assert [leaf["kind"] for leaf in observer.as_json()["steps"][0]["axioms"]] == ["axiom"]


def test_several_proofs_are_told_apart(several: list[Explanation]) -> None:
    """If there are several proofs, then text and Markdown have a heading for each and DOT a frame in one graph."""
    count = len(several)
    for form, heading in (("text", "proof"), ("md", "## Proof")):
        found = re.findall(rf"^{heading} (\d+) of {count}$", render_all(several, form), re.MULTILINE)
        assert found == [str(k) for k in range(1, count + 1)]
    dot = render_all(several, "dot")
    assert (dot.count("digraph"), dot.count("subgraph cluster_")) == (1, count)
    nodes = re.findall(r"^  (p\d+s\d+) \[label", dot, re.MULTILINE)
    assert len(nodes) == len(set(nodes)) == sum(len(each.steps) for each in several)


def absent(graph: Graph, *words: str) -> list[str]:
    """What why-not says, line by line."""
    return why_not(graph, parse_terms(graph, *words)).lines()


def test_rules_of_near_misses_are_filled_in(graph: Graph) -> None:
    """If a near miss rests on an axiom that itself was inferred, then the rule's words name its terms."""
    lines = absent(graph, "serbia", "a", "Organisation")
    assert "cax-sco: every military alliance is an organisation" in lines
    assert not [line for line in lines if "{" in line]
    assert AxiomWords(Nodes([]), str).rule("cax-sco", []) == "by the meaning of the terms"
    assert AxiomWords(Nodes([]), str).rule("eq-sym", []) == "if A is the same as B, then B is the same as A"


def test_what_can_never_be_is_no_near_miss(graph: Graph) -> None:
    """If a rule would need an owl:Nothing, then it is not offered."""
    assert not [line for line in absent(graph, "serbia", "a", "Organisation") if "Nothing" in line]


def test_what_stands_against_it_has_its_claims(graph: Graph) -> None:
    """If something that holds excludes the triple, then the claims with place and holder stand below it."""
    lines = absent(graph, "serbia", "memberOf", "csto")
    at = lines.index("against it: Serbia is an observer of Collective Security Treaty Organisation")
    published = "published between 8 March and 1 April 2017"
    assert lines[at + 1] == f"    cepi-2017 24.3, stated, {published}: Serbia became an observer of the CSTO."
    at = lines.index("against it: Serbia is not a member of Collective Security Treaty Organisation")
    assert lines[at + 1].startswith("    sputnik-2017 5.1, 9.1, stated, published on 10 April 2017: ")


def test_who_denies_a_missing_premise(graph: Graph) -> None:
    """If claims deny a premise that is missing, then they stand below it, with their holders."""
    lines = absent(graph, "serbia", "memberOf", "nato")
    at = lines.index("    missing: Serbia joined NATO")
    said = [line for line in lines[at + 1 :] if line.startswith("        said of it: ")]
    assert any("balkaninsight-2016 10.1, denied by Aleksandar Vučić" in line for line in said)
    assert any("cepi-2017 22.7, predicted not, published between 8 March and 1 April 2017:" in line for line in said)


@pytest.mark.parametrize(
    "text", ['"unterminated', '"a" . <x>', '"a" "b"', '"a\\q"', '"a"@', '"12"^^foo:bar', '"a\nb"']
)
def test_what_only_begins_as_a_literal_is_refused(graph: Graph, text: str) -> None:
    """If an object begins with a quotation mark and is no literal, then that is a usage error."""
    with pytest.raises(UsageError, match="is no literal") as raised:
        parse_terms(graph, "serbia", "memberOf", text)
    assert [problem.code for problem in raised.value.problems] == ["KG654"]


@given(st.text())
def test_literals_are_read_as_they_are_written(text: str) -> None:
    """If a literal is written as N-Triples writes it, then it is that literal; any other text is one or refused."""
    written = str(pyoxigraph.Literal(text))
    assert parse_literal(written) == written
    assert parse_literal('"012"^^xsd:integer') == '"12"^^<http://www.w3.org/2001/XMLSchema#integer>'
    with suppress(UsageError):
        assert is_literal(parse_literal(f'"{text}'))
