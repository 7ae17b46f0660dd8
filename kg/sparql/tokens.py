"""SPARQL as tokens, after the lexical grammar of SPARQL 1.1, section 19.8; and what no engine should be given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kg.errors import Problem, UsageError

__all__ = ["DEEPEST", "Token", "error_place", "form", "refuse_unsafe", "tokens", "undeclared", "variables"]

#: So many brackets may be open at once; engines read them by recursion.
DEEPEST = 100

# PN_CHARS_BASE and PN_CHARS of SPARQL 1.1 as Python's word characters, which compile twenty times faster than the
# ranges; where the two differ, the engine knows neither reading and reports a syntax error.
_CHARS = r"\w\-\u00B7\u0300-\u036F\u203F\u2040"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_LOCAL = rf"(?:[\w:]|{_ESCAPED})(?:[{_CHARS}:]|\.(?=[{_CHARS}.:%\\])|{_ESCAPED})*"
_PREFIX = rf"[^\W\d_](?:[{_CHARS}]|\.(?=[{_CHARS}.]))*"
_TOKEN = re.compile(
    rf"""
    (?P<comment>\#[^\r\n]*)
  | (?P<string>\'\'\'(?:[^\\]|\\.)*?\'\'\'|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")
  | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*>)
  | (?P<variable>[?$]\w[\w\u00B7\u0300-\u036F\u203F\u2040]*)
  | (?P<blank>_:\w(?:[{_CHARS}]|\.(?=[{_CHARS}.]))*)
  | (?P<prefixed>(?:{_PREFIX})?:(?:{_LOCAL})?)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>[0-9]+\.[0-9]*[eE][+-]?[0-9]+|(?:[0-9]*\.)?[0-9]+(?:[eE][+-]?[0-9]+)?)
  | (?P<space>\s+)
  | (?P<other>\^\^|&&|\|\||!=|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD")
_CODE_POINT = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}")
_AT = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
# Such an IRI cannot be the operator "<" and what follows it: no operand stands between the slashes.
_ADDRESS = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")
_OPERANDS = ("string", "iri", "variable", "blank", "prefixed", "tag", "name", "number")
_FORBIDDEN = {
    "SERVICE": ("SERVICE would reach the network", "Ask this graph only."),
    "FROM": (
        "FROM would fetch an address",
        "The graph asked is the view's; choose it with --only, --without, --accept, --as-of.",
    ),
}


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
    return iter(_tokens(text))


@lru_cache(maxsize=128)
def _tokens(text: str) -> tuple[Token, ...]:
    # A query is looked at from several sides, one after the other.
    return tuple(Token(match.lastgroup or "other", match[0], match.start()) for match in _TOKEN.finditer(text))


@lru_cache(maxsize=4096)
def variables(text: str) -> frozenset[str]:
    """The names of the variables that a text uses, without their mark."""
    return frozenset(token.text[1:] for token in tokens(text) if token.kind == "variable")


def form(text: str) -> str:
    """``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``; empty when the text is none of them."""
    for word in _keywords(text):
        if word in _FORMS:
            return word
    return ""


def error_place(message: str) -> tuple[str, int | None, int | None]:
    """A message of Oxigraph's parser as what it says, line and column (from 1), the place being in its text only."""
    match = _AT.match(message)
    return (match[3], int(match[1]), int(match[2])) if match else (message, None, None)


def undeclared(text: str) -> Iterator[Token]:
    """The prefixed names, and prefixes, of which the text declares no prefix, in their order."""
    significant = [token for token in tokens(text) if token.kind not in ("space", "comment")]
    declared = {
        after.text.partition(":")[0] for before, after in pairwise(significant) if before.text.upper() == "PREFIX"
    }
    for token in significant:
        if token.kind == "prefixed" and token.text.partition(":")[0] not in declared:
            yield token


def refuse_unsafe(text: str) -> None:
    r"""Refuse what would write, or reach the network: updates, SERVICE, LOAD, FROM.

    The text is read in every way in which an engine may read it. Code point escapes (``\u0043``): as they stand,
    and decoded first (SPARQL 1.1, section 19.2); outside strings and IRIs they are refused. ``<``: as the
    beginning of an IRI, and as an operator where an operand precedes it. Keywords: Oxigraph wants no space around
    them (``trueSERVICEex:p``), so a word that contains one counts. Raises UsageError (KG601 to KG603, KG607 for
    what is nested so deep that an engine would run out of its stack).
    """
    problems = []
    if (depth := _depth(text)) > DEEPEST:
        remedy = f"Nest brackets no deeper than {DEEPEST} levels."
        raise UsageError(Problem("KG607", f"the query is nested too deep: {depth} levels", remedy=remedy))
    for token in tokens(text):
        if token.kind == "other" and token.text == "\\" and _CODE_POINT.match(text, token.start):
            remedy = "Write the letter itself."
            problems.append(Problem("KG603", "an escaped character outside a string or IRI", remedy=remedy))
    found = _forbidden(text) | (_forbidden(_decoded(text)) if "\\" in text else set())
    problems += [Problem("KG601", what, remedy=todo) for word, (what, todo) in _FORBIDDEN.items() if word in found]
    first = next((word for word in _keywords(text) if word in (*_FORMS, *_UPDATES, "WITH")), "")
    if first not in _FORMS:
        what = f"{first} is an update" if first in _UPDATES else "neither SELECT, ASK, CONSTRUCT nor DESCRIBE"
        problems.append(
            Problem("KG602", f"not a query: {what}", remedy="The graph is read-only here; files are the truth.")
        )
    if problems:
        raise UsageError(problems)


def _depth(text: str) -> int:
    """How many brackets are open at once at most."""
    deepest = depth = 0
    for token in tokens(text):
        if token.kind == "other":
            depth += (token.text in "([{") - (token.text in ")]}")
            deepest = max(deepest, depth)
    return deepest


def _forbidden(text: str) -> set[str]:
    """The forbidden keywords that some reading of the text has; each place is looked at twice at most."""
    found: set[str] = set()
    seen: set[tuple[int, bool]] = set()
    pending = [(0, False)]
    while pending:
        state = pending.pop()
        match = _TOKEN.match(text, state[0])
        if state in seen or not match:
            continue
        seen.add(state)
        kind, operand = match.lastgroup, state[1]
        if kind == "iri" and operand and not _ADDRESS.match(match[0]):
            pending.append((match.start() + 1, False))
        if kind in ("name", "prefixed"):
            # Before a colon stands a prefix, or a keyword that nothing parts from it.
            word = match[0].partition(":")[0].upper()
            found |= {keyword for keyword in _FORBIDDEN if keyword in word}
        if kind not in ("space", "comment"):
            # A quoted triple opens with "<<", whose second half may look like the beginning of an IRI.
            operand = kind in _OPERANDS or match[0] in (")", "<")
        pending.append((match.end(), operand))
    return found


def _decoded(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = int(match[0][2:], 16)
        return chr(code) if code < 0x110000 else match[0]

    return _CODE_POINT.sub(character, text)


def _keywords(text: str) -> list[str]:
    """The keywords, in upper case; no part of a prefixed name, variable, string or IRI is one."""
    return [token.text.upper() for token in tokens(text) if token.kind == "name"]
