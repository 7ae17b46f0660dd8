"""The project's own rules: read, compiled, stratified, proved; and refused with file and line."""

import pytest

from kg.corpus.rules import read_rules
from kg.errors import InputError
from kg.reasoner import Program, check, close, compile_program, prove
from kg.reasoner.matching import evaluate
from kg.reasoner.owl_terms import TYPE, iri

PREFIXES = "PREFIX : <http://e/>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
COMPLETE = "<http://e/listedCompletely>"
XSD = "http://www.w3.org/2001/XMLSchema#"


def e(name):
    return f"<http://e/{name}>"


def date(text):
    return f'"{text}"^^<{XSD}date>'


@pytest.fixture
def rule(tmp_path):
    """Write a rule file and read it."""

    def make(text, name="rule", prefixes=PREFIXES):
        path = tmp_path / f"{name}.rq"
        path.write_text(prefixes + text, encoding="utf-8")
        return read_rules(path, [COMPLETE])

    return make


NEGATION = """
CONSTRUCT { ?s :notMemberOf ?o } WHERE {
  ?o :listedCompletely ?list . ?s a :State .
  FILTER NOT EXISTS { ?s :memberOf ?o }
}"""


def test_name_and_summary(tmp_path):
    """A rule is called after its file, and says in words what its #+ lines say."""
    (tmp_path / "left-out.rq").write_text(f"#+ summary: In words.\n{PREFIXES}{NEGATION}", encoding="utf-8")
    (found,) = read_rules(tmp_path, [COMPLETE])
    assert (found.name, found.summary, found.line) == ("left-out", "In words.", 5)
    assert found.clauses[0].name == "left-out"


def test_filter_on_dates_and_inequality(rule):
    """FILTER compares dates by value and terms by identity; the step is an instance, and its proof passes."""
    rules = rule("CONSTRUCT { ?a :before ?b } WHERE { ?a :on ?x . ?b :on ?y FILTER(?x < ?y && ?a != ?b) }")
    closure = close([(e("a"), e("on"), date("2014-09-01")), (e("b"), e("on"), date("2014-10-01"))], None, rules)
    assert list(closure.inferred()) == [(e("a"), e("before"), e("b"))]
    proof = prove(closure, (e("a"), e("before"), e("b")))
    assert proof.rule == "rule"
    assert check(proof, closure.asserted, rules) == []
    assert check(proof, closure.asserted) != []


def test_conclusions_feed_the_tables(rule):
    """What a rule concludes is met by the ontology's rules, and the other way round."""
    rules = rule("CONSTRUCT { ?a :knows ?b } WHERE { ?a :met ?b FILTER(?a != ?b) }")
    ontology = [(e("sawUp"), iri("rdfs:subPropertyOf"), e("met")), (e("knows"), TYPE, iri("owl:SymmetricProperty"))]
    closure = close([(e("a"), e("sawUp"), e("b"))], compile_program(ontology, rules))
    assert (e("b"), e("knows"), e("a")) in closure


def test_absence_counts_what_follows(rule):
    """NOT EXISTS is asked when all that could follow has followed, subproperties included."""
    program = compile_program([(e("joined"), iri("rdfs:subPropertyOf"), e("memberOf"))], rule(NEGATION))
    program = Program.loads(program.dumps())
    data = [(e("o"), e("listedCompletely"), e("l")), *((e(s), TYPE, e("State")) for s in "abc")]
    closure = close([*data, (e("a"), e("joined"), e("o"))], program)
    assert {t for t in closure.inferred() if t[1] == e("notMemberOf")} == {
        (e("b"), e("notMemberOf"), e("o")),
        (e("c"), e("notMemberOf"), e("o")),
    }
    proof = prove(closure, (e("b"), e("notMemberOf"), e("o")))
    assert check(proof, closure.asserted, rule(NEGATION), set(closure)) == []
    assert check(proof, closure.asserted, rule(NEGATION), {(e("b"), e("memberOf"), e("o"))}) != []


def test_absence_asked_of_another_closure(rule):
    """With ``negative``, what is absent is asked there: certain needs that it cannot possibly hold."""
    program = compile_program([], rule(NEGATION))
    data = [(e("o"), e("listedCompletely"), e("l")), *((e(s), TYPE, e("State")) for s in "ab")]
    possible = close([*data, (e("b"), e("memberOf"), e("o"))], program)
    certain = close(data, program, negative=possible)
    assert [t for t in certain.inferred() if t[1] == e("notMemberOf")] == [(e("a"), e("notMemberOf"), e("o"))]


def test_two_strata(rule):
    """A rule may ask for the absence of what another such rule concludes."""
    second = """CONSTRUCT { ?s :settled ?o } WHERE {
      ?o :listedCompletely ?l . ?s a :State FILTER NOT EXISTS { ?s :notMemberOf ?o } }"""
    rules = rule(NEGATION, "first") + rule(second, "second")
    data = [(e("o"), e("listedCompletely"), e("l")), (e("a"), TYPE, e("State")), (e("b"), TYPE, e("State"))]
    closure = close([*data, (e("a"), e("memberOf"), e("o"))], None, rules)
    assert set(closure.inferred()) == {
        (e("b"), e("notMemberOf"), e("o")),
        (e("a"), e("settled"), e("o")),
    }


def test_empty_template_is_a_finding(rule):
    """CONSTRUCT { } marks an inconsistency, with its premises."""
    rules = rule("CONSTRUCT { } WHERE { ?s :began ?x ; :ended ?y FILTER(?y < ?x) }", "ends-before")
    data = [(e("s"), e("began"), date("2001-01-01")), (e("s"), e("ended"), date("2000-01-01"))]
    (found,) = close(data, None, rules).inconsistencies
    assert found == ("ends-before", tuple(data))


def test_not_stratified(rule):
    """A rule that rests on the absence of what follows from it is refused, with its file."""
    rules = rule("CONSTRUCT { ?s :p ?o } WHERE { ?s :listedCompletely ?o FILTER NOT EXISTS { ?s :q ?o } }")
    ontology = [(e("p"), iri("rdfs:subPropertyOf"), e("q"))]
    with pytest.raises(InputError) as caught:
        compile_program(ontology, rules)
    (problem,) = caught.value.problems
    assert problem.code == "KG475"
    assert problem.place.file.endswith("rule.rq")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("CONSTRUCT { ?s :p ?o } WHERE { ?s :q ?o\n OPTIONAL { ?o :r ?z } }", "KG473", 4),
        ("CONSTRUCT { ?s :p ?o } WHERE {\n ?s :q ?o FILTER(regex(?o, 'x')) }", "KG473", 4),
        ("CONSTRUCT { ?s :p ?o }\nWHERE { ?s ?q ?o }", "KG473", 4),
        ("CONSTRUCT { ?s :p ?o }\nWHERE { ?s :q/:r ?o }", "KG473", 4),
        ("SELECT ?s WHERE { ?s :q ?o }", "KG473", 3),
        ("CONSTRUCT { ?s :p ?z } WHERE { ?s :q ?o }", "KG474", 3),
        ("CONSTRUCT { ?s :p ?o } WHERE { ?s :q ?o FILTER(?z < 3) }", "KG474", 3),
        ("CONSTRUCT { ?s :p ?o } WHERE {\n\n ?s :q ", "KG472", 5),
        ("CONSTRUCT { ?s no:p ?o } WHERE { ?s :q ?o }", "KG472", 3),
        ("CONSTRUCT { ?s :p ?o } WHERE { ?s :q ?o\nFILTER NOT EXISTS { ?s :r ?o } }", "KG471", 4),
        (
            "CONSTRUCT { ?s :p ?o } WHERE { ?l :listedCompletely ?z . ?s :q ?o\nFILTER NOT EXISTS { ?s :r ?o } }",
            "KG471",
            4,
        ),
        ("CONSTRUCT { ?s :p ?o } WHERE { ?s :q ?o . {\n?o :r ?z FILTER(?z < ?s) } }", "KG473", 4),
        (
            "CONSTRUCT { ?s :p ?o } WHERE { ?o :listedCompletely ?l . ?s :q ?o\n"
            "FILTER NOT EXISTS { ?s :r ?x . { ?x :t ?z FILTER(?x < ?z && ?z < ?y) } ?s :r ?y } }",
            "KG473",
            4,
        ),
    ],
)
def test_refused(rule, text, code, line):
    """What is not supported is refused, at its line."""
    with pytest.raises(InputError) as caught:
        rule(text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.line) == (code, line)
    assert problem.remedy


def test_words_that_are_no_keywords(rule):
    """A variable, a name or a string may be what is a keyword elsewhere."""
    text = "CONSTRUCT { ?group :from ?o } WHERE { ?group :order ?o FILTER(?o != 'x ORDER by' && ?o != \"LIMIT\") }"
    closure = close([(e("g"), e("order"), '"y"'), (e("g"), e("order"), '"LIMIT"')], None, rule(text))
    assert [t for t in closure if t[1] == e("from")] == [(e("g"), e("from"), '"y"')]


def test_what_is_refused_is_named(rule):
    """A function in a comparison is said to be one."""
    with pytest.raises(InputError, match="STR is not supported"):
        rule("CONSTRUCT { ?s :p ?o } WHERE { ?s :q ?o FILTER(STR(?o) < 'x') }")


@pytest.mark.parametrize(
    ("written", "stored"),
    [("5.0", '"5"^^<{}decimal>'), ("'1.10'^^xsd:decimal", '"1.1"^^<{}decimal>'), ("01", '"1"^^<{}integer>')],
)
def test_a_value_means_what_it_means_in_a_claim(rule, written, stored):
    """If a rule writes a value otherwise than the store keeps it, then it matches, and concludes, the value kept."""
    kept = stored.format(XSD)
    rules = rule(f"CONSTRUCT {{ ?s :p {written} }} WHERE {{ ?s :q {written} }}")
    assert (e("s"), e("p"), kept) in close([(e("s"), e("q"), kept)], None, rules)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("#+ summary: a\n#+ summary: b\n", "KG610"),
        (f"CONSTRUCT {{ ?s :p ?o }} WHERE {{ ?s :q ?o FILTER({'!' * 20_000}(?s = ?o)) }}", "KG607"),
        ("CONSTRUCT { ?s :p ?o } WHERE { ?s :q ?o } LIMIT 1", "KG473"),
        ("CONSTRUCT { ?s :p ?o } WHERE { ?s :q ?o VALUES ?o { 1 } }", "KG473"),
        ("CONSTRUCT { ?s :p ?o } WHERE { ?s :q ?o . { ?s :r ?o } UNION { ?s :t ?o } }", "KG473"),
    ],
)
def test_refused_with_its_code(tmp_path, text, code):
    """What a rule cannot have is a problem with its code, however it is written."""
    path = tmp_path / "rule.rq"
    path.write_text(text if text.startswith("#+") else PREFIXES + text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_rules(path)
    assert [problem.code for problem in caught.value.problems] == [code]


@pytest.mark.parametrize("name", ["dt-own", "eq-own", "prp-fp", "cls-thing", "dt-type2"])
def test_names_of_the_tables_are_reserved(rule, name):
    """A rule cannot be called like one of the W3C's: a proof that names it would be held against theirs."""
    with pytest.raises(InputError, match=name) as caught:
        rule("CONSTRUCT { ?s :p ?o } WHERE { ?s :q ?o }", name)
    assert caught.value.problems[0].code == "KG473"


def test_filter_of_an_inner_group_on_its_own_variables(rule):
    """Such a filter means what it says."""
    rules = rule("CONSTRUCT { ?s :p ?o } WHERE { ?s :q ?o . { ?o :r ?z FILTER(?z < 3) } }")
    numbers = [(e("o"), e("r"), f'"{k}"^^<{XSD}integer>') for k in (2, 5)]
    closure = close([(e("s"), e("q"), e("o")), *numbers], None, rules)
    assert (e("s"), e("p"), e("o")) in closure
    assert (e("s"), e("p"), e("o")) not in close([(e("s"), e("q"), e("o")), numbers[1]], None, rules)


@pytest.mark.parametrize(
    ("expression", "truth"),
    [
        (("<", date("2014-01-01"), date("2014-01-02")), True),
        (("=", date("2014-01-01"), f'"2014-01-01"^^<{XSD}string>'), False),
        (("<", date("2014-01-01Z"), date("2014-01-01")), None),
        (("<", date("2014-01-01Z"), date("2014-01-03")), True),
        (("<", date("2014-14-01"), date("2015-01-03")), None),
        (("=", date("2014-01-01+25:00"), date("2014-01-02")), None),
        (("<", date("2014-01-01"), f'"2015"^^<{XSD}gYear>'), None),
        (("<", f'"2"^^<{XSD}integer>', f'"10"^^<{XSD}integer>'), True),
        (("=", f'"1.0"^^<{XSD}decimal>', f'"1"^^<{XSD}integer>'), True),
        (("<", '"a"', '"b"'), True),
        (("<", '"a"', e("b")), None),
        (("!=", e("a"), e("b")), True),
        (("!", ("<", '"a"', e("b"))), None),
        (("||", ("=", e("a"), e("a")), ("<", '"a"', e("b"))), True),
        (("&&", ("=", e("a"), e("b")), ("<", '"a"', e("b"))), False),
        (("in", e("a"), e("b"), e("a")), True),
    ],
)
def test_expressions(expression, truth):
    """Comparison and logic are SPARQL's, errors (None) included."""
    assert evaluate(expression, {}) is truth
