"""The example notebooks run, cell by cell, and what ends a cell shows itself."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
#: By what a notebook shows a value richly, in the order in which it asks.
RICH = ("_repr_html_", "_repr_svg_")


def run_cell(source: str, names: dict[str, Any]) -> object:
    """Run a cell; the value of its last line if that is an expression, as a notebook has it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)  # noqa: S102 - the notebooks are of this repository
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None  # noqa: S307 - as above


def test_there_are_two_notebooks() -> None:
    """Two notebooks are there, as they were written: without what a run has shown."""
    assert len(NOTEBOOKS) == 2
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert all(not cell.get("outputs") for cell in cells)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path) -> None:
    """If a notebook's cells are run in order, then none fails, and answers, pictures and lists show themselves."""
    pytest.importorskip("pandas", reason="an extra")
    pytest.importorskip("matplotlib", reason="an extra")
    names: dict[str, Any] = {}
    shown = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            value = run_cell("".join(cell["source"]), names)
            rich = next((method for name in RICH if (method := getattr(value, name, None))), None)
            shown += [rich()] if rich else []
    assert len(shown) >= 4
    assert all(isinstance(text, str) and "<" in text for text in shown)
