"""The whole account of a load, and what of it differs from what was meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kg.errors import Problem
from kg.load.answers import AnswerCheck
from kg.load.failures import DiffersError
from kg.load.plan import Plan
from kg.load.verify import Check

__all__ = ["Report", "differs"]


@dataclass(slots=True)
class Report:
    """What a load did: its plan, the bytes sent, the checks of units and of saved queries, and seconds taken."""

    address: str
    profile: str
    plan: Plan
    sent: int = 0
    checks: list[Check] = field(default_factory=list)
    answers: list[AnswerCheck] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Whether everything that was checked is as it was meant."""
        return all(check.same for check in self.checks) and all(answer.same for answer in self.answers)

    def as_json(self) -> dict[str, Any]:
        """Plain data, for ``--json``."""
        return {
            "address": self.address,
            "profile": self.profile,
            "plan": self.plan.as_json(),
            "bytes_sent": self.sent,
            "checks": [check.as_json() for check in self.checks],
            "answers": [answer.as_json() for answer in self.answers],
            "same": self.same,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }


def differs(report: Report) -> DiffersError:
    """The units and answers that are not what was meant, as one error (KG712), each with its rows."""
    problems = []
    for check in report.checks:
        if not check.same:
            rows = [f"    - {row}" for row in check.missing] + [f"    + {row}" for row in check.extra]
            message = f"{check.unit}: {check.expected} quads meant, {check.found} found there"
            remedy = "Run the load again: it sends this unit anew."
            problems.append(Problem("KG712", "\n".join([message, *rows]), remedy=remedy))
    for answer in report.answers:
        if not answer.same:
            message = answer.message if answer.view == "default" else f"in view {answer.view}, {answer.message}"
            problems.append(Problem("KG712", message, remedy="Compare with `kg query` here and --endpoint."))
    return DiffersError(problems, report)
