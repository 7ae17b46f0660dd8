"""SPARQL as tokens, after the lexical grammar of SPARQL 1.1, section 19.8; and what no engine should be given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

from kg.errors import Place, Problem, UsageError

#: Bytes of UTF-8 that a query may have, and tokens, white space included.
LONGEST_TEXT = 1 << 20
MOST_TOKENS = 100_000
#: Brackets that may be open at once; engines read them by recursion.
DEEPEST = 100
#: Operators, and parts of groups, that a query may have. Oxigraph nests one in the other, and runs out of a stack of
#: 8 MB at about 2,500 MINUS and 10,000 operators.
MOST_LINKS = 1_000
#: Long strings without an end that are looked for: each costs reading the rest of the text.
_MOST_OPEN = 20
#: Longer texts are read again rather than kept.
_KEPT = 5_000

# PN_CHARS_BASE and PN_CHARS of SPARQL 1.1 as Python's word characters, which compile twenty times faster than the
# ranges; where the two differ, the engine knows neither reading and reports a syntax error.
_CHARS = r"\w\-\u00B7\u0300-\u036F\u203F\u2040"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_LOCAL = rf"(?:[\w:]|{_ESCAPED})(?:[{_CHARS}:]|\.(?=[{_CHARS}.:%\\])|{_ESCAPED})*"
_PREFIX = rf"[^\W\d_](?:[{_CHARS}]|\.(?=[{_CHARS}.]))*"
_KINDS = rf"""
    (?P<comment>\#[^\r\n]*+)
  | (?P<string>\'\'\'(?:[^\\']|\\.|'(?!''))*+\'\'\'|\"\"\"(?:[^\\"]|\\.|"(?!""))*+\"\"\"
      |'(?:[^'\\\r\n]|\\.)*+'|"(?:[^"\\\r\n]|\\.)*+")
  | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*+>)
  | (?P<variable>[?$]\w[\w\u00B7\u0300-\u036F\u203F\u2040]*+)
  | (?P<blank>_:\w(?:[{_CHARS}]|\.(?=[{_CHARS}.]))*+)
  | (?P<prefixed>PREFIX:(?:{_LOCAL})?)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*+)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*+)
  | (?P<number>[0-9]++\.[0-9]*+[eE][+-]?[0-9]+|(?:[0-9]*\.)?[0-9]+(?:[eE][+-]?[0-9]+)?)
  | (?P<space>\s++)
  | (?P<unclosed>'(?!'')(?:[^'\\\r\n]|\\.)*+|"(?!"")(?:[^"\\\r\n]|\\.)*+)
  | (?P<other>\^\^|&&|\|\||!=|<=|>=|.)
"""
_TOKEN = re.compile(_KINDS.replace("PREFIX", f"(?:{_PREFIX})?"), re.VERBOSE | re.DOTALL)
_RUN = re.compile(_PREFIX)
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD")
_CODE_POINT = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}")
_AT = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
# Such an IRI cannot be the operator "<" and what follows it: no operand stands between the slashes.
_ADDRESS = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")
_LONG = ("'''", '"""')
#: What Oxigraph nests one in the other, however flat it is written.
_LINKS = frozenset(("!", "+", "-", "*", "/", "|", "||", "&&", "^", "?", "{", "FILTER", "AS", "HAVING"))
_OPERANDS = ("string", "iri", "variable", "blank", "prefixed", "tag", "name", "number")
_FORBIDDEN = {
    "SERVICE": ("SERVICE would reach the network", "Ask this graph only."),
    "FROM": (
        "FROM would fetch an address",
        "The graph asked is the view's; choose it with --only, --without, --accept, --as-of.",
    ),
}


class Token(NamedTuple):
    """One token: its kind, text and offset.

    Kinds: comment, string, iri, variable, blank, prefixed (a prefixed name), tag, name (a keyword), number,
    space, unclosed (a string without an end, up to the end of its line), other.
    """

    kind: str
    text: str
    start: int


@cache
def _no_prefix() -> re.Pattern[str]:
    """The tokens where no prefix begins; compiled for the rare texts that need it."""
    return re.compile(_KINDS.replace("PREFIX", ""), re.VERBOSE | re.DOTALL)


class _Scanner:
    """The token at a place of a text, in a time that is linear in the text when its tokens are asked in their order.

    A run of name characters with dots (``a.a.a``) is a prefix only before a colon; read again from each of its
    names, it would take the square of its length. So would long strings without an end.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        #: A run of name characters without a colon after it, from and to.
        self._run = (0, 0)
        self._open = 0

    @property
    def hopeless(self) -> bool:
        """Whether too many long strings had no end, so that the rest of the text was skipped."""
        return self._open > _MOST_OPEN

    def at(self, place: int) -> re.Match[str]:
        """The token that begins at a place before the end."""
        start, end = self._run
        found = (_no_prefix() if start <= place < end else _TOKEN).match(self.text, place)
        assert found is not None  # noqa: S101 - the last alternative matches any character
        if found.lastgroup == "name" and not start <= place < end:
            run = _RUN.match(self.text, place)
            self._run = run.span() if run else (0, 0)
        elif found.lastgroup == "string" and self.text.startswith(_LONG, place) and len(found[0]) == 2:
            self._open += 1
        return found


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a SPARQL text, comments and white space included: joined, they are the text."""
    return iter(_tokens(text) if len(text) <= _KEPT else _scanned(text))


@lru_cache(maxsize=128)
def _tokens(text: str) -> tuple[Token, ...]:
    # A query is looked at from several sides, one after the other.
    return tuple(_scanned(text))


def _scanned(text: str) -> Iterator[Token]:
    scanner, place = _Scanner(text), 0
    while place < len(text):
        if scanner.hopeless:
            yield Token("unclosed", text[place:], place)
            return
        match = scanner.at(place)
        yield Token(match.lastgroup or "other", match[0], place)
        place = match.end()


@lru_cache(maxsize=4096)
def variables(text: str) -> frozenset[str]:
    """The names of the variables that a text uses, without their mark."""
    return frozenset(token.text[1:] for token in tokens(text) if token.kind == "variable")


def form(text: str) -> str:
    """``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``; empty when the text is none of them."""
    words = (token.text.upper() for token in tokens(text) if token.kind == "name")
    return next((word for word in words if word in _FORMS), "")


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


@lru_cache(maxsize=128)
def refuse_unsafe(text: str, *, chosen: bool = False) -> None:
    r"""Refuse what would write, or reach the network: updates, SERVICE, LOAD, FROM.

    The text is read in every way in which an engine may read it. Code point escapes (``\u0043``): as they stand,
    and decoded first (SPARQL 1.1, section 19.2); outside strings and IRIs they are refused. ``<``: as the
    beginning of an IRI, and as an operator where an operand precedes it. Keywords: Oxigraph wants no space around
    them (``trueSERVICEex:p``), so a word that contains one counts. FROM passes where the graphs asked are ``chosen``
    by the protocol, and what it names does not count. Raises UsageError (KG601 to KG604, and as ``refuse_large``
    does).
    """
    read = refuse_large(text)
    problems = []
    for token in read if "\\" in text else ():
        if token.kind == "other" and token.text == "\\" and _CODE_POINT.match(text, token.start):
            remedy = "Write the letter itself."
            problems.append(Problem("KG603", "an escaped character outside a string or IRI", remedy=remedy))
    found = _forbidden(text) | (_forbidden(_decoded(text)) if "\\" in text else set())
    if chosen:
        found.discard("FROM")
    problems += [Problem("KG601", what, remedy=todo) for word, (what, todo) in _FORBIDDEN.items() if word in found]
    words = (token.text.upper() for token in read if token.kind == "name")
    first = next((word for word in words if word in (*_FORMS, *_UPDATES, "WITH")), "")
    if first not in _FORMS:
        what = f"{first} is an update" if first in _UPDATES else "write SELECT, ASK, CONSTRUCT or DESCRIBE"
        remedy = "The graph is read-only here; to change it, edit its files."
        problems.append(Problem("KG602", f"not a query: {what}", remedy=remedy))
    if problems:
        raise UsageError(problems)


def refuse_large(text: str) -> list[Token]:
    """Refuse a text that no parser should be given; the tokens of one that is not refused.

    Raises UsageError: KG608 for more than LONGEST_TEXT bytes or MOST_TOKENS tokens, KG607 for what an engine would
    nest so deep that it runs out of its stack.
    """
    if len(text) > LONGEST_TEXT or len(text.encode(errors="replace")) > LONGEST_TEXT:
        raise UsageError(_too_large(f"longer than {LONGEST_TEXT:,} bytes"))
    read = list(islice(tokens(text), MOST_TOKENS + 1))
    if len(read) > MOST_TOKENS:
        raise UsageError(_too_large(f"made of more than {MOST_TOKENS:,} words and signs"))
    deep, links = _nesting(read)
    if deep:
        raise UsageError(too_deep(text, deep.start))
    if links > MOST_LINKS:
        remedy = f"Use no more than {MOST_LINKS:,} of them. VALUES and IN take long lists."
        message = f"the query has {links:,} operators, groups and path steps, which are nested when it is answered"
        raise UsageError(Problem("KG607", message, remedy=remedy))
    return read


def too_deep(text: str, offset: int) -> Problem:
    """The problem (KG607) of a text in which one bracket or operator too many is open at an offset."""
    line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    remedy = f"Nest brackets and operators no deeper than {DEEPEST} levels."
    return Problem("KG607", "the query is nested too deep", Place("query", line, column), remedy)


def _too_large(how: str) -> Problem:
    return Problem("KG608", f"the query is {how}", remedy="Ask in several queries, or put the data into the graph.")


def _nesting(read: Iterable[Token]) -> tuple[Token | None, int]:
    """The first bracket that is one too many, if any, and how many parts an engine would nest in one another.

    The terms of a DESCRIBE and the expressions of GROUP BY and HAVING are nested too.
    """
    deep: Token | None = None
    depth = links = 0
    words: set[str] = set()
    for token in read:
        if token.kind == "other":
            depth += (token.text in "([{") - (token.text in ")]}")
            if depth > DEEPEST and not deep:
                deep = token
            links += token.text in _LINKS or (token.text == "(" and not words.isdisjoint(("GROUP", "HAVING")))
        elif token.kind == "name":
            words.add(token.text.upper())
            links += token.text.upper() in _LINKS
        elif token.kind in ("iri", "prefixed"):
            links += not depth and "DESCRIBE" in words
    return deep, links


def _forbidden(text: str) -> set[str]:
    """The forbidden keywords that some reading of the text has; each place is looked at twice at most."""
    found: set[str] = set()
    seen: set[tuple[int, bool]] = set()
    pending = [(0, False)]
    scanner = _Scanner(text)
    while pending:
        state = pending.pop()
        if state in seen or state[0] >= len(text):
            continue
        seen.add(state)
        if scanner.hopeless:
            remedy = "Close every string that begins with three quotation marks."
            raise UsageError(Problem("KG604", "no valid SPARQL: many strings have no end", remedy=remedy))
        match = scanner.at(state[0])
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
