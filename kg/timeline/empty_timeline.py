"""What to say where a timeline, a neighbourhood or a chart has nothing to show: of what, and which view would."""

from __future__ import annotations

from kg.evidence.notes import other_views
from kg.graph.store import Graph
from kg.timeline.neighbourhood import Neighbourhood, neighbourhood
from kg.timeline.poll_results import poll_results
from kg.timeline.timeline import Timeline, timeline

__all__ = ["no_neighbours", "no_polls", "nothing_dated"]


def nothing_dated(found: Timeline) -> list[str]:
    """Why a timeline has no entries; nothing when it has some."""
    if found.entries:
        return []
    about = f" of {found.graph.label(found.term)}" if found.term else ""
    years = f" {found.years_in_words}" if found.years else ""
    there = other_views(found.graph, lambda graph: len(timeline(graph, found.term, years=found.years).facts), "fact")
    return [f"no fact{about} in this view begins, ends or happens at a time that is known{years}", *there]


def no_neighbours(found: Neighbourhood) -> list[str]:
    """Why a neighbourhood is empty; nothing when it is not."""
    if found.facts:
        return []
    there = other_views(found.graph, lambda graph: len(neighbourhood(graph, found.term).facts), "fact")
    return [f"no fact of {found.graph.label(found.term)} in this view", *there]


def no_polls(graph: Graph) -> list[str]:
    """Why there are no poll results in a view."""
    return [
        "no poll result is a fact in this view",
        *other_views(graph, lambda other: len(poll_results(other)), "figure"),
    ]
