"""Conflicts between documents: by the ``false`` rules of OWL 2 RL, and by comparing claims.

Five kinds: ``rule`` (an OWL 2 RL/RDF rule gives false, status against status among them), ``polarity`` (affirmed
against denied), ``figure`` (one quantity, two numbers), ``date`` (one proposition, times that do not meet), and
``linked`` (the mapping says so). Each has both sides down to their claims, and the mapping's note where what
looks like a conflict is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from kg.dates import DUSK, Period
from kg.errors import counted
from kg.evidence.triple_support import SupportFinder
from kg.graph.clashes import Clash
from kg.graph.difference import Published
from kg.graph.facts import Facts
from kg.graph.store import Graph
from kg.graph.views import View, claim_periods
from kg.harmless import preformatted
from kg.model import Claim, Term, Triple
from kg.vocab import kg, local_name

if TYPE_CHECKING:
    from kg.reasoner import Proof

#: How sides stand to one another, by the relation that the mapping gives, and what resolves a conflict, in words.
_LINKED = {"Contradicts": "They contradict one another", "Disputes": "One disputes the other"}
_RESOLVED = {"": "Unresolved", "ByDate": "Resolved by date", "ByScope": "Resolved by scope"}
KINDS = ("rule", "polarity", "figure", "date", "linked")


@dataclass(frozen=True, slots=True, repr=False)
class Side:
    """One side of a conflict: what it says, in labels; the claims that say it; the proof where a rule gave it."""

    text: str
    claims: tuple[Claim, ...]
    proof: Proof | None = None

    def __repr__(self) -> str:
        return f"<{self.text} ({', '.join(self.documents)})>"

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents of its claims, sorted."""
        return tuple(sorted({claim.document for claim in self.claims}))


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sides that cannot both hold, why, and what resolves it (empty when nothing does)."""

    kind: str
    why: str
    sides: tuple[Side, ...]
    dissolved: str = ""
    note: str = ""

    @property
    def key(self) -> frozenset[Term]:
        """The claims of all sides."""
        return frozenset(claim.iri for side in self.sides for claim in side.claims)


class Conflicts(list[Conflict]):
    """The conflicts in a graph's view."""

    def __init__(self, graph: Graph, found: Iterable[Conflict] = ()) -> None:
        super().__init__(found)
        self.graph = graph

    def __str__(self) -> str:
        """Each with who says what, when and where, whether it is resolved and why; then how many there are."""
        lines = [line for number, conflict in enumerate(self, 1) for line in self._lines(number, conflict)]
        solved = sum(1 for conflict in self if conflict.dissolved)
        head = f"{counted(len(self), 'conflict')}, {solved} resolved; view: {self.graph.describe_view()}"
        return "\n".join([*lines, head]) + "\n"

    def _repr_html_(self) -> str:
        return preformatted(str(self))

    def _lines(self, number: int, conflict: Conflict) -> Iterator[str]:
        grounds = SupportFinder.of(self.graph)
        yield f"{number}. {conflict.why}"
        for side in conflict.sides:
            if side.text not in {claim.gloss for claim in side.claims}:
                yield f"   - {side.text}"
            for claim in side.claims:
                yield f"   - {grounds.claim_reference(claim).line}"
            if side.proof and side.proof.rule:
                yield from (f"     {grounds.rule_reference(step).line}" for step in side.proof.ordered() if step.rule)
        said = _RESOLVED.get(conflict.dissolved, "Resolved")
        yield f"   {said}: {conflict.note}" if conflict.note else f"   {said}."
        yield ""


def conflicts(graph: Graph, about: Term | None = None, *, between: bool = True) -> Conflicts:
    """The conflicts among what a view's documents say, whoever holds it, each once, in order of kind and claims.

    With ``about``, only those with a claim that names that thing, or one that pertains to it. With ``between``, only
    those between documents; else also those within one. As of a date, only those whose sides
    both speak of it (one of them, where the date is what they disagree about): certainly so in a view of the certain.
    """
    said_of = list(graph.index.clashes(graph.facts.believed))
    found = [*_by_rules(graph), *(_told(clash, graph) for clash in said_of)]
    claims = {claim.iri: claim for clash in said_of for claim in (clash.one, clash.other)}
    dated = graph.view.as_of is not None
    times = claim_periods(claims.values(), graph.index.kinds, Published(graph.index)) if dated else {}
    naming = None if about is None else _naming(graph, about)
    kept: dict[frozenset[Term], Conflict] = {}
    for conflict in sorted(found, key=lambda c: KINDS.index(c.kind)):
        if between and len({claim.document for side in conflict.sides for claim in side.claims}) < 2:
            continue
        key = conflict.key
        if naming is not None and not key & naming:
            continue
        if key not in kept and _concerns(conflict, graph.view, times):
            kept[key] = _noted(conflict, graph)
    ordered = sorted(kept.items(), key=lambda item: (KINDS.index(item[1].kind), sorted(item[0])))
    return Conflicts(graph, (conflict for _key, conflict in ordered))


def _naming(graph: Graph, about: Term) -> set[Term]:
    """The claims that name a thing, or one that pertains to it."""
    pertaining = graph.rows(f"SELECT DISTINCT ?one WHERE {{ ?one {kg('pertainsTo')} {about} }}")
    return {claim.iri for claim in graph.index.claims_naming(about, *(row[0] for row in pertaining if row[0]))}


def _concerns(conflict: Conflict, view: View, times: Mapping[Term, Period]) -> bool:
    """Whether the sides of a conflict are about the view's date; those of a rule were compared with it before."""
    if conflict.kind == "rule" or view.as_of is None:
        return True
    sides = [any(view.takes(times[claim.iri]) for claim in side.claims) for side in conflict.sides]
    return any(sides) if conflict.kind == "date" else all(sides)


def _side(grounds: SupportFinder, triple: Triple) -> Side:
    proof = grounds.proof(triple)
    leaves = proof.leaves() if proof else frozenset([triple])
    claims = {claim.iri: claim for leaf in leaves for claim in grounds.facts.stating(leaf)}
    return Side(grounds.words(triple), tuple(claims[iri] for iri in sorted(claims)), proof)


# -- by the false rules


def _by_rules(graph: Graph) -> Iterator[Conflict]:
    found = list(graph.index.refutations())
    if not found:
        return
    # What is contested must be in for the rules to see both sides of it.
    graph = graph.in_view(
        replace(graph.view, accept="attributed" if graph.view.accept == "facts" else graph.view.accept)
    )
    grounds, facts = SupportFinder.of(graph), graph.facts
    facts.look_up(key for _rule, keys in found for key in keys)
    for rule, keys in found:
        if not all(facts.row(key) for key in keys):
            continue
        triples = graph.index.triples(keys)
        premises = [triples[key] for key in keys]
        data = [premise for premise in premises if not grounds.is_schema(premise)]
        if not all(map(facts.holds, data)) or (len(data) == 2 and not _meet(facts, *data)):
            continue
        axioms = [premise for premise in premises if premise not in data]
        why = " and ".join(grounds.words(axiom) for axiom in axioms) or rule
        yield Conflict("rule", f"{why} ({rule})", tuple(_side(grounds, premise) for premise in data))


def _meet(facts: Facts, one: Triple, other: Triple) -> bool:
    """Whether two triples ever certainly hold at one time, at the view's date if it has one.

    Statuses that follow one another do not conflict.
    """
    for first in facts.periods(one):
        for second in facts.periods(other):
            both = first.intersect(second)
            if both and facts.view.takes(both) and (both.latest_begin or "") <= (both.earliest_end or DUSK):
                return True
    return False


# -- by what the project knows of claims


def _told(clash: Clash, graph: Graph) -> Conflict:
    one, other = clash.one, clash.other
    if clash.kind == "linked":
        why = _LINKED.get(local_name(clash.about[0]), local_name(clash.about[0]))
        return Conflict("linked", why, (Side(one.gloss, (one,)), Side(other.gloss, (other,))))
    if clash.kind == "figure":
        first, second = map(graph.label, clash.about)
        return Conflict("figure", "One quantity, two numbers", (Side(first, (one,)), Side(second, (other,))))
    if clash.kind == "date":
        text = graph.label.sentence(clash.about)
        return Conflict("date", f"One proposition, two times: {text}", (_dated(one), _dated(other)))
    text = " and ".join(map(graph.label.sentence, one.content))
    return Conflict(
        "polarity", "One affirms what the other denies", (Side(text, (one,)), Side(f"not: {text}", (other,)))
    )


def _dated(claim: Claim) -> Side:
    return Side(f"{claim.times.on or claim.times.begins}", (claim,))


def _noted(conflict: Conflict, graph: Graph) -> Conflict:
    """The conflict with the note of a link between its sides."""
    pairs = combinations([side.claims for side in conflict.sides], 2)
    for one, other in pairs:
        for first in one:
            for second in other:
                if link := graph.index.link_between(first.iri, second.iri):
                    dissolved = local_name(link.dissolved_by) if link.dissolved_by else ""
                    return replace(conflict, dissolved=dissolved, note=link.why)
    return conflict
