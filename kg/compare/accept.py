"""``kg diff --accept``: the answers that no longer are those kept beside the questions, shown and then kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from kg.files import read_text, whole_file
from kg.graph.store import Graph
from kg.queries import run

__all__ = ["ChangedAnswer", "accept", "changed_answers"]


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """An expected answer that differs from today's: its file, and both as CSV."""

    path: Path
    kept: str
    today: str

    def __str__(self) -> str:
        """The rows that go and come, as a unified diff without context."""
        lines = unified_diff(
            self.kept.splitlines(), self.today.splitlines(), self.path.name, "today", n=0, lineterm=""
        )
        return "\n".join(lines)


def changed_answers(graph: Graph) -> Iterator[ChangedAnswer]:
    """The expected answers of a project that differ from what its questions, with their defaults, answer now.

    A question without a file beside it expects nothing. Raises UsageError and InputError as ``run`` and reading do.
    """
    for name in graph.queries:
        path = graph.project.root / "queries" / f"{name}.csv"
        if path.is_file():
            kept, today = read_text(path, f"queries/{name}.csv"), run(graph, name).render("csv")
            if kept != today:
                yield ChangedAnswer(path, kept, today)


def accept(changed: Iterable[ChangedAnswer]) -> None:
    """Keep today's answers as the expected ones, each file in one step. Raises InputError (KG663)."""
    for answer in changed:
        with whole_file(answer.path) as file:
            file.write(answer.today.encode())
