"""Find the canonical proof of a triple, best first from the goal.

The graph of one-step rule instances is read off the finished closure, backwards from the goal, so a proof does not
depend on the order in which the reasoner worked. Triples whose steps are not known yet are taken to cost the least
they can; the cheapest proof under that assumption shows which of them to look at next, and is the cheapest proof when
none is left (AO*: Martelli and Montanari, 1973). Costs add up along a proof, so the cheapest are found by Knuth's
generalisation of Dijkstra's algorithm (1977).

A search in a closure has a budget, so that it costs no more than the closure did. Where that is spent, the recorded
steps give a proof, and what the search has seen may shorten it.
"""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from kg.model import Triple
from kg.reasoner.proof import Proof

if TYPE_CHECKING:
    from kg.reasoner import Closure
    from kg.reasoner.relations import Relation
    from kg.reasoner.rule_instances import Givers

#: A cost is one number: so many rule applications and, in its lower half, so many leaves, counted once for each use.
#: What needs a step costs at least one.
_ASSERTED, _STEP = 1, 1 << 64


class OutOfBudget(Exception):
    """A search for a proof has tried as many facts as it may."""


class SearchState:
    """What many calls of :func:`derivations` on one closure share, and how much work they may do together.

    ``only``: leave out what follows by eq-trans where that is an equality for another reason, too (a link), and by
    eq-sym where it is not. ``budget``: how many facts may be tried before OutOfBudget is raised; None for any number.
    """

    def __init__(self, budget: int | None = None, *, only: bool = True) -> None:
        self.only = only
        self.left = budget
        self.subjects: dict[tuple[Relation, int], dict[int, None]] = {}  # of basic facts with an object
        self.givers: dict[Relation, Givers] = {}
        self.axioms: dict[Triple, bool] = {}  # whether a clause's axiom is basic

    def spend(self, facts: int = 1) -> None:
        """Count some facts that are tried. Raises OutOfBudget."""
        if self.left is not None:
            self.left -= facts
            if self.left < 0:
                raise OutOfBudget


class RuleInstance(Protocol):
    """An application of a rule."""

    @property
    def rule(self) -> str:
        """The rule's name."""

    @property
    def conclusion(self) -> Triple:
        """The triple that it gives."""

    @property
    def premises(self) -> tuple[Triple, ...]:
        """The triples that it rests on."""


class ProofSource(Protocol):
    """Where proofs are searched: a closure, or a view of the graph."""

    @property
    def asserted(self) -> Container[Triple]:
        """The triples that need no proof."""

    def __contains__(self, triple: Triple) -> bool:
        """Whether a triple holds."""

    def derivations(self, triple: Triple, links: SearchState | None = None, /) -> Iterator[RuleInstance]:
        """The steps that conclude a triple."""


#: The least cost of a triple, with the step that has it; no step where it is asserted or not known yet.
_Known = tuple[int, RuleInstance | None]


class Steps:
    """A proof source made of given triples and given steps."""

    def __init__(self, asserted: Container[Triple], steps: Iterable[RuleInstance]) -> None:
        self.asserted = asserted
        self.by_conclusion: dict[Triple, list[RuleInstance]] = {}
        for step in steps:
            self.by_conclusion.setdefault(step.conclusion, []).append(step)

    def __contains__(self, triple: Triple) -> bool:
        return True

    def derivations(self, triple: Triple, _links: object = None, /) -> Iterator[RuleInstance]:
        """The steps that conclude a triple."""
        return iter(self.by_conclusion.get(triple, ()))


class Search:
    """Proofs in one closure. A search keeps what it has found: use one for many questions.

    An equality that a rule other than eq-trans gives is a link. Links are not also derived from other equalities,
    unless ``whole`` is set or there is no other proof. ``bounded`` gives each question a budget.
    """

    def __init__(self, closure: ProofSource, *, whole: bool = False, bounded: bool = True) -> None:
        self.closure = closure
        self.asserted = closure.asserted
        # What has no recorded derivations has no budget.
        self.budget: int | None = getattr(closure, "search_budget", None) if bounded else None
        self.links = SearchState(self.budget, only=not whole)
        self.whole: Search | None = None  # finds what this one does not
        self.steps: dict[Triple, list[RuleInstance]] = {}
        self.settled: dict[Triple, _Known] = {}
        self.proofs: dict[Triple, Proof] = {}
        self.recorded: dict[Triple, Proof] = {}

    def prove(self, triple: Triple) -> Proof | None:
        """The canonical proof: the fewest rule applications, then leaves, then by rule name and premises.

        Transitive rules and equalities are followed link by link (:func:`kg.reasoner.rule_instances.derivations`).
        Where the budget is spent first, a proof that the closure recorded, or a shorter one.
        """
        if triple not in self.closure:
            return None
        if triple in self.recorded:
            return self.recorded[triple]
        self.links.left = self.budget
        try:
            found = triple in self.settled or self._settle(triple)
        except OutOfBudget:
            return self._by_records(triple)
        if found:
            return self._build(triple)
        if not self.links.only:
            return None
        self.whole = self.whole or Search(self.closure, whole=True, bounded=self.budget is not None)
        return self.whole.prove(triple)

    def prove_held(self, triple: Triple) -> Proof:
        """As :meth:`prove`; raises KeyError when the triple does not hold."""
        proof = self.prove(triple)
        if proof is None:
            raise KeyError(triple)
        return proof

    def steps_to(self, triple: Triple) -> list[RuleInstance]:
        """The steps that conclude a triple that is not asserted.

        Transitive rules are taken right-linearly: there are far fewer such steps, and proofs as short.
        """
        found = self.steps.get(triple)
        if found is None:
            found = self.steps[triple] = list(self.closure.derivations(triple, self.links))
        return found

    def _settle(self, goal: Triple) -> bool:
        """Find the cheapest proof of a triple and of all in it; False when there is none."""
        below = _Below(self, goal)
        while True:
            best = below.weigh(goal)
            if goal not in best:
                return False
            inside = self._inside(goal, best)
            needed = [triple for triple in inside if triple in below.unknown]
            if not needed:
                self.settled |= {triple: best[triple] for triple in inside}
                return True
            # To weigh again costs as much as is open: open as many more, those nearest to the goal.
            below.open([*needed, *islice(below.unknown, below.opened)])

    def _inside(self, goal: Triple, best: dict[Triple, _Known]) -> dict[Triple, None]:
        """The triples of the cheapest proof that are not settled."""
        inside: dict[Triple, None] = {}
        todo = [goal]
        while todo:
            triple = todo.pop()
            if triple not in inside and triple not in self.settled:
                inside[triple] = None
                step = best[triple][1]
                todo += step.premises if step else ()
        return inside

    def _build(self, triple: Triple) -> Proof:
        """Put the cheapest proof together; deep proofs make no deep recursion."""
        todo = [triple]
        while todo:
            current = todo[-1]
            if current in self.proofs:
                todo.pop()
                continue
            step = self.settled[current][1]
            if step is None:
                self.proofs[current] = Proof(current)
                continue
            open_premises = [p for p in step.premises if p not in self.proofs]
            if open_premises:
                todo += open_premises
            else:
                self.proofs[current] = Proof(current, step.rule, tuple(self.proofs[p] for p in step.premises))
        return self.proofs[triple]

    def _by_records(self, goal: Triple) -> Proof | None:
        """The cheapest proof of those that the recorded steps give with the steps that were looked up."""
        steps: dict[Triple, RuleInstance] = {}
        todo = [goal]
        while todo:
            triple = todo.pop()
            if triple not in steps and triple not in self.asserted:
                step = self.closure.derivation(triple)  # type: ignore[attr-defined]
                steps[triple] = step
                todo += step.premises
        seen = (step for triple in steps for step in self.steps.get(triple, ()))
        found = Search(Steps(self.asserted, [*steps.values(), *seen])).prove(goal)
        if found is not None:
            self.recorded[goal] = found
        return found


class _Below:
    """What a search has seen below one goal: the steps to what was opened, and the least cost of the rest."""

    def __init__(self, search: Search, goal: Triple) -> None:
        self.search = search
        self.unknown: dict[Triple, None] = {}  # the steps to these are not known yet
        self.opened = 0
        self._least: dict[Triple, _Known] = {}
        self._steps: list[RuleInstance] = []
        self._missing: list[int] = []  # of how many premises a step waits for the cost
        self._uses: dict[Triple, list[int]] = {}  # the places of the steps that a triple is a premise of
        self._meet(goal)

    def _meet(self, triple: Triple) -> list[int]:
        uses = self._uses.get(triple)
        if uses is None:
            uses = self._uses[triple] = []
            settled = self.search.settled
            if triple not in settled and triple in self.search.asserted:
                settled[triple] = _ASSERTED, None
            if triple not in settled:
                self.unknown[triple] = None
            self._least[triple] = settled.get(triple, (_STEP, None))
        return uses

    def open(self, todo: list[Triple]) -> None:
        """Look up the steps to some triples, and on from there while there is no choice."""
        while todo:
            triple = todo.pop()
            if triple in self.unknown:
                del self.unknown[triple], self._least[triple]
                self.opened += 1
                steps = self.search.steps_to(triple)
                for step in steps:
                    self._add(step)
                todo += steps[0].premises if len(steps) == 1 else ()

    def _add(self, step: RuleInstance) -> None:
        premises = dict.fromkeys(step.premises)
        for premise in premises:
            self._meet(premise).append(len(self._steps))
        self._steps.append(step)
        self._missing.append(len(premises))
        if not premises:
            known = self._least.setdefault(step.conclusion, (_STEP, step))[1]
            if known is not None and step.rule < known.rule:
                self._least[step.conclusion] = _STEP, step

    def weigh(self, goal: Triple) -> dict[Triple, _Known]:
        """The least costs of what is cheaper than the goal, and its own, each with the step that has it.

        Of several steps the first by rule name and premises.
        """
        best, missing, steps = self._least.copy(), self._missing.copy(), self._steps
        heap = [(cost, triple) for triple, (cost, _) in best.items()]
        heapq.heapify(heap)
        done: set[Triple] = set()
        while heap and heap[0][1] != goal:
            triple = heapq.heappop(heap)[1]
            if triple in done:
                continue
            done.add(triple)
            for place in self._uses[triple]:
                missing[place] -= 1
                step = steps[place]
                if missing[place] or step.conclusion in done:
                    continue
                cost = _STEP + sum([best[premise][0] for premise in step.premises])
                known = best.get(step.conclusion)
                if known is None or _cheaper(cost, step, known):
                    best[step.conclusion] = cost, step
                    heapq.heappush(heap, (cost, step.conclusion))
        self.search.links.spend(len(done))
        return best


def _cheaper(cost: int, step: RuleInstance, known: _Known) -> bool:
    """Whether a step comes before the one that is known."""
    if cost != known[0] or known[1] is None:
        return cost < known[0]
    return (step.rule, step.premises) < (known[1].rule, known[1].premises)


def prove(closure: Closure, triple: Triple) -> Proof | None:
    """The canonical proof of a triple, or None when it does not hold.

    The fewest rule applications, where transitive rules and equalities are followed link by link; then the fewest
    leaves; then by rule name and premises. An asserted triple is its own proof. Looking for it costs no more than the
    closure did: of a large closure it may be the proof that was recorded, or one between.
    """
    return Search(closure).prove(triple)
