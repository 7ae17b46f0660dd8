"""Closures: what they hold and what not, whatever the ontology does; large chains and cliques."""

import pytest
from timing import takes_at_most

from benchmarks.generators import GENERATORS
from kg.errors import UsageError
from kg.reasoner import Program, check, close, compile_program, get_reasoner, prove, trivial
from kg.reasoner.owl_terms import SAME, THING, TYPE, iri

SUB = iri("rdfs:subClassOf")


def e(name):
    return f"<http://e/{name}>"


def test_ontology_in_the_data():
    """A subclass axiom that comes with the data, or follows from it, counts like the program's."""
    program = compile_program([(e("A"), SUB, e("B"))])
    data = [(e("x"), TYPE, e("A")), (e("B"), e("narrower"), e("C")), (e("narrower"), iri("rdfs:subPropertyOf"), SUB)]
    closure = close(data, program)
    assert (e("x"), TYPE, e("C")) in closure
    assert closure.derivation((e("B"), SUB, e("C"))).rule == "prp-spo1"


def test_metamodelling():
    """The vocabulary can be spoken of: rdf:type as a property like others, both ways."""
    isa = e("isA")
    closure = close([(TYPE, iri("owl:equivalentProperty"), isa), (e("x"), TYPE, e("C")), (e("y"), isa, e("C"))])
    assert {(e("x"), isa, e("C")), (e("y"), TYPE, e("C"))} <= set(closure)
    backwards = close([(e("has"), iri("owl:inverseOf"), TYPE), (e("C"), e("has"), e("x"))])
    assert (e("x"), TYPE, e("C")) in backwards


def test_reflexive_sameness_where_something_follows():
    """What owl:sameAs is declared to imply follows for each term, though eq-ref is not kept elsewhere."""
    closure = close([(SAME, iri("rdfs:subPropertyOf"), e("like")), (e("x"), e("p"), e("y"))])
    assert (e("x"), e("like"), e("x")) in closure


@pytest.mark.parametrize(
    "given",
    [
        [(SAME, iri("rdfs:subPropertyOf"), e("like"))],
        [(SAME, SAME, e("C0")), (e("i0"), TYPE, e("C0"))],
        [(e("i0"), iri("owl:differentFrom"), e("i0")), (e("i0"), iri("owl:differentFrom"), e("i1"))],
    ],
)
def test_sameness_with_itself_does_not_rest_on_itself(given):
    """That a term equals itself follows from a triple that was there before, in records and in proofs."""
    closure = close(given)
    reflexive = [triple for triple in closure if triple[1] == SAME and triple[0] == triple[2]]
    assert reflexive
    for triple in reflexive:
        steps, below = [triple], set()
        while steps:
            step = closure.derivation(steps.pop())
            new = set(step.premises) - below if step else set()
            below |= new
            steps += new
        assert triple not in below
        assert check(prove(closure, triple), closure.asserted) == []


def test_thing_where_something_follows():
    """That an instance of a declared class is an owl:Thing is kept when the ontology makes use of it."""
    data = [(e("C"), TYPE, iri("owl:Class")), (e("x"), TYPE, e("C"))]
    assert (e("x"), TYPE, THING) in close(data)
    assert (e("x"), TYPE, THING) not in set(close(data))
    assert (e("y"), TYPE, THING) not in close(data)
    assert (e("x"), TYPE, e("D")) in close([*data, (THING, SUB, e("D"))])


@pytest.mark.parametrize(
    ("given", "never"),
    [
        ([("a", "takesPartIn", "x"), ("x", "organisedBy", "nato")], ("a", "memberOf", "nato")),
        ([("a", "alliedWith", "b")], ("a", "alliedWith", "a")),
        ([("a", "observes", "pa"), ("pa", "organOf", "csto")], ("a", "memberOf", "csto")),
        ([("a", "memberOf", "b")], ("b", "memberOf", "a")),
    ],
)
def test_what_must_not_follow(given, never):
    """Membership, alliance with oneself and inverses follow from nothing that does not say so."""
    ontology = [
        (e("alliedWith"), TYPE, iri("owl:SymmetricProperty")),
        (e("observes"), iri("rdfs:subPropertyOf"), e("tiedTo")),
        (e("memberOf"), iri("rdfs:subPropertyOf"), e("tiedTo")),
    ]
    closure = close([*ontology, *(tuple(e(t) for t in triple) for triple in given)])
    assert tuple(e(t) for t in never) not in closure


@pytest.mark.parametrize(
    ("triple", "expected"),
    [
        ((e("a"), SAME, e("a")), True),
        ((e("a"), SAME, e("b")), False),
        ((e("a"), TYPE, THING), True),
        ((iri("owl:Nothing"), SUB, e("C")), True),
        (('"a"', TYPE, iri("xsd:string")), True),
        ((iri("rdfs:label"), TYPE, iri("owl:AnnotationProperty")), True),
        ((e("p"), iri("rdfs:domain"), THING), True),
        ((e("p"), iri("rdfs:domain"), e("C")), False),
        ((iri("rdfs:comment"), iri("rdfs:domain"), e("C")), False),
    ],
)
def test_trivial(triple, expected):
    """The filter takes out what holds in every graph, and no statement about the project's terms."""
    assert trivial(triple) is expected


def test_long_chain():
    """A transitive chain of 700 links gives each of its 245,350 pairs, within seconds."""
    p = e("p")
    with takes_at_most(10):
        closure = close([(p, TYPE, iri("owl:TransitiveProperty")), *((e(k), p, e(k + 1)) for k in range(700))])
        assert sum(triple[1] == p for triple in closure) == 700 * 701 // 2


def test_clique():
    """300 names for one thing, given as a chain: every pair, and every fact under every name, within seconds."""
    names = [(e(k), SAME, e(k + 1)) for k in range(299)]
    with takes_at_most(10):
        closure = close([*names, (e(7), e("p"), e("o"))])
        assert sum(triple[1] == SAME for triple in closure) == 300 * 299
        assert sum(triple[1] == e("p") for triple in closure) == 300


def test_functional_hub():
    """A functional property with 200 values equates them all, without trying every triple of them."""
    data = [(e("p"), TYPE, iri("owl:FunctionalProperty")), *((e("x"), e("p"), e(k)) for k in range(200))]
    with takes_at_most(10):
        assert sum(triple[1] == SAME for triple in close(data)) == 200 * 199


def test_small_graphs_are_quick():
    """5,000 triples under a kept program close in well under a second, and so do their rule instances."""
    ontology, generate = GENERATORS["corpus"]
    program = Program.loads(compile_program(ontology()).dumps())
    data = list(generate(5000, 1))
    with takes_at_most(2):
        closure = close(data, program)
        assert sum(1 for _ in closure.instances()) > 5000


def test_clauses_that_rest():
    """A kept program's clauses that need not run are compiled when asked for: proofs and instances have them."""
    ontology, generate = GENERATORS["university"]
    data = list(generate(300, 1))
    kept = close(data, Program.loads(compile_program(ontology()).dumps()))
    assert kept.engine.deferred
    assert set(kept.instances()) == set(close([*ontology(), *data]).instances())
    assert not kept.engine.deferred


def test_types_of_a_kept_program_where_they_are_a_property():
    """A program whose clauses ask for rdf:type as a property has the types that it states among that property's."""
    ontology = [(TYPE, iri("rdfs:subPropertyOf"), e("isA")), (e("i"), TYPE, e("C"))]
    ontology += [(e("q"), iri("owl:propertyChainAxiom"), "_:1"), ("_:1", iri("rdf:first"), TYPE)]
    ontology += [("_:1", iri("rdf:rest"), "_:2"), ("_:2", iri("rdf:first"), e("p"))]
    ontology += [("_:2", iri("rdf:rest"), iri("rdf:nil"))]
    closure = close([(e("C"), e("p"), e("x"))], Program.loads(compile_program(ontology).dumps()))
    assert (e("i"), e("q"), e("x")) in closure
    assert set(closure.instances()) == set(close([*ontology, (e("C"), e("p"), e("x"))]).instances())


def test_thing_of_a_kept_program_where_something_follows():
    """Data that make use of owl:Thing wake the clauses of a kept program that say who is one."""
    program = Program.loads(compile_program([(e("C"), TYPE, iri("owl:Class"))]).dumps())
    assert (e("x"), TYPE, e("D")) in close([(e("x"), TYPE, e("C")), (THING, SUB, e("D"))], program)


def test_program_of_another_format():
    """A kept program of another format is refused, to be compiled again."""
    with pytest.raises(ValueError, match="format"):
        Program.loads('{"format": 0}')


def test_unknown_reasoner():
    """A reasoner that there is not is a usage error that names those there are."""
    with pytest.raises(UsageError, match="native, owlrl"):
        get_reasoner("other")


def test_step_of_what_does_not_hold():
    """A step is asked of what holds; anything else is a KeyError."""
    with pytest.raises(KeyError):
        close([]).derivation((e("a"), e("b"), e("c")))


def test_an_equality_beside_a_long_chain_of_classes(monkeypatch):
    """That classes come to have members one after the other is no reason to read the ontology again each time."""
    from kg.reasoner import seminaive as module

    rounds, specialise = [], module.specialise
    monkeypatch.setattr(module, "specialise", lambda engine: (rounds.append(1), specialise(engine)))
    chain = [(f"<http://e/C{k}>", iri("rdfs:subClassOf"), f"<http://e/C{k + 1}>") for k in range(100)]
    closure = close([*chain, ("<http://e/x>", TYPE, "<http://e/C0>"), ("<http://e/x>", SAME, "<http://e/y>")])
    assert ("<http://e/y>", TYPE, "<http://e/C100>") in closure
    assert len(rounds) < 10


def test_a_property_that_equals_another_comes_in_use_late():
    """Facts of a property that only follow, of names that are equal by others, are those of its equal too."""
    p, q, r, s = (f"<http://e/{name}>" for name in "pqrs")
    equal = [(q, SAME, s), (s, SAME, r)]
    given = [(p, iri("rdfs:subPropertyOf"), q), *equal, ("<http://e/x>", p, "<http://e/y>")]
    for order in (given, given[::-1]):
        closure = close(order)
        assert ("<http://e/x>", r, "<http://e/y>") in closure
