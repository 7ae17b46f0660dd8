"""What differs between two states of a graph: terms, entities, claims; then facts and answers that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.corpus.describe import SKOLEM, Description, descriptions, kind_of
from kg.corpus.read import Corpus
from kg.dates import Period
from kg.extend.answers import AnswerChange, answer_changes
from kg.extend.renames import renamed_terms, replace
from kg.extend.state import State
from kg.model import Claim, Term, Triple

__all__ = ["AnswerChange", "ClaimChange", "Difference", "FactChange", "TermChange", "compare"]


@dataclass(frozen=True, slots=True)
class TermChange:
    """A term of the ontology, an entity or a document: ``added``, ``removed``, ``changed`` or ``renamed``.

    ``gone`` and ``new`` are what was and what is now said of it, where it is on both sides; ``former`` is the old
    name of a renamed one. ``kind`` is class, property, individual, axiom, entity or document.
    """

    change: str
    kind: str
    term: Term
    gone: tuple[tuple[Term, str], ...] = ()
    new: tuple[tuple[Term, str], ...] = ()
    former: Term = ""


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """A claim ``added``, ``removed``, ``changed`` or ``renamed``; ``fields`` names what of it changed."""

    change: str
    before: Claim | None
    after: Claim | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that holds now (``gained``), or held and does not (``lost``), or holds at other times (``redated``).

    ``rests_on`` is what its proof leads to, after or before, a line each, or the two times; ``stated`` is whether a
    claim says it.
    """

    change: str
    triple: Triple
    stated: bool
    rests_on: tuple[str, ...] = ()


@dataclass
class Difference:
    """All that differs between two states; false when nothing does."""

    old: State
    new: State
    names: dict[Term, Term] = field(default_factory=dict)
    terms: list[TermChange] = field(default_factory=list)
    rules: list[tuple[str, str]] = field(default_factory=list)
    claims: list[ClaimChange] = field(default_factory=list)
    facts: list[FactChange] = field(default_factory=list)
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    answers: list[AnswerChange] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.terms, self.rules, self.claims, self.facts, self.conflicts, self.answers))


def compare(old: State, new: State) -> Difference:
    """What differs between two states of a graph. Terms that were renamed count as the same."""
    found = Difference(old, new)
    new.follows = old
    _compare_terms(found)
    _compare_rules(found)
    found.claims = _claim_changes(old.read.claims, new.read.claims, found.names)
    if found:
        # Without a difference in what is said there is none in what follows.
        _compare_facts(found)
        _compare_conflicts(found)
    if found or old.saved != new.saved:
        found.answers = answer_changes(old, new, found.names)
    return found


def renamed_triple(triple: Triple, names: Mapping[Term, Term]) -> Triple:
    """A triple with the new names for the old."""
    if not names:
        return triple
    s, p, o = triple
    return (names.get(s, s), names.get(p, p), names.get(o, o))


# -- terms, entities, documents


def _compare_terms(found: Difference) -> None:
    old, new = found.old.read, found.new.read
    said = {
        "term": (descriptions(old.ontology), descriptions(new.ontology)),
        "entity": (descriptions(old.entities), descriptions(new.entities)),
    }
    for before, after in said.values():
        removed = {term: about for term, about in before.items() if term not in after}
        added = {term: about for term, about in after.items() if term not in before}
        if removed and added:
            found.names |= renamed_terms(removed, added, _triples(found.old), _triples(found.new))
    for kind, (before, after) in said.items():
        found.terms += _term_changes(kind, before, after, found.names)
    found.terms += _term_changes("document", _documents(old), _documents(new), found.names)


def _documents(corpus: Corpus) -> dict[Term, Description]:
    return {d.iri: frozenset((p, o) for _s, p, o in d.description) for d in corpus.documents.values()}


def _triples(state: State) -> list[Triple]:
    corpus = state.read
    stated = (triple for claim in corpus.claims.values() for triple in claim.content)
    return [*corpus.ontology, *corpus.entities, *stated]


def _term_changes(
    kind: str, before: Mapping[Term, Description], after: Mapping[Term, Description], names: Mapping[Term, Term]
) -> list[TermChange]:
    def kind_word(said: Description) -> str:
        return kind_of(said) if kind == "term" else kind

    changes = []
    former = {names.get(term, term): term for term in before}
    for term in sorted({*former, *after}):
        if term not in after:
            changes.append(TermChange("removed", kind_word(before[former[term]]), term))
            continue
        now = after[term]
        if term not in former:
            changes.append(TermChange("added", kind_word(now), term))
            continue
        was = frozenset((replace(p, names), replace(o, names)) for p, o in before[former[term]])
        other_name = former[term] if former[term] != term else ""
        if was != now or other_name:
            change = "renamed" if other_name else "changed"
            gone, new = tuple(sorted(was - now)), tuple(sorted(now - was))
            changes.append(TermChange(change, kind_word(now), term, gone, new, other_name))
    return changes


def _compare_rules(found: Difference) -> None:
    before = {rule.name: rule for rule in found.old.rules}
    after = {rule.name: rule for rule in found.new.rules}
    for name in sorted({*before, *after}):
        if name not in after:
            found.rules.append(("removed", name))
        elif name not in before:
            found.rules.append(("added", name))
        elif (before[name].clauses, before[name].summary) != (after[name].clauses, after[name].summary):
            found.rules.append(("changed", name))


# -- claims

#: What a claim is compared by, in the words of reports.
_FIELDS = {
    "content": "content",
    "passages": "passage",
    "modality": "modality",
    "polarity": "polarity",
    "holders": "holder",
    "reporters": "reporter",
    "times": "time",
    "gloss": "gloss",
    "retracted": "retraction",
}


def _claim_changes(
    old: Mapping[Term, Claim], new: Mapping[Term, Claim], names: Mapping[Term, Term]
) -> list[ClaimChange]:
    changes: list[ClaimChange] = []
    removed, added = {t: c for t, c in old.items() if t not in new}, {t: c for t, c in new.items() if t not in old}
    unnamed = {_key(claim, {}): claim for claim in added.values()}
    for claim in removed.values():
        twin = unnamed.pop(_key(claim, names), None)
        changes.append(ClaimChange("renamed" if twin else "removed", claim, twin))
        if twin:
            del added[twin.iri]
    changes += [ClaimChange("added", None, claim) for claim in added.values()]
    for term, after in new.items():
        before = old.get(term)
        if before is None or before is after:
            continue
        fields = tuple(word for name, word in _FIELDS.items() if _part(before, name, names) != _part(after, name, {}))
        if not fields and _notes(before, names) != _notes(after, {}):
            fields = ("note",)
        if fields:
            changes.append(ClaimChange("changed", before, after, fields))
    return sorted(changes, key=lambda c: ((c.after or c.before).iri if c.after or c.before else "", c.change))  # type: ignore[union-attr]  # one of them is there


def _part(claim: Claim, name: str, names: Mapping[Term, Term]) -> object:
    value = getattr(claim, name)
    if not names:
        return value
    if name == "content":
        return tuple(sorted(renamed_triple(triple, names) for triple in value))
    if name in ("holders", "reporters"):
        return tuple(sorted(names.get(term, term) for term in value))
    return value


def _notes(claim: Claim, names: Mapping[Term, Term]) -> frozenset[tuple[Term, Term]]:
    return frozenset((names.get(p, p), names.get(o, o)) for _s, p, o in claim.metadata)


def _key(claim: Claim, names: Mapping[Term, Term]) -> tuple[object, ...]:
    """What makes two claims of different names one."""
    parts = ("content", "passages", "modality", "polarity", "holders")
    return (claim.document, *(_part(claim, name, names) for name in parts))


# -- what follows


def _compare_facts(found: Difference) -> None:
    old, new, names = found.old, found.new, found.names
    former = {renamed_triple(triple, names): triple for triple in old.told if _named(triple)}
    for triple in sorted(filter(_named, new.told - former.keys()), key=_order):
        found.facts.append(_fact("gained", new, triple, triple))
    for triple in sorted(former.keys() - new.told, key=_order):
        found.facts.append(_fact("lost", old, former[triple], triple))
    before, after = old.materialised.periods, new.materialised.periods
    for triple in sorted(former.keys() & new.told, key=_order):
        if before.get(former[triple]) != after.get(triple):
            dates = (f"before: {_when(before.get(former[triple], ()))}", f"now: {_when(after.get(triple, ()))}")
            found.facts.append(FactChange("redated", triple, triple in new.materialised.stated, dates))


def _when(periods: tuple[Period, ...]) -> str:
    """Periods as their bounds: earliest and latest beginning, earliest and latest end."""
    found = []
    for period in periods:
        begin, end = _span(*period.bounds[:2]), _span(*period.bounds[2:])
        found.append(f"from {begin} to {end}" if begin or end else "at all times")
    return "; ".join(found) or "never"


def _span(first: str | None, last: str | None) -> str:
    if first == last:
        return first or ""
    return f"{first or ''}..{last or ''}"


def _named(triple: Triple) -> bool:
    """Whether a fact is of things with names: of what a restriction holds, the class that it implies tells."""
    return SKOLEM not in triple[0] and SKOLEM not in triple[2]


def _order(triple: Triple) -> tuple[bool, Triple]:
    # That something is of a kind is seldom what the reader looks for: it comes last.
    return triple[1].endswith("#type>"), triple


def _fact(change: str, state: State, triple: Triple, shown: Triple) -> FactChange:
    ground = state.grounds.ground(triple)
    return FactChange(change, shown, ground.status == "stated", tuple(ref.line for ref in ground.references))


def _compare_conflicts(found: Difference) -> None:
    def lines(state: State) -> set[str]:
        return {
            f"{rule}: {'; '.join(state.grounds.words(renamed_triple(t, found.names)) for t in premises)}"
            for rule, premises in state.inconsistencies
        }

    before, after = lines(found.old), lines(found.new)
    found.conflicts += [("added", line) for line in sorted(after - before)]
    found.conflicts += [("removed", line) for line in sorted(before - after)]
