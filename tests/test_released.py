"""A released term keeps its meaning, or is deprecated and stays."""

import shutil
from pathlib import Path

import pytest

from kg.corpus.read import read_foundation
from kg.corpus.released_terms import FOLDER, release, release_problems, released
from kg.errors import InputError, UsageError
from kg.project import Project
from kg.scaffold.init import init

ROOT = Path(__file__).parent.parent


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The example of ``kg init``, released as its first version."""
    made = init(tmp_path / "walks")
    (made.root / "ontology/CHANGELOG.md").write_text("# Changes\n\n## 0.1.0\n\nThe first.\n", encoding="utf-8")
    assert release(made).name == "0.1.0.tsv"
    return made


def change(project: Project, file: str, old: str, new: str) -> None:
    path = project.root / file
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")


def codes(project: Project) -> list[str]:
    return sorted(problem.code for problem in release_problems(read_foundation(project).ontology, project))


def test_released_terms_of_this_ontology_keep_their_meaning() -> None:
    """What every release of this project's ontology said of its terms is still said, or they are deprecated."""
    project = Project(ROOT)
    found = [str(p) for p in release_problems(read_foundation(project).ontology, project) if p.severity == "error"]
    assert found == []
    assert (ROOT / "ontology/CHANGELOG.md").is_file()


def test_a_release_says_what_terms_mean(project: Project) -> None:
    """A release has a line for each thing said of the meaning of the project's own terms, and no other's."""
    (terms,) = released(project).values()
    assert set(terms) == {"own:Place", "own:leadsTo", "own:reaches", "own:sharesPathWith"}
    assert ("rdfs:subPropertyOf", "own:reaches") in terms["own:leadsTo"]
    assert ("rdf:type", "owl:TransitiveProperty") in terms["own:reaches"]
    assert ("skos:definition", '"Where a footpath can begin or end."@en') in terms["own:Place"]
    assert codes(project) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('rdfs:label "place"@en', 'rdfs:label "spot"@en', []),
        ("    rdfs:subPropertyOf own:reaches ;\n", "", ["KG445", "KG446"]),
        ("Where a footpath can begin or end.", "A town.", ["KG445", "KG446"]),
        ("own:Place a owl:Class ;", "own:Place a owl:Class ; rdfs:subClassOf kg:Agent ;", ["KG446"]),
        ("own:sharesPathWith a", "own:sharesWay a", ["KG444", "KG446"]),
        (
            "A footpath goes from the first place to the second.",
            'Old."@en ; owl:deprecated true ; skos:note "x',
            ["KG446"],
        ),
    ],
    ids=["label", "axiom-gone", "definition", "axiom-more", "renamed", "deprecated"],
)
def test_what_a_release_allows(project: Project, old: str, new: str, expected: list[str]) -> None:
    """A better label is allowed, and more axioms in a new version; a term that goes or changes is refused."""
    change(project, "ontology/Place.ttl", old, new)
    assert codes(project) == expected


def test_a_new_version(project: Project) -> None:
    """With the next version in the header and its changes told, what was added is released too."""
    change(
        project, "ontology/Place.ttl", "own:Place a owl:Class ;", "own:Place a owl:Class ; rdfs:subClassOf kg:Agent ;"
    )
    with pytest.raises(InputError) as refused:
        release(project)
    assert [problem.code for problem in refused.value.problems] == ["KG809"]
    change(project, "ontology/_ontology.ttl", "0.1.0", "0.2.0")
    with pytest.raises(InputError) as refused:
        release(project)
    assert [problem.code for problem in refused.value.problems] == ["KG810"]
    change(project, "ontology/CHANGELOG.md", "# Changes", "# Changes\n\n## 0.2.0\n\nMore.")
    assert release(project).name == "0.2.0.tsv"
    assert set(released(project)) == {"0.1.0", "0.2.0"}
    assert codes(project) == []


def test_a_version_iri_that_disagrees(project: Project) -> None:
    """The version and its IRI are of one release."""
    change(project, "ontology/_ontology.ttl", "ontology/0.1.0>", "ontology/0.3.0>")
    assert codes(project) == ["KG446"]


def test_what_is_not_sound_is_not_released(project: Project) -> None:
    """A release that would change what another said is refused, and nothing is written."""
    change(project, "ontology/_ontology.ttl", "0.1.0", "0.2.0")
    change(project, "ontology/CHANGELOG.md", "# Changes", "# Changes\n\n## 0.2.0\n\nMore.")
    change(project, "ontology/Place.ttl", "    rdfs:subPropertyOf own:reaches ;\n", "")
    with pytest.raises(InputError) as refused:
        release(project)
    assert [problem.code for problem in refused.value.problems] == ["KG445"]
    assert [path.name for path in (project.root / FOLDER).iterdir()] == ["0.1.0.tsv"]


def test_this_ontology_can_be_released(tmp_path: Path) -> None:
    """The header of this project's ontology gives a version with a section in its changelog, or it is released."""
    shutil.copytree(ROOT / "ontology", tmp_path / "ontology")
    shutil.rmtree(tmp_path / FOLDER, ignore_errors=True)
    assert "kg:Country\trdf:type\towl:Class\n" in release(Project(tmp_path)).read_text(encoding="utf-8")


def test_the_packaged_graph_is_not_released(project: Project) -> None:
    """If the project is the packaged graph, then nothing is written into the package."""
    change(project, "ontology/_ontology.ttl", '"0.1.0"', '"0.2.0"')
    before = project.digest()
    with pytest.raises(UsageError, match="KG808"):
        release(Project(project.root, packaged=True))
    assert project.digest() == before
    assert set(released(project)) == {"0.1.0"}
