"""Rules in words: what an application of a W3C rule says, with the labels of the terms in its axioms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from kg.model import Term, Triple
from kg.vocab import OWL, RDF, iri

__all__ = ["in_words", "lists_of", "members"]

_FIRST, _REST = iri(RDF + "first"), iri(RDF + "rest")
Label = Callable[[Term], str]

# What each rule says, with {s} and {o} for the subject and object of its axiom.
_SENTENCES = {
    "prp-dom": "if A {s} B, then A is {a} {o}",
    "prp-rng": "if A {s} B, then B is {a} {o}",
    "prp-symp": "if A {s} B, then B {s} A",
    "prp-trp": "if A {s} B and B {s} C, then A {s} C",
    "prp-spo1": "if A {s} B, then A {o} B",
    "prp-spo2": "if {chain}, then A {s} {end}",
    "prp-inv1": "if A {s} B, then B {o} A",
    "prp-inv2": "if A {o} B, then B {s} A",
    "prp-eqp1": "if A {s} B, then A {o} B",
    "prp-eqp2": "if A {o} B, then A {s} B",
    "prp-fp": "if A {s} B and A {s} C, then B and C are the same",
    "prp-ifp": "if A {s} C and B {s} C, then A and B are the same",
    "cax-sco": "every {s} is {a} {o}",
    "cax-eqc1": "every {s} is {a} {o}",
    "cax-eqc2": "every {o} is {b} {s}",
    "cax-dw": "no {s} is {a} {o}",
    "scm-sco": "if every A is a B and every B is a C, then every A is a C",
    "scm-spo": "if one property implies a second and that a third, then the first implies the third",
    "eq-sym": "if A is the same as B, then B is the same as A",
    "eq-trans": "if A is the same as B and B as C, then A is the same as C",
    "eq-rep-s": "what holds of a thing holds of what is the same",
    "eq-rep-o": "what holds of a thing holds of what is the same",
}


def in_words(rule: str, axioms: Iterable[Triple], lists: Mapping[Term, list[Term]], label: Label) -> str:
    """What an application of a rule says, from its axioms; the axiom itself in labels for a rule not listed.

    ``lists`` are the ontology's (:func:`lists_of`): a chain is one.
    """
    axioms = list(axioms)
    sentence = _SENTENCES.get(rule)
    if not axioms:
        # A sentence with gaps says nothing without its axiom.
        return sentence if sentence and "{" not in sentence else "by the meaning of the terms"
    subject, predicate, value = axioms[0]
    if sentence is None:
        return f"{label(subject)} {label(predicate)} {label(value)}"
    chain = lists.get(value, []) if predicate == iri(OWL + "propertyChainAxiom") else []
    steps = [f"{_letter(n)} {label(term)} {_letter(n + 1)}" for n, term in enumerate(chain)]
    s, o = label(subject), label(value)
    end = _letter(len(chain))
    return sentence.format(s=s, o=o, a=_article(o), b=_article(s), chain=" and ".join(steps), end=end)


def _letter(number: int) -> str:
    return chr(ord("A") + number % 26)


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in tuple("aeiou") else "a"


def lists_of(ontology: Iterable[Triple]) -> dict[Term, list[Term]]:
    """The members of each RDF list of an ontology, by the list's head."""
    first: dict[Term, Term] = {}
    rest: dict[Term, Term] = {}
    for s, p, o in ontology:
        if p == _FIRST:
            first[s] = o
        elif p == _REST:
            rest[s] = o
    found: dict[Term, list[Term]] = {}
    for head in first:
        members: list[Term] = []
        cell = head
        # A list that runs in a circle ends where all cells have been seen.
        while cell in first and len(members) < len(first):
            members.append(first[cell])
            cell = rest.get(cell, "")
        found[head] = members
    return found


def members(head: Term, ontology: Iterable[Triple]) -> list[Term]:
    """The members of one RDF list of an ontology."""
    return lists_of(ontology).get(head, [])
