"""Changes in documents and answers: claims, links, sentences, rows; and renamed terms, told from a removed one.

Two terms are taken for one when they are of one kind and at least two of three agree: the definition, the labels,
what uses them. Each is a comparison with the term itself left out of what is said, so that the new name is no
difference. Pairs are made from the most alike down.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeAlias, TypeVar

from kg.compare.state import State
from kg.corpus.passages import Anchor
from kg.corpus.read import Corpus
from kg.corpus.turtle import DEFINITION, LABEL, TYPE, Description, kind_of
from kg.errors import UsageError
from kg.model import Claim, Link, Term, Triple
from kg.queries.answer import Answer

Part = TypeVar("Part", Claim, Link)


@dataclass(frozen=True, slots=True)
class PartChange(Generic[Part]):
    """A claim or a link ``added``, ``removed``, ``changed`` or ``renamed``; ``fields`` names what of it changed."""

    change: str
    before: Part | None
    after: Part | None
    fields: tuple[str, ...] = ()

    @property
    def shown(self) -> Part:
        """It as it is now, or as it was where it is gone."""
        part = self.after or self.before
        assert part is not None  # noqa: S101 - one of the two is always there
        return part


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


def claim_changes(was: Corpus, now: Corpus, names: Mapping[Term, Term]) -> list[PartChange[Claim]]:
    """The claims that differ, those of the same name or of the same content side by side, in order of their names."""
    changes: list[PartChange[Claim]] = []
    old, new = dict(was.claims.items()), dict(now.claims.items())
    removed, added = {t: c for t, c in old.items() if t not in new}, {t: c for t, c in new.items() if t not in old}
    unnamed = {_key(claim, {}): claim for claim in added.values()}
    for claim in removed.values():
        twin = unnamed.pop(_key(claim, names), None)
        changes.append(PartChange("renamed" if twin else "removed", claim, twin))
        if twin:
            del added[twin.iri]
    changes += [PartChange("added", None, claim) for claim in added.values()]
    for term, after in new.items():
        before = old.get(term)
        if before is None or before == after:
            continue
        fields = tuple(word for name, word in _FIELDS.items() if _part(before, name, names) != _part(after, name, {}))
        if not fields and _notes(before, names) != _notes(after, {}):
            fields = ("note",)
        if fields:
            changes.append(PartChange("changed", before, after, fields))
    return sorted(changes, key=lambda each: (each.shown.iri, each.change))


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
    """The parts by which two claims of different names count as one."""
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


def link_changes(before: Corpus, after: Corpus, names: Mapping[Term, Term]) -> list[PartChange[Link]]:
    """The links that differ, in order of their names."""
    old, new = ({link.iri: link for link in each.links} for each in (before, after))
    changes = []
    for name in sorted({*old, *new}):
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            changes.append(PartChange("removed" if was else "added", was, now))
            continue
        fields = tuple(_link_fields(was, now, names))
        if fields:
            changes.append(PartChange("changed", was, now, fields))
    return changes


def _link_fields(was: Link, now: Link, names: Mapping[Term, Term]) -> Iterator[str]:
    """The fields of a link that have changed; its notes only where nothing else has."""
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


_SELF = ""
_ALIKE = 0.5
_IRI = re.compile(r"<[^>]*>")


def renamed_terms(
    removed: Mapping[Term, Description],
    added: Mapping[Term, Description],
    before: Iterable[Triple],
    after: Iterable[Triple],
) -> dict[Term, Term]:
    """The terms of ``removed`` that are among ``added`` under another name, with that name.

    What uses the terms is taken from the triples of both sides.
    """
    old, new = _uses(before, removed), _uses(after, added)
    by_kind: dict[tuple[str, frozenset[str]], list[Term]] = defaultdict(list)
    for term, said in added.items():
        by_kind[_kind(said)].append(term)
    scored = []
    for was, said in removed.items():
        for now in by_kind.get(_kind(said), ()):
            score = _likeness(said, added[now], old.get(was, frozenset()), new.get(now, frozenset()))
            if score:
                scored.append((-score, was, now))
    found: dict[Term, Term] = {}
    for _score, was, now in sorted(scored):
        if was not in found and now not in found.values():
            found[was] = now
    return found


def renamed_text(text: str, names: Mapping[Term, Term]) -> str:
    """A term, or what ``describe`` wrote, with the new names for the old."""
    if not names or text.startswith('"'):
        return text
    return _IRI.sub(lambda match: names.get(match[0], match[0]), text)


def _uses(triples: Iterable[Triple], wanted: Mapping[Term, object]) -> dict[Term, frozenset[Triple]]:
    """The uses of each term: the triples that have it, the term left out."""
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


Row: TypeAlias = tuple[Term | None, ...]


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """A saved query with other answers; ``note`` tells what else has changed about it."""

    name: str
    question: str
    columns: tuple[str, ...] = ()
    gained: tuple[Row, ...] = ()
    lost: tuple[Row, ...] = ()
    note: str = ""


def answer_changes(old: State, new: State, names: Mapping[Term, Term]) -> list[AnswerChange]:
    """Every saved query that is new or gone, or has other answers; ``names`` gives new names of terms."""
    found = []
    for name in sorted({*old.saved, *new.saved}):
        question = (new.saved.get(name) or old.saved[name]).summary
        if name not in new.saved:
            found.append(AnswerChange(name, question, note="the query is gone"))
        elif name not in old.saved:
            answer, failed = _answer(new, name)
            rows = failed if answer is None else f"{len(answer)} rows"
            found.append(AnswerChange(name, question, note=f"a new query: {rows}"))
        else:
            change = _change(AnswerChange(name, question), _answer(old, name), _answer(new, name), names)
            if old.saved[name].text != new.saved[name].text:
                change = replace(change, note="; ".join(filter(None, (change.note, "its text has changed"))))
            if change != AnswerChange(name, question):
                found.append(change)
    return found


def _answer(state: State, name: str) -> tuple[Answer | None, str]:
    """The answer to a query with its default values, or why it has none."""
    try:
        return state.answer(name), ""
    except UsageError as error:
        return None, error.problems[0].message


def _change(
    change: AnswerChange,
    before: tuple[Answer | None, str],
    after: tuple[Answer | None, str],
    names: Mapping[Term, Term],
) -> AnswerChange:
    (was, failed_before), (now, failed) = before, after
    rows, rows_now = _rows(was, names), _rows(now, {})
    gained, lost = tuple((rows_now - rows).elements()), tuple((rows - rows_now).elements())
    notes = []
    if was is not None and now is not None and was.columns != now.columns:
        notes.append("its columns have changed")
    if failed != failed_before:
        notes.append(f"it cannot be asked: {failed}" if failed else "it can be asked now")
    if gained or lost:
        shown = now if now is not None else was
        change = replace(change, columns=shown.columns if shown is not None else (), gained=gained, lost=lost)
    return replace(change, note="; ".join(notes))


def _rows(answer: Answer | None, names: Mapping[Term, Term]) -> Counter[Row]:
    """The rows of an answer, or its triples, or its truth, in their order."""
    if answer is None:
        return Counter()
    if answer.boolean is not None:
        return Counter([(f'"{str(answer.boolean).lower()}"',)])
    rows: list[Row] = [*answer.rows, *answer.triples]
    if not names:
        return Counter(rows)
    return Counter(tuple(names.get(cell, cell) if cell else cell for cell in row) for row in rows)
