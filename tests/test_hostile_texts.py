"""Reading a query takes a time in proportion to its length, and no text runs an engine out of its stack."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hostile.texts import DEEP, LONG, SHAPES
from query_project import make_small
from timing import grows_linearly

from kg.checks import check
from kg.errors import UsageError
from kg.sparql.tokens import LONGEST_TEXT, MOST_LINKS, MOST_TOKENS, form, refuse_unsafe, tokens, undeclared

#: A rule and a saved query are held to the same limits as an ad hoc query.
HEADER = "#+ summary: What is it?\n"


def read(text: str) -> None:
    """Read a text in all ways in which a query is read before it is asked."""
    assert "".join(token.text for token in tokens(text)) == text
    form(text)
    list(undeclared(text))
    assert refused(text) <= {"KG603", "KG604"}


@pytest.mark.parametrize("name", LONG)
def test_reading_is_linear(name: str) -> None:
    """If a text is four times as long, then reading it takes at most eight times as long; a square takes sixteen."""
    assert grows_linearly(read, LONG[name](4_000), LONG[name](16_000))


@pytest.mark.parametrize("name", DEEP)
def test_nesting_is_refused(name: str) -> None:
    """What an engine would nest 5,000 times is refused, in brackets or without."""
    assert refused(DEEP[name](5_000)) in ({"KG607"}, {"KG608"})


@pytest.mark.parametrize("name", DEEP)
def test_what_passes_does_not_end_the_process(name: str) -> None:
    """The most that is let through is parsed and begun by the engine on a stack of 8 MB."""
    size = next(
        n for n in (MOST_LINKS, MOST_LINKS // 2 - 1, MOST_LINKS // 3 - 1, 99, 49) if not refused(DEEP[name](n))
    )
    asks = (
        "import sys, pyoxigraph as p; s = p.Store(); s.add(p.Quad(*[p.NamedNode('x:p')] * 3)); "
        "s.query(sys.stdin.read())"
    )
    with subprocess.Popen([sys.executable, "-c", asks], stdin=subprocess.PIPE, text=True) as process:
        try:
            process.communicate(DEEP[name](size), timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            return
    assert process.returncode == 0


def refused(text: str) -> set[str]:
    """The codes with which a text is refused; none when it is let through."""
    try:
        refuse_unsafe(text)
    except UsageError as error:
        return {problem.code for problem in error.problems}
    return set()


@pytest.mark.parametrize(
    "text", [f"ASK {{ ?s ?p '{'x' * LONGEST_TEXT}' }}", f"ASK {{ {'?s ?p 1 .' * (MOST_TOKENS // 6)} }}"]
)
def test_a_text_has_a_size(text: str) -> None:
    """More bytes or more words than documented are refused, and said so."""
    with pytest.raises(UsageError, match="KG608"):
        refuse_unsafe(text)


@pytest.mark.parametrize("name", ["negations", "steps of a path", "blank nodes"])
def test_saved_queries_and_rules_are_held_to_it(name: str, tmp_path: Path) -> None:
    """A check says where such a text stands, and does not give it to any parser."""
    project = make_small(tmp_path / "project")
    text = DEEP[name](10_000)
    (project.root / "queries" / "deep.rq").write_text(HEADER + text)
    (project.root / "ontology" / "rules").mkdir(exist_ok=True)
    (project.root / "ontology" / "rules" / "deep.rq").write_text(HEADER + text.replace("ASK", "CONSTRUCT {} WHERE"))
    found = {(problem.place.file, problem.code) for problem in check(project) if problem.place}
    codes = {"KG607", "KG608"}
    assert {file for file, code in found if code in codes} == {"queries/deep.rq", "ontology/rules/deep.rq"}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_held_to_it(name: str, tmp_path: Path) -> None:
    """A shape that is nested 5,000 times, in brackets or along a path, is a problem and not the end of the check."""
    project = make_small(tmp_path / "project")
    (project.root / "ontology" / "shapes").mkdir(exist_ok=True)
    (project.root / "ontology" / "shapes" / "deep.ttl").write_text(SHAPES[name](5_000))
    assert "KG450" in {problem.code for problem in check(project)}
