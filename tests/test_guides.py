"""The README and the guides are run: every command, in order, with what it prints."""

import doctest
import re
import shutil
from pathlib import Path

import pytest

from docs.shown import GUIDES, follow, matches, session_in

ROOT = Path(__file__).parent.parent


def test_there_are_guides() -> None:
    """The four guides that people are sent to are there, each with commands."""
    names = {path.stem for path in GUIDES}
    assert names >= {"add-a-document", "add-a-class-and-a-rule", "ask-a-new-question", "start-your-own-graph"}
    assert all("```console\n$ kg " in path.read_text(encoding="utf-8") for path in GUIDES)


#: What a newcomer reads first; `make docs-check` runs them all, too.
QUICK = {"README"}


@pytest.mark.parametrize(
    "guide",
    [pytest.param(path, id=path.stem, marks=[] if path.stem in QUICK else pytest.mark.slow) for path in GUIDES],
)
def test_guide(guide: Path, tmp_path: Path) -> None:
    """Whoever follows a guide sees what it shows, the version of the graph included."""
    text = guide.read_text(encoding="utf-8")
    assert follow(text, session_in(tmp_path, guide)) == text, "`make docs` writes what the commands print now"


@pytest.mark.slow
def test_a_document_and_a_question_added_by_the_guides_leave_the_tests_green(tmp_path: Path) -> None:
    """If somebody adds a document and a question by following the guides alone, then no test of the answers fails."""
    session = session_in(tmp_path, ROOT / "docs" / "guides" / "add-a-document.md")
    shutil.copytree(ROOT / "tests", session.folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", session.folder)
    for name in ("add-a-document", "ask-a-new-question"):
        follow((ROOT / "docs" / "guides" / f"{name}.md").read_text(encoding="utf-8"), session)
    assert (session.folder / "queries" / "statuses.csv").is_file()
    tests = "tests/test_saved_queries.py tests/test_answers.py tests/test_headers.py"
    done = session.run(f"python -m pytest -q -p no:cacheprovider {tests} -m 'not slow'")
    assert re.search(r"^\d+ passed", done.splitlines()[-1]), done


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("one\n", "one\n", True),
        ("one\n", "two\n", False),
        ("one\n...\nfour\n", "one\ntwo\nthree\nfour\n", True),
        ("...\nfour\n", "one\nfour\n", True),
        ("...\nfour\n", "one\nfive\n", False),
        ("graph 1.0.0+0123456789ab", "graph 1.0.0+0123456789ab", True),
        ("graph 1.0.0+0123456789ab", "graph 1.0.0+ba9876543210", False),
        ("2 passed in 0.25s", "2 passed in 1.50s", True),
    ],
)
def test_matching(shown: str, printed: str, *, same: bool) -> None:
    """What is shown is compared line by line, but for three dots and the time that tests took."""
    assert matches(shown, printed) is same


def test_a_stale_version_is_brought_up_and_nothing_else(tmp_path: Path) -> None:
    """If only the version of the graph has changed, then a guide keeps its dots; if more has, it shows all of it."""
    session = session_in(tmp_path, GUIDES[0])
    command = "printf 'one\\ntwo\\ngraph 1.0.0+aaaaaaaaaaaa\\nend\\n'"
    shown = f"```console\n$ {command}\n{{}}\ngraph 1.0.0+000000000000\n...\n```"
    assert follow(shown.format("one\n..."), session) == shown.format("one\n...").replace("0" * 12, "a" * 12)
    assert "two\ngraph 1.0.0+aaaaaaaaaaaa\nend\n" in follow(shown.format("another"), session)


@pytest.mark.parametrize(("page", "fewest"), [("README.md", 4), ("docs/python.md", 30)])
def test_python_that_is_shown_runs(page: str, fewest: int) -> None:
    """Whoever types the Python of the README, or of the page on Python, sees what it shows."""
    pytest.importorskip("pandas", reason="pandas is not installed (pip install '.[pandas]')")
    found = doctest.testfile(str(ROOT / page), module_relative=False, encoding="utf-8")
    assert found.attempted >= fewest
    assert found.failed == 0
