"""``kg mcp``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.errors import missing_extra
from kg.project import Project


@click.command(name="mcp", epilog="Example: kg mcp")
@click.pass_obj
def command(folder: Path | None) -> None:
    """Serve tools for agents by the Model Context Protocol, over standard input and output.

    A client starts this command: register `kg mcp` with it. The tools find and answer questions, verify statements
    and explain them; each takes a view. `kg serve` offers the same tools at /mcp.
    """
    try:
        from kg.web.calls import Current
        from kg.web.mcp import serve_stdio
    except ImportError as error:
        raise missing_extra(error, "mcp", "mcp", "starlette") from None
    serve_stdio(Current(Project.find(folder)))
