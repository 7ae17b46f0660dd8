"""The OWL 2 RL profile: which constructs stand where it does not allow them.

The grammar is that of OWL 2 Web Ontology Language Profiles (second edition), section 4.2. What is outside it is
not an error of OWL: the rules simply draw no conclusion from it, which nobody should find out by missing one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.checks.schema import DATA, OBJECT, TYPE, Schema, name_of
from kg.errors import Place, Problem
from kg.model import Term, Triple, text_of
from kg.vocab import OWL, RDF, RDFS, XSD, iri, local_name

__all__ = ["DATATYPES", "profile_problems"]

_XSD = (
    "decimal integer nonNegativeInteger nonPositiveInteger positiveInteger negativeInteger long int short byte "
    "unsignedLong unsignedInt unsignedShort unsignedByte float double string normalizedString token language Name "
    "NCName NMTOKEN boolean hexBinary base64Binary anyURI dateTime dateTimeStamp"
)
#: The datatypes of OWL 2 RL (section 4.2.1).
DATATYPES = frozenset(
    [*(iri(XSD + name) for name in _XSD.split()), iri(RDFS + "Literal")]
    + [iri(RDF + name) for name in ("PlainLiteral", "XMLLiteral", "langString")]
)
_THING = iri(OWL + "Thing")
_NIL = iri(RDF + "nil")
_FIRST, _REST = iri(RDF + "first"), iri(RDF + "rest")
_CARDINALITIES = {"maxCardinality", "maxQualifiedCardinality"}
#: What a restriction may be by, and the place (sub, super, equivalent) in which the profile allows it.
_PARTS = {
    "someValuesFrom": {"sub"},
    "allValuesFrom": {"super"},
    "hasValue": {"sub", "super", "equivalent"},
    "maxCardinality": {"super"},
    "maxQualifiedCardinality": {"super"},
    "intersectionOf": {"sub", "super", "equivalent"},
    "unionOf": {"sub"},
    "oneOf": {"sub"},
    "complementOf": {"super"},
}
_NEVER = ("hasSelf", "minCardinality", "cardinality", "minQualifiedCardinality", "qualifiedCardinality")
_REFUSED = {
    (TYPE, iri(OWL + "ReflexiveProperty")): "owl:ReflexiveProperty",
    (iri(OWL + "disjointUnionOf"), None): "owl:disjointUnionOf",
    (iri(OWL + "onDatatype"), None): "owl:onDatatype",
    (iri(OWL + "onProperties"), None): "owl:onProperties",
    (iri(OWL + "datatypeComplementOf"), None): "owl:datatypeComplementOf",
}
_OBJECT_ONLY = {
    iri(OWL + name)
    for name in (
        "InverseFunctionalProperty",
        "SymmetricProperty",
        "AsymmetricProperty",
        "TransitiveProperty",
        "IrreflexiveProperty",
    )
}


@dataclass(slots=True)
class _Grammar:
    """The descriptions of a graph, by subject, and the walk through class expressions."""

    schema: Schema
    about: dict[Term, dict[Term, list[Term]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def __post_init__(self) -> None:
        for subject, predicate, value in self.schema.triples:
            self.about[subject][predicate].append(value)

    def anonymous(self, term: Term) -> bool:
        return "/.well-known/genid/" in term

    def members(self, head: Term) -> Iterator[Term]:
        seen: set[Term] = set()
        while head != _NIL and head not in seen:
            seen.add(head)
            yield from self.about[head][_FIRST]
            head = next(iter(self.about[head][_REST]), _NIL)

    def expression(self, term: Term, role: str) -> Iterator[str]:
        """The constructs of a class expression that its place (sub, super, equivalent) does not allow."""
        if term == _THING:
            yield f"owl:Thing as a {role}class" if role != "equivalent" else "owl:Thing as an equivalent class"
        if not self.anonymous(term):
            return
        parts = {local_name(p): values for p, values in self.about[term].items() if p.startswith(f"<{OWL}")}
        known = [name for name in parts if name in _PARTS or name in _NEVER]
        if not known:
            yield "an anonymous class without a construct of OWL 2 RL"
        for name in known:
            if role not in _PARTS.get(name, set()):
                yield f"owl:{name} in a {role}class" if role != "equivalent" else f"owl:{name} in an equivalent class"
                continue
            yield from self._part(name, parts[name], parts, role)

    def _part(self, name: str, values: list[Term], parts: dict[str, list[Term]], role: str) -> Iterator[str]:
        for value in values:
            if name in ("intersectionOf", "unionOf"):
                for member in self.members(value):
                    yield from self.expression(member, role)
            elif name in ("someValuesFrom", "complementOf") and value != _THING:
                yield from self.expression(value, "sub")
            elif name == "allValuesFrom":
                yield from self.expression(value, "super")
            elif name in _CARDINALITIES and text_of(value) not in ("0", "1"):
                yield f"owl:{name} {text_of(value)} (0 or 1 only)"
        if name == "maxQualifiedCardinality":
            for kind in parts.get("onClass", ()):
                if kind != _THING:
                    yield from self.expression(kind, "sub")


def profile_problems(schema: Schema) -> Iterator[Problem]:
    """Every construct outside OWL 2 RL (KG441) and every term of two kinds at once (KG442), with its place."""
    grammar = _Grammar(schema)
    for triple, place in schema.triples.items():
        for construct in dict.fromkeys(_constructs(triple, grammar)):
            subject = "an anonymous class" if grammar.anonymous(triple[0]) else name_of(triple[0])
            yield Problem(
                "KG441",
                f"{subject}: {construct} is outside OWL 2 RL",
                place,
                "Nothing follows from it here: say it within the profile, or as a rule in ontology/rules/.",
                "warning",
            )
    for term, types in schema.types.items():
        if {OBJECT, DATA} <= types or (DATA in types and types & _OBJECT_ONLY):
            yield _mixed(term, schema.places[term])


def _mixed(term: Term, place: Place) -> Problem:
    message = f"{name_of(term)} is a datatype property and has the kind of an object property"
    return Problem("KG442", message, place, "A property takes literals or things, not both.")


def _constructs(triple: Triple, grammar: _Grammar) -> Iterator[str]:
    subject, predicate, value = triple
    name = _REFUSED.get((predicate, None)) or _REFUSED.get((predicate, value))
    if name:
        yield name
    if predicate == iri(RDFS + "subClassOf"):
        yield from grammar.expression(subject, "sub")
        yield from grammar.expression(value, "super")
    elif predicate == iri(OWL + "equivalentClass"):
        yield from grammar.expression(subject, "equivalent")
        yield from grammar.expression(value, "equivalent")
    elif predicate == iri(OWL + "disjointWith"):
        yield from grammar.expression(subject, "sub")
        yield from grammar.expression(value, "sub")
    elif predicate == iri(OWL + "members"):
        if iri(OWL + "AllDisjointClasses") in grammar.schema.types.get(subject, ()):
            for member in grammar.members(value):
                yield from grammar.expression(member, "sub")
    elif predicate == iri(RDFS + "domain"):
        yield from grammar.expression(value, "super")
    elif predicate == iri(RDFS + "range"):
        yield from _range(subject, value, grammar)
    elif predicate == TYPE and grammar.anonymous(value):
        yield from grammar.expression(value, "super")


def _range(subject: Term, value: Term, grammar: _Grammar) -> Iterator[str]:
    types = grammar.schema.types.get(subject, set())
    if DATA in types:
        if value not in DATATYPES and not grammar.anonymous(value):
            yield f"the datatype {local_name(value)}"
    elif OBJECT in types:
        yield from grammar.expression(value, "super")
