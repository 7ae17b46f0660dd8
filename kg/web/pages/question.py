"""The page of a question: its answer with the evidence of every row, and what falls in another view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from kg.corpus.query_files import without_header
from kg.errors import Problem, UsageError
from kg.evidence import collected
from kg.graph.views import View
from kg.limits import LIMIT
from kg.queries import ask, run
from kg.queries.parameters import allowed
from kg.queries.run import named
from kg.render.citations import cite
from kg.render.columns import Cell, Settings, reader_table
from kg.web.pages.page import STATIC, PageWriter, WrittenPage
from kg.web.pages.proofs import FallenRow, RowSupport, support_of, why_fallen

if TYPE_CHECKING:
    from kg.corpus.saved_queries import Parameter, SavedQuery
    from kg.evidence import Evidence
    from kg.graph.store import Graph
    from kg.queries import Answer
    from kg.web.pages.links import Links

#: What makes a field an editor for SPARQL, where it has been fetched.
EDITOR = STATIC / "assets" / "codemirror" / "codemirror.js"
#: Rows with evidence on one page of a server.
ROWS = 100
#: The formats to download rows in, with their endings.
DOWNLOADS = {"csv": "csv", "tsv": "tsv", "json": "json", "xml": "xml", "md": "md"}


class FormField(NamedTuple):
    """A parameter as the form has it: its choices as written value and label; what was given or is the default."""

    parameter: Parameter
    choices: tuple[tuple[str, str], ...]
    value: str


@dataclass(frozen=True)
class ShownRow:
    """A row as the page shows it: its cells, what it rests on, whether it is new."""

    cells: Sequence[Cell]
    support: RowSupport | None
    new: bool = False


@dataclass(frozen=True)
class ShownAnswer:
    """An answer as the page shows it: ``taken`` rows of the answer from ``first`` on; those that the view lost."""

    answer: Answer
    headings: Sequence[str]
    rows: tuple[ShownRow, ...]
    taken: int
    fallen: tuple[FallenRow, ...] = ()
    first: int = 0

    @property
    def total(self) -> int:
        """How many rows there are."""
        return len(self.answer.rows or self.answer.triples)

    @property
    def following(self) -> int:
        """The number of the first row of the next page; 0 on the last one."""
        after = self.first + self.taken
        return after if after < self.total else 0


def question_page(
    graph: Graph, links: Links, name: str, values: Mapping[str, str], first: int = 0, undated: bool = False
) -> Iterator[WrittenPage]:
    """The page of a saved question with values for its parameters.

    A value that is none is told above the form (status 400); an unknown question raises UsageError (KG651).
    """
    query, page = named(graph, name), PageWriter(graph, links)
    shown, problems = None, tuple[Problem, ...]()
    try:
        answer = run(graph, name, values, LIMIT, None, undated=undated)
        shown = _shown(page, answer, first, None if links.frozen else ROWS, values)
    except UsageError as error:
        problems = error.problems
    yield page.write(
        "question.html",
        400 if problems else 200,
        query=query,
        shown=shown,
        problems=problems,
        fields=[_field(page, parameter, values) for parameter in query.parameters],
        copies=_copies(page, shown.answer, query, values) if shown else (),
        downloads=list(_downloads(links, query, values)) if shown else (),
        sparql=without_header(query.text),
        values=values,
        undated=undated,
    )


def sparql_page(graph: Graph, links: Links, text: str, first: int = 0) -> Iterator[WrittenPage]:
    """The page that asks SPARQL of one's own, and shows the answer with the evidence of its rows."""
    page, shown, problems = PageWriter(graph, links), None, tuple[Problem, ...]()
    try:
        if text.strip():
            shown = _shown(page, ask(graph, text, LIMIT, None), first, ROWS)
    except UsageError as error:
        problems = error.problems
    yield page.write(
        "editor.html", 400 if problems else 200, shown=shown, problems=problems, text=text, editor=EDITOR.is_file()
    )


def _shown(
    page: PageWriter, answer: Answer, first: int, most: int | None, values: Mapping[str, str] | None = None
) -> ShownAnswer:
    part = slice(first, None if most is None else first + most)
    if answer.form != "SELECT":
        table = reader_table(replace(answer, triples=answer.triples[part]), Settings())
        shown = tuple(ShownRow(cells, None) for cells in table.rows)
        return ShownAnswer(answer, table.headings, shown, len(shown), first=first)
    before = _before(page, answer, values)
    old = set(before.rows) if before else set()
    marks = answer.certainty[part] if answer.certainty is not None else None
    taken = replace(answer, rows=answer.rows[part], certainty=marks, added=0)
    table = reader_table(taken, Settings())
    evidence = _evidence(taken) if taken.rows else None
    made = tuple(
        ShownRow(
            cells,
            support_of(page, evidence, [evidence.rows[number] for number in numbers]) if evidence else None,
            before is not None and not any(taken.rows[number] in old for number in numbers),
        )
        for cells, numbers in zip(table.rows, table.numbers, strict=True)
    )
    fallen = tuple(_fallen(page, answer, before)) if before else ()
    return ShownAnswer(answer, table.headings, made, len(taken.rows), fallen, first)


def _evidence(answer: Answer) -> Evidence | None:
    """The evidence of an answer; None where its query cannot be taken apart."""
    try:
        (found,) = collected(answer.graph, answer, None)
    except UsageError:
        return None
    evidence: Evidence = found
    return evidence


def _before(page: PageWriter, answer: Answer, values: Mapping[str, str] | None) -> Answer | None:
    """The same question in the default view, where the view is another."""
    if values is None or answer.query is None or page.graph.view.default:
        return None
    other = page.graph.in_view(View())
    other.language = page.graph.language
    return run(other, answer.query.name, values, LIMIT, None)


def _fallen(page: PageWriter, answer: Answer, before: Answer) -> Iterator[FallenRow]:
    """The rows of the default view that are no more, with the reasons."""
    now = set(answer.rows)
    lost = [row for row in before.rows if row not in now][:ROWS]
    gone = replace(before, rows=lost, added=0)
    evidence, table = _evidence(gone) if lost else None, reader_table(gone, Settings())
    for cells, numbers in zip(table.rows, table.numbers, strict=True):
        reasons = (
            [why for number in numbers for why in why_fallen(page.graph, evidence.rows[number])] if evidence else []
        )
        yield FallenRow(cells, tuple(dict.fromkeys(reasons)))


def _field(page: PageWriter, parameter: Parameter, values: Mapping[str, str]) -> FormField:
    label = page.graph.label
    choices = tuple(
        (term.strip("<>") if term.startswith("<") else label(term), label(term))
        for term in allowed(page.graph, parameter)
    )
    value = values.get(parameter.name, parameter.default or "")
    if parameter.type == "entity" and not choices and f"<{value}>" in page.graph.label.names:
        value = label(f"<{value}>")
    return FormField(parameter, choices, value)


def _copies(
    page: PageWriter, answer: Answer, query: SavedQuery, values: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """What a reader may copy: citations, the address, the SPARQL, and calls of the same question."""
    links = page.links
    asked = urlencode([*links.kept, *values.items()])
    base = links.origin or page.graph.project.base.rstrip("/")
    address = f"{base}/queries/{quote(query.name)}{f'?{asked}' if asked else ''}"
    data = f"{base}/queries/{quote(query.name)}.csv{f'?{asked}' if asked else ''}"
    citation = cite(page.graph, answer)
    given = "".join(f", {name}={value!r}" for name, value in values.items())
    found = [("Citation", citation.as_text()), ("BibTeX", citation.as_bibtex()), ("SPARQL", answer.text)]
    if links.origin:
        found += [("Link", address), ("curl", f"curl --fail {_shell(data)}")]
    python = f"import kg\n\nanswer = kg.open(){_in_view(page)}.query({query.name!r}{given})\n"
    return (*found, ("Python", f"{python}for row in answer:\n    print(row)\n"))


def _in_view(page: PageWriter) -> str:
    view = page.graph.view
    named = {"only": view.only and sorted(view.only), "without": sorted(view.without), "as_of": view.as_of_text}
    given = [f"{name}={value!r}" for name, value in named.items() if value]
    given += [f"accept={view.accept!r}"] if view.accept != "facts" else []
    given += ["certain=True"] if view.certain else []
    return f".in_view({', '.join(given)})" if given else ""


def _shell(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _downloads(links: Links, query: SavedQuery, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each format with the address of the answer in it."""
    if links.frozen:
        if not values:
            yield from ((form, links.file(f"queries/{query.name}.{ending}")) for form, ending in DOWNLOADS.items())
        return
    asked = urlencode([*links.kept, *values.items()])
    for form, ending in DOWNLOADS.items():
        yield form, f"/queries/{quote(query.name)}.{ending}{f'?{asked}' if asked else ''}"
