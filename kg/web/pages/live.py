"""What a frozen site needs to answer in the browser: the view, the questions, the claims that rows rest on.

Rows have the columns and words of the pages: what these say of each claim, status and time goes along.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from kg.corpus.query_files import without_header
from kg.errors import Problem, UsageError
from kg.evidence import collect
from kg.harmless import json_text
from kg.model import text_of
from kg.phrases import phrase
from kg.queries import ask, run
from kg.queries.catalogue import columns
from kg.queries.name_completion import entities
from kg.queries.parameters import allowed, resolve
from kg.render.columns import Settings, heading, reader_table
from kg.sparql.parser import parse
from kg.sparql.printer import write
from kg.status import legend
from kg.web.pages.page import STATIC, PageWriter, WrittenPage

if TYPE_CHECKING:
    from kg.corpus.saved_queries import Parameter, SavedQuery
    from kg.graph.store import Graph
    from kg.model import Term
    from kg.queries.answer import Row
    from kg.web.pages.links import Links

#: What the columns of a time hold of a period: the four bounds by name, any other by its end.
_BOUNDS = {
    "notBefore": "kg:earliestBegin",
    "begunBy": "kg:latestBegin",
    "stillOn": "kg:earliestEnd",
    "overBy": "kg:latestEnd",
}
_ENDS = ("kg:earliestBegin|kg:earliestEnd", "kg:latestBegin|kg:latestEnd")
#: Up to so many documents, every set of them can be left out; of more, one at a time.
_MOST = 5


def check_assets() -> None:
    """Raises UsageError (KG758) where the engine for browsers has not been fetched."""
    if not (STATIC / "assets" / "oxigraph" / "web_bg.wasm").is_file():
        remedy = "`make assets` in the checkout fetches it (it needs npm)."
        raise UsageError(Problem("KG758", "a live site needs Oxigraph for browsers", remedy=remedy))


def live_page(graph: Graph, links: Links) -> Iterator[WrittenPage]:
    """The page that answers any question and any SPARQL in the browser."""
    yield PageWriter(graph, links).write("live.html")


def live_files(graph: Graph) -> Iterator[tuple[str, bytes]]:
    """The data of that page: the view's triples, the questions, the view without documents, evidence."""
    lines = _lines(graph)
    yield "live/graph.nt.gz", _packed("".join(lines))
    shown: dict[str, list[str]] = {}
    yield "live/evidence.json.gz", _packed(json_text(_evidence(graph, shown)))
    questions = {
        name: {**_question(graph, query), "columns": shown.get(name)} for name, query in graph.queries.items()
    }
    yield "live/questions.json", json_text(questions).encode()
    yield "live/without.json.gz", _packed(json_text(dict(_without(graph, lines))))


def _packed(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def _lines(graph: Graph) -> list[str]:
    return sorted({f"{s} {p} {o} .\n" for s, p, o in graph.triples()})


def _without(graph: Graph, lines: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """For documents to leave out, by slugs: the runs of lines that go (how many stay, how many go), and new lines."""
    believed = graph.view.documents(graph.index.documents)
    for count in range(1, (len(believed) if len(believed) <= _MOST else 1) + 1):
        for some in combinations(believed, count):
            view = replace(graph.view, without=graph.view.without.union(some))
            there = set(_lines(graph.in_view(view)))
            yield ",".join(some), {"runs": _runs(lines, there), "added": sorted(there.difference(lines))}


def _runs(lines: Sequence[str], there: set[str]) -> list[int]:
    """How many lines are there, how many are not, and so on in turn."""
    runs, present = [0], True
    for line in lines:
        if (line in there) != present:
            runs.append(0)
            present = not present
        runs[-1] += 1
    return runs


def live_labels(graph: Graph) -> bytes:
    """The label of each term in the language of a graph, and of an entity its other names, as JSON."""
    own = entities(graph)
    names = graph.label.names
    found = [
        [
            term[1:-1],
            graph.label(term),
            *(sorted({n for some in names[term].values() for n in some}) if term in own else ()),
        ]
        for term in sorted(names)
    ]
    return json_text(found).encode()


def live_words(graph: Graph) -> bytes:
    """What cells say in the language of a graph, as JSON, packed.

    ``titles`` of columns; ``words`` of statuses; ``claims`` with what a reader sees of each; ``status`` by modality,
    polarity and whether there is a holder; ``times`` by the names of the columns of a time, then by its days.
    """
    names = [columns(query) for query in graph.queries.values()]
    spoken = {"status", "when", "holder", "document", "gloss", *(name for some in names for name in some)}
    spoken |= {name.removesuffix("From") for name in spoken}
    times = {tuple(name for name in _BOUNDS if name in some) for some in names} - {()}
    times |= {(f"{name}From", f"{name}By") for name in spoken if {f"{name}From", f"{name}By"} <= spoken}
    statuses = "?c kg:modality ?modality ; kg:polarity ?polarity OPTIONAL { ?c kg:holder ?holder }"
    found = {
        "titles": {name: phrase(heading(name), graph.language) for name in sorted(spoken)},
        "words": {word: told for word, (told, _meaning) in legend(graph.language).items()},
        # The key keeps rows apart that are one for a reader.
        "claims": {row[0]: told for row, told in _read(graph, "?claim (STR(?claim) AS ?key)", "?claim a kg:Claim")},
        "status": {
            f"{modality} {polarity} {holder is not None:d}": told["status"]
            for (modality, polarity, holder), told in _read(graph, "?modality ?polarity ?holder", statuses)
        },
        "times": {" ".join(each): _times(graph, each) for each in sorted(times)},
    }
    return _packed(json_text(found))


def _times(graph: Graph, names: Sequence[str]) -> dict[str, str]:
    """The times that columns of these names may have, in words by their days: those of every period."""
    paths = (_BOUNDS.get(name) or _ENDS[name.endswith("By")] for name in names)
    where = " ".join(f"OPTIONAL {{ ?p {path} ?{name} }}" for name, path in zip(names, paths, strict=True))
    asked = _read(graph, " ".join(f"?{name}" for name in names), f"?p a kg:Period {where}")
    return {" ".join(text_of(day or '""') for day in days): next(iter(told.values())) for days, told in asked}


def _read(graph: Graph, variables: str, where: str) -> Iterator[tuple[Row, dict[str, str]]]:
    """The rows of a SELECT, each with what a reader sees of it by column: terms as terms, and text."""
    answer = ask(graph, f"SELECT DISTINCT {variables} {{ {where} }}", 0, None)
    table = reader_table(answer, Settings())
    for cells, numbers in zip(table.rows, table.numbers, strict=True):
        told = {name: cell.term or cell.text for name, cell in zip(table.headings, cells, strict=True)}
        yield from ((answer.rows[number], told) for number in numbers)


def _evidence(graph: Graph, shown: dict[str, list[str]]) -> dict[str, Any]:
    """The claims that rows rest on, as the library finds them: for each question with its default and listed values.

    ``rows`` has a list of numbers into ``claims`` for each row, the rows in the order of their terms (UTF-16).
    ``shown`` is given the columns that a reader sees of each question.
    """
    claims: dict[Term, int] = {}
    rows: dict[str, list[list[int]]] = {}
    for key, name, values in _asked(graph):
        try:
            evidence = collect(answer := run(graph, name, values, timeout=None))
        except UsageError:
            continue  # a parameter has no default: its values come from the reader
        if answer.rows and name not in shown:
            spoken = {heading(column): column for column in answer.columns}
            shown[name] = [spoken.get(each, each) for each in reader_table(answer, Settings()).headings]
        terms = ["\t".join(term or "" for term in row).encode("utf-16-be", "surrogatepass") for row in answer.rows]
        found = [dict.fromkeys(r.source for r in row.references if r.kind == "claim") for row in evidence.rows]
        order = sorted(range(len(terms)), key=terms.__getitem__)
        rows[key] = [[claims.setdefault(claim, len(claims)) for claim in found[number]] for number in order]
    return {"claims": list(claims), "rows": rows}


def _asked(graph: Graph) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Each SELECT with its defaults, and with each listed value of one parameter; first how the browser names it."""
    asking = {name: query for name, query in graph.queries.items() if query.form == "SELECT"}
    yield from ((name, name, {}) for name in asking)
    for name, parameter, term, value in listed_values(graph):
        if name in asking:
            yield f"{name}?{parameter.name}={term}", name, {parameter.name: value}


def listed_values(graph: Graph) -> Iterator[tuple[str, Parameter, Term, str]]:
    """Each value that a parameter of a question lists: the question's name, the parameter, the term, as written."""
    for name in sorted(graph.queries):
        for parameter in graph.queries[name].parameters:
            for term in allowed(graph, parameter):
                yield name, parameter, term, term[1:-1] if term.startswith("<") else graph.label(term)


def _question(graph: Graph, query: SavedQuery) -> dict[str, Any]:
    """A question as the browser asks it: its SPARQL, and its parameters with the terms of defaults and choices."""
    try:
        defaults = resolve(graph, query, {})
    except UsageError:
        defaults = {}
    return {
        "summary": query.summary,
        "description": query.description,
        "sparql": without_header(query.text),
        # With every bracket, since Oxigraph for browsers 0.5.11 reads `a - b - c` as `a - (b - c)`.
        "asked": write(parse(query.text), {}),
        "parameters": [_parameter(graph, each, defaults.get(each.name)) for each in query.parameters],
    }


def _parameter(graph: Graph, parameter: Parameter, default: str | None) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "label": parameter.label or parameter.name,
        "variable": parameter.variable,
        "type": parameter.type,
        "edge": parameter.edge,
        "required": parameter.required,
        "default": default,
        "choices": [[term, graph.label(term)] for term in allowed(graph, parameter)],
    }
