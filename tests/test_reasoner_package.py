"""The reasoner as a package of its own: its README is true, and it imports nothing of the rest."""

import ast
import doctest
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "kg" / "reasoner"
README = PACKAGE / "README.md"


def imported(path):
    """The modules of ``kg`` that a module imports, also inside functions, but not for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and id(node) not in typing and (node.module or "").startswith("kg"):
            whole = node.module == "kg.reasoner"
            yield from (f"kg.reasoner.{alias.name}" for alias in node.names if whole)
            yield from () if whole else (node.module,)


def test_examples_of_the_readme():
    """Every example in the README runs, and prints what it shows."""
    result = doctest.testfile(str(README), module_relative=False)
    assert result.attempted > 15
    assert result.failed == 0


def test_every_file_is_in_the_readme():
    """The README's table names each module of the package."""
    named = README.read_text(encoding="utf-8")
    assert [path.stem for path in PACKAGE.glob("[!_]*.py") if f"`{path.stem}`" not in named] == []


def test_it_imports_plain_values_and_errors_only():
    """Whatever a module imports of ``kg`` is of the reasoner, a plain value, or an error; infer also reads files."""
    found = {name for path in PACKAGE.glob("*.py") if path.stem != "infer" for name in imported(path)}
    assert {name for name in found if not name.startswith("kg.reasoner.")} <= {"kg.model", "kg.errors"}


def test_there_is_no_import_loop():
    """No module imports one that imports it again, in however many steps."""
    edges = {f"kg.reasoner.{path.stem}": set(imported(path)) for path in PACKAGE.glob("[!_]*.py")}
    while leaves := {name for name, targets in edges.items() if not targets & set(edges)}:
        edges = {name: targets for name, targets in edges.items() if name not in leaves}
    assert edges == {}
