"""What tools give to agents, as the schemas that a client is told; the docstrings are part of them."""

from __future__ import annotations

from typing import NotRequired

# Of Python itself from 3.12 on: before, the SDK cannot make a schema of typing's.
from typing_extensions import TypedDict


class SourceData(TypedDict):
    """What something rests on: a claim, a rule, an axiom, a background fact or a description.

    ``passages`` are the IRIs of the sentences behind a claim, ``url`` is the document's address.
    """

    id: str
    kind: str
    text: str
    document: NotRequired[str]
    passages: NotRequired[list[str]]
    url: NotRequired[str]


class _Page(TypedDict):
    references: list[SourceData]
    view: str
    graph: str


class RowData(TypedDict):
    """``cells`` as people read them, by column; ``ids`` are the IRIs of those that are entities or terms.

    ``rests_on`` are ids of ``references``; ``absent`` is what the row rests on not being there.
    """

    cells: dict[str, str]
    ids: dict[str, str]
    status: str
    rests_on: list[str]
    absent: NotRequired[list[str]]
    at_date: NotRequired[str]


class AnswerPage(_Page):
    """A page of an answer. Ask again with ``offset`` = ``next_offset`` for the next; null at the end."""

    question: str
    sparql: str
    columns: list[str]
    rows: list[RowData]
    total: int
    next_offset: int | None
    notes: list[str]


class QuestionData(TypedDict):
    """A saved question; ``values`` are those that the words give for its parameters."""

    name: str
    question: str
    theme: str
    parameters: dict[str, str]
    values: dict[str, str]


class NamedThing(TypedDict):
    """A thing by its IRI and its name."""

    id: str
    label: str


class FoundQuestions(_Page):
    """Questions that fit, best first; entities that the words name; claims that have all the words."""

    questions: list[QuestionData]
    entities: list[NamedThing]
    claims: list[str]


class VerdictData(_Page):
    """How a statement stands. ``supported`` is true only where it is stated or inferred as a fact."""

    statement: str
    verdict: str
    supported: bool
    by: list[str]
    rests_on: list[str]
    reasons: list[str]
    near: list[str]
    citation: str | None


class StepData(TypedDict):
    """A step of a proof: ``premises`` are numbers of steps, ``rests_on`` ids of ``references``."""

    number: int
    text: str
    status: str
    rule: str
    premises: list[int]
    rests_on: list[str]


class ProofData(_Page):
    """A proof: step 1 is the conclusion."""

    statement: str
    verdict: str
    steps: list[StepData]


class AbsenceData(_Page):
    """Why a statement does not hold: near misses of rules, claims against it, views in which it would hold."""

    statement: str
    verdict: str
    reasons: list[str]
    rests_on: list[str]


class SideData(TypedDict):
    """One side of a conflict."""

    text: str
    rests_on: list[str]


class Disagreement(TypedDict):
    """Two sides that cannot both hold; ``dissolved`` says what shows that they can, empty where nothing does."""

    kind: str
    why: str
    sides: list[SideData]
    dissolved: str
    note: str


class Disagreements(_Page):
    """A page of conflicts."""

    conflicts: list[Disagreement]
    total: int
    next_offset: int | None


class Said(TypedDict):
    """A fact or claim about a thing. ``status`` of a claim says why the view does not take it as a fact."""

    text: str
    status: str
    when: str
    rests_on: list[str]


class Thing(_Page):
    """A page of what the graph says about a thing: facts first, then claims that are no facts of the view."""

    id: str
    label: str
    kinds: list[str]
    definition: str
    names: dict[str, list[str]]
    said: list[Said]
    total: int
    next_offset: int | None


class FoundItem(TypedDict):
    """Something that has the words: in a ``name``, a ``definition``, or the ``gloss`` of a claim."""

    id: str
    kind: str
    label: str
    text: str
    rests_on: list[str]


class FoundItems(_Page):
    """What has the words, best first."""

    hits: list[FoundItem]
