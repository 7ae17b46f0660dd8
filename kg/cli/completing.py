"""What a shell is offered to complete: documents, queries, parameters and entities. No command itself.

Nothing is built for it: without a store there is nothing to offer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

if TYPE_CHECKING:
    from kg.store import Graph

__all__ = ["complete_document", "complete_entity", "complete_parameter", "complete_query"]

_MOST = 40


def complete_query(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of saved queries, with their questions."""
    graph = _graph(ctx)
    found = graph.queries.values() if graph else ()
    return [CompletionItem(q.name, help=q.summary) for q in found if q.name.startswith(incomplete)]


def complete_document(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Slugs of documents, also after a comma."""
    graph = _graph(ctx)
    before, comma, last = incomplete.rpartition(",")
    slugs: Iterable[str] = graph.snapshot.meta["documents"] if graph else ()
    return [CompletionItem(f"{before}{comma}{slug}") for slug in slugs if slug.startswith(last)]


def complete_entity(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names that lead to one entity: its short name, with its label."""
    graph = _graph(ctx)
    return _entities(graph, incomplete) if graph else []


def complete_parameter(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """``name=`` of the query's parameters, and after it the values that it may have."""
    graph = _graph(ctx)
    # An option that still lacks its value ends click's parsing before the arguments: they are left over then.
    name_given = ctx.params.get("name") or next((word for word in ctx.args if not word.startswith("-")), "")
    query = graph.queries.get(name_given) if graph else None
    if graph is None or query is None:
        return []
    name, equals, written = incomplete.partition("=")
    if not equals:
        given = {entry.partition("=")[0] for entry in ctx.params.get("parameters") or ()}
        rest = [p for p in query.parameters if p.name.startswith(name) and p.name not in given]
        return [CompletionItem(f"{p.name}=", help=p.label or p.type) for p in rest]
    parameter = next((p for p in query.parameters if p.name == name), None)
    if parameter is None:
        return []
    if parameter.choices:
        from kg.queries.parameters import allowed

        items = [CompletionItem(_written(graph, term), help=graph.label(term)) for term in allowed(graph, parameter)]
        items = [item for item in items if item.value.startswith(written)]
    else:
        items = _entities(graph, written) if parameter.type == "entity" else []
    return [CompletionItem(f"{name}={item.value}", help=item.help) for item in items]


def _entities(graph: Graph, incomplete: str) -> list[CompletionItem]:
    from kg.lookup import fold

    wanted = fold(incomplete.removeprefix("id:"))
    terms = dict.fromkeys(term for key, found in graph.index.items() if key.startswith(wanted) for term in found)
    names = {term: _written(graph, term) for term in terms}
    # A shell replaces what was typed: only what begins so can be offered, unless it is the only one.
    fitting = [t for t in terms if names[t].startswith(incomplete)] or (list(terms) if len(terms) == 1 else [])
    return [CompletionItem(names[term], help=graph.label(term)) for term in fitting[:_MOST]]


def _written(graph: Graph, term: str) -> str:
    """The shortest that can be written for a term without a doubt."""
    from kg.labels import shorten
    from kg.model import text_of
    from kg.vocab import PREFIXES

    if term.startswith('"'):
        return text_of(term)
    short = shorten(term, {**PREFIXES, **graph.project.prefixes})
    prefix, _colon, local = short.partition(":")
    return local if prefix in ("id", "document") else short


def _graph(ctx: click.Context) -> Graph | None:
    from kg.build.snapshot import current
    from kg.errors import KgError
    from kg.project import Project
    from kg.store import Graph

    try:
        project = Project.find(ctx.find_root().params.get("folder"))
        snapshot = current(project)
    except KgError:
        return None
    return Graph(project, snapshot) if snapshot else None


class _Bash(BashComplete):
    """Bash parts words at ``=``, and replaces what follows it alone: ``-p organisation=CS`` is three words to it."""

    name = "bash"

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before, and the one to complete with ``name=`` joined to it again."""
        args, incomplete = super().get_completion_args()
        self._cut = 0
        joined: list[str] = []
        for word in (*args, incomplete):
            if joined and (word == "=" or joined[-1].endswith("=")) and not joined[-1].startswith("--"):
                self._cut = len(joined[-1]) + (word == "=")
                joined[-1] += word
            else:
                self._cut = 0
                joined.append(word)
        return joined[:-1], joined[-1]

    def format_completion(self, item: CompletionItem) -> str:
        """What is to stand in place of the last word as bash sees it."""
        return f"{item.type},{item.value[self._cut :]}"


add_completion_class(_Bash)
