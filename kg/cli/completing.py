"""Shell completion of documents, queries, parameters, entities and similar names. This module is not a command.

Completion never builds the graph: without a store it offers nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Collection

    from click.shell_completion import CompletionItem

    from kg.corpus.saved_queries import Parameter
    from kg.graph.store import Graph
    from kg.model import Term

#: More than anybody reads; a shell asks before it shows that many.
_MOST = 1000
#: What completion may take.
_SECONDS = 5.0


def complete_query(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of saved queries, with their questions."""
    graph = offered_graph(ctx)
    found = graph.queries.values() if graph else ()
    return _beginning(((query.name, query.summary) for query in found), incomplete)


def complete_document(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Slugs of documents with their titles, also after a comma."""
    graph = offered_graph(ctx)
    before, comma, last = incomplete.rpartition(",")
    documents = graph.snapshot.meta["documents"] if graph else {}
    given = before.split(",")
    items = _beginning(((slug, found["title"]) for slug, found in documents.items() if slug not in given), last)
    return [_item(f"{before}{comma}{item.value}", item.help) for item in items]


def complete_entity(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of anything: entities, terms of the ontology, documents, and claims after ``claim:``."""
    graph = offered_graph(ctx)
    return _terms(graph, incomplete, None) if graph else []


def complete_property(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of properties, as the predicate of a triple."""
    graph = offered_graph(ctx)
    if graph is None:
        return []
    from kg.queries.name_completion import properties

    return [*_beginning([("a", "is a")], incomplete), *_terms(graph, incomplete, properties(graph))]


def complete_language(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The languages of labels."""
    return _beginning(
        (("en", "English"), ("sr-Latn", "Serbian, Latin"), ("sr-Cyrl", "Serbian, Cyrillic")), incomplete
    )


def complete_profile(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The kinds of stores."""
    from kg.load.profiles import PROFILES

    return _beginning(((name, profile.title) for name, profile in PROFILES.items()), incomplete)


def complete_code(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The codes of problems, with what they mean."""
    from kg.checks.problem_codes import CODES

    return _beginning(((code, found.title) for code, found in CODES.items()), incomplete)


def complete_value(graph: Graph | None, parameter: Parameter, typed: str) -> list[CompletionItem]:
    """The values that a question's parameter may have."""
    if graph is None:
        return []
    from kg.queries.name_completion import entities
    from kg.queries.parameters import allowed, fitting

    if parameter.type == "entity":
        return _terms(graph, typed, fitting(graph, parameter) or entities(graph))
    return _terms(graph, typed, allowed(graph, parameter)) if parameter.choices else []


def _terms(graph: Graph, typed: str, within: Collection[Term] | None) -> list[CompletionItem]:
    from kg.queries.name_completion import beginnings

    found = sorted(beginnings(graph, typed, within).items())
    return [_item(written, graph.label(term)) for written, term in found[:_MOST]]


def _beginning(known: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    """The known words that begin with the incomplete one (in any case), with their meanings."""
    begun = incomplete.casefold()
    return [_item(word, help_) for word, help_ in known if word.casefold().startswith(begun)]


def _item(word: str, meaning: str | None) -> CompletionItem:
    from click.shell_completion import CompletionItem

    return CompletionItem(word, help=meaning or None)


def offered_graph(ctx: click.Context) -> Graph | None:
    """The current build, or None: completion never builds."""
    from kg.errors import KgError
    from kg.graph.snapshot import current
    from kg.graph.store import Graph
    from kg.project import Project
    from kg.queries.bounded import confined

    try:
        # A shell waits for it: after that time nothing is offered.
        ctx.find_root().with_resource(confined(_SECONDS, lambda _problem: os._exit(0)))
        project = Project.find(ctx.find_root().params.get("folder"))
        snapshot = current(project)
    except KgError:
        return None
    return Graph(project, snapshot) if snapshot else None
