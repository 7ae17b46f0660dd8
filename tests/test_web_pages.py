"""The pages for people: whole, linked, escaped, with the library's answers, and frozen into files."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from kg.corpus.anchors import anchor
from kg.errors import InputError
from kg.graph.store import Graph, open_graph
from kg.graph.views import view_of
from kg.queries import run
from kg.render.formats import render
from kg.web.app import app_of
from kg.web.pages.links import Links, file_name, term_file
from kg.web.pages.page import environment
from kg.web.pages.site import files, write_site
from tests.query_project import make_small, small, small_project  # noqa: F401 - fixtures
from tests.web_server import served

pytestmark = pytest.mark.server
VOID = {"br", "hr", "img", "input", "link", "meta"}
HOSTILE = "</h1><script>alert(1)</script>&\"'{{ 7 * 7 }}"


class Reader(HTMLParser):
    """The links, marks, elements and text of a page; fails where an element is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.marks: list[str] = []
        self.attributes: set[str] = set()
        self.scripts: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, name: str, given: list[tuple[str, str | None]]) -> None:
        """Note an element that opens."""
        values = {key: value or "" for key, value in given}
        self.attributes |= values.keys()
        self.links += [values[key] for key in ("href", "src", "action", "data-names") if key in values]
        self.marks += [values["id"]] if "id" in values else []
        self.scripts += [values.get("src", "inline")] if name == "script" else []
        if name not in VOID:
            self._open.append(name)

    def handle_startendtag(self, name: str, given: list[tuple[str, str | None]]) -> None:
        """Note an element of SVG without content."""
        self.attributes |= {key for key, _value in given}

    def handle_endtag(self, name: str) -> None:
        """Check that the element opened last is closed."""
        assert self._open.pop() == name

    def handle_data(self, text: str) -> None:
        """Note words."""
        self.text += text


@pytest.fixture(scope="module")
def address(small: Graph) -> str:  # noqa: F811 - the fixture
    return served(app_of(lambda: small))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The small project with markup in every text that a page shows, and an address that runs a script."""
    project = make_small(tmp_path_factory.mktemp("hostile"))
    text = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
    for path in [*project.root.glob("corpus/**/*.t*"), *project.root.glob("queries/*.rq")]:
        content = path.read_text(encoding="utf-8")
        if path.suffix == ".rq":
            content = re.sub(r"(?m)^(#\+ summary: ).*$", rf"\g<1>{HOSTILE.replace(': ', ' ')}", content)
        else:
            for name in ("rdfs:label", "kg:gloss", "dcterms:title", "dcterms:creator", "kg:hedge"):
                content = re.sub(rf'({name} )"(?:[^"\\]|\\.)*"', lambda found: f'{found[1]}"{text}"', content)
        path.write_text(content, encoding="utf-8")
    return open_graph(project)


def get(address: str, path: str) -> httpx.Response:
    return httpx.get(address + path, headers={"Accept": "text/html"}, follow_redirects=True, timeout=60)


def reached(address: str) -> Iterator[tuple[str, httpx.Response]]:
    """The pages that the first one leads to, each once; a few of the many of one kind."""
    kinds: Counter[str] = Counter()
    waiting, seen = ["/", "/check?subject=serbia&predicate=memberOf&object=alliance"], set()
    while waiting:
        path = waiting.pop().partition("#")[0]
        kind = path.split("/")[1].partition("?")[0] if path.startswith("/") else "sparql"
        if path in seen or kind in ("sparql", "static") or "lang=" in path or kinds[kind] == 4:
            continue
        kinds[kind] += 1
        seen.add(path)
        got = get(address, path)
        yield path, got
        if got.headers["content-type"].startswith("text/html"):
            waiting += Reader(got.text).links


@pytest.mark.slow
def test_every_page_that_is_linked_is_there(address: str, small: Graph) -> None:  # noqa: F811 - the fixture
    """If a page links to another of the server, then that is there, well-formed, and runs the one script alone."""
    found = dict(reached(address))
    assert {"/questions", "/entities", "/ontology", "/timeline", "/polls", "/editor", "/search"} <= found.keys()
    assert sum(path.startswith("/id/") for path in found) == 4
    for path, got in found.items():
        assert got.status_code == 200, path
        if got.headers["content-type"].startswith("text/html"):
            page = Reader(got.text)
            assert [each for each in page.scripts if "/assets/" not in each] == ["/static/page.js"], path
            assert not {name for name in page.attributes if name.startswith("on") or name == "style"}, path
            assert len(page.marks) == len(set(page.marks)), path


def test_rows_have_their_evidence(address: str, small: Graph) -> None:  # noqa: F811 - the fixture
    """If a question is answered, then the page has every row, each with its claims and their places."""
    page = Reader(get(address, "/queries/members?organisation=alliance").text)
    rows = run(small, "members", {"organisation": "alliance"}).rows
    assert f"{len(rows)} row" in page.text
    assert page.text.count("Evidence: ") == len(rows) > 0
    assert any(re.match(r"/document/[\w-]+#p\d", link) for link in page.links)


def test_rows_that_fall_stay_with_the_reason(address: str, small: Graph) -> None:  # noqa: F811 - the fixture
    """If a document is left out, then what only it supports is struck through, and why is said."""
    slug = min(small.index.documents)
    lost = {name: _lost(small, name, slug) for name in ("members", "organisations")}
    name = next(name for name, count in lost.items() if count)
    page = get(address, f"/queries/{name}?without={slug}").text
    assert page.count("<del>") >= lost[name]
    assert "Left out with its document" in page
    # As the switches of a form without script send it.
    assert get(address, f"/queries/{name}?without={slug}&without=&accept=facts&as-of=").status_code == 200


def _lost(graph: Graph, name: str, slug: str) -> int:
    now = run(graph.in_view(view_of(without=[slug])), name).rows
    return len(set(run(graph, name).rows) - set(now))


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/queries/members?organisation=nowhere", 400, "KG655"),
        ("/queries/none-such", 404, "KG651"),
        ("/id/nobody", 404, "KG759"),
        ("/editor?query=SELECT", 400, "KG604"),
        ("/editor?query=ASK%20%7B%7D", 200, "Yes"),
        ("/search?q=", 200, "Search"),
        ("/ask?q=zzzz", 200, "Nothing has these words"),
        ("/check?subject=nobody&predicate=memberOf&object=alliance", 400, "KG655"),
        ("/?only=none-such", 400, "KG302"),
        ("/questions?lang=xx", 400, "KG664"),
    ],
)
def test_problems_are_pages(path: str, status: int, said: str, address: str) -> None:
    """If something is wrong with what a browser asks, then a page says what, with the code."""
    got = get(address, path)
    assert got.status_code == status
    assert said in Reader(got.text).text


def test_a_table_is_checked(address: str) -> None:
    """If a table is pasted, then each statement has a verdict; one that is too long is refused."""
    table = "subject\tpredicate\tobject\nserbia\tmemberOf\talliance\nserbia\tmemberOf\tserbia\n"
    got = httpx.post(f"{address}/check", data={"table": table}, timeout=60)
    assert (got.status_code, got.text.count('class="verdict"')) == (200, 2)
    assert httpx.post(f"{address}/check", data={"table": "x" * (1 << 17)}, timeout=60).status_code == 413


def test_names_complete_in_any_script(address: str) -> None:
    """If a field is begun in any script, then names go on that fit the field."""
    asked = {"of": "entity", "q": "серб"}
    found = httpx.get(f"{address}/complete", params=asked, timeout=60).json()
    assert "Serbia" in found
    asked = {"of": "property", "q": "member"}
    assert httpx.get(f"{address}/complete", params=asked, timeout=60).json()


def test_a_page_shows_no_function() -> None:
    """If a template names a method without calling it, then the page fails, and shows nothing of it."""
    with pytest.raises(TypeError, match="a page shows"):
        environment().from_string("{{ text.upper }}").render(text="a")


@pytest.mark.slow
def test_markup_in_texts_stays_text(hostile: Graph) -> None:
    """If labels, glosses, titles, hedges and questions hold markup, then no page obeys it, and pages show it."""
    shown = 0
    at = served(app_of(lambda: hostile))
    asked = ["/ask", "/search", "/check", "/editor", "/queries/members", "/complete"]
    given = "?" + str(httpx.QueryParams(dict.fromkeys(("q", "query", "subject", "organisation", "of"), HOSTILE)))
    pages = [*files(hostile), *((path, get(at, path + given).content) for path in asked)]
    for path, content in pages:
        text = content.decode()
        if path.endswith((".html", *asked)) and not path.startswith("/complete"):
            page = Reader(text)
            assert all("static/" in source for source in page.scripts), path
            assert not [link for link in page.links if link.lower().startswith(("javascript:", "data:"))]
            assert "49" not in re.findall(r'&\\?"\'(\d+)', page.text), path
            shown += HOSTILE in page.text
    assert shown > 20


@pytest.fixture(scope="module")
def frozen(small: Graph) -> dict[str, bytes]:  # noqa: F811 - the fixture
    return dict(files(small))


def test_a_frozen_site_is_whole(frozen: dict[str, bytes], small: Graph) -> None:  # noqa: F811 - the fixture
    """If a frozen page links to another file or mark, then it is there, by an address that works below any path."""
    pages = {path: Reader(content.decode()) for path, content in frozen.items() if path.endswith(".html")}
    assert len(pages) > 30
    for path, page in pages.items():
        assert b"default-src 'none'; script-src 'self'; style-src 'self'" in frozen[path]
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("http", "https")
                continue
            assert not link.startswith("/"), (path, link)
            target = (
                posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path)))
                if parts.path
                else path
            )
            assert target in frozen, (path, link)
            if parts.fragment and target in pages and link.startswith(("document", "../document")):
                assert unquote(parts.fragment) in pages[target].marks, (path, link)


def test_a_frozen_site_has_the_librarys_answers(frozen: dict[str, bytes], small: Graph) -> None:  # noqa: F811 - the fixture
    """If a question has an answer by default, then its downloads are the library's, and a page has its rows."""
    for name, query in small.queries.items():
        if all(p.default is not None or not p.required for p in query.parameters):
            answer = run(small, name)
            assert frozen[f"queries/{name}.csv"].decode() == render(answer, "csv")
            assert (
                f"{len(answer.rows)} row" in Reader(frozen[f"queries/{name}.html"].decode()).text or not answer.rows
            )


@pytest.mark.slow
def test_the_same_graph_gives_the_same_files(frozen: dict[str, bytes], small: Graph) -> None:  # noqa: F811 - the fixture
    """If the site is made twice, then it is the same to the byte."""
    assert dict(files(Graph(small.project, small.snapshot))) == frozen


@pytest.mark.slow
def test_a_folder_of_others_is_refused(small: Graph, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    """If the folder holds something else, then nothing is written; one that kg site wrote is made anew."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="KG806"):
        write_site(small, other)
    assert [path.name for path in other.iterdir()] == ["mine.txt"]
    own = tmp_path / "deep" / "own"
    assert write_site(small, own).pages > 30
    (own / "gone.html").write_text("left over")
    write_site(small, own)
    assert not (own / "gone.html").exists()


def test_the_sentences_are_for_who_has_the_texts(tmp_path: Path) -> None:
    """If the server knows a folder of texts, then documents' pages have the sentences, and no other site may read."""
    project, slug = make_small(tmp_path / "project"), "first-2017"
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / f"{slug}.txt").write_text("One came first. Two went home. Three stayed.\n", encoding="utf-8")
    (project.root / "corpus" / "documents" / f"{slug}.passages").unlink()
    for plan in anchor(project, texts, [slug]):
        plan.path.write_text(plan.content, encoding="utf-8")
    graph = open_graph(project)
    for folder in (texts, None):
        headers = {"Origin": "https://example.org", "Accept": "text/html"}
        at = served(app_of(lambda: graph, texts=folder))
        got = httpx.get(f"{at}/document/{slug}", headers=headers, timeout=60)
        assert ("Two went home." in Reader(got.text).text) == bool(folder)
        assert ("access-control-allow-origin" in got.headers) == (not folder)


@pytest.mark.parametrize("name", ["../up", "", "a/b", "CON\x00", "č", "x" * 300, ".hidden"])
def test_names_of_pages_stay_in_their_folder(name: str) -> None:
    """If a thing's name is no plain word, then its page has a digest as its name."""
    assert re.fullmatch(r"[0-9a-f]{12}", file_name(name))
    assert term_file("<x#Country>").lower() != term_file("<x#country>").lower()


def test_addresses_keep_the_view() -> None:
    """If a view is chosen, then links keep it; a frozen page links by files relative to itself."""
    assert Links(kept=(("without", "a b"),)).page("id/serbia", "x") == "/id/serbia?without=a+b#x"
    assert Links(here="queries/observers/x.html").page("id/serbia") == "../../id/serbia.html"
    assert Links(path="/queries/x", asked=(("lang", "en"), ("first", "9"))).changed(first="") == "/queries/x?lang=en"
