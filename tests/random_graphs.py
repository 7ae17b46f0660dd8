"""Small random ontologies with data, for Hypothesis: every construct of OWL 2 RL over a few names.

``ontologies`` and ``data`` have what owlrl and owlrl-turbo are right about; ``ontologies_of_all`` and ``data_of_all``
add the rest: literals, the constructs that deny something, keys, and the W3C's own terms as subjects and objects.
"""

from itertools import pairwise

from hypothesis import strategies as st

from kg.reasoner.owl_terms import NIL, THING, TYPE, iri

CLASSES = [f"<http://example.org/C{k}>" for k in range(4)]
PROPERTIES = [f"<http://example.org/p{k}>" for k in range(3)]
THINGS = [f"<http://example.org/i{k}>" for k in range(4)]

cls, prop, thing = (st.sampled_from(names) for names in (CLASSES, PROPERTIES, THINGS))
kinds = st.sampled_from(
    ["FunctionalProperty", "InverseFunctionalProperty", "SymmetricProperty", "TransitiveProperty"]
)
numbers = st.sampled_from(["0", "1"]).map(lambda text: f'"{text}"^^{iri("xsd:nonNegativeInteger")}')


def plain(subject, predicate, value):
    """One triple."""
    return st.tuples(subject, st.just(iri(predicate)), value).map(lambda triple: [triple])


def listed(subject, predicate, member, least=2, most=3):
    """An axiom over a list."""

    def build(parts):
        name, members, number = parts
        nodes = [f"_:l{number}x{k}" for k in range(len(members))]
        triples = [(name, iri(predicate), nodes[0])]
        for node, each, rest in zip(nodes, members, [*nodes[1:], NIL], strict=True):
            triples += [(node, iri("rdf:first"), each), (node, iri("rdf:rest"), rest)]
        return triples

    return st.tuples(subject, st.lists(member, min_size=least, max_size=most), st.integers(0, 10**6)).map(build)


def restriction(*parts):
    """A restriction on a property."""
    values = [st.tuples(st.just(iri(name)), value) for name, value in parts]
    return st.tuples(cls, prop, *values).map(
        lambda drawn: [(drawn[0], iri("owl:onProperty"), drawn[1]), *((drawn[0], p, o) for p, o in drawn[2:])]
    )


axiom = st.one_of(
    plain(cls, "rdfs:subClassOf", cls),
    plain(prop, "rdfs:subPropertyOf", prop),
    plain(prop, "rdfs:domain", cls),
    plain(prop, "rdfs:range", cls),
    plain(prop, "owl:inverseOf", prop),
    plain(cls, "owl:equivalentClass", cls),
    plain(prop, "owl:equivalentProperty", prop),
    plain(cls, "owl:disjointWith", cls),
    plain(prop, "owl:propertyDisjointWith", prop),
    plain(cls, "rdf:type", st.just(iri("owl:Class"))),
    st.tuples(prop, st.just(TYPE), kinds.map(lambda kind: iri(f"owl:{kind}"))).map(lambda triple: [triple]),
    listed(prop, "owl:propertyChainAxiom", prop),
    listed(cls, "owl:intersectionOf", cls),
    listed(cls, "owl:unionOf", cls),
    listed(cls, "owl:oneOf", thing),
    restriction(("owl:someValuesFrom", st.sampled_from([*CLASSES, THING]))),
    restriction(("owl:allValuesFrom", cls)),
    restriction(("owl:hasValue", thing)),
    restriction(("owl:maxCardinality", numbers)),
    restriction(("owl:maxQualifiedCardinality", numbers), ("owl:onClass", cls)),
)


def late(parts):
    """A thing whose type only follows, the later the deeper: by a domain and so many subclasses."""
    thing_, cls_, depth, number = parts
    names = [*(f"<http://example.org/L{number}x{k}>" for k in range(depth)), cls_]
    q = f"<http://example.org/q{number}>"
    steps = [(one, iri("rdfs:subClassOf"), two) for one, two in pairwise(names)]
    return [(q, iri("rdfs:domain"), names[0]), (thing_, q, thing_), *steps]


axiom = st.one_of(
    axiom,
    plain(cls, "owl:complementOf", cls),
    st.tuples(thing, cls, st.integers(0, 3), st.integers(0, 10**6)).map(late),
)
fact = st.one_of(
    st.tuples(thing, st.just(TYPE), cls),
    st.tuples(thing, prop, thing),
    st.tuples(thing, prop, thing),
    st.tuples(thing, st.just(iri("owl:sameAs")), thing),
)
#: Of several spellings, languages and datatypes, some with one value.
LITERALS = [
    '"a"',
    '"b"',
    '"a"@en',
    f'"a"^^{iri("xsd:token")}',
    f'"1"^^{iri("xsd:integer")}',
    f'"1.0"^^{iri("xsd:decimal")}',
]
value = st.sampled_from([*THINGS, *LITERALS])
datatype = st.sampled_from([iri(name) for name in ("rdfs:Literal", "xsd:string", "xsd:token", "xsd:integer")])
#: Terms that the reasoner treats in ways of their own.
VOCABULARY = [TYPE, iri("owl:sameAs"), iri("owl:differentFrom"), THING, iri("owl:Nothing"), iri("rdfs:Literal")]
anything = st.sampled_from([*CLASSES, *PROPERTIES, *THINGS, *VOCABULARY])
key = listed(cls, "owl:hasKey", prop, 1, 2)


def gathered(kind, predicate, member):
    """An axiom of a node of its own over a list."""
    node = st.integers(0, 10**6).map(lambda number: f"_:a{number}")

    def typed(triples):
        return [(triples[0][0], TYPE, iri(kind)), *triples]

    return listed(node, predicate, member).map(typed)


def denied(target, value_):
    """A negative property assertion."""

    def build(parts):
        names = ("owl:sourceIndividual", "owl:assertionProperty", target)
        return [(f"_:n{parts[3]}", iri(name), part) for name, part in zip(names, parts, strict=False)]

    return st.tuples(thing, prop, value_, st.integers(0, 10**6)).map(build)


def own_terms(parts):
    """A statement on the W3C's own terms."""
    one, predicate, other, turned = parts
    return [(other, predicate, one) if turned else (one, predicate, other)]


denying = st.one_of(
    gathered("owl:AllDifferent", "owl:members", thing),
    gathered("owl:AllDifferent", "owl:distinctMembers", thing),
    gathered("owl:AllDisjointClasses", "owl:members", cls),
    gathered("owl:AllDisjointProperties", "owl:members", prop),
    denied("owl:targetIndividual", thing),
    denied("owl:targetValue", value),
    st.tuples(
        prop, st.just(TYPE), st.sampled_from([iri("owl:IrreflexiveProperty"), iri("owl:AsymmetricProperty")])
    ).map(lambda triple: [triple]),
    plain(thing, "owl:differentFrom", thing),
)
with_literals = st.one_of(
    plain(prop, "rdfs:range", datatype),
    plain(cls, "rdfs:subClassOf", datatype),
    plain(datatype, "rdfs:subClassOf", cls),
    restriction(("owl:hasValue", value)),
    listed(cls, "owl:oneOf", value),
)
on_own_terms = st.tuples(
    st.sampled_from(VOCABULARY),
    st.sampled_from([iri(name) for name in ("owl:sameAs", "rdfs:subPropertyOf", "rdfs:subClassOf", "rdfs:domain")]),
    anything,
    st.booleans(),
).map(own_terms)


def flat(parts):
    """Lists of triples as one, without repetition; each part's list nodes are its own.

    Two lists that shared a node would be no RDF lists: owlrl reads one of the two, at random.
    """

    def own(term, number):
        return f"{term}y{number}" if term.startswith("_:") else term

    numbered = ((own(s, k), p, own(o, k)) for k, part in enumerate(parts) for s, p, o in part)
    return list(dict.fromkeys(numbered))


#: Axioms; facts; both as lists of triples. Without owl:hasKey, on which owlrl is wrong.
ontologies = st.lists(axiom, min_size=1, max_size=7).map(flat)
ontologies_with_keys = st.lists(st.one_of(axiom, key), min_size=1, max_size=7).map(flat)
data = st.lists(fact, min_size=1, max_size=9, unique=True)
ontologies_of_all = st.lists(
    st.one_of(axiom, axiom, key, denying, with_literals, on_own_terms), min_size=1, max_size=6
).map(flat)
with_denials = st.lists(st.one_of(axiom, key, denying, with_literals), min_size=1, max_size=6).map(flat)
data_of_all = st.lists(
    st.one_of(fact, fact, st.tuples(thing, prop, value), st.tuples(thing, st.just(iri("owl:sameAs")), value)),
    min_size=1,
    max_size=8,
    unique=True,
)


def _keyed_late(parts):
    """Things with one value for a key, of a class by a type that is stated or follows the later the deeper."""
    members, bound = parts
    owner, p, one = THINGS[0], PROPERTIES[0], f'"1"^^{iri("xsd:nonNegativeInteger")}'
    triples = [(CLASSES[1], iri("owl:onProperty"), p), (CLASSES[1], iri("owl:maxQualifiedCardinality"), one)]
    triples += [(CLASSES[1], iri("owl:onClass"), CLASSES[0]), (owner, TYPE, CLASSES[1])]
    if not bound:
        triples = [
            (CLASSES[0], iri("owl:hasKey"), "_:k"),
            ("_:k", iri("rdf:first"), p),
            ("_:k", iri("rdf:rest"), NIL),
        ]
    for number, (name, depth) in enumerate(members):
        triples.append((owner, p, name) if bound else (name, p, owner))
        triples += late((name, CLASSES[0], depth, number)) if depth else [(name, TYPE, CLASSES[0])]
    return list(dict.fromkeys(triples))


keyed_late = st.tuples(
    st.lists(st.tuples(st.sampled_from([*THINGS[1:], *CLASSES[2:]]), st.integers(0, 3)), min_size=2, max_size=5),
    st.booleans(),
).map(_keyed_late)

#: Little beside what is to meet: own terms equated with properties; literals of one value in several forms.
of_own_terms = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(VOCABULARY[:3]),
            st.sampled_from([iri("owl:sameAs"), iri("rdfs:subPropertyOf")]),
            st.sampled_from([*PROPERTIES[:1], *VOCABULARY[:2]]),
            st.booleans(),
        ).map(own_terms),
        plain(cls, "rdf:type", st.just(iri("owl:Class"))),
    ),
    min_size=2,
    max_size=3,
).map(flat)
of_literals = st.lists(
    st.tuples(st.sampled_from(THINGS[:2]), st.just(PROPERTIES[0]), st.sampled_from(LITERALS)),
    min_size=2,
    max_size=4,
    unique=True,
)
