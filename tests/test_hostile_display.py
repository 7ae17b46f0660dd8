"""Nothing in a document steers the reader's terminal, browser or parser (cases: ``hostile/display.json``)."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import run_kg
from hypothesis import given
from hypothesis import strategies as st

from kg.checks import check
from kg.errors import Problem
from kg.harmless import harmless, harmless_line, json_text, markdown_text, steering, web_address, xml_bytes, xml_text
from kg.project import Project
from kg.scaffold.init import init

ROOT = Path(__file__).parent.parent
CASES = json.loads((ROOT / "tests" / "hostile" / "display.json").read_text(encoding="utf-8"))
#: Written apart from the code that is tested.
NEVER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
RUNNING = re.compile(r"(?<!\\)<(?!https?://)|(?<!\\)\]\((?!https?://)")


def parsed(text: str | bytes) -> ElementTree.Element:
    """XML that this tool wrote, read by another parser."""
    return ElementTree.fromstring(text)  # noqa: S314 - our own output, in a test


def escaped(text: str) -> str:
    """A text as a Turtle literal or a string of YAML has it."""
    return "".join(c if c.isalnum() or c in " :" else f"\\U{ord(c):08X}" for c in text)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with every hostile text in every label, gloss, title and summary."""
    made = init(tmp_path_factory.mktemp("texts") / "paths")
    everything = " ".join(case["text"] for case in CASES["texts"])
    for path in made.files():
        if not path.is_relative_to(made.root):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix in (".ttl", ".trig"):
            names = r"(rdfs:label|skos:definition|dcterms:title|dcterms:publisher|kg:gloss|kg:standpoint|kg:genre) \""
            text = re.sub(names, lambda found: f"{found[0]}{escaped(everything)} ", text)
        if path.suffix == ".rq":
            text = text.replace("#+ summary: ", f'#+ summary: "{escaped(everything)}" #', 1)
            text = re.sub(r"label: ([\w ]+)\}", lambda found: f'label: "{escaped(everything)}"}}', text)
        path.write_text(text, encoding="utf-8")
    return made


def run(project: Project, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return run_kg("--project", project.root, *arguments, cwd=cwd, text=False)


@pytest.mark.parametrize("command", CASES["commands"], ids=" ".join)
def test_no_command_shows_what_steers(project: Project, command: list[str]) -> None:
    """If texts of a project steer terminals, then no command's output does, and none holds a line of theirs."""
    done = run(project, *command)
    text = done.stdout.decode() + done.stderr.decode()
    # A table breaks lines between words.
    assert "KG999" not in " ".join(text.split()).replace(CASES["line"], ""), text
    assert "Traceback" not in text
    assert done.returncode in (0, 1, 4), text
    assert not NEVER.search(text), NEVER.search(text)
    assert CASES["line"] not in text.splitlines()
    if command[-1] == "md":
        assert not RUNNING.search(text), text
    if command[-1] == "html":
        assert not re.search(r"<(?:script|img)|javascript:[^<]*\"", text)
    if command[-1] == "xml":
        parsed(done.stdout)
    if command[-1] in ("--json", "json", "csl"):
        json.loads(done.stdout)


def test_nor_on_a_terminal(project: Project) -> None:
    """If standard output is a terminal, then the only controls in it are colours, which the tool put there."""
    read, write = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PAGER": "cat", "TERM": "xterm"}
    shown = b""
    for arguments in (["check"], ["query", "reached"], ["query", "reached", "-f", "csv"]):
        line = [sys.executable, "-m", "kg", "--project", str(project.root), *arguments]
        with subprocess.Popen(line, stdout=write, stderr=subprocess.DEVNULL, env=environment) as process:
            while process.poll() is None or _ready(read):
                if _ready(read):
                    shown += os.read(read, 65536)
    os.close(write)
    os.close(read)
    text = re.sub(r"\x1b\[\d{1,2}m", "", shown.decode().replace("\r\n", "\n"))
    assert "KG103" in text
    assert not NEVER.search(text), NEVER.search(text)


def _ready(handle: int) -> bool:
    import select

    return bool(select.select([handle], [], [], 0.2)[0])


@pytest.mark.parametrize("name", [*CASES["xml"], *CASES["refused"]])
def test_exports_are_well_formed_or_refused(project: Project, tmp_path: Path, name: str) -> None:
    """If a text holds what XML cannot, then GraphML and SVG parse all the same, and RDF/XML is refused with KG723."""
    command = ["timeline", "mill", "-o"] if name.endswith(".svg") else ["export"]
    done = run(project, *command, str(tmp_path / name))
    if name in CASES["refused"]:
        assert (done.returncode, b"error KG723" in done.stderr) == (1, True), done.stderr
        assert not list(tmp_path.iterdir())
    else:
        assert done.returncode == 0, done.stderr
        parsed((tmp_path / name).read_bytes())


def test_check_names_the_characters(project: Project) -> None:
    """If texts steer what shows them, then kg check warns of each character in each file."""
    found = [problem for problem in check(project, keep=False) if problem.code == "KG103"]
    wanted = {character for case in CASES["texts"] for character in case["warned"]}
    for file in ("corpus/documents/notice-2024.trig", "corpus/entities/places.ttl", "ontology/Place.ttl"):
        said = " ".join(problem.message for problem in found if problem.place and problem.place.file == file)
        assert wanted - {name for name in wanted if name in said} == set()
    assert {problem.severity for problem in found} == {"warning"}


def test_check_warns_of_empty_names(tmp_path: Path) -> None:
    """If a label or a gloss is empty or blank, then kg check warns of it at its line."""
    project = init(tmp_path / "paths")
    entities = project.root / "corpus" / "entities" / "places.ttl"
    entities.write_text(entities.read_text().replace('"the mill"', '" "'))
    document = project.root / "corpus" / "documents" / "notice-2024.trig"
    document.write_text(document.read_text().replace('"The market is a short walk past the bridge."', '""'))
    found = [problem for problem in check(project, keep=False) if problem.code == "KG104"]
    assert [problem.place.file for problem in found if problem.place] == [
        "corpus/documents/notice-2024.trig",
        "corpus/entities/places.ttl",
    ]


@pytest.mark.parametrize("case", CASES["addresses"], ids=lambda case: case["address"])
def test_addresses_are_of_the_web(tmp_path: Path, case: dict[str, object]) -> None:
    """If the address of a document is not of http or https, then that is an error, and nothing is built."""
    assert bool(web_address(str(case["address"]))) == case["good"]
    project = init(tmp_path / "paths")
    path = project.root / "corpus" / "documents" / "notice-2024.trig"
    address = (
        f'<https://schema.org/url> "{case["address"]}"^^<http://www.w3.org/2001/XMLSchema#anyURI> ;\n    kg:slug'
    )
    path.write_text(path.read_text(encoding="utf-8").replace("kg:slug", address, 1), encoding="utf-8")
    errors = [problem.code for problem in check(project, keep=False) if problem.severity == "error"]
    assert errors == ([] if case["good"] else ["KG214"])


@given(st.text())
def test_the_functions_leave_nothing_that_steers(text: str) -> None:
    """If a text is made harmless, then no steering character is left, whatever it was; good text stays as it is."""
    for made in (harmless(text), harmless_line(text), markdown_text(text), json_text(text)):
        assert not NEVER.search(made)
        assert not steering(made)
    assert not set(harmless_line(text)) & set("\n\r\t")
    if not steering(text):
        assert harmless(text) == text
    assert json.loads(json_text(text)) == text
    assert not RUNNING.search(markdown_text(text))
    assert parsed(f"<a>{xml_text(text)}</a>") is not None
    assert not NEVER.search(str(Problem("KG000", text, remedy=text)))


def test_carriage_returns_stay_in_xml() -> None:
    """If XML is written with carriage returns, then they are read back; other controls are refused."""
    assert parsed(xml_bytes(b"<a>b\rc</a>")).text == "b\rc"
    with pytest.raises(ValueError, match="U\\+0001"):
        xml_bytes(b"<a>\x01</a>")
