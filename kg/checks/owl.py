"""Check the ontology against OWL 2: the RL profile, the simple properties of DL, and unsatisfiable classes.

The grammar of the profile is that of OWL 2 Web Ontology Language Profiles (second edition), section 4.2. A
construct outside it is no error in OWL, but the rules infer nothing from it, so the check warns of it.

Simple properties are those of OWL 2 Structural Specification (second edition), section 11: a property is composite
when it is transitive, when a chain concludes it, or when a property below it, equivalent to it or inverse to it is
composite; all others are simple. The rules of OWL 2 RL are sound all the same; reasoners for OWL 2 DL refuse the
ontology.

A class is tried by supposing one thing in it and closing that under the rules; what then contradicts itself gives
the steps. In OWL 2 RL that finds what the rules can find (Profiles, section 4.3), which is sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.checks.axioms_in_words import AxiomWords
from kg.checks.terms import CLASS, DATA, OBJECT, TYPE, Schema, ancestors, name_of, nameless, relations
from kg.errors import Problem
from kg.model import Term, Triple, text_of
from kg.reasoner import close, refutations
from kg.vocab import OWL, RDF, RDFS, XSD, iri, iris, local_name

_XSD = (
    "decimal integer nonNegativeInteger nonPositiveInteger positiveInteger negativeInteger long int short byte "
    "unsignedLong unsignedInt unsignedShort unsignedByte float double string normalizedString token language Name "
    "NCName NMTOKEN boolean hexBinary base64Binary anyURI dateTime dateTimeStamp"
)
#: The datatypes of OWL 2 RL (section 4.2.1).
DATATYPES = frozenset((*iris(XSD, _XSD), iri(RDFS + "Literal"), *iris(RDF, "PlainLiteral XMLLiteral langString")))
_DATATYPE = iri(RDFS + "Datatype")
_THING = iri(OWL + "Thing")
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
#: The places of the subject and the object of an axiom on classes.
_ROLES = {
    iri(RDFS + "subClassOf"): ("sub", "super"),
    iri(OWL + "equivalentClass"): ("equivalent", "equivalent"),
    iri(OWL + "disjointWith"): ("sub", "sub"),
}
#: How each place is called.
_PLACES = {"sub": "a subclass", "super": "a superclass", "equivalent": "an equivalent class"}
_NEVER = ("hasSelf", "minCardinality", "cardinality", "minQualifiedCardinality", "qualifiedCardinality")
#: Outside the profile wherever they stand: as the value of rdf:type, and as predicates.
_REFUSED = set(iris(OWL, "ReflexiveProperty disjointUnionOf onDatatype onProperties datatypeComplementOf"))
#: Constructs that may stand on a named class directly.
_DIRECT = {iri(OWL + name) for name in (*_PARTS, *_NEVER)}
#: What says of a named datatype what it is.
_DEFINING = {"equivalentClass", "intersectionOf"}
_OBJECT_ONLY = set(
    iris(
        OWL,
        "InverseFunctionalProperty SymmetricProperty AsymmetricProperty TransitiveProperty IrreflexiveProperty",
    )
)


@dataclass(slots=True)
class _Grammar:
    """The walk through class expressions and data ranges."""

    schema: Schema

    def expression(self, term: Term, role: str) -> Iterator[str]:
        """The constructs of a class expression that its place (sub, super, equivalent) does not allow."""
        if term == _THING:
            yield f"owl:Thing as {_PLACES[role]}"
        if nameless(term):
            known = [name for name in self.parts(term) if name in _PARTS or name in _NEVER]
            yield from self.constructs(term, known, role)
            if not known:
                yield "an anonymous class without a construct of OWL 2 RL"

    def parts(self, term: Term) -> dict[str, list[Term]]:
        """Statements about a node with OWL's own predicates, by their names."""
        said = self.schema.nodes.about.get(term, {})
        return {local_name(p): values for p, values in said.items() if p.startswith(f"<{OWL}")}

    def constructs(self, term: Term, names: Iterable[str], role: str) -> Iterator[str]:
        """As ``expression``, of the constructs of those names that a node has."""
        parts = self.parts(term)
        for name in names:
            if role not in _PARTS.get(name, set()):
                yield f"owl:{name} in {_PLACES[role]}"
            else:
                yield from self._part(name, parts[name], parts, role)

    def is_data_range(self, term: Term) -> bool:
        """Whether a node is declared a datatype."""
        return _DATATYPE in self.schema.types.get(term, ())

    def data_range(self, term: Term, within: frozenset[Term] = frozenset()) -> Iterator[str]:
        """The constructs of a data range that the profile does not allow: it has intersections of datatypes alone."""
        parts = self.parts(term)
        if not nameless(term):
            # A class that stands here is told by its kind.
            known = term in DATATYPES or self.schema.types.get(term, set()) & {CLASS}
            if not known and not (self.is_data_range(term) and parts.keys() & _DEFINING):
                yield f"the datatype {local_name(term)}"
            return
        yield from (f"owl:{name} in a data range" for name in parts if name in ("unionOf", "oneOf", "complementOf"))
        members = [m for head in parts.get("intersectionOf", ()) for m in self.schema.nodes.members(head)]
        for member in members:
            if member not in within:
                yield from self.data_range(member, within | {term})

    def _part(self, name: str, values: list[Term], parts: dict[str, list[Term]], role: str) -> Iterator[str]:
        data = any(DATA in self.schema.types.get(p, ()) for p in parts.get("onProperty", ()))
        for value in values:
            if name in ("intersectionOf", "unionOf"):
                for member in self.schema.nodes.members(value):
                    yield from self.expression(member, role)
            elif name in ("someValuesFrom", "allValuesFrom") and data:
                yield from self.data_range(value)
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
            for kind in parts.get("onDataRange", ()):
                yield from self.data_range(kind)


def profile_problems(schema: Schema) -> Iterator[Problem]:
    """Every construct outside OWL 2 RL (KG441) and every term of two kinds at once (KG442), with its place."""
    grammar = _Grammar(schema)
    for triple, place in schema.triples.items():
        for construct in dict.fromkeys(_constructs(triple, grammar)):
            subject = "an anonymous class" if nameless(triple[0]) else name_of(triple[0])
            remedy = "It has no effect here: express it within OWL 2 RL, or as a rule in ontology/rules/."
            yield Problem("KG441", f"{subject}: {construct} is outside OWL 2 RL", place, remedy, "warning")
    for term, types in schema.types.items():
        if {OBJECT, DATA} <= types or (DATA in types and types & _OBJECT_ONLY):
            message = f"{name_of(term)} is both a datatype property and an object property"
            yield Problem("KG442", message, schema.places[term], "Keep one of the two types.")


def _constructs(triple: Triple, grammar: _Grammar) -> Iterator[str]:
    subject, predicate, value = triple
    types = grammar.schema.types.get(subject, set())
    refused = value if predicate == TYPE else predicate
    if refused in _REFUSED:
        yield name_of(refused)
    if predicate == iri(OWL + "equivalentClass") and grammar.is_data_range(subject):
        yield from grammar.data_range(value)
    elif predicate in _ROLES:
        for term, role in zip((subject, value), _ROLES[predicate], strict=True):
            yield from grammar.expression(term, role)
    elif predicate == iri(OWL + "members"):
        if iri(OWL + "AllDisjointClasses") in grammar.schema.types.get(subject, ()):
            for member in grammar.schema.nodes.members(value):
                yield from grammar.expression(member, "sub")
    elif predicate == iri(RDFS + "range") and DATA in types:
        yield from grammar.data_range(value)
    elif (
        predicate == iri(RDFS + "domain")
        or (predicate == iri(RDFS + "range") and OBJECT in types)
        or (predicate == TYPE and nameless(value))
    ):
        yield from grammar.expression(value, "super")
    elif predicate in _DIRECT and not nameless(subject):
        yield from _direct(subject, local_name(predicate), grammar)


def _direct(subject: Term, name: str, grammar: _Grammar) -> Iterator[str]:
    """A construct directly on a named class or datatype, which declares the two equivalent.

    OWL 2 Mapping to RDF Graphs (second edition), section 3.2.5, Table 18.
    """
    if not grammar.is_data_range(subject):
        yield from grammar.constructs(subject, (name,), "equivalent")
    elif name != "intersectionOf":
        yield f"owl:{name} in a data range"


_CHAIN = iri(OWL + "propertyChainAxiom")
_TRANSITIVE = iri(OWL + "TransitiveProperty")
_TYPES = {
    iri(OWL + "AsymmetricProperty"): "asymmetric",
    iri(OWL + "IrreflexiveProperty"): "irreflexive",
    iri(OWL + "FunctionalProperty"): "functional",
    iri(OWL + "InverseFunctionalProperty"): "inverse functional",
}
_COUNTING = iris(
    OWL,
    "maxCardinality minCardinality cardinality maxQualifiedCardinality minQualifiedCardinality "
    "qualifiedCardinality hasSelf",
)


def simple_problems(schema: Schema) -> Iterator[Problem]:
    """Composite properties where OWL 2 DL takes simple ones (KG448)."""
    composite = _composite(schema)
    for triple, place in schema.triples.items() if composite else ():
        for term, use in _uses(triple, schema):
            if term in composite:
                message = f"{name_of(term)} is {use}, but it is not simple: {composite[term]}"
                remedy = "Remove one of the two axioms, or write why they stay: `#: KG448 why`."
                yield Problem("KG448", message, place, remedy, "warning")


def _composite(schema: Schema) -> Mapping[Term, str]:
    """Each composite property with the reason."""
    same = (iri(OWL + "equivalentProperty"), iri(OWL + "inverseOf"))
    above = relations(schema.triples, iri(RDFS + "subPropertyOf"), both=same)
    reasons: dict[Term, str] = {}
    for subject, predicate, value in schema.triples:
        if predicate == _CHAIN:
            reasons[subject] = "a chain makes it"
        elif (predicate, value) == (TYPE, _TRANSITIVE):
            reasons[subject] = "it is transitive"
    found = dict(reasons)
    for origin in sorted(reasons):
        for term in ancestors(origin, above):
            found.setdefault(term, f"{name_of(origin)} makes it")
    return found


def _uses(triple: Triple, schema: Schema) -> Iterator[tuple[Term, str]]:
    """The properties that an axiom takes simple ones for, with what it says of them."""
    subject, predicate, value = triple
    if predicate == TYPE and value in _TYPES:
        yield subject, _TYPES[value]
    elif predicate == iri(OWL + "propertyDisjointWith"):
        yield from ((term, "disjoint with another") for term in (subject, value))
    elif predicate == iri(OWL + "members"):
        if iri(OWL + "AllDisjointProperties") in schema.nodes.values(subject, TYPE):
            yield from ((term, "disjoint with another") for term in schema.nodes.members(value))
    elif predicate in _COUNTING:
        use = f"under owl:{local_name(predicate)}"
        yield from ((term, use) for term in schema.nodes.values(subject, iri(OWL + "onProperty")))


_TRIAL = "urn:kg:supposed:"
#: Without one of these, no class can contradict itself.
_REASONS = set(
    iris(
        OWL,
        "Nothing disjointWith AllDisjointClasses complementOf maxCardinality maxQualifiedCardinality "
        "IrreflexiveProperty AsymmetricProperty propertyDisjointWith AllDisjointProperties differentFrom "
        "AllDifferent sourceIndividual",
    )
)


def unsatisfiable(schema: Schema) -> Iterator[Problem]:
    """Each unsatisfiable class (KG443), with the axioms of its shortest derivation of a contradiction."""
    if not any(term in _REASONS for triple in schema.triples for term in triple[1:]):
        return
    supposed = {f"<{_TRIAL}{number}>": term for number, term in enumerate(schema.of_kind(CLASS))}
    closure = close([*schema.triples, *((member, TYPE, term) for member, term in supposed.items())])
    best: dict[Term, tuple[_Cost, list[Triple]]] = {}
    for found, proofs in refutations(closure):
        asserted = (step.conclusion for proof in proofs for step in proof.ordered() if step.rule is None)
        leaves = list(dict.fromkeys(asserted))
        cost = (sum(proof.size() for proof in proofs), len(leaves), found.rule)
        for member in {term for triple in leaves for term in triple if term in supposed}:
            if member not in best or cost < best[member][0]:
                best[member] = (cost, leaves)
    words = AxiomWords(schema.nodes, name_of)
    for member in sorted(best, key=lambda member: supposed[member]):
        (_size, _number, rule), leaves = best[member]
        term = supposed[member]
        steps = " ".join(dict.fromkeys(filter(None, (_said(triple, words, supposed) for triple in leaves))))
        message = f"nothing can be a {name_of(term)} ({rule}): {steps}"
        yield Problem("KG443", message, schema.places[term], "Change one of the axioms in these steps.")


#: Rule applications, asserted triples, and the name of the rule that is contradicted.
_Cost = tuple[int, int, str]


def _said(triple: Triple, words: AxiomWords, supposed: Mapping[Term, Term]) -> str:
    """An axiom in words; nothing for what was supposed, and for parts of lists and of restrictions."""
    if triple[0] in supposed:
        return ""
    said = words.axiom(triple)
    if not said and not nameless(triple[0]) and not triple[2].startswith(f"<{OWL}"):
        # What the background says of an entity.
        said = [triple[0], " ", triple[1], " ", triple[2], "."]
    return "".join(name_of(part) if part.startswith("<") else part for part in said)
