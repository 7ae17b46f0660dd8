"""Finding by words: in labels, other names, definitions, and the glosses of claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import Problem, UsageError
from kg.labels import fold
from kg.model import Term

if TYPE_CHECKING:
    from kg.graph.store import Graph

__all__ = ["Hit", "search"]

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


def search(graph: Graph, words: Sequence[str], limit: int = 50) -> list[Hit]:
    """What has every word, at the beginning of some word of it: names first, then definitions, then glosses.

    Case, diacritics and script do not matter. Raises UsageError (KG666) when there are no words to look for.
    """
    wanted = fold(" ".join(words)).split()
    if not wanted:
        raise UsageError(Problem("KG666", "there are no words to look for", remedy="Give some letters or digits."))
    best: dict[tuple[Term, str], Hit] = {}
    believed = set(graph.view.documents(graph.index.documents))
    for kind, whole, term, text, document in graph.index.search(wanted):
        known = (term, _KINDS[kind])
        if known in best or (document and document not in believed):
            continue
        rank = (kind, 0 if whole else 1, len(fold(text).split()))
        best[known] = Hit(rank, term, _KINDS[kind], text, _place(graph, term) if known[1] == "gloss" else "")
        if len(best) == limit:
            break
    return list(best.values())


def _place(graph: Graph, name: Term) -> str:
    claim = graph.index.claim(name)
    return " ".join((claim.document, *claim.passages)) if claim else ""
