"""How many rows an answer may have and how long a question may take: what is usual, and what can be asked for."""

from __future__ import annotations

import math

from kg.errors import Problem, UsageError

__all__ = ["LIMIT", "LONGEST", "MOST", "TIMEOUT", "check_limits"]

#: Rows or triples after which an answer is cut, and says so; 0 is no limit.
LIMIT = 100_000
#: Seconds after which a query of one's own is stopped.
TIMEOUT = 30.0
#: The largest limit of rows that can be asked for: more than memory holds.
MOST = 1_000_000_000
#: The longest time that can be asked for, in seconds: a day.
LONGEST = 86_400.0


def check_limits(limit: int, timeout: float | None = None) -> None:
    """Raises UsageError (KG667) for a limit that is not 0 to MOST, or a time (seconds) not above 0, to LONGEST."""
    problems = []
    if not 0 <= limit <= MOST:
        problems.append(Problem("KG667", f"{limit} is no limit of rows", remedy=f"0 for none, or up to {MOST}."))
    # Not a number compares with nothing, so it is asked for by name.
    if timeout is not None and (math.isnan(timeout) or not 0 < timeout <= LONGEST):
        remedy = f"Seconds, up to {LONGEST:g}; in Python, None asks without a time limit."
        problems.append(Problem("KG667", f"{timeout:g} s is no time limit", remedy=remedy))
    if problems:
        raise UsageError(problems)
