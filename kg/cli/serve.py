"""``kg serve``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import Whole
from kg.errors import missing_extra
from kg.project import Project

__all__ = ["command"]


@click.command(name="serve")
@click.option(
    "--port", type=Whole(0, 65535), metavar="NUMBER", default=8017, show_default=True, help="0 for any that is free."
)
@click.pass_obj
def command(folder: Path | None, port: int) -> None:
    """Answer programs over HTTP, on this machine only: /sparql, /queries/NAME and, for agents, /mcp.

    It answers from the newest build: `kg build` need not stop it.
    """
    try:
        from kg.web.app import app
        from kg.web.serve import serve
    except ImportError as error:
        raise missing_extra(error, "server", "starlette", "uvicorn", "jinja2", "markupsafe") from None
    serve(app(Project.find(folder)), port, lambda address: click.echo(f"serving at {address}", err=True))
