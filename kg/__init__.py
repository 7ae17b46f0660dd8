"""A source-grounded knowledge graph of Serbia between NATO, the CSTO, Russia and the EU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from kg.api import KnowledgeGraph

__all__ = ["__version__", "open"]


def open(project: str | Path | None = None, language: str = "en") -> KnowledgeGraph:
    """Open the graph of a project, built first if need be: see ``kg.api``.

    >>> import kg
    >>> kg.open().query("observers").columns
    ('country', 'body', 'how', 'knownFrom', 'document')
    """
    # Imported here, since the command line imports this package and needs none of it.
    from kg.api import open_knowledge_graph

    return open_knowledge_graph(project, language)
