"""Reading a SELECT: a recursive descent over its tokens, after the grammar of SPARQL 1.1, section 19.8.

Expressions are passed over, but for the EXISTS and NOT EXISTS in them. The text has been accepted by an engine
before: what is not understood here raises UsageError (KG630) rather than being guessed, and so does what is left
over at the end.
"""

from __future__ import annotations

from functools import lru_cache

from kg.sparql.structure import Element, Group, Select
from kg.sparql.triples import Triples
from kg.sparql.variables import joined, own_variables, visible

__all__ = ["Parser", "parse_query", "parse_select"]

_AGGREGATES = {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"}
#: The words by which the clauses after a WHERE begin.
_CLAUSES = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "}")


@lru_cache(maxsize=256)
def parse_select(text: str) -> Select:
    """The structure of a SELECT, which nobody changes. Raises UsageError (KG630) for anything else."""
    return Parser(text).query()


@lru_cache(maxsize=256)
def parse_query(text: str) -> tuple[Group, Group]:
    """What a query of any form builds (the template of a CONSTRUCT, else nothing), and what it matches.

    Raises UsageError (KG630) for what is none.
    """
    parser = Parser(text)
    parser.declarations()
    template = Group()
    if parser.word() == "SELECT":
        return template, parse_select(text).where
    if parser.take("CONSTRUCT") and parser.word() == "{":
        template = parser.group()
    while parser.word() not in ("WHERE", "{"):
        parser.next()
    parser.take("WHERE")
    return template, parser.group()


class Parser(Triples):
    """Reads one query."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.prologue = ""

    def query(self) -> Select:
        """The whole query. Raises UsageError (KG630) when it is no SELECT, or not understood to its end."""
        self.declarations()
        select = self.select()
        if self.peek().kind != "end":
            raise self.failure()
        return select

    def declarations(self) -> None:
        """The BASE and PREFIX declarations before a query."""
        while self.word() in ("PREFIX", "BASE"):
            if self.next().text.upper() == "BASE":
                self.base = self._address()
            else:
                prefix = self.next().text
                self.prefixes[prefix[:-1]] = self._address()
        self.prologue = self.text[: self.peek().start]

    def _address(self) -> str:
        if self.peek().kind != "iri":
            raise self.failure()
        return self.term(self.next())[1:-1]

    def select(self) -> Select:
        """A SELECT from its keyword on, with the clauses after its WHERE."""
        start = self.peek().start
        self.expect("SELECT")
        asked = Group()
        select = Select(self.prologue, asked)
        select.distinct = self.take("DISTINCT", "REDUCED")
        heading = self.peek().start
        while self.word() not in ("WHERE", "{"):
            self._column(select)
        select.heading = self.since(heading)
        self.take("WHERE")
        select.where = self.group()
        self._clauses(select, asked)
        select.where.exists += asked.exists
        select.where.not_exists += asked.not_exists
        select.text = self.since(start)
        return select

    def _column(self, select: Select) -> None:
        token = self.next()
        if token.kind == "variable":
            select.columns.append((token.text[1:], None))
        elif token.text == "(":
            name, expression = self._bracketed(select.where, select)
            select.columns.append((name or "", expression))
        elif token.text != "*":
            raise self.failure(1)

    # -- what stands after a WHERE

    def _clauses(self, select: Select, asked: Group) -> None:
        start = self.peek().start
        if self.take("GROUP"):
            self.expect("BY")
            select.aggregates = True
            while self._goes_on():
                select.keys.append(self._key(asked))
            select.grouping = self.since(start)
        start = self.peek().start
        if self.take("HAVING"):
            while self._goes_on():
                self._constraint(asked, select)
            select.having = self.since(start)
        start = self.peek().start
        if self.take("ORDER"):
            self.expect("BY")
            while self._goes_on():
                self.take("ASC", "DESC")
                self._constraint(asked, select)
            select.order = self.since(start)
        while self.word() in ("LIMIT", "OFFSET"):
            word, count = self.next().text.upper(), self.next()
            if not count.text.isdigit():
                raise self.failure(1)
            if word == "LIMIT":
                select.limit = int(count.text)
            else:
                select.offset = int(count.text)
        start = self.peek().start
        if self.take("VALUES"):
            self._values()
            select.values = self.since(start)

    def _goes_on(self) -> bool:
        """Whether another condition of the same clause follows."""
        return self.peek().kind != "end" and self.word() not in _CLAUSES

    def _key(self, asked: Group) -> tuple[str | None, str]:
        if self.peek().kind == "variable":
            token = self.next()
            return token.text[1:], token.text
        if self.take("("):
            return self._bracketed(asked, None)
        start = self.peek().start
        self._constraint(asked, None)
        return None, self.since(start)

    def _constraint(self, asked: Group, select: Select | None) -> None:
        """Pass over a variable, a bracketed expression, a call, or [NOT] EXISTS, which is open here."""
        if self.peek().kind == "variable":
            self.at += 1
            return
        negated = self.take("NOT")
        if self.take("EXISTS"):
            self._ask(asked, negated=negated)
            return
        if self.word() != "(":
            called = self.next()
            if select is not None and called.text.upper() in _AGGREGATES:
                select.aggregates = True
        self.expect("(")
        self._bracketed(asked, select)

    def _ask(self, group: Group, *, negated: bool, open_: bool = True) -> None:
        """The group after an EXISTS, noted in the group that asks for it."""
        inner = self.group()
        inner.asked = open_
        (group.not_exists if negated else group.exists).append(inner)

    def _bracketed(self, group: Group, select: Select | None) -> tuple[str | None, str]:
        """After an opening bracket, to its closing one: the name after AS, if any, and the expression's text."""
        start, depth = self.peek().start, 1
        name, end = None, start
        while depth:
            token = self.next()
            if token.kind == "name":
                upper = token.text.upper()
                if upper in _AGGREGATES and select is not None and self.word() == "(":
                    select.aggregates = True
                if upper == "EXISTS":
                    self._ask(group, negated=self.tokens[self.at - 2].text.upper() == "NOT")
                if upper == "AS" and depth == 1 and self.peek().kind == "variable":
                    name, end = self.peek().text[1:], token.start
            elif token.text == "(":
                depth += 1
            elif token.text == ")":
                depth -= 1
                end = end if name else token.start
        return name, self.text[start:end].strip()

    # -- group graph patterns

    def group(self) -> Group:
        """A group from its opening brace to its closing one; one with a SELECT holds nothing else."""
        group = Group(start=self.peek().start)
        self.expect("{")
        if self.word() == "SELECT":
            group.selects.append(self.select())
            group.elements.append(Element("select", group.selects[0].text))
        else:
            while self.word() != "}":
                self._element(group)
        self.expect("}")
        group.text = self.since(group.start)
        return group

    def _element(self, group: Group) -> None:
        if self.take("."):
            return
        start, word, patterns = self.peek().start, self.word(), len(group.patterns)
        kind = word
        groups: tuple[Group, ...] = ()
        if self.take("OPTIONAL", "MINUS"):
            groups = (self.group(),)
            groups[0].before = _bound_so_far(group)
            (group.optionals if word == "OPTIONAL" else group.minus).extend(groups)
        elif word == "{":
            kind, groups = "group", self._union(group)
        elif self.take("FILTER"):
            self._filter(group)
        elif self.take("BIND"):
            self._bind(group)
        elif self.take("VALUES"):
            self._values()
            group.values.append(self.since(start))
        elif word in ("GRAPH", "SERVICE"):
            raise self.failure()
        else:
            kind = "triples"
            self.triples(group)
        group.elements.append(Element(kind, self.since(start), groups, tuple(group.patterns[patterns:])))

    def _bind(self, group: Group) -> None:
        self.expect("(")
        before = _bound_so_far(group)
        asked = Group()
        name, expression = self._bracketed(asked, None)
        for inner in (*asked.exists, *asked.not_exists):
            inner.before = before
        group.exists += asked.exists
        group.not_exists += asked.not_exists
        group.binds.append((name or "", expression))

    def _union(self, group: Group) -> tuple[Group, ...]:
        branches = [self.group()]
        while self.take("UNION"):
            branches.append(self.group())
        if len(branches) == 1:
            group.groups.append(branches[0])
        else:
            group.unions.append(branches)
        return tuple(branches)

    def _filter(self, group: Group) -> None:
        start, asked = self.peek().start, len(group.exists) + len(group.not_exists)
        negated = self.take("NOT")
        if self.take("EXISTS"):
            self._ask(group, negated=negated, open_=False)
            return
        self._constraint(group, None)
        if len(group.exists) + len(group.not_exists) == asked:
            group.filters.append(f"FILTER {self.since(start)}")

    def _values(self) -> None:
        while self.word() != "{":
            self.next()
        depth = 0
        while True:
            text = self.next().text
            depth += (text == "{") - (text == "}")
            if not depth:
                return


def _bound_so_far(group: Group) -> frozenset[str]:
    return frozenset(own_variables(group).union(*map(visible, joined(group))))
