"""Changes in documents: claims, links and sentences; and renamed terms, told from one removed and another added.

Two terms are taken for one when they are of one kind and at least two of three agree: the definition, the labels,
what uses them. Each is a comparison with the term itself left out of what is said, so that the new name is no
difference. Pairs are made from the most alike down.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.corpus.passages import Anchor
from kg.corpus.read import Corpus
from kg.corpus.turtle import DEFINITION, LABEL, TYPE, Description, kind_of
from kg.model import Claim, Link, Term, Triple

__all__ = [
    "ClaimChange",
    "LinkChange",
    "SentenceChange",
    "claim_changes",
    "link_changes",
    "renamed",
    "renamed_terms",
    "renamed_triple",
    "replace",
    "sentence_changes",
]


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """A claim ``added``, ``removed``, ``changed`` or ``renamed``; ``fields`` names what of it changed."""

    change: str
    before: Claim | None
    after: Claim | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A link between claims ``added``, ``removed`` or ``changed``; ``fields`` names what of it changed."""

    change: str
    before: Link | None
    after: Link | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """A sentence of a document that is in both states: ``added``, ``removed``, or ``changed`` as ``what`` says."""

    change: str
    document: str
    place: str
    what: str = ""


def renamed_triple(triple: Triple, names: Mapping[Term, Term]) -> Triple:
    """A triple with the new names for the old."""
    if not names:
        return triple
    s, p, o = triple
    return (names.get(s, s), names.get(p, p), names.get(o, o))


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


def claim_changes(was: Corpus, now: Corpus, names: Mapping[Term, Term]) -> list[ClaimChange]:
    """The claims that differ, those of the same name or of the same content side by side, in order of their names."""
    changes: list[ClaimChange] = []
    old, new = dict(was.claims.items()), dict(now.claims.items())
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
        if before is None or before == after:
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


# -- links

_LINK_FIELDS = {
    "source": "from",
    "target": "to",
    "relation": "relation",
    "dissolved_by": "dissolved by",
    "why": "why",
    "description": "note",
}


def link_changes(before: Corpus, after: Corpus, names: Mapping[Term, Term]) -> list[LinkChange]:
    """The links that differ, in order of their names."""
    old, new = ({link.iri: link for link in each.links} for each in (before, after))
    changes = []
    for name in sorted({*old, *new}):
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            changes.append(LinkChange("removed" if was else "added", was, now))
            continue
        fields = tuple(_link_fields(was, now, names))
        if fields:
            changes.append(LinkChange("changed", was, now, fields))
    return changes


def _link_fields(was: Link, now: Link, names: Mapping[Term, Term]) -> Iterator[str]:
    """What of a link has changed; anything else that is said of it only where nothing else has."""
    found = False
    for name, word in _LINK_FIELDS.items():
        one, other = getattr(was, name), getattr(now, name)
        if name == "description":
            one, other = frozenset(renamed_triple(triple, names) for triple in one), frozenset(other)
        elif name in ("source", "target"):
            one = names.get(one, one)
        if one != other and not (found and name == "description"):
            found = True
            yield word


# -- sentences


def sentence_changes(before: Corpus, after: Corpus) -> list[SentenceChange]:
    """The sentences that differ, of documents that both have; a new document's are not told one by one."""
    changes: list[SentenceChange] = []
    for slug in sorted(before.passages.keys() & after.passages.keys()):
        old, new = before.passages[slug].anchors, after.passages[slug].anchors
        changes += [
            SentenceChange("removed" if place in old else "added", slug, place)
            for place in sorted({*old} ^ {*new}, key=_in_order)
        ]
        both = sorted({*old} & {*new}, key=_in_order)
        told = ((place, "; ".join(_anchor_changes(old[place], new[place]))) for place in both)
        changes += [SentenceChange("changed", slug, place, what) for place, what in told if what]
    return changes


def _anchor_changes(was: Anchor, now: Anchor) -> Iterator[str]:
    if was.reason != now.reason:
        yield f"set aside: {was.reason or 'no'} → {now.reason or 'no'}"
    if was.sha256 != now.sha256:
        yield "another sentence"


def _in_order(place: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in place.split(".")]


#: What uses a term: each triple that has it, the term left out.
Uses = Mapping[Term, frozenset[Triple]]
_SELF = ""
_ALIKE = 0.5
_IRI = re.compile(r"<[^>]*>")


def renamed(
    removed: Mapping[Term, Description], added: Mapping[Term, Description], old: Uses, new: Uses
) -> dict[Term, Term]:
    """The terms of ``removed`` that are among ``added`` under another name, with that name."""
    by_kind: dict[tuple[str, frozenset[str]], list[Term]] = defaultdict(list)
    for term, said in added.items():
        by_kind[_kind(said)].append(term)
    scored = []
    for before, said in removed.items():
        for after in by_kind.get(_kind(said), ()):
            score = _likeness(said, added[after], old.get(before, frozenset()), new.get(after, frozenset()))
            if score:
                scored.append((-score, before, after))
    found: dict[Term, Term] = {}
    for _score, before, after in sorted(scored):
        if before not in found and after not in found.values():
            found[before] = after
    return found


def renamed_terms(
    removed: Mapping[Term, Description],
    added: Mapping[Term, Description],
    old: Iterable[Triple],
    new: Iterable[Triple],
) -> dict[Term, Term]:
    """As ``renamed``, with what uses the terms taken from the triples of both sides."""
    if not removed or not added:
        return {}
    return renamed(removed, added, _uses(old, removed), _uses(new, added))


def replace(text: str, names: Mapping[Term, Term]) -> str:
    """A term, or what ``describe`` wrote, with the new names for the old."""
    if not names:
        return text
    if text.startswith('"'):
        return text
    return _IRI.sub(lambda match: names.get(match[0], match[0]), text)


def _uses(triples: Iterable[Triple], wanted: Mapping[Term, object]) -> Uses:
    found: dict[Term, set[Triple]] = defaultdict(set)
    for triple in triples:
        for term in triple:
            if term in wanted:
                s, p, o = (_SELF if part == term else part for part in triple)
                found[term].add((s, p, o))
    return {term: frozenset(triples) for term, triples in found.items()}


def _kind(said: Description) -> tuple[str, frozenset[str]]:
    kind = kind_of(said)
    return kind, frozenset(o for p, o in said if p == TYPE) if kind == "individual" else frozenset()


def _likeness(one: Description, other: Description, uses: frozenset[Triple], others: frozenset[Triple]) -> float:
    """0 when they are not taken for one term; else how alike they are."""

    def values(said: Description, predicate: Term) -> frozenset[str]:
        return frozenset(o for p, o in said if p == predicate)

    definition = bool(values(one, DEFINITION)) and values(one, DEFINITION) == values(other, DEFINITION)
    labels = bool(values(one, LABEL)) and values(one, LABEL) == values(other, LABEL)
    shared = len(uses & others) / len(uses | others) if uses or others else 0.0
    if definition + labels + (shared >= _ALIKE) < 2:
        return 0.0
    return definition + labels + shared + len(one & other) / len(one | other)
