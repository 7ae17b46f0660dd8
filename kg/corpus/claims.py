"""The claims of a corpus by name, and by document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from itertools import chain

from kg.model import Claim, Term

__all__ = ["Claims"]


class Claims(MutableMapping[Term, Claim]):
    """Claims by name. Corpora that share a document share its claims."""

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        self._by_document: dict[str, dict[Term, Claim]] = {}
        self._document: dict[Term, str] = {}
        for claim in claims:
            self[claim.iri] = claim

    def of(self, slug: str) -> dict[Term, Claim]:
        """The claims of a document."""
        return self._by_document.get(slug, {})

    def document_of(self, name: Term) -> str:
        """The document of a claim. Raises KeyError for a claim that there is not."""
        return self._document[name]

    def share(self, other: Claims, slug: str) -> None:
        """Take a document's claims from another corpus."""
        if slug in other._by_document:
            self._by_document[slug] = other._by_document[slug]
            self._document.update(dict.fromkeys(self._by_document[slug], slug))

    def without(self, names: set[Term]) -> Claims:
        """The claims less some; documents that lose none are shared."""
        left = Claims()
        for slug, claims in self._by_document.items():
            if names.isdisjoint(claims):
                left.share(self, slug)
            else:
                left.update((name, claim) for name, claim in claims.items() if name not in names)
        return left

    def __getitem__(self, name: Term) -> Claim:
        return self._by_document[self._document[name]][name]

    def __setitem__(self, name: Term, claim: Claim) -> None:
        former = self._document.get(name)
        if former is not None and former != claim.document:
            del self[name]
        self._by_document.setdefault(claim.document, {})[name] = claim
        self._document[name] = claim.document

    def __delitem__(self, name: Term) -> None:
        # The document's claims may be another corpus' too: they stay as they are.
        slug = self._document.pop(name)
        self._by_document[slug] = {each: claim for each, claim in self.of(slug).items() if each != name}

    def __contains__(self, name: object) -> bool:
        return name in self._document

    def __iter__(self) -> Iterator[Term]:
        return chain.from_iterable(self._by_document.values())

    def __len__(self) -> int:
        return len(self._document)

    def values(self) -> list[Claim]:  # type: ignore[override]  # a list serves as well as a view, and is quicker
        """All claims."""
        return [claim for claims in self._by_document.values() for claim in claims.values()]

    def items(self) -> list[tuple[Term, Claim]]:  # type: ignore[override]  # as above
        """All claims with their names."""
        return [(claim.iri, claim) for claim in self.values()]
