"""Options that the query commands share: the view, the display of an answer, and its destination.

This module is not a command. A command gets each group of options as one object.
"""

from __future__ import annotations

import functools
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar

import click

from kg.cli.completing import complete_document, complete_language
from kg.cli.streams import clear_progress, let_read, show_data, show_progress, show_text, terminal_width
from kg.errors import Problem
from kg.graph.views import ACCEPT, view_of
from kg.labels import language_of
from kg.limits import LIMIT, LONG_TIMEOUT, LONGEST, MOST, TIMEOUT, machine_memory, out_of_time

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.queries import Answer
    from kg.queries.bounded import Watch
    from kg.render.columns import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

_FORMATS = ("table", "csv", "tsv", "json", "xml", "md", "html", "xlsx", "turtle", "ntriples", "rdfxml", "jsonld")
#: Where the time of a command is kept in click's context.
_LIMIT = "kg.timeout"
#: Seconds that a command has to clean up when its time is over.
_CLEANING = 5.0
#: The columns of a text that is piped or written to a file.
PIPED = 80
#: Formats that hold their view, version and documents themselves; for the others these go to standard error.
_SELF_DESCRIBING = ("table", "json", "xml", "md", "html", "xlsx")


class ViewOptions(NamedTuple):
    """Which view is asked for, as written, and the language of labels."""

    only: tuple[str, ...] | None
    without: tuple[str, ...]
    accept: str
    as_of: str | None
    certain: bool
    lang: str | None
    reread: bool = False


class OutputOptions(NamedTuple):
    """How an answer is shown, and where it goes."""

    form: str | None
    output: Path | None
    evidence: bool = False
    texts: Path | None = None
    iris: bool = False
    limit: int = 0
    timeout: float = 600.0
    quiet: bool = False
    spreadsheet: bool = False
    width: int | None = None
    wide: bool = False

    @property
    def file(self) -> Path | None:
        """The file to write to; None for standard output."""
        return None if self.output is None or str(self.output) == "-" else self.output


class Whole(click.IntRange):
    """A whole number within bounds; messages call it ``name``, where click's say "integer range"."""

    def __init__(self, least: int, most: int | None = None, name: str = "whole number") -> None:
        super().__init__(least, most)
        self.name = name


class Seconds(click.FloatRange):
    """A time limit in seconds, at most a day."""

    name = "number of seconds"

    def __init__(self, least: float) -> None:
        super().__init__(least, LONGEST)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's
        """As click does, which lets NaN pass: it is neither below nor above."""
        seconds = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is not a valid {self.name}.", param, ctx)
        return seconds


def grouped(name: str, kind: type[Any], *options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Add options to a command, which gets them as one object: the named tuple ``kind``, as ``name``."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def wrapped(*args: Any, **rest: Any) -> Any:  # noqa: ANN401 - click's
            mine = {field: rest.pop(field) for field in kind._fields if field in rest}
            return command(*args, **{name: kind(**mine)}, **rest)

        return functools.reduce(lambda made, option: option(made), reversed(options), wrapped)  # type: ignore[return-value]  # click keeps what it decorates callable

    return decorate


def _documents(_context: click.Context, parameter: click.Parameter, names: str | None) -> tuple[str, ...] | None:
    """The slugs in an option; no --only is no choice, an empty one chooses nothing."""
    return None if names is None and parameter.name == "only" else listed(names)


def _document_option(flag: str, help_: str) -> Callable[[Command], Command]:
    return click.option(flag, metavar="DOCUMENTS", help=help_, callback=_documents, shell_complete=complete_document)


#: Adds the options of a view.
view_options = grouped(
    "view",
    ViewOptions,
    _document_option("--only", "Believe these documents only."),
    _document_option("--without", "Do not believe these."),
    click.option(
        "--accept",
        type=click.Choice(list(ACCEPT)),
        default="facts",
        show_default=True,
        help="Which claims count as facts.",
    ),
    click.option("--as-of", metavar="DATE", help="Show what held then: a year, a month or a day."),
    click.option("--certain", is_flag=True, help="With --as-of: show only what certainly held."),
    click.option(
        "--lang", metavar="TAG", help="Language of labels: en, sr-Latn, sr-Cyrl.", shell_complete=complete_language
    ),
    click.option("--reread", is_flag=True, help="Compare the files' content, not only size and time."),
)


def timeout_option(command: Command) -> Command:
    """Add the time that a command may take to answer; the command gets it as ``timeout``."""
    return _timeout(TIMEOUT)(command)


def _timeout(default: float, **settings: Any) -> Callable[[Command], Command]:  # noqa: ANN401 - as click's
    return click.option(
        "--timeout",
        type=Seconds(0.01),
        metavar="SECONDS",
        default=default,
        show_default=True,
        help="Give up after this time.",
        **settings,
    )


def time_limit(default: float = TIMEOUT, *, at_once: bool = False) -> Callable[[Command], Command]:
    """Add ``--timeout`` to a command that need not know of it.

    The time begins when the graph is open (``open_view``), or ``at_once``.
    """

    def begin(context: click.Context, _parameter: click.Parameter, seconds: float) -> None:
        context.meta[_LIMIT] = seconds
        if at_once and not context.resilient_parsing:
            _end_in_time(context, seconds)

    return _timeout(default, expose_value=False, callback=begin)


def _end_in_time(context: click.Context, seconds: float) -> None:
    """End the command with a message when its time is over: it cleans up, but has only so long for that."""
    import signal
    import threading

    if threading.current_thread() is threading.main_thread():

        def late(_number: int, _frame: object) -> NoReturn:
            os.write(2, f"{out_of_time(seconds)}\n".encode())
            raise SystemExit(2)

        before = signal.signal(signal.SIGALRM, late)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        context.call_on_close(lambda: signal.signal(signal.SIGALRM, before))
        context.call_on_close(lambda: signal.setitimer(signal.ITIMER_REAL, 0))
    bound(seconds + _CLEANING)


_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)


def format_option(formats: Sequence[str]) -> Callable[[Command], Command]:
    """Adds ``-f`` with these formats."""
    return click.option(
        "-f",
        "--format",
        "form",
        type=click.Choice(formats),
        help="Output format; default: by the ending of FILE, or a table.",
    )


#: The options that every answer has, whatever is done with it.
WIDTH = click.option("--width", type=Whole(0), metavar="COLUMNS", help="Break lines here (80 when piped); 0: never.")
IRIS = click.option("--iris", is_flag=True, help="Show IRIs: alone in CSV and TSV, beside labels elsewhere.")
QUIET = click.option(
    "-q", "--quiet", is_flag=True, help="Show only the answer: hide the notes, the view and the documents."
)
SPREADSHEET = click.option("--spreadsheet", is_flag=True, help="Write CSV or TSV whose cells cannot run as formulas.")

#: Adds the options of an answer.
output_options = grouped(
    "output",
    OutputOptions,
    format_option(_FORMATS),
    click.option(
        "-o",
        "--output",
        type=FILE,
        metavar="FILE",
        help="Write the answer to FILE in one step; the ending .gz compresses it.",
    ),
    click.option("--evidence", is_flag=True, help="Show the claims, axioms and rules that support each row."),
    click.option("--texts", type=_FOLDER, metavar="DIR", help="Folder with the documents' texts, to show sentences."),
    WIDTH,
    click.option("--wide", is_flag=True, help="Show every column that the question selects."),
    IRIS,
    click.option(
        "--limit",
        type=Whole(0, MOST),
        metavar="NUMBER",
        default=LIMIT,
        show_default=True,
        help="Maximum number of rows; 0 for all.",
    ),
    timeout_option,
    QUIET,
    SPREADSHEET,
)


def open_view(
    folder: Path | None, options: ViewOptions, timeout: float | None = None, graph: Graph | None = None
) -> Graph:
    """The graph of a project in the view asked for, built first if need be.

    ``timeout``, or that of ``time_limit``, bounds what comes after.

    ``graph`` is the same in another view, where it is open already. Raises KgError.
    """
    view = view_of(options.only, options.without, options.accept, options.as_of, options.certain)
    graph = graph or opened(folder, reread=options.reread)
    view.check(graph.snapshot.meta["documents"])
    graph = graph if view.default else graph.in_view(view)
    graph.language = language_of(options.lang or "en")
    context = click.get_current_context(silent=True)
    seconds = timeout if timeout is not None or context is None else context.meta.get(_LIMIT)
    if seconds is not None:
        bound(seconds)
    return graph


def opened(folder: Path | None, *, reread: bool = False) -> Graph:
    """The graph of a project in its default view, built first if need be. Raises KgError."""
    from kg.graph.store import open_graph
    from kg.project import Project

    graph = open_graph(Project.find(folder), progress=show_progress, reread=reread)
    clear_progress()
    if graph.project.kept_in:
        place = "the user's cache" if graph.project.packaged else "the project"
        told = f"note: {place} cannot be written to: the graph was built for this call alone. KG_STATE_DIR=DIR"
        click.echo(f"{told} keeps it elsewhere.", err=True)
    return graph


def deliver(answer: Answer, view: ViewOptions, options: OutputOptions) -> None:
    """Show an answer, or write it to its file in one step; nothing is written before all of it is there."""
    from kg.files import write_file
    from kg.render.formats import format_of, whole

    form = format_of(options.output, options.form)
    watch = bound(options.timeout)
    settings = _settings(answer, form, view, options)
    told = form in _SELF_DESCRIBING or not options.quiet

    def write() -> None:
        content = whole(answer, form, settings)
        if options.file:
            write_file(options.file, content)
        _show(answer, content, form, settings, told and form not in _SELF_DESCRIBING, options)

    def without_notes() -> None:
        answer.notes = [answer.notes_missing]
        write()
        sys.stdout.flush()
        os._exit(0)

    # Looked for before anything is written; kept for the footing.
    with watch.otherwise(without_notes):
        _notes = answer.notes if told else []
    write()


def _show(answer: Answer, content: bytes, form: str, settings: Settings, told: bool, options: OutputOptions) -> None:
    from kg.render.sources import footing, missing_rows

    if options.file is None and form == "table":
        show_text(content.decode("utf-8", "surrogateescape"), settings.colour)
    elif options.file is None:
        let_read()
        show_data(content)
    if form not in _SELF_DESCRIBING:
        # That rows are missing is always said: nothing in the rows themselves says so.
        for line in footing(answer, settings) if told else missing_rows(answer):
            click.echo(line, err=True)


def bound(seconds: float) -> Watch:
    """End this process with a message when the rest of the command takes longer, or too much memory."""
    from kg.queries.bounded import confined

    meta = click.get_current_context().meta
    if "watch" not in meta:
        # What works on everything may need more than an answer does.
        memory = machine_memory(sys.maxsize) if seconds >= LONG_TIMEOUT else None
        meta["watch"] = click.get_current_context().with_resource(confined(seconds, end_with, memory))
    watch: Watch = meta["watch"]
    return watch


def end_with(problem: Problem) -> NoReturn:
    """End this process at once, whatever its other threads do: nothing of an answer is written yet."""
    os.write(2, f"{problem}\n".encode())
    os._exit(2)


def _settings(answer: Answer, form: str, view: ViewOptions, options: OutputOptions) -> Settings:
    from kg.render.columns import Settings

    terminal = options.file is None and sys.stdout.isatty()
    shown = options.evidence or options.texts is not None
    evidence = None
    if shown and answer.form == "SELECT":
        from kg.evidence import evidence_of

        evidence = evidence_of(answer, options.texts)
    return Settings(
        evidence=evidence,
        labels=view.lang is not None,
        iris=options.iris,
        wide=options.wide,
        width=options.width if options.width is not None else terminal_width() if terminal else PIPED,
        colour=terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb",
        spreadsheet=options.spreadsheet,
        quiet=options.quiet and form == "table",
    )


def listed(names: str | None) -> tuple[str, ...]:
    """Names with commas between."""
    return tuple(name.strip() for name in (names or "").split(",") if name.strip())
