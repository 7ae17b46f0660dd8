"""``kg load``: take the graph into a store, change only what has changed, and prove that it arrived."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from kg.graph.store import Graph
from kg.graph.views import View
from kg.load.answers import verify_answers
from kg.load.content import UnitFile, earlier_unit, unit_files
from kg.load.credentials import Credentials
from kg.load.detect import profile_for
from kg.load.endpoint import Endpoint, values
from kg.load.failures import RemoteError, failure
from kg.load.lock import Lease, lease
from kg.load.plan import Plan, plan
from kg.load.readback import unit_lines
from kg.load.remote_manifest import Entry, RemoteManifest
from kg.load.report import Report, differs
from kg.load.verify import verify_units
from kg.load.views import recorded_views, unit_name, view_unit
from kg.load.writer import Writer
from kg.owned import scratch_folder

__all__ = ["Report", "load"]

Progress = Callable[[str], None]
#: Units are sent together up to this many quads: few requests, and little to send again after a failure.
_GROUP = 250_000
_ASKED = 300
#: Units of at most this many quads are changed line by line when little differs.
_PATCHED = 100_000


@dataclass
class _Load:
    """One load under way."""

    graph: Graph
    endpoint: Endpoint
    writer: Writer
    adopt: bool
    progress: Progress
    folder: Path
    only_default: bool
    verified: bool

    def __post_init__(self) -> None:
        #: The graph in every view that is loaded, by its unit: the default one, and those that were asked for.
        self.views = {unit_name(View()): self.graph.in_view(View())}
        self.base = self.graph.project.base
        self.units = unit_files(self.graph.snapshot, self.base)
        self.manifest = RemoteManifest(self.endpoint, self.base)
        self.lease_graph = f"<{self.base}graph/loading>"

    def plan(self) -> Plan:
        """Compare with what the store records; views that it records are computed as they would be now."""
        known = self.manifest.entries()
        for view in [self.graph.view, *([] if self.only_default else recorded_views(self.graph, known))]:
            if unit_name(view) not in self.views:
                self.progress(f"computing {unit_name(view)}")
                graph = self.graph.in_view(view)
                unit = view_unit(graph, self.folder)
                self.views[unit.name], self.units[unit.name] = graph, unit
        return plan(self.units, known)

    def run(self, todo: Plan) -> None:
        """Put and drop what a plan says. Killed at any point, the same load run again ends right."""
        known = self.manifest.entries()
        # Where no named graph held anything before the first unit, there is nothing of anybody's to look out for.
        empty = not known and not self.endpoint.holds(f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != {self.lease_graph})")
        for group in _groups([self.units[step.unit] for step in todo.of("put")]):
            self.progress(f"sending {_named(group)}")
            self._put(group, {unit.name: known[unit.name] for unit in group if unit.name in known}, empty)
        for step in todo.of("drop"):
            self.progress(f"dropping {step.unit}")
            self._drop(step.unit)

    def _put(self, group: Sequence[UnitFile], known: Mapping[str, Entry], empty: bool) -> None:
        complete = {name: entry.sha256 for name, entry in known.items() if entry.sha256}
        recorded = self.manifest.graphs(known)
        wanted = {unit.name: {graph.decode() for graph in unit.graphs()} for unit in group}
        new = {name: graphs - recorded.get(name, set()) for name, graphs in wanted.items()}
        if not (empty or self.adopt):
            self._refuse_foreign(sorted(set().union(*new.values())))
        # The hash goes first, then whose the graphs are is recorded, then they change, then the hash comes back.
        self.writer.update(*(self.manifest.reopen(unit.name) for unit in group if unit.name in known))
        self.writer.add(
            self.manifest.graph, (t for unit in group for t in self.manifest.begun(unit.name, sorted(new[unit.name])))
        )
        patched = [
            unit
            for unit in group
            if unit.name in complete and self._patch(unit, recorded[unit.name], complete[unit.name])
        ]
        rest = [unit for unit in group if unit not in patched]
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

        Only where a store gives back every literal as it was put, and within what memory holds.
        """
        if self.endpoint.profile.rewrites or unit.quads > _PATCHED:
            return False
        here, there = set(unit.lines()), self._present(unit, sha256)
        extra, missing = sorted(there - here), sorted(here - there)
        if len(extra) + len(missing) > unit.quads // 4:
            return False
        self.writer.drop(recorded - {graph.decode() for graph in unit.graphs()})
        self.writer.patch(extra, missing)
        return True

    def _present(self, unit: UnitFile, sha256: str) -> set[bytes]:
        """The lines of a unit in the store: of the earlier build that it was loaded from, or as they are read there.

        Whether the store still held what the earlier build has is seen when the unit is verified; where it will
        not be, nothing is taken for granted.
        """
        if self.verified:
            with suppress(OSError):
                earlier = earlier_unit(self.graph.snapshot, self.base, unit.name, sha256)
                if earlier:
                    return set(earlier.lines())
        return set(unit_lines(self.endpoint, unit))

    def _drop(self, name: str) -> None:
        self.writer.update(self.manifest.reopen(name))
        self.writer.drop(self.manifest.graphs([name])[name])
        self.writer.update(self.manifest.forget(name))

    def _refuse_foreign(self, graphs: Sequence[str]) -> None:
        """Raises RemoteError (KG711) when graphs that are not recorded as ours already hold something."""
        for start in range(0, len(graphs), _ASKED):
            asked = values("g", graphs[start : start + _ASKED])
            rows = self.endpoint.query(
                f"SELECT ?g WHERE {{ {asked} FILTER EXISTS {{ GRAPH ?g {{ ?s ?p ?o }} }} }} ORDER BY ?g"
            ).rows
            if rows:
                names = ", ".join(str(row[0]) for row in rows[:3]) + (" …" if len(rows) > 3 else "")
                message = f"graphs of these names were put there by something else: {names}"
                raise failure("KG711", message, "Look at them; --adopt replaces them. Nothing was changed in them.")

    def reopen(self, names: Sequence[str]) -> None:
        """Take the hashes of units away, so that the next load sends them again."""
        self.writer.update(*(self.manifest.reopen(name) for name in names))


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
    take_over: bool = False,
    only_default: bool = False,
    progress: Progress = lambda _step: None,
) -> Report:
    """Take the units of a build into the store at an address; what is there unchanged is not sent again.

    The graph's view, if it is not the default one, is loaded beside it as a unit of its own; other views that
    earlier loads put there are brought up to date, or with ``only_default`` dropped.

    The address is the store's, or that of its queries; ``update_url`` is where updates go, if not where the profile
    says, and may be of another server, which gets ``update_credentials`` and no others. ``batch`` is the number of
    quads in one request at most. ``verify`` is ``sent``, ``all`` or ``none``. With ``dry_run`` only the plan is
    made. ``adopt`` replaces graphs of our names that something else put there; ``take_over`` takes the lease of
    another load.

    Raises UsageError for the arguments (KG713), RemoteError when the store cannot be reached or refuses (KG701 to
    KG711), DiffersError when what arrived is not what was meant (KG712); its ``report`` says what.
    """
    kind = profile_for(address, profile, credentials, timeout)
    endpoint = Endpoint(
        address, kind, credentials, timeout=timeout, update_url=update_url, update_credentials=update_credentials
    )
    begun = time.perf_counter()
    with closing(endpoint), scratch_folder(None, "kg-load-", "load") as made:
        todo = _Load(graph, endpoint, Writer(endpoint, batch), adopt, progress, made, only_default, verify != "none")
        report = Report(endpoint.address, kind.name, todo.plan())
        if dry_run:
            return report
        if not report.plan.changes:
            report.seconds["load"] = time.perf_counter() - begun
            _verify(todo, report, verify)
        if report.plan.changes or not report.same:
            # A difference that was read without the lease may be another load under way: it is read again under it.
            try:
                with lease(endpoint, todo.base, graph.project.state_folder(), take_over=take_over) as held:
                    _change(todo, report, held, begun)
                    _prove(todo, report, verify)
            except RemoteError as error:
                if report.same or error.problems[0].code != "KG702":
                    raise
                # Of a store that may only be read, too, a difference is said.
                raise differs(report) from None
        return report


def _change(todo: _Load, report: Report, held: Lease, begun: float) -> None:
    todo.endpoint.keep(held.renew)
    # Planned again under the lease: another load may have ended between the first look and now.
    report.plan = todo.plan()
    todo.run(report.plan)
    report.sent = todo.writer.bytes
    report.seconds["load"] = time.perf_counter() - begun


def _prove(todo: _Load, report: Report, which: str) -> None:
    """Verify while nobody else loads. Raises DiffersError; units that differ are then marked to be sent again."""
    _verify(todo, report, which)
    if not report.same:
        todo.reopen([check.unit for check in report.checks if not check.same])
        raise differs(report)


def _verify(todo: _Load, report: Report, which: str) -> None:
    if which == "none":
        return
    begun = time.perf_counter()
    sent = [step.unit for step in report.plan.of("put")]
    names = list(todo.units) if which == "all" else sent
    if names or report.plan.changes:
        units = [todo.units[name] for name in names]
        everything = len(names) == len(todo.units)
        # The questions are asked while the units are read back, of every view that the change may have touched.
        asked = [graph for name, graph in todo.views.items() if name in names or graph.view.default]
        with ThreadPoolExecutor(1) as aside:
            answers = [aside.submit(verify_answers, todo.endpoint, graph) for graph in asked]
            report.checks = verify_units(todo.endpoint, units, everything=everything, progress=todo.progress)
            todo.progress("asking the saved queries")
            report.answers = [answer for each in answers for answer in each.result()]
    report.seconds["verify"] = time.perf_counter() - begun


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


def _named(group: Sequence[UnitFile]) -> str:
    return group[0].name if len(group) == 1 else f"{group[0].name} … {group[-1].name}"
