"""Reading triple patterns: terms, property lists, collections and paths (SPARQL 1.1, rules 75 to 109)."""

from __future__ import annotations

from kg.model import Term
from kg.sparql.cursor import Cursor
from kg.sparql.structure import Group, Path, Pattern
from kg.sparql.terms import absolute, boolean, literal, local_part, number
from kg.sparql.tokens import Token
from kg.vocab import RDF, iri

__all__ = ["Triples"]


class Triples(Cursor):
    """Reads triples into groups; what is not understood raises UsageError (KG630)."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.prefixes: dict[str, str] = {}
        self.base = ""
        self.blanks = 0

    def triples(self, group: Group) -> None:
        """One subject with all that is said of it."""
        alone = self.word() in ("[", "(")
        subject = self.node(group)
        # A blank node with properties, or a collection, can stand by itself.
        if not alone or self._verb_follows():
            self._properties(subject, group)

    def _properties(self, subject: str, group: Group) -> None:
        while True:
            start = self.peek().start
            path = self._path()
            while True:
                group.patterns.append(Pattern(subject, path, self.node(group), start))
                if not self.take(","):
                    break
            if not self.take(";"):
                return
            while self.take(";"):
                pass
            if not self._verb_follows():
                return

    def _verb_follows(self) -> bool:
        token = self.peek()
        return token.kind in ("variable", "iri", "prefixed") or token.text in ("a", "(", "^", "!")

    def node(self, group: Group) -> str:
        """A subject or object; the triples of a bracketed one go to the group."""
        token = self.next()
        if token.text == "[":
            blank = self._blank()
            if self.word() != "]":
                self._properties(blank, group)
            self.expect("]")
            return blank
        if token.text == "(":
            return self._collection(group)
        if token.kind == "variable":
            return f"?{token.text[1:]}"
        if token.kind == "blank":
            return f"?{token.text}"
        return self.term(token)

    def _blank(self) -> str:
        self.blanks += 1
        return f"?_:anonymous{self.blanks}"

    def _collection(self, group: Group) -> str:
        items = []
        while self.word() != ")":
            items.append(self.node(group))
        self.at += 1
        cells = [self._blank() for _ in items]
        for cell, item, rest in zip(cells, items, [*cells[1:], iri(RDF + "nil")], strict=False):
            group.patterns.append(Pattern(cell, Path("iri", term=iri(RDF + "first")), item))
            group.patterns.append(Pattern(cell, Path("iri", term=iri(RDF + "rest")), rest))
        return cells[0] if cells else iri(RDF + "nil")

    # -- terms

    def term(self, token: Token) -> Term:
        """A token just read as a term, with what belongs to it: a sign before, a tag or datatype after."""
        try:
            return self._term(token)
        except (ValueError, OverflowError):
            # A code point, a tag or an address that there cannot be: no engine reads the query either.
            raise self.failure(1) from None

    def _term(self, token: Token) -> Term:
        if token.kind == "iri":
            return absolute(token.text, self.base)
        if token.kind == "prefixed":
            prefix, _colon, local = token.text.partition(":")
            if prefix not in self.prefixes:
                raise self.failure(1)
            return f"<{self.prefixes[prefix]}{local_part(local)}>"
        if token.kind == "string":
            if self.peek().kind == "tag":
                return literal(token.text, tag=self.next().text[1:])
            return literal(token.text, datatype=self.term(self.next()) if self.take("^^") else "")
        if token.text in ("+", "-") and self.peek().kind == "number":
            return number(token.text + self.next().text)
        if token.kind == "number":
            return number(token.text)
        if token.kind == "name" and token.text in ("true", "false"):
            return boolean(token.text)
        raise self.failure(1)

    # -- paths

    def _path(self) -> Path | str:
        if self.peek().kind == "variable":
            return f"?{self.next().text[1:]}"
        return self._alternative()

    def _alternative(self) -> Path:
        parts = [self._sequence()]
        while self.take("|"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Path("|", tuple(parts))

    def _sequence(self) -> Path:
        parts = [self._step()]
        while self.take("/"):
            parts.append(self._step())
        return parts[0] if len(parts) == 1 else Path("/", tuple(parts))

    def _step(self) -> Path:
        if self.take("^"):
            return Path("^", (self._step(),))
        path = self._primary()
        while self.peek().text in ("*", "+", "?") and not self._signs_a_number():
            path = Path(self.next().text, (path,))
        return path

    def _signs_a_number(self) -> bool:
        """Whether the next token is the sign of a number: nothing parts it from the digits."""
        sign, digits = self.peek(), self.peek(1)
        return sign.text == "+" and digits.kind == "number" and digits.start == sign.start + 1

    def _primary(self) -> Path:
        token = self.next()
        if token.text == "(":
            inner = self._alternative()
            self.expect(")")
            return inner
        if token.text == "!":
            return Path("!", self._negated())
        if token.kind == "name" and token.text == "a":
            return Path("iri", term=iri(RDF + "type"))
        if token.kind not in ("iri", "prefixed"):
            raise self.failure(1)
        return Path("iri", term=self.term(token))

    def _negated(self) -> tuple[Path, ...]:
        if not self.take("("):
            return (self._step(),)
        parts = [] if self.word() == ")" else [self._step()]
        while self.take("|"):
            parts.append(self._step())
        self.expect(")")
        return tuple(parts)
