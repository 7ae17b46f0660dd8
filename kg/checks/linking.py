"""Linking: whether a claim reaches the actors that its gloss names, and whether the gloss stands by itself.

A claim reaches what stands in it (its content, ``kg:about``), and what that pertains to: ``kg:pertainsTo`` and the
properties below it, one step from the thing to the actor, as an entity file, the background or a claim put as fact
says. The actors that are measured are those that an entity file marks with ``kg:mainActor true``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from kg.checks.entity_checks import PERTAINS, english_names
from kg.errors import Place, Problem
from kg.model import Term, text_of
from kg.vocab import kg, local_name

if TYPE_CHECKING:
    from kg.checks.inspection import Inspection
    from kg.corpus.anchors import Texts

__all__ = ["AIM", "Gap", "Reach", "linking_problems", "reach", "sentence_gaps"]

#: The share of the glosses naming a main actor that must reach it.
AIM = 0.95
_MAIN = (kg("mainActor"), "true")
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_PRONOUNS = frozenset(["it", "its", "they", "them", "their", "he", "him", "his", "she", "her", "such"])
_POINTING = frozenset(["this", "these", "those"])
#: After these, a pointing word says itself what it means: those of, those who.
_DEFINING = frozenset(["of", "that", "which", "who", "whom", "with", "without"])


@dataclass(frozen=True, slots=True)
class Reach:
    """How many glosses name an actor, and the claims among them that do not reach it."""

    actor: Term
    naming: int
    unreached: tuple[Term, ...]

    @property
    def share(self) -> float:
        """The share of the naming claims that reach the actor; 1 when there are none."""
        return 1 - len(self.unreached) / self.naming if self.naming else 1.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A sentence that names an actor which no claim of it reaches."""

    document: str
    place: str
    actor: Term


class _Linking:
    """The main actors of a project, how they are called, and what pertains to them."""

    def __init__(self, seen: Inspection) -> None:
        self.actors = [
            subject for subject, predicate, value in seen.entities.triples if (predicate, text_of(value)) == _MAIN
        ]
        called = english_names(seen.entities)
        self._patterns = {actor: _pattern(called[actor]) for actor in self.actors if called[actor]}
        self._pertains: dict[Term, set[Term]] = defaultdict(set)
        claimed = (edge for verdict in seen.verdicts.values() for edge in verdict.edges)
        for subject, predicate, value in chain(seen.entities.triples, seen.schema.triples, claimed):
            if PERTAINS in seen.schema.up(predicate):
                self._pertains[subject].add(value)

    def named(self, text: str) -> list[Term]:
        """The main actors that a text names, by whole words."""
        return [actor for actor, pattern in self._patterns.items() if pattern.search(text)]

    def reached(self, terms: Iterable[Term]) -> set[Term]:
        """What terms are or pertain to."""
        return {end for term in terms for end in (term, *self._pertains.get(term, ()))}


def reach(seen: Inspection) -> list[Reach]:
    """For each main actor, how many glosses name it and which claims do not reach it. Empty without main actors."""
    linking = _Linking(seen)
    naming: dict[Term, int] = dict.fromkeys(linking.actors, 0)
    missing: dict[Term, list[Term]] = defaultdict(list)
    for verdict in seen.verdicts.values():
        for claim, _line, gloss, terms, _places in verdict.glosses:
            reached = linking.reached(terms)
            for actor in linking.named(gloss):
                naming[actor] += 1
                if actor not in reached:
                    missing[actor].append(claim)
    return [Reach(actor, naming[actor], tuple(missing[actor])) for actor in linking.actors]


def linking_problems(seen: Inspection) -> Iterator[Problem]:
    """Claims that do not reach a main actor that their gloss names (KG418), and glosses that lean (KG419)."""
    linking = _Linking(seen)
    for verdict in seen.verdicts.values():
        for claim, line, gloss, terms, _places in verdict.glosses:
            place, name = Place(verdict.file, line), local_name(claim)
            for actor in set(linking.named(gloss)) - linking.reached(terms):
                remedy = "Link the claim or what it speaks of to the actor, or say why not: `#: KG418 why`."
                message = f"the gloss of {name} names {local_name(actor)}, which the claim does not reach"
                yield Problem("KG418", message, place, remedy, "warning")
            if word := _leans_on(gloss):
                remedy = "Evidence shows a gloss by itself: name what is meant."
                yield Problem("KG419", f"the gloss of {name} leans on {word!r}", place, remedy, "warning")


def sentence_gaps(seen: Inspection, texts: Texts) -> list[Gap]:
    """The mapped sentences that name a main actor which no claim of theirs reaches, in the documents' texts."""
    linking = _Linking(seen)
    gaps = []
    for slug, verdict in seen.verdicts.items():
        terms: dict[str, set[Term]] = defaultdict(set)
        for _claim, _line, _gloss, near, places in verdict.glosses:
            for place in places:
                terms[place].update(near)
        for place, near in terms.items():
            named = linking.named(texts.sentence(slug, place) or "")
            reached = linking.reached(near)
            gaps += [Gap(slug, place, actor) for actor in named if actor not in reached]
    return gaps


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in sorted(names, key=len, reverse=True))})(?!\w)"
    )


def _leans_on(gloss: str) -> str:
    """The word by which a gloss leans on what stands before it: a pronoun that opens it, or one that points."""
    words = [word.lower() for word in _WORD.findall(gloss)]
    opening = (word for word in words[:2] if word in _PRONOUNS)
    pointing = (word for word, after in pairwise([*words, ""]) if word in _POINTING and after not in _DEFINING)
    return next(chain(opening, pointing), "")
