"""Counting and hashing quads in any order: the sum of each line's SHA-256, so that nothing need be sorted or kept.

With no blank nodes, two sets of quads are the same when their counts and sums are (the multiset hash of Clarke
and others, 2003, modulo 2 to the 256). A second sum is over the form that a store's declared rewritings leave.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from kg.load.rewrites import shared_form

__all__ = ["Tally", "tally"]

_MASK = (1 << 256) - 1


@dataclass(slots=True)
class Tally:
    """A number of quads, their sum as they are, their sum in shared form, and how many a rewriting touched."""

    count: int = 0
    exact: int = 0
    shared: int = 0
    touched: Counter[str] = field(default_factory=Counter)

    def add(self, line: bytes, rewrites: tuple[str, ...] = ()) -> None:
        """Count one N-Quads line."""
        number = int.from_bytes(sha256(line).digest(), "big")
        self.count += 1
        self.exact = (self.exact + number) & _MASK
        if rewrites:
            other = shared(line, rewrites, self.touched)
            if other != line:
                number = int.from_bytes(sha256(other).digest(), "big")
            self.shared = (self.shared + number) & _MASK


def tally(lines: Iterable[bytes], rewrites: tuple[str, ...] = ()) -> Tally:
    """The tally of N-Quads lines."""
    total = Tally()
    if rewrites:
        for line in lines:
            total.add(line, rewrites)
        return total
    count = exact = 0
    from_bytes = int.from_bytes
    # The loop of a million quads: nothing but the hash is done in it.
    for line in lines:
        exact += from_bytes(sha256(line).digest(), "big")
        count += 1
    return Tally(count, exact & _MASK)


def shared(line: bytes, rewrites: tuple[str, ...], touched: Counter[str]) -> bytes:
    """A line with its object in the form that both sides share."""
    if b"^^" not in line:
        return line
    triple, graph, stop = line.rsplit(b" ", 2)
    subject, predicate, value = triple.split(b" ", 2)
    changed = shared_form(value.decode(), rewrites, touched).encode()
    return b" ".join((subject, predicate, changed, graph, stop))
