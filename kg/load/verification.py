"""Verify that a store holds each unit: read it back, and compare its count and hash, in any order.

The hash is the sum of each line's SHA-256, so that nothing need be sorted or kept. With no blank nodes, two sets of
quads are equal when their counts and sums are (the multiset hash of Clarke and others, 2003, modulo 2 to the 256). A
second sum is over the form that a store's rewritings of literals leave: a difference is allowed only where the
store's profile declares the rewriting, and the report names it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any

from kg.graph.unit_files import UnitFile
from kg.load.endpoint import Endpoint, values, whole_number
from kg.load.failures import RemoteError
from kg.vocab import XSD

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


def plain_number(text: str) -> str:
    """A number without exponent or closing zeros. No number, or one with an exponent that no double has: as it is."""
    try:
        number = Decimal(text).normalize()
    except ArithmeticError:
        return text
    return f"{number:f}" if abs(number.adjusted()) < 400 else text


def _fraction(text: str) -> str:
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


#: Each rewriting: its description, the datatypes that it changes, and the form to which both sides are brought.
REWRITES: dict[str, tuple[str, frozenset[str], Callable[[str], str]]] = {
    "boolean": ("booleans written as 1 and 0", frozenset({"boolean"}), _boolean),
    "double": ("floating-point numbers kept to fifteen digits", frozenset({"double", "float"}), _double),
    "decimal": ("decimals without closing zeros", frozenset({"decimal"}), plain_number),
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


_SHOWN = 10
#: Quads that a comparison keeps in memory at once (as hashes); more are compared in several readings.
_KEPT = 500_000
#: Graphs of at most this many triples are read together, many a request; larger ones one by one.
_SMALL = 500
_TOGETHER = 5_000


@dataclass(frozen=True, slots=True)
class UnitCheck:
    """One unit: the number of quads expected and found, and whether they are the same.

    ``rewritten`` counts literals by the declared rewriting that changed them. Where the unit differs, ``missing`` and
    ``extra`` are the first lines (N-Quads) on either side.
    """

    unit: str
    expected: int
    found: int
    same: bool
    rewritten: tuple[tuple[str, int], ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        rewritten = {REWRITES[name][0]: count for name, count in self.rewritten}
        rows = {"missing": list(self.missing), "extra": list(self.extra)} if not self.same else {}
        counts = {"unit": self.unit, "expected": self.expected, "found": self.found, "same": self.same}
        return counts | {"rewritten": rewritten} | rows


def verify_units(
    endpoint: Endpoint,
    units: Sequence[UnitFile],
    *,
    everything: bool = False,
    progress: Callable[[str], None] = lambda _step: None,
) -> list[UnitCheck]:
    """Read units back and compare.

    ``everything`` says that these are all units that this project has there, so that one reading of the whole store
    may be quickest.
    """
    checks = _from_dump(endpoint, units, progress) if everything else {}
    for unit in units:
        if unit.name not in checks:
            progress(f"reading {unit.name} back")
            checks[unit.name] = _verify(endpoint, unit)
    return [checks[unit.name] for unit in units]


def unit_lines(endpoint: Endpoint, unit: UnitFile) -> Iterator[bytes]:
    """The lines that a store holds in the graphs of a unit, read graph by graph, or small graphs together."""
    counts = unit.graphs
    small = []
    for graph, count in counts.items():
        if count > _SMALL:
            end = b" " + graph + b" .\n"
            for line in endpoint.graph_lines(graph[1:-1].decode(), count):
                yield line[:-3] + end
        else:
            small.append(graph)
    group: list[bytes] = []
    quads = 0
    for graph in small:
        if group and (quads + counts[graph] > _TOGETHER or len(group) >= _SMALL):
            yield from _together(endpoint, group, quads)
            group, quads = [], 0
        group.append(graph)
        quads += counts[graph]
    if group:
        yield from _together(endpoint, group, quads)


def _together(endpoint: Endpoint, graphs: list[bytes], quads: int) -> Iterator[bytes]:
    wanted = values("g", (graph.decode() for graph in graphs))
    query = f"SELECT ?s ?p ?o ?g WHERE {{ {wanted} GRAPH ?g {{ ?s ?p ?o }} }}"
    for row in endpoint.rows(query, "s p o g", 2 * quads + _TOGETHER):
        yield (" ".join(term or "" for term in row) + " .\n").encode()


def _from_dump(
    endpoint: Endpoint, units: Sequence[UnitFile], progress: Callable[[str], None]
) -> dict[str, UnitCheck]:
    """The checks of units that one reading of the whole store shows to be the same; none where it is not worth it."""
    lines = _dumped_lines(endpoint, sum(unit.quads for unit in units))
    if lines is None:
        return {}
    progress("reading everything back")
    try:
        # The store is the slower side: what is expected is hashed while it answers.
        with ThreadPoolExecutor(1) as aside:
            hashes = aside.submit(lambda: [hash_lines(unit.lines()) for unit in units])
            found = _attributed(lines, units)
    except RemoteError as error:
        if error.code != "KG715":
            raise
        # Somebody else's graphs are larger than expected: read ours alone.
        return {}
    return {
        unit.name: UnitCheck(unit.name, expected.count, expected.count, True)
        for unit, expected in zip(units, hashes.result(), strict=True)
        if (expected.count, expected.exact) == found[unit.name]
    }


def _dumped_lines(endpoint: Endpoint, owned: int) -> Iterator[bytes] | None:
    """The lines of the whole store, or None when most of it is not ours or the store has no such request."""
    if endpoint.profile.dump is None:
        return None
    rows = endpoint.query("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }", columns=["n"]).rows
    number = (rows[0][0] or "").split('"')[1:2] if rows else []
    total = whole_number(number[0]) if number else None
    return endpoint.dump(total) if total is not None and total <= 2 * owned + 10_000 else None


def _attributed(lines: Iterable[bytes], units: Sequence[UnitFile]) -> dict[str, tuple[int, int]]:
    """Count and hash of each unit's graphs in a dump. A line that is misread makes a unit differ, never agree."""
    index = {graph: number for number, unit in enumerate(units) for graph in unit.graphs}
    sums, counts = [0] * len(units), [0] * len(units)
    from_bytes = int.from_bytes
    for line in lines:
        parts = line.rsplit(b" ", 2)
        number = index.get(parts[1]) if len(parts) == 3 else None
        if number is not None:
            sums[number] += from_bytes(sha256(line).digest(), "big")
            counts[number] += 1
    return {unit.name: (counts[i], sums[i] % (1 << 256)) for i, unit in enumerate(units)}


def _verify(endpoint: Endpoint, unit: UnitFile) -> UnitCheck:
    rewrites = endpoint.profile.rewrites
    expected = hash_lines(unit.lines(), rewrites)
    found = hash_lines(unit_lines(endpoint, unit), rewrites)
    if (expected.count, expected.exact) == (found.count, found.exact):
        return UnitCheck(unit.name, expected.count, found.count, True)
    if rewrites and (expected.count, expected.shared) == (found.count, found.shared):
        changed = tuple(sorted((expected.changed | found.changed).items()))
        return UnitCheck(unit.name, expected.count, found.count, True, changed)
    missing, extra = _difference(endpoint, unit, rewrites)
    return UnitCheck(unit.name, expected.count, found.count, False, (), missing, extra)


def _difference(
    endpoint: Endpoint, unit: UnitFile, rewrites: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The first lines that only one side has; a large unit is compared part by part, to keep memory bounded."""
    parts = unit.quads // _KEPT + 1
    missing: list[str] = []
    extra: list[str] = []

    def keyed(lines: Iterable[bytes], part: int) -> Iterator[tuple[int, bytes]]:
        for line in lines:
            key = line_hash(shared_line(line, rewrites, Counter())) >> 192
            if key % parts == part:
                yield key, line

    for part in range(parts):
        there = {key for key, _line in keyed(unit_lines(endpoint, unit), part)}
        here = set()
        for key, line in keyed(unit.lines(), part):
            here.add(key)
            if key not in there and len(missing) < _SHOWN:
                missing.append(line.decode().rstrip())
        if there - here and len(extra) < _SHOWN:
            for key, line in keyed(unit_lines(endpoint, unit), part):
                if key not in here and len(extra) < _SHOWN:
                    extra.append(line.decode().rstrip())
    return tuple(missing), tuple(extra)
