"""The ``#+`` header of a saved query or rule: strings as written, and whatever else it has is refused by its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.corpus.query_files import read_header, read_saved_queries
from kg.project import Project


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {}),
        ("#+ code: NO", {"code": "NO"}),
        (
            "#+ number: 1.10\n#+ day: 2014-01-01\n#+ empty:\n#+ no: ~",
            {"number": "1.10", "day": "2014-01-01", "empty": "", "no": "~"},
        ),
        ("#+ tags: [yes, 5]\n#+ of:\n#+   a: {b: off}", {"tags": ["yes", "5"], "of": {"a": {"b": "off"}}}),
        ("#+ text: >-\n#+   one\n#+   two\n", {"text": "one two"}),
        ("#+ a: 1\nSELECT\n#+ b: 2", {"a": "1"}),
        ("#+ a: \"quoted: # too\"\r\n#+ b: 'x'\r\n", {"a": "quoted: # too", "b": "x"}),
    ],
)
def test_values_are_strings_as_written(header: str, expected: object) -> None:
    """If a value looks like a truth, a number, a date or nothing in YAML, then it is the text that stands there."""
    assert read_header(header, "q.rq") == (expected, [])


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("#+ a: 1\n#+ a: 2", 2),
        ("#+ of:\n#+   b: 1\n#+   b: 2", 3),
        ("#+ a: &x [1]\n#+ b: *x", 1),
        ("#+ a: 1\n#+ b: *x", 2),
        ("#+ - a", 1),
        ("#+ word", 1),
        ("#+ a: [", 2),
        ("#+ a: 1\n#+ ---\n#+ b: 1", 2),
        ("#+ ? [a]\n#+ : 1", 1),
        (f"#+ a: {'[' * 50}{']' * 50}", 1),
        (f"#+ a: {'[' * 100_000}", 1),
        ("#+ a: !!python/object:os.system x\n#+ a: 1", 2),
    ],
)
def test_what_is_no_plain_mapping_is_refused(header: str, line: int) -> None:
    """If a header has a key twice, an alias, another shape or no YAML, then there is one problem with the line."""
    found, problems = read_header(header, "q.rq")
    assert found == {}
    assert [(problem.code, problem.place and problem.place.line) for problem in problems] == [("KG610", line)]


WRONG = """#+ summary: [a, b]
#+ tags: a, b
#+ theme: {a: b}
#+ colour: red
#+ defaults: {state: serbia}
#+ parameters:
#+   state: {type: entity, required: NO, label: [x], choices: {a: b}}
#+   other: 5
SELECT ?s { ?s ?p ?_state_iri } ORDER BY ?s
"""
DEEP = f"#+ summary: Too deep?\nSELECT ?s {{ ?s ?p ?o\nFILTER({'!' * 500}(?s = ?o)) }} ORDER BY ?s\n"
ASSIGNED = """#+ summary: Who?
#+ parameters: {who: {type: entity}}
SELECT ?s { ?s ?p ?o BIND(?o AS ?_who_iri) } ORDER BY ?s
"""
BAD = "#+ summary: What?\nSELECT ?s {\n ?s ?p }\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            WRONG,
            [(f"KG6{code}", line) for code, line in ((11, 4), (14, 8), *((26, n) for n in (1, 2, 3, 5, 7, 7, 7)))],
        ),
        (DEEP, [("KG607", 3)]),
        (BAD, [("KG621", 3)]),
        (ASSIGNED, [("KG627", 1)]),
        (BAD.replace(" }", " ?o }"), [("KG620", 1)]),
        (BAD.replace(" }", " ?o GRAPH ?g {} } ORDER BY ?s"), [("KG619", 1)]),
    ],
)
def test_what_is_wrong_with_a_saved_query_is_said_with_its_line(
    tmp_path: Path, text: str, expected: list[tuple[str, int]]
) -> None:
    """If a value has the wrong type, a key is unknown, or the text is no query, then each is a problem by line."""
    (tmp_path / "queries").mkdir()
    (tmp_path / "ontology").mkdir()
    ontology = "@prefix owl: <http://www.w3.org/2002/07/owl#> . <http://e/ontology> a owl:Ontology ."
    (tmp_path / "ontology" / "_ontology.ttl").write_text(ontology, encoding="utf-8")
    (tmp_path / "queries" / "wrong.rq").write_text(text, encoding="utf-8")
    found, problems = read_saved_queries(Project(tmp_path))
    assert sorted((problem.code, problem.place and problem.place.line) for problem in problems) == expected
    assert all(isinstance(value, str | tuple) for value in (found["wrong"].summary, found["wrong"].keywords))


@given(st.lists(st.text(max_size=12), max_size=6))
def test_no_header_raises(lines: list[str]) -> None:
    """If a header is anything at all, then there are values or problems, and no exception."""
    found, problems = read_header("\n".join(f"#+ {line}" for line in lines), "q.rq")
    assert not (found and problems)
