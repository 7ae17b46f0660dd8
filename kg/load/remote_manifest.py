"""The store's own record of what it holds of this project, and the plan that follows from it.

The graph ``<base>graph/loaded`` has one node for each unit: the graphs that hold it (``dcterms:hasPart``), the number
of quads (``void:triples``) and, once it is complete, its hash (``schema:sha256``). A graph is this project's when its
IRI begins with the base and it is recorded there; no other is ever changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kg.graph.unit_files import UnitFile
from kg.load.endpoint import Endpoint, values
from kg.vocab import DCTERMS, PREFIXES, RDF, XSD, iri

_TYPE, _DATASET = iri(RDF + "type"), iri(PREFIXES["void"] + "Dataset")
_NAME, _PART = iri(DCTERMS + "identifier"), iri(DCTERMS + "hasPart")
_COUNT, _HASH = iri(PREFIXES["void"] + "triples"), iri(PREFIXES["schema"] + "sha256")


@dataclass(frozen=True, slots=True)
class RecordedUnit:
    """A unit as the store records it; without a hash it was begun and not completed, or by two loads at once."""

    name: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class LoadStep:
    """One unit of the plan: ``action`` is ``skip``, ``put`` or ``drop``; sizes are of what would be sent."""

    unit: str
    action: str
    why: str
    quads: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """Every step of a load: units to put first, then those to drop."""

    steps: tuple[LoadStep, ...]

    def of(self, action: str) -> list[LoadStep]:
        """The steps of one action."""
        return [step for step in self.steps if step.action == action]

    @property
    def changes(self) -> bool:
        """Whether anything is to be done."""
        return any(step.action != "skip" for step in self.steps)

    def as_json(self) -> list[dict[str, Any]]:
        """Plain data."""
        return [asdict(step) for step in self.steps]


def plan(local: Mapping[str, UnitFile], remote: Mapping[str, RecordedUnit]) -> LoadPlan:
    """Compare the units of a build with those that the store records."""
    steps = [_step(unit, remote.get(name)) for name, unit in local.items()]
    gone = (LoadStep(name, "drop", "no longer part of the graph") for name in remote if name not in local)
    return LoadPlan((*steps, *gone))


def _step(unit: UnitFile, known: RecordedUnit | None) -> LoadStep:
    if known and known.sha256 == unit.sha256:
        return LoadStep(unit.name, "skip", "unchanged", unit.quads)
    why = "new" if known is None else "changed" if known.sha256 else "begun before, not completed"
    return LoadStep(unit.name, "put", why, unit.quads, unit.length)


class RemoteManifest:
    """The record of loaded units in a store."""

    def __init__(self, endpoint: Endpoint, base: str) -> None:
        self._endpoint = endpoint
        self._base = base
        self.graph = f"<{base}graph/loaded>"

    def entries(self) -> dict[str, RecordedUnit]:
        """Every unit recorded, by name."""
        wanted = f"FILTER(?p IN ({_NAME}, {_HASH}))"
        query = f"SELECT ?u ?p ?o WHERE {{ GRAPH {self.graph} {{ ?u ?p ?o }} {wanted} }}"
        found: dict[str, dict[str, set[str]]] = {}
        for unit, predicate, value in self._endpoint.rows(query, "u p o"):
            if unit and predicate and value:
                text = value.split('"')[1] if '"' in value else value
                found.setdefault(unit, {}).setdefault(predicate, set()).add(text)
        entries = {}
        for about in found.values():
            for name in about.get(_NAME, ()):
                hashes = about.get(_HASH, set())
                entries[name] = RecordedUnit(name, *hashes) if len(hashes) == 1 else RecordedUnit(name, None)
        return entries

    def graphs(self, units: Iterable[str]) -> dict[str, set[str]]:
        """The graphs recorded for units, as terms; graphs outside the base are not ours and left out."""
        found: dict[str, set[str]] = {name: set() for name in units}
        by_node = {self._node(name): name for name in found}
        if not found:
            return found
        query = f"SELECT ?u ?g WHERE {{ {values('u', by_node)} GRAPH {self.graph} {{ ?u {_PART} ?g }} }}"
        for unit, graph in self._endpoint.rows(query, "u g"):
            if unit in by_node and graph and graph.startswith(f"<{self._base}"):
                found[by_node[unit]].add(graph)
        return found

    def begun(self, name: str, graphs: Iterable[str]) -> Iterator[str]:
        """The triples that record a unit as begun: whose its graphs are, before anything is in them."""
        node = self._node(name)
        yield f'{node} {_NAME} "{name}"'
        yield f"{node} {_TYPE} {_DATASET}"
        for graph in graphs:
            yield f"{node} {_PART} {graph}"

    def completed(self, name: str, sha256: str, quads: int) -> Iterator[str]:
        """The triples that record it as complete."""
        node = self._node(name)
        yield f'{node} {_HASH} "{sha256}"'
        yield f'{node} {_COUNT} "{quads}"^^{iri(XSD + "integer")}'

    def reopen(self, name: str) -> str:
        """The update that removes a unit's hash, so that it counts as incomplete from now on."""
        node = self._node(name)
        return (
            f"DELETE WHERE {{ GRAPH {self.graph} {{ {node} {_HASH} ?hash }} }} ;\n"
            f"DELETE WHERE {{ GRAPH {self.graph} {{ {node} {_COUNT} ?count }} }}"
        )

    def release(self, name: str, graphs: Iterable[str]) -> str:
        """The update that records graphs as no longer a unit's."""
        node = self._node(name)
        return f"DELETE DATA {{ GRAPH {self.graph} {{ {node} {_PART} {', '.join(graphs)} }} }}"

    def forget(self, name: str) -> str:
        """The update that removes a unit's record."""
        return f"DELETE WHERE {{ GRAPH {self.graph} {{ {self._node(name)} ?p ?o }} }}"

    def _node(self, name: str) -> str:
        return f"<{self._base}loaded/{name}>"
