"""kg.render.pictures.book: a neighbourhood of several steps on paper, every fact once, every section found."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.graph.store import open_graph
from kg.model import is_literal
from kg.render.pictures.book import BOTTOM, TOP, Book
from kg.render.pictures.canvas import PAGE, Canvas, drawing
from kg.render.pictures.neighbourhood import STYLES, draw_neighbourhood
from kg.render.pictures.sides import BOX, leaves_of
from kg.timeline.facts import Fact, facts_about
from kg.timeline.neighbourhood import Branch, Leaf, Neighbourhood, neighbourhood
from tests.legible import assert_legible, drawn_pages

pytest.importorskip("matplotlib", reason="pictures are an extra; these tests draw them")


@pytest.fixture(scope="module")
def corpus():
    return open_graph()


def best_known(graph, number):
    """The entities of which a graph has most facts."""
    facts, _restatements = facts_about(graph)
    ends = Counter(end for fact in facts for end in {fact.triple[0], fact.triple[2]} if not is_literal(end))
    return [term for term, _facts in ends.most_common(number)]


def written(text):
    """A text without the spaces and ends of lines that wrapping makes."""
    return "".join(text.split())


def boxes(page):
    """What the boxes of a page read, that of the thing in the middle and those of how many more there are apart."""
    return [
        text
        for text in page.axes.texts
        if text.get_fontsize() == 8.5
        and text.get_fontweight() == "normal"
        and not re.fullmatch(r"… and \d+ more", text.get_text())
    ]


def tabs(page):
    """The number of a page that a box has beside it, and what the box reads."""
    found = []
    for tab in page.axes.texts:
        if number := re.fullmatch(r"p\. (\d+)", tab.get_text()):
            x, y = tab.get_position()
            (box,) = (
                text for text in boxes(page) if text.get_position()[1] == y and abs(text.get_position()[0] - x) < BOX
            )
            found.append((int(number[1]), box.get_text()))
    return found


def headings(page):
    """What the sections of a page are about, those that only go on apart, and the page that led there."""
    return [
        (text.get_text(), int(re.search(r"\(p\. (\d+)\)$", more.get_text())[1]))
        for text, more in pairwise(page.axes.texts)
        if text.get_fontweight() == "bold" and more.get_text().startswith(("— ", "← "))
    ]


def arrows(page):
    """How many facts of each kind a page draws, by colour and dashes."""
    from matplotlib.colors import to_hex
    from matplotlib.patches import FancyArrowPatch

    kinds = {(colour.lower(), dashes): how for how, (colour, dashes) in STYLES.items()}
    drawn = [patch for patch in page.axes.patches if isinstance(patch, FancyArrowPatch)]
    return Counter(
        kinds[key] for patch in drawn if (key := (to_hex(patch.get_edgecolor()), patch.get_linestyle())) in kinds
    )


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("place", range(5))
def test_every_fact_is_on_one_page_of_paper(corpus, tmp_path, monkeypatch, place, depth):
    """However deep, all pages are A4 and legible, and all facts on them once, each with the box that it leads to."""
    found = neighbourhood(corpus, best_known(corpus, 5)[place], depth=depth)
    pages = drawn_pages(monkeypatch, draw_neighbourhood, found, tmp_path / "x.pdf")
    for number, page in enumerate(pages, start=1):
        assert (page.width, page.height) == PAGE
        assert_legible(page)
        said = [text.get_text() for text in page.axes.texts]
        assert said[:2] == [f"Around {corpus.label(found.term)}", f"page {number} of {len(pages)}"]
        assert {"stated", "inferred", "background"} <= set(said)
    assert sum(map(arrows, pages), Counter()) == Counter(fact.how for fact in found.facts)
    expected = Counter(written(corpus.label(leaf.term)) for leaf in leaves_of(found.branches))
    for box in (written(text.get_text()) for page in pages for text in boxes(page)):
        if box.endswith("…"):
            box = next(label for label in expected if label.startswith(box[:-1]))
        expected -= Counter([box])
    assert not expected
    assert sum(len(boxes(page)) for page in pages) == len(found.facts)


def test_a_box_names_the_page_of_its_section(corpus, tmp_path, monkeypatch):
    """The number beside a box is that of the page with the section of that name; each section names such a box's."""
    found = neighbourhood(corpus, corpus.project.iri("id", "csto"), depth=3)
    pages = drawn_pages(monkeypatch, draw_neighbourhood, found, tmp_path / "x.pdf")
    links = {
        (number, target, written(text).rstrip("…"))
        for number, page in enumerate(pages, start=1)
        for target, text in tabs(page)
    }
    sections = [
        (back, number, written(of)) for number, page in enumerate(pages, start=1) for of, back in headings(page)
    ]
    assert len(sections) == len({leaf.term for leaf in leaves_of(found.branches) if leaf.branches}) > 40
    for number, target, text in links:
        assert number <= target
        assert any(target == at and of.startswith(text) for _back, at, of in sections), text
    for back, at, of in sections:
        assert any((back, at) == (number, target) and of.startswith(text) for number, target, text in links), of


def test_pages_begin_as_with_one_step(corpus):
    """The first pages have the term with all that is one step away, whatever the depth."""
    term = corpus.project.iri("id", "serbia")
    near, far = (Book(neighbourhood(corpus, term, depth=depth)) for depth in (1, 3))
    own = [block for blocks in far.pages for block in blocks if block.reached is None]
    assert [leaf.fact for block in own for leaf in block.leaves] == [
        leaf.fact for blocks in near.pages for block in blocks for leaf in block.leaves
    ]
    assert own == [block for blocks in far.pages for block in blocks][: len(own)]
    assert len(own) == len(near.pages) > 1


def test_a_written_pdf_has_a4_pages(tmp_path):
    """In the file itself every page is 842 by 595 points, the size that printers know as A4, landscape."""
    graph = open_graph()
    draw_neighbourhood(neighbourhood(graph, graph.project.iri("id", "csto"), depth=2), tmp_path / "x.pdf")
    sizes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", (tmp_path / "x.pdf").read_bytes())
    assert len(sizes) > 2
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {(842, 595)}


@st.composite
def trees(draw):
    """A neighbourhood of made-up things: any shape, with labels from short to longer than a box holds."""
    steps = draw(st.integers(1, 3))
    names = (f"<x:{number}>" for number in range(10_000))
    labels = {}

    def term():
        made = next(names)
        labels[made] = f"{draw(st.sampled_from(['x', 'word ' * 4, 'some longer name ' * 7]))}{made}"
        return made

    def branches(at, left):
        return tuple(branch(at, left) for _ in range(draw(st.integers(0, 3))))

    def branch(at, left):
        predicate, outgoing = term(), draw(st.booleans())
        return Branch(
            predicate,
            outgoing,
            tuple(leaf(at, predicate, outgoing, left) for _ in range(draw(st.sampled_from([1, 1, 2, 40])))),
            draw(st.sampled_from([0, 7])),
        )

    def leaf(at, predicate, outgoing, left):
        other = term()
        fact = Fact((at, predicate, other) if outgoing else (other, predicate, at), draw(st.booleans()), "", (), ())
        further = left > 1 and draw(st.integers(0, 9)) == 0
        return Leaf(other, fact, branches(other, left - 1) if further else ())

    root = term()
    made = branches(root, steps)
    facts = tuple(leaf.fact for leaf in leaves_of(made))
    return Neighbourhood(SimpleNamespace(label=labels.get), root, made, facts, 0)


@given(trees())
def test_pages_hold_every_fact_once(found):
    """Of any tree each fact, and how many more there are, is on one page; no page is over-full; sections follow."""
    book = Book(found)
    blocks = [block for page in book.pages for block in page]
    assert sorted(leaf.fact.triple for block in blocks for leaf in block.leaves) == sorted(
        fact.triple for fact in found.facts
    )
    all_branches = [*found.branches, *(branch for leaf in leaves_of(found.branches) for branch in leaf.branches)]
    drawn = [branch for block in blocks for half in block.halves for branch in half]
    assert sum(branch.more for branch in drawn) == sum(branch.more for branch in all_branches)
    room = PAGE[1] - TOP - BOTTOM
    for page in book.pages:
        assert sum(block.head + block.body for block in page) <= room + 1e-9
    for number, page in enumerate(book.pages, start=1):
        for block in page:
            for leaf in block.leaves:
                assert book.page_of.get(leaf.term, number) >= number
    assert set(book.page_of) == {found.term} | {leaf.term for leaf in leaves_of(found.branches) if leaf.branches}


@pytest.mark.parametrize("length", [1, 60, 90, 400])
def test_a_long_title_and_heading_stay_on_the_page(length):
    """A title, however long and wide, does not reach the number of the page, nor a heading the edge."""
    words = ("WMW " * length)[:length].strip()
    with drawing():
        canvas = Canvas(*PAGE)
        canvas.title(f"Around {words}", 100, 100)
        canvas.heading(2.0, words, f"— {words} → {words} (p. 100)")
        canvas.heading(3.0, "short", f"— {words} → {words} (p. 100)")
        assert_legible(canvas)
        assert canvas.axes.texts[0].get_text().startswith("Around W")
