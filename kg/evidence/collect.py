"""``collect``: the evidence of an answer, row by row, with the list of what it refers to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.corpus.anchors import Texts
from kg.corpus.anchors import texts as read_texts
from kg.dates import without_season
from kg.evidence.absence import Absence, Wording
from kg.evidence.matches import Matcher
from kg.evidence.triple_support import Reference, SupportFinder, TripleSupport, sentences_of
from kg.graph.store import Graph
from kg.graph.validity import together
from kg.harmless import html_table
from kg.model import Term, Triple
from kg.periods import mark_of
from kg.queries.bounded import bounded
from kg.sparql.analysis import followed_select
from kg.sparql.syntax_tree import Group, Select
from kg.vocab import RDF, iri, kg

if TYPE_CHECKING:
    from kg.queries.answer import Answer

#: How many of the same kind of absence are said in words below an answer.
_SAID = 3
_STATES = kg("states")
#: What is said of a statement only as a fact of the view.
OF_FACTS = tuple(kg(name) for name in ("inferred", "supportedBy", "supportedByDocument", "period"))


@dataclass(frozen=True, slots=True, repr=False)
class RowEvidence:
    """The evidence of one row: the grounds of the triples that it matched, and the absences that it depends on.

    ``certain`` is False when the view has a date and the row only possibly holds then.
    """

    grounds: tuple[TripleSupport, ...]
    absences: tuple[Absence, ...]
    certain: bool
    wording: Wording = field(repr=False)

    @property
    def triples(self) -> tuple[Triple, ...]:
        """The triples that the row matched."""
        return tuple(ground.triple for ground in self.grounds)

    @property
    def references(self) -> list[Reference]:
        """The references for readers: entities and axioms only where there is no other reference."""
        every = [reference for ground in self.grounds for reference in ground.references]
        telling = [reference for reference in every if reference.kind in ("claim", "background", "rule", "link")]
        return telling or every

    @property
    def absent(self) -> tuple[str, ...]:
        """The absences in words."""
        return tuple(dict.fromkeys(map(self.wording, self.absences)))

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
            for reference in row.references:
                self.references.setdefault(reference.key, reference)
        claims = [key for key, reference in self.references.items() if reference.kind == "claim"]
        others = [key for key, reference in self.references.items() if reference.kind != "claim"]
        self.numbers = {key: str(number) for number, key in enumerate(claims, start=1)}
        self.numbers |= {key: _letters(number) for number, key in enumerate(others)}

    def __repr__(self) -> str:
        return f"<kg evidence: {len(self.rows)} rows, {len(self.references)} references>"

    def _repr_html_(self) -> str:
        rows = ((str(number), marks) for number, marks in enumerate(self.cells, start=1))
        return html_table(("row", "rests on"), rows, self.lines)

    @property
    def cells(self) -> list[str]:
        """One string a row, such as ``[1] [a]``; a row that rests on absence says ``absence``."""
        cells = []
        for row in self.rows:
            marks = dict.fromkeys(f"[{self.numbers[reference.key]}]" for reference in row.references)
            cells.append(" ".join([*marks, *(["absence"] if row.absences else [])]))
        return cells

    @property
    def lines(self) -> list[str]:
        """The list below an answer: each reference, claims first, then the absences."""
        lines = []
        for key, mark in self.numbers.items():
            reference = self.references[key]
            said = sentences_of(self.graph, reference, self.texts)
            lines.append(f"[{mark}] {reference.line}" + "".join(f"\n    “{text}”" for text in said))
        return [*lines, *self._absence_lines()]

    def _absence_lines(self) -> Iterator[str]:
        """One line for each group of the query that matched nothing, with its first absences."""
        kinds: dict[Group, dict[Absence, Wording]] = {}
        for row in self.rows:
            for absence in row.absences:
                kinds.setdefault(absence.group, {})[absence] = row.wording
        lines: dict[str, None] = {}
        for absences in kinds.values():
            said = dict.fromkeys(wording(absence) for absence, wording in absences.items())
            more = f" And {len(said) - _SAID} more like it." if len(said) > _SAID else ""
            lines[f"absence: {' '.join(islice(said, _SAID))}{more}"] = None
        yield from lines

    def as_json(self) -> list[dict[str, Any]]:
        """For each row: its triples with status, leaves and references, and its absences."""
        return [
            {
                "triples": [self._ground_json(ground) for ground in row.grounds],
                "absent": list(row.absent),
                "certain": row.certain,
            }
            for row in self.rows
        ]

    def _ground_json(self, ground: TripleSupport) -> dict[str, Any]:
        references = []
        for reference in ground.references:
            entry: dict[str, Any] = {"kind": reference.kind, "text": reference.line, "source": reference.source}
            claim = self.graph.index.claim(reference.source)
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
                        name: without_season(text)
                        for name in claim.times.__slots__
                        if (text := getattr(claim.times, name))
                    },
                }
            references.append(entry)
        return {
            "triple": list(ground.triple),
            "status": ground.status,
            "leaves": [list(leaf) for leaf in ground.leaves],
            "references": references,
        }


def collect(answer: Answer, texts: Path | None = None) -> Evidence:
    """The evidence of every row of an answer to a SELECT; ``texts`` is a folder with the documents' texts, if there.

    The triples of a row are those of its solutions (of all its group's for an aggregate), found by asking the
    WHERE once for all its variables. Raises UsageError (KG630) where the query cannot be taken apart.
    """
    select = followed_select(answer.text)
    graph = answer.graph
    marks = answer.certainty or ["certain"] * len(answer.rows)
    both = [(row, mark == "certain") for row, mark in zip(answer.rows, marks, strict=True)]
    own = len(both) - answer.added
    rows = _row_evidence(answer, select, graph, both[:own])
    if answer.added:
        # What certainly holds gives these rows, and so their evidence.
        rows += _row_evidence(answer, select, graph.certainly, both[own:])
    return Evidence(rows, graph, read_texts(graph.project, texts) if texts else None)


def evidence_of(answer: Answer, texts: str | Path | None = None) -> Evidence:
    """The evidence of an answer, found within the time that the answer may take.

    ``texts`` is a folder with the documents' texts, to show sentences. Raises UsageError (KG526) when there is no
    such folder, and as ``collect`` and ``kg.queries.bounded.bounded`` do.
    """
    plain, folder = replace(answer, timeout=None, show=None), None if texts is None else Path(texts)
    (found,) = bounded(answer.graph, collected, plain, folder, timeout=answer.timeout)
    evidence: Evidence = found
    return evidence


def collected(_graph: Graph, answer: Answer, texts: Path | None) -> Iterator[Evidence]:
    """The evidence of an answer, as a task of ``kg.queries.bounded``."""
    yield collect(answer, texts)


def _row_evidence(
    answer: Answer, select: Select, graph: Graph, rows: list[tuple[tuple[Term | None, ...], bool]]
) -> list[RowEvidence]:
    """The evidence of rows in a graph; each row comes with whether it is certain."""
    grounds = SupportFinder.of(graph)
    wording = Wording(grounds)
    found = []
    matches = _matches(graph, select, answer.columns, [row for row, _certain in rows])
    for (edges, absent), (_row, certain) in zip(matches, rows, strict=True):
        own = _narrowed([grounds.ground(edge) for edge in edges], grounds)
        found.append(RowEvidence(own, absent, certain, wording))
    return found


def _matches(
    graph: Graph, select: Select, columns: Sequence[str], rows: Iterable[Sequence[Term | None]]
) -> Iterator[tuple[list[Triple], tuple[Absence, ...]]]:
    """For each row of a SELECT, the triples that it matched and the groups that matched nothing."""
    matcher = Matcher(graph.store)
    nodes = [tuple(None if value is None else matcher.term(value) for value in row) for row in rows]
    for matched in matcher.evidence(select, matcher.keys_of(select, columns, nodes)):
        yield [(str(s), str(p), str(o)) for s, p, o in matched.edges], tuple(matched.absent)


def _narrowed(found: list[TripleSupport], grounds: SupportFinder) -> tuple[TripleSupport, ...]:
    """Where a row names the claim of a statement, the statement rests on that claim, not on all claims that state it.

    Where the row also asks of the statement as a fact (its periods, its support), it rests on the whole fact.
    """
    stating: dict[Term, dict[str, Reference]] = {}
    for ground in found:
        claim, predicate, statement = ground.triple
        if predicate == _STATES and (known := grounds.index.claim(claim)):
            reference = grounds.claim_reference(known)
            stating.setdefault(statement, {})[reference.key] = reference
    as_facts = {ground.triple[0] for ground in found if ground.triple[1] in OF_FACTS}
    found = [_as_supported(ground, found, grounds) for ground in found]
    return tuple(
        replace(ground, references=tuple(stating[ground.triple[0]].values()), leaves=(), proof=None)
        if ground.triple[0] in stating and ground.triple[0] not in as_facts
        else ground
        for ground in found
    )


def _as_supported(ground: TripleSupport, row: list[TripleSupport], grounds: SupportFinder) -> TripleSupport:
    """A fact rests on the documents that the row names for it, if any; a period or a mark, on all that dates it."""
    if ground.triple[1] in (kg("period"), kg("supportedByDocument")):
        return ground
    named = [
        other
        for other in row
        if other.triple[1] == kg("supportedByDocument")
        and (other.triple[0] == ground.triple[0] or grounds.statement(other.triple[0]) == ground.triple)
    ]
    references = {reference.key: reference for other in named for reference in other.references}
    if named and grounds.facts.view.as_of is not None:
        fact = grounds.statement(ground.triple[0]) or ground.triple
        references |= {reference.key: reference for reference in grounds.dating(fact)}
    return replace(ground, references=tuple(references.values())) if named else ground


def _letters(number: int) -> str:
    """A number in letters: a, b, … z, aa, ab, and so on."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


_FACT_NODE = (iri(RDF + "type"), kg("FactNode"))


def row_marks(graph: Graph, answer: Answer) -> Iterator[list[str]]:
    """One of MARKS for each row of an answer, "" for a row that rests on claims alone: a task of ``bounded``.

    The facts of a row are taken together; what ontology and entities give counts only where there is nothing else.
    Raises UsageError (KG630) where the query cannot be taken apart.
    """
    grounds = SupportFinder.of(graph)
    matches = _matches(graph, followed_select(answer.text), answer.columns, answer.rows)
    yield [_mark(graph, grounds, edges) for edges, _absent in matches]


def _mark(graph: Graph, grounds: SupportFinder, edges: list[Triple]) -> str:
    when = graph.view.as_of
    assert when is not None  # noqa: S101 - the caller asks at a date
    all_facts = dict.fromkeys(_facts(grounds, edges))
    facts = [fact for fact in all_facts if not grounds.facts.is_given(fact)]
    if not facts and any(grounds.index.claim(subject) for subject, _p, _o in edges):
        return ""
    facts = facts or list(all_facts)
    held = together(facts, {fact: graph.facts.periods(fact) for fact in facts})
    return mark_of(held, when) or "undated"


def _facts(grounds: SupportFinder, edges: list[Triple]) -> Iterable[Triple]:
    """The facts among the triples that a row matched, and the facts whose nodes it asks about."""
    asked = {s for s, p, o in edges if p in OF_FACTS or (p, o) == _FACT_NODE}
    for triple in edges:
        content = grounds.statement(triple[0]) if triple[0] in asked else None
        fact = content or triple
        if fact in grounds.facts:
            yield fact
