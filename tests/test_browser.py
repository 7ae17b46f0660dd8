"""The pages in a real browser: with script, without, by keyboard, small, dark; the graph in the browser."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.evidence import collect
from kg.graph.store import Graph, open_graph
from kg.graph.views import view_of
from kg.project import Project
from kg.queries import run
from kg.web.app import app_of
from kg.web.pages.page import STATIC
from kg.web.pages.site import write_site
from tests.web_server import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.server]
CHECKOUT = Path(__file__).parent.parent
AXE = CHECKOUT / "assets" / "node_modules" / "axe-core" / "axe.min.js"
#: One page of each kind.
KINDS = (
    "/",
    "/ask?q=Serbia+CSTO",
    "/questions",
    "/queries/observers?without=sputnik-2017&as-of=2017",
    "/queries/members?organisation=nowhere",
    "/id/serbia",
    "/document/cepi-2017",
    "/conflicts",
    "/timeline",
    "/polls",
    "/ontology",
    "/ontology/Country",
    "/entities",
    "/documents",
    "/search?q=drill",
    "/check?subject=serbia&predicate=memberOf&object=csto",
    "/editor?query=SELECT+*+%7B+%3Fs+kg:memberOf+%3Fo+%7D",
)
_RUN_AXE = "async () => (await axe.run()).violations.map((each) => [each.id, each.nodes.map((node) => node.html)])"


def require(what: str, there: object) -> None:
    """Skip where something is not installed; fail where the caller wants everything tried."""
    if not there:
        assert not os.environ.get("KG_REQUIRE_SERVERS"), f"{what} is missing"
        pytest.skip(f"{what} is missing")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    chromium = shutil.which("chromium")
    require("chromium", chromium)
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph(Project(CHECKOUT))


@pytest.fixture(scope="module")
def address(graph: Graph) -> str:
    return served(app_of(lambda: graph))


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of the server; the test fails when anything goes off the host, or when the page complains."""
    yield from opened(browser, address)


def opened(browser: Browser, address: str, **options: object) -> Iterator[Page]:
    context = browser.new_context(base_url=address, permissions=["clipboard-read", "clipboard-write"], **options)
    made, elsewhere, complaints = context.new_page(), list[str](), list[str]()
    made.on("request", lambda request: None if request.url.startswith(address) else elsewhere.append(request.url))
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
    yield made
    context.close()
    assert not elsewhere
    assert not complaints


def test_ask_and_open_evidence(page: Page) -> None:
    """If you ask by a question's words, then you come to its answer, and a row opens into its claims and proof."""
    page.goto("/")
    page.get_by_label("Ask", exact=True).press_sequentially("which states observe")
    page.locator("datalist option").first.wait_for(state="attached")
    page.get_by_label("Ask", exact=True).fill(page.locator("datalist option").first.get_attribute("value") or "")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Which states observe").wait_for()
    row = page.locator("tr.why", has_text="proof").first
    row.locator("summary").click()
    row.get_by_role("heading", name="Proof").wait_for()
    assert "asserted" in row.inner_text()


def test_take_a_document_away(page: Page) -> None:
    """If a document is left out, then its rows stay, struck through, with the reason; the address says so."""
    page.goto("/queries/observers")
    before = page.locator("tbody").count()
    page.get_by_text("What if not").click()
    page.get_by_label("without sputnik-2017").check()
    page.locator("tbody.fallen").first.wait_for()
    assert "without=sputnik-2017" in page.url
    assert page.locator("tbody").count() >= before
    assert "Left out with its document" in page.locator("tbody.fallen").first.inner_text()
    page.go_back()
    page.locator("tbody.fallen").first.wait_for(state="detached")


def test_change_the_date(page: Page) -> None:
    """If a date is given, then each row says how certain it is then."""
    page.goto("/queries/members")
    page.get_by_text("What if not").click()
    page.get_by_label("As of").fill("1993")
    page.keyboard.press("Enter")
    page.get_by_role("columnheader", name="certainty").wait_for()
    assert "possible" in page.locator("tbody").first.inner_text()


def test_follow_a_leaf_to_its_passage(page: Page) -> None:
    """If you follow a leaf of a proof, then you come to the sentence's place on its document's page."""
    page.goto("/queries/observers")
    row = page.locator("tr.why", has_text="proof").first
    row.locator("summary").click()
    row.locator(".proof a[href*='/document/']").first.click()
    page.wait_for_url("**/document/**#p*")
    mark = page.url.rpartition("#")[2]
    assert page.locator(f"[id='{mark}']").is_visible()


def test_check_a_statement(page: Page) -> None:
    """If a statement is checked, then the verdict is there with its evidence."""
    page.goto("/check")
    for name, value in (("subject", "Србија"), ("predicate", "memberOf"), ("object", "ОДКБ")):
        page.locator(f"#{name}").fill(value)
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("heading", name="Verdict").wait_for()
    assert "ruled out" in page.locator(".verdict").inner_text()


def test_copy_a_citation(page: Page) -> None:
    """If a citation is copied, then the clipboard has what the page shows."""
    page.goto("/queries/observers")
    page.locator("details.copy", has_text="Citation").locator("summary").click()
    page.locator("details.copy", has_text="Citation").get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("details.copy pre").first.text_content()
    assert "kg query observers" in copied


def test_keyboard_alone(page: Page) -> None:
    """If you have no mouse, then Tab reaches the content, a field, a button and the evidence, and Enter uses them."""
    page.goto("/queries/observers")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    for _press in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.why') !== null"):
            break
    page.keyboard.press("Enter")
    assert page.locator(".why details[open]").count() == 1


def test_without_script(browser: Browser, address: str) -> None:
    """If script is off, then asking, leaving out, evidence and checking work all the same."""
    for page in opened(browser, address, java_script_enabled=False):
        page.goto("/")
        page.locator("#ask").fill("Serbia observer CSTO")
        page.get_by_role("button", name="Ask").click()
        page.get_by_role("link", name="Which states observe an organisation").first.click()
        page.locator(".why summary").first.click()
        assert page.locator(".why details[open] .claim").count() > 0
        page.locator("#what-if summary").click()
        page.get_by_label("without sputnik-2017").check()
        page.get_by_label("without cepi-2017").check()
        page.get_by_role("button", name="Answer").click()
        assert page.locator("tbody.fallen").count() > 1
        page.goto("/check?subject=serbia&predicate=memberOf&object=csto")
        assert "ruled out" in page.locator(".verdict").inner_text()


@pytest.mark.parametrize("width", [320, 1280])
def test_it_fits(width: int, browser: Browser, address: str) -> None:
    """If the window is as narrow as a small phone or wide, then no page is wider than it."""
    for page in opened(browser, address, viewport={"width": width, "height": 800}):
        for path in KINDS:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(scheme: str, browser: Browser, address: str) -> None:
    """If axe looks at a page of each kind, all of it opened, then it finds no barrier, in light and in dark."""
    require("axe-core", AXE.is_file())
    axe = AXE.read_text(encoding="utf-8")
    for page in opened(browser, address, color_scheme=scheme):
        for path in KINDS:
            page.goto(path)
            page.eval_on_selector_all("details", "all => all.slice(0, 12).forEach((each) => (each.open = true))")
            page.evaluate(axe)
            assert page.evaluate(_RUN_AXE) == [], path


def test_names_in_both_scripts(page: Page) -> None:
    """If Serbian is chosen, then labels and dates are in it, in the script that was chosen."""
    page.goto("/queries/observers?lang=sr-cyrl")
    assert "Организација" in page.locator("main").inner_text()
    assert "април" in page.locator("main").inner_text()
    page.goto("/queries/observers?lang=sr-latn")
    assert "april" in page.locator("main").inner_text()


# -- frozen, and live


@pytest.fixture(scope="module")
def host(graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A live site below a path of a plain file server."""
    require("Oxigraph for browsers (make assets)", (STATIC / "assets" / "oxigraph").is_dir())
    folder = tmp_path_factory.mktemp("host")
    write_site(graph, folder / "some" / "path", live=True)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/some/path/"


def test_a_frozen_site_finds_and_links(browser: Browser, host: str) -> None:
    """If the pages are files below a path, then asking finds things by name, and links and proofs work."""
    for page in opened(browser, host):
        page.goto("")
        page.get_by_label("Ask", exact=True).fill("ОДКБ")
        page.get_by_role("button", name="Ask").click()
        page.wait_for_url("**/id/csto.html")
        page.get_by_role("link", name="Which states observe").first.click()
        page.locator("tr.why", has_text="proof").first.locator("summary").click()
        page.locator(".proof a[href*='document/']").first.click()
        page.wait_for_url("**/document/*.html#p*")


@pytest.mark.parametrize("out", [(), ("sputnik-2017",), ("cepi-2017", "ecfr-2022")])
def test_the_browser_answers_as_the_library(out: tuple[str, ...], graph: Graph, browser: Browser, host: str) -> None:
    """If a question is answered in the browser, all documents there or some left out, then the rows are the same."""
    view = graph.in_view(view_of(without=out))
    ask = """async ([name, out]) => {
        const found = await live.ask(live.textOf(name), out);
        return found.rows.map((row) => found.columns.map((each) => (row[each] ? live.written(row[each]) : null)));
    }"""
    for page in opened(browser, host):
        page.goto("live.html")
        page.wait_for_function("window.live", timeout=60_000)
        assert sorted(page.evaluate("live.names")) == sorted(graph.queries)
        for name in graph.queries:
            found = Counter(map(tuple, page.evaluate(ask, [name, list(out)])))
            assert found == Counter(map(tuple, run(view, name).rows)), name


def test_rows_in_the_browser_rest_on_the_same_claims(graph: Graph, browser: Browser, host: str) -> None:
    """If a question is answered in the browser, then each row rests on the claims that the library finds for it."""
    ask = """async (name) => {
        const found = await live.ask(live.textOf(name), [], live.askedAs(name)), all = [];
        for (const row of found.rows) {
            const { claims, exact } = await live.claimsOf(row, found);
            const terms = found.columns.map((each) => (row[each] ? live.written(row[each]) : null));
            all.push([exact, terms, claims.sort()]);
        }
        return all;
    }"""
    for page in opened(browser, host):
        page.goto("live.html")
        page.wait_for_function("window.live", timeout=60_000)
        for name in graph.queries:
            answer = run(graph, name)
            rows = zip(answer.rows, collect(answer).rows, strict=True)
            expected = [
                [True, list(row), sorted({r.source for r in e.references if r.kind == "claim"})] for row, e in rows
            ]
            assert sorted(map(repr, page.evaluate(ask, name))) == sorted(map(repr, expected)), name


@pytest.mark.parametrize("name", ["members", "acts", "plans", "contested", "standing"])
def test_rows_in_the_browser_look_as_on_the_page(name: str, browser: Browser, host: str) -> None:
    """If a question is answered in the browser, then its columns and cells are those of the question's page."""
    for page in opened(browser, host):
        found = []
        for address in (f"queries/{name}.html", f"live.html#{name}"):
            page.goto(address)
            page.locator("#answer tbody").first.wait_for(timeout=60_000)
            row = page.locator("#answer tbody tr").first.locator("td")
            found.append((page.locator("#answer th").all_inner_texts(), row.all_inner_texts()))
        assert found[0] == found[1]


def test_rows_in_the_browser_have_sources(browser: Browser, host: str) -> None:
    """If a row is opened in the browser, then the claims that support it are there; rows that fall stay."""
    for page in opened(browser, host):
        page.goto("live.html#observers")
        page.locator("#answer tbody").first.wait_for(timeout=60_000)
        page.locator(".why summary").first.click()
        page.locator(".why .claim").first.wait_for()
        page.goto("id/nato.html")
        page.get_by_role("link", name="Which members does").click()
        page.get_by_role("link", name="Croatia").first.wait_for(timeout=60_000)
        page.goto("live.html#observers")
        page.locator("#answer tbody").first.wait_for(timeout=60_000)
        page.locator("#what-if summary").click()
        page.get_by_label("without sputnik-2017").check()
        page.locator("tbody.fallen").first.wait_for()
        page.goto("live.html?")
        page.wait_for_function("window.live", timeout=60_000)
        page.get_by_role("button", name="Answer").click()
        page.locator("#answer tbody").first.wait_for()
        require("axe-core", AXE.is_file())
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate(_RUN_AXE) == []
