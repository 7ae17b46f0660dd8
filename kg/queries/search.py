"""Finding by words: in labels, other names, definitions, and the glosses of claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import Problem, UsageError
from kg.evidence.triple_support import Grounds
from kg.harmless import preformatted
from kg.labels import fold, shorten
from kg.model import Term
from kg.vocab import OWL, iri

if TYPE_CHECKING:
    from kg.graph.store import Graph

__all__ = ["Hit", "Hits", "search"]

_DEPRECATED = iri(OWL + "deprecated")
#: Where a hit was found, best first.
_KINDS = ("name", "definition", "gloss")


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """Something that was found: how well (the lower the better), what it is, where the words stand, its text.

    ``place`` is the document and passages of a gloss's claim; empty for names and definitions.
    """

    rank: tuple[int, int, int]
    term: Term
    kind: str
    text: str
    place: str = ""


def search(graph: Graph, words: Sequence[str], limit: int = 50) -> Hits:
    """What has every word, at the beginning of some word of it: names first, then definitions, then glosses.

    A term found by a name is not given again for its definition; deprecated terms come last. Case, diacritics and
    script do not matter. Raises UsageError (KG666) when there are no words to look for.
    """
    wanted = fold(" ".join(words)).split()
    if not wanted:
        raise UsageError(Problem("KG666", "there are no words to look for", remedy="Give some letters or digits."))
    best: dict[tuple[Term, str], Hit] = {}
    deprecated = {s for s, _p, _o in graph.index.given_with([_DEPRECATED], "ontology")}
    believed = set(graph.view.documents(graph.index.documents))
    for kind, whole, term, text, document in graph.index.search(wanted):
        known = (term, _KINDS[kind])
        if known in best or (term, "name") in best or (document and document not in believed):
            continue
        rank = (kind, 0 if whole else 1, len(fold(text).split()))
        best[known] = Hit(rank, term, _KINDS[kind], text, _place(graph, term) if known[1] == "gloss" else "")
        if len(best) == limit:
            break
    return Hits(graph, sorted(best.values(), key=lambda hit: hit.term in deprecated))


class Hits(list[Hit]):
    """What was found in a graph, best first."""

    def __init__(self, graph: Graph, hits: Iterable[Hit] = ()) -> None:
        super().__init__(hits)
        self.graph = graph

    def __str__(self) -> str:
        """A line a hit: names with their short names; claims with document, place, status, holder and time."""
        return "".join(f"{line}\n" for line in self.lines()) or "nothing found\n"

    def _repr_html_(self) -> str:
        """The hits as notebooks show them."""
        return preformatted(str(self))

    def lines(self, *, iris: bool = False) -> Iterator[str]:
        """A line a hit; with ``iris``, also the short names of claims."""
        grounds, prefixes = Grounds.of(self.graph), self.graph.project.prefixes
        for hit in self:
            short, claim = shorten(hit.term, prefixes), self.graph.index.claim(hit.term)
            if claim:
                yield f"{grounds.claim_reference(claim).line}{f'  {short}' if iris else ''}"
                continue
            label = self.graph.label(hit.term)
            yield f"{label}  {short}" + (f"  {hit.text}" if hit.text != label else "")


def _place(graph: Graph, name: Term) -> str:
    claim = graph.index.claim(name)
    return " ".join((claim.document, *claim.passages)) if claim else ""
