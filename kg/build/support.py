"""When each fact holds and what supports it, over the graph of all one-step rule instances.

A derived fact holds when its premises hold together: its validity is the intersection along a proof and the
union over proofs. It is supported by the claims that stand in a proof of it. Both are least fixpoints over the
finished closure, so that neither depends on the order in which the reasoner worked.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

from kg.dates import ALWAYS, Period, prune
from kg.model import Term, Triple

__all__ = ["supporters", "validity"]


def validity(
    stated: Mapping[Triple, tuple[Period, ...]],
    timeless: Iterable[Triple],
    instances: Iterable[tuple[Triple, tuple[Triple, ...]]],
) -> dict[Triple, tuple[Period, ...]]:
    """When each triple of a closure holds.

    ``stated`` are the facts with their periods; ``timeless`` the triples of ontology and entities; ``instances``
    the one-step rule instances as (conclusion, premises). Rule applications whose premises never hold together
    give nothing.
    """
    periods: dict[Triple, tuple[Period, ...]] = dict(stated)
    for triple in timeless:
        periods[triple] = (ALWAYS,)
    uses, pending = _uses(instances)
    queue = deque(range(len(pending)))
    queued = set(range(len(pending)))
    while queue:
        index = queue.popleft()
        queued.discard(index)
        conclusion, premises = pending[index]
        known = periods.get(conclusion, ())
        if known == (ALWAYS,):
            continue
        merged = prune((*known, *_together(premises, periods)))
        if merged != known:
            periods[conclusion] = merged
            for use in uses[conclusion]:
                if use not in queued:
                    queued.add(use)
                    queue.append(use)
    return periods


def supporters(
    stated: Mapping[Triple, Iterable[Term]], instances: Iterable[tuple[Triple, tuple[Triple, ...]]]
) -> dict[Triple, frozenset[Term]]:
    """The claims that stand in a proof of each triple; what needs no claim has none."""
    found: dict[Triple, frozenset[Term]] = {triple: frozenset(claims) for triple, claims in stated.items()}
    uses, pending = _uses(instances)
    queue = deque(range(len(pending)))
    while queue:
        conclusion, premises = pending[queue.popleft()]
        known = found.get(conclusion, frozenset())
        merged = known.union(*(found.get(premise, frozenset()) for premise in premises))
        if merged != known:
            found[conclusion] = merged
            queue.extend(uses[conclusion])
    return found


def _uses(
    instances: Iterable[tuple[Triple, tuple[Triple, ...]]],
) -> tuple[dict[Triple, list[int]], list[tuple[Triple, tuple[Triple, ...]]]]:
    pending = [(conclusion, premises) for conclusion, premises in instances if conclusion not in premises]
    uses: dict[Triple, list[int]] = defaultdict(list)
    for index, (_conclusion, premises) in enumerate(pending):
        for premise in premises:
            uses[premise].append(index)
    return uses, pending


def _together(premises: tuple[Triple, ...], periods: Mapping[Triple, tuple[Period, ...]]) -> list[Period]:
    together: list[Period] = [ALWAYS]
    for premise in premises:
        options = periods.get(premise, ())
        if options == (ALWAYS,):
            continue
        together = [both for one in together for two in options if (both := one.intersect(two))]
        if not together:
            break
    return together
