"""kg diff between two readings of documents: links and sentences, with the facts and answers that they change."""

from __future__ import annotations

from pathlib import Path

from kg.compare.diff import diff
from kg.compare.report import text
from kg.project import Project

CHECKOUT = Path(__file__).parent.parent
LINKS = "corpus/documents/sputnik-2017.trig"
CHANGED, REMOVED = "observer-of-assembly", "eu-course"
CONTRADICTION = (
    "\nl:invented a kg:Link ; kg:fromClaim c:afghanistan-observer-csto-pa ; "
    'kg:toClaim ce:serbia-observer-of-csto ; kg:relation kg:Contradicts ; kg:why "Invented."@en .\n'
)


def test_links_and_sentences_that_differ_are_told_with_what_follows(copy: Project) -> None:
    """If a link is added, changed or gone, or a sentence is set aside otherwise, then each is told.

    A link that makes two claims contradict takes the facts that rest on them, and changes answers; so does the
    sentence.
    """
    links, passages = copy.root / LINKS, copy.root / "corpus/documents/sputnik-2017.passages"
    blocks = links.read_text(encoding="utf-8").split("\nl:")
    changed, removed = (
        next(block for block in blocks if block.startswith(f"{name} ")) for name in (CHANGED, REMOVED)
    )
    why = changed.partition('kg:why "')[2].partition('"')[0]
    blocks[blocks.index(changed)] = changed.replace(f'"{why}"', '"Another reason."')
    blocks.remove(removed)
    links.write_text("\nl:".join(blocks) + CONTRADICTION, encoding="utf-8")
    before = passages.read_text(encoding="utf-8")
    passages.write_text(before.replace("\tclutter", "\tno-claim", 1), encoding="utf-8")

    found = diff(copy, str(CHECKOUT))
    assert {(change.shown.iri.rpartition("/")[2][:-1], change.change, change.fields) for change in found.links} == {
        ("invented", "added", ()),
        (CHANGED, "changed", ("why",)),
        (REMOVED, "removed", ()),
    }
    assert not found.claims
    lost = {change.triple[0].rpartition("/")[2] for change in found.facts if change.change == "lost"}
    assert lost >= {"afghanistan>", "serbia>"}
    answers = {change.name: change for change in found.answers}
    assert len(answers["observers"].lost) == 4
    assert [row[2] for row in answers["observers"].gained] == ['"inferred"']
    (sentence,) = found.sentences
    assert (sentence.change, sentence.document) == ("changed", "sputnik-2017")
    assert sentence.what == "set aside: clutter → no-claim"
    assert "coverage" in answers
    told = text(found, 0)
    assert "sputnik-2017/invented: sputnik-2017/afghanistan-observer-csto-pa contradicts cepi-2017/" in told
    assert "Links: 1 more, 1 fewer, 1 changed" in told
    assert "Sentences: 1 changed" in told
