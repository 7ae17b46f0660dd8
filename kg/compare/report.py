"""A difference in words: one list of sections, written as text for a terminal or as Markdown for a pull request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kg.compare.changes import AnswerChange, Part, PartChange, SentenceChange
from kg.compare.diff import Difference, FactChange, TermChange
from kg.harmless import markdown_text
from kg.labels import shorten
from kg.model import Claim, Link, Term, Triple
from kg.status import status_by
from kg.vocab import local_name

#: How many entries of a section are written out; 0 is all.
LIMIT = 40
_MARKS = {"added": "+", "gained": "+", "removed": "-", "lost": "-", "renamed": "=", "changed": "~", "redated": "~"}
_TERM = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line of a report with its mark (``+ - ~ =``), and the lines below it."""

    mark: str
    line: str
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with how many of what, and its entries; ``columns`` where the entries are rows of an answer."""

    title: str
    entries: tuple[ReportLine, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()


def text(found: Difference, limit: int = LIMIT) -> str:
    """The difference for a terminal; no more than ``limit`` entries a section, and how many there are beside."""
    parts = [_headline(found)]
    for section in _sections(found):
        parts.append(f"\n{section.title}")
        shown = section.entries[: limit or None]
        for entry in shown:
            parts.append(f"  {entry.mark} {entry.line}")
            parts += [f"      {line}" for line in entry.below]
        if section.rows:
            parts += [f"  {mark} {' | '.join(cells)}" for mark, cells in section.rows[: limit or None]]
        parts += [f"  … {more}" for more in _left_out(section, limit)]
    return "\n".join(parts) + "\n"


def markdown(found: Difference, limit: int = LIMIT) -> str:
    """The difference as Markdown for a pull request."""
    parts = [f"### {markdown_text(_headline(found))}"]
    for section in _sections(found):
        parts.append(f"\n#### {markdown_text(section.title)}\n")
        for entry in section.entries[: limit or None]:
            parts.append(f"- `{entry.mark}` {markdown_text(entry.line)}")
            parts += [f"    - {markdown_text(line)}" for line in entry.below]
        if section.rows:
            parts.append(f"|  | {' | '.join(map(markdown_text, section.columns))} |")
            parts.append(f"| --- |{' --- |' * len(section.columns)}")
            for mark, cells in section.rows[: limit or None]:
                parts.append(f"| `{mark}` | {' | '.join(map(markdown_text, cells))} |")
        parts += [f"\n… {more}" for more in _left_out(section, limit)]
    return "\n".join(parts) + "\n"


def _left_out(section: Section, limit: int) -> Iterator[str]:
    more = max(len(section.entries), len(section.rows)) - limit
    if limit and more > 0:
        yield f"and {more} more (--all)"


def _headline(found: Difference) -> str:
    sides = f"from {found.old.name} to {found.new.name}"
    if not found:
        return f"no difference {sides}"
    versions = {found.old.version, found.new.version}
    version = f"; ontology {found.old.version} to {found.new.version}" if len(versions) == 2 else ""
    return f"{sides}{version}"


def _sections(found: Difference) -> Iterator[Section]:
    words = ChangeWriter(found)
    terms = [change for change in found.terms if change.kind not in ("entity", "document")]
    parts: dict[str, Iterable[ReportLine]] = {
        "Terms": map(words.term, terms),
        "Entities": (words.term(change) for change in found.terms if change.kind == "entity"),
        "Documents": (words.term(change) for change in found.terms if change.kind == "document"),
        "Rules": (ReportLine(_MARKS[change], words.rule(name, change)) for change, name in found.rules),
        "Claims": map(words.claim, found.claims),
        "Links": map(words.link, found.links),
        "Sentences": map(words.sentence, found.sentences),
        "Facts": map(words.fact, found.facts),
        "Inconsistencies": (ReportLine(_MARKS[change], line) for change, line in found.conflicts),
    }
    for title, part in parts.items():
        if entries := tuple(part):
            yield Section(_counted(title, entries), entries)
    for change in found.answers:
        yield words.answer(change)


def _counted(title: str, entries: Iterable[ReportLine]) -> str:
    words = {"+": "more", "-": "fewer", "~": "changed", "=": "renamed"}
    marks = [entry.mark for entry in entries]
    return f"{title}: " + ", ".join(f"{marks.count(mark)} {word}" for mark, word in words.items() if mark in marks)


class ChangeWriter:
    """Changes in labels, those of the new side first."""

    def __init__(self, found: Difference) -> None:
        self.old, self.new = found.old, found.new

    def label(self, term: Term) -> str:
        """The label of a term."""
        state = self.new if term in self.new.label.names or term not in self.old.label.names else self.old
        return state.label(term)

    def short(self, term: Term) -> str:
        """A term's prefixed name."""
        return shorten(term, self.new.project.prefixes)

    def triple(self, triple: Triple) -> str:
        """A triple in labels."""
        s, p, o = triple
        verb = "is of kind" if p.endswith("#type>") else self.label(p)
        return f"{self.label(s)} {verb} {self.label(o)}"

    def term(self, change: TermChange) -> ReportLine:
        """A term, and what of it changed."""
        if change.kind == "axiom":
            return ReportLine(_MARKS[change.change], f"axiom {self._in_labels(change.term)}")
        named = f"{change.kind} {self.short(change.term)} “{self.label(change.term)}”"
        if change.former:
            named += f", formerly {self.short(change.former)}"
        below = [f"- {self._said(p, o)}" for p, o in change.gone] + [f"+ {self._said(p, o)}" for p, o in change.new]
        return ReportLine(_MARKS[change.change], named, tuple(below))

    def _said(self, predicate: Term, value: str) -> str:
        return f"{self.short(predicate)} {self._in_labels(value)}"

    def _in_labels(self, value: str) -> str:
        if value.startswith('"'):
            body, _, end = value.rpartition('"')
            return f"“{body[1:]}”{end if end.startswith('@') else ''}"
        return _TERM.sub(lambda match: self.short(match[0]), value)

    def rule(self, name: str, change: str) -> str:
        """A rule of the project's own, in its own words."""
        state = self.old if change == "removed" else self.new
        return f"{name}: {state.rule_summaries[name]}"

    def claim(self, change: PartChange[Claim]) -> ReportLine:
        """A claim, and what of it changed."""
        claim = change.shown
        name, places = f"{claim.document}/{local_name(claim.iri)}", ", ".join(claim.passages)
        line = f"{name} {places}, {status_by(claim, self.label)}: {claim.gloss}"
        if change.change == "renamed" and change.before:
            line += f" (formerly {local_name(change.before.iri)})"
        return ReportLine(_MARKS[change.change], line, tuple(_fields(change, self._claim_field)))

    def _claim_field(self, claim: Claim, word: str) -> str:
        if word == "content":
            return "; ".join(self.triple(triple) for triple in claim.content)
        if word == "time":
            parts = {name.replace("_", " "): getattr(claim.times, name) for name in claim.times.__slots__}
            return ", ".join(f"{name} {value}" for name, value in parts.items() if value) or "no time"
        plain = {
            "passage": ", ".join(claim.passages),
            "modality": local_name(claim.modality).lower(),
            "polarity": local_name(claim.polarity).lower(),
            "holder": " and ".join(self.label(holder) for holder in claim.holders) or "the author",
            "reporter": " and ".join(self.label(reporter) for reporter in claim.reporters) or "nobody",
            "gloss": f"“{claim.gloss}”",
            "retraction": "retracted" if claim.retracted else "not retracted",
        }
        return plain.get(word, "")

    def link(self, change: PartChange[Link]) -> ReportLine:
        """A link between claims, and what of it changed."""
        link = change.shown
        ends = f"{self._claim_name(link.source)} {self.label(link.relation)} {self._claim_name(link.target)}"
        dissolved = f", resolved {self.label(link.dissolved_by)}" if link.dissolved_by else ""
        line = f"{link.document}/{local_name(link.iri)}: {ends}{dissolved}: {link.why}"
        return ReportLine(_MARKS[change.change], line, tuple(_fields(change, self._link_field)))

    def _claim_name(self, name: Term) -> str:
        sides = (self.new.read.claims, self.old.read.claims)
        document = next((claims[name].document for claims in sides if name in claims), "unknown")
        return f"{document}/{local_name(name)}"

    def _link_field(self, link: Link, word: str) -> str:
        plain = {
            "from": self._claim_name(link.source),
            "to": self._claim_name(link.target),
            "relation": self.label(link.relation),
            "dissolved by": self.label(link.dissolved_by) if link.dissolved_by else "nothing",
            "why": f"“{link.why}”",
        }
        return plain.get(word, "")

    def sentence(self, change: SentenceChange) -> ReportLine:
        """A sentence by its place, and what has become of it."""
        told = f": {change.what}" if change.what else ""
        return ReportLine(_MARKS[change.change], f"{change.document} {change.place}{told}")

    def fact(self, change: FactChange) -> ReportLine:
        """A fact, and what its proof leads to."""
        how = {"gained": "", "lost": "no longer: ", "redated": "at other times: "}[change.change]
        manner = "stated" if change.stated else "inferred"
        return ReportLine(_MARKS[change.change], f"{how}{self.triple(change.triple)} ({manner})", change.rests_on)

    def answer(self, change: AnswerChange) -> Section:
        """The rows that a saved query has more or fewer."""
        rows = [("+", row) for row in change.gained] + [("-", row) for row in change.lost]
        counts = [f"{len(change.gained)} more", f"{len(change.lost)} fewer"] if rows else []
        told = ", ".join([*counts, change.note] if change.note else counts)
        title = f"Answer {change.name} ({change.question}): {told}"
        shown = tuple((mark, tuple(self.label(cell) if cell else "" for cell in row)) for mark, row in rows)
        return Section(title, (), change.columns or tuple("?" for _ in (rows[0][1] if rows else ())), shown)


def _fields(change: PartChange[Part], said: Callable[[Part, str], str]) -> Iterator[str]:
    """The changed fields of a claim or a link, a line each."""
    if change.before and change.after:
        for word in change.fields:
            was, now = said(change.before, word), said(change.after, word)
            yield f"{word}: {was} → {now}" if was or now else f"{word}: changed"
