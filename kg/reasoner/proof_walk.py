"""The one walk over a proof that every rendering takes: from the top down, each shared part opened once.

It makes no deep recursion, however deep the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple, TypeVar

__all__ = ["Visit", "walk"]

T = TypeVar("T")


class Visit(NamedTuple):
    """Where the walk is: how deep, whether on the last of its siblings, and whether that part was opened before."""

    depth: int
    last: bool
    again: bool


def walk(root: T, below: Callable[[T], Sequence[T]], key: Callable[[T], Hashable]) -> Iterator[tuple[T, Visit]]:
    """Each part as often as it is used; what is ``below`` a part follows it the first time. ``key`` tells parts."""
    met: set[Hashable] = set()
    todo: list[tuple[T, int, bool]] = [(root, 0, True)]
    while todo:
        part, depth, last = todo.pop()
        again = key(part) in met
        yield part, Visit(depth, last, again)
        if not again:
            met.add(key(part))
            parts = below(part)
            todo += [(each, depth + 1, k == 0) for k, each in enumerate(reversed(parts))]
