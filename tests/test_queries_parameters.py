"""Values as people write them, and that none of them can be more than a value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyoxigraph
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from query_project import ID

from kg.corpus.saved_queries import Parameter
from kg.errors import UsageError
from kg.graph.store import Graph
from kg.labels import bearers, fold, keys, name_rows
from kg.queries import run
from kg.queries.parameters import allowed, resolve, term_for
from kg.vocab import kg

SERBIA = f"<{ID}serbia>"
XSD = "http://www.w3.org/2001/XMLSchema#"
HOSTILE = (
    '" } SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } #', "'''", '"""', "\\u0022 . }", "> . ?s ?p ?o } #", "} UNION {",
    "?x", "<x:y> <x:z>", "1 || true", "2016-01-01\") . } #", "en\") || true", "\n", "\x00", "id:serbia . ?s ?p ?o",
    "\ud800",
)  # fmt: skip


def code_of(error: pytest.ExceptionInfo[UsageError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


@pytest.mark.parametrize(
    "written",
    [
        "Serbia", "serbia", "SERBIA", "  Serbia ", "Srbija", "srbija", "Србија", "србија", "RS", "rs", "id:serbia",
        f"{ID}serbia", f"<{ID}serbia>",
    ],
)  # fmt: skip
def test_an_entity_as_people_write_it(small: Graph, written: str) -> None:
    """A label in any language and script, a code, a slug, a prefixed name and an IRI lead to one entity."""
    assert term_for(small, Parameter("x", "entity"), written) == SERBIA


@pytest.mark.parametrize("written", ["Đinđić", "Djindjic", "Dindic", "Ђинђић", "zoran đinđić", "ZORAN DJINDJIĆ"])
def test_diacritics_and_their_replacements(small: Graph, written: str) -> None:
    """A person is found without diacritics, with dj for đ, in the other script, and by the surname alone."""
    assert term_for(small, Parameter("x", "entity"), written) == f"<{ID}zoran-djindjic>"


def test_a_surname_is_a_name_where_it_is_the_only_one() -> None:
    """The last word of a person's name leads to them, but not where others bear it, or something is called so."""
    names = {
        "<x:ana-novak>": {"en": ["Ana Novak"]},
        "<x:bea-novak>": {"en": ["Bea Novak"]},
        "<x:cid-paris>": {"en": ["Cid Paris"], "alt": ["C. Pariz"]},
        "<x:paris>": {"en": ["Paris"]},
        "<x:voter>": {"en": ["Voter"], "code": ["Not Aname"]},
        "<x:long-street>": {"en": ["Long Street"]},
    }
    index = dict(bearers(sorted(name_rows(names, [term for term in names if "street" not in term]))))
    assert "novak" not in index
    assert index["paris"] == ["<x:paris>"]
    assert index["pariz"] == ["<x:cid-paris>"]
    assert index["voter"] == ["<x:voter>"]
    assert not {"aname", "street"} & index.keys()


def test_a_class_decides_between_names(small: Graph) -> None:
    """Of several things of one name the only one of the parameter's class is meant; others are not refused."""
    organ = Parameter("x", "entity", kind=kg("Institution"))
    assert term_for(small, organ, "Assembly") == f"<{ID}assembly>"
    assert term_for(small, organ, "Serbia") == SERBIA
    with pytest.raises(UsageError) as caught:
        term_for(small, Parameter("x", "entity", kind=kg("Organisation")), "Assembly")
    assert code_of(caught) == ["KG656"]


@pytest.mark.parametrize(
    ("parameter", "written", "first", "absent"),
    [
        (Parameter("x", "entity", kind=kg("Organisation")), "Alliances", "id:alliance)", "id:serbia"),
        (Parameter("x", "entity", kind=kg("Country")), "UK", "One of: Croatia (id:croatia); Mont", "id:alliance"),
        (Parameter("x", "entity", choices="organisations"), "of the Alliance", "id:assembly)", "One of"),
        (Parameter("x", "entity", choices=("id:croatia", "id:serbia")), "Crna Gora", "One of: Croatia", "Did you"),
        (Parameter("x", "entity", choices=("id:croatia", "id:assembly")), "Savez", "id:assembly)?", "id:croatia"),
        (Parameter("x", "entity"), "Alliance assembly", "mean: Assembly of the Alliance (id:assembly)", "id:serbia"),
    ],
)  # fmt: skip
def test_suggestions_fit_the_parameter(
    small: Graph, parameter: Parameter, written: str, first: str, absent: str
) -> None:
    """What may have been meant is taken from what is allowed, or of the class; whole words of a name come first."""
    with pytest.raises(UsageError) as caught:
        term_for(small, parameter, written)
    assert first in caught.value.problems[0].remedy
    assert absent not in caught.value.problems[0].remedy


def test_what_is_ambiguous_is_not_guessed(small: Graph) -> None:
    """A name of two things is refused with both listed, in a form that can be typed."""
    with pytest.raises(UsageError) as caught:
        term_for(small, Parameter("x", "entity"), "assembly of")
    with pytest.raises(UsageError) as caught:
        term_for(small, Parameter("x", "entity"), "Assembly")
    assert code_of(caught) == ["KG656"]
    assert "id:alliance" in str(caught.value)
    assert "id:assembly" in str(caught.value)


def test_choices_decide_between_names(small: Graph) -> None:
    """Where only one of the things so named is allowed, it is meant."""
    parameter = Parameter("x", "entity", choices=("id:assembly",))
    assert term_for(small, parameter, "Assembly") == f"<{ID}assembly>"


@pytest.mark.parametrize(
    ("written", "hint"), [("Serbja", "id:serbia"), ("Montenegr", "id:montenegro"), ("Црна", "id:montenegro")]
)
def test_what_is_unknown_lists_what_is_near(small: Graph, written: str, hint: str) -> None:
    """An unknown name is refused with what may have been meant."""
    with pytest.raises(UsageError) as caught:
        term_for(small, Parameter("x", "entity"), written)
    assert code_of(caught) == ["KG655"]
    assert hint in str(caught.value)


@pytest.mark.parametrize("written", [f"{ID}nowhere", "id:nowhere", "https://example.org/x", "urn:x:y"])
def test_an_iri_that_the_graph_does_not_have_is_unknown(small: Graph, written: str) -> None:
    """An IRI is not taken on trust: an empty answer would look like knowledge."""
    with pytest.raises(UsageError) as caught:
        term_for(small, Parameter("x", "entity"), written)
    assert code_of(caught) == ["KG655"]


def test_documents_classes_and_claims_are_entities_too(small: Graph) -> None:
    """A document by its slug or title, a class by its name, a claim by its prefixed name."""
    parameter = Parameter("x", "entity")
    assert term_for(small, parameter, "first-2017").endswith("document/first-2017>")
    assert term_for(small, parameter, "A second document").endswith("document/second-2018>")
    assert term_for(small, parameter, "kg:Country").endswith("ontology#Country>")
    assert term_for(small, parameter, "claim:first-2017/croatia-joined").endswith("croatia-joined>")


@pytest.mark.parametrize(
    ("kind", "edge", "written", "term"),
    [
        ("date", "first", "2016", f'"2016-01-01"^^<{XSD}date>'),
        ("date", "last", "2016", f'"2016-12-31"^^<{XSD}date>'),
        ("date", "last", "2016-02", f'"2016-02-29"^^<{XSD}date>'),
        ("date", "first", "2016-02-03", f'"2016-02-03"^^<{XSD}date>'),
        ("date", "first", date(2016, 2, 3), f'"2016-02-03"^^<{XSD}date>'),
        ("integer", "first", "12", f'"12"^^<{XSD}integer>'),
        ("integer", "first", "-0012", f'"-12"^^<{XSD}integer>'),
        ("integer", "first", 12, f'"12"^^<{XSD}integer>'),
        ("number", "first", "0.5", f'"0.5"^^<{XSD}decimal>'),
        ("number", "first", "12", f'"12"^^<{XSD}decimal>'),
        ("number", "first", "1e3", f'"1000"^^<{XSD}double>'),
        ("number", "first", Decimal("1.50"), f'"1.5"^^<{XSD}decimal>'),
        ("text", "first", 'a "b" \\', '"a \\"b\\" \\\\"'),
        ("text", "first", " ", '" "'),
        ("language", "first", "sr-Latn", '"sr-latn"'),
    ],
)
def test_values_by_type(small: Graph, kind: str, edge: str, written: object, term: str) -> None:
    """Dates with the edge that is declared, numbers, text and language tags, as text or as Python has them."""
    assert term_for(small, Parameter("x", kind, edge=edge), written) == term  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("date", "yesterday"), ("date", "2016-13"), ("date", "2016-02-30"), ("date", "0000"), ("date", "../2016"),
        ("date", ""), ("integer", "1.5"), ("integer", "one"), ("integer", "١٢"), ("integer", "1" * 41),
        ("number", "NaN"), ("number", "INF"), ("number", "1,5"), ("language", "en us"), ("language", ""),
    ],
)  # fmt: skip
def test_what_is_no_value_of_its_type_is_refused(small: Graph, kind: str, written: str) -> None:
    """A value that cannot be read is refused with what can."""
    with pytest.raises(UsageError) as caught:
        term_for(small, Parameter("x", kind), written)
    assert code_of(caught) == ["KG654"]
    assert caught.value.problems[0].remedy


def test_all_problems_come_together(small: Graph) -> None:
    """A stranger, a missing value and two bad ones are reported at once, each with its code."""
    values = {"dya": "2016", "whole": "x", "entity": "nobody at all", "colour": "green"}
    with pytest.raises(UsageError) as caught:
        resolve(small, small.queries["echo"], values)
    assert sorted(code_of(caught)) == ["KG652", "KG654", "KG655", "KG659"]
    assert "Did you mean 'day'" in str(caught.value)


def test_a_required_value_must_be_given(small: Graph) -> None:
    """Without a default, a required parameter is asked for by name."""
    query = small.queries["echo"]._replace(parameters=(Parameter("state", "entity", "the state"),))
    with pytest.raises(UsageError, match="--state") as caught:
        resolve(small, query, {})
    assert code_of(caught) == ["KG653"]


def test_choices_may_come_from_a_query(small: Graph) -> None:
    """A query's first column lists what is allowed; another entity is refused with the list."""
    parameter = small.queries["members"].parameters[0]
    found = allowed(small, parameter)
    assert {f"<{ID}alliance>", f"<{ID}assembly>"} <= set(found)
    assert SERBIA not in found
    assert found == sorted(found)
    with pytest.raises(UsageError, match="Alliance") as caught:
        term_for(small, parameter, "Serbia")
    assert code_of(caught) == ["KG659"]


KINDS = {
    "entity": "entity", "day": "date", "last": "date", "whole": "integer", "share": "number", "words": "text",
    "tag": "language", "colour": "text",
}  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.one_of(st.sampled_from(HOSTILE), st.text()))
@example("words", '" } SERVICE <http://127.0.0.1:1/> {} #')
@example("entity", "id:serbia> . ?s ?p ?o } #")
def test_no_value_changes_the_query(small: Graph, name: str, value: str) -> None:
    """Whatever is written for whatever type: it is refused, or it is one term in one row."""
    try:
        answer = run(small, "echo", {name: value})
    except UsageError as error:
        refused = {problem.code for problem in error.problems}
    else:
        refused = set()
    if refused:
        assert refused <= {f"KG65{number}" for number in range(4, 10)}
        return
    assert len(answer.rows) == 1
    bound = answer.rows[0][answer.columns.index(name)]
    assert bound is not None
    if KINDS[name] == "text":
        assert bound == str(pyoxigraph.Literal(value))


def test_a_text_parameter_is_not_filled_inside_strings(small: Graph) -> None:
    """Where the value is left out, the text's own string with the variable's name is untouched."""
    assert run(small, "echo")[0].words == "?__words_literal"


def test_folding() -> None:
    """Folding forgets case, diacritics, script and punctuation, and nothing else."""
    assert fold("Џак Šešelj–Ђурић, U.S.") == "dzak seselj djuric us"
    assert keys("Đoković") == {"djokovic", "dokovic"}
    assert fold("S\u0307rbija") == "srbija"
    assert fold("…") == ""
