"""Splitting text into numbered sentences: the same way for ever."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.corpus.passages import SPLITTER, normalise, split_line, split_text, text_digest

LINES = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=200)


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("He said so (twice). Then he left.", ["He said so (twice).", "Then he left."]),
        ("“Never.” She meant it.", ["“Never.”", "She meant it."]),
        ("The U.S. Army came, i.e. Everybody.", ["The U.S. Army came, i.e. Everybody."]),
        ("Gen. Petrov met Dr. Jones. They spoke.", ["Gen. Petrov met Dr. Jones.", "They spoke."]),
        ("about 2.5 per cent of it. 7 others", ["about 2.5 per cent of it.", "7 others"]),
        ("it ended. so did this", ["it ended. so did this"]),
        ("Прва реченица. Друга.", ["Прва реченица.", "Друга."]),
        ("   ", []),
    ],
)
def test_where_sentences_end(line, sentences):
    """A full stop ends a sentence before what can open one, and not after an abbreviation or inside a number."""
    assert split_line(line) == sentences


def test_places_count_lines_and_sentences_from_one():
    """A passage is its line and its sentence; empty lines count as lines."""
    assert [s.place for s in split_text("A b. C d.\n\nE f.")] == ["1.1", "1.2", "3.1"]


def test_a_repeated_sentence_is_told_apart_by_its_occurrence():
    """The same sentence twice has one hash and two occurrences."""
    first, _other, second = split_text("Same here.\nOther.\nSame here.")
    assert first.sha256 == second.sha256 == hashlib.sha256(b"Same here.").hexdigest()
    assert (first.occurrence, second.occurrence) == (1, 2)


@given(LINES)
def test_normalising_twice_changes_nothing(text):
    """White space and composition are normalised once and for all."""
    assert normalise(normalise(text)) == normalise(text)


@given(LINES)
def test_nothing_is_lost(line):
    """The sentences of a line are, joined, the line as it is normalised."""
    assert " ".join(split_line(line)) == normalise(line)


@given(LINES)
def test_white_space_and_composition_do_not_matter(line):
    """Hashes stay when accents are decomposed or spaces become no-break spaces."""
    changed = unicodedata.normalize("NFD", line).replace(" ", "  ")
    assert [s.sha256 for s in split_text(changed)] == [
        s.sha256 for s in split_text(unicodedata.normalize("NFC", line))
    ]
    assert text_digest(changed) == text_digest(unicodedata.normalize("NFC", line))


def test_this_version_is_frozen():
    """What a version of the splitter makes of a text never changes: a change needs a new version."""
    text = "Headline\n\nFirst point, e.g. this. “Second,” he said. Third?\n©\u00a0Nobody / 2016\n"
    assert SPLITTER == "kg-sentences-1"
    assert text_digest(text) == "73fbd8bedecc10860706840bd59ad0885161c722ca34c5c87a788192c14357f2"
