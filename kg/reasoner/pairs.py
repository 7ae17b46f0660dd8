"""Rules about any two members of a list: AllDifferent, AllDisjointClasses, AllDisjointProperties.

There would be as many clauses as pairs of members. Nothing follows from an inconsistency, so these rules are
evaluated once, on the finished closure: AllDifferent for each equality clique, AllDisjointClasses for the types of
each instance. Of n members that meet, each is reported with the first in the list: ``n - 1`` inconsistencies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from kg.model import Term, Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.derivation import Inconsistency
from kg.reasoner.relation import MASK
from kg.reasoner.rule import Pattern, Rule, substitute

if TYPE_CHECKING:
    from kg.reasoner.clauses import Clauses

__all__ = ["PairList", "pair_inconsistencies"]


class PairList(NamedTuple):
    """A list that one of the rules is about: the triples that say so, and its members."""

    rule: Rule
    axioms: tuple[Triple, ...]
    members: tuple[Term, ...]

    def pattern(self, place: int) -> Pattern | None:
        """What the rule asks of one member; None where it asks of two at once whether they are equal."""
        first = self.rule.when[0]
        return substitute(first, {f"{self._each}[i]": self.members[place]}) if len(self.rule.when) == 2 else None

    @property
    def _each(self) -> str:
        return self.rule.members[1] if self.rule.members else ""

    def premises(self, one: int, other: int, binding: dict[str, Term]) -> tuple[Triple, ...]:
        """The premises for two members, by their places."""
        known = binding | {f"{self._each}[i]": self.members[one], f"{self._each}[j]": self.members[other]}
        return (*self.axioms, *(substitute(pattern, known) for pattern in self.rule.when))


def pair_inconsistencies(machine: Clauses) -> Iterator[Inconsistency]:
    """Every inconsistency by these rules over a machine's facts."""
    for each in machine.pair_lists.values():
        for one, other, binding in _shared(machine, each) if len(each.rule.when) == 2 else _equal(machine, each):
            yield Inconsistency(each.rule.name, each.premises(one, other, binding))


def _equal(machine: Clauses, each: PairList) -> Iterator[tuple[int, int, dict[str, Term]]]:
    """Two places in the list whose members are equal, the first of each clique with the others."""
    first: dict[int, int] = {}
    for place, member in enumerate(machine.intern(term) for term in each.members):
        if member in first:
            yield first[member], place, {}
        else:
            first |= dict.fromkeys((member, *machine.same.forward().get(member, ())), place)


def _shared(machine: Clauses, each: PairList) -> Iterator[tuple[int, int, dict[str, Term]]]:
    """Two places in the list whose class, or property, has the same fact, with the terms of that fact."""
    first: dict[int, int] = {}
    for place in range(len(each.members)):
        s, p, o = each.pattern(place) or ("", "", "")
        typed = p == n.TYPE and not o.startswith("?")
        relation = machine.relation(machine.intern(p), machine.intern(o) if typed else None)
        for fact in relation.facts:
            if first.setdefault(fact, place) != place:
                parts = {s: fact} if typed else {s: fact >> 32, o: fact & MASK}
                yield first[fact], place, {name: machine.terms[part] for name, part in parts.items()}
