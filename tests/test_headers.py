"""The ``#+`` header of a saved query or rule: strings as written, and whatever else it has is refused by its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.corpus.headers import read_header


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


@given(st.lists(st.text(max_size=12), max_size=6))
def test_no_header_raises(lines: list[str]) -> None:
    """If a header is anything at all, then there are values or problems, and no exception."""
    found, problems = read_header("\n".join(f"#+ {line}" for line in lines), "q.rq")
    assert not (found and problems)
