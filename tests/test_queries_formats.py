"""Every format: what programs read back is what was answered, and what people see can harm nobody."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import openpyxl
import pyoxigraph
import pytest
import rdflib.query
from hypothesis import example, given
from hypothesis import strategies as st
from query_project import ID

from kg.api import view_of
from kg.errors import UsageError
from kg.evidence import evidence_of
from kg.graph.store import Graph, open_graph
from kg.harmless import harmless_line, markdown_text
from kg.queries import Answer, ask, run
from kg.render.columns import reader_table
from kg.render.formats import FORMATS, RDF_FORMATS, Settings, render, whole
from kg.render.markup import notebook
from kg.render.tables import width_of, wrap

IRIS = Settings(iris=True)
XSD = "http://www.w3.org/2001/XMLSchema#"
HARD = (
    "tab\there",
    'quote " and \\ backslash',
    "line\nfeed\r\nand return",
    "<b>&amp;</b>",
    "a,b;c|d",
    "",
    " ",
    "ж\u0301😀",
)
#: Text that every format can hold: XML has no place for control characters, nor for lone surrogates.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")))


@pytest.fixture(scope="module")
def hard(small: Graph) -> Answer:
    """Rows of terms of every kind, with cells unbound."""
    answer = Answer(small, None, "SELECT * {}", "SELECT", ("term", "other"))
    terms = [str(pyoxigraph.Literal(text)) for text in HARD]
    terms += [
        f'"1"^^<{XSD}integer>',
        f'"2016-01-01"^^<{XSD}date>',
        '"x"@sr-latn',
        "<https://example.org/a?b=c&d>",
        "_:b0",
    ]
    answer.rows = [(term, None) for term in terms] + [(None, "<x:y>"), (None, None)]
    return answer


def read_back(text: str, form: str) -> list[tuple[str | None, ...]]:
    """The rows as a parser that is not ours reads them: rdflib's for XML, since Oxigraph's drops white space."""
    if form == "xml":
        found = rdflib.query.Result.parse(io.BytesIO(text.encode()), format="xml")
        return [
            tuple(None if (value := row.get(name)) is None else value.n3() for name in found.vars)
            for row in found.bindings
        ]
    read = pyoxigraph.parse_query_results(text.encode(), format=getattr(pyoxigraph.QueryResultsFormat, form.upper()))
    assert isinstance(read, pyoxigraph.QuerySolutions)
    return [tuple(None if value is None else str(value) for value in row) for row in read]


def as_terms(rows: list[tuple[str | None, ...]]) -> list[tuple[object, ...]]:
    """Rows to be compared: terms however they are written, blank nodes without their names."""

    def term(cell: str) -> object:
        (triple,) = pyoxigraph.parse(f"<x:s> <x:p> {cell} .", format=pyoxigraph.RdfFormat.TURTLE)
        return triple.object

    return [tuple(None if cell is None else "_" if cell[0] == "_" else term(cell) for cell in row) for row in rows]


@pytest.mark.parametrize("form", ["json", "xml", "tsv"])
def test_typed_formats_lose_nothing(hard: Answer, form: str) -> None:
    """SPARQL JSON, XML and TSV are read by an independent parser to the same terms."""
    assert as_terms(read_back(render(hard, form, IRIS), form)) == as_terms(hard.rows)


@given(TEXT)
@example(text="\\x")
def test_any_text_comes_back(small: Graph, text: str) -> None:
    """Any text survives JSON, XML, TSV and CSV."""
    answer = Answer(small, None, "", "SELECT", ("x", "y"), [(str(pyoxigraph.Literal(text)), "<x:y>")])
    for form in ("json", "xml", "tsv"):
        assert as_terms(read_back(render(answer, form, IRIS), form)) == as_terms(answer.rows), form
    rows = list(csv.reader(io.StringIO(render(answer, "csv", IRIS), newline="")))
    assert rows == [["x", "y"], [text, "x:y"]]


def test_csv_is_values_without_types(small: Graph) -> None:
    """CSV has a header and plain values: labels with IRIs beside them, or IRIs alone, and nothing else."""
    answer = run(small, "members")
    assert render(answer, "csv", Settings(iris=True)) == f"member\n{ID}croatia\n{ID}montenegro\n"
    rows = f"member,member_iri\nCroatia,{ID}croatia\nMontenegro,{ID}montenegro\n"
    assert render(answer, "csv") == rows
    assert render(answer, "tsv") == rows.replace(",", "\t")


def test_labels_beside_iris(small: Graph) -> None:
    """Labels are in the graph's language, with fallback; SPARQL JSON has them in columns of their own."""
    graph = small.in_view(small.view)
    graph.language = "sr-latn"
    lines = render(run(graph, "names"), "csv").splitlines()
    found = json.loads(render(run(graph, "names"), "json", Settings(labels=True)))
    assert lines[0] == "group,group_iri,name"
    assert any(line.startswith(f"Formula,{ID}formula,") for line in lines)
    assert f"Само ћирилица,{ID}cyrillic," in lines
    assert found["head"]["vars"] == ["group", "groupLabel", "name"]


def test_json_says_where_the_answer_comes_from(small: Graph) -> None:
    """JSON carries question, view, version and documents in a member of its own."""
    found = json.loads(render(run(small, "members"), "json"))
    assert found["kg"]["query"] == "members"
    assert found["kg"]["view"] == "uncontested facts, 2 documents, all dates"
    assert found["kg"]["version"] == small.version
    assert found["kg"]["documents"]["first-2017"]["url"] == "https://example.org/first?a=1&b=2"
    assert found["head"]["link"] == ["https://example.org/first?a=1&b=2"]  # the rows rest on no other


@pytest.mark.parametrize("form", ["table", "md", "html", "xml"])
def test_every_answer_can_be_cited(small: Graph, form: str) -> None:
    """Formats with room for it end with the view, the version and the addresses of what the rows rest on."""
    text = render(run(small, "members"), form)
    assert "uncontested facts, 2 documents, all dates" in text.replace("\\", "")
    assert small.version in text.replace("\\", "")
    assert "https://example.org/first?a=1" in text
    assert "https://example.org/second" not in text


class Reader(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and where it leads."""
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.text += data


def test_html_runs_nothing(small: Graph) -> None:
    """Markup in labels is text, and only addresses of the web become links."""
    answer = run(small, "names")
    answer.rows.append(("<javascript:alert(1)>", '"<img src=x onerror=alert(1)>"'))
    reader = Reader()
    reader.feed(render(answer, "html"))
    assert not reader.tags & {"script", "img"}
    assert "<script>alert('x')</script>" in reader.text
    assert all(link.startswith("https://") for link in reader.links)
    assert Reader().feed(notebook(answer)) is None


class Structure(Reader):
    """Collects also what can be linked to, and how many items lists have."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.items = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element's mark too."""
        super().handle_starttag(tag, attrs)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.items += tag == "li"


def test_evidence_in_html_is_lists_with_links(small: Graph) -> None:
    """Each row has a list of what it rests on; each mark leads to its reference, and that to its document."""
    answer = run(small.in_view(small.view), "members")
    page = render(answer, "html", Settings(evidence=evidence_of(answer)))
    reader = Structure()
    reader.feed(page)
    marks = [link for link in reader.links if link.startswith("#ref-")]
    assert len(marks) >= 2 * len(answer)
    assert {mark[1:] for mark in marks} == set(reader.ids)
    assert len(reader.ids) == len(set(reader.ids))
    assert {"ol", "ul", "section"} <= reader.tags
    assert "br" not in reader.tags
    assert "Croatia is a member of Alliance" in reader.text
    assert "https://example.org/first?a=1&b=2" in reader.links


def test_evidence_in_markdown_is_lists(small: Graph) -> None:
    """Each row has a list of what it rests on; each mark stands in the list of references, with links."""
    answer = run(small.in_view(small.view), "members")
    lines = render(answer, "md", Settings(evidence=evidence_of(answer))).splitlines()
    item = lines[lines.index("1. Croatia") + 1]
    assert item.startswith("    - Croatia is a member of Alliance — inferred: \\[1\\] \\[a\\]")
    assert any(line.startswith("- \\[1\\] [first-2017](<https://example.org/first") for line in lines)


@pytest.mark.parametrize("form", ["html", "md"])
def test_evidence_runs_nothing(small: Graph, form: str) -> None:
    """Markup in what rows rest on is text too."""
    answer = run(small, "names")
    reader = Structure()
    reader.feed(render(answer, form, Settings(evidence=evidence_of(answer))).replace("\\<", "&lt;"))
    assert not reader.tags & {"script", "img", "b"}


def test_references_say_when(small: Graph) -> None:
    """Each claim that a row rests on has its own time, or that of its publication; JSON has both apart."""
    answer = ask(small, "SELECT ?c ?o { ?c kg:joined|kg:observerOf ?o } ORDER BY ?c")
    evidence = evidence_of(answer)
    text = render(answer, "table", Settings(evidence=evidence))
    assert "first-2017 1.2, stated, in 2009: Croatia joined it in 2009." in text
    assert "first-2017 1.3, stated, published on 1 June 2017: Serbia observes its assembly." in text
    rows = json.loads(render(answer, "json", Settings(evidence=evidence)))["kg"]["evidence"]
    claims = {r["claim"]: r for row in rows for t in row["triples"] for r in t["references"] if r["kind"] == "claim"}
    assert {(str(claim["time"]), claim["published"]) for claim in claims.values()} == {
        ("{'on': '2009'}", "2017-06-01"),
        ("{'on': '2017-05'}", "2017-06-01"),
        ("{}", "2017-06-01"),
    }


def test_markdown_stays_a_table(small: Graph) -> None:
    """Pipes, stars and tags in labels neither end a cell nor become markup."""
    text = render(run(small, "names"), "md")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in rows}) == 1
    assert "<script>" not in text.replace("\\<", "")


def test_a_terminal_cannot_be_commanded(small: Graph) -> None:
    """Control characters and marks of direction in labels are replaced where people read."""
    for form in ("table", "md"):
        text = render(run(small, "names"), form)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\x07" not in text


def test_colours_only_when_asked(small: Graph) -> None:
    """There is no escape sequence in a table unless colours are asked for."""
    assert "\x1b[1m" in render(run(small, "members"), "table", Settings(colour=True))
    assert "\x1b" not in render(run(small, "members"), "table")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_table_fits_the_terminal(small: Graph, width: int) -> None:
    """No line of the table is wider than the terminal, and no word of a cell is lost."""
    answer = run(small, "names")
    table = render(answer, "table", Settings(width=width)).split("\nview: ")[0]
    assert max(map(width_of, table.splitlines()[1:])) <= width
    assert "HYPERLINK" in table.replace("\n", "").replace(" ", "") or width < 60


def test_a_narrow_terminal_shows_rows_below_one_another(small: Graph) -> None:
    """Where the columns do not fit side by side, each row is a block of lines."""
    table = render(run(small, "names"), "table", Settings(width=14))
    assert table.count("\ngroup ") == len(run(small, "names").rows)


@given(st.text(), st.integers(1, 30))
@example("0000 ➰", 6)
@example("00 \u0cba➰", 3)
@example("0000000:\n", 1)
def test_wrapping_keeps_all_words(text: str, width: int) -> None:
    """Wrapped lines hold the same characters, and fit unless one character alone is wider."""
    lines = wrap(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width_of(line) <= max(width, 2) for line in lines)


def test_what_is_cut_says_so(small: Graph) -> None:
    """An answer that stops at the row limit says it in every format for people."""
    answer = run(small, "members", limit=1)
    assert answer.truncated
    assert len(answer) == 1
    for form in ("table", "md", "html"):
        assert "cut after 1 rows" in render(answer, form)
    assert json.loads(render(answer, "json"))["kg"]["truncated"] is True
    assert not run(small, "members", limit=2).truncated


def test_spreadsheets_run_nothing(small: Graph) -> None:
    """With the spreadsheet setting a cell that looks like a formula has an apostrophe; without it, its value."""
    answer = run(small, "names")
    plain = list(csv.reader(io.StringIO(render(answer, "csv"))))
    safe = list(csv.reader(io.StringIO(render(answer, "csv", Settings(spreadsheet=True)))))
    assert any(cell.startswith("=") for row in plain for cell in row)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in safe for cell in row)


@pytest.mark.parametrize("form", RDF_FORMATS)
def test_triples_come_as_rdf(small: Graph, form: str) -> None:
    """CONSTRUCT is written in each format of RDF, and read back to the same triples."""
    answer = ask(small, "CONSTRUCT { ?s rdfs:label ?l } WHERE { ?s a kg:Group ; rdfs:label ?l }")
    kinds = {
        "turtle": pyoxigraph.RdfFormat.TURTLE, "ntriples": pyoxigraph.RdfFormat.N_TRIPLES,
        "rdfxml": pyoxigraph.RdfFormat.RDF_XML, "jsonld": pyoxigraph.RdfFormat.JSON_LD,
    }  # fmt: skip
    if form == "rdfxml":
        # XML cannot hold the control characters of one label.
        answer.triples = [triple for triple in answer.triples if "\\u" not in triple[2]]
    found = pyoxigraph.parse(render(answer, form).encode(), format=kinds[form])
    assert sorted(str(quad.triple) for quad in found) == sorted(" ".join(triple) for triple in answer.triples)
    assert answer.triples


def test_rows_do_not_come_as_rdf(small: Graph) -> None:
    """A SELECT in Turtle is refused with what it can come as; so is a format that there is not."""
    with pytest.raises(UsageError, match="KG662"):
        render(run(small, "members"), "turtle")
    with pytest.raises(UsageError, match="KG661"):
        render(run(small, "members"), "yaml")


def test_a_workbook_has_rows_and_sources(small: Graph) -> None:
    """XLSX has labels with IRIs beside them, and a sheet of the sources that the rows rest on; nothing in it runs."""
    answer = run(small, "members")
    answer.rows.append((str(pyoxigraph.Literal("=1+1")),))
    book = openpyxl.load_workbook(io.BytesIO(whole(answer, "xlsx")))
    rows = list(book["Answer"].values)
    assert rows[:2] == [("member", "member_iri"), ("Croatia", f"{ID}croatia")]
    assert book["Answer"]["A4"].data_type == "s"
    assert [row[0] for row in book["Sources"].values] == ["document", "first-2017"]


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_form_of_query_has_every_format(small: Graph, form: str) -> None:
    """ASK, CONSTRUCT and SELECT without rows can be shown in each format."""
    assert render(ask(small, "ASK { id:serbia a kg:Country }"), form)
    assert "serbia" in render(ask(small, "DESCRIBE id:serbia"), form).lower()
    assert render(ask(small, "SELECT ?x { FILTER(false) }"), form)


def test_boolean_in_json_and_xml(small: Graph) -> None:
    """An ASK is a boolean to an independent parser."""
    answer = ask(small, "ASK { id:serbia a kg:Country }")
    for form in ("JSON", "XML"):
        found = pyoxigraph.parse_query_results(
            render(answer, form.lower()).encode(), format=getattr(pyoxigraph.QueryResultsFormat, form)
        )
        assert bool(found)


def test_xml_is_well_formed_whatever_the_text(small: Graph) -> None:
    """What XML cannot hold is replaced: the document stays well-formed."""
    answer = run(small, "names")
    answer.rows.append(("<x:y>", str(pyoxigraph.Literal("nul\x00 and -- hyphens\ufffe"))))
    assert len(ET.fromstring(render(answer, "xml"))[1]) == len(answer.rows)  # noqa: S314 - our own document


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "xml"])
def test_a_column_that_a_query_has_is_not_ours(small: Graph, form: str) -> None:
    """If a query has a column named as one that the view or the evidence adds, then ours has another name."""
    text = "SELECT (?m AS ?certainty) (1 AS ?rests_on) { ?m kg:memberOf id:alliance } ORDER BY ?m"
    answer = ask(small.in_view(view_of(as_of="2017-05-10")), text)
    rendered = render(answer, form, Settings(evidence=evidence_of(answer), iris=True))
    names = ["certainty", "rests_on", "certainty_in_view", "rests_on_in_view"]
    if form == "csv":
        heading, *rows = csv.reader(io.StringIO(rendered))
    elif form == "xml":
        read = rdflib.query.Result.parse(io.BytesIO(rendered.encode()), format="xml")
        heading, rows = (
            [str(name) for name in read.vars],
            [[str(row[rdflib.Variable(name)]) for name in names] for row in read.bindings],
        )
    else:
        read_as = getattr(pyoxigraph.QueryResultsFormat, form.upper())
        found = pyoxigraph.parse_query_results(rendered.encode(), format=read_as)
        heading = [variable.value for variable in found.variables]
        rows = [[value.value for value in row] for row in found]
    assert heading == names
    assert [row[2] for row in rows] == ["certain", "possible"]
    assert all("claim/first-2017" in row[3] for row in rows)


def test_headings_tell_our_columns_from_a_querys(small: Graph) -> None:
    """If a query has a column named certainty, then tables and pages head the view's marks with other words."""
    answer = ask(small.in_view(view_of(as_of="2017-05-10")), "SELECT (1 AS ?certainty) { id:serbia a kg:Country }")
    assert "certainty  certainty in view" in render(answer, "table")
    assert "<th>certainty</th><th>certainty in view</th>" in render(answer, "html")


def test_headings_are_words(small: Graph) -> None:
    """Names of columns are shown as words."""
    text = render(ask(small, "SELECT (1 AS ?knownFrom) (2 AS ?in_all) {}"), "table")
    assert text.splitlines()[0].split("  ") == ["known from", "in all"]


def test_settings_have_no_effect_on_values() -> None:
    """The settings of a program's format are the same for all formats: one object, frozen."""
    with pytest.raises(AttributeError):
        Settings().width = 3  # type: ignore[misc]


#: What Markdown gives a meaning to, and other characters.
MARKED = st.text("a |`*_[]()<>#~\\!&;-+.1:\n\t^$@/\"'=h{}é", max_size=20)


@given(st.lists(MARKED, min_size=2, max_size=2))
def test_markdown_reads_as_the_text_that_was_written(cells: list[str]) -> None:
    """A reader of GFM finds in a table the texts of its cells and nothing else, whatever characters they hold."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    table = f"| a | b |\n| --- | --- |\n| {' | '.join(map(markdown_text, cells))} |\n"
    found = [token.children or [] for token in reader.parse(table) if token.type == "inline"]
    assert len(found) == 4
    for parts, cell in zip(found[2:], cells, strict=True):
        assert {part.type for part in parts} <= {"text", "text_special"}
        assert "".join(part.content for part in parts).strip() == harmless_line(cell).strip()


def test_a_whole_answer_in_markdown_has_its_parts() -> None:
    """Answers with evidence read as a table, lists and links: no raw HTML, no code, no heading by accident."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for name in ("members", "positions", "hedged"):
        answer = run(open_graph(), name)
        tokens = reader.parse(render(answer, "md", Settings(evidence=evidence_of(answer))))
        kinds = {token.type for token in tokens} | {k.type for token in tokens for k in token.children or ()}
        assert {"table_open", "bullet_list_open", "ordered_list_open", "link_open"} <= kinds
        assert not kinds & {"heading_open", "html_block", "html_inline", "code_block", "code_inline", "fence", "hr"}
        rows = sum(token.type == "tr_open" for token in tokens)
        assert rows == 1 + len(reader_table(answer, Settings()).rows)
