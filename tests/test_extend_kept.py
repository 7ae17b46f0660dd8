"""What is kept of a revision, and what is brought up from it, is exactly what working it all out gives."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from kg.compare.diff import diff
from kg.compare.onward import bring_up, settle
from kg.compare.report import text
from kg.compare.state import State, read_state
from kg.graph.ground import Ground, affirmed, extended, ground
from kg.graph.materialise import Materialised, materialise
from kg.model import Triple
from kg.project import Project

ROOT = Path(__file__).parent.parent
CLAIMS = "corpus/documents/cepi-2017.trig"


@pytest.fixture(scope="module")
def state() -> State:
    """The graph of the repository."""
    return read_state(Project(ROOT), "as it is")


def variant(state: State, chance: random.Random) -> State:
    """The graph less some claims and perhaps some descriptions, chosen at random."""
    claims = chance.sample(sorted(state.read.claims), chance.choice([1, 3, 20, 100]))
    less = state.without(
        "v", claims=claims, triples=chance.sample(sorted(state.read.entities), chance.choice([0, 3]))
    )
    less.program = state.program
    return less


def view_of(state: State, known: Ground) -> Materialised:
    return materialise(state.read, state.view, known, lambda: state.program)


def steps(known: Ground) -> set[tuple[Triple, frozenset[Triple], str]]:
    here = known.instances
    bodies = (frozenset(here.triples[n] for n in body) for body in here.bodies)
    return {
        (here.triples[head], body, rule) for head, body, rule in zip(here.heads, bodies, known.rules, strict=True)
    }


def of_resources(found: dict[Triple, object]) -> dict[Triple, object]:
    """What is said of literals apart: it holds of each that is known, in whichever view."""
    return {triple: value for triple, value in found.items() if not triple[0].startswith('"')}


@pytest.mark.parametrize(
    "seed", [1, 2, pytest.param(3, marks=pytest.mark.slow), pytest.param(4, marks=pytest.mark.slow)]
)
def test_a_view_brought_up_is_the_view_worked_out(state: State, seed: int) -> None:
    """If a view is brought up from another, then its instances, periods and inferences are those from nothing."""
    chance = random.Random(seed)  # noqa: S311 - a choice of cases, no secret
    for _ in range(4):
        old, new = variant(state, chance), variant(state, chance)
        known = ground(old.read, old.program)
        more = extended(known, new.read.entities, affirmed(new.read.claims.values()), new.program)
        anew = ground(new.read, new.program)
        assert steps(more) == steps(known) | steps(anew)
        slow, quick = view_of(new, anew), view_of(new, more)
        settled = bring_up(settle(view_of(old, known)), known, old.side, new.side, quick)
        assert dict(quick.stated) == slow.stated
        assert of_resources(quick.periods) == of_resources(slow.periods)
        assert of_resources(quick.support) == of_resources(slow.support)
        assert set(quick.inferred()) == set(slow.inferred())
        assert {t for t in settled.always if t[0][0] != '"'} == {t for t in settle(slow).always if t[0][0] != '"'}


@pytest.fixture
def copy(tmp_path: Path) -> Project:
    """A repository with the project in it."""
    for name in ("ontology", "corpus", "queries"):
        shutil.copytree(ROOT / name, tmp_path / name)
    who = ["-c", "user.name=tester", "-c", "user.email=tester@example.org"]
    for arguments in (["init", "-q"], ["add", "ontology", "corpus", "queries"], [*who, "commit", "-qm", "all"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    return Project(tmp_path)


def edits(project: Project) -> list[tuple[str, str]]:
    """Changes of files, each on top of those before: file and new content."""
    claims = (project.root / CLAIMS).read_text(encoding="utf-8")
    entities = project.root / "corpus/entities/events.ttl"
    return [
        (CLAIMS, claims.replace("kg:modality kg:Fact", "kg:modality kg:Allegation", 1)),
        (CLAIMS, claims.replace("kg:modality kg:Fact", "kg:modality kg:Allegation")),
        ("corpus/entities/events.ttl", entities.read_text(encoding="utf-8") + "\n:a-new-thing a kg:Event .\n"),
    ]


def test_a_second_comparison_says_what_one_from_nothing_says(copy: Project) -> None:
    """If a revision was compared with before, then what is found is the same as without what was kept."""
    for file, content in edits(copy):
        (copy.root / file).write_text(content, encoding="utf-8")
        found = text(diff(copy), 0)
        assert list((copy.state / "sides").iterdir())
        assert found == text(diff(copy, remember=False), 0)
        assert "claims" in found


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
    found = diff(copy)
    assert [(change.change, change.after and change.after.why) for change in found.links] == [("added", "Invented.")]
    assert not found.claims
    lost = {change.triple[0].rpartition("/")[2] for change in found.facts if change.change == "lost"}
    assert lost >= {"afghanistan>", "serbia>"}
    observers = next(change for change in found.answers if change.name == "observers")
    assert len(observers.lost) == 3
    assert [row[2] for row in observers.gained] == ['"inferred"']
    told = text(found, 0)
    assert "sputnik-2017/invented: sputnik-2017/afghanistan-observer-csto-pa contradicts cepi-2017/" in told
    assert told == text(diff(copy), 0)


def test_a_link_that_says_otherwise_is_a_difference(copy: Project) -> None:
    """If the reason of a link changes, or the link goes, then it is told, also where no fact changes."""
    path = copy.root / LINKS
    before = path.read_text(encoding="utf-8")
    start = before.index("l:observer-of-assembly a kg:Link")
    end = before.index("\n\n", start) if "\n\n" in before[start:] else len(before)
    link = before[start:end].partition("\nl:")[0]
    why = link.partition('kg:why "')[2].partition('"')[0]
    path.write_text(before.replace(f'"{why}"', '"Another reason."'), encoding="utf-8")
    (change,) = diff(copy).links
    assert (change.change, change.fields) == ("changed", ("why",))
    path.write_text(before.replace(link, ""), encoding="utf-8")
    (change,) = diff(copy).links
    assert change.change == "removed"
    assert "Links: 1 fewer" in text(diff(copy))


def test_a_sentence_set_aside_for_another_reason_is_a_difference(copy: Project) -> None:
    """If a sentence is set aside otherwise, then it is told by its place, with the answers that change."""
    path = copy.root / "corpus/documents/sputnik-2017.passages"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("\tclutter", "\tno-claim", 1), encoding="utf-8")
    found = diff(copy)
    (change,) = found.sentences
    assert (change.change, change.document, change.what) == (
        "changed",
        "sputnik-2017",
        "set aside: clutter → no-claim",
    )
    assert "coverage" in {change.name for change in found.answers}
    assert "Sentences: 1 changed" in text(found)


def test_what_is_kept_and_spoilt_is_worked_out_again(copy: Project) -> None:
    """If a kept file is cut short, then the comparison says the same."""
    file, content = edits(copy)[0]
    (copy.root / file).write_text(content, encoding="utf-8")
    found = text(diff(copy), 0)
    for name in ("ground", "answers", "settled", "corpus", "questions"):
        for path in (copy.state / "sides").glob(f"*/{name}.json"):
            path.write_text("[", encoding="utf-8")
    assert text(diff(copy), 0) == found
