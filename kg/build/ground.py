"""The ground program: every rule instance over all that any view can take as a fact.

A view believes some of the claims, so whatever follows in it follows by instances that are known beforehand. They
are found once, when the graph is built; a view is then closed by counting premises, with neither the ontology nor
the rules. That is exact, since the instances over a part of the facts are those of the whole whose premises hold
in the part; where a rule asks for absence, its instance carries what would stop it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Any

from kg.build.support import Instances
from kg.model import AFFIRMED, Triple
from kg.vocab import kg

if TYPE_CHECKING:
    from kg.corpus.read import Corpus
    from kg.rules import Program

__all__ = ["Ground", "Step", "ground"]


class Step:
    """One rule instance, as proofs see it."""

    __slots__ = ("conclusion", "premises", "rule")

    def __init__(self, rule: str, conclusion: Triple, premises: tuple[Triple, ...]) -> None:
        self.rule = rule
        self.conclusion = conclusion
        self.premises = premises


class Ground:
    """Rule instances with the names of their rules, and which triples are worth publishing when inferred."""

    def __init__(self, instances: Instances, rules: list[str], publishable: set[int]) -> None:
        self.instances = instances
        self.rules = rules
        self.publishable = publishable
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


def ground(corpus: Corpus, program: Program) -> Ground:
    """Find every rule instance over the entities and all that any claim affirms."""
    from kg.build.absence import instances_with_absence
    from kg.closure import close
    from kg.rules import trivial

    affirmed = {
        t for claim in corpus.claims.values() for t in claim.states if _can_be_taken(claim.polarity, claim.modality)
    }
    # Nothing stops a rule here: what would is noted with each of its instances.
    closure = close([*corpus.entities, *sorted(affirmed)], program, negative=close(()))
    found = [one for one in instances_with_absence(closure) if one.conclusion not in one.premises]
    instances = Instances(found)
    publishable = {
        number
        for number, triple in enumerate(instances.triples)
        if not triple[0].startswith('"') and not triple[1].startswith(('"', "_:")) and not trivial(triple)
    }
    return Ground(instances, [one.rule for one in found], publishable)


def _can_be_taken(polarity: str, modality: str) -> bool:
    return polarity == AFFIRMED and modality != kg("Refusal")
