"""What a proof is."""

from __future__ import annotations

from collections.abc import Iterator

from kg.model import Triple

__all__ = ["Proof"]


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
