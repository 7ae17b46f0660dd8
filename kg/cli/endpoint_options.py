"""Options of commands that query a remote store in place of the embedded one. No command itself."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kg.cli.completing import complete_profile
from kg.cli.streams import clear_progress

if TYPE_CHECKING:
    from kg.cli.options import ViewOptions
    from kg.graph.store import Graph
    from kg.load.credentials import Credentials
    from kg.load.endpoint import Endpoint
    from kg.queries import Answer

Command = TypeVar("Command", bound=Callable[..., Any])
Done = TypeVar("Done")


def endpoint_options(command: Command) -> Command:
    """Add the options that name a store; the command gets them as ``endpoint`` and ``profile``."""
    url = click.option("--endpoint", metavar="URL", help="Query a store that `kg load` filled.")
    kind = click.option(
        "--profile",
        metavar="NAME",
        help="With --endpoint: the kind of store, if `kg` cannot recognise it from its answers.",
        shell_complete=complete_profile,
    )
    return functools.reduce(lambda made, option: option(made), (kind, url), command)


def refuse_profile_alone(endpoint: str | None, profile: str | None) -> None:
    """Raises UsageError (KG713) for --profile without --endpoint, where no store would be asked."""
    if profile is not None and endpoint is None:
        from kg.errors import Problem, UsageError

        remedy = "Add --endpoint URL, or leave --profile out."
        raise UsageError(Problem("KG713", "--profile needs --endpoint", remedy=remedy))


def refuse_certain(view: ViewOptions) -> None:
    """Raises UsageError (KG714) for --certain: a remote store does not mark what certainly holds at a date."""
    if view.certain:
        from kg.errors import Problem, UsageError

        remedy = "Leave out --certain, or ask without --endpoint."
        raise UsageError(Problem("KG714", "a remote store does not tell what certainly holds", remedy=remedy))


def asked_remotely(
    graph: Graph, url: str, profile: str | None, timeout: float, ask: Callable[[Endpoint], Answer]
) -> Answer:
    """An answer from the store at an address; a note on standard error says when it holds another version."""
    from kg.load.remote_queries import endpoint_at, same_version

    def run(credentials: Credentials | None) -> Answer:
        endpoint = endpoint_at(url, profile, credentials, timeout)
        try:
            answer = ask(endpoint)
            if not same_version(graph, endpoint):
                words = f"{endpoint.where} holds another version of the graph, or none."
                click.echo(f"note: {words} Names and sources are of this one. `kg load` updates it.", err=True)
            if graph.view.as_of:
                click.echo("note: to see which rows certainly hold at that date, query without --endpoint.", err=True)
            return answer
        finally:
            endpoint.close()

    return with_credentials(url, run)


def with_credentials(url: str, run: Callable[[Credentials | None], Done], prompt: bool = True) -> Done:
    """Run with the credentials that are set; on a terminal, prompt when the store asks for some and none are set.

    A netrc file that cannot be read matters only when the store wants credentials, and is named then (KG717).
    """
    from kg.errors import InputError
    from kg.load.credentials import Credentials, find_credentials
    from kg.load.failures import RemoteError
    from kg.load.transport import check_address, origin

    _scheme, host, _port = origin(check_address(url))
    unread: InputError | None = None
    known: Credentials | None = None
    try:
        known = find_credentials(host)
    except InputError as error:
        unread = error
    try:
        return run(known)
    except RemoteError as error:
        if unread and error.problems[0].code == "KG702":
            raise unread from None
        if (
            known
            or not prompt
            or error.problems[0].code != "KG702"
            or not (sys.stdin.isatty() and sys.stderr.isatty())
        ):
            raise
    clear_progress()
    user = click.prompt("User", err=True)
    return run(Credentials(user, click.prompt("Password", hide_input=True, err=True)))
