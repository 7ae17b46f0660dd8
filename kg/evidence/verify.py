"""``verify``: the verdict of the graph on a statement, with its evidence.

``explain``, ``why-not`` and ``verify`` share these verdicts. A verdict is that of a view; with a date, of that date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from kg.dates import DAWN, DUSK, Period, Span
from kg.evidence.triple_support import SupportFinder
from kg.graph.difference import periods_of_claims
from kg.model import AFFIRMED, DENIED, FACT, RECOMMENDATION, Claim, Term, Triple
from kg.periods import mark_of
from kg.status import status_of
from kg.timeline.dates_in_words import in_words, periods_in_words
from kg.vocab import OWL, RDF, RDFS, iri, kg

if TYPE_CHECKING:
    from kg.graph.store import Graph


class StatementVerdict(StrEnum):
    """How a statement stands. Only the first two support it as it is made."""

    STATED = "stated"  # an author affirms it as a fact
    INFERRED = "inferred"  # it follows from what authors affirm as facts
    POSSIBLE = "possible then"  # it holds at some time, which may include the date
    UNDATED = "undated"  # it holds at some time, and nothing dates it on the date's side
    CONTESTED = "contested"  # a document affirms it, and another denies or disputes it
    DENIED = "denied"  # somebody says that it is not so, and nobody that it is
    NEGATED = "negated fact"  # an author says as a fact that it is not so, and nobody that it is
    RULED_OUT = "ruled out"  # what holds excludes it: a rule, a complete list, or its period
    ATTRIBUTED = "attributed"  # others than the author put it forward as a fact
    ALLEGED = "alleged"
    PLANNED = "planned"
    PREDICTED = "predicted"
    PREDICTED_NOT = "predicted not"
    RECOMMENDED = "recommended"
    JUDGED = "judged"  # an evaluation
    JUDGED_NOT = "judged not"
    REFUSED = "refused"  # somebody refuses to do it
    DEMANDED_NOT = "demand not to act"  # somebody advises against it
    NOT_STATED = "not stated"  # no claim says it or denies it


#: The modalities of what nobody puts forward as a fact; the verdict is that of the first that is found.
_MODALITIES = tuple(
    kg(name) for name in ("Allegation", "Plan", "Prediction", "Recommendation", "Evaluation", "Refusal")
)
SUPPORTED = (StatementVerdict.STATED, StatementVerdict.INFERRED)
#: The verdicts of what holds at some time, and not certainly at the view's date, by its mark.
_AT_A_DATE = {
    "possible": StatementVerdict.POSSIBLE,
    "undated": StatementVerdict.UNDATED,
    "": StatementVerdict.RULED_OUT,
}
#: How many statements that come near are named.
_NEAR = 5
_COMPLETE = kg("listComplete")
#: Of a kind of triple by its predicate (None: by the property itself), what says that two exclude one another.
_DISJOINT = {iri(RDF + "type"): iri(OWL + "disjointWith"), None: iri(OWL + "propertyDisjointWith")}


class CitedSentence(StrEnum):
    """What a cited sentence says of a statement."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    SILENT = "does not mention"


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on a statement: by whom, the claims that it rests on, other reasons, and what comes near.

    ``by`` are those who put it forward or deny it, where that is not the author. ``when`` says when it holds, of a
    view with a date, and what leaves that open. ``citation`` is what the cited sentence says, where one is cited.
    """

    graph: Graph
    triple: Triple
    verdict: StatementVerdict
    by: tuple[Term, ...] = ()
    claims: tuple[Claim, ...] = ()
    reasons: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    citation: CitedSentence | None = None

    @property
    def supported(self) -> bool:
        """Whether the statement stands as it is made, and the sentence cited for it says so too."""
        return self.verdict in SUPPORTED and self.citation in (None, CitedSentence.SUPPORTS)

    @property
    def words(self) -> str:
        """The statement in labels."""
        return self.graph.label.sentence(self.triple)

    @property
    def summary(self) -> str:
        """The verdict in a few words, with those who say it or deny it."""
        return f"{self.verdict} by {', '.join(map(self.graph.label, self.by))}" if self.by else str(self.verdict)

    def lines(self) -> list[str]:
        """The verdict and its evidence as text."""
        cited = f"; the cited sentence {self.citation} it" if self.citation else ""
        grounds = SupportFinder.of(self.graph)
        lines = [f"{self.summary}: {self.words}{cited}"]
        lines += [f"    {grounds.claim_reference(claim).line}" for claim in self.claims]
        lines += [f"    {reason}" for reason in (*self.reasons, *self.when)]
        return lines + [f"    near it: {line}" for line in self.near]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def as_json(self) -> dict[str, Any]:
        """The verdict as data."""
        return {
            "triple": list(self.triple),
            "text": self.words,
            "verdict": str(self.verdict),
            "by": [term.strip("<>") for term in self.by],
            "claims": [claim.iri.strip("<>") for claim in self.claims],
            "reasons": list(self.reasons),
            "near": list(self.near),
            "when": list(self.when),
            "citation": None if self.citation is None else str(self.citation),
            "supported": self.supported,
        }


def verify(graph: Graph, triple: Triple, cited: tuple[str, str] | None = None) -> Verification:
    """The verdict on a triple in a graph's view, as of the view's date if it has one.

    ``cited`` is a document's slug and a place in it, of which is said what it says of the statement.
    """
    found = _verdict(graph, triple)
    if cited is not None:
        found = replace(found, citation=_citation(found, *cited))
    return found


def _verdict(graph: Graph, triple: Triple) -> Verification:
    timeless = graph if graph.view.as_of is None else graph.in_view(graph.view.timeless())
    claims = _speaking(graph, triple)
    if timeless.facts.holds(triple):
        return _held(graph, timeless, triple)
    if opposed := _contested(graph, claims):
        return Verification(graph, triple, StatementVerdict.CONTESTED, (), tuple(opposed))
    if denials := [c for c in _bearing(graph, triple, claims) if c.polarity == DENIED and c.modality == FACT]:
        affirmed = [claim for claim in claims if claim.polarity == AFFIRMED and claim.modality == FACT]
        if not affirmed and not all(claim.holders for claim in denials):
            return Verification(graph, triple, StatementVerdict.NEGATED, (), tuple(denials))
        verdict = StatementVerdict.CONTESTED if affirmed else StatementVerdict.DENIED
        return Verification(graph, triple, verdict, _holders(denials), (*denials, *affirmed))
    if excluded := list(_ruled_out(graph, triple)):
        return Verification(graph, triple, StatementVerdict.RULED_OUT, (), tuple(claims), tuple(excluded))
    affirmed = [claim for claim in claims if claim.polarity == AFFIRMED]
    if facts := [claim for claim in affirmed if claim.modality == FACT]:
        return Verification(graph, triple, StatementVerdict.ATTRIBUTED, _holders(facts), tuple(facts))
    # To advise against something is not to say that it is not so, nor is to refuse it to say that it is.
    denials = [claim for claim in claims if claim.polarity == DENIED and claim.modality != RECOMMENDATION]
    if denials and any(claim.modality != kg("Refusal") for claim in affirmed):
        return Verification(graph, triple, StatementVerdict.CONTESTED, _holders(denials), (*denials, *affirmed))
    if any(claim.holders for claim in denials):
        return Verification(graph, triple, StatementVerdict.DENIED, _holders(denials), tuple(denials))
    against = [claim for claim in claims if claim.polarity == DENIED and claim not in denials]
    for some in (denials, affirmed, against):
        for modality in _MODALITIES:
            if said := [claim for claim in some if claim.modality == modality]:
                return Verification(graph, triple, _word(said[0]), _holders(said), tuple(said))
    return _in_wider_views(graph, timeless, triple)


def _word(claim: Claim) -> StatementVerdict:
    """The verdict that has the word for how a claim is put."""
    return StatementVerdict(status_of(claim.modality, claim.polarity, held=bool(claim.holders)))


def _held(graph: Graph, timeless: Graph, triple: Triple) -> Verification:
    """The verdict on a fact that holds at some time: at the view's date, possibly then, undated, or ruled out."""
    facts = timeless.facts
    stated = facts.is_stated(triple)
    verdict = StatementVerdict.STATED if stated else StatementVerdict.INFERRED
    claims = tuple(facts.stating(triple) if stated else facts.support(triple) or ())
    # What ontology and entities say is no claim of anybody's.
    reasons = () if claims else tuple(r.line for r in SupportFinder.of(timeless).ground(triple).references)
    when = graph.view.as_of
    if when is None:
        return Verification(graph, triple, verdict, _holders(claims) if stated else (), claims, reasons)
    periods = facts.periods(triple)
    verdict = _AT_A_DATE.get(mark_of(periods, when), verdict)
    told = periods_in_words(periods, graph.index.kinds.get(triple[1], "BoundedState"), graph.language)
    opened = () if verdict in SUPPORTED else _left_open(periods, when)
    dated = (f"when: {told or 'nothing dates it'}", *opened)
    return Verification(graph, triple, verdict, (), claims, reasons, when=dated)


def _left_open(periods: Iterable[Period], when: Span) -> tuple[str, ...]:
    """Why it is open whether something held in a span of days: an uncertain beginning or end, or none at all."""
    found = []
    for period in periods:
        if not period.mark_in(when):
            continue
        if period.doubtful:
            found.append("it is open whether all that it follows from held at the same time")
        if (when.last or DUSK) < (period.latest_begin or DAWN):
            known = in_words(Span(period.earliest_begin, period.latest_begin)) if period.earliest_begin else ""
            found.append(f"its beginning is open: {known}" if known else "nothing bounds its beginning")
        if period.earliest_end and (when.first or DAWN) > period.earliest_end:
            known = in_words(Span(period.earliest_end, period.latest_end)) if period.latest_end else ""
            found.append(f"its end is open: {known}" if known else "nothing bounds its end")
    return tuple(dict.fromkeys(found))


def _holders(claims: tuple[Claim, ...] | list[Claim]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(holder for claim in claims for holder in claim.holders))


def _contested(graph: Graph, claims: list[Claim]) -> list[Claim]:
    """Claims of facts that others contest, with those; empty where none is contested."""
    facts = {claim.iri: claim for claim in claims if claim.polarity == AFFIRMED and claim.modality == FACT}
    against = {
        other.iri: other
        for clash in graph.index.clashes(graph.facts.believed)
        if clash.kind in ("polarity", "linked") and {clash.one.iri, clash.other.iri} & facts.keys()
        for other in (clash.one, clash.other)
    }
    taken = {name for name in facts if graph.facts.takes(name)}
    return list((facts | against).values()) if against and not taken else []


def _bearing(graph: Graph, triple: Triple, claims: list[Claim]) -> Iterator[Claim]:
    """The claims that state a triple, and those that state what would follow from it by a wider property."""
    yield from claims
    subject, predicate, value = triple
    for wider in _related(graph, predicate, up=True):
        yield from _speaking(graph, (subject, wider, value))


def _speaking(graph: Graph, triple: Triple) -> list[Claim]:
    """The claims of believed documents that state a triple, or deny it, of a time that the view's date allows."""
    claims = [c for c in graph.index.claims_stating(triple) if c.document in graph.facts.believed and not c.retracted]
    when = graph.view.as_of
    periods = periods_of_claims(graph.facts, claims) if when else {}
    return [claim for claim in claims if when is None or periods[claim.iri].mark_in(when)]


def _related(graph: Graph, predicate: Term, *, up: bool) -> list[Term]:
    """The properties that a property implies (``up``), or that imply it, by the ontology's rdfs:subPropertyOf."""
    edges: dict[Term, set[Term]] = {}
    for s, _p, o in graph.index.given_with([iri(RDFS + "subPropertyOf")], "ontology"):
        edges.setdefault(s if up else o, set()).add(o if up else s)
    found: dict[Term, None] = {}
    left = [predicate]
    while left:
        for other in sorted(edges.get(left.pop(), ())):
            if other not in found and other != predicate:
                found[other] = None
                left.append(other)
    return list(found)


def excluding(graph: Graph, triple: Triple) -> list[Triple]:
    """The facts of a view that exclude a triple: by a property or a class disjoint with its own."""
    subject, predicate, value = triple
    typed = predicate in _DISJOINT
    axiom, own = _DISJOINT[predicate if typed else None], value if typed else predicate
    disjoint = {(s, o) for s, _p, o in graph.index.given_with([axiom], "ontology")}
    others = {o for s, o in disjoint if s == own} | {s for s, o in disjoint if o == own}
    found = [(subject, predicate, other) if typed else (subject, other, value) for other in sorted(others)]
    return [other for other in found if graph.facts.holds(other)]


def _ruled_out(graph: Graph, triple: Triple) -> Iterator[str]:
    """The reasons that certainly exclude a triple at the view's date: disjoint facts, complete lists without it."""
    grounds, facts = SupportFinder.of(graph), graph.facts
    for other in excluding(graph, triple):
        if facts.mark(other) != "certain":
            continue
        yield f"it is excluded by: {grounds.words(other)}"
        yield from (reference.line for reference in grounds.ground(other).references)
    subject, predicate, value = triple
    for claim in graph.index.claims_naming(value):
        listed = {s for s, p, o in claim.content if (p, o) == (predicate, value)}
        complete = any((p, o) == (_COMPLETE, value) for _s, p, o in claim.metadata)
        certain = facts.takes(claim.iri) and facts.mark((claim.iri, _COMPLETE, value)) == "certain"
        if complete and listed and subject not in listed and certain:
            yield f"a complete list is without it: {grounds.claim_reference(claim).line}"


def _in_wider_views(graph: Graph, timeless: Graph, triple: Triple) -> Verification:
    """The verdict of wider views: contested, attributed, planned and so on; else not stated, with similar facts."""
    for accept, view in timeless.view.wider.items():
        facts = graph.in_view(view).facts
        if facts.holds(triple):
            claims = tuple(facts.support(triple) or ())
            beyond = tuple(claim for claim in claims if not timeless.facts.takes(claim.iri))
            verdict = StatementVerdict.CONTESTED if accept == "contested" else StatementVerdict.ATTRIBUTED
            modal = [_word(claim) for claim in beyond if claim.modality in _MODALITIES]
            return Verification(
                graph,
                triple,
                modal[0] if accept == "affirmed" and modal else verdict,
                _holders(beyond),
                beyond or claims,
                ("it follows by a rule from these and others",),
            )
    return _by_narrower(graph, triple) or Verification(
        graph, triple, StatementVerdict.NOT_STATED, near=tuple(_near(timeless, triple))
    )


def _by_narrower(graph: Graph, triple: Triple) -> Verification | None:
    """Statements about an act that would bring a state about (joining, of membership): denied, refused and so on."""
    subject, predicate, value = triple
    for narrower in _related(graph, predicate, up=False):
        act = (subject, narrower, value)
        found = _verdict(graph, act) if graph.index.claims_stating(act) else None
        if found is not None and found.verdict is not StatementVerdict.NOT_STATED:
            of = f"these claims speak of what would make it so: {graph.label.sentence(act)}"
            return replace(found, triple=triple, reasons=(of, *found.reasons))
    return None


def _near(graph: Graph, triple: Triple) -> Iterator[str]:
    """Claims about both ends, and facts with one of the three terms changed, the most similar first."""
    subject, predicate, value = triple
    grounds = SupportFinder.of(graph)
    both = [claim for claim in graph.index.claims_naming(subject) if _names(claim, value)]
    said_so = {claim.iri: {(s, p, o) for s, p, o in claim.content} for claim in both}
    both.sort(key=lambda claim: not any((s, o) == (subject, value) for s, _p, o in said_so[claim.iri]))
    both.sort(key=lambda claim: not any((s, p) == (subject, predicate) for s, p, _o in said_so[claim.iri]))
    facts = [fact for fact in graph.facts.all(value) if fact[2] == value and fact[1] == predicate]
    facts += [fact for fact in graph.facts.all(subject) if fact[0] == subject and fact[1] == predicate]
    said = [grounds.claim_reference(claim).line for claim in both]
    yield from list(dict.fromkeys([*said[:_NEAR], *map(grounds.words, facts)]))[: 2 * _NEAR]


def _names(claim: Claim, term: Term) -> bool:
    return any(term in (s, o) for s, _p, o in (*claim.content, *claim.metadata))


def _citation(found: Verification, document: str, place: str) -> CitedSentence:
    """What the sentence at a place says of the statement: by the claims that the mapping has of it."""
    here = {claim.iri for claim in found.graph.index.claims_of(document) if place in claim.passages}
    stating = [c for c in found.graph.index.claims_stating(found.triple) if c.iri in here]
    if any(claim.polarity == DENIED for claim in stating):
        return CitedSentence.CONTRADICTS
    rests = {claim.iri for claim in found.claims}
    if stating or (found.verdict in SUPPORTED and rests & here):
        return CitedSentence.SUPPORTS
    against = found.verdict in (StatementVerdict.DENIED, StatementVerdict.NEGATED, StatementVerdict.CONTESTED)
    return CitedSentence.CONTRADICTS if against and rests & here else CitedSentence.SILENT
