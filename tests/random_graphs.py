"""Small random ontologies with data, for Hypothesis: every construct of OWL 2 RL over a few names."""

from hypothesis import strategies as st

from kg.rules.names import NIL, THING, TYPE, iri

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
fact = st.one_of(
    st.tuples(thing, st.just(TYPE), cls),
    st.tuples(thing, prop, thing),
    st.tuples(thing, prop, thing),
    st.tuples(thing, st.just(iri("owl:sameAs")), thing),
)
key = listed(cls, "owl:hasKey", prop, 1, 2)


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
