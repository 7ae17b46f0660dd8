"""What a SELECT matches: its triple patterns, group by group, each with the text that stands for it.

A recursive descent over the tokens of a query, following the grammar of SPARQL 1.1, section 19.8, as far as
graph patterns go; expressions are passed over, but for the EXISTS and NOT EXISTS in them. The text has been
accepted by an engine before: what is not understood here raises UsageError (KG630) rather than being guessed.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from kg.errors import Problem, UsageError
from kg.model import Term
from kg.sparql import Token, tokens
from kg.vocab import RDF, XSD, iri

__all__ = [
    "Group",
    "Path",
    "Pattern",
    "Select",
    "all_patterns",
    "inner_groups",
    "parse_query",
    "parse_select",
    "predicates_of",
    "sees",
]


@dataclass(frozen=True, slots=True)
class Path:
    """A property path: ``iri`` with the IRI in ``term``, or an operator (``^ / | * + ? !``) over ``parts``."""

    op: str
    parts: tuple[Path, ...] = ()
    term: Term = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One triple pattern: terms, ``?variables``, or ``?_:n`` for blank nodes; the predicate a Path or variable.

    ``start`` is the offset of its predicate in the text.
    """

    subject: str
    path: Path | str
    object: str
    start: int = field(default=0, compare=False)


@dataclass(slots=True)
class Group:
    """A group graph pattern: its text with the braces, and what stands directly in it.

    ``values`` and ``filters`` are the texts of its VALUES blocks, and of its FILTERs that ask for no EXISTS.
    """

    text: str = ""
    patterns: list[Pattern] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    optionals: list[Group] = field(default_factory=list)
    unions: list[list[Group]] = field(default_factory=list)
    minus: list[Group] = field(default_factory=list)
    exists: list[Group] = field(default_factory=list)
    not_exists: list[Group] = field(default_factory=list)
    selects: list[Select] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Select:
    """A SELECT, the query itself or one inside it.

    ``columns`` pairs each column with the text of its expression (None for a plain variable; empty for ``*``);
    ``keys`` the same for GROUP BY (a key without ``AS`` has the name None); ``tail`` is all after the WHERE.
    """

    prologue: str
    where: Group
    distinct: bool = False
    columns: list[tuple[str, str | None]] = field(default_factory=list)
    keys: list[tuple[str | None, str]] = field(default_factory=list)
    tail: str = ""
    aggregates: bool = False
    text: str = ""


_AGGREGATES = {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"}
_OPEN, _CLOSE = {"(": ")", "{": "}", "[": "]"}, {")", "}", "]"}


@lru_cache(maxsize=256)
def parse_select(text: str) -> Select:
    """The structure of a SELECT, which nobody changes. Raises UsageError (KG630) for anything else."""
    return _Parser(text).query()


@lru_cache(maxsize=256)
def parse_query(text: str) -> tuple[Group, Group]:
    """What a query of any form builds (the template of a CONSTRUCT, else nothing), and what it matches.

    Raises UsageError (KG630) for what is none.
    """
    parser = _Parser(text)
    parser.declarations()
    template = Group()
    if parser.word() == "SELECT":
        return template, parser.select().where
    if parser.take("CONSTRUCT") and parser.word() == "{":
        template = parser.group()
    while parser.word() not in ("WHERE", "{"):
        parser.next()
    parser.take("WHERE")
    return template, parser.group()


def predicates_of(text: str) -> frozenset[Term] | None:
    """The predicates of the triples that a query can see; None when it can see any, or is no SELECT."""
    try:
        select = parse_select(text)
    except UsageError:
        return None
    found: set[Term] = set()
    return frozenset(found) if _group_predicates(select.where, found) else None


def sees(text: str, terms: Container[Term]) -> bool:
    """Whether a query names one of these predicates or classes, or has a pattern that can see any of them."""
    try:
        parser = _Parser(text)
        where = parser.query().where
    except UsageError:
        return False
    named = (token for token in parser.tokens if token.kind in ("iri", "prefixed"))
    prefixed = {f"{prefix}:" for prefix in parser.prefixes}
    if any(parser.term(token) in terms for token in named if token.kind == "iri" or token.text not in prefixed):
        return True
    return any(
        isinstance(pattern.path, str) or (pattern.path.term == iri(RDF + "type") and pattern.object.startswith("?"))
        for pattern in all_patterns(where)
    )


def all_patterns(group: Group) -> Iterator[Pattern]:
    """Every triple pattern in a group and in the groups within it."""
    yield from group.patterns
    for part in inner_groups(group):
        yield from all_patterns(part)


def inner_groups(group: Group) -> list[Group]:
    """The groups that stand directly in a group, whatever for; of a SELECT, its WHERE."""
    branches = [branch for union in group.unions for branch in union]
    selects = [select.where for select in group.selects]
    return [
        *group.groups,
        *group.optionals,
        *branches,
        *group.minus,
        *group.exists,
        *group.not_exists,
        *selects,
    ]


def _group_predicates(group: Group, found: set[Term]) -> bool:
    for pattern in group.patterns:
        if isinstance(pattern.path, str) or not _path_predicates(pattern.path, found):
            return False
    return all(_group_predicates(part, found) for part in inner_groups(group))


def _path_predicates(path: Path, found: set[Term]) -> bool:
    if path.op in ("!", "*", "?"):
        # A negated set sees any predicate; a path of length zero, any node.
        return False
    if path.op == "iri":
        found.add(path.term)
    return all(_path_predicates(part, found) for part in path.parts)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [token for token in tokens(text) if token.kind not in ("space", "comment")]
        self.at = 0
        self.prefixes: dict[str, str] = {}
        self.base = ""
        self.prologue = ""
        self.blanks = 0

    # -- tokens

    def peek(self, ahead: int = 0) -> Token:
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else Token("end", "", len(self.text))

    def word(self, ahead: int = 0) -> str:
        token = self.peek(ahead)
        return token.text.upper() if token.kind in ("name", "other") else ""

    def next(self) -> Token:
        token = self.peek()
        if token.kind == "end":
            self.fail()
        self.at += 1
        return token

    def take(self, *words: str) -> bool:
        if self.word() in words:
            self.at += 1
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.take(word):
            self.fail()

    def fail(self) -> None:
        token = self.peek()
        raise UsageError(
            Problem(
                "KG630",
                f"cannot tell what the query matches at {token.text or 'its end'!r}",
                remedy="Ask without --evidence.",
            )
        )

    # -- queries

    def query(self) -> Select:
        self.declarations()
        select = self.select()
        select.text = self.text
        return select

    def declarations(self) -> None:
        while self.word() in ("PREFIX", "BASE"):
            if self.next().text.upper() == "BASE":
                self.base = self.next().text[1:-1]
            else:
                prefix, address = self.next().text, self.next().text
                self.prefixes[prefix[:-1]] = self.resolve(address)[1:-1]
        self.prologue = self.text[: self.peek().start]

    def select(self) -> Select:
        start = self.peek().start
        self.expect("SELECT")
        select = Select(self.prologue, Group())
        select.distinct = self.take("DISTINCT", "REDUCED")
        while self.word() not in ("WHERE", "{"):
            self.column(select)
        self.take("WHERE")
        heading = select.where
        select.where = self.group()
        select.where.exists += heading.exists
        select.where.not_exists += heading.not_exists
        tail = self.peek().start
        self.solution_modifiers(select)
        end = self.tokens[self.at - 1]
        select.tail = self.text[tail : end.start + len(end.text)]
        select.text = self.text[start : end.start + len(end.text)]
        return select

    def column(self, select: Select) -> None:
        token = self.next()
        if token.kind == "variable":
            select.columns.append((token.text[1:], None))
        elif token.text == "(":
            name, expression = self.bracketed(select.where, select)
            select.columns.append((name or "", expression))
        elif token.text != "*":
            self.fail()

    def solution_modifiers(self, select: Select) -> None:
        while self.peek().kind != "end" and self.word() != "}":
            if self.word() == "GROUP":
                self.at += 1
                self.expect("BY")
                self.group_keys(select)
            elif self.peek().text == "(":
                self.at += 1
                self.bracketed(select.where, select)
            else:
                self.at += 1

    def group_keys(self, select: Select) -> None:
        select.aggregates = True
        while self.word() not in ("HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "}", ""):
            self.key(select)
        while self.peek().kind == "variable" or self.peek().kind in ("iri", "prefixed") or self.word() == "(":
            self.key(select)
            while self.word() and self.word() not in ("HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "}", "("):
                self.key(select)

    def key(self, select: Select) -> None:
        token = self.next()
        if token.kind == "variable":
            select.keys.append((token.text[1:], token.text))
        elif token.text == "(":
            name, expression = self.bracketed(select.where, None)
            select.keys.append((name, expression))
        else:
            # A function call: its name, then its arguments.
            self.expect("(")
            self.bracketed(select.where, None)
            end = self.tokens[self.at - 1]
            select.keys.append((None, self.text[token.start : end.start + 1]))

    def bracketed(self, group: Group, select: Select | None) -> tuple[str | None, str]:
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
                    negated = self.tokens[self.at - 2].text.upper() == "NOT"
                    (group.not_exists if negated else group.exists).append(self.group())
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
        start = self.peek().start
        self.expect("{")
        group = Group()
        if self.word() == "SELECT":
            group.selects.append(self.select())
        while self.word() != "}":
            self.element(group)
        end = self.next()
        group.text = self.text[start : end.start + 1]
        return group

    def element(self, group: Group) -> None:
        word = self.word() if self.peek().kind != "other" or self.word() in ("{", ".") else ""
        if word == ".":
            self.at += 1
        elif word == "OPTIONAL":
            self.at += 1
            group.optionals.append(self.group())
        elif word == "MINUS":
            self.at += 1
            group.minus.append(self.group())
        elif word == "{":
            self.union(group)
        elif word == "FILTER":
            self.at += 1
            self.constraint(group)
        elif word == "BIND":
            self.at += 1
            self.expect("(")
            self.bracketed(group, None)
        elif word == "VALUES":
            start = self.next().start
            self.values()
            group.values.append(self.since(start))
        elif word in ("GRAPH", "SERVICE"):
            self.fail()
        else:
            self.triples(group)

    def union(self, group: Group) -> None:
        branches = [self.group()]
        while self.take("UNION"):
            branches.append(self.group())
        if len(branches) == 1:
            group.groups.append(branches[0])
        else:
            group.unions.append(branches)

    def constraint(self, group: Group) -> None:
        start, asked = self.peek().start, len(group.exists) + len(group.not_exists)
        negated = self.take("NOT")
        if self.take("EXISTS"):
            (group.not_exists if negated else group.exists).append(self.group())
            return
        if self.word() != "(":
            self.next()
        self.expect("(")
        self.bracketed(group, None)
        if len(group.exists) + len(group.not_exists) == asked:
            group.filters.append(f"FILTER {self.since(start)}")

    def since(self, start: int) -> str:
        """The text from a place to the token before the next."""
        end = self.tokens[self.at - 1]
        return self.text[start : end.start + len(end.text)]

    def values(self) -> None:
        while self.word() != "{":
            self.next()
        depth = 0
        while True:
            text = self.next().text
            depth += (text == "{") - (text == "}")
            if not depth:
                return

    # -- triples

    def triples(self, group: Group) -> None:
        opened = self.word() == "["
        subject = self.node(group)
        if opened and self.word() in (".", "}"):
            return
        self.properties(subject, group)

    def properties(self, subject: str, group: Group) -> None:
        while True:
            start = self.peek().start
            path = self.path()
            while True:
                group.patterns.append(Pattern(subject, path, self.node(group), start))
                if not self.take(","):
                    break
            if not self.take(";"):
                return
            while self.take(";"):
                pass
            if self.word() in (".", "}", "]"):
                return

    def node(self, group: Group) -> str:
        token = self.next()
        if token.text == "[":
            blank = self.blank()
            if self.word() != "]":
                self.properties(blank, group)
            self.expect("]")
            return blank
        if token.text == "(":
            return self.collection(group)
        if token.kind == "variable":
            return f"?{token.text[1:]}"
        if token.kind == "blank":
            return f"?{token.text}"
        return self.term(token)

    def blank(self) -> str:
        self.blanks += 1
        return f"?_:anonymous{self.blanks}"

    def collection(self, group: Group) -> str:
        items = []
        while self.word() != ")":
            items.append(self.node(group))
        self.at += 1
        cells = [self.blank() for _ in items]
        for cell, item, rest in zip(cells, items, [*cells[1:], iri(RDF + "nil")], strict=False):
            group.patterns.append(Pattern(cell, Path("iri", term=iri(RDF + "first")), item))
            group.patterns.append(Pattern(cell, Path("iri", term=iri(RDF + "rest")), rest))
        return cells[0] if cells else iri(RDF + "nil")

    # -- terms

    def term(self, token: Token) -> Term:
        if token.kind == "iri":
            return self.resolve(token.text)
        if token.kind == "prefixed":
            return self.expand(token.text)
        if token.kind == "string":
            return self.literal(token)
        if token.text in ("+", "-") and self.peek().kind == "number":
            return _number(token.text + self.next().text)
        if token.kind == "number":
            return _number(token.text)
        if token.kind == "name" and token.text in ("true", "false"):
            return f'"{token.text}"^^{iri(XSD + "boolean")}'
        self.at -= 1
        self.fail()
        raise AssertionError  # fail() has raised

    def expand(self, name: str) -> Term:
        prefix, _colon, local = name.partition(":")
        if prefix not in self.prefixes:
            self.fail()
        return f"<{self.prefixes[prefix]}{_unescape_local(local)}>"

    def resolve(self, address: str) -> Term:
        if not self.base or ":" in address:
            return address
        from urllib.parse import urljoin

        return f"<{urljoin(self.base, address[1:-1])}>"

    def literal(self, token: Token) -> Term:
        import pyoxigraph

        text = _string(token.text)
        if self.peek().kind == "tag":
            return str(pyoxigraph.Literal(text, language=self.next().text[1:].lower()))
        if self.take("^^"):
            datatype = self.term(self.next())
            return str(pyoxigraph.Literal(text, datatype=pyoxigraph.NamedNode(datatype[1:-1])))
        return str(pyoxigraph.Literal(text))

    # -- paths

    def path(self) -> Path | str:
        if self.peek().kind == "variable":
            return f"?{self.next().text[1:]}"
        return self.alternative()

    def alternative(self) -> Path:
        parts = [self.sequence()]
        while self.take("|"):
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else Path("|", tuple(parts))

    def sequence(self) -> Path:
        parts = [self.step()]
        while self.take("/"):
            parts.append(self.step())
        return parts[0] if len(parts) == 1 else Path("/", tuple(parts))

    def step(self) -> Path:
        if self.take("^"):
            return Path("^", (self.step(),))
        path = self.primary()
        while self.peek().text in ("*", "+", "?"):
            path = Path(self.next().text, (path,))
        return path

    def primary(self) -> Path:
        token = self.next()
        if token.text == "(":
            inner = self.alternative()
            self.expect(")")
            return inner
        if token.text == "!":
            return Path("!", self.negated())
        if token.kind == "name" and token.text == "a":
            return Path("iri", term=iri(RDF + "type"))
        return Path("iri", term=self.term(token))

    def negated(self) -> tuple[Path, ...]:
        if not self.take("("):
            return (self.step(),)
        parts = [] if self.word() == ")" else [self.step()]
        while self.take("|"):
            parts.append(self.step())
        self.expect(")")
        return tuple(parts)


def _number(text: str) -> Term:
    from kg.corpus.turtle import canonical_literal

    kind = "double" if "e" in text.lower() else "decimal" if "." in text else "integer"
    return canonical_literal(f'"{text}"^^{iri(XSD + kind)}')


def _string(text: str) -> str:
    quote = text[:3] if text[:3] in ("'''", '"""') else text[0]
    body = text[len(quote) : -len(quote)]
    if "\\" not in body:
        return body
    import re

    plain = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
    return re.sub(
        r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))",
        lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else plain.get(m[3], m[3]),
        body,
    )


def _unescape_local(local: str) -> str:
    if "\\" not in local:
        return local
    import re

    return re.sub(r"\\(.)", r"\1", local)
