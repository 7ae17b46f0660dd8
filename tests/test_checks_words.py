"""Axioms in words: class expressions said out, lists of several, and nodes that have no name."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.checks.axioms_in_words import AxiomWords
from kg.checks.terms import Nodes, name_of
from kg.corpus.turtle import parse_file
from kg.model import Triple

HEAD = (
    "@prefix kg: <https://w3id.org/serbia-kg/ontology#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . "
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
)


def triples_of(turtle: str, folder: Path) -> list[Triple]:
    """The triples of a text, its blank nodes named as the reading of an ontology names them."""
    (folder / "test.ttl").write_text(HEAD + turtle, encoding="utf-8")

    def named(term: str) -> str:
        return f"<https://example.org/.well-known/genid/{term[2:]}>" if term.startswith("_:") else term

    quads = parse_file(folder / "test.ttl", "test.ttl").quads
    return [(named(s), p, named(o)) for (s, p, o), _graph, _line in quads]


def said(turtle: str, folder: Path) -> list[str]:
    triples = triples_of(turtle, folder)
    words = AxiomWords(Nodes(triples), name_of)
    sentences = (words.axiom(triple) for triple in triples)
    return ["".join(name_of(p) if p.startswith("<") else p for p in sentence) for sentence in sentences if sentence]


@pytest.mark.parametrize(
    ("turtle", "sentence"),
    [
        ("kg:A rdfs:subClassOf kg:B .", "Every kg:A is a kg:B."),
        ("kg:A rdfs:subClassOf owl:Thing .", "Every kg:A is an owl:Thing."),
        ("kg:A owl:unionOf ( kg:B kg:C ) .", "kg:A means kg:B or kg:C."),
        ("kg:A owl:complementOf kg:B .", "A kg:A is whatever is no kg:B."),
        ("kg:A owl:equivalentClass [ owl:oneOf ( kg:b kg:c ) ] .", "kg:A means one of kg:b, kg:c."),
        (
            "kg:A rdfs:subClassOf [ owl:onProperty kg:p ; owl:allValuesFrom [ owl:complementOf kg:B ] ] .",
            "Every kg:A is a thing that kg:p only what is a thing that is no kg:B.",
        ),
        (
            "kg:A rdfs:subClassOf [ owl:onProperty [ owl:inverseOf kg:p ] ; owl:maxCardinality 1 ] .",
            "Every kg:A is a thing with at most 1 inverse of kg:p.",
        ),
        (
            "kg:A rdfs:subClassOf [ owl:onProperty kg:p ; owl:hasValue 1 ] .",
            "Every kg:A is a thing that kg:p 1.",
        ),
        ("kg:p owl:propertyChainAxiom ( kg:q kg:r ) .", "kg:q, then kg:r makes kg:p."),
        ("[] a owl:AllDisjointClasses ; owl:members ( kg:A kg:B ) .", "Nothing is two of kg:A, kg:B."),
        ("kg:A rdfs:subClassOf [] .", "Every kg:A is a thing that has no name."),
        ("_:u owl:unionOf ( _:u ) . kg:A rdfs:subClassOf _:u .", "Every kg:A is a thing that has no name."),
    ],
)
def test_an_axiom_is_one_sentence(turtle: str, sentence: str, tmp_path: Path) -> None:
    """Each axiom gives one sentence with its literals and constructs written out; its parts give none."""
    assert said(turtle, tmp_path) == [sentence]
