"""``kg serve``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import Whole
from kg.errors import Problem, UsageError
from kg.project import Project

__all__ = ["command"]


@click.command(name="serve")
@click.option(
    "--port", type=Whole(0, 65535), metavar="NUMBER", default=8017, show_default=True, help="0 for any that is free."
)
@click.pass_obj
def command(folder: Path | None, port: int) -> None:
    """Answer programs over HTTP, on this machine only: /sparql and /queries/NAME.

    It answers from the newest build: `kg build` need not stop it.
    """
    try:
        from kg.web.app import app
        from kg.web.serve import serve
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn"):
            raise
        remedy = "It is an extra: pip install '.[server]' in the checkout."
        raise UsageError(Problem("KG758", "serving needs Starlette and uvicorn", remedy=remedy)) from None
    serve(app(Project.find(folder)), port, lambda address: click.echo(f"serving at {address}", err=True))
