"""The FAIR checks: all 24 of FOOPS!, nothing missing that files can give, and each able to fail."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kg.checks.fair import ELSEWHERE, MISSING, PASSED, assess
from kg.project import Project

CHECKOUT = Path(__file__).parent.parent
NAMES = [
    "CN1",
    "DOC1",
    "FIND1",
    "FIND2",
    "FIND3",
    "FIND_3_BIS",
    "HTTP1",
    "OM1",
    "OM2",
    "OM3",
    "OM4.1",
    "OM4.2",
    "OM5.1",
    "OM5.2",
    "PURL1",
    "RDF1",
    "URI1",
    "URI2",
    "VER1",
    "VER2",
    "VOC1",
    "VOC2",
    "VOC3",
    "VOC4",
]


def outcomes(project: Project) -> dict[str, str]:
    return {finding.check: finding.outcome for finding in assess(project)}


def test_nothing_is_missing_that_files_can_give() -> None:
    """If a check can be passed without a registered domain, DOI or registry entry, then the ontology passes it."""
    found = outcomes(Project(CHECKOUT))
    assert list(found) == NAMES
    elsewhere = {name for name, outcome in found.items() if outcome == ELSEWHERE}
    assert elsewhere == {"CN1", "DOC1", "FIND2", "FIND3", "FIND_3_BIS", "OM3", "RDF1", "URI1", "VER2"}
    assert {outcome for name, outcome in found.items() if name not in elsewhere} == {PASSED}


@pytest.mark.parametrize(
    ("line", "checks"),
    [
        ("dcterms:title", {"OM1"}),
        ("dcterms:license", {"OM1", "OM4.1", "OM4.2"}),
        ("owl:versionIRI", {"OM1", "VER1"}),
        ("dcterms:creator", {"OM1", "OM5.1"}),
        ("dcterms:created", {"OM2", "OM5.1"}),
        ("dcterms:bibliographicCitation", {"OM2"}),
        ("dcterms:publisher", {"OM3", "OM5.2"}),
        ("foaf:logo", {"OM3"}),
        ("bibo:status", {"OM3"}),
        ("dcterms:issued", {"OM3", "OM5.2"}),
        ("owl:versionInfo", {"OM2"}),
    ],
)
def test_what_the_header_lacks_is_told(copy: Project, line: str, checks: set[str]) -> None:
    """If the header lacks a piece of metadata, then the checks that ask for it are not passed, and no other."""
    path = copy.root / "ontology" / "_ontology.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(rf"^    {line} .*\n", "", text, flags=re.MULTILINE), encoding="utf-8")
    found = outcomes(copy)
    assert {name for name, outcome in found.items() if outcome == MISSING} == checks


def test_a_term_without_label_or_definition_is_told(copy: Project) -> None:
    """If a term has neither label nor definition, then the checks of both say how many have."""
    path = copy.root / "ontology" / "Place.ttl"
    path.write_text(path.read_text(encoding="utf-8") + "\nkg:Bare a owl:Class .\n", encoding="utf-8")
    found = {finding.check: finding for finding in assess(copy)}
    for name in ("VOC3", "VOC4"):
        assert found[name].outcome == MISSING
        having, of = map(int, re.findall(r"\d+", found[name].note))
        assert of == having + 1


def test_an_address_of_ones_own_is_not_persistent(tmp_path: Path, kg_process: Callable[..., object]) -> None:
    """If a project has an address of its own and a bare header, then the checks say what is missing."""
    assert kg_process("init", str(tmp_path / "own"), "--base", "https://example.org/own/").returncode == 0
    found = outcomes(Project(tmp_path / "own"))
    assert found["PURL1"] == MISSING
    assert found["HTTP1"] == PASSED


def test_the_citation_and_the_logo_are_current() -> None:
    """If the header cites the ontology and names a logo, then it is this version, and the picture is there."""
    text = (CHECKOUT / "ontology" / "_ontology.ttl").read_text(encoding="utf-8")
    version = re.search(r'owl:versionInfo "([^"]+)"', text)
    assert version is not None
    citation = next(line for line in text.splitlines() if "bibliographicCitation" in line)
    assert f"version {version[1]}." in citation
    assert f'/{version[1]}"' in citation
    logo = ElementTree.parse(CHECKOUT / "ontology" / "logo.svg").getroot()  # noqa: S314 - a file of this repository
    assert logo.tag.endswith("svg")
    for document in re.findall(r"document/([\w-]+)>", text):
        assert (CHECKOUT / "corpus" / "documents" / f"{document}.trig").is_file()


def test_the_command_shows_them(copy: Project, kg_process: Callable[..., object]) -> None:
    """If `kg check --fair` is called, then it lists all; with --strict, what files could mend ends it with 1."""
    done = kg_process("check", "--fair", "--strict", cwd=copy.root)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == NAMES
    path = copy.root / "ontology" / "_ontology.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("    dcterms:issued", "    #"), encoding="utf-8")
    assert kg_process("check", "--fair", cwd=copy.root).returncode == 0
    done = kg_process("check", "--fair", "--strict", "--json", cwd=copy.root)
    assert done.returncode == 1
    assert {row["check"] for row in json.loads(done.stdout) if row["outcome"] == MISSING} == {"OM3", "OM5.2"}
