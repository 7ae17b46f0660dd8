"""What messages have in common."""

from __future__ import annotations

import pytest

from kg.errors import Place, Problem, counted


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (1, ("document",), "1 document"),
        (0, ("document",), "0 documents"),
        (1200, ("claim",), "1,200 claims"),
        (1, ("entity", "entities"), "1 entity"),
        (2, ("entity", "entities"), "2 entities"),
    ],
)
def test_one_of_a_thing_is_one(number: int, words: tuple[str, ...], said: str) -> None:
    """A number stands with its noun in the singular or the plural, as it asks for."""
    assert counted(number, *words) == said


def test_a_message_does_not_steer_the_terminal() -> None:
    """What a parser quotes from a file of junk is shown, and what would colour or ring is not passed on."""
    problem = Problem("KG101", "'\x1b[31m' is not allowed,\n\tnor \x9b1m", Place("a\x07.ttl", 1), "Mend “ž”.")
    assert str(problem) == "a�.ttl:1: error KG101: '�[31m' is not allowed,\n\tnor �1m\n    Mend “ž”."
