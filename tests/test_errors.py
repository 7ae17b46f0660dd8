"""What messages have in common."""

from __future__ import annotations

import pytest

from kg.errors import counted


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
