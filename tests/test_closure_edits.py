"""Triples added and taken back again and again: the closure is always that of a full run, and mostly not one."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.reasoner import Clause, Program, change, check, cliques, close, compile_program, prove
from kg.reasoner.owl_terms import SAME, TYPE, iri
from kg.reasoner.rule import Condition
from tests.random_graphs import (
    CLASSES,
    PROPERTIES,
    THINGS,
    data,
    data_of_all,
    of_literals,
    of_own_terms,
    ontologies_of_all,
    ontologies_with_keys,
    with_denials,
)
from tests.same_closure import assert_equal, assert_well_founded

SUB, TRANSITIVE, FUNCTIONAL = iri("rdfs:subClassOf"), iri("owl:TransitiveProperty"), iri("owl:FunctionalProperty")
NAMES = [*THINGS, *(f"<http://example.org/n{k}>" for k in range(3))]
name = st.sampled_from(NAMES)
equalities = st.lists(st.tuples(name, st.just(SAME), name), max_size=8, unique=True)


def e(text):
    return f"<http://e/{text}>"


@pytest.fixture
def in_place(monkeypatch):
    """Nothing may start over."""

    def refuse(*_args):
        raise AssertionError("started over")

    monkeypatch.setattr(change, "start_over", refuse)


def _edited(everything, in_program, draw, large=None, rules=()):
    """Edit a closure at random, four times; hold it against a full run each time."""
    before = cliques.LARGE
    cliques.LARGE = large or before
    try:
        program = Program.loads(compile_program(in_program).dumps()) if in_program else None
        first = draw.draw(st.lists(st.sampled_from(everything), unique=True))
        closure, now = close(first, program, rules), {*first, *in_program}
        for _ in range(4):
            chosen = draw.draw(st.lists(st.sampled_from(everything), min_size=1, max_size=4, unique=True))
            gone, new = [t for t in chosen if t in now], [t for t in chosen if t not in now]
            closure.remove(gone * 2)  # what the program and the data both state counts twice
            now -= set(gone)
            assert_equal(closure, close(sorted(now), custom_rules=rules))
            assert_well_founded(closure)
            closure.add(new)
            now |= set(new)
            assert_equal(closure, close(sorted(now), custom_rules=rules))
            assert_well_founded(closure)
    finally:
        cliques.LARGE = before


@settings(max_examples=60, deadline=None)
@given(ontologies_with_keys, data, equalities, st.booleans(), st.sampled_from([None, 2]), st.data())
def test_edits_of_axioms_and_equalities(ontology, facts, equal, kept, large, draw):
    """Axioms, facts and equalities, in cliques of any size, of a program or not."""
    _edited(list(dict.fromkeys(ontology + facts + equal)), ontology if kept else [], draw, large)


@settings(max_examples=60, deadline=None)
@given(ontologies_with_keys, data, equalities, st.booleans(), st.sampled_from([None, 2]), st.data())
def test_edits_under_own_rules(ontology, facts, equal, kept, large, draw):
    """A rule asks for absence, another rests on that, and what they give may be inconsistent with the rest."""
    absent = Condition("absent", ((("?x", PROPERTIES[0], "?y"),), (), ("?x",)))
    rules = (
        Clause("lonely", (), (("?x", TYPE, CLASSES[0]),), ("?x", TYPE, e("Lonely")), (absent,)),
        Clause("beside", (), (("?x", TYPE, e("Lonely")), ("?x", PROPERTIES[1], "?y")), ("?x", e("beside"), "?y")),
    )
    denial = (e("Lonely"), iri("owl:disjointWith"), CLASSES[1])
    lonely = [(THINGS[0], TYPE, CLASSES[0]), (THINGS[0], TYPE, CLASSES[1]), (THINGS[0], PROPERTIES[0], THINGS[1])]
    everything = list(dict.fromkeys([*ontology, denial, *lonely, *facts, *equal]))
    _edited(everything, [*ontology, denial] if kept else [], draw, large, rules)


@settings(max_examples=40, deadline=None)
@given(st.one_of(ontologies_of_all, with_denials), st.one_of(data_of_all, of_literals), st.booleans(), st.data())
def test_edits_of_every_construct(ontology, facts, kept, draw):
    """Literals, keys, what denies something, and the W3C's own terms included."""
    _edited(list(dict.fromkeys(ontology + facts)), ontology if kept else [], draw)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    st.one_of(ontologies_with_keys, ontologies_of_all, of_own_terms, with_denials),
    st.one_of(data, data_of_all, of_literals),
    equalities,
    st.booleans(),
    st.sampled_from([None, 2, 3]),
    st.data(),
)
def test_edits_at_length(ontology, facts, equal, kept, large, draw):
    """All of that together, many times."""
    _edited(list(dict.fromkeys(ontology + facts + equal)), ontology if kept else [], draw, large)


def test_an_axiom_goes_with_what_it_gave(in_place):
    """An axiom of data, or of a program, is taken back in place, and comes back."""
    program = compile_program([(e("A"), SUB, e("B")), (e("B"), SUB, e("C")), (e("p"), TYPE, TRANSITIVE)])
    chain = [(one, e("p"), two) for one, two in pairwise(map(e, "wxyz"))]
    closure = close([*chain, (e("x"), TYPE, e("A"))], program)
    closure.remove([(e("B"), SUB, e("C")), (e("p"), TYPE, TRANSITIVE)])
    assert (e("x"), TYPE, e("B")) in closure
    assert (e("x"), TYPE, e("C")) not in closure
    assert (e("w"), e("p"), e("y")) not in closure
    closure.add([(e("B"), SUB, e("C")), (e("p"), TYPE, TRANSITIVE)])
    assert (e("x"), TYPE, e("C")) in closure
    assert (e("w"), e("p"), e("z")) in closure


def test_an_axiom_that_others_give_stays(in_place):
    """An axiom that was asserted and follows from others remains, by the long way, and is no step back."""
    chain = [(e("A"), SUB, e("B")), (e("B"), SUB, e("C"))]
    closure = close([*chain, (e("A"), SUB, e("C")), (e("x"), TYPE, e("A"))])
    closure.remove([(e("A"), SUB, e("C"))])
    assert_equal(closure, close([*chain, (e("x"), TYPE, e("A"))]))
    closure.remove([(e("B"), SUB, e("C"))])
    assert_equal(closure, close([chain[0], (e("x"), TYPE, e("A"))]))


def _same_facts(closure, full):
    """Of large cliques: the rule instances are too many to compare."""
    assert set(closure) == set(full)
    assert len(closure) == len(full)
    assert set(closure.asserted) == set(full.asserted)
    links = [triple for triple in full if triple[1] != SAME]
    assert all(step is None or all(p in full for p in step.premises) for step in map(closure.step, links))


@pytest.mark.parametrize(("size", "at"), [(30, 10), (90, 20), (90, 0), (150, 75)])
def test_a_clique_is_parted_at_a_link(in_place, size, at):
    """Of a small and a large clique, one link less parts it, or shortens it; other cliques are left alone."""
    names = [(e(k), SAME, e(k + 1)) for k in range(size - 1)]
    others = [(e(f"o{k}"), SAME, e(f"o{k + 1}")) for k in range(70)]
    facts = [(e(0), e("p"), e("o")), (e(size - 1), e("q"), e("o3"))]
    closure = close([*names, *others, *facts])
    closure.remove([names[at]])
    _same_facts(closure, close([*names[:at], *names[at + 1 :], *others, *facts]))
    assert check(prove(closure, (e(at + 1), e("q"), e("o0"))), closure.asserted) == []
    closure.add([names[at]])
    _same_facts(closure, close([*names, *others, *facts]))


@pytest.mark.parametrize("size", [10, 90])
def test_what_a_functional_property_equates(in_place, size):
    """When the value goes through which the others were linked, the others stay equal."""
    data_ = [(e("p"), TYPE, FUNCTIONAL), *((e("x"), e("p"), e(k)) for k in range(size)), (e(3), e("q"), e("o"))]
    closure = close(data_)
    closure.remove([(e("x"), e("p"), e(0))])
    _same_facts(closure, close([each for each in data_ if each[2] != e(0)]))
    closure.remove([(e("p"), TYPE, FUNCTIONAL)])
    assert not any(triple[1] == SAME for triple in closure)


def test_equal_properties_part_with_their_clique(in_place):
    """A property that is equal to another by a large clique has no more of its facts when the clique is parted."""
    names = [(e(k), SAME, e(k + 1)) for k in range(99)]
    closure = close([*names, (e("x"), e(0), e("y")), (e("x"), e(99), e("z"))])
    assert (e("x"), e(99), e("y")) in closure
    closure.remove([names[50]])
    _same_facts(closure, close([*names[:50], *names[51:], (e("x"), e(0), e("y")), (e("x"), e(99), e("z"))]))


def test_a_link_of_a_large_clique_goes_at_once():
    """To take one link from 250 names takes no more than a moment, and so does one of 400 subclasses."""
    clique = close([*((e(k), SAME, e(k + 1)) for k in range(249)), (e(7), e("p"), e("o"))])
    chain = close([*((e(k), SUB, e(k + 1)) for k in range(400)), (e("x"), TYPE, e(0))])
    started = time.perf_counter()
    clique.remove([(e(100), SAME, e(101))])
    chain.remove([(e(200), SUB, e(201))])
    assert time.perf_counter() - started < 5
    assert (e(100), e("p"), e("o")) in clique
    assert (e(101), e("p"), e("o")) not in clique
    assert (e("x"), TYPE, e(200)) in chain
    assert (e("x"), TYPE, e(201)) not in chain


def test_many_triples_go_at_once():
    """To take 30,000 triples of 60,000 takes no more than a moment: none is looked for among all the others."""
    facts = [(e(k), e("p"), e(k + 1)) for k in range(60_000)]
    closure = close(facts)
    started = time.perf_counter()
    closure.remove(facts[:30_000])
    assert time.perf_counter() - started < 4
    assert set(facts) & set(closure) == set(facts[30_000:])


def test_sameness_with_itself_is_asserted_and_not(in_place):
    """What is said to differ from itself equals itself, asserted or not; without either, nobody says so."""
    differs, equals = (e("x"), iri("owl:differentFrom"), e("x")), (e("x"), SAME, e("x"))
    closure = close([differs, equals])
    closure.remove([equals])
    assert_equal(closure, close([differs]))
    closure.remove([differs])
    assert_equal(closure, close([]))


def test_literals_that_are_no_longer_equated():
    """Two values of a functional property differ since they are equated; when one goes, nothing is said of both."""
    axiom, facts = (e("p"), TYPE, FUNCTIONAL), [(e("x"), e("p"), '"a"'), (e("x"), e("p"), '"b"')]
    closure = close([axiom, *facts])
    assert ('"a"', iri("owl:differentFrom"), '"b"') in set(closure)
    closure.remove(facts[:1])
    assert_equal(closure, close([axiom, facts[1]]))


def test_absence_is_asked_again_when_an_axiom_goes(in_place):
    """A rule that asks for absence gives more when a subproperty is none any more, and less when it is one again."""
    absent = Condition("absent", ((("?x", e("p"), "?y"),), (), ("?x",)))
    rule = Clause("childless", (), (("?x", TYPE, e("A")),), ("?x", e("is"), e("childless")), (absent,))
    axiom, facts = (e("q"), iri("rdfs:subPropertyOf"), e("p")), [(e("x"), e("q"), e("y")), (e("x"), TYPE, e("A"))]
    closure = close([axiom, *facts], custom_rules=[rule])
    for now in (facts, [axiom, *facts]):
        (closure.remove if axiom not in now else closure.add)([axiom])
        assert ((e("x"), e("is"), e("childless")) in closure) == (axiom not in now)
        assert_equal(closure, close(now, custom_rules=[rule]))


def test_an_inconsistency_goes_when_an_absence_does(in_place):
    """Where something was inconsistent since something else was absent, it is so no more once that is added."""
    absent = Condition("absent", ((("?x", e("p"), "?y"),), (), ("?x",)))
    rule = Clause("childless", (), (("?x", TYPE, e("A")),), ("?x", TYPE, e("L")), (absent,))
    facts = [(e("x"), TYPE, e("A")), (e("A"), iri("owl:disjointWith"), e("L"))]
    closure = close(facts, custom_rules=[rule])
    assert [each.rule for each in closure.inconsistencies] == ["cax-dw"]
    closure.add([(e("x"), e("p"), e("y"))])
    assert_equal(closure, close([*facts, (e("x"), e("p"), e("y"))], custom_rules=[rule]))
    assert closure.inconsistencies == []


def test_a_program_outlives_its_triples():
    """If a change starts over, a program's own rules and other triples remain, and what was taken back stays away."""
    rule = Clause("grand", (), (("?x", e("p"), "?y"), ("?y", e("p"), "?z")), ("?x", e("g"), "?z"))
    lone = Condition("absent", ((("?x", e("p"), "?y"),), (), ("?x",)))
    later = Clause("childless", (), (("?x", TYPE, e("A")),), ("?x", TYPE, e("L")), (lone,))
    ontology = [(e("A"), SUB, e("B")), (e("B"), SUB, e("C")), (e("c"), SAME, e("d"))]
    program = Program.loads(compile_program(ontology, [rule, later]).dumps())
    facts = [(e("x"), e("p"), e("y")), (e("y"), e("p"), e("z")), (e("x"), TYPE, e("A")), (e("w"), TYPE, e("A"))]
    literal = [(e("y"), SAME, '"1"'), (e("z"), e("p"), '"1"')]
    closure = close([*facts, *literal], program)
    closure.remove([ontology[1]])
    closure.remove(literal)  # what is said of literals starts over
    closure.add([(e("z"), e("p"), e("w"))])
    full = close([ontology[0], ontology[2], *facts, (e("z"), e("p"), e("w"))], custom_rules=[rule, later])
    assert_equal(closure, full)
    assert (e("x"), TYPE, e("C")) not in closure
    assert {(e("x"), e("g"), e("z")), (e("y"), e("g"), e("w")), (e("w"), TYPE, e("L"))} <= set(closure)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_an_equality_that_is_left_one_way(in_place, order):
    """Of a link that was given both ways, one way is left: what is said of either name is said of the other."""
    links = [(e("x"), SAME, e("y")), (e("x"), SAME, e("z")), (e("y"), SAME, e("z")), (e("z"), SAME, e("x"))]
    said = (e("y"), e("p"), e("o"))
    closure = close([*links[order:], said, *links[:order]])
    closure.remove(links[:2])
    assert_equal(closure, close([*links[2:], said]))
    assert_well_founded(closure)


@pytest.mark.parametrize("large", [64, 2])
def test_an_equality_that_followed_before_it_was_stated(in_place, monkeypatch, large):
    """What is stated later than it follows is a link both ways when the others go."""
    monkeypatch.setattr(cliques, "LARGE", large)
    links, said = [(e("x"), SAME, e("y")), (e("y"), SAME, e("z"))], (e("x"), e("p"), e("x"))
    closure = close([*links, said])
    closure.add([(e("x"), SAME, e("z"))])
    closure.remove(links[:1])
    assert_equal(closure, close([(e("x"), SAME, e("z")), links[1], said]))
    assert_well_founded(closure)
