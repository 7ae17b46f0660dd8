"""The version of the tool, which every build records."""

from __future__ import annotations

__version__ = "0.1.0"
