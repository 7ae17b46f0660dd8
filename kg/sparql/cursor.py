"""A place in the tokens of a query, what comes next, and how deep the parser is nested."""

from __future__ import annotations

import re

from kg.errors import Place, Problem, UsageError
from kg.model import Term, canonical_literal
from kg.sparql.tokens import DEEPEST, Token, tokens, too_deep
from kg.vocab import XSD, iri

#: So much of a token is shown in a message.
_SHOWN = 40
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*:")
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class Cursor:
    """Reads a text token by token, white space and comments left out, and its tokens as terms.

    ``token`` is the next token, ``word`` the same in upper case if it is a keyword or a sign, else empty.
    ``height`` is how many nodes deep the tree read last is: what walks a tree goes no deeper than the parser.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [token for token in tokens(text) if token.kind not in ("space", "comment")]
        self.words = [token.text.upper() if token.kind in ("name", "other") else "" for token in self.tokens]
        self.tokens += [Token("end", "", len(text))] * 2
        self.words += ["", ""]
        self.at, self.token, self.word = 0, self.tokens[0], self.words[0]
        self.depth = self.height = 0
        self.prefixes: dict[str, str] = {}
        self.base = ""
        self.named: dict[Term, int] = {}

    # -- going on

    def next(self) -> Token:
        """Go on by one token. Raises UsageError (KG630) at the end."""
        token = self.token
        if token.kind == "end":
            raise self.failure()
        self.at += 1
        self.token, self.word = self.tokens[self.at], self.words[self.at]
        return token

    def take(self, *words: str) -> str:
        """The next token's word, passed over, if it is one of these; else the empty string."""
        word = self.word
        if word in words:
            self.next()
            return word
        return ""

    def expect(self, word: str) -> None:
        """Go on over a word. Raises UsageError (KG630) if another token stands there."""
        if self.word != word:
            raise self.failure()
        self.next()

    @property
    def end(self) -> int:
        """Where the token read last ends."""
        token = self.tokens[self.at - 1]
        return token.start + len(token.text)

    # -- what is refused

    def failure(self, token: Token | None = None) -> UsageError:
        """That a token, or else the next one, cannot stand where it does (KG630)."""
        token = token or self.token
        shown = f"{token.text[:_SHOWN]!r} cannot stand here" if token.text else "the query ends too early"
        remedy = "Correct it after SPARQL 1.1; evidence can be left out."
        return UsageError(Problem("KG630", shown, self._place(token), remedy))

    def deeper(self) -> None:
        """Go into a bracket. Raises UsageError (KG607) where there are too many, since engines read by recursion."""
        self.depth += 1
        self.taller(self.depth)

    def taller(self, height: int) -> None:
        """Note the height of the tree just read. Raises UsageError (KG607) where that is too much."""
        if height > DEEPEST:
            raise UsageError(too_deep(self.text, self.token.start))
        self.height = height

    def _place(self, token: Token) -> Place:
        line = self.text.count("\n", 0, token.start) + 1
        return Place("query", line, token.start - self.text.rfind("\n", 0, token.start))

    # -- terms

    def iri(self) -> Term:
        """An IRI, in full or by its prefix."""
        if self.token.kind not in ("iri", "prefixed"):
            raise self.failure()
        return self.term()

    def term(self) -> Term:
        """An IRI or a literal, with what belongs to it: a sign before, a tag or datatype after."""
        token = self.next()
        try:
            return self._term(token)
        except (ValueError, OverflowError):
            # A code point, a tag or an address that there cannot be: no engine reads the query either.
            raise self.failure(token) from None

    def _term(self, token: Token) -> Term:
        kind = token.kind
        if kind in ("prefixed", "iri"):
            found = self._prefixed(token) if kind == "prefixed" else _absolute(token.text, self.base)
            self.named.setdefault(found, token.start)
            return found
        if kind == "string":
            return self._literal(token)
        if kind == "number":
            return _number(token.text)
        if token.text in ("+", "-") and self.token.kind == "number":
            return _number(token.text + self.next().text)
        if token.text in ("true", "false"):
            return f'"{token.text}"^^{iri(XSD + "boolean")}'
        raise self.failure(token)

    def _prefixed(self, token: Token) -> Term:
        prefix, _colon, local = token.text.partition(":")
        if prefix not in self.prefixes:
            raise self.failure(token)
        plain = re.sub(r"\\(.)", r"\1", local) if "\\" in local else local
        return f"<{self.prefixes[prefix]}{plain}>"

    def _literal(self, token: Token) -> Term:
        if self.token.kind == "tag":
            found = literal(token.text, tag=self.next().text[1:])
            if self.words[self.at : self.at + 2] != ["-", "-"]:
                return found
            # A base direction, of SPARQL 1.2.
            self.next()
            self.next()
            if self.word not in ("LTR", "RTL"):
                raise self.failure()
            return f"{found}--{self.next().text}"
        return literal(token.text, datatype=self.iri() if self.take("^^") else "")


# -- terms as the store keeps them: IRIs without escapes, literals in canonical form


def _absolute(address: str, base: str) -> Term:
    """An IRI token, its escapes decoded, against a base (empty if there is none), as the engine resolves it.

    Raises ValueError for what the engine would not read.
    """
    if not base:
        if not _SCHEME.match(address):
            raise ValueError(address)
        return _decoded(address)
    import pyoxigraph

    line = f"{address} <x:x> <x:x> .".encode()
    try:
        quad = next(iter(pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.TURTLE, base_iri=base)))
    except SyntaxError as error:
        raise ValueError(str(error)) from None
    return str(quad.subject)


def _number(text: str) -> Term:
    """A number that stands by itself, by how it is written."""
    kind = "double" if "e" in text.lower() else "decimal" if "." in text else "integer"
    return canonical_literal(f'"{text}"^^{iri(XSD + kind)}')


def literal(token: str, tag: str = "", datatype: Term = "") -> Term:
    """A string token with its language tag or datatype, as the store keeps it."""
    import pyoxigraph

    quote = token[:3] if token[:3] in ("'''", '"""') else token[0]
    text = _decoded(token[len(quote) : -len(quote)])
    if tag:
        return str(pyoxigraph.Literal(text, language=tag.lower()))
    if datatype:
        return canonical_literal(str(pyoxigraph.Literal(text, datatype=pyoxigraph.NamedNode(datatype[1:-1]))))
    return str(pyoxigraph.Literal(text))


def _decoded(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else _PLAIN.get(m[3], m[3]), text)
