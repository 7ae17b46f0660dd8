"""DuckDB: for what fits on a disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.engines.sql_engine import failed, missing_engine

if TYPE_CHECKING:
    import duckdb

__all__ = ["DuckDB"]

#: Rows that are handed over at once.
_BATCH = 10_000


class DuckDB:
    """A connection to a DuckDB in memory, whose tables are Parquet files and which spills into a folder."""

    name = "duckdb"

    def __init__(self, scratch: Path, memory: int = 0) -> None:
        """``scratch`` takes what does not fit in memory; ``memory`` is a limit in bytes, 0 for DuckDB's own."""
        try:
            import duckdb
        except ImportError:
            raise missing_engine("duckdb") from None
        self._error = duckdb.Error
        settings: dict[str, Any] = {"temp_directory": str(scratch), "preserve_insertion_order": False}
        # What files say never makes it load or fetch anything.
        settings |= {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
        self._connection = duckdb.connect(":memory:", config=settings)
        if memory:
            self._run(f"SET memory_limit = '{memory >> 20}MiB'")

    def view(self, name: str, files: Sequence[Path]) -> None:
        """Name the rows of Parquet files."""
        listed = ", ".join(_quoted(file) for file in files)
        self._run(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet([{listed}])")

    def define(self, name: str, sql: str) -> None:
        """Name a SELECT."""
        self._run(f"CREATE OR REPLACE VIEW {name} AS {sql}")

    def read_text(self, name: str, file: Path, columns: Mapping[str, str]) -> None:
        """Name the rows of a text file whose fields tabs part, nothing quoted."""
        types = ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items())
        options = "delim='\t', quote='', escape='', header=false, auto_detect=false"
        options += ", max_line_size=67108864, buffer_size=268435456" if "STRING" in columns.values() else ""
        self._run(
            f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM "
            f"read_csv({_quoted(file)}, {options}, columns={{{types}}})"
        )

    def write(self, sql: str, file: Path) -> int:
        """Write the rows of a SELECT to a Parquet file; gives their number."""
        found = self._run(f"COPY ({sql}) TO {_quoted(file)} (FORMAT parquet, COMPRESSION zstd)").fetchone()
        return int(found[0]) if found else 0

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a SELECT, in batches behind the scenes."""
        cursor = self._run(sql, self._connection.cursor())
        while batch := cursor.fetchmany(_BATCH):
            yield from batch

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _run(self, sql: str, connection: duckdb.DuckDBPyConnection | None = None) -> duckdb.DuckDBPyConnection:
        try:
            return (connection or self._connection).execute(sql)
        except self._error as error:
            raise failed(self.name, str(error)) from error


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"
