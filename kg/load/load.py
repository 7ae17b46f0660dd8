"""``kg load``: load the graph into a store, send only what has changed, and verify it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kg.errors import KgError, Problem
from kg.files import keeping
from kg.graph.store import Graph
from kg.graph.unit_files import UnitFile, earlier_unit, recorded_views, unit_files, unit_name, view_unit
from kg.graph.views import View
from kg.load.credentials import Credentials
from kg.load.endpoint import Endpoint, profile_for, values
from kg.load.failures import RemoteError, failure
from kg.load.remote_manifest import LoadPlan, RecordedUnit, RemoteManifest, plan
from kg.load.remote_queries import AnswerCheck, verify_answers
from kg.load.verification import UnitCheck, unit_lines, verify_units
from kg.load.writer import Writer
from kg.owned import open_file, scratch_folder

Progress = Callable[[str], None]
#: Units are sent together up to this many quads: few requests, and little to send again after a failure.
_GROUP = 250_000
#: Graphs named in one request.
_ASKED = 300
#: Units of at most this many quads are changed line by line when little differs.
_PATCHED = 100_000


@dataclass(slots=True)
class Report:
    """The result of a load: its plan, the bytes sent, the checks of units and of saved queries, and seconds taken."""

    address: str
    profile: str
    plan: LoadPlan
    sent: int = 0
    checks: list[UnitCheck] = field(default_factory=list)
    answers: list[AnswerCheck] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Whether everything that was checked is as expected."""
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


class DiffersError(KgError):
    """The store does not hold what was sent (KG712), each unit and answer with its rows; ``report`` is the whole."""

    exit_code = 4

    def __init__(self, report: Report) -> None:
        super().__init__(_differences(report))
        self.report = report


def load(
    graph: Graph,
    address: str,
    *,
    profile: str | None = None,
    credentials: Credentials | None = None,
    update_url: str | None = None,
    update_credentials: Credentials | None = None,
    batch: int | None = None,
    timeout: float = 600.0,
    verify: str = "sent",
    dry_run: bool = False,
    adopt: bool = False,
    only_default: bool = False,
    progress: Progress = lambda _step: None,
) -> Report:
    """Load the units of a build into the store at an address; units that it holds unchanged are not sent again.

    The graph's view, if it is not the default one, is loaded beside it as a unit of its own; other views that earlier
    loads put there are brought up to date, or with ``only_default`` dropped.

    The address is the store's, or that of its queries; ``update_url`` is where updates go, if not where the profile
    says, and may be on another server, which gets ``update_credentials`` and no others. ``batch`` is the number of
    quads in one request at most. ``verify`` is ``sent``, ``all`` or ``none``. With ``dry_run`` only the plan is made.
    ``adopt`` replaces graphs of our names that something else put there.

    One load at a time runs on this machine. Loads from two machines at once are not kept apart: each verifies what it
    sent after it has sent it, so at least the last one sees a difference.

    Raises UsageError for the arguments (KG713), RemoteError when the store cannot be reached or refuses (KG701 to
    KG711), DiffersError when the store does not hold what was sent (KG712).
    """
    kind = profile_for(address, profile, credentials, timeout)
    endpoint = Endpoint(
        address, kind, credentials, timeout=timeout, update_url=update_url, update_credentials=update_credentials
    )
    begun = time.perf_counter()
    with closing(endpoint), scratch_folder(None, "kg-load-", "load") as made:
        work = _Load(graph, endpoint, Writer(endpoint, batch), adopt, progress, made, verify != "none")
        report = Report(endpoint.address, kind.name, work.plan(only_default))
        if dry_run:
            return report
        with only_load(graph.project.state_folder(), endpoint):
            if report.plan.changes:
                # Planned again: another load may have ended between the first look and now.
                report.plan = work.plan(only_default)
                work.run(report.plan)
            report.sent = work.writer.bytes
            report.seconds["load"] = time.perf_counter() - begun
            _verify(work, report, verify)
        return report


@contextmanager
def only_load(state: Path, endpoint: Endpoint) -> Iterator[None]:
    """Keep other loads of this machine from the store. Raises RemoteError (KG710), or Unwritable for the lock."""
    name = hashlib.sha256(endpoint.address.encode()).hexdigest()[:16]
    with keeping(state):
        file = open_file(state / f"loading-{name}", os.O_RDWR | os.O_CREAT)
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"another load to {endpoint.where} runs on this machine"
            raise failure("KG710", message, "Wait until the other load has ended.") from None
        yield


@dataclass
class _Load:
    """One load under way."""

    graph: Graph
    endpoint: Endpoint
    writer: Writer
    adopt: bool
    progress: Progress
    folder: Path
    verified: bool

    def __post_init__(self) -> None:
        #: The graph in every view that is loaded, by its unit: the default one, and those that were asked for.
        self.views = {unit_name(View()): self.graph.in_view(View())}
        self.base = self.graph.project.base
        self.units = unit_files(self.graph.snapshot, self.base)
        self.manifest = RemoteManifest(self.endpoint, self.base)

    def plan(self, only_default: bool) -> LoadPlan:
        """Compare with the store's record; views in it are computed as they would be now."""
        known = self.manifest.entries()
        for view in [self.graph.view, *([] if only_default else recorded_views(self.graph, known))]:
            if unit_name(view) not in self.views:
                self.progress(f"computing {unit_name(view)}")
                graph = self.graph.in_view(view)
                unit = view_unit(graph, self.folder)
                self.views[unit.name], self.units[unit.name] = graph, unit
        return plan(self.units, known)

    def run(self, todo: LoadPlan) -> None:
        """Put and drop what a plan says. Killed at any point, the same load run again ends right."""
        self.endpoint.check_updates(self.manifest.graph)
        known = self.manifest.entries()
        # Where no named graph holds anything before the first unit, none of somebody else's can be in the way.
        empty = not known and not self.endpoint.holds("GRAPH ?g { ?s ?p ?o }")
        for group in _groups([self.units[step.unit] for step in todo.of("put")]):
            last = "" if len(group) == 1 else f" … {group[-1].name}"
            self.progress(f"sending {group[0].name}{last}")
            self._put(group, {unit.name: known[unit.name] for unit in group if unit.name in known}, empty)
        for step in todo.of("drop"):
            self.progress(f"dropping {step.unit}")
            self.writer.update(self.manifest.reopen(step.unit))
            self.writer.drop(self.manifest.graphs([step.unit])[step.unit])
            self.writer.update(self.manifest.forget(step.unit))

    def check_records(self, checks: Sequence[UnitCheck]) -> list[UnitCheck]:
        """Checks of units; one also differs if the store records other graphs for it, as after two loads at once."""
        recorded = self.manifest.graphs(check.unit for check in checks)
        wrong = {name for name, graphs in recorded.items() if graphs != {g.decode() for g in self.units[name].graphs}}
        return [
            replace(check, same=False, missing=("(its record names other graphs)",)) if check.unit in wrong else check
            for check in checks
        ]

    def mark(self, units: Sequence[UnitFile]) -> None:
        """Mark units as ours and incomplete, so that the next load sends them again."""
        self._reopen(unit.name for unit in units)
        graphs = {unit.name: sorted(graph.decode() for graph in unit.graphs) for unit in units}
        self._record_begun(graphs)

    def _reopen(self, names: Iterable[str]) -> None:
        self.writer.update(*(self.manifest.reopen(name) for name in names))

    def _record_begun(self, graphs: Mapping[str, Sequence[str]]) -> None:
        self.writer.add(
            self.manifest.graph, (t for name, new in graphs.items() for t in self.manifest.begun(name, new))
        )

    def _put(self, group: Sequence[UnitFile], known: Mapping[str, RecordedUnit], empty: bool) -> None:
        complete = {name: entry.sha256 for name, entry in known.items() if entry.sha256}
        recorded = self.manifest.graphs(known)
        wanted = {unit.name: {graph.decode() for graph in unit.graphs} for unit in group}
        new = {name: graphs - recorded.get(name, set()) for name, graphs in wanted.items()}
        if not (empty or self.adopt):
            self._refuse_foreign(sorted(set().union(*new.values())))
        # The hash goes first, then the graphs are recorded as ours, then they change, then the hash comes back.
        self._reopen(unit.name for unit in group if unit.name in known)
        self._record_begun({name: sorted(graphs) for name, graphs in new.items()})
        rest = [
            unit
            for unit in group
            if unit.name not in complete or not self._patch(unit, recorded[unit.name], complete[unit.name])
        ]
        old = [recorded.get(unit.name, set()) | (new[unit.name] if self.adopt else set()) for unit in rest]
        self.writer.drop(set().union(*old))
        if rest:
            self.writer.send(rest)
        for unit in group:
            stale = sorted(recorded.get(unit.name, set()) - wanted[unit.name])
            for start in range(0, len(stale), _ASKED):
                self.writer.update(self.manifest.release(unit.name, stale[start : start + _ASKED]))
        self.writer.add(
            self.manifest.graph,
            (t for unit in group for t in self.manifest.completed(unit.name, unit.sha256, unit.quads)),
        )

    def _patch(self, unit: UnitFile, recorded: set[str], sha256: str) -> bool:
        """Change a unit that is complete there line by line, if few lines differ; whether that was done.

        Only where a store gives back every literal as it was sent, and within what memory holds.
        """
        if self.endpoint.profile.rewrites or unit.quads > _PATCHED:
            return False
        here, there = set(unit.lines()), self._present(unit, sha256)
        extra, missing = sorted(there - here), sorted(here - there)
        if len(extra) + len(missing) > unit.quads // 4:
            return False
        self.writer.drop(recorded - {graph.decode() for graph in unit.graphs})
        self.writer.patch(extra, missing)
        return True

    def _present(self, unit: UnitFile, sha256: str) -> set[bytes]:
        """The lines of a unit in the store: of the earlier build that it was loaded from, or as they are read there.

        Verification shows whether the store still held the content of the earlier build; without it, read the store.
        """
        if self.verified:
            with suppress(OSError):
                earlier = earlier_unit(self.graph.snapshot, self.base, unit.name, sha256)
                if earlier:
                    return set(earlier.lines())
        return set(unit_lines(self.endpoint, unit))

    def _refuse_foreign(self, graphs: Sequence[str]) -> None:
        """Raises RemoteError (KG711) when graphs that are not recorded as ours already hold something."""
        for start in range(0, len(graphs), _ASKED):
            asked = values("g", graphs[start : start + _ASKED])
            query = f"SELECT ?g WHERE {{ {asked} FILTER EXISTS {{ GRAPH ?g {{ ?s ?p ?o }} }} }} ORDER BY ?g"
            rows = self.endpoint.query(query, columns=["g"]).rows
            if rows:
                names = ", ".join(str(row[0]) for row in rows[:3]) + (" …" if len(rows) > 3 else "")
                message = f"something else wrote graphs of these names: {names}"
                raise failure("KG711", message, "Inspect these unchanged graphs; --adopt replaces them.")


def _verify(work: _Load, report: Report, which: str) -> None:
    """Verify units and answers. Raises DiffersError; units that differ are then marked to be sent again."""
    if which == "none":
        return
    begun = time.perf_counter()
    names = list(work.units) if which == "all" else [step.unit for step in report.plan.of("put")]
    if names or report.plan.changes:
        units = [work.units[name] for name in names]
        everything = len(names) == len(work.units)
        # Queries are asked while the units are read back, in every view that the change may have touched.
        asked = [graph for name, graph in work.views.items() if name in names or graph.view.default]
        with ThreadPoolExecutor(1) as aside:
            answers = [aside.submit(verify_answers, work.endpoint, graph) for graph in asked]
            report.checks = verify_units(work.endpoint, units, everything=everything, progress=work.progress)
            work.progress("asking the saved queries")
            report.answers = [answer for each in answers for answer in each.result()]
        report.checks = work.check_records(report.checks)
    report.seconds["verify"] = time.perf_counter() - begun
    if not report.same:
        # A store that may only be read cannot be marked; the difference is reported all the same.
        with suppress(RemoteError):
            work.mark([work.units[check.unit] for check in report.checks if not check.same])
        raise DiffersError(report)


def _differences(report: Report) -> Iterator[Problem]:
    for check in report.checks:
        if not check.same:
            rows = [f"    - {row}" for row in check.missing] + [f"    + {row}" for row in check.extra]
            message = f"{check.unit}: {check.expected} quads expected, {check.found} found there"
            remedy = "Run the load again: it sends this unit anew."
            yield Problem("KG712", "\n".join([message, *rows]), remedy=remedy)
    for answer in report.answers:
        if not answer.same:
            message = answer.message if answer.view == "default" else f"in view {answer.view}, {answer.message}"
            yield Problem("KG712", message, remedy="Compare `kg query` here with `kg query --endpoint`.")


def _groups(units: Sequence[UnitFile]) -> Iterator[list[UnitFile]]:
    group: list[UnitFile] = []
    quads = 0
    for unit in units:
        if group and quads + unit.quads > _GROUP:
            yield group
            group, quads = [], 0
        group.append(unit)
        quads += unit.quads
    if group:
        yield group
