"""kg.render.pictures: the same files for the same graph, labels that do not overlap, errors that say what to do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.dates import Period
from kg.errors import InputError, UsageError
from kg.graph.store import open_graph
from kg.project import Project
from kg.render.pictures.canvas import PAGE, Canvas, apart, drawing, paged, suffix_of, wrapped
from kg.render.pictures.neighbourhood_picture import dot, draw_neighbourhood
from kg.render.pictures.polls_picture import draw_polls
from kg.render.pictures.timeline_picture import _event, _Scale, draw_timeline, height_of
from kg.timeline.lanes import lanes
from kg.timeline.neighbourhood import neighbourhood
from kg.timeline.poll_results import poll_results
from kg.timeline.timeline import timeline
from tests.legible import assert_legible, drawn_pages

pytest.importorskip("matplotlib", reason="pictures are an extra; these tests draw them")

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases" / "timeline"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The small project's graph, its store in a folder of its own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("KG_STATE_DIR", str(tmp_path_factory.mktemp("small")))
    yield open_graph(Project(CASES / "small"))
    patch.undo()


def league(graph):
    return graph.project.iri("id", "league")


DRAWINGS = {
    "timeline": lambda graph, path: draw_timeline(timeline(graph), path),
    "everything": lambda graph, path: draw_timeline(timeline(graph, undated=True, restated=True), path),
    "neighbourhood": lambda graph, path: draw_neighbourhood(neighbourhood(graph, league(graph), depth=2), path),
    "polls": lambda graph, path: draw_polls(graph, poll_results(graph), path),
}


def texts(path):
    """The texts of an SVG file, a line of several joined."""
    tree = ElementTree.parse(path)  # noqa: S314 - drawn by this package
    return ["".join(node.itertext()).strip() for node in tree.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("name", "ending"), [*((name, ".svg") for name in DRAWINGS), ("timeline", ".png"), ("timeline", ".pdf")]
)
def test_the_same_drawing_gives_the_same_file(small, tmp_path, name, ending):
    """Drawn twice, the files are the same to the byte: no date, no random names."""
    one, two = tmp_path / f"one{ending}", tmp_path / f"two{ending}"
    DRAWINGS[name](small, one)
    DRAWINGS[name](small, two)
    assert one.read_bytes() == two.read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("name", DRAWINGS)
def test_an_svg_is_text_and_says_its_view(small, tmp_path, name):
    """Labels stay text that can be searched; the view and the version of the graph stand below."""
    path = tmp_path / "x.svg"
    DRAWINGS[name](small, path)
    found = " ".join(texts(path))
    assert "Arcadia & <co> $1" in found or name == "polls"
    assert f"view: {small.describe_view()}; graph {small.snapshot.meta['version']}" in found


@pytest.mark.parametrize("ending", [".svg", ".pdf"])
@pytest.mark.parametrize("name", DRAWINGS)
def test_no_two_labels_overlap(small, tmp_path, name, ending, monkeypatch):
    """No text of a picture lies over another, none beyond the page; of a PDF on any page."""
    pages = drawn_pages(monkeypatch, DRAWINGS[name], small, tmp_path / f"x{ending}")
    assert sum(len(page.axes.texts) for page in pages) > 10
    for page in pages:
        if page.figure.legends:
            page.figure.canvas.draw()  # which is when a legend finds its place
        assert_legible(page)


def test_each_fact_has_one_lane(small, tmp_path):
    """Every fact of a timeline is in one lane, whose label has its terms and its property; sources stand beside."""
    found = timeline(small)
    made = lanes(found)
    assert sorted(fact.triple for lane in made for fact in lane.facts) == sorted(fact.triple for fact in found.facts)
    draw_timeline(found, tmp_path / "x.svg")
    drawn = " ".join(" ".join(texts(tmp_path / "x.svg")).split())
    for lane in made:
        assert lane.text in drawn
        for fact in lane.facts:
            assert all(small.label(term) in lane.text for term in fact.triple)
    assert "2015, 2.1" in drawn


def test_what_shares_a_term_and_its_days_shares_a_lane(small):
    """Facts of one lane have the same days and a term in common, and no two lanes could be one with more facts."""
    found = timeline(small)
    made = lanes(found)
    assert len(made) < len(found.facts)
    for lane in made:
        assert set.intersection(*({fact.triple[0], fact.triple[2]} for fact in lane.facts))
        assert len({tuple(period.bounds for period in fact.periods) for fact in lane.facts}) == 1
    single = [lane for lane in made if len(lane.facts) == 1]
    assert all(lane.text == found.sentence(lane.facts[0]) for lane in single)


@pytest.mark.parametrize("name", [name for name in DRAWINGS if name != "neighbourhood"])
def test_a_pdf_has_pages_of_paper(small, tmp_path, name, monkeypatch):
    """Each page of a PDF is A4, landscape, and has the view below it."""
    for page in drawn_pages(monkeypatch, DRAWINGS[name], small, tmp_path / "x.pdf"):
        assert (page.width, page.height) == PAGE
        assert any("view: " in text.get_text() for text in page.axes.texts)


@pytest.mark.slow
def test_a_long_timeline_has_pages(tmp_path, monkeypatch):
    """What is longer than a page goes on in the next: each is A4, with its number, years, legend and view."""
    found = timeline(open_graph())
    drawn = drawn_pages(monkeypatch, draw_timeline, found, tmp_path / "x.pdf")
    assert len(drawn) > 2
    for number, page in enumerate(drawn, start=1):
        assert (page.width, page.height) == PAGE
        assert page.figure.legends
        said = [text.get_text() for text in page.axes.texts]
        assert said[:2] == ["Timeline: all facts", f"page {number} of {len(drawn)}"]
        assert {"2000", "2010", "2020"} <= set(said)
        assert said[-1].startswith("view: ")
    assert height_of(found) > 2 * PAGE[1]


@given(st.lists(st.floats(0.01, 3), max_size=40))
def test_pages_hold_everything_in_order(heights):
    """Pages have every thing once and in order; none is fuller than there is room, unless one thing alone is."""
    parts = paged(heights, 2.0)
    assert [height for part in parts for height in heights[part]] == heights
    assert all(sum(heights[part]) <= 2.0 + 1e-9 or len(heights[part]) == 1 for part in parts)


@given(st.lists(st.text("ab ", max_size=40), max_size=8))
@example(["aa aa aaaaaaa", "aa aa aaaaa a"])
def test_labels_that_differ_are_read_differently(labels):
    """Labels are cut after some lines only where what is left still tells each from the others."""
    made = apart(labels, 6)
    said = {" ".join(text.split()) for text in labels}
    assert len({" ".join(cut.split()) for cut in made.values()} - {""}) == len(said - {""})


def test_a_span_of_more_than_a_year_has_no_middle(small):
    """A diamond stands where the day is known to a year or better; in the middle of more it would read as a date."""
    drawn = timeline(small)
    with drawing():
        canvas = Canvas(*PAGE)
        scale = _Scale(lanes(drawn), None)
        lane = lanes(drawn)[0]
        diamonds = []
        for last in ("2010-12-31", "2011-01-31"):
            before = len(canvas.axes.lines)
            _event(canvas, scale, lane, Period("2010-01-01", last, "2010-01-01", last), 1.0)
            diamonds.append(sum(line.get_marker() == "D" for line in canvas.axes.lines[before:]))
    assert diamonds == [1, 0]


def test_years_that_were_chosen_bound_the_picture(small, tmp_path):
    """The axis goes from the first year asked for to the end of the last; what is dated to them is there."""
    found = timeline(small, years=(2000, 2004))
    scale = _Scale(lanes(found), found.years)
    assert (scale.first, scale.last) == (2000.0, 2005.0)
    assert {entry.fact for entry in found.entries} < {entry.fact for entry in timeline(small).entries}
    draw_timeline(found, tmp_path / "x.svg")
    assert any("Timeline: all facts, from 2000 to 2004" in text for text in texts(tmp_path / "x.svg"))


def test_polls_show_their_hedges(small, tmp_path):
    """Every figure stands as its source has it, with its pollster or that none is named."""
    draw_polls(small, poll_results(small), tmp_path / "x.svg")
    found = " ".join(texts(tmp_path / "x.svg"))
    for written in ("9 in 10", "more than 70 %", "54 %", "about 9.5 %", "at most 40 %"):
        assert written in found
    assert "pollster not named" in found
    assert "the pollsters" in found


def test_an_empty_timeline_is_drawn(small, tmp_path):
    """What has no facts gives a page without lanes and years that says so, not an error."""
    draw_timeline(timeline(small, small.project.iri("id", "islanders")), tmp_path / "x.svg")
    said = texts(tmp_path / "x.svg")
    assert any("Timeline: islanders" in text for text in said)
    assert "no fact in this view begins, ends or happens at a time that is known: islanders" in said
    assert not any(text.isdigit() for text in said)
    draw_polls(small, [], tmp_path / "y.svg")
    assert "no poll result is a fact in this view" in texts(tmp_path / "y.svg")
    draw_neighbourhood(neighbourhood(small, small.project.iri("id", "nothing")), tmp_path / "z.svg")
    assert any("no fact of" in text for text in texts(tmp_path / "z.svg"))


def test_dot_is_read_by_graphviz(small, tmp_path):
    """DOT text has an edge for each fact and quotes what labels hold; Graphviz reads it where it is installed."""
    found = neighbourhood(small, league(small), depth=2)
    text = dot(found)
    assert text.count(" -> ") == len(found.facts)
    assert '[label="Arcadia & <co> $1"]' in text
    if shutil.which("dot"):
        subprocess.run(["dot", "-Tsvg"], input=text, text=True, check=True, capture_output=True)


@pytest.mark.parametrize("name", ["x.gif", "x"])
def test_another_ending_is_refused(small, tmp_path, name):
    """A file that is no picture is refused before anything is drawn."""
    with pytest.raises(UsageError) as caught:
        draw_timeline(timeline(small), tmp_path / name)
    assert caught.value.problems[0].code == "KG811"
    assert not (tmp_path / name).exists()


def test_a_folder_that_is_missing_is_said(small, tmp_path):
    """A file that cannot be written is a problem with its remedy, and nothing is left."""
    with pytest.raises(InputError) as caught:
        draw_timeline(timeline(small), tmp_path / "none" / "x.svg")
    assert caught.value.problems[0].code == "KG813"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "status"),
    [(b"text.usetex: True\nbackend: module://nowhere\n", 0), (b"axes.prop_cycle: nonsense\n", 0), (b"\xff\xfe", 1)],
    ids=["LaTeX and a module to load", "a bad value", "no text"],
)
def test_settings_of_a_strangers_folder_do_nothing(settings, status, tmp_path):
    """Matplotlib reads `matplotlibrc` of the working folder: nothing runs for it, and no log line is shown."""
    (tmp_path / "matplotlibrc").write_bytes(settings)
    command = [sys.executable, "-m", "kg", "timeline", "csto", "-o", "x.svg"]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True)
    assert (done.returncode, (tmp_path / "x.svg").exists()) == (status, status == 0), done.stderr
    assert (b"KG813" in done.stderr) if status else not done.stderr, done.stderr


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    """Who has not installed the extra is told its name."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError) as caught, drawing():
        pass
    assert caught.value.problems[0].code == "KG758"
    assert ".[pictures]" in caught.value.problems[0].remedy


def test_settings_are_left_as_they_were(small, tmp_path):
    """Drawing changes nothing of matplotlib for who uses it beside."""
    import matplotlib

    before = dict(matplotlib.rcParams)
    draw_timeline(timeline(small), tmp_path / "x.svg")
    assert dict(matplotlib.rcParams) == before


def test_long_labels_are_wrapped_and_cut():
    """A label takes at most so many lines, and an ellipsis says that there was more."""
    assert wrapped("one two three four", 8) == "one two\nthree …"
    assert wrapped("short", 8) == "short"
    assert wrapped("", 8) == ""


def test_endings_may_be_in_capitals():
    """X.SVG is a picture too."""
    assert suffix_of(Path("X.SVG")) == ".svg"


@pytest.mark.parametrize("length", [1, 60, 90, 400])
def test_a_long_title_stays_on_the_page(length):
    """A title, however long and wide, does not reach the number of the page."""
    words = ("WMW " * length)[:length].strip()
    with drawing():
        canvas = Canvas(*PAGE)
        canvas.title(f"Around {words}", 100, 100)
        assert_legible(canvas)
        assert canvas.axes.texts[0].get_text().startswith("Around W")


@pytest.mark.parametrize("name", ["timeline", "neighbourhood", "polls"])
def test_a_picture_in_serbian_is_serbian_throughout(small, tmp_path, name):
    """In Cyrillic no word of a picture is in Latin letters, but for those of the data, which has no others."""
    serbian = small.in_view(small.view)
    serbian.language = "sr-cyrl"
    path = tmp_path / "x.svg"
    DRAWINGS[name](serbian, path)
    files = [*CASES.glob("small/**/*.ttl"), *CASES.glob("small/**/*.trig")]
    data = " ".join(text for file in files for text in re.findall('"(.*?)"', file.read_text("utf-8")))
    # The version of the graph, and short names of what has no label, are no words.
    words = re.findall("[A-Za-z]+", re.sub(r"граф \w+|\w+:\S+", "", " ".join(texts(path))))
    assert set(words) <= {*re.findall("[A-Za-z]+", data), "gazette", "herald"}
    assert "поглед: неоспорене чињенице" in " ".join(texts(path))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "sr-cyrl"])
def test_pictures_of_this_graph_are_legible(tmp_path, language, monkeypatch):
    """With the names and sources of this graph, no text lies over another or beyond the page, in either language."""
    graph = open_graph()
    graph = graph.in_view(graph.view)
    graph.language = language
    nato = graph.project.iri("id", "nato")
    drawings = (
        lambda graph, path: draw_timeline(timeline(graph, nato), path),
        lambda graph, path: draw_neighbourhood(neighbourhood(graph, nato, depth=2, most=4), path),
        lambda graph, path: draw_polls(graph, poll_results(graph), path),
    )
    for draw in drawings:
        for page in drawn_pages(monkeypatch, draw, graph, tmp_path / "x.svg"):
            if page.figure.legends:
                page.figure.canvas.draw()
            assert_legible(page)
