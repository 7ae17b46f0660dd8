"""The claims of a corpus by name, document by document: those of a document are read when one is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from itertools import chain

from kg.model import Claim, Term

__all__ = ["Claims"]


class _Shelf:
    """The claims of one document: their names and stances, and themselves once they have been read."""

    __slots__ = ("_claims", "_read", "_stances")

    def __init__(
        self, stances: dict[Term, str] | None = None, read: Callable[[], Iterable[Claim]] | None = None
    ) -> None:
        self._stances = stances
        self._read = read
        self._claims: dict[Term, Claim] | None = None if read else {}

    @property
    def names(self) -> Iterable[Term]:
        return self.claims if self._stances is None else self._stances

    @property
    def stances(self) -> dict[Term, str]:
        if self._stances is None:
            return {name: claim.stance for name, claim in self.claims.items()}
        return self._stances

    @property
    def claims(self) -> dict[Term, Claim]:
        if self._claims is None:
            self._claims = {claim.iri: claim for claim in self._read()} if self._read else {}
            self._read = None
        return self._claims


class Claims(MutableMapping[Term, Claim]):
    """Claims by name. Corpora that share a document share its claims, read or not yet."""

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        self._shelves: dict[str, _Shelf] = {}
        self._document: dict[Term, str] = {}
        for claim in claims:
            self[claim.iri] = claim

    def of(self, slug: str) -> dict[Term, Claim]:
        """The claims of a document."""
        shelf = self._shelves.get(slug)
        return shelf.claims if shelf else {}

    def names_of(self, slug: str) -> list[Term]:
        """The names of a document's claims, without reading them."""
        shelf = self._shelves.get(slug)
        return list(shelf.names) if shelf else []

    def document_of(self, name: Term) -> str:
        """The document of a claim, without reading it. Raises KeyError for a claim that there is not."""
        return self._document[name]

    def stances(self) -> Iterator[tuple[Term, str, str]]:
        """Name, document and stance of each claim, without reading those that were kept."""
        for slug, shelf in self._shelves.items():
            for name, stance in shelf.stances.items():
                yield name, slug, stance

    def later(self, slug: str, stances: dict[Term, str], read: Callable[[], Iterable[Claim]]) -> None:
        """Take a document's claims, by name with their stances; ``read`` gives them when they are asked for."""
        self._put(slug, _Shelf(stances, read))

    def share(self, other: Claims, slug: str) -> None:
        """Take a document's claims from another corpus."""
        if slug in other._shelves:
            self._put(slug, other._shelves[slug])

    def shared(self, other: Claims, slug: str) -> bool:
        """Whether both have a document's claims from one reading, or both have none."""
        return self._shelves.get(slug) is other._shelves.get(slug)

    def without(self, names: set[Term]) -> Claims:
        """The claims less some; documents that lose none are shared."""
        left = Claims()
        touched = {self._document[name] for name in names if name in self._document}
        for slug in self._shelves:
            if slug in touched:
                left.update((name, claim) for name, claim in self.of(slug).items() if name not in names)
            else:
                left.share(self, slug)
        return left

    def _put(self, slug: str, shelf: _Shelf) -> None:
        self._shelves[slug] = shelf
        self._document.update(dict.fromkeys(shelf.names, slug))

    def __getitem__(self, name: Term) -> Claim:
        return self._shelves[self._document[name]].claims[name]

    def __setitem__(self, name: Term, claim: Claim) -> None:
        former = self._document.get(name)
        if former is not None and former != claim.document:
            del self[name]
        self._shelves.setdefault(claim.document, _Shelf()).claims[name] = claim
        self._document[name] = claim.document

    def __delitem__(self, name: Term) -> None:
        # The shelf may be another corpus' too: it stays as it is.
        slug = self._document.pop(name)
        left = _Shelf()
        left.claims.update((each, claim) for each, claim in self.of(slug).items() if each != name)
        self._shelves[slug] = left

    def __contains__(self, name: object) -> bool:
        return name in self._document

    def __iter__(self) -> Iterator[Term]:
        return chain.from_iterable(shelf.names for shelf in self._shelves.values())

    def __len__(self) -> int:
        return len(self._document)

    def values(self) -> list[Claim]:  # type: ignore[override]  # a list serves as well as a view, and is quicker
        """All claims, read if need be."""
        return [claim for shelf in self._shelves.values() for claim in shelf.claims.values()]

    def items(self) -> list[tuple[Term, Claim]]:  # type: ignore[override]  # as above
        """All claims with their names."""
        return [(claim.iri, claim) for claim in self.values()]
