"""Where the parts of a picture stand: bars of a timeline, boxes around a thing, the tree of classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kg.dates import DAWN, DUSK
from kg.timeline.lanes import lanes

if TYPE_CHECKING:
    from kg.dates import Period
    from kg.model import Claim, Term
    from kg.timeline.timeline import Timeline

#: The width of a timeline in its own units; the page stretches it.
WIDTH = 1000
#: Years that a timeline shows beside the first and last day that it has.
_ROOM = 1


class Strip(NamedTuple):
    """A stretch of a bar: where it begins, how wide it is, and whether the fact certainly held all the while."""

    x: float
    width: float
    certain: bool


class Bar(NamedTuple):
    """A line of a timeline: what it says, when in words, whether it is inferred, its stretches, its claims."""

    text: str
    told: tuple[str, ...]
    inferred: bool
    strips: tuple[Strip, ...]
    claims: tuple[Claim, ...]


class Bars(NamedTuple):
    """A timeline: the lines, and the years that are marked below it, each with its place."""

    lines: tuple[Bar, ...]
    years: tuple[tuple[float, int], ...]


class TreeBox(NamedTuple):
    """A box of a tree: where it stands, and where the box that it hangs on does; ``above`` is negative at the top."""

    term: Term
    x: float
    y: float
    above: float
    size: int


def bars(timeline: Timeline, told: Callable[[Period, str], str]) -> Bars:
    """The lines of a timeline; ``told`` says a period of a temporal kind in words."""
    found = lanes(timeline)
    bounds = {day for lane in found for period in lane.periods for day in period.bounds}
    days = sorted(day for day in bounds if day is not None and _known(day))
    if not days:
        return Bars((), ())
    first, last = int(days[0][:4]) - _ROOM, int(days[-1][:4]) + _ROOM + 1
    start, whole = date(max(first, 1), 1, 1).toordinal(), (last - first) * 365.25

    def at(day: str | None, otherwise: float) -> float:
        if day is None or not _known(day):
            return otherwise
        return min(max((date.fromisoformat(day).toordinal() - start) / whole * WIDTH, 0), WIDTH)

    def strips(period: Period) -> list[Strip]:
        outer = at(period.earliest_begin, 0), at(period.latest_end, WIDTH)
        inner = at(period.latest_begin, WIDTH), at(period.earliest_end, 0)
        parts = [Strip(outer[0], max(outer[1] - outer[0], 4), certain=False)]
        if inner[0] <= inner[1]:
            parts.append(Strip(inner[0], max(inner[1] - inner[0], 4), certain=True))
        return parts

    lines = tuple(
        Bar(
            lane.text,
            tuple(dict.fromkeys(filter(None, (told(period, lane.facts[0].kind) for period in lane.periods)))),
            lane.inferred,
            tuple(strip for period in lane.periods for strip in strips(period)),
            lane.claims,
        )
        for lane in found
    )
    step = max((last - first) // 8, 1)
    return Bars(lines, tuple((at(f"{year:04d}-01-01", 0), year) for year in range(first + 1, last, step)))


def tree(
    roots: Sequence[Term], below: Mapping[Term, Iterable[Term]], counts: Callable[[Term], int]
) -> tuple[TreeBox, ...]:
    """Terms as an indented tree, each once: a line of 30 units and a step of 24 for each level."""
    found: list[TreeBox] = []
    seen: set[Term] = set()
    waiting = [(root, 0, -1.0) for root in reversed(roots)]
    while waiting:
        term, depth, above = waiting.pop()
        if term in seen:
            continue
        seen.add(term)
        found.append(TreeBox(term, 8 + depth * 24, 8 + len(found) * 30, above, counts(term)))
        waiting += [(child, depth + 1, found[-1].y) for child in reversed(list(below.get(term, ())))]
    return tuple(found)


def _known(day: str | None) -> bool:
    return day is not None and day not in (DAWN, DUSK)
