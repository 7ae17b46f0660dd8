"""A view made real: its facts, their closure, when everything holds, and the triples of its query graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING

from kg.corpus.read import Corpus
from kg.corpus.rules import read_rules
from kg.dates import ALWAYS, UNKNOWN, Period
from kg.graph.ground import GroundProgram, GroundRule, asks_for_absence, ground
from kg.graph.time_bounds import Bounds, Roles, giving_alone
from kg.graph.unit_triples import (
    document_triples,
    fact_node,
    node_details,
    period_triples,
    published,
    temporal_kinds,
)
from kg.graph.validity import Instances, supporters, together, unconditional, validity
from kg.graph.views import View, claim_periods, contested, fact_periods, facts, taken
from kg.model import Claim, Term, Triple
from kg.project import Project
from kg.reasoner import close, compile_program, get_reasoner
from kg.vocab import kg

if TYPE_CHECKING:
    from kg.reasoner import Closure, CustomRule, Program

#: What declares a list complete: a rule may ask for absence only over these.
COMPLETENESS = (kg("listComplete"),)


@dataclass
class Materialised:
    """A view over a corpus, closed. Everything is computed when it is asked for.

    ``reference`` is what another reasoner infers, where one was asked for: it is then published instead.
    In a view of the ``certain``, only what certainly holds at its date holds.
    """

    corpus: Corpus
    view: View
    ground: GroundProgram
    load_program: Callable[[], Program]
    reference: frozenset[Triple] | None = None

    @cached_property
    def claims(self) -> dict[Term, Claim]:
        """The claims that the view takes as facts, its date apart."""
        return {claim.iri: claim for claim in taken(self.corpus.claims.values(), self.corpus.links, self.view)}

    @cached_property
    def stated(self) -> dict[Triple, list[Claim]]:
        """The facts that claims state, with those claims."""
        return facts(self.claims.values())

    @property
    def instances(self) -> Instances[Triple]:
        """All one-step rule instances over what any view may take as facts."""
        return self.ground.instances

    @cached_property
    def closure(self) -> Closure:
        """The view closed by the reasoner, for what asks more than which instances there are."""
        return closed((*self.corpus.entities, *self.stated), self.load_program(), self.view)

    @cached_property
    def given(self) -> tuple[Triple, ...]:
        """The triples of ontology and entities, which hold at all times and need no claim."""
        return (*self.corpus.ontology, *self.corpus.entities)

    @cached_property
    def asserted(self) -> frozenset[Triple]:
        """What needs no rule: ontology, entities, and the facts that claims state."""
        return frozenset((*self.given, *self.stated))

    def __contains__(self, triple: Triple) -> bool:
        """Whether a triple is in the view's closure, whenever it holds."""
        return triple in self.periods

    def derivations(self, triple: Triple, _memo: object = None) -> Iterator[GroundRule]:
        """The steps that conclude a triple in this view, by premises that hold together at its date."""
        for step in self.ground.derivations(triple, self.periods):
            if self.view.as_of is None or any(map(self.view.takes, together(step.premises, self.periods))):
                yield step

    @cached_property
    def _kinds(self) -> dict[Term, str]:
        return temporal_kinds(self.corpus)

    @cached_property
    def periods(self) -> dict[Triple, tuple[Period, ...]]:
        """When each triple of the closure holds, at all dates; one whose premises never meet is left out.

        What files give excludes no day of what follows from it; on its own it is ``dated``.
        """
        return validity(self.stated_periods, self.given, self.instances, dated=self.view.as_of is not None)

    def dated(self, triple: Triple) -> tuple[Period, ...]:
        """When a triple of the closure holds; what files say of two things, by the claims that state it, if any."""
        if triple not in self.always:
            return self.periods.get(triple, ())
        unknown = (UNKNOWN,) if self._between_entities(triple) else (ALWAYS,)
        return self.stated_periods.get(triple, unknown)

    @cached_property
    def stated_periods(self) -> dict[Triple, tuple[Period, ...]]:
        """When each fact that claims state holds, bounded by the rest of the view (:mod:`kg.graph.time_bounds`)."""
        own = fact_periods(self.stated, self._kinds, published(self.corpus))
        roles = Roles.of(self.corpus.ontology)
        dating = {triple: when for triple, when in own.items() if triple[1] in roles.dating}
        bounds = Bounds(roles, self._kinds, dating)
        open_ones = [triple for triple, when in own.items() if bounds.leaves_open(triple, when)]
        alone = giving_alone(open_ones, self._steps)
        same = {triple: [p for other in some for p in own.get(other, ())] for triple, some in alone.items()}
        return {triple: bounds.bounded(triple, when, same.get(triple, ())) for triple, when in own.items()}

    @cached_property
    def always(self) -> set[Triple]:
        """What follows from ontology and entities alone."""
        return unconditional(self.given, self.instances)

    def _steps(self, heads: set[Triple]) -> Iterator[tuple[Triple, list[Triple]]]:
        """The rule instances with some conclusions, each with the premises that do not always hold."""
        triples, bodies = self.instances.triples, self.instances.bodies
        for head in heads:
            for index in self.ground.by_head.get(self.instances.ids.get(head, -1), ()):
                yield head, [triples[n] for n in bodies[index] if triples[n] not in self.always]

    @cached_property
    def support(self) -> dict[Triple, frozenset[Term]]:
        """The claims that stand in a proof of each triple; what needs no claim is left out."""
        stated = {triple: [claim.iri for claim in claims] for triple, claims in self.stated.items()}
        return supporters(stated, self.given, self.instances, self.periods)

    def holds(self, triple: Triple) -> bool:
        """Whether a triple of the closure may hold at the view's date; at all dates, whether it ever may."""
        periods = self.dated(triple) if triple in self.stated else self.periods.get(triple, ())
        if not periods and self.reference is not None:
            # What only another reasoner infers has no proof here, and so no dates.
            return triple in self.reference
        return any(self.view.takes(period) for period in periods)

    def tells(self, triple: Triple) -> bool:
        """Whether a triple is among the view's facts, stated or inferred."""
        if not self.holds(triple):
            return False
        publishable = self.instances.ids.get(triple) in self.ground.publishable
        return triple in self.stated or (publishable and triple not in self.asserted)

    def inferred(self) -> Iterator[Triple]:
        """What follows and is worth saying: no axiomatic triples, none with a literal as subject."""
        if self.reference is not None:
            return (triple for triple in self.reference if self.holds(triple))
        number, publishable = self.instances.ids, self.ground.publishable
        return (
            triple
            for triple in self.periods
            if triple not in self.asserted and number.get(triple) in publishable and self.holds(triple)
        )

    @cached_property
    def background(self) -> frozenset[Triple]:
        """What ontology and entity files say of one entity and another: it holds at all times."""
        return frozenset(triple for triple in self.given if self._between_entities(triple))

    def has_node(self, triple: Triple) -> bool:
        """Whether a triple is a fact with a node: claims support it, or background alone gives it."""
        if triple in self.background and triple not in self.stated:
            return True
        return self.tells(triple) and (triple in self.support or self._between_entities(triple))

    def fact_nodes(self) -> Iterator[str]:
        """The fact nodes of the view, as N-Triples without the full stop."""
        asserted = self.stated.keys() | self.background
        project, claims = self.corpus.project, self.corpus.claims
        described: set[Period] = set()
        for triple in dict.fromkeys(filter(self.has_node, chain(self.stated, self.background, self.inferred()))):
            support = {claim: claims[claim].document for claim in self.support.get(triple, ())}
            periods = self.dated(triple)
            details = node_details(project, support, periods, inferred=triple not in asserted)
            yield from fact_node(project, triple, details)
            for period in periods:
                if period not in described:
                    yield from map(" ".join, period_triples(project, period))
                    described.add(period)

    def _between_entities(self, triple: Triple) -> bool:
        subject, predicate, value = triple
        start = self.corpus.project.iri("id", "")[:-1]
        return subject.startswith(start) and value.startswith(start) and predicate in self._kinds

    @cached_property
    def _document_triples(self) -> list[Triple]:
        corpus = self.corpus
        # What a view does not believe is not there to be asked either.
        believed = self.view.documents(corpus.documents)
        opposed = contested((c for c in corpus.claims.values() if c.document in believed), corpus.links)
        periods = claim_periods(corpus.claims.values(), self._kinds, published(corpus))
        return [triple for slug in believed for triple in document_triples(corpus, slug, opposed, periods)]

    def query_graph(self) -> Iterator[str]:
        """Every triple of the view's query graph, as N-Triples without the full stop; some come twice."""
        stated = (triple for triple in self.stated if self.holds(triple))
        parts = (self.given, stated, self.inferred(), self._document_triples)
        return chain(map(" ".join, chain(*parts)), self.fact_nodes())


def materialise(
    corpus: Corpus,
    view: View,
    known: GroundProgram | None = None,
    load_program: Callable[[], Program] | None = None,
    reasoner: str = "native",
) -> Materialised:
    """Take a view of a corpus; ``known`` is its ground program where it was found before.

    ``load_program`` gives the compiled ontology and rules when they are needed; by default they are compiled.
    Another ``reasoner`` than the native one gives no proofs: it infers, and the native one says why.

    Raises UsageError when the view names an unknown document.
    """
    view.check(corpus.documents)
    load = load_program or partial(compiled, corpus)
    made = Materialised(corpus, view, known or ground(corpus, load()), load)
    if reasoner == "native":
        return made

    # The reference knows no rules beyond OWL 2 RL: it is given what they conclude.
    ours = {rule.name for rule in project_rules(corpus.project)}
    given = {step.conclusion for triple in made.periods for step in made.derivations(triple) if step.rule in ours}
    outcome = get_reasoner(reasoner).reason([*corpus.ontology, *corpus.entities, *made.stated, *given])
    return replace(made, reference=outcome.inferred | (given - set(made.stated)))


def closed(triples: Iterable[Triple], program: Program, view: View) -> Closure:
    """The entities and the facts that claims of a view state, closed by the reasoner."""
    # At a date, a rule with NOT EXISTS must not be stopped by what holds at other dates only: nothing stops it
    # here, and its validity leaves out the days on which it is stopped.
    dated = view.as_of is not None and asks_for_absence(program)
    return close(triples, program, negative=close(()) if dated else None)


def compiled(corpus: Corpus) -> Program:
    """The ontology and the project's own rules as a program. Raises InputError for a rule that cannot be one."""
    return compile_program(corpus.ontology, project_rules(corpus.project))


def project_rules(project: Project) -> tuple[CustomRule, ...]:
    """The project's own rules, from ``ontology/rules/*.rq``. Raises InputError for one that cannot be compiled."""
    return tuple(rule for path in project.files("ontology/rules") for rule in read_rules(path, COMPLETENESS))
