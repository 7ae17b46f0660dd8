"""Problems and errors, each with a stable code, a place and a remedy; and how messages count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from kg.harmless import harmless, harmless_line

Item = TypeVar("Item")
Result = TypeVar("Result")


# Named tuples: such a class is made in a tenth of the time of a dataclass, and every command imports these.
class Place(NamedTuple):
    """A place: a file, and the line and column in it (both from 1) where known."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """``file:line:column``, as compilers write it."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


class Problem(NamedTuple):
    """One thing that is wrong: what, where, and what to do about it.

    ``code`` is stable over releases (``kg check --explain CODE``); ``severity`` is ``error`` or ``warning``.
    """

    code: str
    message: str
    place: Place | None = None
    remedy: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        """One line, and a second with the remedy where there is one; without characters that steer a terminal."""
        where = f"{self.place}: " if self.place else ""
        remedy = f"\n    {self.remedy}" if self.remedy else ""
        # A parser quotes what it found in a file as it is.
        return harmless(f"{harmless_line(where)}{self.severity} {self.code}: {self.message}{remedy}")


def counted(number: int, one: str, several: str = "") -> str:
    """A number with its noun, as messages have it: ``1 document``, ``1,200 documents``; ``several`` is the plural."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


#: Characters of a message after which its middle is left out: it may quote what it was given whole.
_LONGEST = 4_000


def _shortened(problem: Problem) -> Problem:
    if max(len(problem.message), len(problem.remedy)) <= _LONGEST:
        return problem
    return problem._replace(message=_ends_of(problem.message), remedy=_ends_of(problem.remedy))


def _ends_of(text: str) -> str:
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} … {text[-half:]}"


class KgError(Exception):
    """Base of every error that this package raises on purpose. Carries all its problems together.

    ``exit_code`` is the status with which the command line ends (documented in the README).
    """

    exit_code = 1

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        found = (problems,) if isinstance(problems, Problem) else problems
        self.problems: tuple[Problem, ...] = tuple(_shortened(problem) for problem in found)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[KgError], tuple[tuple[Problem, ...]]]:
        """Sent from one process to another, it is made of its problems again."""
        return type(self), (self.problems,)


class UsageError(KgError):
    """The caller asked for something that does not exist or is not allowed: a query, a parameter, an option."""

    exit_code = 2


def missing_extra(error: ImportError, extra: str, *packages: str) -> UsageError:
    """KG758: the packages of an extra are not installed. An error of any other import is raised again."""
    name = (error.name or packages[0]).partition(".")[0]
    if name not in packages:
        raise error
    remedy = f"Install the extra {extra!r}: run `pip install '.[{extra}]'` in the checkout."
    return UsageError(Problem("KG758", f"the Python package {name!r} is not installed", remedy=remedy))


class InputError(KgError):
    """A file of the project, or a file given, is not as it must be."""

    exit_code = 1


def gathered(read: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """What ``read`` gives for each item. Raises InputError with the problems of all items together."""
    found: list[Result] = []
    problems: list[Problem] = []
    for item in items:
        try:
            found.append(read(item))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found
