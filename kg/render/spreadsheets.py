"""Answers as an Excel workbook (Office Open XML): a sheet of rows, one of evidence if asked for, one of sources."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from kg.errors import Problem, UsageError, missing_extra
from kg.harmless import harmless
from kg.queries.answer import python_value
from kg.render.columns import LABELS_FIRST, Settings, extended
from kg.render.sources import cited, footing

if TYPE_CHECKING:
    from kg.queries.answer import Answer

#: What a cell and a sheet of the format hold at most.
_CELL, _ROWS = 32_767, 1_048_576
_WIDEST = 60


def workbook(answer: Answer, settings: Settings) -> bytes:
    """The answer as a workbook: labels with IRIs beside them (IRIs alone with ``iris``), then the sources.

    Raises UsageError: KG758 without the library that writes it, KG662 for more rows than a sheet holds.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise missing_extra(error, "xlsx", "xlsxwriter") from None
    columns, rows = extended(answer, settings, "" if settings.iris else LABELS_FIRST)
    values = [[python_value(term) for term in row] for row in rows]
    if len(values) >= _ROWS:
        raise UsageError(Problem("KG662", f"{len(values)} rows are more than a sheet holds", remedy="Write CSV."))
    file = io.BytesIO()
    # Text stays text: nothing in a cell runs, and no address becomes a link by itself.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        _sheet(book, "Answer", columns, values)
        if settings.evidence is not None:
            _sheet(book, "Evidence", ["reference"], [[line] for line in settings.evidence.lines])
        documents = cited(answer, settings)
        fields = ["creator", "title", "publisher", "published", "url"]
        _sheet(book, "Sources", ["document", *fields], [[slug, *map(d.get, fields)] for slug, d in documents.items()])
        about = [*([answer.question] if answer.question else []), *footing(answer, settings)]
        _sheet(book, "About", ["about"], [[line] for line in about])
    return file.getvalue()


def _sheet(book: Any, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:  # noqa: ANN401 - an untyped library
    sheet, bold = book.add_worksheet(name), book.add_format({"bold": True})
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, columns, bold)
    sheet.freeze_panes(1, 0)
    widest = [len(column) for column in columns]
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            widest[place] = max(widest[place], len(str(value or "")))
            _cell(sheet, number, place, value, date)
    for place, width in enumerate(widest):
        sheet.set_column(place, place, min(width + 1, _WIDEST))


def _cell(sheet: Any, number: int, place: int, value: object, date: Any) -> None:  # noqa: ANN401 - as above
    from datetime import date as Date

    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(number, place, value)
    elif isinstance(value, (int, float)) and abs(value) < 2**53:
        sheet.write_number(number, place, value)
    elif type(value) is Date and value.year >= 1900:
        sheet.write_datetime(number, place, value, date)
    else:
        text = harmless(str(value))
        sheet.write_string(number, place, text if len(text) <= _CELL else f"{text[: _CELL - 1]}…")
