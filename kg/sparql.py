"""SPARQL as tokens: what a text asks for, before any engine sees it, and values put in as terms.

The lexical grammar is that of SPARQL 1.1, section 19.8. A value is never pasted into text: a variable token is
replaced by a serialised term, so that no value can change the query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg.errors import Problem, UsageError
from kg.model import Term

__all__ = ["Token", "bind", "form", "refuse_unsafe", "tokens", "variables"]

# Names of SPARQL 1.1: PN_CHARS_BASE and PN_CHARS, without the planes beyond the basic one, which no prefix needs.
_BASE = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD"
)
_CHARS = rf"{_BASE}0-9_\-\u00B7\u0300-\u036F\u203F\u2040"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_LOCAL = rf"(?:[{_BASE}0-9_:]|{_ESCAPED})(?:[{_CHARS}:]|\.(?=[{_CHARS}.:%\\])|{_ESCAPED})*"
_PREFIX = rf"[{_BASE}](?:[{_CHARS}]|\.(?=[{_CHARS}.]))*"
_TOKEN = re.compile(
    rf"""
    (?P<comment>\#[^\r\n]*)
  | (?P<string>\'\'\'(?:[^\\]|\\.)*?\'\'\'|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")
  | (?P<iri><[^<>"{{}}|^`\\\x00-\x20]*>)
  | (?P<variable>[?$][0-9_{_BASE}][0-9_\u00B7\u0300-\u036F\u203F\u2040{_BASE}]*)
  | (?P<blank>_:[0-9_{_BASE}](?:[{_CHARS}]|\.(?=[{_CHARS}.]))*)
  | (?P<prefixed>(?:{_PREFIX})?:(?:{_LOCAL})?)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<space>\s+)
  | (?P<other>\^\^|&&|\|\||!=|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD")
_BACKSLASH = re.compile(r"\\[uU]")


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, text and offset.

    Kinds: comment, string, iri, variable, blank, prefixed (a prefixed name), tag, name (a keyword), number,
    space, other.
    """

    kind: str
    text: str
    start: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a SPARQL text, comments and white space included: joined, they are the text."""
    for match in _TOKEN.finditer(text):
        yield Token(match.lastgroup or "other", match[0], match.start())


def variables(text: str) -> set[str]:
    """The names of the variables that a text uses, without their mark."""
    return {token.text[1:] for token in tokens(text) if token.kind == "variable"}


def form(text: str) -> str:
    """``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``; empty when the text is none of them."""
    for word in _keywords(text):
        if word in _FORMS:
            return word
    return ""


def bind(text: str, values: Mapping[str, Term]) -> str:
    """Replace variable tokens by terms (N-Triples form); the same names inside strings, IRIs and comments stay."""
    parts = []
    for token in tokens(text):
        value = values.get(token.text[1:]) if token.kind == "variable" else None
        parts.append(token.text if value is None else f" {value} ")
    return "".join(parts)


def refuse_unsafe(text: str) -> None:
    r"""Refuse what would write, or reach the network: updates, SERVICE, LOAD, FROM.

    Code point escapes (``\u0043``) outside strings and IRIs are refused whole, since engines differ in when they
    decode them. Raises UsageError (KG601 to KG603).
    """
    problems = []
    for token in tokens(text):
        if token.kind == "other" and token.text == "\\" and _BACKSLASH.match(text, token.start):
            remedy = "Write the letter itself."
            problems.append(Problem("KG603", "an escaped character outside a string or IRI", remedy=remedy))
    words = _words(text)
    for word, _token in words:
        if word == "SERVICE":
            problems.append(Problem("KG601", "SERVICE would reach the network", remedy="Ask this graph only."))
        elif word == "FROM":
            remedy = "The graph asked is the view's; choose it with --only, --without, --accept, --as-of."
            problems.append(Problem("KG601", "FROM would fetch an address", remedy=remedy))
    first = next((word for word, _token in words if word in (*_FORMS, *_UPDATES, "WITH")), "")
    if first not in _FORMS:
        what = f"{first} is an update" if first else "neither SELECT, ASK, CONSTRUCT nor DESCRIBE"
        problems.append(
            Problem("KG602", f"not a query: {what}", remedy="The graph is read-only here; files are the truth.")
        )
    if problems:
        raise UsageError(problems)


def _keywords(text: str) -> list[str]:
    return [word for word, _token in _words(text)]


def _words(text: str) -> list[tuple[str, Token]]:
    """The keywords, in upper case; no part of a prefixed name, variable, string or IRI is one."""
    return [(token.text.upper(), token) for token in tokens(text) if token.kind == "name"]
