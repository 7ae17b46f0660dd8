"""Spark by Spark Connect: Apache Spark on a cluster, or Sail, with one client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.engines.sql_engine import failed, missing_engine
from kg.errors import Problem, UsageError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["Spark"]


class Spark:
    """A session at a Spark Connect server, which must see the run's folder under the same path."""

    name = "spark"

    def __init__(self, remote: str) -> None:
        """``remote`` is the server's address. Raises UsageError (KG483) without one, or without the client."""
        if not remote:
            raise UsageError(
                Problem("KG483", "Spark needs a server", remedy="Name it: --spark sc://127.0.0.1:15002.")
            )
        try:
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
            from pyspark.sql.connect.client.retries import DefaultPolicy
        except ImportError:
            raise missing_engine("spark") from None
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
