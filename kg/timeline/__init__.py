"""What began, ended and happened, from the facts of a view: stated and inferred, each with its sources."""

from __future__ import annotations

from kg.timeline.facts import Fact, facts_about
from kg.timeline.timeline import Entry, Timeline, timeline
from kg.timeline.words import in_words

__all__ = ["Entry", "Fact", "Timeline", "facts_about", "in_words", "timeline"]
