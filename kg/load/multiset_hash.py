"""Count and hash quads in any order: the sum of each line's SHA-256, so that nothing need be sorted or kept.

With no blank nodes, two sets of quads are equal when their counts and sums are (the multiset hash of Clarke and
others, 2003, modulo 2 to the 256). A second sum is over the form that a store's rewritings of literals leave: a
difference is allowed only where the store's profile declares the rewriting, and the report names it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from hashlib import sha256

from kg.vocab import XSD

__all__ = ["REWRITES", "MultisetHash", "hash_lines", "line_hash", "shared_form", "shared_line"]

_MASK = (1 << 256) - 1
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"\^\^<' + re.escape(XSD) + r"([A-Za-z]+)>", re.DOTALL)


@dataclass(slots=True)
class MultisetHash:
    """A number of quads, their sum as they are, their sum in shared form, and how many each rewriting changed."""

    count: int = 0
    exact: int = 0
    shared: int = 0
    changed: Counter[str] = field(default_factory=Counter)


def line_hash(line: bytes) -> int:
    """The SHA-256 of a line as a number."""
    return int.from_bytes(sha256(line).digest(), "big")


def hash_lines(lines: Iterable[bytes], rewrites: tuple[str, ...] = ()) -> MultisetHash:
    """The hash of N-Quads lines; ``rewrites`` are names of ``REWRITES``."""
    count = exact = shared = 0
    changed: Counter[str] = Counter()
    # The loop of a million quads: nothing but the hash is computed in it.
    for line in lines:
        exact += int.from_bytes(sha256(line).digest(), "big")
        count += 1
        if rewrites:
            shared += line_hash(shared_line(line, rewrites, changed))
    return MultisetHash(count, exact & _MASK, shared & _MASK, changed)


def shared_line(line: bytes, rewrites: tuple[str, ...], changed: Counter[str]) -> bytes:
    """A line with its object in the form that both sides share."""
    if b"^^" not in line:
        return line
    triple, graph, stop = line.rsplit(b" ", 2)
    subject, predicate, value = triple.split(b" ", 2)
    return b" ".join((subject, predicate, shared_form(value.decode(), rewrites, changed).encode(), graph, stop))


def _boolean(text: str) -> str:
    return {"1": "true", "0": "false", "TRUE": "true", "FALSE": "false"}.get(text, text)


def _double(text: str) -> str:
    try:
        return f"{float(text):.15g}"
    except ValueError:
        return text


def _decimal(text: str) -> str:
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def _fraction(text: str) -> str:
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


#: Each rewriting: its description, the datatypes that it changes, and the form to which both sides are brought.
REWRITES: dict[str, tuple[str, frozenset[str], Callable[[str], str]]] = {
    "boolean": ("booleans written as 1 and 0", frozenset({"boolean"}), _boolean),
    "double": ("floating-point numbers kept to fifteen digits", frozenset({"double", "float"}), _double),
    "decimal": ("decimals without closing zeros", frozenset({"decimal"}), _decimal),
    "fraction": ("fractions of a second kept to the microsecond", frozenset({"dateTime", "time"}), _fraction),
}


def shared_form(term: str, names: tuple[str, ...], changed: Counter[str]) -> str:
    """A literal in the form that it has on both sides; ``changed`` counts the rewritings that changed one."""
    match = _LITERAL.fullmatch(term)
    if not match:
        return term
    for name in names:
        _words, datatypes, change = REWRITES[name]
        if match[2] in datatypes:
            text = change(match[1])
            if text != match[1]:
                changed[name] += 1
            return f'"{text}"^^<{XSD}{match[2]}>'
    return term
