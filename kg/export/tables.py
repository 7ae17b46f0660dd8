"""The facts of a view as one CSV table: a row for each fact and period, with names, times and sources."""

from __future__ import annotations

import csv
import io
from typing import BinaryIO

from kg.export.facts import facts
from kg.graph.store import Graph
from kg.model import Term, text_of

__all__ = ["COLUMNS", "write_table"]

#: The columns, and in a view of a date ``certainty``: then. Several documents, sources or claims in a cell are
#: separated by semicolons.
COLUMNS = (
    "subject",
    "subject_label",
    "predicate",
    "predicate_label",
    "object",
    "object_label",
    "inferred",
    "earliest_begin",
    "latest_begin",
    "earliest_end",
    "latest_end",
    "documents",
    "sources",
    "claims",
)


def write_table(graph: Graph, file: BinaryIO) -> int:
    """Write RFC 4180 CSV in UTF-8; gives the number of rows."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    rows = csv.writer(text)
    dated = graph.view.as_of is not None
    rows.writerow([*COLUMNS, *(["certainty"] if dated else [])])
    count = 0
    for fact in facts(graph):
        terms = [cell for term in fact.triple for cell in (_plain(term), graph.label(term))]
        sources = ["; ".join(cells) for cells in (fact.documents, fact.sources, fact.claims)]
        sources += [fact.certainty] if dated else []
        rows.writerow([*terms, str(fact.inferred).lower(), *fact.bounds, *sources])
        count += 1
    text.detach()
    return count


def _plain(term: Term) -> str:
    return term[1:-1] if term.startswith("<") else text_of(term)
