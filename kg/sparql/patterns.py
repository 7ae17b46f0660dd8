"""Reading triple patterns: property lists, collections and paths (SPARQL 1.1, rules 75 to 106)."""

from __future__ import annotations

from kg.sparql.expressions import Expressions
from kg.sparql.syntax_tree import Path, Pattern, Triples, Unsupported
from kg.vocab import RDF, iri

_FIRST, _REST, _NIL, _TYPE = (iri(RDF + name) for name in ("first", "rest", "nil", "type"))
#: What stands before or after another sign in the forms of SPARQL 1.2: ``<<``, ``>>``, ``{|``, ``|}``.
_PAIRS = {"<": "<", ">": ">", "{": "|", "|": "}"}
_OPENING, _CLOSING = ("(", "[", "<<", "{|"), (")", "]", ">>", "|}")


class _Newer(Exception):
    """A form of SPARQL 1.2 stands among triples."""


class Patterns(Expressions):
    """Reads triples into patterns."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._blanks = 0
        self._own_blank = "anonymous"
        while f"_:{self._own_blank}" in text:
            self._own_blank += "_"
        self._patterns: list[Pattern] = []

    def triples(self) -> Triples | Unsupported:
        """Triples with full stops between them, up to what is none."""
        start, before, depth = self.token.start, self.at, self.depth
        self._patterns = []
        try:
            self._same_subject()
            while self.word == "." and self._begins_triples(1):
                self.next()
                self._same_subject()
        except _Newer:
            self.at, self.depth = before, depth
            self.token, self.word = self.tokens[before], self.words[before]
            return self._passed_over(in_triples=True)
        return Triples(tuple(self._patterns), start, self.end)

    def _begins_triples(self, ahead: int = 0) -> bool:
        kind, word = self.tokens[self.at + ahead].kind, self.words[self.at + ahead]
        return kind not in ("name", "other", "end") or word in ("TRUE", "FALSE", "[", "(", "+", "-", "<")

    def _same_subject(self) -> None:
        # A blank node with properties, or a collection, can stand by itself.
        alone = self.word in ("[", "(") and self.words[self.at + 1] not in ("]", ")")
        subject = self._node()
        if not alone or self._verb_follows():
            self._properties(subject)

    def _properties(self, subject: str) -> None:
        while True:
            if not self._verb_follows():
                raise self.failure()
            start = self.token.start
            path = self._verb()
            while True:
                self._patterns.append(Pattern(subject, path, self._node(), start))
                if self.word == "~" or self._sign() == "{|":
                    raise _Newer
                if not self.take(","):
                    break
            if self.word != ";":
                return
            while self.take(";"):
                pass
            if not self._verb_follows():
                return

    def _verb_follows(self) -> bool:
        token = self.token
        return token.kind in ("variable", "iri", "prefixed") or token.text in ("a", "(", "^", "!")

    def _node(self) -> str:
        """A subject or object; the patterns of a bracketed one are noted."""
        kind, word = self.token.kind, self.word
        if kind == "variable":
            return f"?{self.next().text[1:]}"
        if kind == "blank":
            return f"?{self.next().text}"
        if word == "[":
            return self._blank_with_properties()
        if word == "(":
            return self._collection()
        if self._sign() == "<<":
            raise _Newer
        return self.term()

    def _blank(self) -> str:
        self._blanks += 1
        return f"?_:{self._own_blank}{self._blanks}"

    def _blank_with_properties(self) -> str:
        self.next()
        blank = self._blank()
        if self.word != "]":
            self.deeper()
            self._properties(blank)
            self.depth -= 1
        self.expect("]")
        return blank

    def _collection(self) -> str:
        self.next()
        self.deeper()
        items = []
        while self.word != ")":
            items.append(self._node())
        self.depth -= 1
        self.next()
        cells = [self._blank() for _ in items]
        for cell, item, rest in zip(cells, items, [*cells[1:], _NIL], strict=False):
            self._patterns.append(Pattern(cell, Path("iri", term=_FIRST), item))
            self._patterns.append(Pattern(cell, Path("iri", term=_REST), rest))
        return cells[0] if cells else _NIL

    # -- paths

    def _verb(self) -> Path | str:
        if self.token.kind == "variable":
            return f"?{self.next().text[1:]}"
        return self._alternative()

    def _alternative(self) -> Path:
        parts = [self._sequence()]
        height = self.height
        while self.word == "|" and self._sign() != "|}":
            self.next()
            parts.append(self._sequence())
            height = max(height, self.height)
        return self._path("|", parts, height)

    def _sequence(self) -> Path:
        parts = [self._step()]
        height = self.height
        while self.take("/"):
            parts.append(self._step())
            height = max(height, self.height)
        return self._path("/", parts, height)

    def _path(self, op: str, parts: list[Path], height: int) -> Path:
        if len(parts) == 1:
            return parts[0]
        self.taller(height + 1)
        return Path(op, tuple(parts))

    def _step(self) -> Path:
        if self.take("^"):
            path = Path("^", (self._repeated(),))
            self.taller(self.height + 1)
            return path
        return self._repeated()

    def _repeated(self) -> Path:
        path = self._primary()
        if self.word in ("*", "+", "?") and not self.signs_number():
            path = Path(self.next().text, (path,))
            self.taller(self.height + 1)
        return path

    def _primary(self) -> Path:
        self.height = 0
        if self.take("("):
            self.deeper()
            inner = self._alternative()
            self.depth -= 1
            self.expect(")")
            return inner
        if self.take("!"):
            return Path("!", self._negated())
        return self._forward()

    def _negated(self) -> tuple[Path, ...]:
        if not self.take("("):
            return (self._one_negated(),)
        parts = [self._one_negated()]
        while self.take("|"):
            parts.append(self._one_negated())
        self.expect(")")
        return tuple(parts)

    def _one_negated(self) -> Path:
        return Path("^", (self._forward(),)) if self.take("^") else self._forward()

    def _forward(self) -> Path:
        if self.token.text == "a":
            self.next()
            return Path("iri", term=_TYPE)
        return Path("iri", term=self.iri())

    # -- what is newer than SPARQL 1.1

    def unsupported(self) -> Unsupported:
        """A triple term of SPARQL 1.2 in an expression."""
        if self._sign() != "<<":
            raise self.failure()
        return self._passed_over(in_triples=False)

    def _sign(self) -> str:
        """The next sign, those of SPARQL 1.2 as one; empty for what is none."""
        if self.token.kind != "other":
            return ""
        sign, after = self.token.text, self.tokens[self.at + 1]
        follows = after.start == self.token.start + 1
        return sign + after.text if follows and _PAIRS.get(sign) == after.text else sign

    def _passed_over(self, *, in_triples: bool) -> Unsupported:
        """Pass over triples, or one triple term, by their brackets."""
        start, found, open_ = self.token.start, list[str](), 0
        while True:
            sign = self._sign()
            if not open_ and found and (self._triples_end(sign) if in_triples else True):
                break
            if sign in ("{", "}") or self.token.kind == "end":
                raise self.failure()
            open_ += (sign in _OPENING) - (sign in _CLOSING)
            if found and self.token.start > self.end:
                found.append(" ")
            if self.token.kind in ("iri", "prefixed", "string", "number"):
                found.append(self.term())
            elif self.token.kind == "other":
                found.append(sign)
                for _character in sign:
                    self.next()
            else:
                found.append(self.next().text)
        return Unsupported(tuple(found), start, self.end)

    def _triples_end(self, sign: str) -> bool:
        """Whether triples end before the next sign or keyword."""
        if sign == ".":
            return not self._begins_triples(1)
        return sign in ("{", "}") or (self.token.kind == "name" and self.word not in ("A", "TRUE", "FALSE"))
