"""A neighbourhood as pages: the term with what is one step away, then a section for each thing that leads further.

Sections follow in the order in which pages show what they are about, so that what is nearer comes first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest

from kg.model import Term, Triple
from kg.render.pictures.canvas import PAGE, paged
from kg.render.pictures.sides import Halves, Sheet, leaves_of
from kg.timeline.neighbourhood import Branch, Leaf, Neighbourhood

__all__ = ["BOTTOM", "TOP", "Block", "Book"]

#: What is left free at the head of a page and at its foot.
TOP, BOTTOM = 0.7, 0.75
#: The height of a heading with what is free below it, and what is free below a block.
_HEADING, _BETWEEN = 0.29, 0.2
_ROOM = PAGE[1] - TOP - BOTTOM


@dataclass(frozen=True)
class Block:
    """A thing with what is one step away from it, or as much of that as fits on a page.

    ``reached`` is the leaf that it was on an earlier page; none for the term itself. ``part`` counts from 0, and
    ``body`` is how many inches its boxes take.
    """

    term: Term
    reached: Leaf | None
    part: int
    halves: Halves
    body: float

    @property
    def head(self) -> float:
        """The inches from its top to the boxes."""
        return _HEADING if self.reached else 0.0

    @property
    def height(self) -> float:
        """The inches that it takes on a page on which others follow."""
        return self.head + self.body + _BETWEEN

    @property
    def leaves(self) -> Iterator[Leaf]:
        """What stands on its left, then what stands on its right."""
        return leaves_of(branch for some in self.halves for branch in some)


class Book:
    """The pages of a neighbourhood: what is on each, and on which one a thing has its own section."""

    def __init__(self, neighbourhood: Neighbourhood) -> None:
        self.term = neighbourhood.term
        leaves = list(leaves_of(neighbourhood.branches))
        #: The things that lead further, by what they lead to, and the leaf of each that its section speaks of.
        self._further = {leaf.term: leaf.branches for leaf in leaves if leaf.branches}
        self._reached: dict[Term, Leaf] = {}
        for leaf in sorted(leaves, key=lambda leaf: leaf.fact.how != "stated"):
            self._reached.setdefault(leaf.term, leaf)
        everything = [*neighbourhood.branches, *(branch for some in self._further.values() for branch in some)]
        left, right = (int(any(branch.outgoing == outgoing for branch in everything)) for outgoing in (False, True))
        self.sheet = Sheet(neighbourhood.graph.label, [leaf.term for leaf in leaves], (left, right), self._further)
        blocks = list(self._blocks(neighbourhood.branches))
        self.pages = [blocks[part] for part in paged([block.height for block in blocks], _ROOM)]

    @cached_property
    def page_of(self) -> dict[Term, int]:
        """The number of the page on which the section of a thing begins."""
        found: dict[Term, int] = {}
        for number, block in self._numbered():
            found.setdefault(block.term, number)
        return found

    @cached_property
    def page_with(self) -> dict[Triple, int]:
        """The number of the page on which a fact is."""
        return {leaf.fact.triple: number for number, block in self._numbered() for leaf in block.leaves}

    def _numbered(self) -> Iterator[tuple[int, Block]]:
        return ((number, block) for number, blocks in enumerate(self.pages, start=1) for block in blocks)

    def _blocks(self, branches: tuple[Branch, ...]) -> Iterator[Block]:
        waiting = deque([(self.term, branches)])
        met = {self.term}
        while waiting:
            for block in self._section(*waiting.popleft()):
                yield block
                for leaf in block.leaves:
                    if leaf.term in self._further and leaf.term not in met:
                        met.add(leaf.term)
                        waiting.append((leaf.term, self._further[leaf.term]))

    def _section(self, term: Term, branches: tuple[Branch, ...]) -> Iterator[Block]:
        """The blocks of a section: one if it fits on a page."""
        reached = None if term == self.term else self._reached[term]
        room = _ROOM - Block(term, reached, 0, ((), ()), 0.0).height
        halves = (tuple(b for b in branches if b.outgoing == outgoing) for outgoing in (False, True))
        parts = [self._parts(half, number, room) for half, number in zip(halves, (-1, 1), strict=True)]
        for part, (left, right) in enumerate(zip_longest(*parts, fillvalue=())):
            yield Block(term, reached, part, (left, right), self.sheet.tall(term, (left, right)))

    def _parts(self, branches: tuple[Branch, ...], number: int, room: float) -> list[tuple[Branch, ...]]:
        """Branches in parts that fit into some room; one that is taller goes on in the next part."""
        small = [piece for branch in branches for piece in self._pieces(branch, number, room)]
        return [tuple(small[part]) for part in paged([self._tall(piece, number) for piece in small], room)]

    def _pieces(self, branch: Branch, number: int, room: float) -> list[Branch]:
        last = len(branch.leaves) - 1
        single = [
            replace(branch, leaves=(replace(leaf, branches=()),), more=branch.more if place == last else 0)
            for place, leaf in enumerate(branch.leaves)
        ]
        parts = paged([self._tall(piece, number) for piece in single], room)
        return [
            replace(branch, leaves=tuple(leaf for piece in some for leaf in piece.leaves), more=some[-1].more)
            for some in (single[part] for part in parts)
        ]

    def _tall(self, branch: Branch, number: int) -> float:
        return self.sheet.side(number, (branch,))[0].y
