"""What the commands that draw share: where the answer goes, as a picture or in a format. No command itself."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.cli.options import OutputOptions, Whole
from kg.render.formats import format_of
from kg.render.pictures.canvas import PAGE, PICTURES

__all__ = ["drawing_options", "draws", "for_programs", "say_when_tall"]

Command = TypeVar("Command", bound=Callable[..., Any])

_FORMATS = ("table", "csv", "tsv", "json", "xml", "md", "html", "xlsx")


def drawing_options(command: Command) -> Command:
    """Add ``-f``, ``-o`` and their like; the command gets them as ``output``."""
    file = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
    options = (
        click.option("-f", "--format", "form", type=click.Choice(_FORMATS), help="By default FILE's, or a table."),
        click.option("-o", "--output", type=file, metavar="FILE", help="Write here; .svg, .png, .pdf: a picture."),
        click.option("--width", type=Whole(0), metavar="COLUMNS", help="Break lines here (80 when piped); 0: never."),
        click.option("--iris", is_flag=True, help="IRIs alone (CSV, TSV), or beside labels."),
        click.option("-q", "--quiet", is_flag=True, help="Show the answer alone: no notes, view and documents."),
        click.option("--spreadsheet", is_flag=True, help="CSV and TSV whose cells cannot run as formulas."),
    )

    @functools.wraps(command)
    def wrapped(*args: Any, **rest: Any) -> Any:  # noqa: ANN401 - click's
        mine = {name: rest.pop(name) for name in ("form", "output", "width", "iris", "quiet", "spreadsheet")}
        output = OutputOptions(**mine, evidence=False, texts=None, limit=0, timeout=600.0)
        return command(*args, output=output, **rest)

    return functools.reduce(lambda made, option: option(made), reversed(options), wrapped)  # type: ignore[return-value]  # click keeps what it decorates callable


def draws(output: OutputOptions) -> bool:
    """Whether the file named is to be a picture, by its ending.

    Raises UsageError (KG661, KG662) for an ending that stands for no picture and no format, or against --format.
    """
    return format_of(output.file, output.form, picture=" ".join(PICTURES)) == "picture"


def say_when_tall(height: float, what: str, remedy: str) -> None:
    """Say on standard error, before anything is drawn, that a picture does not fit on a page."""
    if height > PAGE[1]:
        click.echo(f"note: {what}, {height:.0f} inches: {remedy}", err=True)


def for_programs(output: OutputOptions) -> bool:
    """Whether the format asked for is read by programs, which want terms and dates in columns of their own."""
    form = format_of(output.file, output.form, picture=" ".join(PICTURES))
    return form in ("csv", "tsv", "json", "xml", "xlsx")
