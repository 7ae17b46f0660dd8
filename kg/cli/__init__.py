"""The command line: each command opens the graph, calls the library, and turns a known error into a message.

A command is a module of this package, with ``_`` for ``-``, that has a click command named ``command``; it is
imported when it is called, so that what one command needs costs the others nothing.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from kg.cli.streams import discard_output, end, end_quietly, guard_streams
from kg.errors import KgError, Problem
from kg.files import unreadable

__all__ = ["Commands", "kg", "main"]

_FOLDER = Path(__file__).parent
#: Modules beside the commands that several of them share.
_SHARED = {"completing", "drawing", "endpoint_options", "options", "questions", "streams"}


class Commands(click.Group):
    """The commands, found by the names of their modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, sorted."""
        names = {path.stem for path in _FOLDER.glob("[a-z]*.py")} - _SHARED
        return sorted(name.replace("_", "-") for name in names)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. A reader that closes a pipe early causes no error, although click would exit with 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            end_quietly()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module and return its command."""
        name = cmd_name.replace("-", "_")
        if not name.isidentifier() or name in _SHARED or not (_FOLDER / f"{name}.py").is_file():
            return None
        from importlib import import_module

        command: click.Command = import_module(f"kg.cli.{name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve the command as click does, and suggest similar names for an unknown one."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(args[0], self.list_commands(ctx), 1)
            hint = f" Did you mean {close[0]!r}?" if close else " `kg --help` lists them."
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="serbia-kg", prog_name="kg")
@click.option(
    "--project",
    "folder",
    type=click.Path(path_type=Path),
    help="Project folder. Default: the project of the working directory, or else the packaged graph.",
)
@click.pass_context
def kg(ctx: click.Context, folder: Path | None) -> None:
    """Query a source-grounded knowledge graph: every row leads to the sentences that support it."""
    ctx.obj = folder


def main() -> None:
    """Run the command line. Exit codes: 0, or 1 faulty input, 2 usage, 3 inconsistent, 4 differs, 5 not reached."""
    # A command makes many objects, few of them in cycles, and ends soon.
    gc.set_threshold(50_000, 20, 50)
    guard_streams()
    try:
        status = kg.main(standalone_mode=False)
        end(status if isinstance(status, int) else 0)
    except (Exception, KeyboardInterrupt) as error:
        text, status = _said(error)
        with suppress(OSError):
            sys.stdout.flush()
        with suppress(BrokenPipeError):
            click.echo(text, err=True)
        discard_output()
        sys.exit(status)


def _said(error: Exception | KeyboardInterrupt) -> tuple[str, int]:
    """The message for an error that ends the command, and the exit status."""
    if isinstance(error, click.exceptions.Abort | KeyboardInterrupt):
        return "interrupted", 130
    if isinstance(error, click.ClickException):
        text = io.StringIO()
        error.show(text)
        return text.getvalue().rstrip("\n"), error.exit_code
    if isinstance(error, KgError):
        return "\n".join(map(str, error.problems)), error.exit_code
    if known := _of_the_system(error):
        return str(known), 2 if known.code == "KG631" else 1
    return _unexpected(error), 70


def _of_the_system(error: Exception) -> Problem | None:
    """The problem for a full disk, a process limit that is too low, or an impossible path."""
    number, text = getattr(error, "errno", None), str(error)
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or text in ("disk I/O error", "database or disk is full"):
        return Problem("KG663", "the disk is full: the answer cannot be written", remedy="Free some space.")
    if isinstance(error, OSError) and number in (errno.ENAMETOOLONG, errno.ELOOP):
        # Any path that was given may be so, wherever it is looked at first.
        return unreadable(error, str(error.filename)[:60])
    limits = (errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE)
    if isinstance(error, MemoryError) or number in limits or "start new thread" in text or "failed to map" in text:
        what = text.splitlines()[0] if text else "out of memory"
        remedy = "Raise the limits of this process on memory, files and processes."
        return Problem("KG631", f"the system refused what the program needs: {what}", remedy=remedy)
    return None


def _unexpected(error: Exception) -> str:
    """The message for a fault of the program: a traceback only if KG_DEBUG is set, and never a password or token."""
    import traceback

    from kg.redaction import redacted

    if "KG_DEBUG" in os.environ:
        return "\n".join(map(redacted, "".join(traceback.format_exception(error)).splitlines()))
    what = f"{type(error).__name__}: {redacted(str(error)[:5000])}".splitlines()[0]
    return str(
        Problem("KG999", f"an unexpected fault: {what}", remedy="Please report it, with what KG_DEBUG=1 shows.")
    )
