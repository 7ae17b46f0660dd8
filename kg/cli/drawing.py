"""What the commands that draw share: where the answer goes, as a picture or in a format. No command itself."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.cli.options import OutputOptions
from kg.render.formats import SUFFIXES
from kg.render.pictures.canvas import PAGE, suffix_of

__all__ = ["drawing_options", "draws", "for_programs", "say_when_tall"]

Command = TypeVar("Command", bound=Callable[..., Any])

_FORMATS = ("table", "csv", "tsv", "json", "xml", "md", "html")


def drawing_options(command: Command) -> Command:
    """Add ``-f``, ``-o`` and their like; the command gets them as ``output``."""
    file = click.Path(dir_okay=False, path_type=Path)
    options = (
        click.option("-f", "--format", "form", type=click.Choice(_FORMATS), help="By default FILE's, or a table."),
        click.option("-o", "--output", type=file, metavar="FILE", help="Write here; .svg, .png, .pdf: a picture."),
        click.option("--iris", is_flag=True, help="Show short names beside labels."),
        click.option("-q", "--quiet", is_flag=True, help="No view and documents on standard error."),
        click.option("--spreadsheet", is_flag=True, help="CSV and TSV whose cells cannot run as formulas."),
    )

    @functools.wraps(command)
    def wrapped(*args: Any, **rest: Any) -> Any:  # noqa: ANN401 - click's
        mine = {name: rest.pop(name) for name in ("form", "output", "iris", "quiet", "spreadsheet")}
        output = OutputOptions(**mine, evidence=False, texts=None, limit=0, timeout=600.0)
        return command(*args, output=output, **rest)

    return functools.reduce(lambda made, option: option(made), reversed(options), wrapped)  # type: ignore[return-value]  # click keeps what it decorates callable


def draws(output: OutputOptions, *others: str) -> bool:
    """Whether the file named is to be a picture, by its ending; ``others`` are endings that the command writes too.

    Raises UsageError (KG811) for an ending that stands for no picture and no format.
    """
    if output.output is None or output.form:
        return False

    ending = output.output.suffix.lower()
    return ending not in SUFFIXES and ending not in others and bool(suffix_of(output.output))


def say_when_tall(height: float, what: str, remedy: str) -> None:
    """Say on standard error, before anything is drawn, that a picture does not fit on a page."""
    if height > PAGE[1]:
        click.echo(f"note: {what}, {height:.0f} inches: {remedy}", err=True)


def for_programs(output: OutputOptions) -> bool:
    """Whether the format asked for is read by programs, which want terms and dates in columns of their own."""
    ending = output.output.suffix.lower() if output.output else ""
    return (output.form or ending.lstrip(".")) in ("csv", "tsv", "json", "xml", "srj", "srx")
