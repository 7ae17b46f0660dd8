"""Telling a renamed term from one removed and another added.

Two terms are taken for one when they are of one kind and at least two of three agree: the definition, the labels,
what uses them. Each is a comparison with the term itself left out of what is said, so that the new name is no
difference. Pairs are made from the most alike down.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from kg.corpus.describe import DEFINITION, LABEL, TYPE, Description, kind_of
from kg.model import Term, Triple

__all__ = ["renamed", "renamed_terms", "replace"]

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
