"""The saved queries themselves: by theme, by words, and one in full with an example call."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from kg.corpus.query_files import without_header
from kg.corpus.saved_queries import Parameter, SavedQuery
from kg.errors import counted
from kg.labels import fold, shorten

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.queries.finding import Found

_EXAMPLES = {
    "entity": "Serbia",
    "date": "2016",
    "integer": "3",
    "number": "0.5",
    "text": "exercise",
    "language": "en",
}


def listing(queries: Iterable[SavedQuery]) -> str:
    """Names and questions, by theme; a word on how to make one where there is none."""
    themes = by_theme(queries)
    width = max((len(query.name) for found in themes.values() for query in found), default=0)
    parts = [
        "\n".join([theme, *(f"  {query.name:<{width}}  {query.summary}" for query in found)])
        for theme, found in themes.items()
    ]
    return "\n\n".join(parts) + "\n" if parts else "no saved query yet: `kg new query NAME` makes one\n"


def by_theme(queries: Iterable[SavedQuery]) -> dict[str, list[SavedQuery]]:
    """Questions by theme, both in the order of their names; those without one come last, as ``other``."""
    found: dict[str, list[SavedQuery]] = {}
    for query in sorted(queries, key=lambda query: (query.theme or "~", query.name)):
        found.setdefault(query.theme or "other", []).append(query)
    return found


def found_text(graph: Graph, found: Found) -> str:
    """What words find: the best questions with their calls, then entities and claims; else how to go on."""
    lines = []
    for query, values in found.questions:
        shown = {p.name: example_value(graph, p) for p in query.parameters if p.required and p.default is None}
        lines += [f"{query.name}  {query.summary}", f"    {call(query, {**shown, **values})}"]
    if not lines:
        close = get_close_matches(found.text, graph.queries, 3, 0.5)
        lines = [f"No question fits {found.text!r}."]
        lines += [f"{name}  {graph.queries[name].summary}" for name in close]
        themes = sorted({query.theme or "other" for query in graph.queries.values()})
        lines += [f"themes: {', '.join(themes)}; `kg queries` lists all"]
    prefixes = graph.project.prefixes
    if found.entities or found.hits:
        lines.append("")
    lines += [f"{graph.label(term)}  `kg show {shorten(term, prefixes)}`" for term in found.entities]
    for hit in found.hits:
        said = f"{hit.text}  [{hit.place}]" if hit.kind == "gloss" else graph.label(hit.term)
        lines.append(f"{said}  `kg show {shorten(hit.term, prefixes)}`")
    return "\n".join(lines) + "\n"


def describe(graph: Graph, query: SavedQuery) -> str:
    """The question, the parameters with types, defaults and allowed values, an example call, and the SPARQL."""
    lines = [query.summary]
    if query.description:
        lines += ["", query.description.strip()]
    if query.keywords:
        lines += ["", f"keywords: {', '.join(query.keywords)}"]
    if query.parameters:
        lines += ["", "parameters:", *(f"  {_parameter(graph, parameter)}" for parameter in query.parameters)]
    lines += ["", "example:", f"  {example(graph, query)}", "", without_header(query.text)]
    return "\n".join(lines) + "\n"


def example(graph: Graph, query: SavedQuery) -> str:
    """A call that can be typed as it is: with the defaults written out, and a value for what has none."""
    shown = [p for p in query.parameters if p.required or p.default is not None]
    return call(query, {parameter.name: example_value(graph, parameter) for parameter in shown})


def call(query: SavedQuery, values: Mapping[str, str]) -> str:
    """The command that asks a question with values: the first parameter by position, the others as options."""
    parts = ["kg", "query", query.name]
    for n, parameter in enumerate(query.parameters):
        value = values.get(parameter.name)
        if value is not None and n == 0 and not value.startswith("-"):
            parts.append(value)
        elif value is not None:
            parts.append(f"--{parameter.name}={value}")
    return shlex.join(parts)


def columns(query: SavedQuery) -> tuple[str, ...]:
    """The columns of a question's answer; none where it gives no rows."""
    from kg.sparql.analysis import columns_of
    from kg.sparql.parser import parse_select

    return tuple(columns_of(parse_select(query.text))) if query.form == "SELECT" else ()


def choosing(graph: Graph) -> str:
    """How to choose a question: the themes with how many each has, and the commands that show them."""
    counts = Counter(query.theme or "other" for query in graph.queries.values())
    themes = "\n".join(f"  {theme:<24}{counted(count, 'question')}" for theme, count in sorted(counts.items()))
    return f"""\
kg query QUESTION [VALUE] answers a saved question; `kg query QUESTION --help` describes it.
kg queries WORDS finds questions by any word; `kg queries` lists all {len(graph.queries)}.

{themes}
"""


def example_value(graph: Graph, parameter: Parameter) -> str:
    """A value that a parameter may have, as people write it: its default, else its first choice, else any."""
    from kg.queries.parameters import allowed

    if parameter.default is not None:
        return _as_written(graph, parameter)
    choices = allowed(graph, parameter)
    if choices:
        return graph.label(choices[0])
    return _EXAMPLES[parameter.type]


def _as_written(graph: Graph, parameter: Parameter) -> str:
    """A default as people write it: the label of an entity where it names nothing else."""
    written = parameter.default or ""
    term = f"<{written}>"
    if parameter.type != "entity" or term not in graph.label.names:
        return written
    names = graph.label.names[term]
    candidates = [name for kind in ("en", "alt", "sr-latn") for name in names.get(kind, ())]
    unique = [name for name in candidates if graph.index.named([fold(name)]) == [term]]
    return min(unique, key=len, default=written)


def _parameter(graph: Graph, parameter: Parameter) -> str:
    said = f"{parameter.name} ({parameter.type})"
    about = parameter_help(graph, parameter)
    return f"{said}: {about}" if about else said


def parameter_help(graph: Graph, parameter: Parameter) -> str:
    """What a parameter is, its default and the values that it may have."""
    from kg.queries.parameters import allowed

    parts = [parameter.label] if parameter.label else []
    if parameter.default is not None:
        written = shorten(f"<{parameter.default}>", graph.project.prefixes) if parameter.type == "entity" else ""
        parts.append(f"by default {written or parameter.default}")
    elif not parameter.required:
        parts.append("may be left out")
    if choices := allowed(graph, parameter):
        parts.append(f"one of {', '.join(graph.label(choice) for choice in choices[:12])}")
    return "; ".join(parts)
