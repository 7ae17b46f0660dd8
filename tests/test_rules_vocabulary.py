"""rdf:type and owl:sameAs as subjects and objects, and what Table 8 says of literals, also under change."""

import pytest

from kg.reasoner import Clause, Condition, close
from kg.reasoner import owl_terms as n
from kg.reasoner.datatypes import in_space, value_key
from kg.reasoner.owl_terms import DIFFERENT, SAME, THING, TYPE, iri


def e(name):
    return f"<http://e/{name}>"


def typed(text, datatype):
    return f'"{text}"^^{iri(datatype)}'


X, Y, P = e("x"), e("y"), e("p")
TOKEN = typed("a", "xsd:token")


def test_property_equal_to_rdf_type():
    """rdf:type owl:sameAs isA: what has a type has that isA, and the other way round."""
    closure = close([(TYPE, SAME, e("isA")), (Y, TYPE, e("D")), (X, e("isA"), e("D"))])
    assert (Y, e("isA"), e("D")) in closure
    assert (X, TYPE, e("D")) in closure


def test_property_above_rdf_type_sees_owl_thing():
    """Whoever asks for every type is told of owl:Thing too."""
    closure = close([(TYPE, n.SUBPROPERTY, e("isA")), (e("C"), TYPE, n.CLASS), (X, TYPE, e("C"))])
    assert (X, e("isA"), THING) in closure


def test_property_equal_to_same_as():
    """owl:sameAs owl:sameAs eq: everything has eq to itself."""
    assert (e("z"), e("eq"), e("z")) in close([(SAME, SAME, e("eq")), (e("z"), P, X)])


def test_own_rule_that_asks_for_equals_sees_each_thing_with_itself():
    """As eq-ref has it, also where absence is asked."""
    body = ((X_, TYPE, e("C")) for X_ in ("?x", "?y"))
    alike = Clause("alike", (), (*body, ("?x", SAME, "?y")), ("?x", e("alike"), "?y"))
    absent = Condition("absent", ((("?x", SAME, "?y"),), (), ("?x", "?y")))
    apart = Clause("apart", (), (("?x", P, "?y"),), ("?x", e("apart"), "?y"), (absent,))
    closure = close([(X, TYPE, e("C")), (X, P, X), (X, P, Y)], custom_rules=[alike, apart])
    assert (X, e("alike"), X) in closure
    assert {t for t in closure if t[1] == e("apart")} == {(X, e("apart"), Y)}


def test_plain_literal_after_a_typed_one():
    """A plain literal that comes after another form of it is equated with that."""
    assert (Y, P, TOKEN) in close([(X, P, TOKEN), (Y, P, '"a"')])
    assert (Y, P, TOKEN) in close([(Y, P, '"a"'), (X, P, TOKEN)])


def test_literal_that_only_a_rule_names():
    """A rule's constant is not a literal of the graph."""
    rule = Clause("own", (), (("?x", P, typed("1.0", "xsd:decimal")),), ("?x", TYPE, e("One")))
    one = (X, P, typed("1", "xsd:integer"))
    closure = close([one], custom_rules=[rule])
    assert list(closure.inferred(generalised=True)) == []
    both = close([one, (Y, P, typed("1.0", "xsd:decimal"))], custom_rules=[rule])
    assert (X, TYPE, e("One")) in both


def test_equal_of_a_literal_differs_from_other_literals():
    """What is "a" is different from "b" (dt-diff with eq-rep-s), if some fact has "b"."""
    given = [(e("i"), SAME, '"a"'), (X, P, '"b"')]
    assert (e("i"), DIFFERENT, '"b"') in close(given)
    assert (e("i"), DIFFERENT, '"b"') not in set(close(given[:1]))


def test_no_break_space_is_no_white_space():
    """White space of XML counts, and no other."""
    closure = close([(P, n.RANGE, iri("xsd:token")), (X, P, typed("10\u00a0km", "xsd:token"))])
    assert closure.inconsistencies == []
    assert value_key(typed("1\u00a0", "xsd:integer")) is None
    assert value_key(typed(" 1 ", "xsd:integer")) == value_key(typed("1", "xsd:integer"))
    assert value_key(typed("http://e/\u00a0", "xsd:anyURI")) is not None


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("<a/>", "<a></a>", True),
        ("<a x='1' y='2'/>", '<a y="2" x="1"></a>', True),
        ("a&amp;b", "a<![CDATA[&]]>b", True),
        ("<a/>", "<a/><!--c-->", False),
        ("<a><b/></a>", "<a/><b/>", False),
        ("<a/>b", "<a>b</a>", False),
    ],
)
def test_xml_literals(one, other, equal):
    """Two spellings of one XML fragment are one value."""
    one, other = (typed(text.replace('"', '\\"'), "rdf:XMLLiteral") for text in (one, other))
    assert (value_key(one) == value_key(other)) is equal
    assert None not in (value_key(one), value_key(other))


@pytest.mark.parametrize("text", ["2000-01-01T00:00:00+25:00", "2000-01-01T00:00:00+14:01", "2000-01-01T24:00:00.1"])
def test_moments_that_there_are_not(text):
    """A time zone is at most 14 hours; 24 o'clock is the end."""
    assert value_key(typed(text, "xsd:dateTime")) is None


def test_moments_apart():
    """Any digit of a fraction counts; +00:00 is Z, and another zone another value."""
    start = "2000-01-01T00:00:00"
    keys = [
        value_key(typed(start + tail, "xsd:dateTime"))
        for tail in (".0000000000000000001Z", ".0000000000000000002Z", "Z", ".0+00:00", "-00:00")
    ]
    assert len(set(keys)) == 3
    assert keys[2] == keys[3] == keys[4]
    assert value_key(typed("2000-01-01T01:00:00+01:00", "xsd:dateTime")) != keys[2]


def test_names_are_those_of_xml():
    """Not every letter of Unicode begins an XML name."""
    assert in_space('"\u0416"', iri("xsd:NCName")) is True
    assert in_space('"\u00aa"', iri("xsd:NCName")) is False
    assert in_space('"a:b"', iri("xsd:NCName")) is False
    assert in_space('"a:b"', iri("xsd:Name")) is True


@pytest.mark.parametrize("zero", ['"0"^^xsd:integer', '"0"^^xsd:nonNegativeInteger', '"00"^^xsd:int'])
def test_a_number_in_another_datatype_serves_a_rule(zero):
    """If a cardinality is given in another form than the W3C's table names, then the rule applies all the same."""
    value = zero.replace("xsd:", "<http://www.w3.org/2001/XMLSchema#") + ">"
    example = "<http://example.org/{}>".format
    triples = [
        (example("C"), iri("owl:onProperty"), example("p")),
        (example("C"), iri("owl:maxCardinality"), value),
        (example("a"), TYPE, example("C")),
        (example("a"), example("p"), example("b")),
    ]
    assert [found.rule for found in close(triples).inconsistencies] == ["cls-maxc1"]
