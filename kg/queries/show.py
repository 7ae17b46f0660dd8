"""Everything about one thing: what it is, the facts of the view with when and by whom, claims that are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.errors import counted
from kg.evidence.triple_support import SupportFinder
from kg.graph.index_schema import term_key
from kg.harmless import preformatted
from kg.labels import shorten
from kg.model import AFFIRMED, FACT, Claim, Term, Triple, is_literal, text_of
from kg.queries.entities import find_partly
from kg.status import mode
from kg.timeline.dated_facts import facts_about, sources
from kg.timeline.dates_in_words import date_in_words, periods_in_words
from kg.vocab import OWL, RDF, RDFS, SKOS, iri, kg

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.timeline.dated_facts import Fact

_TYPE, _LABEL, _ALT = iri(RDF + "type"), iri(RDFS + "label"), iri(SKOS + "altLabel")
_DEFINITION, _CODE, _PERTAINS = iri(SKOS + "definition"), kg("iso3166"), kg("pertainsTo")
_ABOUT, _PUBLISHED, _CLASS = kg("about"), kg("published"), iri(OWL + "Class")
#: Groups of facts, facts of a group, and claims that are shown unless everything is asked for.
_GROUPS, _OF_A_GROUP, _MENTIONS = 15, 5, 20
#: Why a view does not take a claim, where the status of the claim does not tell.
_APART = ("contested", "retracted", "not believed")

#: Which actors `kg coverage` measures: nothing that a document says.
_MEASURED = kg("mainActor")


@dataclass(frozen=True, slots=True)
class Mention:
    """A claim that speaks of the thing, and why the view does not take it as a fact; empty where it does.

    ``through`` is what it speaks of instead, where that pertains to the thing: an organ, a matter, an event.
    """

    claim: Claim
    why: str
    through: Term = ""


@dataclass(frozen=True, repr=False)
class Description:
    """What a graph's view says about a term.

    ``names`` are its labels by language (``alt`` and ``code`` for other names and codes); ``described`` what
    ontology, entities and documents say of it beside; ``facts`` the facts of the view about it, the restatements
    of others left out and counted; ``mentions`` the claims about it that are no facts of the view; ``near`` the
    facts that are about it without naming it, and the claims, facts or not, on what pertains to it.
    """

    graph: Graph
    term: Term
    names: dict[str, list[str]]
    types: tuple[Term, ...]
    definition: str
    described: tuple[Triple, ...]
    facts: tuple[Fact, ...]
    restatements: int
    mentions: tuple[Mention, ...]
    near: tuple[Mention, ...] = ()

    def __str__(self) -> str:
        """The description as text: the most telling facts and claims, and how many more there are."""
        return self.text()

    def text(self, *, everything: bool = False) -> str:
        """The description as text, with ``everything`` however long it is."""
        return "\n".join(_lines(self, everything)) + "\n"

    @property
    def short(self) -> str:
        """The short name of the term."""
        return shorten(self.term, self.graph.project.prefixes)

    def __repr__(self) -> str:
        return f"<kg description: {self.graph.label(self.term)}, {len(self.facts)} facts>"

    def _repr_html_(self) -> str:
        """The description as notebooks show it."""
        return preformatted(str(self))

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "term": self.term.strip("<>"),
            "view": self.graph.describe_view(),
            "version": self.graph.version,
            "names": self.names,
            "types": [term.strip("<>") for term in self.types],
            "definition": self.definition,
            "described": [list(triple) for triple in self.described],
            "facts": [
                {
                    "triple": list(fact.triple),
                    "inferred": fact.inferred,
                    "periods": [list(period.known_bounds) for period in fact.periods],
                    "claims": [claim.iri.strip("<>") for claim in fact.claims],
                    **({"certainty": self.graph.facts.mark(fact.triple)} if self.graph.view.as_of else {}),
                }
                for fact in self.facts
            ],
            "claims": [_mention_json(m) for m in self.mentions],
            "near": [{**_mention_json(m), "through": m.through.strip("<>")} for m in self.near],
        }


def show(graph: Graph, text: str) -> Description:
    """Everything about the entity, class, property, document or claim that a text names.

    Raises UsageError (KG655, KG656) when nothing, or several things, are so named.
    """
    term, _partly = find_partly(graph, text)
    facts, left_out = facts_about(graph, term)
    spoken_of = _described(graph, term)
    return Description(
        graph,
        term,
        dict(graph.label.names.get(term, {})),
        tuple(o for _s, p, o in spoken_of if p == _TYPE),
        next((text_of(o) for _s, p, o in spoken_of if p == _DEFINITION), ""),
        tuple(t for t in spoken_of if t[1] not in (_TYPE, _LABEL, _ALT, _DEFINITION, _CODE)),
        tuple(facts),
        left_out,
        tuple(_mentions(graph, term)),
        tuple(_near(graph, term)),
    )


def why_no_fact(graph: Graph, claim: Claim) -> str:
    """Why a view does not take a claim as a fact, in a few words; empty when it does."""
    if claim.retracted:
        return "retracted"
    if graph.facts.takes(claim.iri):
        return ""
    if claim.document not in graph.facts.believed:
        return "not believed"
    reasons = []
    if claim.polarity != AFFIRMED or claim.modality != FACT:
        reasons.append(mode(claim))
    if claim.holders:
        reasons.append(f"says {', '.join(map(graph.label, claim.holders))}")
    return ", ".join(reasons) or "contested"


def _described(graph: Graph, term: Term) -> list[Triple]:
    index = graph.index
    found = [*index.given_about(term, "entities"), *index.given_about(term, "ontology")]
    start = graph.project.iri("document", "")[:-1]
    if term.startswith(start) and term[len(start) : -1] in index.documents:
        found += index.document(term[len(start) : -1]).description
    if claim := index.claim(term):
        found += [*claim.metadata, *claim.content]
    return [triple for triple in found if triple[1] != _MEASURED]


def _mentions(graph: Graph, term: Term) -> Iterator[Mention]:
    for claim in _naming(graph, term):
        if why := why_no_fact(graph, claim):
            yield Mention(claim, why)


def _near(graph: Graph, term: Term) -> Iterator[Mention]:
    """The claims that facts about a term do not show: on what pertains to it, or about it beside their content."""
    pertaining = {row[0] for row in graph.rows(f"SELECT DISTINCT ?one WHERE {{ ?one {_PERTAINS} {term} }}")}
    for claim in _naming(graph, term, *filter(None, pertaining)):
        why = why_no_fact(graph, claim)
        spoken = {part for triple in claim.content for part in triple} | {o for _s, _p, o in claim.metadata}
        if term not in spoken:
            yield Mention(claim, why, min(filter(None, pertaining & spoken)))
        elif not why and any(term in triple for triple in claim.content):
            beside = {part for triple in claim.content if term not in triple for part in triple}
            if found := pertaining & beside:
                yield Mention(claim, why, min(filter(None, found)))
        elif not why and any(p == _ABOUT and o == term for _s, p, o in claim.metadata):
            yield Mention(claim, why)


def _naming(graph: Graph, *terms: Term) -> list[Claim]:
    """The claims that name some terms; whether the view takes them is looked up for all at once."""
    found = graph.index.claims_naming(*terms)
    graph.facts.take(term_key(claim.iri) for claim in found)
    return found


def _mention_json(mention: Mention) -> dict[str, str]:
    claim = mention.claim
    return {"claim": claim.iri.strip("<>"), "gloss": claim.gloss, "document": claim.document, "why": mention.why}


# -- as text


def _lines(d: Description, everything: bool) -> Iterator[str]:
    graph = d.graph
    yield f"{graph.label(d.term)}  {d.short}"
    kinds = ", ".join(graph.label(kind) for kind in d.types)
    if kinds:
        yield f"  {kinds}"
    if d.definition:
        yield f"  {d.definition}"
    shown = [f"{name} ({tag})" for tag, names in d.names.items() for name in names if tag not in ("alt", "code")]
    if shown:
        yield f"  called: {'; '.join(shown)}"
    for kind, word in (("alt", "also"), ("code", "code")):
        if d.names.get(kind):
            # One name may stand in several languages.
            yield f"  {word}: {'; '.join(dict.fromkeys(d.names[kind]))}"
    for _s, p, o in d.described:
        told = text_of(o) if is_literal(o) else graph.label(o)
        yield f"  {graph.label(p)}: {date_in_words(told, graph.language) if p == _PUBLISHED else told}"
    yield from _instance_line(d)
    yield from _fact_lines(d, everything)
    heads = ("claims that are no facts in this view:", "claims on it and on what pertains to it:")
    for head, mentions in zip(heads, (d.mentions, d.near), strict=True):
        if mentions:
            yield ""
            yield head
            for mention in mentions if everything else mentions[:_MENTIONS]:
                line = SupportFinder.of(graph).claim_reference(mention.claim).line
                # The status of the claim tells the other reasons.
                apart = f"  ({mention.why})" if mention.why in _APART else ""
                through = f"  by {graph.label(mention.through)}" if mention.through else ""
                yield f"  {line}{apart}{through}"
            if len(mentions) > _MENTIONS and not everything:
                yield f"  … and {counted(len(mentions) - _MENTIONS, 'more claim')}: `kg query mentions {d.short}`"
    yield ""
    yield f"view: {graph.describe_view()}; graph {graph.version}"


def _instance_line(d: Description) -> Iterator[str]:
    """Of a class, how many instances it has in the view, and the command that lists them."""
    if _CLASS in d.types:
        count = sum(1 for _row in d.graph.rows(f"SELECT DISTINCT ?one WHERE {{ ?one a {d.term} }}"))
        command = f": `kg sparql 'SELECT ?one WHERE {{ ?one a {d.short} }}'`" if count else ""
        yield f"  {counted(count, 'instance')} in this view{command}"


def _fact_lines(d: Description, everything: bool) -> Iterator[str]:
    """The facts by property: those first that authors state, of things, and on which most documents agree."""
    yield ""
    if not d.facts:
        yield "no facts in this view"
        return
    yield "facts:"
    groups: dict[str, list[Fact]] = {}
    for fact in d.facts:
        groups.setdefault(_heading(d, fact), []).append(fact)
    ordered = sorted(groups.items(), key=lambda item: _telling(item[1]))
    left = len(d.facts)
    for heading, group in ordered if everything else ordered[:_GROUPS]:
        shown = group if everything else group[:_OF_A_GROUP]
        left -= len(shown)
        yield f"  {heading}"
        yield from (_fact_line(d, fact) for fact in shown)
    if left:
        yield f"  … and {counted(left, 'more fact')}: `kg show {d.short} --all`"
    if d.restatements:
        yield f"  ({d.restatements} more only restate these in wider terms)"


def _heading(d: Description, fact: Fact) -> str:
    """The property of a fact and the end that the thing is at: ``is a member of …``, ``… is a member of NATO``."""
    subject, predicate, value = fact.triple
    verb, label = d.graph.label(predicate), d.graph.label
    if d.term not in (subject, value):
        return f"… {verb} …"
    colon = ":" if d.graph.language.startswith("sr") and predicate != _TYPE else ""
    return f"{verb}{colon} …" if subject == d.term else f"… {verb}{colon} {label(value)}"


def _telling(group: list[Fact]) -> tuple[bool, bool, int, int]:
    documents = {claim.document for fact in group for claim in fact.claims}
    values = all(is_literal(fact.triple[2]) for fact in group)
    return (all(fact.inferred for fact in group), values, -len(documents), -len(group))


def _fact_line(d: Description, fact: Fact) -> str:
    subject, _predicate, value = fact.triple
    label = d.graph.label
    if d.term in (subject, value):
        said = label(value if subject == d.term else subject)
    else:
        said = label.sentence(fact.triple)
    when = periods_in_words(fact.periods, fact.kind, d.graph.language)
    sure = f"{d.graph.facts.mark(fact.triple)}; " if d.graph.view.as_of else ""
    how = sure + ("inferred from " if fact.inferred else "")
    return f"    {said}{f', {when}' if when else ''}{fact.hedged}  [{how}{', '.join(sources(fact.claims))}]"
