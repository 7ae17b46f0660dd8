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

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\r\n]*)
  | (?P<string>'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<variable>[?$][A-Za-z0-9_\u00B7-\uFFFD]+)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>[A-Za-z_\u00C0-\uFFFD][\w\u00B7.\-\u00C0-\uFFFD]*?(?=[^\w\u00B7.\-\u00C0-\uFFFD]|\.(?![\w:-])|$))
  | (?P<space>\s+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD")
_BACKSLASH = re.compile(r"\\[uU]")


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind (comment, string, iri, variable, tag, name, space, other), text and offset."""

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
    """Refuse what would write, or reach the network: updates, SERVICE, LOAD, FROM.

    Code point escapes (``\\u0043``) outside strings and IRIs are refused whole, since engines differ in when they
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
    """The words that stand alone: no part of a prefixed name, variable or IRI."""
    significant = [token for token in tokens(text) if token.kind not in ("space", "comment")]
    words = []
    for index, token in enumerate(significant):
        if token.kind != "name":
            continue
        following = significant[index + 1] if index + 1 < len(significant) else None
        before = significant[index - 1] if index else None
        is_prefix = (
            following is not None and following.text == ":" and following.start == token.start + len(token.text)
        )
        is_local = before is not None and before.text == ":" and before.start + 1 == token.start
        if not is_prefix and not is_local:
            words.append((token.text.upper(), token))
    return words
