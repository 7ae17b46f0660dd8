"""What a query gives back: rows, triples or a boolean, with the view and version that they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, Union, overload

from kg.errors import UsageError, missing_extra
from kg.limits import TIMEOUT
from kg.model import Term, Triple, is_literal, text_of
from kg.queries.bounded import Task, bounded, solutions
from kg.vocab import XSD, kg

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    import pandas

    from kg.corpus.saved_queries import SavedQuery
    from kg.graph.store import Dataset, Graph

#: The lists that documents of the view give as complete.
_COMPLETE = f"SELECT DISTINCT ?list {{ ?claim {kg('listComplete')} ?list }}"
_PARTIAL = "no document says that these are all"

Row = tuple[Term | None, ...]


@dataclass(repr=False)
class Answer:
    """An answer, and all that is needed to show, cite and prove it.

    ``text`` is the SPARQL as it was asked, values put in; ``form`` is SELECT, ASK, CONSTRUCT or DESCRIBE. A SELECT
    has ``columns`` and ``rows`` (terms in N-Triples form, None when unbound), an ASK ``boolean``, the others
    ``triples``. ``truncated`` says that there was more than the row limit, ``limit``. ``certainty`` marks each row of
    an answer as of a date: ``certain``, ``possible``, or ``undated`` where ``undated`` rows were asked for;
    ``left_undated`` is how many of these were left out, ``dateless`` says that the date does not touch the question,
    ``unmarked`` why rows have no marks for another reason. The last ``added`` rows come from what certainly holds
    alone. ``shift`` is how many characters of declarations stand before the text that was given. ``timeout`` is how
    many seconds it may take to ask it, and to look for its notes with ``find_notes``; None is no limit. ``dataset``
    is what it is asked of in place of the view. ``memo`` keeps what was found of it.
    """

    graph: Graph
    query: SavedQuery | None
    text: str
    form: str
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    truncated: bool = False
    triples: list[Triple] = field(default_factory=list)
    boolean: bool | None = None
    values: dict[str, Term] = field(default_factory=dict)
    limit: int = 0
    certainty: list[str] | None = None
    added: int = 0
    undated: bool = False
    left_undated: int = 0
    dateless: bool = False
    unmarked: str = ""
    shift: int = 0
    timeout: float | None = TIMEOUT
    find_notes: Task | None = None
    dataset: Dataset | None = None
    show: Callable[[Answer, str], str] | None = None
    memo: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Record]:
        """The rows as objects."""
        return (Record(self, row) for row in self.rows)

    def __len__(self) -> int:
        """How many rows or triples there are."""
        return len(self.rows) or len(self.triples)

    def __bool__(self) -> bool:
        """The boolean of an ASK; else whether there is anything."""
        return bool(len(self)) if self.boolean is None else self.boolean

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...

    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        """One row as an object; of a slice, a list of them."""
        if isinstance(index, slice):
            return [Record(self, row) for row in self.rows[index]]
        return Record(self, self.rows[index])

    def fill(self) -> None:
        """Ask what was asked, and take over the rows, within the limits. Raises UsageError as ``ask`` does."""
        asked = (self.text, self.limit, self.shift, self.dataset)
        items = bounded(self.graph, solutions, *asked, timeout=self.timeout)
        head = next(items)
        self.boolean, self.columns = head.boolean, head.columns or ()
        rows = self.triples if head.columns is None else self.rows
        for item in items:
            if isinstance(item, list):
                rows += item
            else:
                self.truncated = item

    def part(self, start: int, stop: int) -> Answer:
        """The answer with the rows or triples from ``start`` to before ``stop`` alone."""
        rows = self.rows[start:stop]
        added = max(0, min(stop, len(self.rows)) - max(start, len(self.rows) - self.added))
        certainty = self.certainty and self.certainty[start:stop]
        return replace(self, rows=rows, triples=self.triples[start:stop], certainty=certainty, added=added)

    @property
    def question(self) -> str:
        """The question in words, with the values of its parameters: also a default is what was asked."""
        if self.query is None:
            return ""
        given = {
            p.name: self.graph.label(self.values[p.name]) for p in self.query.parameters if p.name in self.values
        }
        said = ", ".join(f"{name}: {value}" for name, value in given.items())
        return f"{self.query.summary} ({said})" if said else self.query.summary

    @property
    def version(self) -> str:
        """The version of the graph: the ontology's, and the digest of all that was built."""
        return self.graph.version

    @property
    def view(self) -> str:
        """The view in words of the graph's language."""
        touched = "; this question has no date, and the view's does not touch it" if self.dateless else ""
        what = "triples" if self.form in ("CONSTRUCT", "DESCRIBE") else "rows"
        unmarked = f"; the {what} are not marked: {self.unmarked}" if self.unmarked else ""
        return self.graph.describe_view(self.graph.language) + touched + unmarked

    @property
    def documents(self) -> dict[str, dict[str, str]]:
        """The documents that the view believes, by slug: title, creator, publisher, published, url."""
        described: dict[str, dict[str, str]] = self.graph.snapshot.meta["documents"]
        return {slug: described[slug] for slug in self.graph.view.documents(described)}

    @cached_property
    def notes(self) -> list[str]:
        """What the answer leaves out since documents contest it, and why it is empty if it is.

        To look for that asks the query again, for as long as ``timeout`` allows.
        """
        if self.form != "SELECT" or self.truncated:
            return [*self.left_out()]
        return [*self._listed(), *self._outside(), *self.left_out(), *self._notes()]

    def _listed(self) -> Iterator[str]:
        """How many things a list names, and whether a document gives it as complete."""
        listed = self.query.list if self.query else None
        if listed is None or not self.rows:
            return
        named = len(set(self._column(listed.of)) - {None})
        wholes = {self.values[listed.whole]} if listed.whole in self.values else set(self._column(listed.whole))
        memo = self.graph.memo
        if "complete lists" not in memo:
            memo["complete lists"] = {whole for (whole,) in self.graph.rows(_COMPLETE)}
        complete = memo["complete lists"]
        all_there = "a document says that these are all" if wholes and wholes <= complete else _PARTIAL
        yield f"{listed.of}: {named} named; {all_there}"

    def _column(self, name: str) -> Iterator[Term | None]:
        """The values of a column; none where there is no such column."""
        return (row[number] for number, column in enumerate(self.columns) if column == name for row in self.rows)

    def left_out(self) -> Iterator[str]:
        """How many rows were left out since nothing dates them on the day's side."""
        if self.left_undated:
            rows = "1 row is" if self.left_undated == 1 else f"{self.left_undated} rows are"
            yield f"{rows} undated then: nothing bounds the beginning or the end on that side (--undated)"

    def _outside(self) -> Iterator[str]:
        """That a query asks for named graphs, where the store has none."""
        from kg.sparql.analysis import asks_graphs

        if not self.graph.named_graphs and asks_graphs(self._written):
            yield "GRAPH matches nothing in the local store, which holds the view alone: `kg build --named-graphs`"

    @property
    def _written(self) -> str:
        """The text as it was written, whose tree is known already when values have been put in."""
        return self.query.text if self.query is not None else self.text

    def _notes(self) -> list[str]:
        if self.find_notes is None:
            return []
        from kg.sparql.analysis import sees

        contested = {*self.graph.snapshot.meta["contested_terms"]}
        if self.rows and contested.isdisjoint(self.values.values()) and not sees(self._written, contested):
            return []
        plain = replace(self, graph=None, show=None)  # type: ignore[arg-type]  # a worker opens its own
        try:
            return list(bounded(self.graph, self.find_notes, plain, timeout=self.timeout))
        except UsageError as error:
            # A query that cannot be taken apart has an answer all the same.
            return [self.notes_missing] if error.problems[0].code in ("KG605", "KG606") else []

    @property
    def notes_missing(self) -> str:
        """The note of an answer whose notes were not found in time."""
        what = "what contested facts would change" if self.rows else "why nothing is there"
        return f"{what} was not found within {self.timeout:g} s"

    def to_pandas(self, *, labels: bool = True) -> pandas.DataFrame:
        """The rows as a data frame, values as Python has them: labels, and IRIs in a column ``…_iri`` beside them.

        Without ``labels``, IRIs alone. Raises UsageError (KG758) without pandas.
        """
        try:
            import pandas
        except ImportError as error:
            raise missing_extra(error, "pandas", "pandas") from None
        held = {name for row in self.rows for name, term in zip(self.columns, row, strict=True) if _is_thing(term)}
        frame: dict[str, list[object]] = {}
        for name in self.columns:
            if labels and name in held:
                frame[name] = [_labelled(record, name) for record in self]
                frame[f"{name}_iri"] = [record[name] if _is_thing(record.term(name)) else None for record in self]
            else:
                frame[name] = [record[name] for record in self]
        return pandas.DataFrame(frame)

    def __str__(self) -> str:
        """The answer as it is shown in text: a table, where ``show`` is set."""
        return self.show(self, "table") if self.show is not None else repr(self)

    def __repr__(self) -> str:
        asked = self.query.name if self.query else self.form
        if self.boolean is not None:
            return f"<kg answer to {asked}: {self.boolean}>"
        what = f"{len(self.triples)} triples" if self.triples else f"{len(self.rows)} rows"
        columns = f" ({', '.join(self.columns)})" if self.columns else ""
        return f"<kg answer to {asked}: {what}{columns}>"

    def _repr_html_(self) -> str | None:
        """The answer as notebooks show it."""
        return self.show(self, "html") if self.show is not None else None


def _is_thing(term: Term | None) -> bool:
    """Whether a term is an IRI."""
    return term is not None and term.startswith("<") and not term.startswith("<<")


def _labelled(record: Record, name: str) -> object:
    return record.label(name) if _is_thing(record.term(name)) else record[name]


# -- rows as objects

#: IRIs come as their text without brackets, unbound cells as None.
PythonValue: TypeAlias = Union[str, int, float, bool, "Decimal", "date", "datetime", None]


@cache
def _readers() -> dict[str, Callable[[str], PythonValue]]:
    """What reads the literals of each datatype; the command line shows terms, and needs none of it."""
    from datetime import date, datetime
    from decimal import Decimal

    return {
        f"{XSD}integer": int,
        f"{XSD}decimal": Decimal,
        f"{XSD}double": float,
        f"{XSD}float": float,
        f"{XSD}date": date.fromisoformat,
        f"{XSD}dateTime": datetime.fromisoformat,
    }


def python_value(term: Term | None) -> PythonValue:
    """The value of a term; a literal that Python has no value for (a year 0, say) stays its text."""
    if term is None:
        return None
    if not is_literal(term):
        return term[1:-1] if term.startswith("<") and not term.startswith("<<(") else term
    text, datatype = text_of(term), term.rpartition('"')[2][3:-1]
    if datatype == f"{XSD}boolean":
        return text in ("true", "1")
    try:
        return _readers().get(datatype, str)(text)
    except (ValueError, ArithmeticError):  # decimal.InvalidOperation is one
        return text


class Record:
    """One row: ``record.country``, ``record["country"]``; ``record.label("country")`` in the graph's language."""

    __slots__ = ("_answer", "_row")

    def __init__(self, answer: Answer, row: tuple[Term | None, ...]) -> None:
        self._answer = answer
        self._row = row

    def __getattr__(self, column: str) -> PythonValue:
        """The value in a column."""
        if column.startswith("__") or column not in self._answer.columns:
            raise AttributeError(f"no column {column!r}; there are {', '.join(self._answer.columns)}")
        return self[column]

    def __getitem__(self, column: str) -> PythonValue:
        """The value in a column. Raises KeyError for an unknown column."""
        return python_value(self.term(column))

    def __iter__(self) -> Iterator[PythonValue]:
        """The values, in order of the columns."""
        return map(python_value, self._row)

    def __len__(self) -> int:
        return len(self._row)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and (self._row, self._answer.columns) == (other._row, other._answer.columns)

    def __hash__(self) -> int:
        return hash(self._row)

    def __repr__(self) -> str:
        cells = ", ".join(f"{name}={self[name]!r}" for name in self._answer.columns)
        return f"Record({cells})"

    def term(self, column: str) -> Term | None:
        """The term in a column, in N-Triples form; None when unbound."""
        try:
            return self._row[self._answer.columns.index(column)]
        except ValueError:
            raise KeyError(column) from None

    def label(self, column: str) -> str:
        """What the term in a column is called; empty when unbound."""
        term = self.term(column)
        return "" if term is None else self._answer.graph.label(term)

    def as_dict(self) -> dict[str, PythonValue]:
        """Column to value."""
        return dict(zip(self._answer.columns, self, strict=True))
