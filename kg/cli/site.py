"""``kg site``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import ViewOptions, listed, open_view, time_limit, view_options
from kg.errors import counted, missing_extra
from kg.limits import LONG_TIMEOUT


@click.command(name="site", epilog="Example: kg site public")
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--live", is_flag=True, help="Include the graph, so that the browser can answer any query.")
@click.option("--languages", metavar="TAGS", default="", help="Languages of the pages: en,sr-Latn,sr-Cyrl.")
@time_limit(LONG_TIMEOUT)
@view_options
@click.pass_obj
def command(folder: Path | None, directory: Path, live: bool, languages: str, view: ViewOptions) -> None:
    """Write the pages of `kg serve` into DIR, for any static host.

    Includes every question with its default and listed values, evidence and proofs, and every entity, document and
    term. With --languages, the first language is at the top of DIR, each other language in a subfolder. DIR must be
    new, empty, or written by this command.
    """
    try:
        from kg.web.pages.site import write_site
    except ImportError as error:
        raise missing_extra(error, "site", "jinja2", "markupsafe") from None
    site = write_site(open_view(folder, view), directory, live=live, languages=listed(languages))
    click.echo(f"{site.folder}: {counted(site.pages, 'page')}; open {site.folder / 'index.html'}")
