"""Rows as objects: each term as the Python value that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, Union

from kg.model import Term, is_literal, text_of
from kg.vocab import XSD

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from kg.queries.answer import Answer

__all__ = ["PythonValue", "Record", "python_value"]

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
