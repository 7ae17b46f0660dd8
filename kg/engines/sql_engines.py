"""The engines of SQL: DuckDB, and Spark by Spark Connect (Apache Spark on a cluster, or Sail)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kg.errors import InputError, Problem, UsageError, missing_extra

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import DataFrame


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


def failed(name: str, message: str) -> InputError:
    """The error for an engine that gave up: a full disk, too little memory, a server that is gone."""
    remedy = (
        "Remove the cause (disk, memory, server) and run the same command again: it goes on after the last round."
    )
    first = message.strip().splitlines()[0] if message.strip() else "no message"
    return InputError(Problem("KG484", f"{name} gave up: {first}", remedy=remedy))


#: Rows that are handed over at once.
_BATCH = 10_000


class DuckDB:
    """A connection to a DuckDB in memory, whose tables are Parquet files and which spills into a folder."""

    name = "duckdb"

    def __init__(self, scratch: Path, memory: int = 0) -> None:
        """``scratch`` takes what does not fit in memory; ``memory`` is a limit in bytes, 0 for DuckDB's own."""
        try:
            import duckdb
        except ImportError as error:
            raise missing_extra(error, "duckdb", "duckdb") from None
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


class Spark:
    """A session at a Spark Connect server, which must see the run's folder under the same path."""

    name = "spark"

    def __init__(self, remote: str) -> None:
        """``remote`` is the server's address. Raises UsageError: KG483 without one, KG758 without the client."""
        if not remote:
            raise UsageError(
                Problem("KG483", "Spark needs a server", remedy="Name it: --spark sc://127.0.0.1:15002.")
            )
        try:
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
            from pyspark.sql.connect.client.retries import DefaultPolicy
        except ImportError as error:
            raise missing_extra(error, "spark", "pyspark", "pandas", "pyarrow", "grpc", "google") from None
        except SystemExit:  # what the client does in a process whose main module is no file, as of `python -c`
            remedy = "Start Python with a script or a module."
            raise UsageError(Problem("KG483", "the client of Spark cannot run here", remedy=remedy)) from None
        # The client's own errors, and those of the connection below it, which share no class.
        self._errors: tuple[type[Exception], ...] = (PySparkException, OSError, RuntimeError)
        self._session: Any = self._try(lambda: SparkSession.builder.remote(remote).create())
        # Some ten seconds in all; the client's own policy goes on for ten minutes.
        self._session.client.set_retry_policies([DefaultPolicy(max_retries=5, max_backoff=4000)])

    def view(self, name: str, files: Sequence[Path]) -> None:
        """Name the rows of Parquet files."""
        self._try(lambda: self._session.read.parquet(*map(str, files)).createOrReplaceTempView(name))

    def define(self, name: str, sql: str) -> None:
        """Name a SELECT."""
        self._try(lambda: self._session.sql(sql).createOrReplaceTempView(name))

    def read_text(self, name: str, file: Path, columns: Mapping[str, str]) -> None:
        """Name the rows of a text file whose fields tabs part, nothing quoted.

        It goes to Parquet first: Sail takes quotation marks for quoting whatever it is told.
        """
        import pyarrow as pa
        from pyarrow import csv, parquet

        types = {column: pa.int64() if kind == "BIGINT" else pa.string() for column, kind in columns.items()}
        made = file.with_suffix(".parquet")
        with parquet.ParquetWriter(made, pa.schema(list(types.items()))) as writer:
            if file.stat().st_size:  # of an empty file, pyarrow makes an error
                for batch in csv.open_csv(
                    file,
                    csv.ReadOptions(column_names=list(types), block_size=1 << 26),
                    csv.ParseOptions(delimiter="\t", quote_char=False),
                    csv.ConvertOptions(column_types=types, strings_can_be_null=False),
                ):
                    writer.write_batch(batch)
        self.view(name, [made])

    def write(self, sql: str, file: Path) -> int:
        """Write the rows of a SELECT to a folder of Parquet files; gives their number."""
        self._try(lambda: self._session.sql(sql).write.mode("overwrite").parquet(str(file)))
        return int(self._try(lambda: self._session.read.parquet(str(file)).count()))

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a SELECT."""
        found: DataFrame = self._try(lambda: self._session.sql(sql))
        yield from (tuple(row) for row in self._try(found.collect))

    def close(self) -> None:
        """End the session; one whose server is gone has ended."""
        with suppress(*self._errors):
            self._session.stop()

    def _try(self, call: Any) -> Any:  # noqa: ANN401 - as the client's calls
        try:
            return call()
        except self._errors as error:
            raise failed(self.name, str(error)) from error
