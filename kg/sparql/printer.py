"""The printer: a syntax tree as SPARQL that reads back as the same tree, with values in the place of variables.

IRIs are written out, so that no text needs declarations, and a value is written as a term: none can change the query.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from kg.model import Term
from kg.sparql.syntax_tree import (
    Bind,
    Call,
    Column,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Nested,
    Path,
    Pattern,
    Query,
    Select,
    Triples,
    Unsupported,
    Values,
)

_PAIR = re.compile(r"\\(.)([uU]?)", re.DOTALL)
_VARIABLE = re.compile(r"[?$]\w")
_REPEATED = ("*", "+", "?")
_OPERATORS = frozenset(("&&", "||", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/"))
_NO_VALUES: Mapping[str, Term] = {}


def write(
    node: Query | Select | Group | Element | Pattern | Path | Expression, values: Mapping[str, Term] = _NO_VALUES
) -> str:
    """A node as SPARQL, with ``values`` (by bare name) in place of variables.

    ``BOUND(?x)`` of a variable that has a value is ``true``. A variable that something assigns to (``AS``, a column,
    VALUES) must have no value: the result is no SPARQL then.
    """
    return _Printer(values).any(node)


class _Printer:
    """Writes nodes, with some values put in."""

    def __init__(self, values: Mapping[str, Term]) -> None:
        self.values = values

    def any(self, node: object) -> str:
        """A node of any kind."""
        if isinstance(node, Group):
            return self.group(node)
        if isinstance(node, Select):
            return self.select(node)
        if isinstance(node, Query):
            return self.query(node)
        if isinstance(node, Pattern):
            return self.pattern(node)
        if isinstance(node, Path):
            return write_path(node)
        if isinstance(node, str | Call | Exists):
            return self.expression(node)
        return self.element(node)

    def query(self, query: Query) -> str:
        """A whole query."""
        dataset = "".join(f"FROM {'NAMED ' if named else ''}{address} " for address, named in query.dataset)
        select = query.select
        if query.form == "SELECT":
            head = f"{self._head(select)} {dataset}"
        elif query.form == "CONSTRUCT":
            head = f"CONSTRUCT {{ {' '.join(map(self.pattern, query.template))} }} {dataset}"
        elif query.form == "DESCRIBE":
            head = f"DESCRIBE {' '.join(map(self.term, query.targets)) or '*'} {dataset}"
        else:
            head = f"ASK {dataset}"
        return head + self._from_where(select)

    def select(self, select: Select) -> str:
        """A SELECT with its clauses."""
        return f"{self._head(select)} {self._from_where(select)}"

    def _head(self, select: Select) -> str:
        columns = " ".join(map(self._column, select.columns)) or "*"
        return " ".join(filter(None, ("SELECT", select.distinct, columns)))

    def _column(self, column: Column) -> str:
        if column.expression is None:
            return self.variable(column.name)
        written = self.expression(column.expression)
        return f"({written} AS {self.variable(column.name)})" if column.name else f"({written})"

    def _from_where(self, select: Select) -> str:
        parts = [f"WHERE {self.group(select.where)}"]
        if select.keys:
            parts.append(f"GROUP BY {' '.join(map(self._column, select.keys))}")
        if select.having:
            parts.append(f"HAVING {' '.join(f'({self.expression(each)})' for each in select.having)}")
        if select.order:
            conditions = (
                f"{'DESC' if e.descending else 'ASC'}({self.expression(e.expression)})" for e in select.order
            )
            parts.append(f"ORDER BY {' '.join(conditions)}")
        if select.limit is not None:
            parts.append(f"LIMIT {select.limit}")
        if select.offset:
            parts.append(f"OFFSET {select.offset}")
        if select.values is not None:
            parts.append(self.element(select.values))
        return " ".join(parts)

    # -- groups

    def group(self, group: Group) -> str:
        """A group in its braces."""
        return f"{{ {' '.join(map(self.element, group.elements))} }}"

    def element(self, element: object) -> str:
        """One element of a group."""
        if isinstance(element, Triples):
            return " ".join(map(self.pattern, element.patterns))
        if isinstance(element, Nested):
            return self._nested(element)
        if isinstance(element, Filter):
            written = self.expression(element.expression)
            alone = isinstance(element.expression, Exists) and element.expression.alone
            return f"FILTER {written}" if alone else f"FILTER ({written})"
        if isinstance(element, Bind):
            return f"BIND({self.expression(element.expression)} AS {self.variable(element.variable)})"
        if isinstance(element, Values):
            return self._data(element)
        if isinstance(element, Select):
            return self.select(element)
        assert isinstance(element, Unsupported)  # noqa: S101 - the last kind of node
        return f"{self._tokens(element)} ."

    def _nested(self, nested: Nested) -> str:
        groups = " UNION ".join(map(self.group, nested.groups))
        if nested.kind == "UNION":
            return groups
        target = (self.term(nested.target),) if nested.target else ()
        return " ".join((nested.kind, *(("SILENT",) if nested.silent else ()), *target, groups))

    def _data(self, values: Values) -> str:
        names = " ".join(map(self.variable, values.variables))
        rows = (" ".join("UNDEF" if cell is None else _written(cell) for cell in row) for row in values.rows)
        return f"VALUES ({names}) {{ {' '.join(f'({row})' for row in rows)} }}"

    def pattern(self, pattern: Pattern) -> str:
        """A triple pattern with its full stop."""
        path = self.term(pattern.path) if isinstance(pattern.path, str) else write_path(pattern.path)
        return f"{self.term(pattern.subject)} {path} {self.term(pattern.object)} ."

    def _tokens(self, node: Unsupported) -> str:
        return "".join(self.variable(each[1:]) if _VARIABLE.match(each) else each for each in node.tokens)

    # -- expressions and terms

    def expression(self, expression: Expression) -> str:
        """An expression, every operator in brackets of its own."""
        if isinstance(expression, str):
            return self.term(expression)
        if isinstance(expression, Exists):
            return f"{'NOT ' if expression.negated else ''}EXISTS {self.group(expression.group)}"
        if isinstance(expression, Unsupported):
            return self._tokens(expression)
        return self._call(expression)

    def _call(self, call: Call) -> str:
        name = call.name
        if name == "BOUND" and str(call.arguments[0])[1:] in self.values:
            return "true"
        parts = [self.expression(part) for part in call.arguments]
        if name in _OPERATORS and len(parts) > 1:
            return f"({f' {name} '.join(parts)})"
        if name in ("!", "-", "+"):
            return f"({name} {parts[0]})"
        if name in ("IN", "NOT IN"):
            return f"({parts[0]} {name} ({', '.join(parts[1:])}))"
        distinct = "DISTINCT " if call.distinct else ""
        separator = f" ; SEPARATOR = {_written(call.separator)}" if call.separator else ""
        return f"{name}({distinct}{', '.join(parts)}{separator})"

    def term(self, term: str) -> str:
        """A term or variable, or the value in its place."""
        if term[0] != "?":
            return _written(term)
        if term.startswith("?_:"):
            return term[1:]
        return self.variable(term[1:])

    def variable(self, name: str) -> str:
        """A variable by its bare name, or the value in its place."""
        value = self.values.get(name)
        return f"?{name}" if value is None else _written(value)


def write_path(path: Path, said: Callable[[Term], str] = str) -> str:
    """A property path as SPARQL, or with its IRIs said otherwise."""
    if path.op == "iri":
        return said(path.term)
    if path.op == "!":
        forward = (f"^{said(part.parts[0].term)}" if part.parts else said(part.term) for part in path.parts)
        return f"!({'|'.join(forward)})"
    parts = [write_path(part, said) for part in path.parts]
    if path.op in ("/", "|"):
        return f"({path.op.join(parts)})"
    if path.op == "^":
        return f"(^{parts[0]})"
    return f"({parts[0]}){path.op}" if path.parts[0].op in _REPEATED else f"{parts[0]}{path.op}"


def _written(term: Term) -> str:
    r"""A term so written that it stays one also where escapes are decoded before the text is read.

    ``\\u0022`` in a literal is a backslash and five letters; such an engine would see a quotation mark.
    """
    if term[0] != '"' or "\\" not in term:
        return term
    return _PAIR.sub(lambda m: f"\\\\\\u{ord(m[2]):04X}" if m[1] == "\\" and m[2] else m[0], term)
