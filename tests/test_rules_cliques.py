"""Large cliques of equals are held by their members: the same closure, steps and findings as with every pair."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timing import takes_at_most

from kg.reasoner import Clause, Condition, Program, check, close, compile_program, equality, prove
from kg.reasoner.owl_terms import SAME, TYPE, iri
from tests.random_graphs import THINGS, axiom, flat
from tests.random_graphs import data as facts_of_all_kinds
from tests.same_closure import assert_well_founded

DIFFERENT = iri("owl:differentFrom")
NAMES = [*THINGS, *(f"<http://example.org/n{k}>" for k in range(2)), '"1"', "<http://example.org/p0>"]
name = st.sampled_from(NAMES)
other = st.sampled_from(NAMES[:-2])
equal = st.one_of(st.tuples(name, st.just(SAME), name), st.tuples(other, st.just(SAME), other))
statement = st.one_of(
    equal,
    equal,
    equal,
    st.tuples(other, st.just(DIFFERENT), other),
    st.tuples(other, st.just("<http://example.org/p1>"), name),
)
#: What asks for every pair, so that none may be left out; the last comes late, by equalities.
ASKING = [
    [],
    [(SAME, iri("rdfs:subPropertyOf"), "<http://example.org/like>")],
    [(SAME, TYPE, iri("owl:SymmetricProperty"))],
    [(SAME, iri("rdfs:domain"), "<http://example.org/C0>")],
    [(SAME, NAMES[0], "<http://example.org/like>"), (NAMES[0], SAME, iri("rdfs:subPropertyOf"))],
]


def e(number):
    return f"<http://e/{number}>"


@pytest.fixture
def small(monkeypatch):
    """Three equals are a large clique already."""

    def of(size):
        monkeypatch.setattr(equality, "LARGE", size)

    return of


@settings(max_examples=15, deadline=None)
@given(
    st.lists(axiom, max_size=3).map(flat),
    facts_of_all_kinds,
    st.lists(statement, min_size=3, max_size=9, unique=True),
    st.sampled_from(ASKING),
    st.data(),
)
def test_held_by_members_or_put_down(ontology, facts, statements, asking, draw):
    """In any order: membership, iteration, instances, findings, steps."""
    everything = draw.draw(st.permutations([*ontology, *facts, *statements, *asking]))
    before = equality.LARGE
    found = []
    try:
        for size in (2, 10**9):
            equality.LARGE = size
            found.append(close(everything, Program.loads(compile_program(ontology).dumps())))
    finally:
        equality.LARGE = before
    held, down = found
    equality.LARGE = 2
    try:
        _same(held, down)
        if not asking:
            assert_well_founded(held)
    finally:
        equality.LARGE = before


def _same(held, down):
    listed = list(held)
    assert len(listed) == len(set(listed)) == len(held) == len(down)
    assert set(listed) == set(down)
    assert all(triple in held for triple in down)
    assert set(held.asserted) == set(down.asserted)
    assert set(held.instances()) == set(down.instances())
    assert held.inconsistencies == down.inconsistencies
    asserted = set(held.asserted)
    instances = set(down.instances())
    assert all(step is None or step in instances for step in map(held.derivation, listed))
    for triple in sorted(held)[:4]:
        assert check(prove(held, triple), asserted) == []
        assert prove(held, triple) == prove(down, triple)


def test_clique_of_thousands():
    """2,000 names for one thing take no 4,000,000 pairs; each pair holds, has a step, and counts."""
    names = [*((e(k), SAME, e(k + 1)) for k in range(1999)), (e("a"), SAME, e(5))]
    with takes_at_most(20):
        closure = close([*names, (e(7), e("p"), e("o"))])
    assert closure.engine.cliques.held
    assert len(closure) > 2000 * 1999
    assert (e(0), SAME, e(1999)) in closure
    assert closure.derivation((e(0), SAME, e(1999))).premises == ((e(0), SAME, e(1998)), (e(1998), SAME, e(1999)))
    assert (e(1999), e("p"), e("o")) in closure
    assert (e("a"), SAME, e(1999)) in closure
    assert (e("a"), e("p"), e("o")) in closure


def test_difference_found_when_cliques_meet(small):
    """Two things that are different are found to be equal only when their cliques become one."""
    small(2)
    chain = [(one, SAME, two) for part in ("abc", "xyz") for one, two in pairwise(map(e, part))]
    closure = close([*chain, (e("a"), DIFFERENT, e("z"))])
    assert closure.inconsistencies == []
    closure = close([*chain, (e("a"), DIFFERENT, e("z")), (e("c"), SAME, e("x"))])
    assert ((e("a"), SAME, e("z")), (e("a"), DIFFERENT, e("z"))) in [
        each.premises for each in closure.inconsistencies
    ]


def test_rule_that_asks_for_equals(small):
    """A rule of the project's own over owl:sameAs, and one that asks for its absence, see every pair."""
    small(2)
    alike = Clause("alike", (), (("?x", SAME, "?y"),), ("?x", e("alike"), "?y"))
    absent = Condition("absent", ((("?x", SAME, "?y"),), (), ("?x", "?y")))
    apart = Clause("apart", (), (("?x", e("met"), "?y"),), ("?x", e("apart"), "?y"), (absent,))
    chain = [(one, SAME, two) for one, two in pairwise(map(e, "abcd"))]
    closure = close([*chain, (e("a"), e("met"), e("z"))], custom_rules=[alike, apart])
    assert (e("a"), e("alike"), e("d")) in closure
    assert sum(triple[1] == e("apart") for triple in closure) == 4


def test_a_literal_puts_down_its_own_clique_only():
    """A literal that comes to equal one of many names has their pairs put down, and those of no other clique."""
    chains = [[(e(f"{c}{k}"), SAME, e(f"{c}{k + 1}")) for k in range(99)] for c in "ab"]
    late = [(e("q"), TYPE, iri("owl:FunctionalProperty")), (e("a0"), e("q"), e("a7")), (e("a99"), e("q"), '"1"')]
    closure = close([*chains[0], *chains[1], (e("a0"), e("p"), e("o")), *late])
    kept = [closure.engine.triple(closure.engine.same, fact) for fact in dict.keys(closure.engine.same.facts)]
    assert sum(triple[0].startswith("<http://e/a") for triple in kept) == 100 * 100
    assert sum(triple[0].startswith("<http://e/b") for triple in kept) < 1000
    early = [(e("a7"), SAME, '"1"'), *late]
    assert set(closure) == set(close([*early, *chains[0], *chains[1], (e("a0"), e("p"), e("o"))]))
    assert {(e("a99"), SAME, '"1"'), ('"1"', e("p"), e("o")), (e("b99"), SAME, e("b0"))} <= set(closure)
