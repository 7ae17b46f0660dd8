"""Reference documentation of a graph: a static site, Markdown for a repository, alignments as SSSOM."""

from __future__ import annotations

from kg.render.pages.site import Site, write_site

__all__ = ["Site", "write_site"]
