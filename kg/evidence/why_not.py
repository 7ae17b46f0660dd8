"""``why_not``: what is missing for a triple to hold in a view, and who denies or contests it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.errors import Problem, UsageError
from kg.evidence.absence import Wording
from kg.evidence.triple_support import SupportFinder
from kg.evidence.verify import SUPPORTED, StatementVerdict, Verification, excluding, verify
from kg.harmless import preformatted
from kg.model import Triple
from kg.reasoner import NearMiss
from kg.reasoner import why_not as near_misses
from kg.sparql.syntax_tree import Pattern

if TYPE_CHECKING:
    from kg.graph.store import Graph

#: What there is to say of a statement that may hold at a date.
_HOLDS = {
    StatementVerdict.POSSIBLE: "Possibly, but not certainly: {}.",
    StatementVerdict.UNDATED: "Nothing dates it then: {}.",
}


@dataclass(frozen=True, slots=True, repr=False)
class WhyNot:
    """Why a triple does not hold: near misses of rules, what stands against it, views in which it holds.

    ``said`` are, for the triple and for each premise that the near misses lack, the claims that say or deny it and
    what excludes it, as lines.
    """

    graph: Graph
    triple: Triple
    verdict: Verification
    misses: tuple[NearMiss, ...]
    said: Mapping[Triple, tuple[str, ...]]
    views: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        return f"<kg why not: {SupportFinder.of(self.graph).words(self.triple)}, {len(self.misses)} near misses>"

    def _repr_html_(self) -> str:
        return preformatted(str(self))

    def lines(self) -> list[str]:
        """The explanation as text."""
        grounds = SupportFinder.of(self.graph)
        words = grounds.words(self.triple)
        lines = [_HOLDS.get(self.verdict.verdict, "It does not hold that {}.").format(words)]
        lines.append(f"Verdict: {self.verdict.summary}.")
        lines += [*(self.said[self.triple] or self._verdict_lines(grounds)), *self.verdict.when]
        lines += [f"It would hold with {view}." for view in self.views]
        for miss in self.misses:
            lines += self._miss_lines(miss, grounds)
        if not self.misses and self.triple not in self.graph.facts:
            lines.append("No rule has such a conclusion.")
        return lines

    def as_json(self) -> dict[str, Any]:
        """The verdict as ``verify`` gives it, the near misses of rules, and the view in which it would hold."""
        wording = Wording(SupportFinder.of(self.graph))
        misses = [
            {"rule": miss.rule, "missing": [wording.clause(Pattern(*pattern), {}) for pattern in miss.missing]}
            for miss in self.misses
        ]
        return {**self.verdict.as_json(), "misses": misses, "views": list(self.views)}

    def _verdict_lines(self, grounds: SupportFinder) -> list[str]:
        """The reasons and claims of the verdict, where no claim states or denies the triple itself."""
        lines = [*self.verdict.reasons, *(grounds.claim_reference(claim).line for claim in self.verdict.claims)]
        if lines:
            return lines
        then = " of the date asked about" if self.graph.view.as_of else ""
        return [f"No claim says it or denies it{then}.", *(f"near it: {near}" for near in self.verdict.near[:3])]

    def _miss_lines(self, miss: NearMiss, grounds: SupportFinder) -> list[str]:
        wording = Wording(grounds)
        axioms = [triple for triple in miss.found if grounds.is_axiom(triple)]
        lines = [f"{miss.rule}: {grounds.rule_words(miss.rule, axioms)}"]
        lines += [f"    there is: {grounds.words(fact)}" for fact in miss.found if fact not in axioms]
        for pattern in dict.fromkeys(miss.missing):
            lines.append(f"    missing: {wording.clause(Pattern(*pattern), {})}")
            lines += [f"        {line}" for line in self.said.get(pattern, ())]
        for failing in miss.failed:
            if failing.present:
                lines += [f"    stands against it: {grounds.words(fact)}" for fact in failing.present]
            else:
                lines.append("    not so: a condition of the rule on what it compares")
        return lines


def why_not(graph: Graph, triple: Triple) -> WhyNot:
    """Why a triple does not hold in a graph's view, or not certainly at its date.

    Raises UsageError (KG671) when it does.
    """
    grounds = SupportFinder.of(graph)
    verdict = verify(graph, triple)
    if verdict.verdict in SUPPORTED:
        remedy = "`kg explain` with the same three says why."
        raise UsageError(Problem("KG671", f"it holds that {grounds.words(triple)}", remedy=remedy))
    dated = verdict.verdict in _HOLDS
    misses = () if dated else tuple(near_misses(graph.closure, triple))
    asked = dict.fromkeys((triple, *(pattern for miss in misses for pattern in miss.missing)))
    said = {each: (*_claims(each, grounds), *_against(each, grounds)) for each in asked}
    return WhyNot(graph, triple, verdict, misses, said, () if dated else tuple(_views(graph, triple)))


def _claims(triple: Triple, grounds: SupportFinder) -> Iterator[str]:
    """The claims that say or deny a triple, with what contests each."""
    for claim in grounds.index.claims_stating(triple):
        against = grounds.index.contesting(claim.iri)
        names = ("/".join(other.strip("<>").split("/")[-2:]) for other in against)
        by = f" (contested by {', '.join(names)})" if against else ""
        yield f"said of it: {grounds.claim_reference(claim).line}{by}"


def _against(triple: Triple, grounds: SupportFinder) -> Iterator[str]:
    """The facts of the view that exclude a triple, with their support."""
    for other in excluding(grounds.graph, triple):
        yield f"against it: {grounds.words(other)}"
        yield from (f"    {reference.line}" for reference in grounds.ground(other).references)


def _views(graph: Graph, triple: Triple) -> list[str]:
    view = graph.view
    wider = [(f"--accept {name}", other) for name, other in view.wider.items()]
    if view.as_of:
        wider.insert(0, ("all dates", view.timeless()))
    if view.only is not None or view.without:
        wider.insert(0, ("all documents", view.undivided))
    for name, other in wider:
        if graph.in_view(other).facts.holds(triple):
            return [name]
    return []
