"""The passages file: read, written, and what is wrong with one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.corpus.passages import REASONS, Anchor, Passages, read_passages, write_passages

HASH = "ab" * 32
HEAD = f"# kg-sentences-1  text-sha256 {HASH}\nplace\tsha256\toccurrence\tset aside\n"


def codes(tmp_path, text):
    """The codes and lines of the problems of a passages file."""
    path = tmp_path / "x.passages"
    path.write_text(text, encoding="utf-8")
    return [(p.code, p.place.line) for p in read_passages(path, "x.passages").problems]


ANCHORS = st.builds(
    Anchor,
    st.tuples(st.integers(1, 999), st.integers(1, 99)).map(lambda pair: f"{pair[0]}.{pair[1]}"),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.integers(1, 9),
    st.sampled_from(["", *REASONS]),
)


@given(st.lists(ANCHORS, max_size=20, unique_by=lambda anchor: anchor.place))
def test_what_is_written_is_read_again(tmp_path_factory, anchors):
    """Places, hashes, occurrences and reasons survive, in their order."""
    path = tmp_path_factory.mktemp("passages") / "x.passages"
    path.write_text(
        write_passages(Passages("x", "kg-sentences-1", HASH, {a.place: a for a in anchors})), encoding="utf-8"
    )
    read = read_passages(path, "x")
    assert read.problems == []
    assert (read.splitter, read.digest) == ("kg-sentences-1", HASH)
    assert [(a.place, a.sha256, a.occurrence, a.reason) for a in read.anchors.values()] == [
        (a.place, a.sha256, a.occurrence, a.reason) for a in anchors
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + f"1.1\t{HASH}\t1\n", []),
        (HEAD + f"1.1\t{HASH}\t1\tclutter\n", []),
        (HEAD + "1.1\tshort\t1\n", [("KG501", 3)]),
        (HEAD + f"1.1 {HASH} 1\n", [("KG501", 3)]),
        (HEAD + f"1.1\t{HASH}\t1\tboring\n", [("KG502", 3)]),
        (f"1.1\t{HASH}\t1\n", [("KG503", 1)]),
        (HEAD + f"1.1\t{HASH}\t1\n1.1\t{HASH}\t2\n", [("KG504", 4)]),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, expected):
    """Each fault has its code and line, and reading goes on."""
    assert codes(tmp_path, text) == expected


def test_a_file_that_is_no_text_is_a_problem(tmp_path):
    """Bytes that are not UTF-8 are told by their line, and stop nothing else."""
    path = tmp_path / "x.passages"
    path.write_bytes(HEAD.encode() + b"1.1\t\xff\t1\n")
    assert [(problem.code, problem.place.line) for problem in read_passages(path, "x").problems] == [("KG501", 3)]
