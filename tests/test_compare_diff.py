"""What a change does, as ``kg diff`` and ``kg impact`` tell it, on the small project that ``kg init`` makes."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import kg as command_line
from kg.compare.diff import Difference, diff
from kg.compare.impact import impact
from kg.compare.report import markdown, text
from kg.errors import InputError, UsageError
from kg.project import Project
from kg.scaffold.init import init

BASE = "https://example.org/walks/"
Edit = Callable[[str, str, str], None]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The example of ``kg init``, committed."""
    made = init(tmp_path / "walks", BASE)
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "start"]):
        who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=made.root, check=True)
    return made


@pytest.fixture
def edit(project: Project) -> Edit:
    """Replace a text in a file of the project; it must be there."""

    def replace(file: str, old: str, new: str) -> None:
        path = project.root / file
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_text(content.replace(old, new), encoding="utf-8")

    return replace


def own(name: str) -> str:
    return f"<{BASE}ontology#{name}>"


def entity(name: str) -> str:
    return f"<{BASE}id/{name}>"


def facts(found: Difference, change: str) -> set[tuple[str, str, str]]:
    """The facts that changed so, by the last steps of their terms."""
    return {
        tuple(term.strip("<>").replace("#", "/").rpartition("/")[2] for term in f.triple)
        for f in found.facts
        if f.change == change
    }  # type: ignore[misc]  # three terms


def test_nothing_changed(project: Project) -> None:
    """Files that are as they were committed differ in nothing."""
    found = diff(project)
    assert not found
    assert text(found) == "no difference from HEAD to the files as they are\n"


def test_a_comment_is_no_change(project: Project, edit: Edit) -> None:
    """What a file says counts, not how it is written."""
    edit("ontology/Place.ttl", "own:Place a owl:Class ;", "# a remark\nown:Place   a owl:Class ;")
    assert not diff(project)


def test_a_claim_more(project: Project) -> None:
    """A claim more gives the fact it states, what follows from it with the proof, and the rows it adds."""
    path = project.root / "corpus/documents/notice-2024.trig"
    with path.open("a", encoding="utf-8") as file:
        file.write("c:back { :market own:leadsTo :mill . }\n")
        file.write('c:back a kg:Claim ; kg:passage "3.2" ; kg:modality kg:Fact ; kg:gloss "And back."@en .\n')
    found = diff(project)
    assert [(c.change, c.after.gloss if c.after else "") for c in found.claims] == [("added", "And back.")]
    assert ("market", "leadsTo", "mill") in facts(found, "gained")
    assert ("footbridge", "reaches", "mill") in facts(found, "gained")
    assert not facts(found, "lost")
    inferred = next(f for f in found.facts if f.triple == (entity("footbridge"), own("reaches"), entity("mill")))
    assert not inferred.stated
    assert any("And back." in line for line in inferred.rests_on)
    assert any("prp-trp" in line for line in inferred.rests_on)
    assert [(a.name, a.gained, a.lost) for a in found.answers] == [("reached", ((entity("mill"),),), ())]


def test_a_claim_fewer(project: Project, edit: Edit) -> None:
    """A fact that is lost is shown with the proof that it had."""
    edit(
        "corpus/documents/notice-2024.trig", "{ :footbridge own:leadsTo :market . }", "{ :footbridge a own:Place . }"
    )
    found = diff(project)
    assert [(c.change, c.fields) for c in found.claims] == [("changed", ("content",))]
    lost = {f.triple: f for f in found.facts if f.change == "lost"}
    was = lost[entity("mill"), own("reaches"), entity("market")]
    assert any("The market is a short walk past the bridge." in line for line in was.rests_on)
    assert [(a.gained, a.lost) for a in found.answers] == [((), ((entity("market"),),))]


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        ('kg:begins "2023-05"', 'kg:begins "2023-06"', ("time",)),
        ("The market is a short walk past the bridge.", "The market is near.", ("gloss",)),
        ('kg:passage "5.2"', 'kg:passage "5.1"', ("passage",)),
        ("kg:polarity kg:Denied ;", "", ("polarity",)),
        ('kg:passage "3.1" ;', 'kg:passage "3.1" ; kg:mappingNote "a note"@en ;', ("note",)),
    ],
)
def test_a_claim_changed(project: Project, edit: Edit, old: str, new: str, fields: tuple[str, ...]) -> None:
    """A claim that changed is told by what of it did."""
    edit("corpus/documents/notice-2024.trig", old, new)
    assert [(c.change, c.fields) for c in diff(project).claims] == [("changed", fields)]


def test_other_times(project: Project, edit: Edit) -> None:
    """A fact that holds at other times is shown with both."""
    edit("corpus/documents/notice-2024.trig", 'kg:begins "2023-05"', 'kg:begins "2022"')
    found = diff(project)
    assert ("orchard", "leadsTo", "footbridge") in facts(found, "redated")
    assert ("orchard", "reaches", "footbridge") in facts(found, "redated")
    redated = next(f for f in found.facts if f.triple[1] == own("leadsTo"))
    assert ["2023-05-01" in redated.rests_on[0], "2022-01-01" in redated.rests_on[1]] == [True, True]


def test_a_renamed_property(project: Project) -> None:
    """A property under a new name is one renamed, and what is said with it has not changed."""
    for path in project.files():
        path.write_text(path.read_text(encoding="utf-8").replace("own:reaches", "own:getsTo"), encoding="utf-8")
    found = diff(project)
    assert [(t.change, t.term, t.former) for t in found.terms] == [("renamed", own("getsTo"), own("reaches"))]
    assert not found.claims
    assert not found.facts
    assert [(a.name, a.gained, a.lost, a.note) for a in found.answers] == [
        ("reached", (), (), "its text has changed")
    ]


def test_a_renamed_entity(project: Project) -> None:
    """An entity under a new name is one renamed: claims, facts and rows that have it are the same."""
    for file in ("corpus/entities/places.ttl", "corpus/documents/notice-2024.trig"):
        path = project.root / file
        content = re.sub(r"(?<![a-z]):market(?= )", ":market-square", path.read_text(encoding="utf-8"))
        path.write_text(content, encoding="utf-8")
    found = diff(project)
    assert [(t.change, t.former) for t in found.terms] == [("renamed", entity("market"))]
    assert not found.claims
    assert not found.facts
    assert not found.answers


def test_another_thing_is_no_rename(project: Project, edit: Edit) -> None:
    """One entity gone and another come, with other names and uses, are two changes."""
    edit(
        "corpus/entities/places.ttl",
        ':orchard a own:Place ;\n    rdfs:label "the orchard"@en',
        ':inn a own:Place ;\n    rdfs:label "the inn"@en',
    )
    assert sorted(t.change for t in diff(project).terms) == ["added", "removed"]


def test_a_renamed_claim(project: Project, edit: Edit) -> None:
    """A claim under a new name that says the same is one renamed, and changes no fact."""
    edit("corpus/documents/notice-2024.trig", "c:mill-footbridge", "c:first")
    found = diff(project)
    assert [c.change for c in found.claims] == ["renamed"]
    assert not found.facts


def test_an_axiom_fewer(project: Project, edit: Edit) -> None:
    """Taking an axiom away shows the term it was of, the facts that fall with their proofs, and the rows."""
    edit("ontology/Place.ttl", "    rdfs:subPropertyOf own:reaches ;\n", "")
    found = diff(project)
    (term,) = found.terms
    assert (term.change, term.gone[0][1], term.new) == ("changed", own("reaches"), ())
    assert ("mill", "reaches", "market") in facts(found, "lost")
    assert len(found.answers[0].lost) == 2


def test_a_list_is_compared_as_it_reads(project: Project, edit: Edit) -> None:
    """The nodes of a list have no name: a chain that changed is told by its members, one that moved is not told."""
    chain = "\nown:sharesPathWith owl:propertyChainAxiom ( own:leadsTo own:leadsTo ) .\n"
    path = project.root / "ontology/Place.ttl"
    path.write_text(path.read_text(encoding="utf-8") + chain, encoding="utf-8")
    (term,) = diff(project).terms
    assert term.new[0][1] == f"( {own('leadsTo')} {own('leadsTo')} )"


def test_rules(project: Project, edit: Edit) -> None:
    """A rule that changed, came or went is told, with what follows."""
    edit("ontology/rules/shared-way.rq", "?one != ?other", "?one = ?other")
    changed = diff(project)
    assert changed.rules == [("changed", "shared-way")]
    assert ("mill", "sharesPathWith", "orchard") in facts(changed, "lost")
    (project.root / "ontology/rules/shared-way.rq").unlink()
    assert diff(project).rules == [("removed", "shared-way")]


def test_queries(project: Project, edit: Edit) -> None:
    """A query that is new, gone, or cannot be asked any more is told."""
    other = project.root / "queries/again.rq"
    other.write_text((project.root / "queries/reached.rq").read_text(encoding="utf-8"), encoding="utf-8")
    assert [(a.name, a.note) for a in diff(project).answers] == [("again", "a new query: 2 rows")]
    other.unlink()
    edit("queries/reached.rq", "id/mill", "id/windmill")
    assert "cannot be asked" in diff(project).answers[0].note
    (project.root / "queries/reached.rq").unlink()
    assert [a.note for a in diff(project).answers] == ["the query is gone"]


def test_inconsistency(project: Project) -> None:
    """What cannot hold together is told."""
    path = project.root / "ontology/Place.ttl"
    path.write_text(path.read_text(encoding="utf-8") + "\nown:leadsTo a owl:AsymmetricProperty .\n", encoding="utf-8")
    with (project.root / "corpus/documents/notice-2024.trig").open("a", encoding="utf-8") as file:
        file.write("c:x { :footbridge own:leadsTo :mill . }\n")
        file.write('c:x a kg:Claim ; kg:passage "3.1" ; kg:modality kg:Fact ; kg:gloss "And back."@en .\n')
    (conflict, *_more) = diff(project).conflicts
    assert conflict[0] == "added"
    assert "prp-asyp" in conflict[1]


def test_a_folder(project: Project, tmp_path: Path) -> None:
    """Another folder can be compared with, without git."""
    other = init(tmp_path / "other", BASE, "Walks")
    assert not diff(other, str(project.root))
    (other.root / "queries/reached.rq").unlink()
    assert diff(other, str(project.root))


def test_what_is_past_need_not_be_sound(project: Project, edit: Edit) -> None:
    """Files that a revision had wrong do not stand in the way of a comparison; those of today do."""
    edit("corpus/documents/notice-2024.trig", 'kg:published "2024-03-01" ;', "")
    with pytest.raises(InputError) as refused:
        diff(project)
    assert "KG211" in {problem.code for problem in refused.value.problems}
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", *who, "commit", "-aqm", "wrong"], cwd=project.root, check=True)
    edit("corpus/documents/notice-2024.trig", "kg:dateBasis", 'kg:published "2024-03-01" ; kg:dateBasis')
    assert diff(project)


@pytest.mark.parametrize("revision", ["no-such-branch", "--output=x", "HEAD:ontology", ""])
def test_no_such_revision(project: Project, revision: str) -> None:
    """What is no revision is refused, also when it looks like an option; nothing is written."""
    before = sorted(project.root.rglob("*"))
    with pytest.raises(UsageError) as refused:
        diff(project, revision)
    assert refused.value.problems[0].code == "KG802"
    assert sorted(p for p in project.root.rglob("*")) == before


def test_outside_git(tmp_path: Path) -> None:
    """Without a repository there is no revision to compare with."""
    made = init(tmp_path / "walks", BASE)
    with pytest.raises(UsageError) as refused:
        diff(made)
    assert refused.value.problems[0].code == "KG801"


@pytest.mark.parametrize(
    "what",
    [
        "own:leadsTo rdfs:subPropertyOf own:reaches",
        "own:leadsTo rdfs:subPropertyOf",
        "ontology/Place.ttl:15",
        "notice-2024/mill-footbridge",
        f"{BASE}claim/notice-2024/mill-footbridge",
        "notice-2024",
        "own:reaches",
        "id:mill",
        "the mill",
        "id:mill own:leadsTo id:footbridge",
    ],
)
def test_impact(project: Project, what: str) -> None:
    """Without an axiom, a claim, a document, a term or an entity, that the market is reached from the mill falls."""
    found = impact(project, what)
    assert ("mill", "reaches", "market") in facts(found, "lost")
    assert not facts(found, "gained")
    assert not diff(project), "nothing was written"


def test_impact_of_a_rule(project: Project) -> None:
    """Without a rule, what it gave falls, and nothing else."""
    found = impact(project, "shared-way")
    assert facts(found, "lost") == {("mill", "sharesPathWith", "orchard"), ("orchard", "sharesPathWith", "mill")}
    assert not found.answers


def test_impact_is_what_the_edit_does(project: Project, edit: Edit) -> None:
    """What ``impact`` foretells is what ``diff`` finds after the edit."""
    foretold = impact(project, "own:leadsTo rdfs:subPropertyOf own:reaches")
    edit("ontology/Place.ttl", "    rdfs:subPropertyOf own:reaches ;\n", "")
    found = diff(project)
    assert facts(foretold, "lost") == facts(found, "lost")
    assert foretold.answers == found.answers


@pytest.mark.parametrize("what", ["own:nothing", "nobody", "id:x id:y id:z", "ontology/Nothing.ttl:3", "a b c d"])
def test_impact_of_nothing(project: Project, what: str) -> None:
    """What names nothing in the graph is refused."""
    with pytest.raises(UsageError) as refused:
        impact(project, what)
    assert refused.value.problems[0].code == "KG807"


def test_markdown(project: Project, edit: Edit) -> None:
    """As Markdown, rows are a table, and nothing of a text is taken for markup."""
    edit(
        "corpus/documents/notice-2024.trig", "{ :footbridge own:leadsTo :market . }", "{ :footbridge a own:Place . }"
    )
    edit("corpus/documents/notice-2024.trig", "The market is a short walk past the bridge.", "A <b>*walk*</b> | _x_")
    shown = markdown(diff(project))
    assert "#### Facts: " in shown
    assert "|  | reached |\n| --- | --- |\n| `-` | the market |" in shown
    assert r"A \<b\>\*walk\*\</b\> \| \_x\_" in shown


def test_long_sections_are_cut(project: Project, edit: Edit) -> None:
    """A long section says how many entries it leaves out."""
    edit("ontology/Place.ttl", "    rdfs:subPropertyOf own:reaches ;\n", "")
    found = diff(project)
    count = len(found.facts)
    assert f"… and {count - 1} more (--all)" in text(found, 1)
    assert "more (--all)" not in text(found, 0)


def test_exit_status(project: Project, edit: Edit) -> None:
    """``kg diff`` ends with 0 when nothing differs, 4 when something does, 2 for no revision, 1 for faulty files."""

    def status(*arguments: str) -> int:
        result = CliRunner().invoke(command_line, ["--project", str(project.root), *arguments], standalone_mode=False)
        if result.exception is not None:
            return int(getattr(result.exception, "exit_code", 99))
        return int(result.return_value or 0)

    assert status("diff") == 0
    assert status("diff", "nothing") == 2
    assert status("impact", "shared-way") == 4
    edit("corpus/documents/notice-2024.trig", 'kg:begins "2023-05"', 'kg:begins "2023-06"')
    assert status("diff") == 4
    assert status("diff", "-f", "md") == 4
    edit("corpus/documents/notice-2024.trig", 'kg:begins "2023-06"', 'kg:begins "2023-26"')
    assert status("diff") == 1
