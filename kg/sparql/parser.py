"""Reading a query: a recursive descent over its tokens, after the grammar of SPARQL 1.1, section 19.8.

What Oxigraph reads is read here, LATERAL included; the forms of SPARQL 1.2 become ``Unsupported`` nodes. Rules beyond
the grammar, such as a variable that is assigned to twice, are left to the engine.

Time grows with the length of the text, and no bracket, path or chain of operators may nest deeper than ``DEEPEST``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from kg.model import Term
from kg.sparql.patterns import Patterns
from kg.sparql.syntax_tree import (
    Bind,
    Column,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Nested,
    Order,
    Path,
    Pattern,
    Query,
    Select,
    Triples,
    Unsupported,
    Values,
    asked_in,
    expressions_of,
)
from kg.sparql.tokens import refuse_large

Read = TypeVar("Read")
#: The words by which the clauses after a WHERE begin.
_CLAUSES = frozenset(("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "}"))


@lru_cache(maxsize=256)
def parse(text: str) -> Query:
    """The syntax tree of a query.

    Raises UsageError with the place in the text: KG630 for what is no query, KG607 for what is nested too deep; KG607
    and KG608 for what ``refuse_large`` refuses.
    """
    refuse_large(text)
    return Parser(text).query()


def parse_select(text: str) -> Select:
    """The syntax tree of a SELECT. Raises UsageError (KG607, KG630) for anything else."""
    query = parse(text)
    if query.form != "SELECT":
        raise Parser(text).failure()
    return query.select


class Parser(Patterns):
    """Reads one query, of whatever length."""

    def query(self) -> Query:
        """The whole text."""
        self._declarations()
        form = self.take("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
        if not form:
            raise self.failure()
        start = self.tokens[self.at - 1].start
        dataset: list[tuple[Term, bool]] = []
        template: tuple[Pattern, ...] = ()
        targets: tuple[str, ...] = ()
        if form == "SELECT":
            select = self._select(start, dataset)
        elif form == "CONSTRUCT":
            template, select = self._construct(start, dataset)
        else:
            targets = self._targets() if form == "DESCRIBE" else ()
            select = self._rest(start, dataset, optional=form == "DESCRIBE")
        if self.token.kind != "end":
            raise self.failure()
        return Query(form, select, template, targets, tuple(dataset), self.named)

    def _declarations(self) -> None:
        while word := self.take("PREFIX", "BASE", "VERSION"):
            if word == "VERSION":
                if self.next().kind != "string":
                    raise self.failure(self.tokens[self.at - 1])
            elif word == "BASE":
                self.base = self._address()
            else:
                prefix = self.next()
                if prefix.kind != "prefixed" or not prefix.text.endswith(":"):
                    raise self.failure(prefix)
                self.prefixes[prefix.text[:-1]] = self._address()

    def _address(self) -> str:
        """An IRI that is declared, and so not named."""
        if self.token.kind != "iri":
            raise self.failure()
        known = set(self.named)
        found = self.term()
        if found not in known:
            del self.named[found]
        return found[1:-1]

    def _dataset(self, dataset: list[tuple[Term, bool]] | None) -> None:
        while dataset is not None and self.take("FROM"):
            named = bool(self.take("NAMED"))
            dataset.append((self.iri(), named))

    def _construct(self, start: int, dataset: list[tuple[Term, bool]]) -> tuple[tuple[Pattern, ...], Select]:
        if self.word == "{":
            template = self._template()
            return template, self._rest(start, dataset)
        self._dataset(dataset)
        self.expect("WHERE")
        begin = self.token.start
        template = self._template()
        where = Group((Triples(template, begin, self.end),) if template else (), self.text, begin, self.end)
        return template, self._modified(where, (), "", start)

    def _template(self) -> tuple[Pattern, ...]:
        """Triples in braces, without paths."""
        self.expect("{")
        found: tuple[Pattern, ...] = ()
        if self.word != "}":
            begin = self.token
            read = self.triples()
            if not isinstance(read, Triples) or any(
                isinstance(each.path, Path) and each.path.op != "iri" for each in read.patterns
            ):
                raise self.failure(begin)
            found = read.patterns
            self.take(".")
        self.expect("}")
        return found

    def _targets(self) -> tuple[str, ...]:
        if self.take("*"):
            return ()
        found = [self._variable_or_iri()]
        while self.token.kind in ("variable", "iri", "prefixed"):
            found.append(self._variable_or_iri())
        return tuple(found)

    def _variable(self) -> str:
        token = self.next()
        if token.kind != "variable":
            raise self.failure(token)
        return token.text[1:]

    def _variable_or_iri(self) -> str:
        return f"?{self._variable()}" if self.token.kind == "variable" else self.iri()

    # -- SELECT and its clauses

    def _select(self, start: int, dataset: list[tuple[Term, bool]] | None = None) -> Select:
        """A SELECT after its keyword, with the clauses after its WHERE."""
        distinct = self.take("DISTINCT", "REDUCED")
        columns: list[Column] = []
        if not self.take("*"):
            columns.append(self._column())
            while self.token.kind == "variable" or self.word == "(":
                columns.append(self._column())
        return self._rest(start, dataset, tuple(columns), distinct)

    def _column(self) -> Column:
        if self.token.kind == "variable":
            return Column(self._variable())
        return self._named_expression(required=True)

    def _named_expression(self, *, required: bool) -> Column:
        """An expression in brackets, with AS and a variable."""
        self.expect("(")
        self.deeper()
        expression = self.expression()
        name = ""
        if required or self.word == "AS":
            self.expect("AS")
            name = self._variable()
        self.depth -= 1
        self.expect(")")
        return Column(name, expression)

    def _rest(
        self,
        start: int,
        dataset: list[tuple[Term, bool]] | None,
        columns: tuple[Column, ...] = (),
        distinct: str = "",
        *,
        optional: bool = False,
    ) -> Select:
        """What follows the head of a query of any form."""
        self._dataset(dataset)
        if optional and self.word not in ("WHERE", "{"):
            return self._modified(Group(), columns, distinct, start)
        self.take("WHERE")
        return self._modified(self.group(), columns, distinct, start)

    def _modified(self, where: Group, columns: tuple[Column, ...], distinct: str, start: int) -> Select:
        """A WHERE with the clauses that follow it."""
        places: dict[str, tuple[int, int]] = {}
        keys: list[Column] = []
        having: list[Expression] = []
        order: list[Order] = []
        height = self.height
        for word, read in (
            ("GROUP", lambda: keys.append(self._key())),
            ("HAVING", lambda: having.append(self._constraint())),
            ("ORDER", lambda: order.append(self._order())),
        ):
            begin = self.token.start
            if self.take(word):
                if word != "HAVING":
                    self.expect("BY")
                self._conditions(read)
                places[word] = (begin, self.end)
            height = max(height, self.height)
        limit, offset = self._slice()
        height, begin = max(height, self.height), self.token.start
        values = self._values(begin) if self.take("VALUES") else None
        if values:
            places["VALUES"] = (begin, self.end)
        self.height = height
        expressions = expressions_of((*columns, *keys), tuple(having), tuple(order))
        if outside := tuple(found for each in expressions for found in asked_in(each)):
            where = replace(where, outside=outside)
        return Select(
            where,
            columns,
            distinct,
            tuple(keys),
            tuple(having),
            tuple(order),
            limit,
            offset,
            values,
            self.text,
            start,
            self.end,
            places,
        )

    def _conditions(self, read: Callable[[], None]) -> None:
        """One condition of a clause, and those after it."""
        read()
        while self.token.kind != "end" and self.word not in _CLAUSES:
            read()

    def _key(self) -> Column:
        if self.token.kind == "variable":
            return Column(self._variable())
        if self.word == "(":
            return self._named_expression(required=False)
        return Column("", self._constraint())

    def _constraint(self) -> Expression:
        """A bracketed expression, or a call."""
        self.height = 0
        if self.word == "(":
            return self.bracketed()
        if self.token.kind in ("iri", "prefixed"):
            name = self.token
            found = self.expression(6)
            if isinstance(found, str):
                raise self.failure(name)
            return found
        if self.token.kind != "name":
            raise self.failure()
        return self.call()

    def _order(self) -> Order:
        if word := self.take("ASC", "DESC"):
            return Order(self.bracketed(), word == "DESC")
        if self.token.kind == "variable":
            return Order(f"?{self._variable()}")
        return Order(self._constraint())

    def _slice(self) -> tuple[int | None, int]:
        found: dict[str, int] = {}
        while self.word in ("LIMIT", "OFFSET") and self.word not in found:
            word, count = self.next().text.upper(), self.next()
            if not (count.text.isascii() and count.text.isdigit()):
                raise self.failure(count)
            found[word] = int(count.text)
        return found.get("LIMIT"), found.get("OFFSET", 0)

    def _values(self, start: int) -> Values:
        """A VALUES after its keyword."""
        single = self.token.kind == "variable"
        names = [self._variable()] if single else self._in_brackets(self._variable)
        self.expect("{")
        rows: list[tuple[Term | None, ...]] = []
        while self.word != "}":
            begin = self.token
            row = (self._cell(),) if single else tuple(self._in_brackets(self._cell))
            if len(row) != len(names):
                raise self.failure(begin)
            rows.append(row)
        self.expect("}")
        return Values(tuple(names), tuple(rows), start, self.end)

    def _in_brackets(self, read: Callable[[], Read]) -> list[Read]:
        self.expect("(")
        found = []
        while self.word != ")":
            found.append(read())
        self.expect(")")
        return found

    def _cell(self) -> Term | None:
        return None if self.take("UNDEF") else self.term()

    # -- group graph patterns

    def group(self) -> Group:
        """A group from its opening brace to its closing one; one with a SELECT holds nothing else."""
        start = self.token.start
        self.expect("{")
        self.deeper()
        elements: list[Element] = []
        height = 0
        if self.word == "SELECT":
            elements.append(self._select(self.next().start))
            height = self.height
        else:
            while self.word != "}":
                elements.append(self._element())
                height = max(height, self.height)
                if isinstance(elements[-1], Triples | Unsupported) and self._begins_triples():
                    # Between triples a full stop must stand.
                    raise self.failure()
                self.take(".")
        self.depth -= 1
        self.expect("}")
        self.taller(height + 1)
        return Group(tuple(elements), self.text, start, self.end)

    def _element(self) -> Element:
        self.height = 0
        start, word = self.token.start, self.word
        if self.take("OPTIONAL", "MINUS", "LATERAL"):
            return Nested(word, (self.group(),), start=start, end=self.end)
        if word == "{":
            return self._union(start)
        if self.take("GRAPH", "SERVICE"):
            silent = word == "SERVICE" and bool(self.take("SILENT"))
            target = self._variable_or_iri()
            return Nested(word, (self.group(),), target, silent, start, self.end)
        if self.take("FILTER"):
            found = self._constraint()
            if isinstance(found, Exists):
                found = found._replace(alone=True)
            return Filter(found, start, self.end)
        if self.take("BIND"):
            named = self._named_expression(required=True)
            assert named.expression is not None  # noqa: S101 - a column with AS has one
            return Bind(named.expression, named.name, start, self.end)
        if self.take("VALUES"):
            return self._values(start)
        return self.triples()

    def _union(self, start: int) -> Nested:
        branches = [self.group()]
        height = self.height
        while self.take("UNION"):
            branches.append(self.group())
            height = max(height, self.height)
        self.height = height
        return Nested("UNION", tuple(branches), start=start, end=self.end)
