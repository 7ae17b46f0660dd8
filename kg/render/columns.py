"""Any answer as columns and rows: for programs every column as it is, for readers those that they need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kg.dates import MARKS, Period, Span, span
from kg.graph.index_schema import term_key
from kg.harmless import harmless_line
from kg.labels import shorten
from kg.model import Term, is_literal, quoted, text_of
from kg.phrases import phrase
from kg.status import legend, status_of
from kg.timeline.dates_in_words import claimed, date_in_words, in_words, periods_in_words, published_in_words
from kg.vocab import XSD

if TYPE_CHECKING:
    from kg.evidence import Evidence
    from kg.model import Claim
    from kg.queries.answer import Answer

Row = tuple[Term | None, ...]

_HUMP = re.compile(r"(?<=[a-z0-9])[A-Z](?=[a-z]|$)")
#: The four bounds of a period by the names that queries give them, with their headings.
_BOUNDS = {
    "notBefore": "earliest start",
    "begunBy": "latest start",
    "stillOn": "last known",
    "overBy": "ended by",
}
#: What the headings of bounds mean, as a legend has it.
_BOUND_MEANINGS = {
    "earliest start": "it did not begin before",
    "latest start": "it had begun by then",
    "last known": "it held at least until then",
    "ended by": "it did not hold after",
}
#: The columns of which rows that differ in nothing else are one row for a reader.
_JOINED = ("document", "when", "rests on", "certainty")

#: For columns of IRIs, labels, and the IRIs in a column beside them: ``country``, ``country_iri``.
LABELS_FIRST = "{}_iri"


class Settings(NamedTuple):
    """What formats may be told; each takes what it can use.

    ``evidence`` of the answer, when it is to be shown; ``labels`` adds a column of labels beside each column of
    IRIs in SPARQL JSON and XML. ``iris`` gives IRIs alone in CSV and TSV, and short names beside labels, claims'
    names too, in formats for people; ``wide`` gives these every column. ``width`` is that of a line in cells (0: as
    long as it is), ``colour`` whether to use a terminal's colours. ``spreadsheet`` writes cells that a spreadsheet
    would run as formulas with an apostrophe before them (CSV and TSV). ``quiet`` leaves out of a table what is not
    the answer: notes, legend, view and documents. Without ``look_up``, the sources of rows are not looked for by
    their evidence, which takes to ask again.
    """

    evidence: Evidence | None = None
    labels: bool = False
    iris: bool = False
    wide: bool = False
    width: int = 0
    colour: bool = False
    spreadsheet: bool = False
    quiet: bool = False
    look_up: bool = True


class Cell(NamedTuple):
    """What a reader sees, and the term that it stands for, if it is one."""

    text: str
    term: Term | None = None


class ReaderTable(NamedTuple):
    """Headings and rows for people; ``numbers`` has for each row the numbers of the answer's rows folded in it.

    ``headings`` are English, and ``titles`` the same in ``language``, which is that of its status words too.
    """

    headings: list[str]
    rows: list[list[Cell]]
    numbers: list[list[int]]
    language: str = "en"

    @property
    def titles(self) -> list[str]:
        """The headings as a reader of the language sees them."""
        return [phrase(name, self.language) for name in self.headings]

    def legend(self) -> dict[str, str]:
        """The status words and bounds in it, with their meanings, in the order of the vocabulary."""
        found = {c.text for row in self.rows for h, c in zip(self.headings, row, strict=True) if h in _LEGENDARY}
        told = {word: meaning for word, meaning in legend(self.language).values() if word in found}
        bounds = {
            phrase(name, self.language): phrase(text, self.language)
            for name, text in _BOUND_MEANINGS.items()
            if name in self.headings
        }
        return told | bounds


_LEGENDARY = ("status", "how", "certainty", "verdict", "what")


def cell(answer: Answer, term: Term | None, settings: Settings) -> str:
    """A term as people read it, on one line: its label; its short name with ``iris``; the text of a literal."""
    if term is None:
        return ""
    if is_literal(term):
        return harmless_line(text_of(term))
    label = answer.graph.label(term)
    short = shorten(term, answer.graph.project.prefixes)
    return f"{label} ({short})" if settings.iris and short != label else label


def columns_and_rows(answer: Answer) -> tuple[tuple[str, ...], list[Row]]:
    """The columns and rows of any form of answer: triples have three, a boolean one."""
    if answer.boolean is not None:
        return ("answer",), [(f'"{str(answer.boolean).lower()}"^^<{XSD}boolean>',)]
    if answer.form in ("CONSTRUCT", "DESCRIBE"):
        return ("subject", "predicate", "object"), [tuple(triple) for triple in answer.triples]
    return answer.columns, answer.rows


# -- for programs


def extended(answer: Answer, settings: Settings, beside: str = "") -> tuple[list[str], Iterator[Row]]:
    """Columns and rows for programs, with certainty and what rows rest on as columns of their own.

    With ``beside``, each column that holds an IRI in some row has another: ``{}Label`` with the labels after it, or
    ``{}_iri`` with the IRIs after the labels, which then stand in its place.
    """
    columns, rows = columns_and_rows(answer)
    held = {name for row in rows for name, term in zip(columns, row, strict=True) if term and term.startswith("<")}
    doubled = [bool(beside) and name in held and beside.format(name) not in columns for name in columns]
    pairs = zip(columns, doubled, strict=True)
    names = [each for name, two in pairs for each in ((name, beside.format(name)) if two else (name,))]
    return names + _added_columns(answer, settings, names), _extended_rows(answer, settings, doubled, beside)


def _extended_rows(answer: Answer, settings: Settings, doubled: list[bool], beside: str) -> Iterator[Row]:
    _columns, rows = columns_and_rows(answer)
    sources = _rests_on(settings)
    for number, row in enumerate(rows):
        made: list[Term | None] = []
        for term, two in zip(row, doubled, strict=True):
            label = quoted(answer.graph.label(term)) if two and term else None
            if two and beside == LABELS_FIRST:
                made += (label, term if term and term.startswith("<") else None)
            else:
                made += (term, label) if two else (term,)
        if answer.certainty is not None:
            made.append(f'"{answer.certainty[number]}"')
        if settings.evidence is not None:
            made.append(quoted(sources[number]) if number < len(sources) else None)
        yield tuple(made)


def _added_columns(answer: Answer, settings: Settings, taken: Iterable[str]) -> list[str]:
    """The names of the columns that the view and the evidence add, other ones where a query has taken theirs."""
    used, added = set(taken), []
    for name, wanted in (("certainty", answer.certainty), ("rests_on", settings.evidence)):
        if wanted is not None:
            while name in used:
                name += "_in_view"
            added.append(name)
    return added


def _rests_on(settings: Settings) -> list[str]:
    """For each row, the claims and axioms that it rests on: IRIs of claims, files and lines of the others.

    A row that rests on something not being there says ``absence`` as well.
    """
    if settings.evidence is None:
        return []
    found = []
    for row in settings.evidence.rows:
        sources = dict.fromkeys(r.source.strip("<>") for ground in row.grounds for r in ground.references)
        found.append(" ".join([*sources, *(["absence"] if row.absences else [])]))
    return found


# -- for readers


def reader_table(answer: Answer, settings: Settings, names: Mapping[Term, str] | None = None) -> ReaderTable:
    """What a reader sees of an answer: the columns that its question names, or all but the claims' names.

    Modality and polarity are one status, the bounds of a period one phrase; what the row's claim tells and the query
    does not select (status, holder, time, document) comes from the claim. Rows that differ in document or time alone
    are one. With ``wide``, everything stands as it was selected. ``names`` are those that terms have here in place
    of their labels.
    """
    if answer.boolean is not None:
        certainly = {"certain": ", certainly", "possible": ", possibly", "undated": ": undated"}
        certain = "" if answer.certainty is None else certainly[answer.certainty[0]]
        return ReaderTable(["answer"], [[Cell(("yes" if answer.boolean else "no") + certain)]], [[0]])
    columns, rows = columns_and_rows(answer)
    reading = _Reading(answer, settings, columns, rows, names or {})
    headings = [*reading.shown, *_added_columns(answer, settings, columns)]
    cells = [reading.cells(number, row) for number, row in enumerate(rows)]
    told = [heading(name) for name in headings]
    if settings.wide or answer.form != "SELECT":
        return ReaderTable(told, cells, [[number] for number in range(len(rows))], answer.graph.language)
    return _folded(told, cells, reading)


def heading(name: str) -> str:
    """What stands above a column: its name as words."""
    return _BOUNDS.get(name) or _HUMP.sub(lambda m: " " + m[0].lower(), name).replace("_", " ")


def _folded(headings: list[str], rows: list[list[Cell]], reading: _Reading) -> ReaderTable:
    """Rows that differ only in what is joined, as one, where the first stood; the first column is never joined."""
    joined = [place for place, name in enumerate(headings) if place and name in _JOINED]
    if len(joined) == len(headings):
        joined = []
    together: dict[tuple[Cell, ...], list[int]] = {}
    for number, row in enumerate(rows):
        key = tuple(c for place, c in enumerate(row) if place not in joined)
        together.setdefault(key, []).append(number)
    made = []
    for numbers in together.values():
        row = list(rows[numbers[0]])
        for place in joined if len(numbers) > 1 else ():
            if headings[place] == "when" and reading.bounds and not reading.claims:
                row[place] = Cell(reading.when([reading.rows[number] for number in numbers]))
            elif headings[place] == "certainty":
                row[place] = reading.certainty(numbers)
            else:
                row[place] = _join([rows[number][place] for number in numbers], headings[place])
        made.append(row)
    return ReaderTable(headings, made, list(together.values()), reading.language)


def _join(cells: Sequence[Cell], column: str) -> Cell:
    texts = dict.fromkeys(c.text for c in cells if c.text)
    if column == "rests on":
        texts = dict.fromkeys(mark for text in texts for mark in text.split(" "))
        return Cell(" ".join(texts))
    one = cells[0] if len(texts) == 1 else Cell("")
    return one if one.text else Cell((", " if column == "document" else "; ").join(texts))


class _Reading:
    """The cells of one answer for a reader."""

    def __init__(
        self, answer: Answer, settings: Settings, columns: tuple[str, ...], rows: list[Row], names: Mapping[Term, str]
    ) -> None:
        self.answer, self.settings, self.names = answer, settings, names
        self.rows, self.places = rows, {name: place for place, name in enumerate(columns)}
        self.language = answer.graph.language
        self.words = {word: told for word, (told, _meaning) in legend(self.language).items()}
        self.bounds = [name for name in _BOUNDS if name in self.places]
        starts = (name.removesuffix("From") for name in columns if name.endswith("From"))
        #: What lies between two days, by the columns of these: ``endedFrom`` and ``endedBy`` as ``ended``.
        self.spans = {name: (f"{name}From", f"{name}By") for name in starts if f"{name}By" in self.places}
        self.claims = self._named_claims(rows) if answer.form == "SELECT" and not settings.wide else {}
        self.shown = self._shown(columns, rows)
        self.said: dict[Term, Cell] = {}

    def _named_claims(self, rows: list[Row]) -> dict[Term, Claim]:
        """The claims that rows are of, by name: those of the first column that holds claims' names alone."""
        place = next((place for name, place in self.places.items() if self._of_claims(name, rows)), None)
        if place is None:
            return {}
        self.claim_place = place
        graph, keys = self.answer.graph, {term_key(term) for row in rows if (term := row[place])}
        found = {claim.iri: claim for claim in graph.index.claims(keys).values()}
        graph.facts.take(map(term_key, found))
        return found

    def _shown(self, columns: tuple[str, ...], rows: list[Row]) -> list[str]:
        """The columns in the order in which a reader sees them."""
        if self.settings.wide or self.answer.form != "SELECT":
            return [name for name in columns if self.settings.iris or not self._of_claims(name, rows)]
        query = self.answer.query
        if query is not None and query.columns:
            return [*query.columns, *(["claim"] if self.settings.iris and "claim" in columns else [])]
        shown: list[str] = []
        as_one = {"modality": "status", "polarity": "status", **dict.fromkeys(self.bounds, "when")}
        as_one |= {name: span for span, names in self.spans.items() for name in names}
        for name in columns:
            folded = as_one.get(name, name)
            if folded not in shown and (self.settings.iris or not self._of_claims(name, rows)):
                shown.append(folded)
        if self.claims:
            last = [name for name in shown if name.lower().endswith("gloss")]
            shown = [name for name in shown if name not in last]
            shown += [name for name in ("status", "holder", "when", "document") if name not in shown]
            shown += last or ["gloss"]
        return shown

    def _of_claims(self, name: str, rows: list[Row]) -> bool:
        """Whether a column holds claims' names, and nothing that tells a reader more."""
        start = self.answer.graph.project.iri("claim", "")[:-1]
        held = [term for row in rows if (term := row[self.places[name]]) is not None]
        return bool(held) and all(term.startswith(start) for term in held)

    def cells(self, number: int, row: Row) -> list[Cell]:
        """One row."""
        claim = self.claims.get(row[self.claim_place] or "") if self.claims else None
        made = [self._cell(name, row, claim) for name in self.shown]
        if self.answer.certainty is not None:
            made.append(self.certainty([number]))
        if self.settings.evidence is not None:
            marks = self.settings.evidence.cells
            made.append(Cell(marks[number] if number < len(marks) else ""))
        return made

    def _cell(self, name: str, row: Row, claim: Claim | None) -> Cell:
        if name in self.places and not (name == "status" and claim):
            found = self._term(row[self.places[name]])
            if name in _LEGENDARY and found.text in self.words:
                return self._word(found.text)
            # A query may give any column this name.
            return Cell(date_in_words(found.text, self.language)) if name == "published" and found.text else found
        if name == "when" and self.bounds and not claim:
            return Cell(self.when([row]))
        if name in self.spans:
            first, last = (row[self.places[end]] for end in self.spans[name])
            between = Span(first and text_of(first), last and text_of(last))
            return Cell(in_words(between, self.answer.graph.language) if first or last else "")
        if name == "status":
            return self._word(self._status(row, claim))
        return self._of_claim(name, claim)

    def _word(self, text: str) -> Cell:
        """A status word as a reader of the language sees it; other text as it is."""
        return Cell(self.words.get(text, text))

    def _term(self, term: Term | None) -> Cell:
        if term is None:
            return Cell("")
        known = self.said.get(term)
        if known is None:
            text = self.names.get(term) or cell(self.answer, term, self.settings)
            known = self.said[term] = Cell(text, term)
        return known

    def certainty(self, numbers: Iterable[int]) -> Cell:
        """How certain the most certain of some rows is."""
        marks = self.answer.certainty or []
        return self._word(max((marks[number] for number in numbers), key=("", *MARKS).index))

    def when(self, rows: Sequence[Row]) -> str:
        """The periods of some rows, folded in one phrase."""

        def bound(row: Row, name: str) -> str | None:
            term = row[self.places[name]] if name in self.places else None
            return text_of(term) if term else None

        read = ([bound(row, name) for name in _BOUNDS] for row in rows)
        periods = [Period(first, begun, lasted, last) for first, begun, lasted, last in read]
        kind = "EventKind" if "begunBy" not in self.places and "stillOn" not in self.places else "StateKind"
        return periods_in_words(periods, kind, self.language) or self._published(rows)

    def _published(self, rows: Sequence[Row]) -> str:
        """When the documents of some rows appeared: all that dates what they leave undated."""
        place, graph = self.places.get("document"), self.answer.graph
        named = {row[place] for row in rows} if place is not None else set()
        documents = graph.snapshot.meta["documents"].items()
        dates = sorted(
            {told["published"] for slug, told in documents if graph.project.iri("document", slug) in named}
        )
        return published_in_words(map(span, dates), self.language) if dates else ""

    def _status(self, row: Row, claim: Claim | None) -> str:
        def value(name: str) -> Term | None:
            return row[self.places[name]] if name in self.places else None

        modality = value("modality") or (claim.modality if claim else None)
        polarity = value("polarity") or (claim.polarity if claim else None)
        held = bool(claim.holders) if claim else value("holder") is not None
        word = status_of(modality, polarity, held=held)
        facts = self.answer.graph.facts
        if claim and word == "stated" and claim.document in facts.believed and not facts.takes(claim.iri):
            return "contested"
        return word

    def _of_claim(self, name: str, claim: Claim | None) -> Cell:
        """What the row's claim tells and the query does not select."""
        if claim is None:
            return Cell("")
        if name == "document":
            return self._term(self.answer.graph.project.iri("document", claim.document))
        if name == "holder":
            return Cell(", ".join(self._term(holder).text for holder in claim.holders))
        if name == "when":
            published = self.answer.graph.index.document(claim.document).published
            return Cell(claimed(claim.times, published, self.language))
        return Cell(harmless_line(claim.gloss)) if name == "gloss" else Cell("")
