"""``explain`` and ``why_not``: proofs in every format, and what is said of what does not hold."""

from __future__ import annotations

import json
import re

import pyoxigraph
import pytest
from click.testing import CliRunner

from kg.cli import kg as command
from kg.evidence.explain import Explanation, explain, parse_terms
from kg.evidence.render import render, render_all
from kg.store import Graph, open_graph

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
