"""The generated loops: what equates terms loses none of them, and rules of any width work."""

import pytest

from kg.reasoner import check, close, prove
from kg.reasoner import owl_terms as n
from kg.reasoner.owl_terms import NIL, SAME, TYPE, iri


def e(name):
    return f"<http://e/{name}>"


def listed(subject, predicate, members):
    """An axiom over a list."""
    nodes = [f"_:l{k}" for k in range(len(members))]
    triples = [(subject, iri(predicate), nodes[0])]
    for node, member, rest in zip(nodes, members, [*nodes[1:], NIL], strict=True):
        triples += [(node, n.FIRST, member), (node, n.REST, rest)]
    return triples


def late(names):
    """Things that come to be of class C one round after the others."""
    domain = [(e("D"), n.SUBCLASS, e("C")), (e("q"), n.DOMAIN, e("D"))]
    return [*domain, *((e(name), e("q"), e("o")) for name in names)]


def keyed(names):
    return [(e(name), e("k"), e("w")) for name in names]


KEY = listed(e("C"), "owl:hasKey", [e("k")])
AT_MOST = [
    (e("R"), iri("owl:onProperty"), e("k")),
    (e("R"), iri("owl:maxQualifiedCardinality"), f'"1"^^{iri("xsd:nonNegativeInteger")}'),
    (e("R"), iri("owl:onClass"), e("C")),
    (e("w"), TYPE, e("R")),
]


def equal(closure):
    return {(s, o) for s, p, o in closure if p == SAME}


def test_key_over_members_typed_in_different_rounds():
    """prp-key equates those that were members at first with those that become it later."""
    closure = close([*KEY, *late("ed"), *keyed("eda"), (e("a"), TYPE, e("C"))])
    assert equal(closure) == {(e(a), e(b)) for a in "ade" for b in "ade" if a != b}


def test_qualified_cardinality_over_members_typed_in_different_rounds():
    """So does cls-maxqc3."""
    values = [(e("w"), e("k"), e(name)) for name in "eda"]
    closure = close([*AT_MOST, *late("ed"), *values, (e("a"), TYPE, e("C"))])
    assert {(e(a), e(b)) for a in "ade" for b in "ade" if a != b} <= equal(closure)


@pytest.mark.parametrize("names", [range(500), range(499, -1, -1)])
def test_hub_is_linked_by_as_many_pairs_as_members(names):
    """Five hundred with one key are equal by some five hundred links each way, in whatever order they are typed."""
    names = [f"n{k}" for k in names]
    old, new = names[:250], names[250:]
    closure = close([*KEY, *late(new), *keyed(sorted(names)), *((e(name), TYPE, e("C")) for name in old)])
    assert (e("n0"), SAME, e("n499")) in closure
    assert len(equal(closure)) == 500 * 499
    assert sum(map(len, closure.engine.same.base.values())) < 4 * 500


@pytest.mark.parametrize("width", [18, 19, 20, 21, 40])
def test_wide_chains_and_keys(width):
    """A chain of more links, or a key of more properties, than Python nests loops; with proof."""
    properties = [e(f"p{k}") for k in range(width)]
    chain = listed(e("p"), "owl:propertyChainAxiom", properties)
    path = [(e(f"x{k}"), p, e(f"x{k + 1}")) for k, p in enumerate(properties)]
    closure = close([*chain, *path])
    reached = (e("x0"), e("p"), e(f"x{width}"))
    assert check(prove(closure, reached), closure.asserted) == []
    assert reached not in close([*chain, *path[:-1]])
    values = [(e(name), p, e(f"v{k}")) for k, p in enumerate(properties) for name in "ab"]
    key = listed(e("C"), "owl:hasKey", properties)
    assert (e("a"), SAME, e("b")) in close([*key, *values, *((e(name), TYPE, e("C")) for name in "ab")])
    assert equal(close([*key, *values[1:], *((e(name), TYPE, e("C")) for name in "ab")])) == set()


def test_wide_intersection():
    """An intersection of more classes than Python indents."""
    classes = [e(f"C{k}") for k in range(120)]
    given = [*listed(e("C"), "owl:intersectionOf", classes), *((e("x"), TYPE, c) for c in classes)]
    assert (e("x"), TYPE, e("C")) in close(given)
    assert (e("x"), TYPE, e("C")) not in close(given[:-1])


def test_list_of_equals_is_read_once():
    """A list whose members each have another name is not read in every combination: all are members still."""
    names = [e(f"a{k}") for k in range(30)]
    equals = [(name, SAME, e(f"b{k}")) for k, name in enumerate(names)]
    closure = close([*listed(e("C"), "owl:oneOf", names), *equals])
    assert all((e(f"b{k}"), TYPE, e("C")) in closure for k in range(30))
