"""Files of Turtle and TriG with lines of any length: every quad comes out, with the line that it ends on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import run_kg
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kg.corpus.turtle import parse_file
from kg.project import Project
from kg.scaffold.init import init

HEAD = "@prefix : <http://x.example/> .\n"
#: What a line is filled with: one to four bytes a letter.
LETTERS = st.sampled_from(["a", "я", "ş", "字", "😀"])
#: Around the engine's buffer of 4,096 bytes and its multiples.
LENGTHS = st.one_of(st.integers(0, 40), st.integers(4000, 4200), st.integers(8100, 8300))


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A line: blank, a comment, or one to three statements, one of them long."""
    filling = draw(LETTERS) * draw(LENGTHS)
    return draw(
        st.sampled_from(
            [
                "",
                f"# {filling}",
                f':a :b "{filling}" .',
                f":a :b <http://x.example/{filling}> .",
                f':a :b "1"; :c "{filling}", "2" .',
                f':a :b """{filling}""" .  :a :c "x"@en . # {filling}',
            ]
        )
    )


@given(st.lists(lines(), max_size=6), st.sampled_from([".ttl", ".trig"]), st.sampled_from(["\n", "\r\n"]))
@example([':a :b "' + "я" * 2050 + '" .'], ".trig", "\n")
@example([f':a :b "{"a" * (4095 - len(":a :b  ."))}" .', "", ":a :b :c ."], ".ttl", "\n")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_each_quad_has_the_line_that_it_ends_on(tmp_path: Path, content: list[str], suffix: str, ending: str) -> None:
    """If lines are of any length, in letters of one to four bytes, then each statement is there, with its line."""
    path = tmp_path / f"x{suffix}"
    path.write_bytes((HEAD + ending.join(content) + ending).encode())
    parsed = parse_file(path, "x")
    assert parsed.problem is None
    expected = []
    for number, line in enumerate(content, 2):
        expected += [number] * ((3 if ";" in line else 1 + line.count("@en")) if line.startswith(":") else 0)
    assert [line for _triple, _graph, line in parsed.quads] == expected


@pytest.mark.parametrize("size", [4095, 4096, 4097, 1_000_000, 15_000_000])
def test_a_line_of_any_size_is_read_whole(tmp_path: Path, size: int) -> None:
    """If one line has so many bytes, up to the engine's bound, then its value has them all."""
    path = tmp_path / "x.ttl"
    text = "я" * (size // 2)
    path.write_text(f'{HEAD}:a :b "{text}" . :a :b :c .\n', encoding="utf-8")
    parsed = parse_file(path, "x")
    assert parsed.problem is None
    assert parsed.quads[0][0][2] == f'"{text}"'
    assert [line for *_, line in parsed.quads] == [2, 2]


def test_a_value_above_the_engines_bound_is_a_problem(tmp_path: Path) -> None:
    """If a value has more than 16 MB, then that is KG101 with its line, and what came before is kept."""
    path = tmp_path / "x.ttl"
    path.write_text(f'{HEAD}:a :b :c .\n:a :b "{"x" * 17_000_000}" .\n', encoding="utf-8")
    parsed = parse_file(path, "x")
    assert len(parsed.quads) == 1
    assert parsed.problem is not None
    assert (parsed.problem.code, parsed.problem.place) == ("KG101", parsed.place(3))


def test_an_error_behind_a_long_line_has_its_place(tmp_path: Path) -> None:
    """If a syntax error follows a long line, then it is said at its line."""
    path = tmp_path / "x.trig"
    path.write_text(f'{HEAD}:a :b "{"я" * 9000}" .\n\n:a :b ?? .\n', encoding="utf-8")
    parsed = parse_file(path, "x")
    assert parsed.problem is not None
    assert parsed.problem.place is not None
    assert (parsed.problem.code, parsed.problem.place.line) == ("KG101", 4)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with long lines in every kind of its files."""
    made = init(tmp_path_factory.mktemp("long") / "paths")
    long = "я" * 2050
    for path in made.files():
        if not path.is_relative_to(made.root):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix in (".ttl", ".trig", ".rq"):
            text = f"{text}\n# {long}\n"
        if path.suffix == ".trig":
            text = text.replace('kg:gloss "', f'kg:mappingNote "{long}"@en ; kg:gloss "', 1)
        if path.parent.name == "entities":
            text = text.replace(
                'rdfs:label "', f'<http://www.w3.org/2004/02/skos/core#altLabel> "{long}"@en ; rdfs:label "', 1
            )
        path.write_text(text, encoding="utf-8")
    return made


@pytest.mark.parametrize(
    "arguments",
    [["check"], ["build", "--force"], ["queries"], ["coverage"], ["export", "x.kgz"], ["export", "x.trig"]],
    ids=" ".join,
)
def test_every_command_reads_long_lines(project: Project, tmp_path: Path, arguments: list[str]) -> None:
    """If files of a project have lines of more than 4,096 bytes, then each command ends as it does without."""
    done = run_kg("--project", project.root, *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_bundle_with_long_lines_is_opened(project: Project, tmp_path: Path) -> None:
    """If a bundle holds such a project, then it is opened and answers."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    for arguments in (["--project", str(project.root), "export", "x.kgz"], ["--project", "x.kgz", "queries"]):
        done = run_kg(*arguments, cwd=tmp_path, env=environment)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("suffix", [".ttl", ".nt", ".nq", ".trig", ".rdf", ".jsonld"])
def test_infer_reads_long_lines(tmp_path: Path, suffix: str) -> None:
    """If a file of any form has a line of more than 4,096 bytes, then kg infer reads it."""
    import pyoxigraph

    forms = {
        ".ttl": pyoxigraph.RdfFormat.TURTLE,
        ".nt": pyoxigraph.RdfFormat.N_TRIPLES,
        ".nq": pyoxigraph.RdfFormat.N_QUADS,
        ".trig": pyoxigraph.RdfFormat.TRIG,
        ".rdf": pyoxigraph.RdfFormat.RDF_XML,
        ".jsonld": pyoxigraph.RdfFormat.JSON_LD,
    }
    x = [pyoxigraph.NamedNode(f"http://x.example/{name}") for name in "abc"]
    sub_class = pyoxigraph.NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")
    comment = pyoxigraph.NamedNode("http://www.w3.org/2000/01/rdf-schema#comment")
    triples = [
        pyoxigraph.Triple(x[0], sub_class, x[1]),
        pyoxigraph.Triple(x[1], sub_class, x[2]),
        pyoxigraph.Triple(x[0], comment, pyoxigraph.Literal("я" * 2050)),
    ]
    path = tmp_path / f"x{suffix}"
    path.write_bytes(pyoxigraph.serialize(triples, format=forms[suffix]) or b"")
    done = run_kg("infer", path)
    assert done.returncode == 0, done.stderr
    assert (
        "<http://x.example/a> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://x.example/c>" in done.stdout
    )
