"""Passages against texts: found, moved, ambiguous or missing; never re-anchored in silence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kg.checks import check, inspect
from kg.corpus.anchors import AMBIGUOUS, FOUND, MISSING, MOVED, anchor, texts
from kg.corpus.passages import read_passages
from kg.errors import InputError, UsageError
from kg.project import Project

ROOT = Path(__file__).resolve().parent.parent
BASE = ROOT / "tests" / "cases" / "checks" / "base"
TEXT = "One came first.\nTwo went home. Three stayed.\nOne came first.\n"


@pytest.fixture
def made(tmp_path) -> tuple[Project, Path]:
    """A project with one document, and a folder with its text, anchored: 2.2 is set aside, 1.1 is mapped."""
    root, folder = tmp_path / "project", tmp_path / "texts"
    shutil.copytree(BASE, root)
    (root / "corpus" / "documents" / "case.passages").unlink()
    (root / "corpus" / "documents" / "base.passages").unlink()
    shutil.copytree(ROOT / "ontology", root / "ontology", ignore=shutil.ignore_patterns("background.ttl", "released"))
    folder.mkdir()
    (folder / "base.txt").write_text(TEXT, encoding="utf-8")
    project = Project(root)
    write(project, folder)
    path = root / "corpus" / "documents" / "base.passages"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(f"{line}\tno-claim" if line.startswith("2.2") else line for line in lines) + "\n")
    (folder / "base.txt").rename(folder / "0001_named_by_someone_else.txt")
    return project, folder


def write(project: Project, folder: Path) -> None:
    """Anchor all documents."""
    for plan in anchor(project, folder):
        plan.path.write_text(plan.content, encoding="utf-8")


def change(folder: Path, text: str) -> None:
    """Give the text another content."""
    next(folder.glob("*.txt")).write_text(text, encoding="utf-8")


def states(project: Project, folder: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The state of each anchor, and where its sentence is now."""
    return {f.anchor.place: (f.state, f.now) for f in texts(project, folder).findings("base")}


def test_a_text_is_known_by_its_digest_whatever_its_name(made):
    """File names differ from place to place."""
    project, folder = made
    assert texts(project, folder).found["base"].path.name == "0001_named_by_someone_else.txt"
    assert {state for state, _now in states(project, folder).values()} == {FOUND}


def test_white_space_and_composition_do_not_move_a_passage(made):
    """The stated normalisation: what looks the same is the same."""
    project, folder = made
    change(folder, TEXT.replace(" ", "\u00a0 "))
    assert {state for state, _now in states(project, folder).values()} == {FOUND}


def test_a_moved_passage_is_said_and_told_where(made):
    """A line put in front moves everything: both occurrences of the repeated sentence keep their order."""
    project, folder = made
    change(folder, "New head.\n" + TEXT)
    found = states(project, folder)
    assert found["2.1"] == (MOVED, ("3.1",))
    assert found["1.1"] == (MOVED, ("2.1",))
    # Its old line holds another sentence now.
    assert found["3.1"] == (MOVED, ("4.1",))


def test_a_repetition_too_many_is_ambiguous(made):
    """When the sentence stands elsewhere more often than before, nobody can say which is meant."""
    project, folder = made
    change(folder, "New head.\n" + TEXT + "One came first.\n")
    assert states(project, folder)["1.1"] == (AMBIGUOUS, ("2.1", "4.1", "5.1"))


def test_a_changed_sentence_is_missing(made):
    """A sentence that was edited is no longer the one that was mapped."""
    project, folder = made
    change(folder, TEXT.replace("Two went", "Two ran"))
    assert states(project, folder)["2.1"] == (MISSING, ())
    assert states(project, folder)["1.1"] == (FOUND, ("1.1",))


def test_check_reports_them_as_errors_with_their_line(made):
    """`kg check --texts` ends with an error for each passage that is not where it was."""
    project, folder = made
    assert [p for p in check(project, folder, keep=False) if p.code.startswith("KG52")] == []
    change(folder, "New head.\n" + TEXT.replace("Three", "Four") + "One came first.\n")
    problems = [p for p in check(project, folder, keep=False) if p.code.startswith("KG52")]
    assert [(p.code, p.place.line) for p in problems] == [("KG522", 3), ("KG521", 4), ("KG523", 5), ("KG522", 6)]
    assert {p.severity for p in problems} == {"error"}


def test_a_sentence_is_shown_only_when_it_is_certain_which(made):
    """By its hash, not by its place: a moved one is found, an ambiguous or missing one is not guessed."""
    project, folder = made
    assert texts(project, folder).sentence("base", "2.1") == "Two went home."
    change(folder, "New head.\n" + TEXT.replace("Three", "Four") + "One came first.\n")
    known = texts(project, folder)
    assert known.sentence("base", "2.1") == "Two went home."
    assert known.sentence("base", "2.2") is None
    assert known.sentence("base", "1.1") is None
    assert known.sentence("base", "9.9") is None
    assert known.sentence("nobody", "1.1") is None


def test_reasons_follow_their_sentence(made):
    """Anchoring again keeps why a sentence is set aside, also where it moved, and says which reason is lost."""
    project, folder = made
    change(folder, "New head.\n" + TEXT)
    (plan,) = anchor(project, folder)
    assert plan.changed
    assert plan.added == ["1.1"]
    write(project, folder)
    written = read_passages(plan.path, "base")
    assert {a.place: a.reason for a in written.anchors.values() if a.reason} == {"3.2": "no-claim"}
    change(folder, TEXT.replace("Three stayed", "Three left"))
    (plan,) = anchor(project, folder)
    assert plan.lost == [("3.2", "no-claim")]


def test_nothing_changes_when_nothing_has(made):
    """Anchoring an unchanged text leaves the file byte for byte as it is."""
    project, folder = made
    (plan,) = anchor(project, folder)
    assert not plan.changed
    assert plan.content == plan.path.read_text(encoding="utf-8")


def test_the_command_shows_and_asks(made, kg_process):
    """`kg anchor` says what would change; nothing is written without a yes, moved passages want one of their own."""
    project, folder = made
    path = project.root / "corpus" / "documents" / "base.passages"
    before = path.read_text(encoding="utf-8")
    change(folder, "New head.\n" + TEXT)
    call = ("--project", str(project.root), "anchor", "--texts", str(folder))
    refused = kg_process(*call, input="n\n")
    assert refused.returncode == 1
    assert "1.1 MOVED, now 2.1; named by drill: fix it there" in refused.stdout
    assert path.read_text(encoding="utf-8") == before
    unread = kg_process(*call, "--yes")
    assert unread.returncode == 1
    assert path.read_text(encoding="utf-8") == before
    written = kg_process(*call, "--yes", "--moved")
    assert written.returncode == 0
    assert path.read_text(encoding="utf-8") != before
    assert "unchanged" in kg_process(*call).stdout


def test_borrowed_words_are_refused(made):
    """More than six words in a row of a source in a gloss is an error; six are not, nor a name however long."""
    project, folder = made
    name = "Very Long And Winding Name Of Something"
    change(folder, f"{TEXT}\nIn autumn the alliance held the long drill of the {name} there.\n")
    path = project.root / "corpus" / "documents" / "base.trig"
    text = path.read_text(encoding="utf-8")

    def borrowed(gloss: str) -> list[int | None]:
        path.write_text(text.replace("The alliance held a drill in autumn.", gloss), encoding="utf-8")
        return [p.place.line for p in check(project, folder, keep=False) if p.code == "KG528"]

    assert borrowed("Said: in autumn, the alliance held the “long” drill.") == [13]
    assert borrowed("Said: in autumn the alliance held the exercise.") == []
    assert borrowed("The Very Long And Winding Name Of Something is its name.") == [13]
    things = project.root / "corpus" / "entities" / "things.ttl"
    named = things.read_text(encoding="utf-8").replace('"drill"@en', '"Very Long And Winding Name Of Something"@en')
    things.write_text(named, encoding="utf-8")
    assert borrowed("The Very Long And Winding Name Of Something is its name.") == []


def test_a_folder_that_is_none_and_a_text_that_is_not_utf8(made):
    """Faults of what was given are said as such."""
    project, folder = made
    with pytest.raises(UsageError) as caught:
        texts(project, folder / "nowhere")
    assert caught.value.problems[0].code == "KG526"
    (folder / "bad.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError) as refused:
        texts(project, folder)
    assert refused.value.problems[0].code == "KG525"


def test_a_document_without_its_text_is_named(made):
    """Asked for by name it is an error; in a check only a warning."""
    project, folder = made
    with pytest.raises(UsageError) as caught:
        anchor(project, folder, ["other"])
    assert caught.value.problems[0].code == "KG527"
    (folder / "none").mkdir()
    with pytest.raises(UsageError, match="no text of any document"):
        anchor(project, folder / "none")
    next(folder.glob("*.txt")).write_text("Quite another thing.", encoding="utf-8")
    seen = inspect(project, folder, keep=False)
    assert [p.severity for p in seen.problems if p.code == "KG524"] == ["warning"]
    assert seen.texts.unmatched
