"""``why_not``: what is missing for a triple to hold in a view, and who denies or contests it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.errors import Problem, UsageError
from kg.evidence.grounds import Grounds
from kg.model import Triple
from kg.views import ACCEPT, contested
from kg.vocab import OWL, iri

if TYPE_CHECKING:
    from kg.proofs import NearMiss
    from kg.store import Graph

__all__ = ["WhyNot", "why_not"]


@dataclass(frozen=True, slots=True, repr=False)
class WhyNot:
    """Why a triple does not hold: near misses of rules, claims that say or deny it, views in which it holds."""

    graph: Graph
    triple: Triple
    misses: tuple[NearMiss, ...]
    said: tuple[str, ...]
    views: tuple[str, ...]

    def __str__(self) -> str:
        """The explanation as text."""
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        return f"<kg why not: {Grounds.of(self.graph).words(self.triple)}, {len(self.misses)} near misses>"

    def _repr_html_(self) -> str:
        """The explanation as notebooks show it."""
        from kg.evidence.notebook import text_html

        return text_html(str(self))

    def lines(self) -> list[str]:
        """The explanation as text."""
        grounds = Grounds.of(self.graph)
        lines = [f"It does not hold that {grounds.words(self.triple)}."]
        lines += [line if line.startswith("against it") else f"said of it: {line}" for line in self.said]
        if not self.said:
            lines.append("No claim says it or denies it.")
        lines += [f"It would hold with {view}." for view in self.views]
        for miss in self.misses:
            lines += _miss_lines(miss, grounds)
        if not self.misses and self.triple not in self.graph.materialised:
            lines.append("No rule has such a conclusion.")
        return lines


def why_not(graph: Graph, triple: Triple) -> WhyNot:
    """Why a triple does not hold in a graph's view. Raises UsageError (KG671) when it does."""
    from kg.proofs import why_not as near_misses

    view = graph.materialised
    grounds = Grounds.of(graph)
    if triple in view and view.holds(triple):
        remedy = "`kg explain` with the same three says why."
        raise UsageError(Problem("KG671", f"it does hold that {grounds.words(triple)}", remedy=remedy))
    opposed = contested(graph.corpus.claims.values(), graph.corpus.links)
    said = []
    for claim in grounds.claims_stating.get(triple, ()):
        against = sorted(opposed.get(claim.iri, ()))
        by = f" (contested by {', '.join(_name(other) for other in against)})" if against else ""
        said.append(f"{grounds.claim_reference(claim).line}{by}")
    said += [f"against it: {grounds.words(other)}" for other in _excluding(graph, triple)]
    return WhyNot(graph, triple, tuple(near_misses(view.closure, triple)), tuple(said), tuple(_views(graph, triple)))


def _excluding(graph: Graph, triple: Triple) -> list[Triple]:
    """What holds in the view and cannot hold together with a triple: a property that is disjoint with its own."""
    subject, predicate, value = triple
    disjoint = {(s, o) for s, p, o in graph.corpus.ontology if p == iri(OWL + "propertyDisjointWith")}
    others = {o for s, o in disjoint if s == predicate} | {s for s, o in disjoint if o == predicate}
    found = [(subject, other, value) for other in sorted(others)]
    return [other for other in found if other in graph.materialised and graph.materialised.holds(other)]


def _views(graph: Graph, triple: Triple) -> list[str]:
    view = graph.view
    wider = [
        (f"--accept {name}", replace(view, accept=name))
        for name in list(ACCEPT)[list(ACCEPT).index(view.accept) + 1 :]
    ]
    if view.as_of:
        wider.insert(0, ("all dates", view.timeless()))
    if view.only is not None or view.without:
        wider.insert(0, ("all documents", replace(view, only=None, without=frozenset())))
    for name, other in wider:
        made = graph.in_view(other).materialised
        if triple in made and made.holds(triple):
            return [name]
    return []


def _miss_lines(miss: NearMiss, grounds: Grounds) -> list[str]:
    from kg.proofs.near import expression_text

    axioms = [triple for triple in miss.found if grounds.is_schema(triple)]
    facts = [triple for triple in miss.found if not grounds.is_schema(triple)]
    lines = [f"{miss.rule}: {grounds.rule_words(miss.rule, axioms)}"]
    lines += [f"    there is: {grounds.words(fact)}" for fact in facts]
    lines += [f"    missing: {_pattern(pattern, grounds)}" for pattern in dict.fromkeys(miss.missing)]
    for failing in miss.failed:
        if failing.present:
            lines += [f"    stands against it: {grounds.words(fact)}" for fact in failing.present]
        else:
            lines.append(f"    not so: {expression_text(failing.expression, grounds.graph.label)}")
    return lines


def _pattern(pattern: tuple[str, ...], grounds: Grounds) -> str:
    return " ".join(term if term.startswith("?") else grounds.graph.label(term) for term in pattern)


def _name(claim: str) -> str:
    return "/".join(claim.strip("<>").split("/")[-2:])
