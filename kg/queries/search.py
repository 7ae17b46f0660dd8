"""Finding by words: in labels, other names, definitions, and the glosses of claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import Problem, UsageError
from kg.lookup import fold
from kg.model import Term, text_of

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
    for kind, term, text, place in _texts(graph):
        folded = fold(text).split()
        if all(any(word.startswith(part) for word in folded) for part in wanted):
            whole = 0 if folded == wanted else 1
            hit = Hit((_KINDS.index(kind), whole, len(folded)), term, kind, text, place)
            known = best.get((term, kind))
            if known is None or hit < known:
                best[term, kind] = hit
    return sorted(best.values())[:limit] if limit else sorted(best.values())


def _texts(graph: Graph) -> Iterator[tuple[str, Term, str, str]]:
    for term, names in graph.label.names.items():
        for found in names.values():
            yield from (("name", term, text, "") for text in found)
    definitions = "SELECT ?term ?text WHERE { ?term <http://www.w3.org/2004/02/skos/core#definition> ?text }"
    for defined, definition in graph.rows(definitions):
        yield "definition", str(defined), text_of(str(definition)), ""
    for term, gloss, document, place in _glosses(graph):
        yield "gloss", term, gloss, f"{document} {place}"


def _glosses(graph: Graph) -> Iterator[tuple[Term, str, str, str]]:
    from kg.vocab import KG

    text = f"""PREFIX kg: <{KG}>
    SELECT ?claim ?gloss ?slug (GROUP_CONCAT(?at; separator=" ") AS ?places) WHERE {{
        ?claim kg:gloss ?gloss ; kg:inDocument/kg:slug ?slug . OPTIONAL {{ ?claim kg:passage/kg:place ?at }}
    }} GROUP BY ?claim ?gloss ?slug"""
    for row in graph.rows(text):
        claim, gloss, slug, places = (str(value) for value in row)
        yield claim, text_of(gloss), text_of(slug), text_of(places)
