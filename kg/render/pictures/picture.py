"""Pictures in memory, for notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from kg.errors import Problem, UsageError
from kg.render.pictures.neighbourhood_picture import draw_neighbourhood
from kg.render.pictures.polls_picture import draw_polls
from kg.render.pictures.timeline_picture import draw_timeline
from kg.timeline.neighbourhood import neighbourhood
from kg.timeline.poll_results import poll_results
from kg.timeline.timeline import timeline

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.model import Term


@dataclass(frozen=True, repr=False)
class Picture:
    """A drawing as SVG."""

    svg: str

    def __repr__(self) -> str:
        return f"<kg picture: {len(self.svg)} characters of SVG>"

    def _repr_svg_(self) -> str:
        """The picture as notebooks show it."""
        return self.svg

    @classmethod
    def of(cls, graph: Graph, what: str, term: Term | None = None) -> Picture:
        """A ``timeline``, a ``neighbourhood`` of a term, or ``polls``.

        Raises UsageError: KG815 for another picture or a neighbourhood of nothing, KG758 without matplotlib.
        """
        file = BytesIO()
        if what == "timeline":
            draw_timeline(timeline(graph, term), file)
        elif what == "neighbourhood" and term is not None:
            draw_neighbourhood(neighbourhood(graph, term), file)
        elif what == "polls":
            draw_polls(graph, poll_results(graph), file)
        else:
            remedy = "One of timeline, neighbourhood (of a term), polls."
            raise UsageError(Problem("KG815", f"no such picture: {what!r}", remedy=remedy))
        return cls(file.getvalue().decode())
