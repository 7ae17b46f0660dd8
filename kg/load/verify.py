"""The proof that what stands in a store is what was meant: each unit's count and hash, read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from kg.load.content import UnitFile
from kg.load.endpoint import Endpoint
from kg.load.readback import dumped_lines, unit_lines
from kg.load.rewrites import REWRITES
from kg.load.tally import Tally, shared, tally

__all__ = ["Check", "verify_units"]

_ROWS = 10
#: How many quads a comparison keeps in memory at once (as hashes); more are compared in several readings.
_KEPT = 500_000


@dataclass(frozen=True, slots=True)
class Check:
    """One unit: what was meant and what was found.

    ``rewritten`` counts literals by the declared rewriting that changed them. Where it differs, ``missing`` and
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
) -> list[Check]:
    """Read units back and compare.

    With ``everything`` they are all that this project has there, so that reading the whole store once may be the
    quickest way.
    """
    checks: dict[str, Check] = {}
    if everything and (lines := dumped_lines(endpoint, sum(unit.quads for unit in units))):
        progress("reading everything back")
        found = _attributed(lines, units)
        for unit in units:
            meant = tally(unit.lines())
            if (meant.count, meant.exact) == (found[unit.name].count, found[unit.name].exact):
                checks[unit.name] = Check(unit.name, meant.count, meant.count, True)
    for unit in units:
        if unit.name not in checks:
            progress(f"reading {unit.name} back")
            checks[unit.name] = _verify(endpoint, unit)
    return [checks[unit.name] for unit in units]


def _attributed(lines: Iterable[bytes], units: Sequence[UnitFile]) -> dict[str, Tally]:
    """The tally of each unit's graphs in a dump. A line that is misread makes a unit differ, never agree."""
    index = {graph: number for number, unit in enumerate(units) for graph in unit.graphs()}
    sums, counts = [0] * len(units), [0] * len(units)
    from_bytes = int.from_bytes
    for line in lines:
        parts = line.rsplit(b" ", 2)
        number = index.get(parts[1]) if len(parts) == 3 else None
        if number is not None:
            sums[number] += from_bytes(sha256(line).digest(), "big")
            counts[number] += 1
    mask = (1 << 256) - 1
    return {unit.name: Tally(counts[i], sums[i] & mask) for i, unit in enumerate(units)}


def _verify(endpoint: Endpoint, unit: UnitFile) -> Check:
    rewrites = endpoint.profile.rewrites
    meant = tally(unit.lines(), rewrites)
    found = tally(unit_lines(endpoint, unit), rewrites)
    if (meant.count, meant.exact) == (found.count, found.exact):
        return Check(unit.name, meant.count, found.count, True)
    if rewrites and (meant.count, meant.shared) == (found.count, found.shared):
        touched = tuple(sorted((meant.touched | found.touched).items()))
        return Check(unit.name, meant.count, found.count, True, touched)
    missing, extra = _difference(endpoint, unit, rewrites)
    return Check(unit.name, meant.count, found.count, False, (), missing, extra)


def _difference(
    endpoint: Endpoint, unit: UnitFile, rewrites: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The first lines that only one side has; a large unit is compared part by part, to keep memory bounded."""
    parts = unit.quads // _KEPT + 1
    missing: list[str] = []
    extra: list[str] = []
    touched: Counter[str] = Counter()

    def key(line: bytes) -> int:
        return int.from_bytes(sha256(shared(line, rewrites, touched)).digest()[:8], "big")

    for part in range(parts):
        there = {number for line in unit_lines(endpoint, unit) if (number := key(line)) % parts == part}
        here = set()
        for line in unit.lines():
            number = key(line)
            if number % parts == part:
                here.add(number)
                if number not in there and len(missing) < _ROWS:
                    missing.append(line.decode().rstrip())
        if there - here and len(extra) < _ROWS:
            for line in unit_lines(endpoint, unit):
                if (number := key(line)) % parts == part and number not in here and len(extra) < _ROWS:
                    extra.append(line.decode().rstrip())
    return tuple(missing), tuple(extra)
