"""The ground program: every rule instance over all that any view can take as a fact.

A view believes some of the claims, so whatever follows in it follows by instances that are known beforehand. They
are found once, when the graph is built; a view is then closed by counting premises, with neither the ontology nor
the rules. That is exact, since the instances over a part of the facts are those of the whole whose premises hold
in the part; where a rule asks for absence, its instance carries what would stop it.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from kg.corpus.describe import SKOLEM
from kg.graph.schema import PUBLISHABLE, unpacked
from kg.graph.validity import Instance, Instances
from kg.model import AFFIRMED, Claim, Triple
from kg.vocab import kg

if TYPE_CHECKING:
    from kg.corpus.read import Corpus
    from kg.graph.index import Index
    from kg.reasoner import Closure, Inconsistency, Program

__all__ = ["Ground", "Step", "affirmed", "extended", "ground"]


class Step(NamedTuple):
    """One rule instance, as proofs see it."""

    rule: str
    conclusion: Triple
    premises: tuple[Triple, ...]


class Ground:
    """Rule instances with the names of their rules, and which triples are worth publishing when inferred."""

    def __init__(self, instances: Instances[Triple], rules: list[str], publishable: set[int]) -> None:
        self.instances = instances
        self.rules = rules
        self.publishable = publishable
        #: What a ``false`` rule finds among all that any claim affirms, where that was looked for.
        self.refutations: list[Inconsistency] = []
        self.by_head: dict[int, list[int]] = {}
        for index, head in enumerate(instances.heads):
            self.by_head.setdefault(head, []).append(index)

    def derivations(self, triple: Triple, held: Container[Triple]) -> Iterator[Step]:
        """The instances that conclude a triple and whose premises hold."""
        instances = self.instances
        for index in self.by_head.get(instances.ids.get(triple, -1), ()):
            premises = tuple(instances.triples[premise] for premise in instances.bodies[index])
            if all(premise in held for premise in premises):
                yield Step(self.rules[index], triple, premises)

    def as_json(self) -> dict[str, Any]:
        """Plain data, for a build to keep: terms and triples by number."""
        terms: dict[str, int] = {}

        def number(term: str) -> int:
            return terms.setdefault(term, len(terms))

        triples = [[number(term) for term in triple] for triple in self.instances.triples]
        names = list(dict.fromkeys(self.rules))
        places = {name: place for place, name in enumerate(names)}
        return {
            "terms": list(terms),
            "triples": triples,
            "names": names,
            "rules": [places[name] for name in self.rules],
            "heads": self.instances.heads,
            "bodies": self.instances.bodies,
            "absent": {str(index): groups for index, groups in self.instances.absent.items()},
            "publishable": sorted(self.publishable),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Ground:
        """The inverse of ``as_json``."""
        terms, names = data["terms"], data["names"]
        triples = [(terms[s], terms[p], terms[o]) for s, p, o in data["triples"]]
        absent = {int(i): tuple(tuple(group) for group in groups) for i, groups in data["absent"].items()}
        instances = Instances.numbered(triples, data["heads"], data["bodies"], absent)
        return cls(instances, [names[place] for place in data["rules"]], set(data["publishable"]))

    @classmethod
    def kept(cls, index: Index) -> Ground:
        """The whole ground program of a build."""
        triples = list(index.triples(row[0] for row in index.rows("SELECT id FROM triple")).items())
        places = {key: number for number, (key, _triple) in enumerate(triples)}
        names: list[str] = index.meta("rules")
        heads, bodies, rules, absent = [], [], [], {}
        for number, head, rule, body, stops in index.rows("SELECT * FROM instance ORDER BY number"):
            heads.append(places[head])
            bodies.append([places[key] for key in unpacked(body)])
            rules.append(names[rule])
            if stops:
                absent[number] = tuple(tuple(places[key] for key in group) for group in json.loads(stops))
        flagged = index.rows("SELECT id FROM triple WHERE flags & ?", PUBLISHABLE)
        instances = Instances.numbered([triple for _key, triple in triples], heads, bodies, absent)
        return cls(instances, rules, {places[key] for (key,) in flagged})


def ground(corpus: Corpus, program: Program) -> Ground:
    """Find every rule instance over the entities and all that any claim affirms."""
    closure = _close(corpus.entities, affirmed(corpus.claims.values()), program)
    made = _made(_instances(closure))
    made.refutations = closure.inconsistencies
    return made


def affirmed(claims: Iterable[Claim]) -> set[Triple]:
    """All that claims affirm: what some view can take as a fact."""
    return {t for claim in claims for t in claim.states if _can_be_taken(claim.polarity, claim.modality)}


def _close(entities: Iterable[Triple], facts: Iterable[Triple], program: Program) -> Closure:
    from kg.reasoner import close

    # Nothing stops a rule here: what would is noted with each of its instances.
    return close([*entities, *sorted(facts)], program, negative=close(()))


def _instances(closure: Closure, new: list[Triple] | None = None) -> list[Instance[Triple]]:
    from kg.graph.absence import instances_with_absence

    return [one for one in instances_with_absence(closure, new) if one.conclusion not in one.premises]


def _made(found: list[Instance[Triple]]) -> Ground:
    instances = Instances(found)
    publishable = {number for number, triple in enumerate(instances.triples) if _publishable(triple)}
    return Ground(instances, [one.rule for one in found], publishable)


def extended(known: Ground, entities: Iterable[Triple], facts: Iterable[Triple], program: Program) -> Ground:
    """A ground program with what follows from entities and facts by the same program.

    The instances of ``known`` come first, in their order. A new instance has a premise that is new, since the others
    follow from what was known; only what stops an instance may be more than before.
    """
    closure = _close(entities, facts, program)
    if closure.has_equalities:
        # Equalities lead from each name to each other: everything may be new.
        return _with(known, _instances(closure))
    before = known.instances.ids
    return _with(known, _instances(closure, [triple for triple in closure if triple not in before]))


def _with(known: Ground, more: list[Instance[Triple]]) -> Ground:
    """Instances and others, those that are known left out."""
    numbers: Instances[Triple] = Instances(())
    old = known.instances
    numbers.triples, numbers.ids = list(old.triples), dict(old.ids)
    numbers.heads, numbers.bodies, numbers.absent = list(old.heads), list(old.bodies), dict(old.absent)
    numbers.uses, rules = [list(uses) for uses in old.uses], list(known.rules)
    places = {
        (head, body, rule): n for n, (head, body, rule) in enumerate(zip(old.heads, old.bodies, rules, strict=True))
    }
    for conclusion, premises, absent, rule in more:
        head = numbers.number(conclusion)
        body = tuple({numbers.number(premise): None for premise in premises})
        index = places.get((head, body, rule))
        if index is None:
            index = places[head, body, rule] = len(numbers.heads)
            numbers.heads.append(head)
            numbers.bodies.append(body)
            rules.append(rule)
            for premise in body:
                numbers.uses[premise].append(index)
        groups = tuple(tuple(numbers.number(triple) for triple in group) for group in absent)
        if more_groups := tuple(group for group in groups if group not in numbers.absent.get(index, ())):
            numbers.absent[index] = (*numbers.absent.get(index, ()), *more_groups)
    fresh = range(len(old.triples), len(numbers.triples))
    publishable = known.publishable | {n for n in fresh if _publishable(numbers.triples[n])}
    return Ground(numbers, rules, publishable)


def _publishable(triple: Triple) -> bool:
    """Whether it is RDF, tells something, and speaks of nothing without a name (a restriction, say)."""
    from kg.reasoner import trivial

    s, p, o = triple
    plain = not s.startswith('"') and not p.startswith(('"', "_:"))
    return plain and SKOLEM not in s and SKOLEM not in o and not trivial(triple)


def _can_be_taken(polarity: str, modality: str) -> bool:
    return polarity == AFFIRMED and modality != kg("Refusal")
