"""The modules of the package as syntax trees, parsed once for all tests that read them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

__all__ = ["PACKAGE", "parsed"]

PACKAGE = Path(__file__).resolve().parent.parent / "kg"


@cache
def parsed() -> dict[Path, ast.Module]:
    """Every module of the package with its syntax tree, sorted by path."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
