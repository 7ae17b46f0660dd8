"""Check texts: passages have not moved, our texts copy no source, and no character can control a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kg.corpus.anchors import AMBIGUOUS, FOUND, MISSING, MOVED, Texts, texts
from kg.errors import Place, Problem
from kg.harmless import steering
from kg.model import Term, Triple, is_literal, text_of
from kg.project import Project
from kg.vocab import DCTERMS, PREFIXES, RDFS, SKOS, iri, kg, local_name

#: How many words in a row our own words may share with a source.
LONGEST = 6
_WORD = re.compile(r"[\w]+(?:['’][\w]+)*", re.UNICODE)
#: What is the document's own by its nature: its title, who made it, its address.
_NAMES = {
    *(iri(DCTERMS + name) for name in ("title", "creator", "publisher", "identifier", "source")),
    *(iri(PREFIXES["schema"] + "url"), kg("slug"), kg("place")),
}
_CODES = {MOVED: "KG521", AMBIGUOUS: "KG522", MISSING: "KG523"}


def text_problems(
    project: Project, folder: Path, literals: Iterable[tuple[Triple, Place]], names: Iterable[str]
) -> tuple[Texts, list[Problem]]:
    """The passages that are not found where they were (KG521 to KG524), and borrowed words (KG528).

    ``literals`` are triples with literals of ours and where they stand; ``names`` are names of things, which may
    be as long as they are.
    """
    known = texts(project, folder)
    problems = [*_passages(known)]
    sources = {slug: text.path for slug, text in known.found.items()}
    runs = _runs(sources)
    # A name counts as one word, so that it is set apart without hiding what stands around it.
    named = Named(names)
    for (_subject, predicate, value), place in literals:
        if not is_literal(value) or predicate in _NAMES or "^^" in value[-60:]:
            continue
        shared = shared_words(text_of(value), runs, named)
        if shared:
            message = f"{shared} words in a row are copied from a source"
            problems.append(Problem("KG528", message, place, f"Use other words; {LONGEST} in a row may agree."))
    return known, problems


def shared_words(text: str, runs: set[tuple[str, ...]], named: Named) -> int:
    """The number of words in a row that a text shares with the sources, names apart; 0 up to LONGEST."""
    words = _words(text)
    spans = named.spans(words)
    longest = current = 0
    for start in range(len(words) - LONGEST):
        window = tuple(words[start : start + LONGEST + 1])
        if window in runs:
            current = current + 1 if current else LONGEST + 1
            inside = range(start + LONGEST + 1 - current, start + LONGEST + 1)
            apart = sum(1 for index in inside if index not in spans)
            longest = max(longest, current if apart > LONGEST else 0)
        else:
            current = 0
    return longest


class Named:
    """The names of things, as words, to be set apart from a text."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first: dict[str, set[tuple[str, ...]]] = {}
        for name in names:
            words = tuple(_words(name))
            if words:
                self._by_first.setdefault(words[0], set()).add(words)

    def spans(self, words: list[str]) -> set[int]:
        """The positions of words that are part of a name."""
        inside: set[int] = set()
        for start, word in enumerate(words):
            for name in self._by_first.get(word, ()):
                if tuple(words[start : start + len(name)]) == name:
                    inside.update(range(start, start + len(name)))
        return inside


def _words(text: str) -> list[str]:
    return [word.casefold().replace("’", "'") for word in _WORD.findall(text)]


def _runs(sources: Mapping[str, Path]) -> set[tuple[str, ...]]:
    """Every run of LONGEST + 1 words of the sources, across their sentences."""
    runs: set[tuple[str, ...]] = set()
    for path in sources.values():
        words = _words(path.read_bytes().decode("utf-8-sig"))
        runs.update(tuple(words[start : start + LONGEST + 1]) for start in range(len(words) - LONGEST))
    return runs


def _passages(known: Texts) -> Iterator[Problem]:
    for slug, passages in known.passages.items():
        if slug not in known.found:
            remedy = "Add the text to the folder: the document's passages were not checked."
            yield Problem("KG524", f"no text of {slug} was found", Place(passages.name), remedy, "warning")
            continue
        for finding in known.findings(slug):
            if finding.state == FOUND:
                continue
            place = Place(passages.name, finding.anchor.line)
            now = f", now {' or '.join(finding.now)}" if finding.now else ""
            message = f"{finding.anchor.place} is {finding.state}{now}"
            remedy = "Read the text there, fix the claims that name the place, then run `kg anchor --texts DIR`."
            yield Problem(_CODES[finding.state], message, place, remedy)


#: What is shown on one line, and may not be empty.
_SHOWN = {iri(RDFS + "label"), iri(SKOS + "altLabel"), iri(DCTERMS + "title"), kg("gloss")}


def character_problems(triples: Iterable[tuple[Triple, Place]], *, empty: bool = True) -> Iterator[Problem]:
    """Characters that steer what shows them (KG103), and empty names (KG104), in the literals of triples.

    Without ``empty``, empty names are left to other checks.
    """
    for (subject, predicate, value), place in triples:
        if not is_literal(value):
            continue
        text = text_of(value)
        if empty and predicate in _SHOWN and not text.strip():
            message = f"{local_name(predicate)} of {_short(subject)} is empty"
            yield Problem("KG104", message, place, "Write the text, or remove the statement.", "warning")
        found = steering(text.replace("\r\n", "\n"))
        if predicate in _SHOWN and "\n" in text.strip():
            found.append("a line feed")
        if found:
            message = f"{local_name(predicate)} of {_short(subject)} has {', '.join(found)}"
            remedy = "Remove the character: it is shown as \N{REPLACEMENT CHARACTER}."
            yield Problem("KG103", message, place, remedy, "warning")


def line_problems(text: str, name: str) -> Iterator[Problem]:
    """The same characters (KG103) in a file that is read as plain text."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := steering(line):
            message = f"the line has {', '.join(found)}"
            yield Problem("KG103", message, Place(name, number), "Remove it, or write it as an escape.", "warning")


def _short(term: Term) -> str:
    return local_name(term) or term
