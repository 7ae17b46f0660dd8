"""How an answer is to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kg.evidence import Evidence

__all__ = ["Settings"]


class Settings(NamedTuple):
    """What formats may be told; each takes what it can use.

    ``evidence`` of the answer, when it is to be shown; ``labels`` adds a column of labels beside each column of
    IRIs, in the formats for programs; ``iris`` adds the short name to a label, in those for people. ``width`` is
    that of a terminal in cells (0 outside one), ``colour`` whether to use its colours. ``spreadsheet`` writes cells
    that a spreadsheet would run as formulas with an apostrophe before them (CSV and TSV). ``quiet`` leaves out of a
    table what is not the answer: notes, view and documents.
    """

    evidence: Evidence | None = None
    labels: bool = False
    iris: bool = False
    width: int = 0
    colour: bool = False
    spreadsheet: bool = False
    quiet: bool = False
