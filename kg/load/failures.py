"""Errors on the way to a store: it cannot be reached, it refuses, or its answer is no answer (exit code 5)."""

from __future__ import annotations

from kg.errors import KgError, Problem
from kg.redaction import redacted

__all__ = ["RemoteError", "excerpt", "failure"]

#: Characters of a server's words that a message shows.
_SHOWN = 300


class RemoteError(KgError):
    """A store could not be reached, refused, or did not answer as the protocol asks."""

    exit_code = 5

    @property
    def code(self) -> str:
        """The code of its problem."""
        return self.problems[0].code


def failure(code: str, message: str, remedy: str = "") -> RemoteError:
    """A RemoteError of one problem."""
    return RemoteError(Problem(code, message, remedy=remedy))


def excerpt(said: bytes | str) -> str:
    """The beginning of a server's words, fit for a message: one line, printable, short, no secret in it."""
    text = said if isinstance(said, str) else said[: 8 * _SHOWN].decode("utf-8", "replace")
    text = redacted(" ".join(text[: 8 * _SHOWN].split()))
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " …"
