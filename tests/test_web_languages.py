"""The pages' own words in English and in Serbian, in both scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.evidence.verify import StatementVerdict
from kg.graph.store import Graph
from kg.graph.views import ACCEPT
from kg.phrases import cyrillic, phrase, phrases
from kg.queries import run
from kg.render.formats import render
from kg.status import MEANINGS
from kg.web.pages import page as pages
from kg.web.pages.links import Links
from kg.web.pages.lists import timeline_page
from kg.web.pages.question import question_page
from kg.web.pages.site import files
from tests.query_project import small, small_project  # noqa: F401 - fixtures

TEMPLATES = Path(pages.__file__).parent / "templates"


def test_every_message_is_in_the_table() -> None:
    """If a template has words of its own, or a statement stands somehow, then the table has them in Serbian."""
    environment = pages.environment()
    said = {*MEANINGS, *map(str, StatementVerdict), *ACCEPT.values()}
    for path in TEMPLATES.glob("*.html"):
        found = environment.extract_translations(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]  # of the extension
        said |= {message for _line, _function, message in found if isinstance(message, str)}
    assert len(said) > 100
    assert said - phrases("sr-Latn").keys() == set()
    assert all(len(forms) == 3 for forms in phrases("sr-Latn").values() if isinstance(forms, list))


@pytest.mark.parametrize(
    ("latin", "expected"),
    [
        ("Njegovo ljubljenje džaka", "Његово љубљење џака"),
        ("Đak, NATO i SSSR", "Ђак, NATO и SSSR"),
        ("SPARQL <code>on</code> {0of} %(count)s `kg x`", "SPARQL <code>он</code> {0of} %(count)s `kg x`"),
    ],
)
def test_serbian_in_cyrillic(latin: str, expected: str) -> None:
    """If Serbian is written in Cyrillic, then digraphs are one letter, and tags, places and abbreviations stay."""
    assert cyrillic(latin) == expected


@pytest.mark.parametrize(
    ("language", "tag", "said"),
    [
        ("en", "en", "What the answer does not know"),
        ("sr", "sr-Latn", "Šta odgovor ne zna"),
        ("sr-cyrl", "sr-Cyrl", "Шта одговор не зна"),
    ],
)
def test_a_page_is_in_its_language(language: str, tag: str, said: str, small: Graph) -> None:  # noqa: F811 - the fixture
    """If a language is chosen, then the page says so, has its words in it, and links to itself in the others."""
    graph = small.in_view(small.view)
    graph.language = language
    (made,) = question_page(graph, Links(path="/queries/members"), "members", {})
    text = made.content.decode()
    assert f'<html lang="{tag}">' in text
    assert said in text
    assert 'href="/queries/members?lang=sr-Cyrl"' in text
    (made,) = timeline_page(graph, Links())
    assert made.status == 200


@pytest.mark.slow
def test_a_site_in_several_languages(small: Graph) -> None:  # noqa: F811 - the fixture
    """If a site is asked for in two languages, then each page is there in both, and each leads to the other."""
    made = dict(files(small, languages=("sr-Cyrl", "en")))
    english = {path.removeprefix("en/") for path in made if path.startswith("en/") and path.endswith(".html")}
    assert english == {path for path in made if path.endswith(".html") and not path.startswith("en/")}
    assert b'<html lang="sr-Cyrl">' in made["index.html"]
    assert b'href="../../queries/members.html"' in made["en/queries/members.html"]
    assert b'href="../en/queries/members.html"' in made["queries/members.html"]
    assert b'href="../../static/style.css"' in made["en/queries/members.html"]


@pytest.mark.parametrize(
    ("language", "heading", "status"),
    [("en", "member", "inferred"), ("sr", "član", "izvedeno"), ("sr-cyrl", "члан", "изведено")],
)
def test_headings_follow_the_language(language: str, heading: str, status: str, small: Graph) -> None:  # noqa: F811 - the fixture
    """If a language is chosen, then tables and pages have column headings and status words in it."""
    graph = small.in_view(small.view)
    graph.language = language
    table = render(run(graph, "members", timeout=None))
    assert heading in table.splitlines()[1].split()
    assert phrase("view: {}; graph {}", language, graph.describe_view(language), graph.version) in table
    (made,) = question_page(graph, Links(path="/queries/members"), "members", {})
    text = made.content.decode()
    assert f'scope="col">{heading}</th>' in text
    assert f'<td role="cell" data-name="{heading}">' in text
    assert f'<span class="tag inferred">{status}</span>' in text
