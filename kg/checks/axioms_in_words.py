"""Axioms and rules in words. An axiom comes as parts: text, and terms to be shown as links or as names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from kg.checks.terms import Nodes, nameless
from kg.model import Term, Triple, is_literal, text_of
from kg.vocab import OWL, RDF, RDFS, iri

#: A sentence as its parts: text, and terms that stand in it.
Sentence = list["str | Term"]

_TYPE = iri(RDF + "type")
CHAIN = iri(OWL + "propertyChainAxiom")
MEMBERS = iri(OWL + "members")
#: What an axiom says, with {s} and {o} for its subject and object, and {chain} for the links of a chain.
WORDS: Mapping[Term, str] = {
    iri(RDFS + "subClassOf"): "Every {s} is a {o}.",
    iri(RDFS + "subPropertyOf"): "Whatever {s} something also {o} it.",
    iri(RDFS + "domain"): "Whatever {s} something is a {o}.",
    iri(RDFS + "range"): "What something {s} is a {o}.",
    iri(OWL + "inverseOf"): "{s} read backwards is {o}.",
    iri(OWL + "equivalentClass"): "{s} and {o} mean the same.",
    iri(OWL + "equivalentProperty"): "{s} and {o} mean the same.",
    iri(OWL + "disjointWith"): "Nothing is both a {s} and a {o}.",
    iri(OWL + "propertyDisjointWith"): "Nothing both {s} and {o} the same thing.",
    iri(OWL + "complementOf"): "A {s} is whatever is no {o}.",
    iri(OWL + "sameAs"): "{s} and {o} are the same.",
    iri(OWL + "differentFrom"): "{s} and {o} are not the same.",
    CHAIN: "{chain} makes {s}.",
}
#: What a property says by being of a type.
_BY_TYPE: Mapping[Term, str] = {
    iri(OWL + "SymmetricProperty"): "{s} holds both ways.",
    iri(OWL + "AsymmetricProperty"): "{s} never holds both ways.",
    iri(OWL + "TransitiveProperty"): "{s} carries over from one to the next.",
    iri(OWL + "IrreflexiveProperty"): "Nothing {s} itself.",
    iri(OWL + "FunctionalProperty"): "A thing {s} only one thing.",
    iri(OWL + "InverseFunctionalProperty"): "Only one thing {s} a given thing.",
}
#: What lists of several say, by the type of the node that has the list.
_OF_SEVERAL = {
    iri(OWL + "AllDisjointClasses"): "Nothing is two of {members}.",
    iri(OWL + "AllDisjointProperties"): "No two of {members} hold of the same things.",
    iri(OWL + "AllDifferent"): "No two of {members} are the same.",
}
#: Class expressions over a list: what stands before its members, and between them.
_LISTS = {
    iri(OWL + "intersectionOf"): ("", " and "),
    iri(OWL + "unionOf"): ("", " or "),
    iri(OWL + "oneOf"): ("one of ", ", "),
}
#: Other expressions, with {o} for the value, {p} for the property and {c} for the class that a restriction names.
_EXPRESSIONS = {
    iri(OWL + name): words
    for name, words in {
        "complementOf": "thing that is no {o}",
        "someValuesFrom": "thing that {p} some {o}",
        "allValuesFrom": "thing that {p} only what is a {o}",
        "hasValue": "thing that {p} {o}",
        "hasSelf": "thing that {p} itself",
        "maxCardinality": "thing with at most {o} {p}",
        "minCardinality": "thing with at least {o} {p}",
        "cardinality": "thing with exactly {o} {p}",
        "maxQualifiedCardinality": "thing with at most {o} {p} that is a {c}",
        "minQualifiedCardinality": "thing with at least {o} {p} that is a {c}",
        "qualifiedCardinality": "thing with exactly {o} {p} that is a {c}",
        "inverseOf": "inverse of {o}",
    }.items()
}
#: The predicates that make a node without a name an expression.
CONSTRUCTS = (*_LISTS, *_EXPRESSIONS)
_ON_PROPERTY, _ON_CLASS, _ON_RANGE = (iri(OWL + name) for name in ("onProperty", "onClass", "onDataRange"))
_SAME_CLASS = iri(OWL + "equivalentClass")
_MEANS = "{s} means {o}."
#: What an application of a W3C rule says, with {s} and {o} for the subject and object of its axiom.
_RULES = {
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
_ARTICLE = re.compile(r"\b([Aa]) $")
_SLOT = re.compile(r"\{(\w+)\}")


class AxiomWords:
    """Says axioms and rules in words. ``label`` is what each term is shown as: articles go by its first letter."""

    def __init__(self, nodes: Nodes, label: Callable[[Term], str]) -> None:
        self.nodes = nodes
        self.label = label

    def axiom(self, axiom: Triple) -> Sentence:
        """An axiom in words; empty for a triple that is only a part of a list or of a restriction."""
        subject, predicate, value = axiom
        if predicate == MEMBERS:
            kinds = self.nodes.values(subject, _TYPE)
            template = next((_OF_SEVERAL[kind] for kind in kinds if kind in _OF_SEVERAL), "")
            return self.filled(template, {"members": self._joined(value, ", ")})
        if predicate in CONSTRUCTS and nameless(subject):
            return []
        if predicate in _LISTS:
            return self.filled(_MEANS, {"s": [subject], "o": self._list(predicate, value)})
        template = WORDS.get(predicate) or (_BY_TYPE.get(value, "") if predicate == _TYPE else "")
        if predicate == _SAME_CLASS and nameless(value):
            template = _MEANS
        parts = {"s": self.expression(subject), "o": self.expression(value)}
        if predicate == CHAIN:
            parts["chain"] = self._joined(value, ", then ")
        return self.filled(template, parts) if template else []

    def expression(self, term: Term, within: frozenset[Term] = frozenset()) -> Sentence:
        """A term; of a node without a name what its construct says; of a literal its text."""
        if is_literal(term):
            return [text_of(term)]
        if not nameless(term):
            return [term]
        said = {p: values[0] for p, values in self.nodes.about.get(term, {}).items()}
        predicate = next((p for p in CONSTRUCTS if p in said), "")
        if not predicate or term in within:
            return ["thing that has no name"]
        within |= {term}
        if predicate in _LISTS:
            return self._list(predicate, said[predicate], within)
        slots = {"o": predicate, "p": _ON_PROPERTY, "c": _ON_CLASS if _ON_CLASS in said else _ON_RANGE}
        parts = {slot: self.expression(said[p], within) for slot, p in slots.items() if p in said}
        return self.filled(_EXPRESSIONS[predicate], parts)

    def filled(self, template: str, parts: Mapping[str, Sentence]) -> Sentence:
        """A template with parts in its slots, and the article before each as its first sound wants it."""
        sentence: Sentence = []
        for number, piece in enumerate(_SLOT.split(template)):
            if number % 2 == 0:
                sentence.append(piece)
                continue
            part = parts.get(piece, [])
            if part and sentence and self._begins_with_a_vowel(part[0]):
                sentence[-1] = _ARTICLE.sub(r"\1n ", sentence[-1])
            sentence += part
        return [piece for piece in sentence if piece]

    def rule(self, rule: str, axioms: Iterable[Triple]) -> str:
        """An application of a W3C rule in words, from its axioms; of a rule not listed, the axiom in labels."""
        axioms = list(axioms)
        sentence = _RULES.get(rule)
        if not axioms:
            # A sentence with gaps says nothing without its axiom.
            return sentence if sentence and "{" not in sentence else "by the meaning of the terms"
        subject, predicate, value = axioms[0]
        s, o = self.label(subject), self.label(value)
        if sentence is None:
            return f"{s} {self.label(predicate)} {o}"
        chain = list(self.nodes.members(value)) if predicate == CHAIN else []
        steps = [f"{_letter(n)} {self.label(term)} {_letter(n + 1)}" for n, term in enumerate(chain)]
        a, b = ("an" if _vowel(noun) else "a" for noun in (o, s))
        return sentence.format(s=s, o=o, a=a, b=b, chain=" and ".join(steps), end=_letter(len(chain)))

    def _begins_with_a_vowel(self, part: str) -> bool:
        return _vowel(self.label(part) if part.startswith("<") else part)

    def _list(self, predicate: Term, head: Term, within: frozenset[Term] = frozenset()) -> Sentence:
        prefix, between = _LISTS[predicate]
        return [*([prefix] if prefix else []), *self._joined(head, between, within)]

    def _joined(self, head: Term, between: str, within: frozenset[Term] = frozenset()) -> Sentence:
        found: Sentence = []
        for term in self.nodes.members(head):
            found += [between] if found else []
            found += self.expression(term, within)
        return found


def _letter(number: int) -> str:
    return chr(ord("A") + number % 26)


def _vowel(text: str) -> bool:
    return text[:1].lower() in tuple("aeiou")
