"""The reference as a site: whole, linked, escaped, without network, and careful with folders."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from kg.errors import InputError
from kg.graph.store import Graph, open_graph
from kg.project import Project
from kg.render.pages import write_site
from kg.render.pages.markup import markup, outside, tag
from kg.render.pages.places import Places
from kg.render.pages.site import pages
from kg.vocab import local_name

VOID = {"br", "hr", "img", "link", "meta", "path", "rect"}
HOSTILE = '</h1><script>alert(1)</script>&"'


class Reader(HTMLParser):
    """The links, marks, elements and text of a page; notes what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.marks: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, name: str, given: list[tuple[str, str | None]]) -> None:
        """Note an element that opens."""
        values = dict(given)
        self.elements.add(name)
        self.attributes |= set(values)
        self.links += [values[key] or "" for key in ("href", "src") if key in values]
        if "id" in values:
            self.marks.append(values["id"] or "")
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        """Note that the element opened last is closed."""
        if name not in VOID:
            assert self.open.pop() == name

    def handle_data(self, text: str) -> None:
        """Note words."""
        self.words.append(text)

    @property
    def text(self) -> str:
        """All words of the page."""
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph()


@pytest.fixture(scope="module")
def site(graph: Graph) -> dict[str, str]:
    return dict(pages(graph))


@pytest.fixture(scope="module")
def read(site: dict[str, str]) -> dict[str, Reader]:
    return {address: Reader(text) for address, text in site.items() if address.endswith(".html")}


def test_what_is_only_inferred_has_examples(graph: Graph, read: dict[str, Reader]) -> None:
    """If no claim states a property and facts with it are inferred, its page has up to three, leading to passages."""
    stated = {triple[1] for claim in graph.corpus.claims.values() for triple in claim.content}
    inferred = {t[1] for t in graph.materialised.inferred() if t in graph.materialised.support} - stated
    names = {local_name(term) for term in inferred if term.startswith("<" + graph.project.vocabulary[1])}
    assert {"observerWithin", "statusIn", "hasMember", "notMemberOf", "partnerByProgramme"} <= names
    for name in names:
        page = read[f"ontology/property-{name}.html"]
        said = page.text.partition("No claim states it; ")[2].partition("Questions that ask for it")[0]
        assert 1 <= said.count(" inferred ") <= 3, name
        assert any(link.startswith("../document/") for link in page.links), name
    assert "No claim states it" not in read["ontology/property-memberOf.html"].text


def test_everything_has_its_page(graph: Graph, read: dict[str, Reader]) -> None:
    """If something is a term of the ontology, an entity or a document, then it has a page."""
    entities = {s for s, _p, _o in graph.corpus.entities}
    folders = [address.split("/")[0] for address in read]
    assert folders.count("entity") == len(entities)
    assert folders.count("document") == len(graph.corpus.documents)
    assert "https://w3id.org/serbia-kg/ontology#observerWithin" in read["ontology/property-observerWithin.html"].text
    # kg:Passage and kg:passage differ by case alone, which some file systems do not see.
    assert len({address.lower() for address in read}) == len(read)


def test_every_link_leads_somewhere(site: dict[str, str], read: dict[str, Reader]) -> None:
    """If a page links within the site, then there is such a page, with such a mark, and each mark once."""
    followed = 0
    for address, page in read.items():
        assert len(set(page.marks)) == len(page.marks), address
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            path = unquote(parts.path)
            target = (Path("/") / address).parent.joinpath(path).resolve() if path else Path("/") / address
            name = target.relative_to("/").as_posix()
            assert name in site, f"{address}: {link}"
            if parts.fragment:
                assert unquote(parts.fragment) in read[name].marks, f"{address}: {link}"
            followed += 1
    assert followed > 10_000


def test_pages_are_well_formed_and_need_no_network(read: dict[str, Reader]) -> None:
    """If a page is opened, then its elements are closed in order, and nothing is run or fetched from elsewhere."""
    for address, page in read.items():
        assert page.open == [], address
        assert not page.elements & {"script", "iframe", "img", "object", "embed", "form", "base"}, address
        assert not [name for name in page.attributes if name.startswith("on")], address


def test_no_style_or_script_is_fetched(site: dict[str, str]) -> None:
    """If a page names a style sheet, then it is the one beside it; the sheet itself fetches nothing."""
    assert "url(" not in site["style.css"]
    assert "@import" not in site["style.css"]
    for address, text in site.items():
        for found in re.findall(r"<link[^>]*>", text):
            assert re.fullmatch(r'<link rel="stylesheet" href="(\.\./)*style\.css">', found), address


def test_a_property_is_told_in_full(read: dict[str, Reader]) -> None:
    """If a property has axioms, rules, claims and questions, then its page has each, the passage among them."""
    text = read["ontology/property-observerOf.html"].text
    assert "Has observer status in the organisation or organ." in text
    assert "Whatever is an observer of something also is an observer within it." in text
    assert "is an observer of , then is an organ of makes is an observer within ." in text
    assert "prp-spo2" in text
    assert "sputnik-2017 11.1" in text
    assert "Which states observe an organisation" in text


def test_a_class_has_examples_with_their_passages(read: dict[str, Reader]) -> None:
    """If claims speak of a class's entities, then its page has some with their passages, and its mappings."""
    text = read["ontology/class-Exercise.html"].text
    assert "Slavic Brotherhood 2017" in text
    assert re.search(r"\d+ claims speak of them\. Here are 6", text)
    assert re.search(r"(cepi|sputnik)-2017 \d+\.\d", text)
    assert "narrower than schema:Country" in read["ontology/class-Country.html"].text
    # An agent is described as something narrower.
    assert "Serbia" in read["ontology/class-Agent.html"].text


def test_an_own_rule_is_told_on_the_pages_of_its_terms(read: dict[str, Reader]) -> None:
    """If a rule of the project concludes a property, then the property's page says so in the rule's words."""
    assert (
        "members of the same military alliance are allies of one another."
        in read["ontology/property-allyOf.html"].text
    )


def test_an_entity_keeps_facts_and_mere_claims_apart(read: dict[str, Reader]) -> None:
    """If a claim about an entity is no fact, then it stands under the claims, marked with why."""
    text = read["entity/serbia.html"].text
    facts, claimed = text.split("Claimed, and no facts of this view")
    planned = "Serbia is to join a CSTO exercise in 2017 with the standing of a full member."
    assert planned in claimed
    assert planned not in facts
    assert "inferred" in facts


def test_a_document_has_all_its_claims(graph: Graph, read: dict[str, Reader]) -> None:
    """If a claim is of a document, then its gloss stands on the document's page, at a mark of its own."""
    for claim in graph.corpus.claims.values():
        page = read[f"document/{claim.document}.html"]
        assert claim.iri.rpartition("/")[2].rstrip(">") in page.marks
        assert " ".join(claim.gloss.split()) in page.text


def test_the_diagram_has_every_class(graph: Graph, site: dict[str, str]) -> None:
    """If something is a class of the ontology, then the drawing has a box for it that leads to its page."""
    drawing = re.search(r"<svg.*?</svg>", site["ontology.html"], re.DOTALL)
    assert drawing is not None
    classes = [address for address in site if address.startswith("ontology/class-")]
    assert len(classes) > 50
    for address in classes:
        assert f'href="{address}"' in drawing[0]


def test_the_same_graph_gives_the_same_files(graph: Graph, site: dict[str, str]) -> None:
    """If the site is made twice, then it is the same to the byte."""
    assert dict(pages(Graph(graph.project, graph.snapshot))) == site


def test_hostile_text_stays_text(copy: Project) -> None:
    """If a label, gloss or address of a project holds HTML, then pages show it and do not obey it."""
    path = copy.root / "corpus" / "entities" / "places.ttl"
    term = f"<{copy.base}id/evil>"
    label = HOSTILE.replace('"', '\\"')
    extra = (
        f'\n{term} a <https://w3id.org/serbia-kg/ontology#Place> ; rdfs:label "{label}"@en ; '
        f"<http://www.w3.org/2000/01/rdf-schema#seeAlso> <javascript:alert(2)> .\n"
    )
    path.write_text(path.read_text(encoding="utf-8") + extra, encoding="utf-8")
    made = dict(pages(open_graph(copy)))
    page = Reader(made["entity/evil.html"])
    assert HOSTILE in page.text
    assert "script" not in page.elements
    assert not [link for link in page.links if link.startswith("javascript")]
    assert not any("<script" in text for text in made.values())


def test_markup_escapes_what_is_not_markup() -> None:
    """If a child or an attribute is text, then it is escaped; markup is not, and links lead to the web."""
    assert tag("p", "<b>", tag("i", "&"), title='"') == '<p title="&quot;">&lt;b&gt;<i>&amp;</i></p>'
    assert markup(["a", None, ("<",)]) == "a&lt;"
    assert outside("javascript:alert(1)") == "javascript:alert(1)"
    assert 'href="https://example.org/"' in outside("https://example.org/")


@pytest.mark.parametrize("name", ["../up", "", "a/b", "CON\x00", "č", "x" * 300, ".hidden"])
def test_names_of_pages_stay_in_their_folder(name: str) -> None:
    """If a thing's name would lead elsewhere or is no plain word, then its page has a digest as its name."""
    assert re.fullmatch(r"entity/[0-9a-f]{12}\.html", Places().add(f"<https://example.org/{name}>", "entity", name))


def test_names_that_differ_by_case_get_two_pages() -> None:
    """If two names differ by case alone, then their pages differ by more."""
    places = Places()
    first, second = places.add("<a>", "x", "Name"), places.add("<b>", "x", "name")
    assert first.lower() != second.lower()


def test_a_folder_of_others_is_refused(graph: Graph, tmp_path: Path) -> None:
    """If the folder holds something else, then nothing is written; one that kg docs wrote is made anew."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    with pytest.raises(InputError) as caught:
        write_site(graph, other)
    assert [problem.code for problem in caught.value.problems] == ["KG806"]
    assert [path.name for path in other.iterdir()] == ["mine.txt"]
    own = tmp_path / "deep" / "own"
    assert write_site(graph, own).pages > 500
    (own / "entity" / "gone.html").write_text("left over")
    write_site(graph, own)
    assert not (own / "entity" / "gone.html").exists()
    assert [path.name for path in own.parent.iterdir()] == ["own"]


def test_a_project_of_ones_own_has_a_site(tmp_path: Path, kg_process) -> None:
    """If a project was made with kg init, then kg docs writes its site with its own terms."""
    assert kg_process("init", str(tmp_path / "own")).returncode == 0
    done = kg_process("docs", str(tmp_path / "site"), cwd=tmp_path / "own")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "ontology" / "class-Place.html").is_file()
    assert "pages" in done.stdout
