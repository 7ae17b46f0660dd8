"""Derivations, proofs, and a proof as text. A derivation is one application of a rule; a proof is a tree of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from kg.model import Term, Triple
from kg.reasoner.owl_terms import FIRST, REST


class Derivation(NamedTuple):
    """The rule of that name gives the conclusion from the premises.

    Premises stand in the order of the rule's patterns: those of the ontology, a list's rdf:first and rdf:rest
    triples, then those of the data.
    """

    rule: str
    conclusion: Triple
    premises: tuple[Triple, ...]


class Inconsistency(NamedTuple):
    """The ``false`` rule of that name applies to the premises."""

    rule: str
    premises: tuple[Triple, ...]


class Proof:
    """An asserted triple (``rule`` is None), or a rule applied to proofs.

    A sub-proof that is used twice is one object. Two proofs are equal when they are step by step.
    """

    __slots__ = ("conclusion", "premises", "rule")

    def __init__(self, conclusion: Triple, rule: str | None = None, premises: tuple[Proof, ...] = ()) -> None:
        self.conclusion = conclusion
        self.rule = rule
        self.premises = premises

    def __repr__(self) -> str:
        return f"Proof({self.conclusion!r}, {self.rule!r}, {len(self.premises)} premises)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Proof) and self.lines() == other.lines()

    def __hash__(self) -> int:
        return hash((self.conclusion, self.rule))

    def ordered(self) -> Iterator[Proof]:
        """Each distinct sub-proof once, premises before conclusions, this one last."""
        seen: set[int] = set()
        todo: list[tuple[Proof, bool]] = [(self, False)]
        while todo:
            proof, ready = todo.pop()
            if ready:
                yield proof
            elif id(proof) not in seen:
                seen.add(id(proof))
                todo.append((proof, True))
                todo += [(premise, False) for premise in reversed(proof.premises)]

    def lines(self) -> tuple[tuple[Triple, str | None, tuple[Triple, ...]], ...]:
        """The proof as plain lines: conclusion, rule, conclusions of the premises."""
        return tuple((p.conclusion, p.rule, tuple(q.conclusion for q in p.premises)) for p in self.ordered())

    def leaves(self) -> frozenset[Triple]:
        """The asserted triples that it rests on."""
        return frozenset(proof.conclusion for proof in self.ordered() if proof.rule is None)

    def size(self) -> int:
        """How many different rule applications it has."""
        return sum(proof.rule is not None for proof in self.ordered())


T = TypeVar("T")


class Visit(NamedTuple):
    """Where the walk is: how deep, whether on the last of its siblings, and whether that part was opened before."""

    depth: int
    last: bool
    again: bool


def walk(root: T, below: Callable[[T], Sequence[T]], key: Callable[[T], Hashable]) -> Iterator[tuple[T, Visit]]:
    """Visit each part as often as it is used; the parts below it follow it the first time only.

    ``below`` gives the parts below a part; two parts are one when their ``key`` is.
    """
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


Label = Callable[[Term], str]
Leaf = Callable[[Triple], str]


def render(proof: Proof, label: Label = str, leaf: Leaf = lambda _: "") -> str:
    """A proof as a tree of lines, each indented by its depth."""
    return "".join(f"{'  ' * depth}{line}\n" for depth, line in _lines(proof, label, leaf))


def _sentence(triple: Triple, label: Label) -> str:
    return " ".join(label(term) for term in triple)


def _shown(proof: Proof) -> tuple[Proof, ...]:
    """The premises worth showing."""
    return tuple(p for p in proof.premises if p.rule is not None or p.conclusion[1] not in (FIRST, REST))


def _numbers(proof: Proof) -> dict[int, int]:
    """A number for each derived sub-proof that is used more than once."""
    uses: dict[int, int] = {}
    for part in proof.ordered():
        for premise in _shown(part):
            uses[id(premise)] = uses.get(id(premise), 0) + 1
    several = [p for p in proof.ordered() if p.rule is not None and uses.get(id(p), 0) > 1]
    return {id(part): number for number, part in enumerate(several, 1)}


def _lines(proof: Proof, label: Label, leaf: Leaf) -> Iterator[tuple[int, str]]:
    """Depth and text of each line of the tree."""
    numbers = _numbers(proof)
    for part, visit in walk(proof, _shown, id):
        number = numbers.get(id(part))
        mark = f"({number}) " if number else ""
        sentence = _sentence(part.conclusion, label)
        if part.rule is None:
            words = leaf(part.conclusion)
            yield visit.depth, f"{sentence}  ASSERTED{': ' + words if words else ''}"
        elif visit.again:
            yield visit.depth, f"{sentence}  see {mark.strip()}"
        else:
            yield visit.depth, f"{mark}{sentence}  INFERRED by {part.rule}"
