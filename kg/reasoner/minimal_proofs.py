"""Find every minimal proof in the graph of one-step rule instances.

For each triple the minimal sets of leaves that prove it are worked out to a fixpoint, each with its cheapest proof.
A set of leaves is an integer with a bit for each; the first in the order of leaves has the highest, so that of sets
of one size the first in order is the greatest number.
"""

from __future__ import annotations

import heapq
from itertools import product

from kg.model import Triple
from kg.reasoner.proof import Proof
from kg.reasoner.proof_search import ProofSource, RuleInstance, Search, Steps

Leaves = int
#: The cost of a proof with those leaves, its last step, and which leaves prove each premise.
Entry = tuple[int, RuleInstance | None, tuple[Leaves, ...]]


def all_proofs(closure: ProofSource, triple: Triple, limit: int = 20) -> list[Proof]:
    """Every minimal proof, the smallest first, up to a limit.

    A proof is minimal when no other rests on fewer of the same asserted triples; for each such set of leaves
    the proof with the fewest steps is given. What is asserted and also follows counts both ways, wherever it stands
    in a proof; for an asserted triple, the triple itself comes first. The limit also bounds what is kept for each
    intermediate triple (the smallest sets), so a list of full length may not be all; each set in it is minimal.
    """
    if triple not in closure:
        return []
    return _Family(closure, limit).proofs(triple)


#: So many combinations of the sets of a step's premises are kept from one premise to the next, unless more proofs are
#: asked for: of all there would be as many as the product of the premises' sets.
_COMBINED = 1000


class _Through(Search):
    """A search that does not stop at what is asserted."""

    def steps_to(self, triple: Triple) -> list[RuleInstance]:
        """The steps that conclude a triple, asserted or not."""
        found = self.steps.get(triple)
        if found is None:
            found = self.steps[triple] = list(self.closure.derivations(triple, self.links))
        return found

    def reach(self, goal: Triple) -> set[Triple]:
        """All that can have a part in proofs of a triple; the steps to each are noted."""
        todo, found = [goal], {goal}
        while todo:
            for step in self.steps_to(todo.pop()):
                new = set(step.premises) - found
                found |= new
                todo += new
        return found


class _Family:
    """For each triple the minimal sets of leaves that prove it."""

    def __init__(self, closure: ProofSource, limit: int) -> None:
        self.search = _Through(closure, whole=True, bounded=False)
        self.limit = limit
        self.cut = False  # the limit left something out
        self.sets: dict[Triple, dict[Leaves, Entry]] = {}
        self.every: dict[tuple[Triple, Leaves], Entry] = {}

    def proofs(self, triple: Triple) -> list[Proof]:
        search = self.search
        reached = search.reach(triple)
        leaves = sorted((leaf for leaf in reached if leaf in search.asserted and leaf != triple), reverse=True)
        for place, leaf in enumerate(leaves):
            self._offer(leaf, 1 << place, (0, None, ()))
        # What rests on the triple itself is no part of a minimal proof of it.
        steps = sorted(
            (step for each in reached for step in search.steps_to(each) if triple not in step.premises),
            key=lambda step: (step.rule, step.conclusion, step.premises),
        )
        self._work(steps)
        own = [Proof(triple)] if triple in search.asserted else []
        found = {mask: self._build(triple, mask) for mask in self.sets.get(triple, ())}
        if self.cut:
            found = _minimal(triple, found, leaves, steps)
        return [*own, *(found[mask] for mask in sorted(found, key=_size))][: self.limit]

    def _work(self, steps: list[RuleInstance]) -> None:
        """Apply the steps in order, again and again until nothing is new; after the first time, those concerned."""
        touched: dict[Triple, list[int]] = {}
        for number, step in enumerate(steps):
            for triple in {step.conclusion, *step.premises}:
                touched.setdefault(triple, []).append(number)
        waiting = set(range(len(steps)))
        queue = [(0, number) for number in range(len(steps))]
        while queue:
            turn, number = heapq.heappop(queue)
            waiting.discard(number)
            if self._apply(steps[number]):
                for other in touched[steps[number].conclusion]:
                    if other not in waiting:
                        waiting.add(other)
                        heapq.heappush(queue, (turn + (other <= number), other))

    def _apply(self, step: RuleInstance) -> bool:
        """Offer what the step gives of its premises' sets; of more combinations than some, of the smallest."""
        combined: dict[Leaves, tuple[int, tuple[Leaves, ...]]] = {0: (1, ())}
        for premise in step.premises:
            longer: dict[Leaves, tuple[int, tuple[Leaves, ...]]] = {}
            for (leaves, (cost, choice)), chosen in product(combined.items(), self.sets.get(premise, ())):
                together, more = leaves | chosen, cost + self.every[premise, chosen][0]
                if together not in longer or more < longer[together][0]:
                    longer[together] = more, (*choice, chosen)
            if len(longer) > (most := max(self.limit, _COMBINED)):
                self.cut = True
                longer = {leaves: longer[leaves] for leaves in sorted(longer, key=_size)[:most]}
            combined = longer
        changed = False
        for leaves, (cost, choice) in combined.items():
            changed |= self._offer(step.conclusion, leaves, (cost, step, choice))
        return changed

    def _offer(self, triple: Triple, leaves: Leaves, entry: Entry) -> bool:
        """Keep a set that is minimal and among the smallest, with its cheapest proof; say if that is new."""
        family = self.sets.setdefault(triple, {})
        if leaves not in family:
            if any(other & leaves == other for other in family):
                return False
            for other in [other for other in family if leaves & other == leaves]:
                del family[other]
            if len(family) >= self.limit:
                self.cut = True
                worst = max(family, key=_size)
                if _size(leaves) >= _size(worst):
                    return False
                del family[worst]
        # A set that was dropped and comes again keeps the cheaper of its proofs: no proof may rest on itself.
        known = self.every.get((triple, leaves), entry)
        best = min(known, entry, key=lambda one: (one[0], one[1] or ()))
        changed = family.get(leaves) != best
        family[leaves] = self.every[triple, leaves] = best
        return changed

    def _build(self, triple: Triple, leaves: Leaves) -> Proof:
        """Put a proof together; deep proofs make no deep recursion."""
        made: dict[tuple[Triple, Leaves], Proof] = {}
        todo = [(triple, leaves)]
        while todo:
            _, step, choice = self.every[todo[-1]]
            parts = list(zip(step.premises, choice, strict=True)) if step is not None else []
            unmade = [part for part in parts if part not in made]
            if unmade:
                todo += unmade
                continue
            part = todo.pop()
            if part not in made:
                made[part] = Proof(part[0], step.rule if step else None, tuple(made[p] for p in parts))
        return made[triple, leaves]


def _size(leaves: Leaves) -> tuple[int, int]:
    return leaves.bit_count(), -leaves


def _minimal(
    triple: Triple, found: dict[Leaves, Proof], leaves: list[Triple], steps: list[RuleInstance]
) -> dict[Leaves, Proof]:
    """The proofs with minimal leaves; what the rest of a set does without, by chaining forward, is taken from it."""
    forward = _Forward(steps)
    kept: dict[Leaves, Proof] = {}
    for mask, proof in found.items():
        rest = [place for place in range(len(leaves)) if mask >> place & 1]
        for place in tuple(rest):
            less = [other for other in rest if other != place]
            if forward.gives({leaves[other] for other in less}, triple):
                rest = less
        least = sum(1 << place for place in rest)
        if least == mask:
            kept[mask] = proof
        elif least not in kept:
            smaller = Search(Steps({leaves[place] for place in rest}, steps)).prove(triple)
            assert smaller is not None  # noqa: S101 - chaining forward has just given it
            kept.setdefault(least, smaller)
    return kept


class _Forward:
    """Some steps, to be chained forward from what is given."""

    def __init__(self, steps: list[RuleInstance]) -> None:
        self.conclusions = [step.conclusion for step in steps]
        self.missing = [len(set(step.premises)) for step in steps]  # so many premises
        self.uses: dict[Triple, list[int]] = {}
        for number, step in enumerate(steps):
            for premise in set(step.premises):
                self.uses.setdefault(premise, []).append(number)

    def gives(self, given: set[Triple], triple: Triple) -> bool:
        """Whether the steps lead from what is given to the triple."""
        missing = self.missing.copy()
        todo = [*given, *(self.conclusions[number] for number, count in enumerate(missing) if not count)]
        done: set[Triple] = set()
        while todo:
            current = todo.pop()
            if current == triple:
                return True
            if current not in done:
                done.add(current)
                for number in self.uses.get(current, ()):
                    missing[number] -= 1
                    if not missing[number]:
                        todo.append(self.conclusions[number])
        return False
