"""Find the canonical proof in the graph of one-step rule instances.

The graph is read off the finished closure, backwards from what is to be proved, so a proof does not depend on the
order in which the reasoner worked. Costs add up along a proof, so the cheapest are found by Knuth's
generalisation of Dijkstra's algorithm (1977).
"""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from kg.model import Triple
from kg.reasoner.proof import Proof

if TYPE_CHECKING:
    from kg.reasoner import Closure
    from kg.reasoner.rule_instances import Memo

__all__ = ["Derived", "OneStep", "Search", "prove"]

#: Rule applications, then leaves, both counted once for each use.
Cost = tuple[int, int]


class OneStep(Protocol):
    """An application of a rule."""

    @property
    def rule(self) -> str:
        """The rule's name."""

    @property
    def conclusion(self) -> Triple:
        """What it gives."""

    @property
    def premises(self) -> tuple[Triple, ...]:
        """What it gives it from."""


class Derived(Protocol):
    """What proofs are looked for in: a closure, or a view of the graph."""

    @property
    def asserted(self) -> Container[Triple]:
        """What needs no proof."""

    def __contains__(self, triple: Triple) -> bool:
        """Whether a triple holds."""

    def derivations(self, triple: Triple, memo: Memo | None = None, /) -> Iterator[OneStep]:
        """The steps that conclude a triple."""


class Search:
    """Proofs in one closure. It keeps what it has found: use one for many questions, and none after a change.

    An equality that something gives of itself (a link) is not also looked for by way of others, unless ``whole`` or
    where there is no other proof.
    """

    def __init__(self, closure: Derived, *, whole: bool = False) -> None:
        self.closure = closure
        self.asserted = closure.asserted
        self.steps: dict[Triple, list[OneStep]] = {}
        self.linear: Memo = {} if whole else {("links",): True}
        self.whole: Search | None = None  # finds what this one does not
        self.costs: dict[Triple, Cost] = {}
        self.proofs: dict[Triple, Proof] = {}

    def prove(self, triple: Triple) -> Proof | None:
        """The canonical proof: the fewest rule applications, then leaves, then by rule name and premises.

        Transitive rules and equalities are followed link by link (:func:`kg.reasoner.rule_instances.derivations`).
        """
        if triple not in self.closure:
            return None
        if triple not in self.costs:
            self._weigh(self.reach([triple]))
        if triple not in self.costs and ("links",) in self.linear:
            self.whole = self.whole or Search(self.closure, whole=True)
            return self.whole.prove(triple)
        return self._build(triple)

    def prove_held(self, triple: Triple) -> Proof:
        """As :meth:`prove`; raises KeyError when the triple does not hold."""
        proof = self.prove(triple)
        if proof is None:
            raise KeyError(triple)
        return proof

    def reach(self, triples: Iterable[Triple]) -> set[Triple]:
        """All that can have a part in proofs of the triples, and note the steps to each."""
        todo = list(triples)
        found = set(todo)
        while todo:
            triple = todo.pop()
            for step in self.steps_to(triple):
                for premise in step.premises:
                    if premise not in found:
                        found.add(premise)
                        todo.append(premise)
        return found

    def steps_to(self, triple: Triple) -> list[OneStep]:
        """The steps that conclude a triple that is not asserted.

        Transitive rules are taken right-linearly: there are far fewer such steps, and proofs as short.
        """
        found = self.steps.get(triple)
        if found is None:
            found = [] if triple in self.asserted else list(self.closure.derivations(triple, self.linear))
            self.steps[triple] = found
        return found

    def _weigh(self, triples: set[Triple]) -> None:
        """The cost of the cheapest proof of each triple."""
        uses: dict[Triple, list[int]] = {}
        steps = [step for triple in triples for step in self.steps_to(triple)]
        missing = []
        best: dict[Triple, Cost] = dict.fromkeys((triple for triple in triples if triple in self.asserted), (0, 1))
        for number, step in enumerate(steps):
            premises = set(step.premises)
            missing.append(len(premises))
            for premise in premises:
                uses.setdefault(premise, []).append(number)
            if not premises:
                best.setdefault(step.conclusion, (1, 0))
        heap = [(cost, triple) for triple, cost in best.items()]
        heapq.heapify(heap)
        done: set[Triple] = set()
        while heap:
            cost, triple = heapq.heappop(heap)
            if triple in done:
                continue
            done.add(triple)
            self.costs[triple] = cost
            for number in uses.get(triple, ()):
                missing[number] -= 1
                step = steps[number]
                if not missing[number] and step.conclusion not in done:
                    found, known = self._cost(step), best.get(step.conclusion)
                    if known is None or found < known:
                        best[step.conclusion] = found
                        heapq.heappush(heap, (found, step.conclusion))

    def _cost(self, step: OneStep) -> Cost:
        applications, leaves = 1, 0
        for premise in step.premises:
            cost = self.costs[premise]
            applications += cost[0]
            leaves += cost[1]
        return applications, leaves

    def _build(self, triple: Triple) -> Proof:
        """Put the cheapest proof together; deep proofs make no deep recursion."""
        todo = [triple]
        while todo:
            current = todo[-1]
            if current in self.proofs:
                todo.pop()
                continue
            step = self._best(current)
            if step is None:
                self.proofs[current] = Proof(current)
                continue
            open_premises = [p for p in step.premises if p not in self.proofs]
            if open_premises:
                todo += open_premises
            else:
                self.proofs[current] = Proof(current, step.rule, tuple(self.proofs[p] for p in step.premises))
        return self.proofs[triple]

    def _best(self, triple: Triple) -> OneStep | None:
        if triple in self.asserted:
            return None
        weighed = [s for s in self.steps_to(triple) if all(p in self.costs for p in s.premises)]
        return min(weighed, key=lambda s: (self._cost(s), s.rule, s.premises))


def prove(closure: Closure, triple: Triple) -> Proof | None:
    """The canonical proof of a triple, or None when it does not hold.

    The fewest rule applications, where transitive rules and equalities are followed link by link; then the fewest
    leaves; then by rule name and premises. An asserted triple is its own proof.
    """
    return Search(closure).prove(triple)
