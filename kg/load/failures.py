"""What goes wrong on the way to a store, as errors: not reached or refused (5), or arrived different (4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kg.errors import KgError, Problem
from kg.redaction import redacted

if TYPE_CHECKING:
    from kg.load.report import Report

__all__ = ["DiffersError", "RemoteError", "excerpt", "failure"]

_SHOWN = 300


class RemoteError(KgError):
    """A store could not be reached, refused, or did not answer as the protocol asks."""

    exit_code = 5


class DiffersError(KgError):
    """What stands in the store is not what was meant; ``report`` is the whole account of the load."""

    exit_code = 4

    def __init__(self, problems: Iterable[Problem], report: Report) -> None:
        super().__init__(problems)
        self.report = report


def failure(code: str, message: str, remedy: str = "") -> RemoteError:
    """A RemoteError of one problem."""
    return RemoteError(Problem(code, message, remedy=remedy))


def excerpt(body: bytes | str) -> str:
    """The beginning of what a server said, fit for a message: one line, printable, short, no secret in it."""
    text = body if isinstance(body, str) else body[: 8 * _SHOWN].decode("utf-8", "replace")
    text = redacted(" ".join(text[: 8 * _SHOWN].split()))
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " …"
