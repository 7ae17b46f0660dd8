"""Checking the expected answers beside saved queries: whether they can be answers to them.

Nothing is asked here: whether they are the answers is for the tests of a project, and for ``kg load``.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from kg.corpus.saved import SavedQuery
from kg.errors import Place, Problem, UsageError, counted
from kg.model import Term
from kg.project import Project
from kg.sparql.analysis import all_patterns
from kg.sparql.parser import parse_select

__all__ = ["answer_problems"]


def answer_problems(
    project: Project, queries: Mapping[str, SavedQuery], known: Callable[[Term], bool]
) -> Iterator[Problem]:
    """Expected answers whose columns are not their query's (KG623), and cells that nothing can be (KG624).

    ``known`` says of a name below the project's base whether the graph has it.
    """
    for path in project.files("queries"):
        if path.suffix != ".csv":
            continue
        query = queries.get(path.stem)
        if query is None:
            remedy = f"Write {path.stem}.rq, or take it away."
            yield Problem("KG623", "an expected answer without its query", Place(project.relative(path)), remedy)
            continue
        remedy = f"Ask again, and read what has changed: `kg query {path.stem} -f csv -o queries/{path.stem}.csv`."
        for code, message, line in _faults(path, query, project.base, known):
            yield Problem(code, message, Place(project.relative(path), line), remedy)


def _faults(
    path: Path, query: SavedQuery, base: str, known: Callable[[Term], bool]
) -> Iterator[tuple[str, str, int | None]]:
    """What is wrong with one expected answer: code, message and line."""
    columns, things = _asked(query)
    try:
        rows = list(_rows(path))
    except csv.Error as error:
        yield "KG623", f"no CSV: {error}", None
        return
    heads = rows[0][1] if rows else []
    if columns and heads != columns:
        yield "KG623", f"the columns are {', '.join(heads)}; the query's are {', '.join(columns)}", 1
    for line, row in rows[1:]:
        if len(row) != len(heads):
            yield "KG623", f"{counted(len(row), 'cell')} where there are {counted(len(heads), 'column')}", line
            continue
        for head, cell in zip(heads, row, strict=True):
            if cell.startswith(base) and not known(f"<{cell}>"):
                yield "KG624", f"{head}: the graph has no {cell}", line
            elif cell and head in things and ":" not in cell:
                yield "KG624", f"{head}: {cell!r} is no IRI", line


def _asked(query: SavedQuery) -> tuple[list[str], set[str]]:
    """The columns of a query, and those that only a thing can stand in; empty for what is no SELECT of names."""
    try:
        select = parse_select(query.text)
    except UsageError:
        return [], set()
    subjects = {pattern.subject for pattern in all_patterns(select.where)}
    things = {each.name for each in select.columns if each.expression is None and f"?{each.name}" in subjects}
    return [each.name for each in select.columns], things


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row of a file with the line on which it begins. A blank line is the empty cell of a single column."""
    line = 1
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file)
        for row in reader:
            yield line, row or [""]
            line = reader.line_num + 1
