"""Axioms and rules in words, with the terms in them to be shown as the caller likes (as links, or as labels)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from kg.checks.axioms_in_words import CHAIN, MEMBERS, WORDS, Sentence
from kg.model import Term
from kg.render.reference.contents import Contents
from kg.vocab import RDFS, iri, kg

if TYPE_CHECKING:
    from kg.reasoner import Clause

__all__ = ["Sentence", "axiom_sentences", "rule_sentences", "shown"]

Shown = TypeVar("Shown")

_TEMPORAL: Mapping[Term, str] = {
    kg("EventKind"): "{s} is an event: it happens at a time.",
    kg("PersistentState"): "{s} is a lasting state: once begun it holds until something ends it.",
    kg(
        "BoundedState"
    ): "{s} is a bounded state: it is known to hold when it is said to, and possible at other times.",
    kg("Timeless"): "{s} holds at no particular time.",
}
# A class's subclasses and properties have lists of their own on its page.
_LISTED = {iri(RDFS + "subClassOf"), iri(RDFS + "subPropertyOf"), iri(RDFS + "domain"), iri(RDFS + "range")}


def axiom_sentences(contents: Contents, term: Term, but: Container[Term] = ()) -> Iterator[Sentence]:
    """What the ontology's axioms say of a class or property; and those of others that name it in passing.

    Axioms with a predicate in ``but`` are left out.
    """
    words = contents.words
    for predicate, value in contents.said.get(term, ()):
        if predicate in but:
            continue
        if predicate == kg("temporalKind"):
            sentence = words.filled(_TEMPORAL.get(value, ""), {"s": [term]})
        else:
            sentence = words.axiom((term, predicate, value))
        if sentence:
            yield sentence
    for s, p, o in contents.corpus.ontology:
        passing = o == term and p in WORDS and p not in _LISTED
        if (passing or (p in (CHAIN, MEMBERS) and term in contents.nodes.members(o))) and (
            sentence := words.axiom((s, p, o))
        ):
            yield sentence


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
    return contents.words.axiom(clause.axioms[0]) or [clause.axioms[0][0]]
