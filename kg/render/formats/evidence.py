"""What rows rest on as structure, for Markdown and HTML: a list for each row, and the references that it names.

The words are the same in both; how a mark leads to its reference and how text is made harmless is each format's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.evidence.grounds import Grounds
from kg.model import Term, Triple
from kg.vocab import RDF, iri, kg

if TYPE_CHECKING:
    from kg.evidence import Evidence, Ground, RowEvidence
    from kg.queries.answer import Answer

__all__ = ["MARK", "Listed", "Premise", "listed", "premises"]

#: A mark of a reference, as it stands in a cell: ``[1]``, ``[a]``.
MARK = re.compile(r"\[([0-9]+|[a-z]+)\]")
_PERIOD = kg("period")
#: What only says which statement a node is, or which period it has; and the gloss, which the reference has.
_FORM = (*(iri(RDF + name) for name in ("type", "subject", "predicate", "object")), _PERIOD, kg("gloss"))
_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Premise:
    """One thing that a row rests on: in words, how it stands, the marks of its references, and others without one."""

    text: str
    status: str
    marks: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One reference of the list: its mark (empty for an absence), its text, the slug and address of its document.

    ``sentences`` follow it, where the documents' texts are there.
    """

    mark: str
    text: str
    slug: str = ""
    url: str = ""
    sentences: tuple[str, ...] = ()


def premises(evidence: Evidence, row: RowEvidence) -> Iterator[Premise]:
    """What a row rests on: each fact and each claim once, with what is said of it, and then what must not be there.

    A fact node speaks of a fact, and a period of a node: what is said of these is said of the fact.
    """
    grounds = Grounds.of(evidence.graph)
    periods = {g.triple[2]: g.triple[0] for g in row.grounds if g.triple[1] == _PERIOD}
    about: dict[Triple | Term, list[Ground]] = {}
    for ground in row.grounds:
        subject = periods.get(ground.triple[0], ground.triple[0])
        known = grounds.statement(subject) or (subject if grounds.index.claim(subject) else ground.triple)
        about.setdefault(known, []).append(ground)
    for known, some in about.items():
        yield _premise(evidence, grounds, known, some)
    for what in row.absent:
        yield Premise(" ".join(what.split()), "absent")


def _premise(evidence: Evidence, grounds: Grounds, known: Triple | Term, some: list[Ground]) -> Premise:
    label = evidence.graph.label

    def told(term: Term) -> str:
        content = grounds.statement(term)
        return grounds.words(content) if content else label(term)

    said = [f"{label(p)} {told(o)}" for s, p, o in (g.triple for g in some) if p not in _FORM and (s, p, o) != known]
    marks = dict.fromkeys(mark for ground in some for mark in _marks(evidence, ground))
    others = dict.fromkeys(r.line for ground in some for r in ground.references if r.key not in evidence.numbers)
    if isinstance(known, str):
        text, status = label(known), "claim"
    else:
        text = grounds.words(known)
        status = next((ground.status for ground in some if ground.triple == known), "")
        status = status or (grounds.ground(known).status if known in grounds.facts else "claimed")
    beside = f" ({'; '.join(dict.fromkeys(said))})" if said else ""
    return Premise(text + beside, status, tuple(marks), tuple(others))


def listed(answer: Answer, evidence: Evidence) -> Iterator[Listed]:
    """The references in the order of the list, and what rows rest on not being there."""
    sources = {mark: evidence.references[key].source for key, mark in evidence.numbers.items()}
    for line in evidence.lines:
        text, *sentences = line.split("\n")
        found = MARK.match(text)
        if found is None:
            yield Listed("", text)
            continue
        claim = answer.graph.index.claim(sources[found[1]])
        url = answer.documents.get(claim.document, {}).get("url", "") if claim else ""
        said = tuple(sentence.strip() for sentence in sentences)
        # Only addresses of the web become links.
        slug = claim.document if claim and url.startswith(_WEB) else ""
        yield Listed(found[1], text[found.end() :].strip(), slug, url, said)


def _marks(evidence: Evidence, ground: Ground) -> Iterator[str]:
    """The marks of what a triple rests on; entities beside claims have none."""
    return (evidence.numbers[r.key] for r in ground.references if r.key in evidence.numbers)
