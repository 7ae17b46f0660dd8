"""When each fact holds and what supports it, over the graph of all one-step rule instances.

A derived fact holds when its premises hold together: its validity is the intersection along a proof and the
union over proofs. It is supported by the claims that stand in a proof of it. Both are least fixpoints over the
finished closure, so that neither depends on the order in which the reasoner worked. Where a rule asks that
something be absent, its instance holds when its premises do and that does not (stratum by stratum).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from kg.dates import ALWAYS, Period
from kg.periods import overlaps, prune

_ALWAYS = (ALWAYS,)
_NEVER: tuple[Period, ...] = ()
#: What stands for a triple: itself, or its key in an index.
Key = TypeVar("Key", bound=Hashable)
#: What stands for a claim.
Name = TypeVar("Name", bound=Hashable)


class Instance(NamedTuple, Generic[Key]):
    """One application of one rule: the conclusion holds when the premises do and nothing of ``absent`` does.

    Each member of ``absent`` is a set of triples that stops the rule while all of them hold.
    """

    conclusion: Key
    premises: tuple[Key, ...]
    absent: tuple[tuple[Key, ...], ...] = ()
    rule: str = ""


class Instances(Generic[Key]):
    """Rule instances over integers: ``bodies[n]`` are the premises of instance ``n``, ``heads[n]`` its conclusion.

    ``uses`` gives for each triple the instances that have it as a premise; ``absent`` is there only for the
    instances that ask for absence.
    """

    def __init__(self, instances: Iterable[Instance[Key]]) -> None:
        self.triples: list[Key] = []
        self.ids: dict[Key, int] = {}
        self.heads: list[int] = []
        self.bodies: list[tuple[int, ...]] = []
        self.absent: dict[int, tuple[tuple[int, ...], ...]] = {}
        self.uses: list[list[int]] = []
        number = self.number
        for conclusion, premises, absent, _rule in instances:
            if conclusion in premises:
                continue
            index = len(self.heads)
            self.heads.append(number(conclusion))
            body = tuple({number(premise): None for premise in premises})
            self.bodies.append(body)
            for premise in body:
                self.uses[premise].append(index)
            if absent:
                self.absent[index] = tuple(tuple(number(triple) for triple in group) for group in absent)

    @classmethod
    def numbered(
        cls,
        triples: list[Key],
        heads: list[int],
        bodies: list[list[int]],
        absent: dict[int, tuple[tuple[int, ...], ...]],
    ) -> Instances[Key]:
        """Instances whose triples have their numbers already."""
        made = cls(())
        made.triples, made.heads, made.absent = triples, heads, absent
        made.ids = {triple: number for number, triple in enumerate(triples)}
        made.bodies = [tuple(body) for body in bodies]
        made.uses = [[] for _ in triples]
        for index, body in enumerate(made.bodies):
            for premise in body:
                made.uses[premise].append(index)
        return made

    def number(self, triple: Key) -> int:
        """The integer of a triple, made when it is new."""
        found = self.ids.get(triple)
        if found is None:
            found = self.ids[triple] = len(self.triples)
            self.triples.append(triple)
            self.uses.append([])
        return found


def unconditional(timeless: Iterable[Key], instances: Instances[Key]) -> set[Key]:
    """What follows from the triples of ontology and entities alone, these included: it needs no claim."""
    given = {instances.number(triple) for triple in timeless}
    return {instances.triples[number] for number in _unconditional(given, instances)}


def validity(
    stated: Mapping[Key, tuple[Period, ...]],
    timeless: Iterable[Key],
    instances: Instances[Key],
    *,
    dated: bool = True,
) -> dict[Key, tuple[Period, ...]]:
    """When each triple of a closure holds; a triple whose premises never hold together is left out.

    ``stated`` are the facts with their periods; ``timeless`` the triples of ontology and entities. With ``dated``,
    what must be absent stops a rule while it holds; else it stops it altogether, whenever it holds.
    """
    given = _unconditional({instances.number(triple) for triple in timeless}, instances)
    periods: dict[int, tuple[Period, ...]] = dict.fromkeys(given, _ALWAYS)
    for triple, when in stated.items():
        periods.setdefault(instances.number(triple), when)
    open_ended = [index for index, head in enumerate(instances.heads) if head not in given]
    for stratum in _strata(open_ended, instances):
        _close_stratum(stratum, instances, periods, dated)
    return {instances.triples[number]: when for number, when in periods.items() if when}


def together(premises: Iterable[Key], periods: Mapping[Key, tuple[Period, ...]]) -> tuple[Period, ...]:
    """When all of some triples hold; empty when they never do together."""
    return _together(premises, periods)


def supporters(
    stated: Mapping[Key, Iterable[Name]],
    timeless: Iterable[Key],
    instances: Instances[Key],
    periods: Mapping[Key, tuple[Period, ...]],
) -> dict[Key, frozenset[Name]]:
    """The claims that stand in a proof of each triple.

    What follows from ontology and entities alone is left out, unless a claim states it. An instance whose
    premises never hold together is no step of a proof.
    """
    number, triples = instances.number, instances.triples
    given = _unconditional({number(triple) for triple in timeless}, instances)
    found: dict[int, frozenset[Name]] = {number(triple): frozenset(claims) for triple, claims in stated.items()}
    when = [periods.get(triple, _NEVER) for triple in triples]
    queue = deque(n for n, head in enumerate(instances.heads) if head not in given and _live(n, instances, when))
    living = set(queue)
    for index in queue:
        found.setdefault(instances.heads[index], frozenset())
    while queue:
        index = queue.popleft()
        head = instances.heads[index]
        known = found[head]
        parts = [found[p] for p in instances.bodies[index] if p in found and p not in given]
        merged = known.union(*parts)
        if merged != known:
            found[head] = merged
            queue.extend(use for use in instances.uses[head] if use in living)
    return {triples[n]: claims for n, claims in found.items()}


def _unconditional(given: set[int], instances: Instances[Key]) -> set[int]:
    """Forward chaining with a count of the premises that each instance still lacks (Dowling and Gallier, 1984)."""
    missing = [len(body) for body in instances.bodies]
    reached = set(given)
    reached.update(head for n, head in enumerate(instances.heads) if not missing[n] and n not in instances.absent)
    todo = list(reached)
    while todo:
        for index in instances.uses[todo.pop()]:
            missing[index] -= 1
            head = instances.heads[index]
            if not missing[index] and head not in reached and index not in instances.absent:
                reached.add(head)
                todo.append(head)
    return reached


def _strata(open_ended: list[int], instances: Instances[Key]) -> list[list[int]]:
    """The instances in an order in which what must be absent is settled before it is asked for."""
    if not instances.absent:
        return [open_ended]
    level = [0] * len(instances.triples)
    # Rules are stratified, so levels settle; the number of triples bounds them in any case.
    for _round in range(len(instances.triples)):
        changed = False
        for index in open_ended:
            asked = [level[premise] for premise in instances.bodies[index]]
            asked += [level[t] + 1 for group in instances.absent.get(index, ()) for t in group]
            head, needed = instances.heads[index], max(asked, default=0)
            if level[head] < needed:
                level[head] = needed
                changed = True
        if not changed:
            break
    strata: list[list[int]] = [[] for _ in range(max(level) + 1)]
    for index in open_ended:
        strata[level[instances.heads[index]]].append(index)
    return strata


def _close_stratum(
    stratum: list[int], instances: Instances[Key], periods: dict[int, tuple[Period, ...]], dated: bool
) -> None:
    """Bring the periods of a stratum's conclusions to their least fixpoint."""
    mine = set(stratum)
    queue = deque(n for n in stratum if all(periods.get(premise) for premise in instances.bodies[n]))
    queued = set(queue)
    while queue:
        index = queue.popleft()
        queued.discard(index)
        head = instances.heads[index]
        known = periods.get(head, _NEVER)
        if known == _ALWAYS:
            continue
        holds = _together(instances.bodies[index], periods)
        for group in instances.absent.get(index, ()):
            if dated:
                holds = _less(holds, _together(group, periods))
            elif all(periods.get(triple) for triple in group):
                holds = _NEVER
        merged = prune((*known, *holds)) if known else holds
        if merged != known:
            periods[head] = merged
            for use in instances.uses[head]:
                if use in mine and use not in queued:
                    queued.add(use)
                    queue.append(use)


def _together(premises: Iterable[Key], periods: Mapping[Key, tuple[Period, ...]]) -> tuple[Period, ...]:
    held: tuple[Period, ...] = _ALWAYS
    for premise in premises:
        options = periods.get(premise, _NEVER)
        if options == _ALWAYS or options is held:
            continue
        if held == _ALWAYS:
            held = options
            continue
        held = overlaps(held, options)
        if not held:
            break
    return held


def _less(held: tuple[Period, ...], stopped: tuple[Period, ...]) -> tuple[Period, ...]:
    for stop in stopped:
        held = prune(part for one in held for part in one.less(stop))
    return held


def _live(index: int, instances: Instances[Key], when: list[tuple[Period, ...]]) -> bool:
    """Whether an instance's premises can hold together."""
    varying = [when[premise] for premise in instances.bodies[index] if when[premise] != _ALWAYS]
    if not all(varying):
        return False
    return len(varying) < 2 or bool(_together(range(len(varying)), dict(enumerate(varying))))
