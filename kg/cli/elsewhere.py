"""What commands share that ask a loaded store in place of the embedded one. No command itself."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kg.cli.completing import complete_profile

if TYPE_CHECKING:
    from kg.cli.options import ViewOptions
    from kg.graph.store import Graph
    from kg.load.endpoint import Endpoint
    from kg.queries import Answer

__all__ = ["asked_there", "endpoint_options", "refuse_certain", "refuse_profile_alone"]

Command = TypeVar("Command", bound=Callable[..., Any])


def endpoint_options(command: Command) -> Command:
    """Add the options that name a store; the command gets them as ``endpoint`` and ``profile``."""
    url = click.option("--endpoint", metavar="URL", help="Ask a store that `kg load` filled.")
    kind = click.option(
        "--profile",
        metavar="NAME",
        help="With --endpoint: its kind, if it does not say.",
        shell_complete=complete_profile,
    )
    return functools.reduce(lambda made, option: option(made), (kind, url), command)


def refuse_profile_alone(endpoint: str | None, profile: str | None) -> None:
    """Raises UsageError (KG713) for --profile without --endpoint, which would be answered here, unasked there."""
    if profile is not None and endpoint is None:
        from kg.errors import Problem, UsageError

        remedy = "Give it with --endpoint URL, or leave it out."
        raise UsageError(
            Problem("KG713", "--profile names the kind of a store, and no store is asked", remedy=remedy)
        )


def refuse_certain(view: ViewOptions) -> None:
    """Raises UsageError (KG714) for --certain: a store holds what possibly holds at a date, unmarked."""
    if view.certain:
        from kg.errors import Problem, UsageError

        remedy = "Leave out --certain, or ask here."
        raise UsageError(Problem("KG714", "a store elsewhere does not tell what certainly held", remedy=remedy))


def asked_there(
    graph: Graph, url: str, profile: str | None, timeout: float, ask: Callable[[Endpoint], Answer]
) -> Answer:
    """An answer from the store at an address; says on standard error when what is loaded there is another version."""
    from kg.cli.load import with_credentials
    from kg.load.asking import endpoint_at, same_version
    from kg.load.credentials import Credentials

    def run(credentials: Credentials | None) -> Answer:
        endpoint = endpoint_at(url, profile, credentials, timeout)
        try:
            answer = ask(endpoint)
            if not same_version(graph, endpoint):
                words = f"{endpoint.where} holds another version of the graph than this one, or none."
                click.echo(f"note: {words} Names and sources are of this one; `kg load` brings it there.", err=True)
            if graph.view.as_of:
                click.echo("note: which rows certainly held then is told only by asking here.", err=True)
            return answer
        finally:
            endpoint.close()

    return with_credentials(url, run)
