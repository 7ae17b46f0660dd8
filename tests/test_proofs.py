"""Proofs: which one is shown, which others there are, what the checker refuses, and why something does not hold."""

from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from timing import takes_at_most

from kg.reasoner import (
    Clause,
    Condition,
    Proof,
    all_proofs,
    check,
    check_step,
    close,
    expression_text,
    prove,
    refutations,
    render,
    why_not,
)
from kg.reasoner.owl_terms import NIL, SAME, TYPE, iri
from tests.random_graphs import data as some_facts
from tests.random_graphs import ontologies

SUB, SUBP = iri("rdfs:subClassOf"), iri("rdfs:subPropertyOf")


def e(name):
    return f"<http://e/{name}>"


def number(value):
    return f'"{value}"^^{iri("xsd:integer")}'


@pytest.fixture
def two_ways():
    """One thing is a C by two classes, and by a domain after a subproperty."""
    return close(
        [
            (e("A"), SUB, e("C")),
            (e("B"), SUB, e("C")),
            (e("x"), TYPE, e("A")),
            (e("x"), TYPE, e("B")),
            (e("p"), SUBP, e("q")),
            (e("q"), iri("rdfs:domain"), e("C")),
            (e("x"), e("p"), e("y")),
        ]
    )


def test_shortest_then_by_name(two_ways):
    """Of two proofs of one step, the one whose premises come first by name is shown."""
    proof = prove(two_ways, (e("x"), TYPE, e("C")))
    assert (proof.rule, proof.size()) == ("cax-sco", 1)
    assert proof.leaves() == {(e("A"), SUB, e("C")), (e("x"), TYPE, e("A"))}


def test_asserted_is_its_own_proof(two_ways):
    """What is asserted needs no rule, and what does not hold has no proof."""
    assert prove(two_ways, (e("x"), TYPE, e("A"))) == Proof((e("x"), TYPE, e("A")))
    assert prove(two_ways, (e("y"), TYPE, e("C"))) is None


def test_all_proofs(two_ways):
    """Every minimal set of leaves has its proof, the smallest first; the limit holds."""
    proofs = all_proofs(two_ways, (e("x"), TYPE, e("C")))
    assert [len(proof.leaves()) for proof in proofs] == [2, 2, 3]
    assert all(check(proof, two_ways.asserted) == [] for proof in proofs)
    assert len(all_proofs(two_ways, (e("x"), TYPE, e("C")), limit=2)) == 2
    assert all_proofs(two_ways, (e("y"), TYPE, e("C"))) == []


def test_all_proofs_of_an_assertion(two_ways):
    """For an asserted triple the assertion comes first, then the proofs that do without it."""
    closure = close([*two_ways.asserted, (e("x"), TYPE, e("C"))])
    proofs = all_proofs(closure, (e("x"), TYPE, e("C")))
    assert [proof.rule for proof in proofs] == [None, "cax-sco", "cax-sco", "prp-dom"]
    assert all(check(proof, closure.asserted) == [] for proof in proofs)


def test_all_proofs_go_through_what_is_also_asserted():
    """If a premise is asserted and also follows, then the proof that does without the assertion is given too."""
    members = [("_:1", iri("rdf:first"), e("A")), ("_:1", iri("rdf:rest"), "_:2"), ("_:2", iri("rdf:first"), e("D"))]
    data = [*members, ("_:2", iri("rdf:rest"), NIL), (e("B"), iri("owl:intersectionOf"), "_:1")]
    data += [(e("p"), iri("rdfs:domain"), e("A")), (e("x"), TYPE, e("A")), (e("x"), TYPE, e("D"))]
    closure = close([*data, (e("x"), e("p"), e("y"))])
    asserted, derived = all_proofs(closure, (e("x"), TYPE, e("B")))
    assert (e("x"), TYPE, e("A")) in asserted.leaves()
    assert {(e("p"), iri("rdfs:domain"), e("A")), (e("x"), e("p"), e("y"))} <= derived.leaves()
    assert (e("x"), TYPE, e("A")) not in derived.leaves()


def test_all_proofs_leave_out_what_is_not_minimal():
    """If an assertion is of no use because another gives it, then no minimal proof rests on both."""
    same = iri("owl:equivalentProperty")
    closure = close([(e("p1"), same, e("p2")), (e("p1"), SUBP, e("p2"))])
    (proof,) = all_proofs(closure, (e("p2"), same, e("p1")))
    assert proof.leaves() == {(e("p1"), same, e("p2"))}


def minimal_sets(closure):
    """By trying every subset of what is asserted: the minimal ones that give each triple of a closure."""
    steps = [step for triple in closure for step in closure.derivations(triple)]
    subsets = [frozenset(c) for k in range(len(closure.asserted) + 1) for c in combinations(closure.asserted, k)]
    found = {triple: [] for triple in closure}
    for subset in subsets:
        given_, before = set(subset), -1
        while len(given_) > before:
            before = len(given_)
            given_.update(step.conclusion for step in steps if given_.issuperset(step.premises))
        for triple in given_ & set(found):
            if not any(smaller <= subset for smaller in found[triple]):
                found[triple].append(subset)
    return found


def small_closure(given_):
    """A closure of which brute force can try every set of leaves."""
    assume(len(given_) <= 9)
    closure = close(given_)
    assume(len(closure) < 150)
    return closure


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(ontologies, some_facts)
def test_all_proofs_are_those_that_brute_force_finds(ontology, facts):
    """For every triple of a random closure: the minimal sets of leaves, each once, with a proof that is one."""
    closure = small_closure(ontology + facts)
    for triple, expected in minimal_sets(closure).items():
        proofs = all_proofs(closure, triple, 1000)
        own = [proofs.pop(0).leaves()] if triple in closure.asserted else []
        assert own in ([], [{triple}])
        assert sorted(map(sorted, (proof.leaves() for proof in proofs))) == sorted(
            sorted(leaves) for leaves in expected if leaves not in own
        )
        assert not any(check(proof, closure.asserted) for proof in proofs)


def test_shared_sub_proof_is_one_object():
    """A sub-proof that two steps use is one object, and shown once."""
    inverse = iri("owl:inverseOf")
    data = [(e("p"), SUBP, e("q")), (e("p"), inverse, e("t")), (e("o"), inverse, e("p")), (e("y"), e("o"), e("x"))]
    data += [(e("s"), iri("owl:propertyChainAxiom"), "_:1"), ("_:1", iri("rdf:first"), e("q"))]
    data += [("_:1", iri("rdf:rest"), "_:2"), ("_:2", iri("rdf:first"), e("t")), ("_:2", iri("rdf:rest"), NIL)]
    proof = prove(close(data), (e("x"), e("s"), e("x")))
    assert proof.size() == 4
    assert "see (1)" in render(proof)


def test_checker_finds_faults(two_ways):
    """A wrong rule, a leaf that is not asserted, a premise too few: each is a fault."""
    goal = (e("x"), TYPE, e("C"))
    proof = prove(two_ways, goal)
    leaves = proof.premises
    assert check(proof, []) != []
    assert check(Proof(goal, "cax-eqc1", leaves), two_ways.asserted) != []
    assert check(Proof(goal, "cax-sco", leaves[:1]), two_ways.asserted) != []
    assert check(Proof(goal, "cax-sco", leaves[::-1]), two_ways.asserted) != []
    assert check(Proof((e("z"), TYPE, e("C")), "cax-sco", leaves), two_ways.asserted) != []
    assert check(Proof(goal, "no-such-rule", leaves), two_ways.asserted) != []
    assert check(Proof(goal), two_ways.asserted) != []


def test_checker_finds_circles():
    """A proof in which a triple rests on itself is no proof."""
    goal, back = (e("x"), e("p"), e("y")), (e("y"), e("p"), e("x"))
    symmetric = Proof((e("p"), TYPE, iri("owl:SymmetricProperty")))
    first = Proof(goal, "prp-symp", (symmetric,))
    first.premises = (symmetric, Proof(back, "prp-symp", (symmetric, first)))
    assert check(first, [symmetric.conclusion]) != []


@pytest.mark.parametrize(
    ("rule", "conclusion"),
    [
        ("dt-type2", ('"5"', TYPE, iri("xsd:integer"))),
        ("dt-eq", ('"a"', iri("owl:sameAs"), '"b"')),
        ("dt-diff", ('"a"', iri("owl:differentFrom"), '"a"')),
        ("cls-thing", (e("x"), TYPE, iri("owl:Class"))),
        ("eq-ref", (e("x"), iri("owl:sameAs"), e("x"))),
    ],
)
def test_checker_refuses_false_axioms(rule, conclusion):
    """Rules without premises hold for what they speak of, and nothing else."""
    assert not check_step(rule, conclusion, ())


def test_refutations():
    """Each inconsistency comes with a proof of each of its premises."""
    data = [(e("A"), SUB, e("B")), (e("B"), iri("owl:disjointWith"), e("C")), (e("x"), TYPE, e("A"))]
    closure = close([*data, (e("x"), TYPE, e("C"))])
    ((found, proofs),) = refutations(closure)
    assert found.rule == "cax-dw"
    assert [proof.rule for proof in proofs] == [None, "cax-sco", None]


def test_why_not():
    """The rules that could have given a triple, the nearest first, with what they lack."""
    data = [(e("A"), SUB, e("C")), (e("q"), iri("rdfs:domain"), e("C")), (e("x"), TYPE, e("B"))]
    closure = close([*data, (e("z"), TYPE, e("A"))])
    misses = why_not(closure, (e("x"), TYPE, e("C")))
    assert [(miss.rule, miss.missing) for miss in misses] == [
        ("cax-sco", ((e("x"), TYPE, e("A")),)),
        ("prp-dom", ((e("x"), e("q"), "?y"),)),
    ]
    assert misses[0].found == ((e("A"), SUB, e("C")),)
    assert why_not(closure, (e("z"), TYPE, e("C"))) == []


def test_why_not_offers_no_nothing():
    """If a class has the empty class below it, then that something is an owl:Nothing is no near miss."""
    closure = close([(iri("owl:Nothing"), SUB, e("C")), (e("A"), SUB, e("C")), (e("x"), TYPE, e("B"))])
    assert [miss.missing for miss in why_not(closure, (e("x"), TYPE, e("C")))] == [((e("x"), TYPE, e("A")),)]


def test_why_not_says_which_condition_fails():
    """Of a rule of the project's own whose premises hold, the condition that does not pass is told, filled in."""
    body = (("?a", e("in"), "?g"), ("?b", e("in"), "?g"), ("?a", e("age"), "?n"))
    adult = Condition("filter", (">=", "?n", number(18)))
    other = Condition("filter", ("!=", "?a", "?b"))
    free = Condition("absent", ((("?a", e("shuns"), "?b"),), (), ("?a", "?b")))
    rule = Clause("meets", (), body, ("?a", e("meets"), "?b"), (adult, other, free))
    data = [(e(x), e("in"), e("club")) for x in "xyz"] + [(e("x"), e("shuns"), e("z"))]
    closure = close([*data, (e("x"), e("age"), number(20)), (e("y"), e("age"), number(7))], custom_rules=[rule])
    assert (e("x"), e("meets"), e("y")) in closure

    def failed(one, two):
        (miss,) = why_not(closure, (e(one), e("meets"), e(two)))
        return len(miss.missing), [(expression_text(each.expression), each.present) for each in miss.failed]

    assert failed("y", "x") == (0, [(f"{number(7)} >= {number(18)}", ())])
    assert failed("x", "x") == (0, [(f"{e('x')} != {e('x')}", ())])
    assert failed("x", "z") == (0, [("None", ((e("x"), e("shuns"), e("z")),))])
    assert failed("z", "x") == (1, [])
    assert failed("z", "z") == (1, [(f"{e('z')} != {e('z')}", ())])


def test_expressions_in_words():
    """A FILTER is written as in SPARQL, with labels."""
    expression = ("&&", ("!", ("in", "?x", "<a>", "<b>")), ("||", ("<", "?x", "?y"), ("=", "?x", "<c>")))
    assert (
        expression_text(expression, lambda term: term.strip("<>")) == "(!(?x IN (a, b))) && ((?x < ?y) || (?x = c))"
    )


def test_renderings(two_ways):
    """A proof is shown as a tree, with what its leaves rest on."""
    proof = prove(two_ways, (e("x"), TYPE, e("C")))

    def label(term):
        return term.rpartition("/")[2].rstrip(">").rpartition("#")[2]

    text = render(proof, label, lambda triple: "an axiom" if triple[1] == SUB else "a claim")
    assert text.splitlines() == [
        "x type C  INFERRED by cax-sco",
        "  A subClassOf C  ASSERTED: an axiom",
        "  x type A  ASSERTED: a claim",
    ]


def test_canonical_proof_along_a_chain():
    """Along 150 links of a transitive property the proof has 149 steps, and is found without trying every pair."""
    p = e("p")
    closure = close([(p, TYPE, iri("owl:TransitiveProperty")), *((e(k), p, e(k + 1)) for k in range(150))])
    proof = prove(closure, (e(0), p, e(150)))
    assert proof.size() == 149
    assert check(proof, closure.asserted) == []


@pytest.mark.slow
def test_proofs_along_long_chains():
    """Along 1,000 subclasses, or links: the proof and all minimal ones are found, checked and written in seconds."""
    p, size = e("p"), 1000
    links = [(e(k), p, e(k + 1)) for k in range(size)]
    classes = [(e(f"C{k}"), SUB, e(f"C{k + 1}")) for k in range(size)]
    transitive = (p, TYPE, iri("owl:TransitiveProperty"))
    with takes_at_most(30):
        closure = close([transitive, *links, *classes, (e("x"), TYPE, e("C0"))])
        for goal, count in (((e(0), p, e(size)), size), ((e("x"), TYPE, e(f"C{size}")), size + 1)):
            proof = prove(closure, goal)
            assert check(proof, closure.asserted) == []
            assert [len(each.leaves() - {transitive}) for each in all_proofs(closure, goal)] == [count]
            assert render(proof).count("INFERRED") == proof.size()


def test_a_long_chain_makes_few_clauses():
    """Of a chain of 80 subclasses, subproperties with a domain: a clause a link, until somebody asks for more."""
    spo = [(e(f"p{k}"), SUBP, e(f"p{k + 1}")) for k in range(80)]
    sco = [(e(f"C{k}"), SUB, e(f"C{k + 1}")) for k in range(80)]
    closure = close([*spo, *sco, (e("p80"), iri("rdfs:domain"), e("C0")), (e("x"), e("p0"), e("y"))])
    assert (e("x"), TYPE, e("C80")) in closure
    assert len(closure.engine.compiled) < 400
    goal = (e("x"), TYPE, e("C5"))
    asked = {step.premises[0] for step in closure.derivations(goal)}
    assert asked == {
        *((e(f"C{k}"), SUB, e("C5")) for k in range(5)),
        *((e(f"p{k}"), iri("rdfs:domain"), e("C5")) for k in range(81)),
    }
    misses = why_not(closure, (e("z"), TYPE, e("C5")), limit=1000)
    assert {miss.found[0] for miss in misses} == asked


def test_what_the_limit_leaves_over_is_minimal():
    """If the limit cuts the sets of a premise, then no set of leaves that is shown has one that the others give."""
    ways = [(e(f"a{k}{end}"), SUB, e(f"a{k}{next_}")) for k in range(4) for end, next_ in (("", "x"), ("x", "y"))]
    joins = [(e("S"), SUB, e(f"a{k}")) for k in range(4)] + [(e(f"a{k}y"), SUB, e("M")) for k in range(4)]
    extra = [(e("M"), SUB, e("T")), (e("S"), SUB, e("M")), (e("a0x"), SUB, e("T")), (e("a2"), SUB, e("T"))]
    closure = close([*ways, *joins, *extra, (e("i"), TYPE, e("S"))])
    goal = (e("i"), TYPE, e("T"))
    for limit in (1, 2, 3, 5, 8):
        proofs = all_proofs(closure, goal, limit)
        assert proofs
        for proof in proofs:
            assert check(proof, closure.asserted) == []
            assert all(goal not in close(proof.leaves() - {leaf}) for leaf in proof.leaves())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(ontologies, some_facts)
def test_few_proofs_are_minimal(ontology, facts):
    """However low the limit: every set that is given is one of the minimal ones."""
    closure = small_closure(ontology + facts)
    for triple, expected in minimal_sets(closure).items():
        for limit in (1, 2):
            derived = [proof for proof in all_proofs(closure, triple, limit) if proof.rule]
            assert not any(check(proof, closure.asserted) for proof in derived)
            assert {proof.leaves() for proof in derived} <= {*expected}


def test_all_proofs_of_what_rests_on_many_premises_with_many_proofs_each():
    """Of eight to the power of eight minimal proofs, some are found within seconds, each minimal and right."""
    nodes = [*(f"_:l{k}" for k in range(8)), NIL]
    given = [("<http://e/C>", iri("owl:intersectionOf"), nodes[0])]
    for k, (node, rest) in enumerate(pairwise(nodes)):
        given += [(node, iri("rdf:first"), f"<http://e/D{k}>"), (node, iri("rdf:rest"), rest)]
        for each in (f"<http://e/p{k}x{j}>" for j in range(8)):
            given += [(each, iri("rdfs:domain"), f"<http://e/D{k}>"), ("<http://e/x>", each, "<http://e/y>")]
    closure = close(given)
    found = all_proofs(closure, ("<http://e/x>", TYPE, "<http://e/C>"))
    assert len({proof.leaves() for proof in found}) == len(found) == 20
    assert not any(check(proof, closure.asserted) for proof in found)
    assert {len(proof.leaves()) for proof in found} == {1 + 2 * 8 + 2 * 8}


def test_canonical_proof_in_a_clique():
    """Among 200 names for one thing the proof is found in seconds, though any pair leads to any other."""
    closure = close([*((e(k), SAME, e(k + 1)) for k in range(199)), (e(0), e("p"), e("o"))])
    with takes_at_most(10):
        proof = prove(closure, (e(199), e("p"), e("o")))
        assert proof.size() == 199
        assert check(proof, closure.asserted) == []
