"""The parts of a group graph pattern in their order, each with its text: what a probe adds one after another.

The grammar is that of SPARQL 1.1, section 19.8 (rules 53 to 69). The text has been accepted by an engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.sparql import Token, tokens

__all__ = ["Element", "clauses", "elements"]

_WORDS = ("OPTIONAL", "MINUS", "FILTER", "BIND", "VALUES")
_CLAUSES = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")
_OPEN, _CLOSE = ("{", "(", "["), ("}", ")", "]")


@dataclass(frozen=True, slots=True)
class Element:
    """One part of a group: ``triples``, ``group`` (one, or a UNION), ``select``, or the word that it begins with.

    ``parts`` are the texts of the groups that a ``group`` has.
    """

    kind: str
    text: str
    parts: tuple[str, ...] = ()


def elements(group: str) -> Iterator[Element]:
    """The parts of a group, given as its text with the braces."""
    inner = _significant(group)[1:-1]
    if inner and inner[0].text.upper() == "SELECT":
        yield Element("select", _text(group, inner))
        return
    at = 0
    while at < len(inner):
        word = inner[at].text.upper()
        if word == ".":
            at += 1
            continue
        if word == "{":
            spans = list(_branches(inner, at))
            parts = tuple(_text(group, inner[first:end]) for first, end in spans)
            end, kind = spans[-1][1], "group"
        elif _is_word(inner[at], _WORDS):
            parts, kind = (), word
            end = _end_of(inner, at, "(" if word == "BIND" else "({" if word == "FILTER" else "{")
        else:
            parts, kind, end = (), "triples", _end_of_triples(inner, at)
        yield Element(kind, _text(group, inner[at:end]), parts)
        at = end


def clauses(tail: str) -> list[tuple[str, str]]:
    """What stands after the WHERE of a SELECT: each solution modifier, and VALUES, with its text."""
    found = _significant(tail)
    depth, starts = 0, []
    for place, token in enumerate(found):
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if not depth and _is_word(token, _CLAUSES):
            starts.append(place)
    ends = [*starts[1:], len(found)]
    return [
        (found[start].text.upper(), _text(tail, found[start:end])) for start, end in zip(starts, ends, strict=False)
    ]


def _significant(text: str) -> list[Token]:
    return [token for token in tokens(text) if token.kind not in ("space", "comment")]


def _is_word(token: Token, words: tuple[str, ...]) -> bool:
    return token.kind == "name" and token.text.upper() in words


def _branches(inner: list[Token], at: int) -> Iterator[tuple[int, int]]:
    """Where each group of a UNION begins and ends."""
    while True:
        end = _closing(inner, at)
        yield at, end
        if end >= len(inner) or not _is_word(inner[end], ("UNION",)):
            return
        at = end + 1


def _end_of(inner: list[Token], at: int, brackets: str) -> int:
    """Where an element ends that begins with a word and has its content in the first of some brackets."""
    while inner[at].text not in tuple(brackets):
        at += 1
    return _closing(inner, at)


def _end_of_triples(inner: list[Token], at: int) -> int:
    depth = 0
    while at < len(inner):
        text = inner[at].text
        if not depth and (text == "{" or _is_word(inner[at], _WORDS)):
            break
        depth += (text in _OPEN) - (text in _CLOSE)
        at += 1
    return at


def _closing(inner: list[Token], at: int) -> int:
    """The place after the bracket that closes the one at a place."""
    depth = 0
    for place in range(at, len(inner)):
        depth += (inner[place].text in _OPEN) - (inner[place].text in _CLOSE)
        if not depth:
            return place + 1
    return len(inner)


def _text(whole: str, part: list[Token]) -> str:
    """The text of some tokens, a full stop at its end left out."""
    while part[-1].text == ".":
        part = part[:-1]
    return whole[part[0].start : part[-1].start + len(part[-1].text)]
