"""What the commands that draw share: where the answer goes, as a picture or in a format. No command itself."""

from __future__ import annotations

import click

from kg.cli.options import FILE, IRIS, QUIET, SPREADSHEET, WIDTH, OutputOptions, format_option, grouped
from kg.render.formats import format_of
from kg.render.pictures.canvas import PAGE, PICTURES

_FORMATS = ("table", "csv", "tsv", "json", "xml", "md", "html", "xlsx")


#: Adds ``-f``, ``-o`` and their like; the command gets them as ``output``.
drawing_options = grouped(
    "output",
    OutputOptions,
    format_option(_FORMATS),
    click.option("-o", "--output", type=FILE, metavar="FILE", help="Write here; .svg, .png, .pdf: a picture."),
    WIDTH,
    IRIS,
    QUIET,
    SPREADSHEET,
)


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
