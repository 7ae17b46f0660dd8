"""The generated reference in ``docs/reference/``, and what the guides show: ``python -m docs.generate`` remakes them.

``make docs`` calls this; ``tests/test_docs.py`` fails when what is kept is not what this would write.
"""

from __future__ import annotations

from pathlib import Path

import click

from docs import shown
from docs.reference_pages import (
    fair_reference,
    ontology_reference,
    problem_reference,
    query_reference,
    sssom_table,
)
from kg.checks.fair import assess
from kg.cli import kg
from kg.graph.store import open_graph
from kg.project import Project
from kg.render.reference import Contents

FOLDER = Path(__file__).parent / "reference"
ROOT = Path(__file__).parent.parent
NOTE = "<!-- Made by `make docs`; edits here are lost. -->\n"


def files() -> dict[str, str]:
    """Each generated file with its content."""
    graph = open_graph(Project.find(ROOT))
    contents = Contents(graph)
    made = {
        "commands.md": command_reference(),
        "fair.md": fair_reference(assess(graph.project)),
        "ontology.md": ontology_reference(contents),
        "problems.md": problem_reference(),
        "queries.md": query_reference(contents),
    }
    return {
        **{name: NOTE + text for name, text in made.items()},
        "alignments.sssom.tsv": sssom_table(graph.corpus, graph.label),
    }


def command_reference() -> str:
    """The help of every command, as the command line gives it."""
    context = click.Context(kg, info_name="kg", terminal_width=100, **kg.context_settings)
    parts = ["# Commands\n", _help(context)]
    for name in kg.list_commands(context):
        command = kg.get_command(context, name)
        if command is not None:
            own = click.Context(command, info_name=name, parent=context)
            parts.append(f"## kg {name}\n\n{_help(own)}")
    return "\n".join(parts)


def _help(context: click.Context) -> str:
    return f"```\n{context.get_help()}\n```\n"


def write() -> list[str]:
    """Write what differs, take away what is no longer made, and give the names of both."""
    FOLDER.mkdir(exist_ok=True)
    made = files()
    stale = [path for path in sorted(FOLDER.iterdir()) if path.name not in made]
    for path in stale:
        path.unlink()
    changed = []
    for name, text in made.items():
        path = FOLDER / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return [path.name for path in stale] + changed


if __name__ == "__main__":
    for each in write():
        click.echo(f"docs/reference/{each}")
    for guide in shown.write():
        click.echo(guide.relative_to(ROOT))
