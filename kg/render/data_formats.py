"""Answers for programs: CSV and TSV with labels or as SPARQL has them, SPARQL 1.1 JSON and XML, Excel workbooks."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from kg.errors import Problem, UsageError, missing_extra
from kg.harmless import harmless, json_text, web_address, xml_text
from kg.model import Term, is_literal, text_of, triple_of
from kg.queries.answer import python_value
from kg.render.columns import LABELS_FIRST, Settings, extended
from kg.render.sources import cited, footing

if TYPE_CHECKING:
    from kg.queries.answer import Answer

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n'


# -- CSV and TSV


def write_csv(answer: Answer, settings: Settings) -> Iterator[str]:
    """Labels, and IRIs beside them; with ``iris``, as SPARQL 1.1 Query Results CSV has it.

    Lines end with line feeds alone.
    """
    columns, rows = _values(answer, settings)
    yield ",".join(map(_in_csv, columns)) + "\n"
    for row in rows:
        line = ",".join(_in_csv(_harmless(value, settings)) for value in row)
        # An empty line would be passed over by who reads it.
        yield (line or '""') + "\n"


def write_tsv(answer: Answer, settings: Settings) -> Iterator[str]:
    """Labels, and IRIs beside them; with ``iris``, terms as SPARQL writes them (Query Results TSV)."""
    if settings.iris:
        names, terms = extended(answer, settings)
        columns: list[str] = [f"?{name}" for name in names]
        # N-Triples escapes line feeds, but may leave a tab as it is.
        rows: Iterator[list[str]] = (["" if t is None else t.replace("\t", "\\t") for t in row] for row in terms)
    else:
        columns, plain = _values(answer, settings)
        rows = ([value.replace("\\", "\\\\").translate(_IN_TSV) for value in row] for row in plain)
    yield "\t".join(columns) + "\n"
    yield from ("\t".join(_harmless(value, settings) for value in row) + "\n" for row in rows)


_IN_TSV = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _values(answer: Answer, settings: Settings) -> tuple[list[str], Iterator[list[str]]]:
    """Columns and rows of plain values."""
    columns, rows = extended(answer, settings, "" if settings.iris else LABELS_FIRST)
    return columns, (list(map(_plain, row)) for row in rows)


def _plain(term: Term | None) -> str:
    """A term without its type; a triple term has no form but its own."""
    if term is None:
        return ""
    return text_of(term) if term.startswith(('"', "<<(")) else term.strip("<>")


def _in_csv(value: str) -> str:
    if any(character in value for character in ',"\n\r'):
        return '"' + value.replace('"', '""') + '"'
    return value


def _harmless(value: str, settings: Settings) -> str:
    """For spreadsheets, which run what begins like a formula; else unchanged, so that programs get the value."""
    return f"'{value}" if settings.spreadsheet and value.startswith(_FORMULA) else value


# -- SPARQL JSON


def write_json(answer: Answer, settings: Settings) -> Iterator[str]:
    """SPARQL 1.1 Query Results JSON: head, bindings one a line; view, version, documents and evidence in ``kg``."""
    documents = cited(answer, settings)
    told = (f"{json_text(name)}: {json_text(value)}" for name, value in _about(answer, settings, documents).items())
    about = "{\n " + ",\n ".join(told) + "\n}"
    links = [document["url"] for document in documents.values() if document["url"]]
    if answer.boolean is not None:
        head = json_text({"link": links})
        yield f'{{"head": {head},\n"kg": {about},\n"boolean": {json_text(answer.boolean)}}}\n'
        return
    columns, rows = extended(answer, settings, "{}Label" if settings.labels else "")
    head = json_text({"vars": columns, "link": links})
    # Before the results: Oxigraph's parser wants nothing after them.
    yield f'{{"head": {head},\n"kg": {about},\n"results": {{"bindings": ['
    separator = "\n"
    names = [f"{json_text(column)}: " for column in columns]
    said: dict[Term, str] = {}  # most terms stand in several rows
    for row in rows:
        for term in row:
            if term is not None and term not in said:
                said[term] = json_text(term_json(term))
        found = (name + said[term] for name, term in zip(names, row, strict=True) if term is not None)
        yield f"{separator}{{{', '.join(found)}}}"
        separator = ",\n"
    yield "]}}\n"


def term_json(term: Term) -> dict[str, Any]:
    """A term as the format has it; triple terms and directions of text as SPARQL 1.2 has them."""
    if term.startswith("<<("):
        names, parts = ("subject", "predicate", "object"), triple_of(term)
        return {"type": "triple", "value": {name: term_json(part) for name, part in zip(names, parts, strict=True)}}
    if not is_literal(term):
        kind = "bnode" if term.startswith("_:") else "uri"
        return {"type": kind, "value": term[2:] if kind == "bnode" else term[1:-1]}
    found = {"type": "literal", "value": text_of(term)}
    tail = term[term.rindex('"') + 1 :]
    if tail.startswith("@"):
        found["xml:lang"], _dashes, direction = tail[1:].partition("--")
        if direction:
            found["its:dir"] = direction
    elif tail.startswith("^^"):
        found["datatype"] = tail[3:-1]
    return found


def _about(answer: Answer, settings: Settings, documents: dict[str, dict[str, str]]) -> dict[str, Any]:
    about: dict[str, Any] = {
        "question": answer.question,
        "query": answer.query.name if answer.query else None,
        "view": answer.view,
        "version": answer.version,
        "documents": documents,
        "notes": answer.notes,
        "truncated": answer.truncated,
    }
    if settings.evidence is not None:
        about["evidence"] = _published(answer, settings.evidence.as_json())
    return about


def _published(answer: Answer, evidence: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Evidence with the publication of each claim's document beside its time: undated, that is all that dates it."""
    for row in evidence:
        for triple in row["triples"]:
            for reference in triple["references"]:
                if "document" in reference:
                    reference["published"] = answer.documents[reference["document"]]["published"]
    return evidence


# -- SPARQL XML


def write_xml(answer: Answer, settings: Settings) -> Iterator[str]:
    """SPARQL Query Results XML (second edition): head, results; what cites them in a comment."""
    columns, rows = extended(answer, settings, "{}Label" if settings.labels else "")
    yield _XML_HEAD + "<head>"
    if answer.boolean is None:
        yield "".join(f"<variable name={quoteattr(column)}/>" for column in columns)
    for document in cited(answer, settings).values():
        yield f"<link href={quoteattr(document['url'])}/>" if web_address(document["url"]) else ""
    yield "</head>\n"
    if answer.boolean is not None:
        yield f"<boolean>{str(answer.boolean).lower()}</boolean>\n"
    else:
        yield "<results>\n"
        for row in rows:
            yield f"<result>{''.join(map(_binding, columns, row))}</result>\n"
        yield "</results>\n"
    # Two hyphens would end a comment.
    yield f"<!-- {xml_text(chr(10).join(footing(answer, settings))).replace('--', '- -')} -->\n</sparql>\n"


def _binding(column: str, term: Term | None) -> str:
    if term is None:
        return ""
    return f"<binding name={quoteattr(column)}>{_value(term_json(term))}</binding>"


def _value(found: dict[str, Any]) -> str:
    """A term as an element."""
    kind = found["type"]
    if kind == "triple":
        parts = "".join(f"<{part}>{_value(term)}</{part}>" for part, term in found["value"].items())
        return f"<triple>{parts}</triple>"
    attributes = "".join(f" {n}={quoteattr(found[n])}" for n in ("xml:lang", "its:dir", "datatype") if n in found)
    if "its:dir" in found:
        attributes += ' xmlns:its="http://www.w3.org/2005/11/its" its:version="2.0"'
    return f"<{kind}{attributes}>{xml_text(found['value'])}</{kind}>"


# -- Excel workbooks (Office Open XML): a sheet of rows, one of evidence if asked for, one of sources

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
