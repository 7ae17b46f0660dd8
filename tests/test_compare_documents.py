"""kg diff between two readings of documents: links and sentences, with the facts and answers that they change."""

from __future__ import annotations

from pathlib import Path

from kg.compare.diff import diff
from kg.compare.report import text
from kg.project import Project

CHECKOUT = Path(__file__).parent.parent
LINKS = "corpus/documents/sputnik-2017.trig"


def test_a_link_that_contests_a_claim_is_a_difference(copy: Project) -> None:
    """If a link makes two claims contradict, then it is told, with the facts that fall and the answers changed."""
    path = copy.root / LINKS
    text_before = path.read_text(encoding="utf-8")
    link = (
        "\nl:invented a kg:Link ; kg:fromClaim c:afghanistan-observer-csto-pa ; "
        'kg:toClaim ce:serbia-observer-of-csto ; kg:relation kg:Contradicts ; kg:why "Invented."@en .\n'
    )
    path.write_text(text_before + link, encoding="utf-8")
    found = diff(copy, str(CHECKOUT))
    assert [(change.change, change.after and change.after.why) for change in found.links] == [("added", "Invented.")]
    assert not found.claims
    lost = {change.triple[0].rpartition("/")[2] for change in found.facts if change.change == "lost"}
    assert lost >= {"afghanistan>", "serbia>"}
    observers = next(change for change in found.answers if change.name == "observers")
    assert len(observers.lost) == 4
    assert [row[2] for row in observers.gained] == ['"inferred"']
    told = text(found, 0)
    assert "sputnik-2017/invented: sputnik-2017/afghanistan-observer-csto-pa contradicts cepi-2017/" in told


def test_a_link_that_says_otherwise_is_a_difference(copy: Project) -> None:
    """If the reason of a link changes, or the link goes, then it is told, also where no fact changes."""
    path = copy.root / LINKS
    before = path.read_text(encoding="utf-8")
    start = before.index("l:observer-of-assembly a kg:Link")
    end = before.index("\n\n", start) if "\n\n" in before[start:] else len(before)
    link = before[start:end].partition("\nl:")[0]
    why = link.partition('kg:why "')[2].partition('"')[0]
    path.write_text(before.replace(f'"{why}"', '"Another reason."'), encoding="utf-8")
    (change,) = diff(copy, str(CHECKOUT)).links
    assert (change.change, change.fields) == ("changed", ("why",))
    path.write_text(before.replace(link, ""), encoding="utf-8")
    found = diff(copy, str(CHECKOUT))
    assert [change.change for change in found.links] == ["removed"]
    assert "Links: 1 fewer" in text(found)


def test_a_sentence_set_aside_for_another_reason_is_a_difference(copy: Project) -> None:
    """If a sentence is set aside otherwise, then it is told by its place, with the answers that change."""
    path = copy.root / "corpus/documents/sputnik-2017.passages"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("\tclutter", "\tno-claim", 1), encoding="utf-8")
    found = diff(copy, str(CHECKOUT))
    (change,) = found.sentences
    assert (change.change, change.document, change.what) == (
        "changed",
        "sputnik-2017",
        "set aside: clutter → no-claim",
    )
    assert "coverage" in {change.name for change in found.answers}
    assert "Sentences: 1 changed" in text(found)
