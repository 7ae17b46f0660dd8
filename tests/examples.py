"""Property tests with few examples among the quick tests, and many among the longer ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy

__all__ = ["examples", "longer"]


def examples(
    quick: int, slow: int, *strategies: SearchStrategy, **named: SearchStrategy
) -> Callable[[Callable], Callable]:
    """Make two tests of a function: one with ``quick`` examples, and ``…_at_length``, marked slow, with ``slow``."""

    def made(holds: Callable) -> Callable:
        at_length = settings(max_examples=slow)(given(*strategies, **named)(holds))
        holds.__globals__[f"{holds.__name__}_at_length"] = pytest.mark.slow(at_length)
        return settings(max_examples=quick)(given(*strategies, **named)(holds))

    return made


def longer(*values: object) -> list[Any]:
    """Values of a parameter that are tried among the longer tests."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]
