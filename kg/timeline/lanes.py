"""What a picture of a timeline draws: facts that share a term and their days stand in one lane, told in one go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, repeat

from kg.dates import Period
from kg.labels import Labels
from kg.model import Claim, Term
from kg.timeline.dated_facts import Fact
from kg.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Lane:
    """Facts of the same days about one term, with what they say together and the claims of all."""

    facts: tuple[Fact, ...]
    text: str

    @property
    def periods(self) -> tuple[Period, ...]:
        """When they hold."""
        return self.facts[0].periods

    @property
    def inferred(self) -> bool:
        """Whether they are inferred."""
        return self.facts[0].inferred

    @property
    def event(self) -> bool:
        """Whether they happened, rather than held."""
        return self.facts[0].kind == "EventKind"

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims that they rest on, each once."""
        return tuple(dict.fromkeys(claim for fact in self.facts for claim in fact.claims))


def lanes(timeline: Timeline) -> list[Lane]:
    """The lanes of a timeline, in the order of their first entries.

    Among facts of the same days, the term that most of them share takes them into its lane, until none is left.
    """
    facts = list(dict.fromkeys(entry.fact for entry in timeline.entries))
    alike: dict[tuple[object, ...], list[Fact]] = defaultdict(list)
    for fact in facts:
        alike[tuple(p.bounds for p in fact.periods), fact.inferred, fact.kind == "EventKind"].append(fact)
    made = [lane for some in alike.values() for lane in _stars(some, timeline.graph.label)]
    place = {fact: number for number, fact in enumerate(facts)}
    return sorted(made, key=lambda lane: min(place[fact] for fact in lane.facts))


def _stars(facts: list[Fact], label: Labels) -> Iterable[Lane]:
    left = dict.fromkeys(facts)
    while left:
        about: dict[Term, list[Fact]] = defaultdict(list)
        for fact in left:
            for end in dict.fromkeys((fact.triple[0], fact.triple[2])):
                about[end].append(fact)
        # The first of those that most facts share: facts, and so terms, are in order.
        centre = max(about, key=lambda term: len(about[term]))
        yield Lane(tuple(about[centre]), _told(about[centre], centre, label))
        for fact in about[centre]:
            del left[fact]


def _told(facts: list[Fact], centre: Term, label: Labels) -> str:
    """The facts about one term in words, the term named once: the statements about it, then what leads to it."""
    into: dict[Term, list[str]] = defaultdict(list)
    out: dict[Term, list[str]] = defaultdict(list)
    for fact in facts:
        subject, predicate, value = fact.triple
        if subject == centre:
            out[predicate].append(label(value))
        else:
            into[predicate].append(label(subject))
    serbian = label.language.startswith("sr")
    # As in Labels.sentence: nothing is declined in Serbian, so what follows a verb stands after a colon.
    before, after, it = (" – ", ": ", label(centre)) if serbian else (" ", " ", "it")
    names = chain([label(centre)], repeat(it))
    parts = [f"{label(predicate)}{after}{', '.join(values)}" for predicate, values in out.items()]
    said = [f"{next(names)}{before}{'; '.join(parts)}"] if parts else []
    said += [
        f"{', '.join(subjects)}{before}{label(predicate)}{after}{next(names)}" for predicate, subjects in into.items()
    ]
    return "; ".join(said)
