"""A view made real: its facts, their closure, when everything holds, and the triples of its query graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kg.build.absence import asks_for_absence, instances_with_absence
from kg.build.compose import document_triples, fact_nodes, published, temporal_kinds
from kg.build.support import Instance, Instances, supporters, validity
from kg.corpus.read import Corpus
from kg.dates import Period, Span, period_of
from kg.model import Claim, Term, Triple
from kg.views import AHEAD, View, contested, fact_periods, facts, taken

if TYPE_CHECKING:
    from kg.closure import Closure
    from kg.rules import CustomRule, Program

__all__ = ["Materialised", "claim_periods", "materialise"]


@dataclass
class Materialised:
    """A view over a corpus, closed. Everything beyond the closure is computed when it is asked for.

    ``reference`` is what another reasoner infers, where one was asked for: it is then published instead.
    With ``strict``, only what certainly holds at the view's date holds.
    """

    corpus: Corpus
    view: View
    claims: dict[Term, Claim]
    stated: dict[Triple, list[Claim]]
    closure: Closure
    reference: frozenset[Triple] | None = None
    strict: bool = False

    @cached_property
    def instances(self) -> Instances:
        """All one-step rule instances of the closure."""
        if self.view.as_of is not None:
            return Instances(instances_with_absence(self.closure))
        return Instances(Instance(step.conclusion, step.premises) for step in self.closure.instances())

    @cached_property
    def given(self) -> tuple[Triple, ...]:
        """The triples of ontology and entities, which hold at all times and need no claim."""
        return (*self.corpus.ontology, *self.corpus.entities)

    @cached_property
    def periods(self) -> dict[Triple, tuple[Period, ...]]:
        """When each triple of the closure holds, at all dates; one whose premises never meet is left out."""
        own = fact_periods(self.stated, temporal_kinds(self.corpus), published(self.corpus))
        return validity(own, self.given, self.instances)

    @cached_property
    def support(self) -> dict[Triple, frozenset[Term]]:
        """The claims that stand in a proof of each triple; what needs no claim is left out."""
        stated = {triple: [claim.iri for claim in claims] for triple, claims in self.stated.items()}
        return supporters(stated, self.given, self.instances, self.periods)

    def holds(self, triple: Triple) -> bool:
        """Whether a triple of the closure may hold at the view's date; at all dates, whether it ever may."""
        periods, when = self.periods.get(triple, ()), self.view.as_of
        if not periods and self.reference is not None:
            # What only another reasoner infers has no proof here, and so no dates.
            return triple not in self.closure
        if when is None:
            return bool(periods)
        return self._certain_in(when, triple) if self.strict else any(period.possible_in(when) for period in periods)

    def certain(self, triple: Triple) -> bool:
        """Whether a triple of the closure certainly holds at the view's date; at all dates, whether it ever may."""
        when = self.view.as_of
        return self.holds(triple) if when is None else self._certain_in(when, triple)

    def _certain_in(self, when: Span, triple: Triple) -> bool:
        return any(period.certain_in(when) for period in self.periods.get(triple, ()))

    def inferred(self) -> Iterator[Triple]:
        """What follows and is worth saying: no axiomatic triples, none with a literal as subject."""
        found = self.closure.inferred() if self.reference is None else self.reference
        return (triple for triple in found if self.holds(triple))

    def fact_node_triples(self) -> Iterator[Triple]:
        """The fact nodes of the view."""
        periods = {triple: when for triple, when in self.periods.items() if self.holds(triple)}
        told = {*self.stated, *self.inferred()}
        support = {t: claims for t, claims in self.support.items() if t in periods and t in told}
        yield from fact_nodes(periods, support, self.stated, self.claims, self.corpus.project)

    def query_graph(self) -> Iterator[Triple]:
        """Every triple that the view's query graph holds; some come more than once."""
        corpus = self.corpus
        yield from corpus.ontology
        yield from corpus.entities
        yield from (triple for triple in self.stated if self.holds(triple))
        yield from self.inferred()
        # What a view does not believe is not there to be asked either.
        believed = self.view.documents(corpus.documents)
        opposed = contested((c for c in corpus.claims.values() if c.document in believed), corpus.links)
        periods = claim_periods(corpus)
        for slug in believed:
            yield from document_triples(corpus, slug, opposed, periods)
        yield from self.fact_node_triples()


def materialise(
    corpus: Corpus,
    view: View,
    program: Program | None = None,
    rules: Iterable[CustomRule] = (),
    reasoner: str = "native",
) -> Materialised:
    """Take a view of a corpus and close it under the ontology, the entities and the rules.

    ``program`` is the ontology with the project's rules compiled ahead; without one, ``rules`` are compiled here.
    Another ``reasoner`` than the native one gives no proofs: it infers, and the native one says why.

    Raises UsageError when the view names a document that there is not.
    """
    from kg.closure import close, get_reasoner
    from kg.rules import compile_program

    view.check(corpus.documents)
    claims = {claim.iri: claim for claim in taken(corpus.claims.values(), corpus.links, view)}
    stated = facts(claims.values())
    program = program or compile_program(corpus.ontology, rules)
    # At a date, a rule with NOT EXISTS must not be stopped by what holds at other dates only: nothing stops it
    # here, and its validity leaves out the days on which it is stopped.
    dated = view.as_of is not None and asks_for_absence(program)
    closure = close([*corpus.entities, *stated], program, negative=close(()) if dated else None)
    if reasoner == "native":
        return Materialised(corpus, view, claims, stated, closure)
    # The reference knows no rules beyond OWL 2 RL: it is given what they conclude.
    ours = {rule.name for rule in rules}
    given = [step.conclusion for step in closure.instances() if step.rule in ours]
    outcome = get_reasoner(reasoner).reason([*corpus.ontology, *corpus.entities, *stated, *given])
    return Materialised(corpus, view, claims, stated, closure, outcome.inferred | (set(given) - set(stated)))


def claim_periods(corpus: Corpus) -> Mapping[Term, Period]:
    """The time of each claim, whatever its modality: by the temporal kind of its first property that has one."""
    kinds, dates = temporal_kinds(corpus), published(corpus)
    return {
        claim.iri: period_of(claim.times, _kind(claim, kinds), dates[claim.document], ahead=claim.modality in AHEAD)
        for claim in corpus.claims.values()
    }


def _kind(claim: Claim, kinds: Mapping[Term, str]) -> str:
    found = (kinds[p] for _s, p, _o in claim.content if kinds.get(p, "Timeless") != "Timeless")
    return next(found, "Timeless")
