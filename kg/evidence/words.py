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
    "prp-dom": "whatever “{s}” something is {a} {o}",
    "prp-rng": "what something “{s}” is {a} {o}",
    "prp-symp": "“{s}” holds both ways",
    "prp-trp": "“{s}” carries over from one to the next",
    "prp-spo1": "whatever “{s}” something also “{o}” it",
    "prp-spo2": "“{chain}” makes “{s}”",
    "prp-inv1": "“{s}” read backwards is “{o}”",
    "prp-inv2": "“{o}” read backwards is “{s}”",
    "prp-eqp1": "“{s}” and “{o}” mean the same",
    "prp-eqp2": "“{s}” and “{o}” mean the same",
    "prp-fp": "there is only one “{s}”",
    "prp-ifp": "only one thing has that “{s}”",
    "cax-sco": "every {s} is {a} {o}",
    "cax-eqc1": "{s} and {o} mean the same",
    "cax-eqc2": "{s} and {o} mean the same",
    "cax-dw": "no {s} is {a} {o}",
    "scm-sco": "what is more general than the more general is more general still",
    "scm-spo": "what is more general than the more general is more general still",
    "eq-sym": "sameness holds both ways",
    "eq-trans": "what is the same as the same is the same",
    "eq-rep-s": "what is said of one is said of the same",
    "eq-rep-o": "what is said of one is said of the same",
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
    chain = ""
    if rule == "prp-spo2" and predicate == iri(OWL + "propertyChainAxiom"):
        chain = "”, then “".join(label(term) for term in lists.get(value, ()))
    return sentence.format(s=label(subject), o=label(value), chain=chain, a=_article(label(value)))


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
