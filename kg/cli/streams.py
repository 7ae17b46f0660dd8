"""The streams of a command: what they show steers no terminal, is never refused, and ends quietly with its reader."""

from __future__ import annotations

import atexit
import io
import os
import sys
import warnings
from typing import NoReturn, TextIO

import click

from kg.harmless import harmless
from kg.limits import LONG_TIMEOUT


class Styled(str):
    """Text with colours or movements of the cursor that this tool put there itself."""

    __slots__ = ()


class _Harmless(io.TextIOWrapper):
    """A stream that replaces what would steer a terminal, and what its encoding cannot show."""

    def write(self, text: str) -> int:
        return super().write(text if isinstance(text, Styled) else harmless(text))


def guard_streams() -> None:
    """Put harmless streams in place of standard output and error; one that is closed leads nowhere.

    What libraries warn of is not for the user: it is shown with KG_DEBUG alone.
    """
    if "KG_DEBUG" not in os.environ and not sys.warnoptions:
        warnings.simplefilter("ignore")
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Else the next file that is opened would get its number, and what is meant for the stream.
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    sys.stdout, sys.stderr = _guarded(sys.stdout, "replace"), _guarded(sys.stderr, "backslashreplace")


def _guarded(stream: TextIO | None, errors: str) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    encoding, by_line = stream.encoding, stream.line_buffering
    return _Harmless(stream.detach(), encoding, errors, line_buffering=by_line)


def show_text(text: str, colour: bool = False) -> None:
    """Show a text, in a pager if it is longer than the terminal."""
    let_read()
    shown = Styled(text) if colour else harmless(text)
    if sys.stdout.isatty() and text.count("\n") >= _terminal_size().lines:
        click.echo_via_pager(shown, color=colour)
    else:
        sys.stdout.write(shown)
        sys.stdout.flush()


def show_lines(text: str) -> None:
    """Show a text, its lines broken between words where they are longer than the terminal is wide."""
    from kg.render.tables import hanging

    show_text(hanging(text, terminal_width()))


def terminal_width() -> int:
    """The columns of the terminal that is written to; 0 where it is none."""
    return _terminal_size().columns if sys.stdout.isatty() else 0


def _terminal_size() -> os.terminal_size:
    import shutil  # takes longer to import than a table takes to show

    return shutil.get_terminal_size()


def let_read() -> None:
    """Let a person who reads the answer take any time, and a program an hour."""
    context = click.get_current_context(silent=True)
    if context is None or "watch" not in context.meta:
        return
    if sys.stdout.isatty():
        context.meta["watch"].end()
    else:
        context.meta["watch"].renew(LONG_TIMEOUT)


def show_data(content: bytes) -> None:
    """Write what programs read: exactly, but harmlessly where it goes to a terminal."""
    if sys.stdout.isatty():
        sys.stdout.write(content.decode("utf-8", "replace"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    sys.stdout.flush()


def show_coloured(line: str, colour: str | None) -> None:
    """Show a line, in a colour where it goes to a terminal."""
    shown = harmless(line)
    sys.stdout.write(Styled(click.style(shown, fg=colour) + "\n") if sys.stdout.isatty() else f"{shown}\n")


def show_progress(step: str) -> None:
    """Say a step on a terminal, each in place of the one before; elsewhere only a note."""
    if step.startswith("note: "):
        click.echo(step, err=True)
    elif sys.stderr.isatty():
        sys.stderr.write(Styled(f"\r\033[K{harmless(step)} …"))
        sys.stderr.flush()


def clear_progress() -> None:
    """Take the last step off the terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(Styled("\r\033[K"))
        sys.stderr.flush()


def end(status: int) -> NoReturn:
    """End with a status; with 0 when the reader of standard output has gone. Raises OSError for a full disk.

    What is to be done at exit is done; the interpreter is not taken down, which takes a tenth of a short command.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        end_quietly()
    sys.stderr.flush()
    atexit._run_exitfuncs()
    os._exit(status)


def end_quietly() -> NoReturn:
    """End with 0: the reader of our output has gone, and nothing is left to say, nor to flush."""
    discard_output()
    sys.exit(0)


def discard_output() -> None:
    """Let what is still to be written go nowhere, so that the interpreter does not try again and end with 120."""
    for number in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
