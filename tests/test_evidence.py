"""Evidence: what a row rests on gives the row again, is in the view, and leads to claims, axioms and entities."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph
import pytest

from kg.evidence import collect
from kg.evidence.notes import contested_notes, why_empty
from kg.graph.materialise import project_rules
from kg.graph.store import Graph, open_graph
from kg.graph.views import View
from kg.reasoner import close

KG = "PREFIX kg: <https://w3id.org/serbia-kg/ontology#>\nPREFIX : <https://w3id.org/serbia-kg/id/>\n"


@dataclass
class Asked:
    """The least that evidence needs of an answer."""

    graph: Graph
    text: str
    columns: tuple[str, ...]
    rows: list[tuple[str | None, ...]]
    certainty: list[str] | None = None
    added: int = 0


def asked(graph: Graph, text: str) -> Asked:
    found = graph.query(KG + text)
    columns = tuple(variable.value for variable in found.variables)
    return Asked(graph, KG + text, columns, [tuple(None if v is None else str(v) for v in row) for row in found])


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph()


QUERIES = {
    "join": "SELECT ?a ?b { ?a kg:observerOf ?b . ?b kg:organOf ?c } ORDER BY ?a",
    "inferred": "SELECT ?a { ?a kg:observerWithin :csto } ORDER BY ?a",
    "optional": "SELECT ?a ?b { ?a kg:memberOf :csto OPTIONAL { ?a kg:observerOf ?b } } ORDER BY ?a",
    "union": "SELECT ?a { { ?a kg:memberOf :csto } UNION { ?a kg:observerWithin :csto } } ORDER BY ?a",
    "path": "SELECT ?a ?b { ?a kg:observerOf/kg:organOf ?b } ORDER BY ?a",
    "inverse": "SELECT ?a { :csto ^kg:memberOf|kg:hasMember ?a } ORDER BY ?a",
    "many steps": "SELECT ?c { kg:Country rdfs:subClassOf+ ?c } ORDER BY ?c",
    "aggregate": "SELECT ?o (COUNT(?a) AS ?n) { ?a kg:memberOf ?o } GROUP BY ?o ORDER BY ?o",
    "hidden key": "SELECT (COUNT(?a) AS ?n) { ?a kg:memberOf ?o } GROUP BY ?o ORDER BY ?o",
    "having": "SELECT ?o { ?a kg:memberOf ?o } GROUP BY ?o HAVING (COUNT(?a) > 2) ORDER BY ?o",
    "sub-select": "SELECT ?a ?n { ?a kg:memberOf ?o "
    "{ SELECT ?o (COUNT(?x) AS ?n) { ?x kg:memberOf ?o } GROUP BY ?o } }",
    "absence": "SELECT ?a { ?a kg:observerWithin :csto FILTER NOT EXISTS { ?a kg:memberOf :csto } } ORDER BY ?a",
    "presence": "SELECT ?a { ?a a kg:Country FILTER EXISTS { ?a kg:observerOf ?o } } ORDER BY ?a",
    "computed": "SELECT ?a (STR(?b) AS ?s) { ?a kg:observerOf ?b } ORDER BY ?a",
    "blank": "SELECT ?a { ?a kg:observerOf [ kg:organOf ?c ] } ORDER BY ?a",
    "lower case": "select (count(?a) as ?n) { ?a kg:memberOf ?o } group by ?o",
    "distinct hidden key": "SELECT DISTINCT (COUNT(?a) AS ?n) { ?a kg:memberOf ?o } GROUP BY ?o",
    "key without a name": "SELECT (COUNT(?a) AS ?n) { ?a kg:memberOf ?o } GROUP BY STR(?o)",
    "selects in a union": "SELECT ?a { { SELECT ?a { ?a kg:observerOf ?b } } "
    "UNION { select ?a { ?a kg:memberOf ?o } } }",
    "select in an optional": "SELECT ?a ?b { ?a a kg:Country OPTIONAL { SELECT ?a ?b { ?a kg:observerOf ?b } } }",
    "select in an exists": "SELECT ?a { ?a a kg:Country FILTER EXISTS { SELECT ?a { ?a kg:observerOf ?b } } }",
    "values in a select": "SELECT ?a { { SELECT ?o { ?x kg:memberOf ?o } VALUES ?o { :csto } } "
    "?a kg:observerWithin ?o }",
    "semicolons": "SELECT ?a ?b { ?a kg:memberOf :csto ;; OPTIONAL { ?a kg:observerOf ?b } }",
    "every variable": "SELECT * { ?a kg:observerOf ?b FILTER NOT EXISTS { ?a kg:memberOf ?c } }",
    "claims": "SELECT ?c ?h { ?c kg:modality kg:Refusal ; kg:passage ?h } ORDER BY ?c",
    "facts": "SELECT ?f { ?f a kg:FactNode ; kg:supportedBy ?c . ?c kg:inDocument ?d } ORDER BY ?f LIMIT 20",
}


@pytest.mark.parametrize("name", QUERIES)
def test_every_row_has_evidence_in_the_view_that_gives_it_again(graph: Graph, name: str) -> None:
    """If a query has rows, then the triples of each are in the view, and alone in a store they give the row again."""
    answer = asked(graph, "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n" + QUERIES[name])
    assert answer.rows
    evidence = collect(answer)
    assert len(evidence.rows) == len(answer.rows) == len(evidence.cells)
    for row, rests in zip(answer.rows, evidence.rows, strict=True):
        assert rests.triples
        store = pyoxigraph.Store()
        for triple in rests.triples:
            line = " ".join(triple) + " ."
            assert graph.store.query(f"ASK {{ {line} }}")
            store.load(line.encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
        again = [tuple(None if v is None else str(v) for v in found) for found in store.query(answer.text)]
        assert row in again


@pytest.mark.parametrize("name", QUERIES)
def test_leaves_are_claims_axioms_or_entities_and_give_the_evidence(graph: Graph, name: str) -> None:
    """If evidence was inferred, then closing its leaves alone gives it; a leaf is stated, an axiom or an entity."""
    answer = asked(graph, "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n" + QUERIES[name])
    view, corpus = graph.materialised, graph.corpus
    for row in collect(answer).rows:
        for ground in row.grounds:
            assert ground.references or ground.status == "record"
            for leaf in ground.leaves:
                assert leaf in view.stated or leaf in corpus.ontology or leaf in corpus.entities
            if ground.status == "inferred":
                closed = close(ground.leaves, custom_rules=project_rules(graph.project))
                assert ground.triple in closed or ground.proof.rule in graph.rule_summaries


def test_a_row_that_rests_on_absence_says_so(graph: Graph) -> None:
    """If a query has NOT EXISTS, then its rows name what is not there."""
    evidence = collect(asked(graph, QUERIES["absence"]))
    assert all(row.absent for row in evidence.rows)
    assert any(line.startswith("absence:") for line in evidence.lines)


def test_an_inferred_row_names_the_sentence_and_the_rule(graph: Graph) -> None:
    """If a rule gave a row, then its references lead to the claim's passage and to the rule."""
    answer = asked(graph, "SELECT ?a { ?a kg:observerWithin :csto } ORDER BY ?a")
    evidence = collect(answer)
    afghanistan = answer.rows.index(("<https://w3id.org/serbia-kg/id/afghanistan>",))
    kinds = {reference.kind for ground in evidence.rows[afghanistan].grounds for reference in ground.references}
    assert {"claim", "rule", "background"} <= kinds
    assert any("sputnik-2017 11.1" in line for line in evidence.lines)
    assert any("prp-spo2" in line for line in evidence.lines)


def test_disbelieving_a_source_takes_its_evidence_away(graph: Graph) -> None:
    """If a view leaves a document out, then no row rests on it, and what only it says is gone."""
    other = graph.in_view(View(without=frozenset(["sputnik-2017"])))
    answer = asked(other, "SELECT ?a { ?a kg:observerWithin :csto } ORDER BY ?a")
    assert answer.rows == [("<https://w3id.org/serbia-kg/id/serbia>",)]
    assert not any("sputnik-2017" in line for line in collect(answer).lines)


def test_what_is_contested_and_left_out_is_said(graph: Graph) -> None:
    """If documents contest a claim that would change an answer, then the answer names it."""
    answer = asked(graph, "SELECT ?f { ?f a kg:MilitaryBase } ORDER BY ?f")
    notes = contested_notes(answer)
    assert notes[0].startswith("contested: ")
    assert any("ecfr-2022 19.2" in note for note in notes)
    assert contested_notes(asked(graph, "SELECT ?a { ?a kg:observerOf ?b } ORDER BY ?a")) == []


def test_an_empty_answer_explains_itself(graph: Graph) -> None:
    """If there are no rows, then the pattern without a match is named, and a view that would have rows."""
    notes = why_empty(asked(graph, "SELECT ?f { ?f a kg:MilitaryBase } ORDER BY ?f"))
    assert notes[0].startswith("Nothing in this view says")
    assert any(note.startswith("1 row with --accept") for note in notes)
    assert why_empty(asked(graph, "SELECT ?a { ?a kg:observerOf ?b } ORDER BY ?a")) == []
