"""Reading expressions: SPARQL 1.1, rules 107 to 131, by precedence climbing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.sparql.cursor import Cursor, literal
from kg.sparql.syntax_tree import Call, Exists, Expression, Unsupported

if TYPE_CHECKING:
    from kg.sparql.syntax_tree import Group
    from kg.sparql.tokens import Token

#: How tightly each operator binds; two comparisons cannot stand beside one another.
_BINDING = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("=", "!=", "<", ">", "<=", ">=", "IN", "NOT"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/"), 5),
}
_COMPARISON = 3
#: Operators of which a chain is one call with many arguments.
_CHAINED = frozenset(("&&", "||", "+", "*"))
#: The fewest and the most arguments of each function.
_FUNCTIONS = {
    **dict.fromkeys(("RAND", "NOW", "UUID", "STRUUID"), (0, 0)),
    **dict.fromkeys(("STR", "LANG", "DATATYPE", "BOUND", "IRI", "URI", "ABS", "CEIL", "FLOOR", "ROUND"), (1, 1)),
    **dict.fromkeys(("STRLEN", "UCASE", "LCASE", "ENCODE_FOR_URI", "YEAR", "MONTH", "DAY", "HOURS"), (1, 1)),
    **dict.fromkeys(("MINUTES", "SECONDS", "TIMEZONE", "TZ", "MD5", "SHA1", "SHA256", "SHA384", "SHA512"), (1, 1)),
    **dict.fromkeys(("ISIRI", "ISURI", "ISBLANK", "ISLITERAL", "ISNUMERIC"), (1, 1)),
    **dict.fromkeys(("LANGMATCHES", "CONTAINS", "STRSTARTS", "STRENDS", "STRBEFORE", "STRAFTER"), (2, 2)),
    **dict.fromkeys(("STRLANG", "STRDT", "SAMETERM"), (2, 2)),
    "IF": (3, 3),
    "BNODE": (0, 1),
    "SUBSTR": (2, 3),
    "REGEX": (2, 3),
    "REPLACE": (3, 4),
    **dict.fromkeys(("COALESCE", "CONCAT"), (0, 1 << 30)),
    # SPARQL 1.2, and ADJUST of a community proposal that Oxigraph has.
    **dict.fromkeys(("LANGDIR", "HASLANG", "HASLANGDIR", "ISTRIPLE", "SUBJECT", "PREDICATE", "OBJECT"), (1, 1)),
    "ADJUST": (2, 2),
    **dict.fromkeys(("STRLANGDIR", "TRIPLE"), (3, 3)),
}
_AGGREGATES = frozenset(("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"))


class Expressions(Cursor):
    """Reads expressions; :meth:`group` is the parser's."""

    def group(self) -> Group:
        """A group graph pattern."""
        raise NotImplementedError

    def unsupported(self) -> Unsupported:
        """A triple term of SPARQL 1.2."""
        raise NotImplementedError

    def expression(self, binding: int = 1) -> Expression:
        """An expression whose operators bind at least so tightly."""
        left = self._operand()
        height = self.height
        compared = False
        while (level := _BINDING.get(self.word, 0)) >= binding:
            if level == _COMPARISON and compared:
                break
            compared = level == _COMPARISON
            name = self._operator()
            operands = [left]
            if name in ("IN", "NOT IN"):
                operands += self._arguments()
            else:
                operands.append(self._right(level))
            height = max(height, self.height)
            while name in _CHAINED and self.take(name):
                operands.append(self._right(level))
                height = max(height, self.height)
            left = Call(name, tuple(operands))
            height += 1
            self.taller(height)
        return left

    def _right(self, level: int) -> Expression:
        self.deeper()
        found = self.expression(level + 1)
        self.depth -= 1
        return found

    def _operator(self) -> str:
        name = self.next().text.upper()
        if name == "NOT":
            self.expect("IN")
            return "NOT IN"
        return name

    def _operand(self) -> Expression:
        """A term, variable, call or bracketed expression, with ``!``, ``-`` or ``+`` before it."""
        word = self.word
        if word == "!" or (word in ("-", "+") and not self.signs_number()):
            self.next()
            self.deeper()
            found: Expression = Call(word, (self._operand(),))
            self.depth -= 1
            self.taller(self.height + 1)
            return found
        self.height = 0
        kind = self.token.kind
        if kind == "variable":
            return f"?{self.next().text[1:]}"
        if word == "(":
            return self.bracketed()
        if kind in ("iri", "prefixed"):
            return self._named()
        if kind == "name" and word not in ("TRUE", "FALSE"):
            return self.call()
        if word == "<":
            return self.unsupported()
        return self.term()

    def signs_number(self) -> bool:
        """Whether the next token is the sign of the number after it, with nothing between them."""
        after = self.tokens[self.at + 1]
        return self.word in ("+", "-") and after.kind == "number" and after.start == self.token.start + 1

    def bracketed(self) -> Expression:
        """An expression in brackets."""
        self.expect("(")
        self.deeper()
        found = self.expression()
        self.depth -= 1
        self.expect(")")
        return found

    def _named(self) -> Expression:
        """An IRI, or a call of the function that it names."""
        name = self.iri()
        return Call(name, self._arguments()) if self.word == "(" else name

    def call(self) -> Expression:
        """A call of a function or an aggregate, or [NOT] EXISTS."""
        token, name = self.token, self.word
        negated = name == "NOT"
        if negated:
            self.next()
        if self.word == "EXISTS":
            self.next()
            found = Exists(self.group(), negated)
            self.taller(self.height + 1)
            return found
        if name in _AGGREGATES:
            return self._aggregate()
        fewest, most = _FUNCTIONS.get(name, (0, -1))
        if most < 0:
            raise self.failure(token)
        self.next()
        arguments = self._arguments()
        if not fewest <= len(arguments) <= most:
            raise self.failure(token)
        if name == "BOUND" and not (isinstance(arguments[0], str) and arguments[0].startswith("?")):
            raise self.failure(token)
        return Call(name, arguments)

    def _arguments(self) -> tuple[Expression, ...]:
        """Expressions in brackets, separated by commas; there may be none."""
        self.expect("(")
        self.deeper()
        found: list[Expression] = []
        height = 0
        while self.word != ")":
            found.append(self.expression())
            height = max(height, self.height)
            if not self.take(","):
                break
            if self.word == ")":
                raise self.failure()
        self.depth -= 1
        self.expect(")")
        self.taller(height + 1)
        return tuple(found)

    def _aggregate(self) -> Call:
        name = self.next().text.upper()
        self.expect("(")
        self.deeper()
        distinct = bool(self.take("DISTINCT"))
        star = name == "COUNT" and self.take("*")
        argument = "*" if star else self.expression()
        separator = self._separator() if name == "GROUP_CONCAT" and self.take(";") else ""
        self.depth -= 1
        self.expect(")")
        self.taller(self.height + 1)
        return Call(name, (argument,), distinct, separator)

    def _separator(self) -> str:
        self.expect("SEPARATOR")
        self.expect("=")
        token: Token = self.token
        if token.kind != "string":
            raise self.failure()
        self.next()
        try:
            return literal(token.text)
        except ValueError:
            raise self.failure(token) from None
