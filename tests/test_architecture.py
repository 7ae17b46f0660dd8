"""The rooms of the package import one way, and what costs time is imported where it is used."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from package_source import PACKAGE, parsed

#: Rooms in the order of ARCHITECTURE.md; those on one line may import one another.
LAYERS = (
    ("kg", "version"),
    (
        "errors",
        "parallel",
        "harmless",
        "redaction",
        "files",
        "limits",
        "owned",
        "phrases",
        "vocab",
        "dates",
        "periods",
        "model",
        "status",
        "typed_dates",
    ),
    ("sparql",),
    ("reasoner",),
    ("engines",),
    ("bundle", "project", "corpus"),
    ("labels",),
    ("checks", "graph"),
    ("queries", "evidence", "timeline", "render"),
    ("api", "load", "export", "compare", "scaffold"),
    ("web",),
    ("cli",),
    ("__main__",),
)
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
SLOW = {"rdflib", "owlrl", "pyshacl", "duckdb", "pandas", "matplotlib", "yaml", "numpy"}


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "kg" if parts == ("__init__",) else parts[0]


def imports(tree: ast.AST, *, at_top: bool = False) -> set[str]:
    nodes = tree.body if at_top and isinstance(tree, ast.Module) else ast.walk(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def function_imports(tree: ast.AST) -> list[str]:
    """What is imported inside functions, with each name of the package once for each import."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for statement in ast.walk(node):
                if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith("kg"):
                    found.append((statement.lineno, f"{statement.module}"))
    return [module for _line, module in sorted(set(found))]


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def run_time_imports(path: Path, known: set[str]) -> set[str]:
    """The package's modules that a module imports when it runs, inside functions too, but not for types alone."""
    tree = parsed()[path]
    typed = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in typed:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names & known or {node.module} & known
    return found - {module_name(path)}


def modules() -> list[Path]:
    return list(parsed())


def test_imports_run_one_way() -> None:
    """If a module imports another room at its head, then that room comes before its own in the order of rooms."""
    for path, tree in parsed().items():
        assert room_of(path) in LEVEL, f"{room_of(path)} has no place in the order of rooms"
        others = {name.split(".")[1] for name in imports(tree, at_top=True) if name.startswith("kg.")}
        assert not [other for other in others if LEVEL[other] > LEVEL[room_of(path)]], path


def test_no_two_public_classes_share_a_name() -> None:
    """If two modules of the package define a public class each, then their names differ."""
    places: dict[str, list[str]] = {}
    for path, tree in parsed().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(module_name(path))
    assert places
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_a_stem_names_one_module() -> None:
    """If two modules of the package have one name, then one of them is a command, which is named after it."""
    places: dict[str, list[str]] = {}
    for path in modules():
        if path.name != "__init__.py" and room_of(path) != "cli":
            places.setdefault(path.stem, []).append(module_name(path))
    assert len(places) > 100
    assert not {stem: found for stem, found in places.items() if len(found) > 1}


def test_no_module_imports_itself_by_way_of_others() -> None:
    """If imports are followed from any module, those inside functions too, then they never lead back to it."""
    names = {module_name(path) for path in modules()}
    imported = {module_name(path): run_time_imports(path, names) for path in modules()}
    # What imports nothing that is left is taken away; in a loop, nothing ever is.
    while done := {name for name, others in imported.items() if not others & imported.keys()}:
        imported = {name: others for name, others in imported.items() if name not in done}
    assert not imported, sorted(imported)


def test_the_architecture_names_what_there_is() -> None:
    """If ARCHITECTURE.md names something of a module, then the module has it; and it names every room."""
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = set(re.findall(r"`(\w+)/?`", text.partition("## From a document")[0]))
    assert LEVEL.keys() - rooms == {"version", "__main__"}
    found = re.findall(r"`((?:[a-z_]+\.)+[A-Za-z_]+)`", text)
    assert len(found) > 20
    for name in found:
        module, _dot, attribute = f"kg.{name}".rpartition(".")
        assert hasattr(importlib.import_module(module), attribute), name


def test_imports_inside_functions_are_few() -> None:
    """If a module of the package imports another inside a function, then it is one of at most 100, for start-up."""
    found = [(path, name) for path, tree in parsed().items() for name in function_imports(tree)]
    assert 0 < len(found) <= 100


@pytest.mark.parametrize("room", ["reasoner", "sparql"])
def test_a_package_within_the_package_needs_plain_values_only(room: str) -> None:
    """If a module is of the reasoner or of SPARQL, then it imports nothing of the rest but values, anywhere in it."""
    for path in (PACKAGE / room).rglob("*.py"):
        names = {name for name in imports(parsed()[path]) if name.startswith("kg.")}
        assert {name.split(".")[1] for name in names} <= {room, "errors", "model", "vocab"}, path


def test_sparql_is_parsed_in_one_place() -> None:
    """If a module reads SPARQL, then it does so through kg/sparql: nothing imports rdflib's parser."""
    for path in modules():
        found = imports(parsed()[path])
        assert not {name for name in found if name.startswith("rdflib.plugins.sparql")}, path


def test_slow_libraries_are_imported_where_they_are_used() -> None:
    """If a module needs a library that takes long to import, then it imports it inside a function."""
    for path, tree in parsed().items():
        assert not {name.split(".")[0] for name in imports(tree, at_top=True)} & SLOW, path


def test_the_library_neither_prints_nor_exits() -> None:
    """If a module is not of the command line, then it calls neither print nor exit."""
    for path in modules():
        if room_of(path) in ("cli", "__main__"):
            continue
        for node in ast.walk(parsed()[path]):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in ("print", "sys.exit", "exit", "quit", "click.echo"), f"{path}: {called}"


#: What ``kg query`` may import of this package; a module more makes every question slower to start.
OF_A_QUERY = {
    "kg": "version vocab errors harmless files limits owned dates model phrases status typed_dates project labels",
    "kg.cli": "completing endpoint_options options query questions streams",
    "kg.corpus": "saved_queries",
    "kg.graph": "index index_schema snapshot store views",
    "kg.queries": "answer bounded entities execution parameters run",
    "kg.render": "columns formats sources tables",
    "kg.sparql": "analysis cursor expressions parser patterns printer stepwise syntax_errors syntax_tree tokens",
}
#: Of the standard library, what takes a millisecond and more to import and no question needs.
NEEDLESS = {"decimal", "difflib", "http", "pickle", "shutil", "subprocess", "tempfile", "textwrap"}


def test_a_saved_query_imports_what_it_needs() -> None:
    """If a saved query is asked of a current store, then the modules that are imported are those listed here."""
    code = (
        "import os, sys, kg.cli\n"
        "kg.cli.end = lambda status: (print(*sys.modules, file=sys.stderr, flush=True), os._exit(status))\n"
        "sys.argv = ['kg', 'query', 'observers']; kg.cli.main()"
    )
    for _time in range(2):  # the first may build the store
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    found = set(done.stderr.splitlines()[-1].split())
    allowed = {f"{package}.{name}" for package, names in OF_A_QUERY.items() for name in names.split()}
    allowed |= {*OF_A_QUERY, "kg.timeline", "kg.timeline.dates_in_words"}
    assert {name for name in found if name == "kg" or name.startswith("kg.")} <= allowed
    assert "pyoxigraph" in found
    assert sorted(found & (SLOW | NEEDLESS | {"httpx", "httpcore"})) == []


#: What only ``kg.owned`` may call.
REMOVING = {"rmtree", "unlink", "remove", "rmdir", "rename", "renames", "mkdtemp", "mkstemp", "TemporaryDirectory"}


def test_one_module_removes_and_replaces() -> None:
    """If a module of the package removes, renames or makes temporary files, then it is ``kg.owned``."""
    for path in modules():
        if path.name == "owned.py":
            continue
        for node in ast.walk(parsed()[path]):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert name not in REMOVING - {"remove"}, f"{path}:{node.lineno}"
            assert ast.unparse(node.func) not in ("os.remove", "os.replace", "shutil.move"), f"{path}:{node.lineno}"
            # str.replace takes two values, Path.replace one.
            assert name != "replace" or len(node.args) != 1 or node.keywords, f"{path}:{node.lineno}"
