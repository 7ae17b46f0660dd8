"""``collect``: the evidence of an answer, row by row, with the list of what it refers to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kg.evidence.grounds import Ground, Grounds, Reference
from kg.evidence.matches import Matched, Matcher, row_keys
from kg.model import Term, Triple
from kg.patterns import Select, parse_select
from kg.sparql import tokens, variables
from kg.store import Graph
from kg.vocab import kg

if TYPE_CHECKING:
    from kg.corpus.anchors import Texts
    from kg.evidence.matches import Edge, Node

__all__ = ["Answered", "Evidence", "RowEvidence", "collect"]


_STATES = kg("states")
#: What is said of a statement only as a fact of the view.
_OF_FACTS = tuple(kg(name) for name in ("inferred", "supportedBy", "supportedByDocument", "period"))


class Answered(Protocol):
    """What evidence needs of an answer to a SELECT: the graph, the text that was asked, columns and rows."""

    graph: Graph
    text: str
    columns: tuple[str, ...]
    rows: list[tuple[Term | None, ...]]


@dataclass(frozen=True, slots=True, repr=False)
class RowEvidence:
    """What one row rests on: grounds of the triples that made it match, and what it rests on not being there.

    ``certain`` is False when the view has a date and the row needs something that only possibly holds then.
    """

    grounds: tuple[Ground, ...]
    absent: tuple[str, ...]
    certain: bool

    @property
    def triples(self) -> tuple[Triple, ...]:
        """The triples that made the row match."""
        return tuple(ground.triple for ground in self.grounds)

    def __repr__(self) -> str:
        absent = f", {len(self.absent)} absent" if self.absent else ""
        return f"<kg evidence of a row: {len(self.grounds)} triples{absent}{'' if self.certain else ', possible'}>"


@dataclass(repr=False)
class Evidence:
    """The evidence of all rows of an answer, and its references in order of first use.

    Claims are numbered ``[1]``, ``[2]`` …; rules, axioms, entities and documents are lettered ``[a]``, ``[b]`` ….
    """

    rows: list[RowEvidence]
    graph: Graph
    texts: Texts | None = None
    numbers: dict[str, str] = field(default_factory=dict)
    references: dict[str, Reference] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            for reference in _shown(row):
                self.references.setdefault(reference.key, reference)
        claims = [key for key, reference in self.references.items() if reference.kind == "claim"]
        others = [key for key, reference in self.references.items() if reference.kind != "claim"]
        self.numbers = {key: str(number) for number, key in enumerate(claims, start=1)}
        self.numbers |= {key: _letters(number) for number, key in enumerate(others)}

    def __repr__(self) -> str:
        return f"<kg evidence: {len(self.rows)} rows, {len(self.references)} references>"

    def _repr_html_(self) -> str:
        """The evidence as notebooks show it."""
        from kg.evidence.notebook import evidence_html

        return evidence_html(self)

    @property
    def cells(self) -> list[str]:
        """One string a row, such as ``[1] [a]``; a row that rests on absence says ``absence``."""
        cells = []
        for row in self.rows:
            marks = dict.fromkeys(f"[{self.numbers[reference.key]}]" for reference in _shown(row))
            cells.append(" ".join([*marks, *(["absence"] if row.absent else [])]))
        return cells

    @property
    def lines(self) -> list[str]:
        """The list below an answer: each reference, the claims first, then what rows rest on not being there."""
        ordered = sorted(self.references.values(), key=lambda r: (r.kind != "claim", *_order(self.numbers[r.key])))
        lines = [
            f"[{self.numbers[reference.key]}] {reference.line}{self._sentence(reference)}" for reference in ordered
        ]
        absent = dict.fromkeys(what for row in self.rows for what in row.absent)
        return [*lines, *(f"absence: nothing in this view matches {_flat(what)}" for what in absent)]

    def as_json(self) -> list[dict[str, Any]]:
        """For each row: its triples with status, leaves and references, and what is absent."""
        return [
            {
                "triples": [self._ground_json(ground) for ground in row.grounds],
                "absent": [_flat(what) for what in row.absent],
                "certain": row.certain,
            }
            for row in self.rows
        ]

    def _ground_json(self, ground: Ground) -> dict[str, Any]:
        references = []
        for reference in ground.references:
            entry: dict[str, Any] = {"kind": reference.kind, "text": reference.line, "source": reference.source}
            claim = self.graph.corpus.claims.get(reference.source)
            if claim:
                entry |= {
                    "claim": claim.iri[1:-1],
                    "document": claim.document,
                    "passages": list(claim.passages),
                    "gloss": claim.gloss,
                    "modality": claim.modality[1:-1],
                    "polarity": claim.polarity[1:-1],
                    "holders": [holder[1:-1] for holder in claim.holders],
                    "reporters": [reporter[1:-1] for reporter in claim.reporters],
                    "time": {
                        name: getattr(claim.times, name)
                        for name in claim.times.__slots__
                        if getattr(claim.times, name)
                    },
                }
            references.append(entry)
        return {
            "triple": list(ground.triple),
            "status": ground.status,
            "leaves": [list(leaf) for leaf in ground.leaves],
            "references": references,
        }

    def _sentence(self, reference: Reference) -> str:
        claim = self.graph.corpus.claims.get(reference.source)
        if not claim or not self.texts:
            return ""
        found = [text for place in claim.passages if (text := self.texts.sentence(claim.document, place))]
        return "".join(f"\n    “{text}”" for text in found)


def collect(answer: Answered, texts: Path | None = None) -> Evidence:
    """The evidence of every row of an answer to a SELECT; ``texts`` is a folder with the documents' texts, if there.

    The triples of a row are those of its solutions (of all its group's for an aggregate), found by asking the
    WHERE once for all its variables. Raises UsageError (KG630) where the query cannot be taken apart.
    """
    select = parse_select(answer.text)
    graph = answer.graph
    matcher = Matcher(graph.store_for(answer.text), select.prologue)
    keys = row_keys(select)
    row_key = list(_row_keys(matcher, select, answer, keys))
    by_key: dict[tuple[Node | None, ...], list[Matched]] = {}
    for solution, matched in matcher.select(select, keys, set(row_key)):
        by_key.setdefault(tuple(solution.get(key) for key in keys), []).append(matched)
    grounds = Grounds.of(graph)
    asked = _asked_whether_bound(select.text)
    rows = []
    for key in row_key:
        options = by_key.get(key, [])
        merged = Matched()
        for matched in options:
            merged.add(matched)
        rows.append(_row(merged, options, grounds, select, asked))
    return Evidence(rows, graph, _sentences(graph, texts) if texts else None)


def _sentences(graph: Graph, folder: Path) -> Texts:
    from kg.corpus.anchors import texts

    return texts(graph.project, folder)


def _row_keys(
    matcher: Matcher, select: Select, answer: Answered, keys: list[str]
) -> Iterable[tuple[Node | None, ...]]:
    """For each row of the answer, the values of the keys by which solutions belong to it."""
    columns = list(answer.columns)
    if all(key in columns for key in keys):
        places = [columns.index(key) for key in keys]
        for row in answer.rows:
            yield tuple(matcher.term(value) if (value := row[place]) is not None else None for place in places)
        return
    # A grouping key that is not a column: ask again with the keys in front, the rows come in the same order.
    head, _brace, _rest = select.text[len(select.prologue) :].partition("SELECT")
    hidden = " ".join(f"?{key}" for key in keys if key not in columns)
    text = select.text[len(select.prologue) + len(head) :].replace("SELECT", f"SELECT {hidden} ", 1)
    for found, _row in zip(matcher.ask(text), answer.rows, strict=False):
        yield tuple(found.get(key) for key in keys)


def _row(merged: Matched, options: list[Matched], grounds: Grounds, select: Select, asked: set[str]) -> RowEvidence:
    found = _narrowed([grounds.ground(_triple(edge)) for edge in merged.edges], grounds)
    if select.aggregates:
        certain = all(_certain(matched, grounds) for matched in options)
    else:
        certain = any(_certain(matched, grounds) for matched in options) or not options
    # An OPTIONAL that found nothing is an empty cell; a row rests on that only where the query asks for it.
    absent = (w for w in merged.absent if not w.startswith("OPTIONAL ") or asked & variables(w))
    return RowEvidence(found, tuple(absent), certain)


def _narrowed(found: list[Ground], grounds: Grounds) -> tuple[Ground, ...]:
    """A statement that the row has as a certain claim's rests on that claim, not on all that state the same.

    Where the row also asks of the statement as a fact (its periods, its support), it rests on the whole fact.
    """
    stating: dict[Term, dict[str, Reference]] = {}
    for ground in found:
        claim, predicate, statement = ground.triple
        if predicate == _STATES and claim in grounds.corpus.claims:
            reference = grounds.claim_reference(grounds.corpus.claims[claim])
            stating.setdefault(statement, {})[reference.key] = reference
    as_facts = {ground.triple[0] for ground in found if ground.triple[1] in _OF_FACTS}
    return tuple(
        replace(ground, references=tuple(stating[ground.triple[0]].values()), leaves=(), proof=None)
        if ground.triple[0] in stating and ground.triple[0] not in as_facts
        else ground
        for ground in found
    )


@lru_cache(maxsize=256)
def _asked_whether_bound(text: str) -> set[str]:
    """The variables of which a query asks whether they are bound: those in BOUND and COALESCE."""
    found: set[str] = set()
    depth = 0
    asking = False
    for token in tokens(text):
        if token.kind == "name" and token.text.upper() in ("BOUND", "COALESCE") and not depth:
            asking = True
        elif asking and token.text in ("(", ")"):
            depth += 1 if token.text == "(" else -1
            asking = depth > 0
        elif asking and token.kind == "variable":
            found.add(token.text[1:])
    return found


def _certain(matched: Matched, grounds: Grounds) -> bool:
    view = grounds.view
    if view.view.as_of is None:
        # Without a date nothing is only possible.
        return True
    return all(view.certain(triple) for edge in matched.edges if (triple := _triple(edge)) in view.periods)


def _triple(edge: Edge) -> Triple:
    return (str(edge[0]), str(edge[1]), str(edge[2]))


def _shown(row: RowEvidence) -> list[Reference]:
    """The references of a row that a reader looks for: entities and axioms only where nothing else stands."""
    all_of_them = [reference for ground in row.grounds for reference in ground.references]
    telling = [reference for reference in all_of_them if reference.kind in ("claim", "background", "rule", "link")]
    return telling or all_of_them


def _letters(number: int) -> str:
    """The letters that count: a, b, … z, aa, ab, and so on."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def _order(mark: str) -> tuple[int, int, str]:
    return (int(mark), 0, "") if mark.isdigit() else (0, len(mark), mark)


def _flat(text: str) -> str:
    return " ".join(text.split())
