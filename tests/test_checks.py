"""Every check, by cases: a file put into a small clean project, and the problems that this must give, no more."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kg.checks import check
from kg.errors import Problem
from kg.project import Project

ROOT = Path(__file__).resolve().parent.parent
CASES = Path(__file__).parent / "cases" / "checks"
#: One line, so that the lines of a case are those of its file.
PREAMBLE = (
    "@prefix kg: <{b}ontology#> . @prefix dcterms: <http://purl.org/dc/terms/> . @prefix : <{b}id/> . "
    "@prefix d: <{b}document/> . @prefix c: <{b}claim/case/> . @prefix l: <{b}link/case/> . "
    'd:case a kg:Document ; kg:slug "case" ; dcterms:title "A case"@en ; kg:published "2017-04-10" ; '
    'kg:dateBasis "stated"@en ; dcterms:publisher "Nobody" ; kg:genre "test"@en ; kg:standpoint "none"@en ; '
    'dcterms:language "en" .'
).replace("{b}", "https://w3id.org/serbia-kg/")


@dataclass
class Case:
    """A case: the files that it puts into the project, and the problems that it expects."""

    files: dict[str, str] = field(default_factory=dict)
    expected: list[tuple[str, int | None, str, str]] = field(default_factory=list)
    ignored: set[str] = field(default_factory=set)
    shapes: bool = False


def read_case(path: Path) -> Case:
    """Read a case file: `#! file PATH`, `#! expect LINE CODE [FILE] [WORDS]`, then the file itself.

    LINE is that of the file, without the case's own lines; `-` stands for any. `#! in PATH` begins another file.
    """
    case, current, first = Case(), "", ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#!"):
            case.files[current] += (PREAMBLE if line == "#@ document" else line) + "\n"
            continue
        word, _space, rest = line[3:].partition(" ")
        if word in ("file", "in"):
            current = rest
            first = first or rest
            case.files[current] = ""
        elif word == "expect":
            number, code, *words = rest.split(" ", 2)
            text = words[0] if words else ""
            file = re.match(r"(?:corpus|ontology|queries)/\S+", text)
            where = file[0] if file else first
            text = text[len(file[0]) :].strip() if file else text
            case.expected.append((where, None if number == "-" else int(number), code, text))
        elif word == "ignore":
            case.ignored = set(rest.split())
        elif word == "shapes":
            case.shapes = True
        else:
            raise AssertionError(f"{path.name}: unknown directive {line}")
    return case


@pytest.fixture(scope="session")
def base(tmp_path_factory) -> Path:
    """A small project without errors: this ontology, six entities, one document, and passages for a second."""
    folder = tmp_path_factory.mktemp("checks") / "base"
    shutil.copytree(CASES / "base", folder)
    shutil.copytree(
        ROOT / "ontology", folder / "ontology", ignore=shutil.ignore_patterns("background.ttl", "rules", "released")
    )
    (folder / "queries").mkdir()
    return folder


@pytest.fixture(scope="session")
def usual(base) -> set[Problem]:
    """What the ontology itself and the document that is not there yet are warned of, in every case."""
    found = check(Project(base), keep=False)
    assert [p for p in found if p.severity == "error"] == []
    return set(found)


def put(case: Case, base: Path, folder: Path) -> Project:
    """The base with the files of a case in it."""
    shutil.copytree(base, folder)
    for name, text in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return Project(folder)


NAMES = sorted(path.stem for path in CASES.glob("*.case"))


def test_all_cases_are_collected():
    """No case is lost to a filter."""
    assert len(NAMES) >= 25


@pytest.mark.parametrize("name", NAMES)
def test_case(name, base, usual, tmp_path):
    """The case gives the problems that it expects, where it expects them, and no other."""
    case = read_case(CASES / f"{name}.case")
    project = put(case, base, tmp_path / "project")
    found = [
        problem
        for problem in check(project, shapes=case.shapes, keep=False)
        if problem not in usual and problem.code not in case.ignored
    ]
    left = list(found)
    missing = []
    for file, line, code, words in case.expected:
        match = next(
            (
                p
                for p in left
                if p.place
                and (p.place.file, p.code) == (file, code)
                and line in (None, p.place.line)
                and words in f"{p.message} {p.remedy}"
            ),
            None,
        )
        if match:
            left.remove(match)
        else:
            missing.append((file, line, code, words))
    assert (missing, left) == ([], []), "\n".join(map(str, found))
    assert all(problem.remedy or problem.code in ("KG451", "KG452") for problem in found), "each says what to do"
