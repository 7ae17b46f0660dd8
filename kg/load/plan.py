"""What a load would do: each unit skipped, put or dropped, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kg.load.content import UnitFile
from kg.load.remote_manifest import Entry

__all__ = ["Plan", "Step", "plan"]


@dataclass(frozen=True, slots=True)
class Step:
    """One unit of the plan: ``action`` is ``skip``, ``put`` or ``drop``; sizes are of what would be sent."""

    unit: str
    action: str
    why: str
    quads: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Every step of a load, what is put first, then what is dropped."""

    steps: tuple[Step, ...]

    def of(self, action: str) -> list[Step]:
        """The steps of one action."""
        return [step for step in self.steps if step.action == action]

    @property
    def changes(self) -> bool:
        """Whether anything is to be done."""
        return any(step.action != "skip" for step in self.steps)

    def as_json(self) -> list[dict[str, Any]]:
        """Plain data."""
        return [asdict(step) for step in self.steps]


def plan(local: Mapping[str, UnitFile], remote: Mapping[str, Entry]) -> Plan:
    """Compare the units of a build with what the store records."""
    steps = [_step(unit, remote.get(name)) for name, unit in local.items()]
    gone = (Step(name, "drop", "no longer part of the graph") for name in remote if name not in local)
    return Plan((*steps, *gone))


def _step(unit: UnitFile, known: Entry | None) -> Step:
    if known and known.sha256 == unit.sha256:
        return Step(unit.name, "skip", "unchanged", unit.quads)
    why = "new" if known is None else "changed" if known.sha256 else "begun before, not completed"
    return Step(unit.name, "put", why, unit.quads, unit.length)
