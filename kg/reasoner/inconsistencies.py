"""Why a closure is inconsistent: root causes first, and each symmetric pair once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.model import Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.closure import Closure
from kg.reasoner.proof import Inconsistency, Proof
from kg.reasoner.proof_search import Search

_SYMMETRIC = frozenset(
    (n.SAME, n.DIFFERENT, *map(n.iri, ("owl:disjointWith", "owl:propertyDisjointWith", "owl:complementOf")))
)
#: How many inconsistencies with one rule and one axiom are compared with the others, and by how many leaves.
_COMPARED, _LEAVES = 1_000, 200


def refutations(
    closure: Closure, inconsistencies: Iterable[Inconsistency] | None = None
) -> Iterator[tuple[Inconsistency, tuple[Proof, ...]]]:
    """Inconsistencies of a closure, each with a proof of each premise; by default all of :func:`by_root_cause`."""
    search = Search(closure)
    for found in by_root_cause(closure) if inconsistencies is None else inconsistencies:
        yield found, tuple(search.prove_held(premise) for premise in found.premises)


def by_root_cause(closure: Closure) -> list[Inconsistency]:
    """The inconsistencies of a closure, root causes first; of a symmetric pair, the first in the order of terms.

    An inconsistency is a consequence of another when its recorded proofs rest on every leaf of the other's, and on
    more, or take more steps from them. The order is: one root cause for each set of axioms, the other root causes,
    the consequences; in each, fewest leaves and steps first.
    """
    distinct = {_either_way(each): each for each in reversed(closure.inconsistencies)}
    groups: dict[object, list[Inconsistency]] = {}
    for found in sorted(distinct.values()):
        groups.setdefault((found.rule, _axioms(closure, found.premises)), []).append(found)
    recorded = _RecordedLeaves(closure)
    compared = {each: recorded.of(each) for group in groups.values() for each in group[:_COMPARED]}
    others = [each for group in groups.values() for each in group[_COMPARED:]]
    first: list[Inconsistency] = []
    more: list[Inconsistency] = []
    consequences: list[Inconsistency] = []
    roots: dict[Triple, list[frozenset[Triple]]] = {}
    causes: set[object] = set()
    for found in sorted(compared, key=lambda each: (len(compared[each][0]), compared[each][1], each)):
        leaves, _ = compared[found]
        if len(leaves) > _LEAVES or any(root <= leaves for leaf in leaves for root in roots.get(leaf, ())):
            consequences.append(found)
            continue
        roots.setdefault(max(leaves, default=("", "", "")), []).append(leaves)
        cause = found.rule, _axioms(closure, leaves)
        (more if cause in causes else first).append(found)
        causes.add(cause)
    return [*first, *more, *others, *consequences]


def _either_way(found: Inconsistency) -> tuple[str, frozenset[Triple]]:
    """A key that an inconsistency shares with its mirror image (x differs from y, y differs from x)."""
    turned = ((min(s, o), p, max(s, o)) if p in _SYMMETRIC else (s, p, o) for s, p, o in found.premises)
    return found.rule, frozenset(turned)


def _axioms(closure: Closure, triples: Iterable[Triple]) -> frozenset[Triple]:
    """The triples about classes and properties among these."""
    located = ((triple, closure.engine.locate(triple)) for triple in triples)
    return frozenset(triple for triple, found in located if found is not None and found[0].schema)


class _RecordedLeaves:
    """The leaves of recorded proofs (cut where there are too many to compare), and their number of steps."""

    def __init__(self, closure: Closure) -> None:
        self.closure = closure
        self.known: dict[Triple, tuple[frozenset[Triple], int]] = {}

    def of(self, found: Inconsistency) -> tuple[frozenset[Triple], int]:
        """Those of all premises."""
        return self._together(map(self._of_triple, found.premises))

    @staticmethod
    def _together(parts: Iterable[tuple[frozenset[Triple], int]]) -> tuple[frozenset[Triple], int]:
        leaves: set[Triple] = set()
        steps = 0
        for those, count in parts:
            leaves |= those
            steps += count
        return frozenset(sorted(leaves)[: _LEAVES + 1]), steps

    def _of_triple(self, goal: Triple) -> tuple[frozenset[Triple], int]:
        todo = [goal]
        while todo:
            triple = todo[-1]
            step = None if triple in self.known else self.closure.derivation(triple)
            missing = [premise for premise in step.premises if premise not in self.known] if step else []
            if missing:
                todo += missing
                continue
            if todo.pop() not in self.known:
                if step is None:
                    self.known[triple] = frozenset((triple,)), 0
                else:
                    leaves, steps = self._together(self.known[premise] for premise in step.premises)
                    self.known[triple] = leaves, steps + 1
        return self.known[goal]
