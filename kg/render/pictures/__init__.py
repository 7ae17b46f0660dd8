"""Pictures of answers: timelines, neighbourhoods, polls, as SVG, PNG or PDF (extra ``pictures``) or DOT text."""

from __future__ import annotations
