"""Axioms and rules in words, with the terms in them to be shown as the caller likes (as links, or as labels)."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from kg.evidence.words import members
from kg.model import Term
from kg.reference.contents import Contents
from kg.vocab import OWL, RDF, RDFS, iri, kg

if TYPE_CHECKING:
    from kg.rules import Clause

__all__ = ["Sentence", "axiom_sentences", "rule_sentences", "shown"]

Shown = TypeVar("Shown")
#: A sentence as its parts: text, and terms that stand in it.
Sentence = list["str | Term"]

_TYPE = iri(RDF + "type")
_CHAIN = iri(OWL + "propertyChainAxiom")
# What an axiom says, with {s} and {o} for its subject and object and {chain} for the links of a chain.
_BY_PREDICATE: Mapping[Term, str] = {
    iri(RDFS + "subClassOf"): "Every {s} is a {o}.",
    iri(RDFS + "subPropertyOf"): "Whatever is {s} something is also {o} it.",
    iri(RDFS + "domain"): "Whatever is {s} something is a {o}.",
    iri(RDFS + "range"): "What something is {s} is a {o}.",
    iri(OWL + "inverseOf"): "{s} read backwards is {o}.",
    iri(OWL + "equivalentClass"): "{s} and {o} mean the same.",
    iri(OWL + "equivalentProperty"): "{s} and {o} mean the same.",
    iri(OWL + "disjointWith"): "Nothing is both a {s} and a {o}.",
    iri(OWL + "propertyDisjointWith"): "Nothing is both {s} and {o} the same thing.",
    iri(OWL + "complementOf"): "A {s} is whatever is no {o}.",
    _CHAIN: "{chain} makes {s}.",
}
_BY_TYPE: Mapping[Term, str] = {
    iri(OWL + "SymmetricProperty"): "{s} holds both ways.",
    iri(OWL + "AsymmetricProperty"): "{s} never holds both ways.",
    iri(OWL + "TransitiveProperty"): "{s} carries over from one to the next.",
    iri(OWL + "IrreflexiveProperty"): "Nothing is {s} itself.",
    iri(OWL + "FunctionalProperty"): "A thing has only one {s}.",
    iri(OWL + "InverseFunctionalProperty"): "Only one thing has a given {s}.",
}
_TEMPORAL: Mapping[Term, str] = {
    kg("EventKind"): "{s} is an event: it happens at a time.",
    kg("PersistentState"): "{s} is a lasting state: once begun it holds until something ends it.",
    kg(
        "BoundedState"
    ): "{s} is a bounded state: it is known to hold when it is said to, and possible at other times.",
    kg("Timeless"): "{s} holds at no particular time.",
}
_ARTICLE = re.compile(r"\b([Aa]) $")
_SLOT = re.compile(r"\{(s|o|chain)\}")


def axiom_sentences(contents: Contents, term: Term, but: Container[Term] = ()) -> Iterator[Sentence]:
    """What the ontology's axioms say of a class or property; and those of others that name it in passing.

    Axioms with a predicate in ``but`` are left out.
    """
    kinds = {iri(RDFS + "subClassOf"), iri(RDFS + "subPropertyOf"), iri(RDFS + "domain"), iri(RDFS + "range")}
    for predicate, value in contents.said.get(term, ()):
        template = _BY_PREDICATE.get(predicate) or (_BY_TYPE.get(value) if predicate == _TYPE else None)
        if predicate == kg("temporalKind"):
            template = _TEMPORAL.get(value)
        if template and predicate not in but:
            yield _filled(template, term, value, contents)
    for s, p, o in contents.corpus.ontology:
        # Its subclasses and the properties of a class have lists of their own on its page.
        if o == term and p in _BY_PREDICATE and p not in kinds:
            yield _filled(_BY_PREDICATE[p], s, o, contents)
        elif p == _CHAIN and term in members(o, contents.corpus.ontology):
            yield _filled(_BY_PREDICATE[_CHAIN], s, o, contents)


def rule_sentences(contents: Contents, term: Term) -> tuple[list[tuple[str, Sentence]], list[tuple[str, Sentence]]]:
    """The rules that conclude a term, and those that start from it: each with its name and what it says."""
    concluding: dict[tuple[str, tuple[str, ...]], tuple[str, Sentence]] = {}
    starting: dict[tuple[str, tuple[str, ...]], tuple[str, Sentence]] = {}
    for clause in contents.clauses.get(term, ()):
        sentence = _of_clause(contents, clause)
        target = concluding if clause.head and term in clause.head else starting
        target[clause.name, tuple(sentence)] = (clause.name, sentence)
    return list(concluding.values()), list(starting.values())


def shown(sentence: Sequence[str | Term], show: Callable[[Term], Shown]) -> list[str | Shown]:
    """A sentence with its terms shown."""
    return [show(part) if part.startswith("<") else part for part in sentence]


def _of_clause(contents: Contents, clause: Clause) -> Sentence:
    summary = contents.graph.rule_summaries.get(clause.name)
    if summary or not clause.axioms:
        return [f"{summary or 'by the meaning of the terms'}."]
    subject, predicate, value = clause.axioms[0]
    template = _BY_PREDICATE.get(predicate) or _BY_TYPE.get(value) or "{s} "
    return _filled(template, subject, value, contents)


def _filled(template: str, subject: Term, value: Term, contents: Contents) -> Sentence:
    sentence: Sentence = []
    for number, part in enumerate(_SLOT.split(template)):
        if number % 2 == 0:
            sentence.append(part)
        elif part == "chain":
            links = members(value, contents.corpus.ontology)
            for place, link in enumerate(links):
                sentence += [", then ", link] if place else [link]
        else:
            term = subject if part == "s" else value
            if sentence and contents.label(term)[:1].lower() in "aeiou":
                sentence[-1] = _ARTICLE.sub(r"\1n ", sentence[-1])
            sentence.append(term)
    return [part for part in sentence if part]
