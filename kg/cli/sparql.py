"""``kg sparql``."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO

import click

from kg.cli.endpoint_options import asked_remotely, endpoint_options, refuse_certain, refuse_profile_alone
from kg.cli.options import OutputOptions, ViewOptions, deliver, end_with, open_view, output_options, view_options
from kg.errors import InputError, Problem, UsageError
from kg.load.remote_queries import ask_remote
from kg.queries import ask
from kg.queries.bounded import confined
from kg.sparql.tokens import LONGEST_TEXT


@click.command(name="sparql", epilog="Example: kg sparql 'SELECT ?o { id:serbia kg:observerOf ?o }'")
@click.argument("query", required=False)
@endpoint_options
@click.option("--undated", is_flag=True, help="With --as-of: include undated rows.")
@view_options
@output_options
@click.pass_obj
def command(
    folder: Path | None,
    query: str | None,
    endpoint: str | None,
    profile: str | None,
    undated: bool,
    view: ViewOptions,
    output: OutputOptions,
) -> None:
    """Answer your own QUERY: SPARQL text, the name of a file, or - for standard input.

    The project's prefixes need no declaration. The query can only read this graph, and has limits of time and rows.
    """
    with nullcontext() if sys.stdin.isatty() else confined(output.timeout, end_with):
        text = _text(query)
    refuse_profile_alone(endpoint, profile)
    if endpoint is not None:
        refuse_certain(view)
    graph = open_view(folder, view, None if endpoint else output.timeout)
    if endpoint is not None:
        answer = asked_remotely(
            graph, endpoint, profile, output.timeout, lambda store: ask_remote(graph, store, text, output.limit)
        )
    else:
        answer = ask(graph, text, output.limit, output.timeout, undated=undated)
    deliver(answer, view, output)


def _text(query: str | None) -> str:
    if (query is None and sys.stdin.isatty()) or (query is not None and not query.strip()):
        remedy = "Give it as an argument, a file, or on standard input."
        raise UsageError(Problem("KG602", "there is no query", remedy=remedy))
    try:
        if query is None or query == "-":
            return _read(sys.stdin.buffer)
        # No query is without white space or braces, so that a file's name cannot be mistaken for one.
        if not any(character in query for character in " \t\n{"):
            with Path(query).open("rb") as file:
                return _read(file)
    except UnicodeDecodeError:
        raise InputError(
            Problem("KG665", f"{query or 'the query'} is not UTF-8", remedy="Save it as UTF-8.")
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such name"
        remedy = "Give SPARQL, a file's name, or - for standard input."
        raise InputError(Problem("KG665", f"{query!r} cannot be read: {reason}", remedy=remedy)) from None
    return query


def _read(file: BinaryIO) -> str:
    """The text of a file, or as much of it as shows that it is too long."""
    content = file.read(LONGEST_TEXT + 1)
    return content.decode("utf-8-sig", "strict" if len(content) <= LONGEST_TEXT else "replace")
