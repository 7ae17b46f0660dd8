"""What the rounds ask of an engine: views over Parquet files, and a SELECT written to another file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from kg.errors import InputError, Problem, UsageError

__all__ = ["SqlEngine", "failed", "missing_engine"]

_EXTRA = {"duckdb": "serbia-kg[duckdb]", "spark": "serbia-kg[spark]"}


class SqlEngine(Protocol):
    """An engine of SQL. Each method raises InputError (KG484) when the engine fails."""

    name: str

    def view(self, name: str, files: Sequence[Path]) -> None:
        """Name the rows of Parquet files."""

    def define(self, name: str, sql: str) -> None:
        """Name a SELECT."""

    def read_text(self, name: str, file: Path, columns: Mapping[str, str]) -> None:
        """Name the rows of a text file whose fields tabs part, nothing quoted; ``columns`` are names and types."""

    def write(self, sql: str, file: Path) -> int:
        """Write the rows of a SELECT to Parquet; gives their number."""
        ...

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a SELECT."""
        ...

    def close(self) -> None:
        """Let go of the engine."""


def missing_engine(name: str) -> UsageError:
    """The error for an engine that is not installed."""
    return UsageError(Problem("KG483", f"{name} is not installed", remedy=f"Run: pip install '{_EXTRA[name]}'"))


def failed(name: str, message: str) -> InputError:
    """The error for an engine that gave up: a full disk, too little memory, a server that is gone."""
    remedy = (
        "Remove the cause (disk, memory, server) and run the same command again: it goes on after the last round."
    )
    first = message.strip().splitlines()[0] if message.strip() else "no message"
    return InputError(Problem("KG484", f"{name} gave up: {first}", remedy=remedy))
