"""Passages against the texts, if you have them: found or not, the sentence itself, and a new passages file.

The texts are never part of the project. Files are matched to documents by the digest of the text, or else by how
many of the document's sentences stand in them, since file names differ from place to place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.corpus.passages import (
    SPLITTER,
    Anchor,
    Passages,
    Sentence,
    read_passages,
    split_text,
    text_digest,
    write_passages,
)
from kg.corpus.turtle import parse_file
from kg.errors import InputError, Place, Problem, UsageError, gathered
from kg.files import read, unreadable
from kg.model import text_of
from kg.project import Project
from kg.vocab import kg, local_name

FOUND, MOVED, AMBIGUOUS, MISSING = "FOUND", "MOVED", "AMBIGUOUS", "MISSING"
#: A text is not taken for a document's when fewer of its sentences stand in it.
_SHARE = 0.2


@dataclass(slots=True)
class Text:
    """A text file, split into sentences, and the digest of the whole."""

    path: Path
    sentences: list[Sentence]
    digest: str
    by_hash: dict[str, list[Sentence]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for sentence in self.sentences:
            self.by_hash[sentence.sha256].append(sentence)


@dataclass(frozen=True, slots=True)
class AnchorState:
    """The state of an anchor in a text, and the places of its sentence now."""

    anchor: Anchor
    state: str
    now: tuple[str, ...] = ()


@dataclass(slots=True)
class Texts:
    """The texts of a project's documents, by slug; ``unmatched`` are files that are no document's."""

    passages: Mapping[str, Passages]
    found: dict[str, Text]
    unmatched: list[Path] = field(default_factory=list)

    def sentence(self, slug: str, place: str) -> str | None:
        """The sentence of a passage, for this machine only; None when it cannot be told for sure which it is."""
        text, passages = self.found.get(slug), self.passages.get(slug)
        known = passages.anchors.get(place) if passages else None
        if text is None or passages is None or known is None:
            return None
        finding = locate(known, passages, text)
        if finding.state not in (FOUND, MOVED):
            return None
        return next(s.text for s in text.by_hash[known.sha256] if s.place == finding.now[0])

    def findings(self, slug: str) -> list[AnchorState]:
        """The state of each anchor of a document whose text was found."""
        return [
            locate(known, self.passages[slug], self.found[slug]) for known in self.passages[slug].anchors.values()
        ]


@dataclass(slots=True)
class AnchorPlan:
    """The passages file that ``anchor`` would write for a document, and how it differs from the present one.

    ``findings`` are those of the old anchors that are not FOUND; ``added`` places that had none; ``lost`` the
    set-aside reasons that no sentence keeps, as ``(place, reason)``; ``claims`` the claims by place.
    """

    slug: str
    path: Path
    text: Text
    content: str
    changed: bool
    findings: list[AnchorState] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)
    claims: dict[str, list[str]] = field(default_factory=dict)


def locate(known: Anchor, passages: Passages, text: Text) -> AnchorState:
    """The state of an anchor in a text.

    FOUND: at its place. MOVED: elsewhere, and only one sentence can be meant. AMBIGUOUS: elsewhere, and several
    can. MISSING: nowhere.
    """
    here = text.by_hash.get(known.sha256, [])
    if any(sentence.place == known.place for sentence in here):
        return AnchorState(known, FOUND, (known.place,))
    if not here:
        return AnchorState(known, MISSING)
    alike = sum(1 for other in passages.anchors.values() if other.sha256 == known.sha256)
    if alike == len(here) and 1 <= known.occurrence <= len(here):
        return AnchorState(known, MOVED, (here[known.occurrence - 1].place,))
    return AnchorState(known, AMBIGUOUS, tuple(sentence.place for sentence in here))


def texts(project: Project, folder: Path) -> Texts:
    """Match the ``.txt`` files of a folder to the project's documents.

    Raises UsageError (KG526) when there is no such folder, InputError for files that cannot be read (KG100) or are
    not UTF-8 (KG525).
    """
    listed = project.files("corpus/documents", suffix=".passages")
    passages = {path.stem: read_passages(path, project.relative(path)) for path in listed}
    slugs = [path.stem for path in project.files("corpus/documents", suffix=".trig")]
    return match(slugs, passages, gathered(_read, _text_files(folder)))


def match(slugs: Iterable[str], passages: Mapping[str, Passages], files: list[Text]) -> Texts:
    """Give each document its text: by digest, else by the share of its sentences, else by the file's name."""
    free = {text.path: text for text in files}
    found: dict[str, Text] = {}
    by_digest = {text.digest: text for text in files}
    for slug, known in passages.items():
        if (text := by_digest.get(known.digest)) and text.path in free:
            found[slug] = free.pop(text.path)
    for _share, slug, path in sorted(_shares(passages, found, free.values()), reverse=True):
        if slug not in found and path in free:
            found[slug] = free.pop(path)
    for slug in slugs:
        named = next((path for path in free if path.stem == slug), None)
        if slug not in found and slug not in passages and named:
            found[slug] = free.pop(named)
    return Texts(passages, found, sorted(free))


def anchor(project: Project, folder: Path, slugs: Iterable[str] = ()) -> list[AnchorPlan]:
    """The passages files made from the texts; nothing is written (see ``AnchorPlan.content``).

    Reasons to set aside follow their sentence. Without ``slugs``, every document whose text is found. Raises
    UsageError (KG527) for a document whose text is not, and where no document's is.
    """
    known = texts(project, folder)
    wanted = list(slugs)
    if missing := [slug for slug in wanted if slug not in known.found]:
        remedy = f"Name its text {missing[0]}.txt, if it has no passages file yet."
        raise UsageError(Problem("KG527", f"{folder} has no text of {', '.join(missing)}", remedy=remedy))
    if not wanted and not known.found:
        remedy = "Name each <document>.txt; `kg new document` makes a document."
        raise UsageError(Problem("KG527", f"{folder} has no text of any document", remedy=remedy))
    return [_plan(project, slug, known) for slug in sorted(wanted or known.found)]


def _plan(project: Project, slug: str, known: Texts) -> AnchorPlan:
    text = known.found[slug]
    path = project.inside(project.root / "corpus" / "documents" / f"{slug}.passages")
    old = known.passages.get(slug, Passages(path.name))
    findings = [locate(a, old, text) for a in old.anchors.values()]
    reasons: dict[str, str] = {}
    plan = AnchorPlan(slug, path, text, "", False, claims=_claims(path.with_suffix(".trig")))
    for finding in findings:
        if finding.state != FOUND:
            plan.findings.append(finding)
        if finding.anchor.reason:
            if finding.state in (FOUND, MOVED):
                reasons[finding.now[0]] = finding.anchor.reason
            else:
                plan.lost.append((finding.anchor.place, finding.anchor.reason))
    made = {s.place: Anchor(s.place, s.sha256, s.occurrence, reasons.get(s.place, "")) for s in text.sentences}
    held = {f.now[0] for f in findings if f.state in (FOUND, MOVED)}
    plan.added = [place for place in made if place not in held]
    new = replace(old, splitter=SPLITTER, digest=text.digest, anchors=made)
    plan.content = write_passages(new)
    plan.changed = not path.is_file() or read(path, project.relative(path)) != plan.content.encode()
    return plan


def _claims(path: Path) -> dict[str, list[str]]:
    """The names of the claims of a document's file, by the places that they name."""
    named: dict[str, list[str]] = defaultdict(list)
    if path.is_file():
        for (subject, predicate, value), _graph, _line in parse_file(path, path.name).quads:
            if predicate == kg("passage"):
                named[text_of(value)].append(local_name(subject))
    return dict(named)


def _shares(
    passages: Mapping[str, Passages], found: Mapping[str, Text], free: Iterable[Text]
) -> Iterator[tuple[float, str, Path]]:
    """The share of each unmatched document's sentences in each unmatched text, from _SHARE up."""
    holders: dict[str, list[Path]] = defaultdict(list)
    for text in free:
        for sha256 in text.by_hash:
            holders[sha256].append(text.path)
    for slug, known in passages.items():
        if slug in found or not known.anchors:
            continue
        hashes = {a.sha256 for a in known.anchors.values()}
        count = Counter(path for sha256 in hashes for path in holders.get(sha256, ()))
        for path, shared in count.items():
            if shared / len(hashes) >= _SHARE:
                yield shared / len(hashes), slug, path


def _text_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(Problem("KG526", f"{folder} is not a folder", remedy="Name the folder that has the texts."))
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".txt" and path.name[0] != ".")
    except OSError as error:
        raise InputError(unreadable(error, str(folder))) from None


def _read(path: Path) -> Text:
    try:
        # As it is: a line is what ends with a line feed, on every system.
        content = read(path, str(path)).decode("utf-8")
    except UnicodeDecodeError as error:
        problem = Problem("KG525", f"the text is not UTF-8: {error.reason}", Place(path.name), "Save it as UTF-8.")
        raise InputError(problem) from None
    return Text(path, split_text(content), text_digest(content))
