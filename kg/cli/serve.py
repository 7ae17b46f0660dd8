"""``kg serve``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import Whole
from kg.errors import missing_extra
from kg.project import Project


@click.command(name="serve", epilog="Example: kg serve --port 8017")
@click.option(
    "--port",
    type=Whole(0, 65535),
    metavar="NUMBER",
    default=8017,
    show_default=True,
    help="Port; 0 for any free one.",
)
@click.option(
    "--texts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder with the documents' texts, to show sentences.",
)
@click.pass_obj
def command(folder: Path | None, port: int, texts: Path | None) -> None:
    """Serve pages for browsers, /sparql and /queries/NAME for programs, and /mcp for agents, on this machine only.

    The server uses the newest build: you need not stop it for `kg build`.
    """
    try:
        from kg.web.app import app
        from kg.web.serve import serve
    except ImportError as error:
        raise missing_extra(error, "server", "starlette", "uvicorn", "httptools", "jinja2", "markupsafe") from None
    serve(app(Project.find(folder), texts), port, lambda address: click.echo(f"serving at {address}", err=True))
