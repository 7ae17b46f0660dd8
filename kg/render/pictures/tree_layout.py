"""Where the boxes and lines around a thing stand: what it leads to on its right, what leads to it on its left.

Every leaf has a row of its own and every step a column, so that no label can lie over another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from kg.labels import Labels
from kg.model import Term, is_literal
from kg.phrases import phrase
from kg.render.pictures.canvas import MARGIN, PAGE, apart, wrapped
from kg.timeline.neighbourhood import Branch, Leaf

#: The width of the columns of boxes and of the names of properties between them.
BOX, _NAME = 2.2, 2.15
#: The height of a line of type, and what is free below a box.
LINE, _GAP = 0.155, 0.1
#: From the middle of a box to where lines end.
_EDGE = BOX / 2 - 0.03
#: How many characters a line of each has (bold in the centre), and how many lines a box.
_IN_BOX, _IN_CENTRE, _IN_NAME, _LINES = 28, 26, 22, 3


def _half(name: str) -> float:
    """Half the room that the name of a property takes, in inches: its letters are about 0.065 wide."""
    return min(0.0335 * max(map(len, name.split("\n"))) + 0.06, _NAME * 0.46)


#: How far from the edge of a box the lines to the names of properties bend: before the longest of them.
BEND = _NAME / 2 - _half("x" * _IN_NAME) - 0.03
#: What leads to a thing, and what it leads to.
Halves = tuple[tuple[Branch, ...], tuple[Branch, ...]]


class Box(NamedTuple):
    """What a property leads to, in the middle of its box; without a term, how many more there are."""

    x: float
    y: float
    text: str
    term: Term | None

    @property
    def plain(self) -> bool:
        """Whether it has no frame: values, and what stands for more."""
        return self.term is None or is_literal(self.term)


class Line(NamedTuple):
    """From the name of a property to a leaf, or as a ``stem`` from a thing to the name."""

    begin: tuple[float, float]
    end: tuple[float, float]
    leaf: Leaf | None
    outgoing: bool
    stem: bool


class Half:
    """One half around a thing, worked out downwards: where every box and every name of a property stands."""

    def __init__(self, number: int, middle: float, label: Labels, cut: Callable[[Term], str]) -> None:
        self.number, self.middle = number, middle  # 1 to the right, -1 to the left
        self.label, self.cut = label, cut
        self.y = 0.0
        self.boxes: list[Box] = []
        self.names: list[tuple[float, float, str]] = []
        self.lines: list[Line] = []

    def branches(self, branches: tuple[Branch, ...], depth: int = 1) -> list[tuple[float, Branch]]:
        """Place branches and all that hangs on them; where the name of each stands."""
        return [(self._branch(branch, depth), branch) for branch in branches]

    def stem(self, depth: int, y: float, at: float, branch: Branch) -> Line:
        """From a thing a number of steps away, at a height, to the name of one of its branches at another."""
        x = self._column(depth) + self.number * _EDGE
        to = self._column(depth) + self.number * ((BOX + _NAME) / 2 - _half(self._name(branch)))
        return Line((x, y), (to, at), None, branch.outgoing, stem=True)

    def _branch(self, branch: Branch, depth: int) -> float:
        name = self._name(branch)
        start = self.y
        ends: list[tuple[float, Leaf | None]] = [(self._leaf(leaf, depth), leaf) for leaf in branch.leaves]
        if branch.more:
            ends.append((self._more(branch.more, depth), None))
        shift = self._at_least(_tall(name), start)
        ends = [(y + shift, leaf) for y, leaf in ends]
        y = (ends[0][0] + ends[-1][0]) / 2
        x = self._column(depth) - self.number * (BOX + _NAME) / 2
        self.names.append((x, y, name))
        near, far = x + self.number * _half(name), self._column(depth) - self.number * _EDGE
        self.lines += [Line((near, y), (far, end), leaf, branch.outgoing, stem=False) for end, leaf in ends]
        return y

    def _leaf(self, leaf: Leaf, depth: int) -> float:
        start, first = self.y, len(self.lines)
        inner = self.branches(leaf.branches, depth + 1)
        text = self.cut(leaf.term)
        shift = self._at_least(_tall(text), start)
        y = (start + self.y) / 2
        self.boxes.append(Box(self._column(depth), y, text, leaf.term))
        for at, branch in inner:
            self.lines.insert(first, self.stem(depth, y, at + shift, branch))
        return y

    def _more(self, more: int, depth: int) -> float:
        text = phrase("… and {} more", self.label.language, more)
        y = self.y + _tall(text) / 2
        self.boxes.append(Box(self._column(depth), y, text, None))
        self.y += _tall(text)
        return y

    def _column(self, depth: int) -> float:
        """The middle of the column of boxes a number of steps away."""
        return self.middle + self.number * depth * (BOX + _NAME)

    def _name(self, branch: Branch) -> str:
        return wrapped(self.label(branch.predicate), _IN_NAME)

    def _at_least(self, least: float, start: float) -> float:
        """Make what was placed below a height so tall, in the middle of the room; by how much it was moved."""
        if self.y - start >= least:
            return 0.0
        by = (least - (self.y - start)) / 2
        self.boxes = [box._replace(y=box.y + by) if box.y >= start else box for box in self.boxes]
        self.names = [(x, y + by if y >= start else y, text) for x, y, text in self.names]
        self.lines = [
            line._replace(
                begin=(line.begin[0], line.begin[1] + by if line.begin[1] >= start else line.begin[1]),
                end=(line.end[0], line.end[1] + by if line.end[1] >= start else line.end[1]),
            )
            for line in self.lines
        ]
        self.y = start + least
        return by


class Sheet:
    """The columns of a picture, for as many ``steps`` to the left and right, and the text of each box."""

    def __init__(self, label: Labels, terms: Iterable[Term], steps: tuple[int, int]) -> None:
        self.label = label
        self.width = max(BOX + sum(steps) * (BOX + _NAME) + 2 * MARGIN, PAGE[0])
        self.middle = (self.width - (steps[1] - steps[0]) * (BOX + _NAME)) / 2
        self._cut = apart([label(term) for term in terms], _IN_BOX, _LINES)

    def cut(self, term: Term) -> str:
        """What the box of a term reads, on lines that fit into it."""
        return self._cut[self.label(term)]

    def centre(self, term: Term) -> str:
        """What the box of a term reads in the middle."""
        return wrapped(self.label(term), _IN_CENTRE, _LINES)

    def side(self, number: int, branches: tuple[Branch, ...]) -> tuple[Half, list[Line]]:
        """One side (1 to the right, -1 to the left) with branches on it, and stems to them from its middle."""
        side = Half(number, self.middle, self.label, self.cut)
        placed = side.branches(branches)
        return side, [side.stem(0, side.y / 2, at, branch) for at, branch in placed]

    def sides(self, halves: Halves) -> list[tuple[Half, list[Line]]]:
        """Both sides, the left one first."""
        return [self.side(number, branches) for number, branches in zip((-1, 1), halves, strict=True)]

    def tall(self, term: Term, halves: Halves) -> float:
        """The inches that a thing takes with what is on both its sides."""
        return max(_tall(self.centre(term)), *(side.y for side, _stems in self.sides(halves)))


def leaves_of(branches: Iterable[Branch]) -> Iterator[Leaf]:
    """All leaves of branches, and of the branches that hang on those."""
    for branch in branches:
        for leaf in branch.leaves:
            yield leaf
            yield from leaves_of(leaf.branches)


def _tall(text: str) -> float:
    return LINE * (1 + text.count("\n")) + _GAP
