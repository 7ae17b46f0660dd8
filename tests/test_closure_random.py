"""Random ontologies and data: the closure of owlrl and owlrl-turbo, and sound proofs."""

from examples import examples
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kg.reasoner import (
    Program,
    Search,
    all_proofs,
    check,
    check_step,
    close,
    compile_program,
    get_reasoner,
    refutations,
)
from tests.naive import naive_closure
from tests.random_graphs import (
    data,
    data_of_all,
    keyed_late,
    of_literals,
    of_own_terms,
    ontologies,
    ontologies_of_all,
    ontologies_with_keys,
)
from tests.same_closure import assert_well_founded
from tests.turbo import needs_turbo, turbo_closure

_FILLERS = {f"<http://www.w3.org/2002/07/owl#{name}>" for name in ("someValuesFrom", "allValuesFrom", "hasValue")}


def without_twins(triples):
    """No two restrictions come to have one filler: the oracles do not compare such, ours does (scm-svf1, say).

    The tables ask that one filler be a subclass of the other, and a class can be one of itself. Fillers that are
    equal by owl:sameAs are one.
    """
    fillers = [(p, o) for s, p, o in close(triples) if p in _FILLERS]
    return len(fillers) == len(set(fillers))


@examples(30, 1000, ontologies, data)
def test_same_as_owlrl(ontology, facts):
    """Filtered of trivial triples, the closure is owlrl's, and inconsistent when owlrl says so."""
    assume(without_twins(ontology + facts))
    ours = get_reasoner("native").reason(ontology + facts)
    theirs = get_reasoner("owlrl").reason(ontology + facts)
    assert ours.inferred == theirs.inferred
    assert bool(ours.inconsistent) == bool(theirs.inconsistent)


@needs_turbo
@settings(max_examples=2000)
@given(ontologies_with_keys, data)
def test_same_as_owlrl_turbo(ontology, facts):
    """Filtered of trivial triples, the closure is owlrl-turbo's too, keys included; inconsistent when it says so."""
    assume(without_twins(ontology + facts))
    ours, theirs = get_reasoner("native").reason(ontology + facts), turbo_closure(ontology + facts)
    assert ours.inferred == theirs.inferred
    assert bool(ours.inconsistent) == bool(theirs.inconsistent)


def _same_as_naive(ontology, facts):
    ours, theirs = get_reasoner("native").reason(ontology + facts), naive_closure(ontology + facts)
    assert ours.inferred == theirs.inferred
    assert bool(ours.inconsistent) == bool(theirs.inconsistent)


@examples(50, 3000, ontologies_of_all, data_of_all)
def test_same_as_naive(ontology, facts):
    """Of every construct, literals and the W3C's own terms included: what the table gives, tried rule by rule."""
    _same_as_naive(ontology, facts)


@examples(4, 40, of_own_terms, st.one_of(data, of_literals))
def test_same_as_naive_about_own_terms(ontology, facts):
    """rdf:type, owl:sameAs and owl:differentFrom as subjects and objects of axioms."""
    _same_as_naive(ontology, facts)


@examples(25, 500, keyed_late)
def test_same_as_naive_where_types_come_late(facts):
    """Keys and qualified cardinalities over things whose types follow in different rounds."""
    _same_as_naive([], facts)


@needs_turbo
def test_the_oracles_do_not_compare_restrictions_with_one_filler():
    """If C0 is a subclass of itself, then scm-svf1 makes of two restrictions to C0 on one property subclasses."""
    c0, c1, owl = "<http://example.org/C0>", "<http://example.org/C1>", "http://www.w3.org/2002/07/owl#"
    ontology = [(c0, f"<{owl}equivalentClass>", c0)]
    for each in (c0, c1):
        ontology.append((each, f"<{owl}onProperty>", "<http://example.org/p0>"))
        ontology.append((each, f"<{owl}someValuesFrom>", c0))
    subclass = (c0, "<http://www.w3.org/2000/01/rdf-schema#subClassOf>", c1)
    assert not without_twins(ontology)
    assert subclass in get_reasoner("native").reason(ontology).inferred
    assert subclass not in get_reasoner("owlrl").reason(ontology).inferred
    assert subclass not in turbo_closure(ontology).inferred


@examples(25, 300, ontologies_with_keys, data)
def test_proofs_are_sound(ontology, facts):
    """Records, rule instances, canonical and minimal proofs all pass the checker; every fact has an instance."""
    closure = close(ontology + facts)
    instances = set(closure.instances())
    asserted = set(closure.asserted)
    assert all(check_step(*step) for step in instances)
    assert set(closure) - asserted <= {step.conclusion for step in instances}
    search = Search(closure)
    for triple in closure:
        step = closure.derivation(triple)
        assert (step is None) == (triple in asserted)
        assert step is None or step in instances
        assert check(search.prove(triple), asserted) == []
    for triple in sorted(closure.inferred())[:3]:
        assert not any(check(proof, asserted) for proof in all_proofs(closure, triple, 5))
    assert all(check_step(each.rule, None, each.premises) for each, _ in refutations(closure))


@examples(25, 300, ontologies_with_keys, data, st.randoms())
def test_order_of_work_does_not_matter(ontology, facts, random):
    """Another order, or another split between program and data: same closure, instances, proofs, findings.

    The proofs are those of a search without a budget: where it is spent, the records give the proof.
    """
    given_ = ontology + facts
    closure = close(given_)
    shuffled = list(given_)
    random.shuffle(shuffled)
    cut = random.randint(0, len(given_))
    program = Program.loads(compile_program(shuffled[:cut]).dumps())
    for other in (close(shuffled), close(shuffled[cut:], program)):
        assert set(other) == set(closure)
        assert set(other.instances()) == set(closure.instances())
        assert other.inconsistencies == closure.inconsistencies
        one, two = Search(closure, bounded=False), Search(other, bounded=False)
        assert all(one.prove(triple) == two.prove(triple) for triple in closure)


def _proofs_of_all(given, most=None):
    """Every record is an instance of its rule and well-founded; every proof, or so many, passes the checker.

    One proof costs as much as the closure may, so all of a closure about the W3C's own terms would take minutes.
    """
    closure = close(given)
    asserted, search = set(closure.asserted), Search(closure)
    for triple in closure:
        step = closure.derivation(triple)
        assert step is None or check_step(*step)
    triples = sorted(closure)
    for triple in triples[:: 1 if most is None else 1 + len(triples) // most]:
        assert check(search.prove(triple), asserted) == []
    assert_well_founded(closure)


@examples(25, 150, ontologies_of_all, data_of_all)
def test_proofs_of_every_construct_are_sound(ontology, facts):
    """Of every construct, literals and the W3C's own terms included."""
    _proofs_of_all(ontology + facts)


@examples(6, 75, of_own_terms, data_of_all)
def test_proofs_about_own_terms_are_sound(ontology, facts):
    """Where owl:sameAs itself has a superproperty or an equal, what equals itself does not rest on that."""
    _proofs_of_all(ontology + facts, most=30)
